//! Files, profile, region and endpoint: what is decided before anybody is asked.

use std::io::ErrorKind;

use outcrop::auth::profile::{FileKind, ProfileFile};
use outcrop::endpoint::{Service, Source, default_url};
use outcrop::wire::catalogue::Catalogue;
use outcrop::wire::near::near;
use outcrop::{Auth, Client};

use super::examination::Examination;
use super::finding::Finding;
use super::paste::quoted;
use crate::exit::{Exit, in_flags};
use crate::settings;

/// Stands for a region where none is said: what else is wrong shows all the same.
pub(super) const SOME_REGION: &str = "us-east-1";

const IN_PROCESS: &str = "the local Bedrock inside this program has none";

pub(super) async fn files(examination: &mut Examination<'_>) -> Finding {
    if examination.connection().local {
        return Finding::skip(IN_PROCESS);
    }
    let world = &examination.world;
    let (mut told, mut unread) = (Vec::new(), Vec::new());
    for kind in [FileKind::Config, FileKind::Credentials] {
        let Some(path) = kind.location(world) else {
            told.push(format!("nothing says where the home folder is; {} names a file", kind.variable()));
            continue;
        };
        let shown = path.display();
        let closed = || matches!(world.read(&path), Err(error) if error.kind() == ErrorKind::PermissionDenied);
        match ProfileFile::read(kind, world) {
            Err(error) => {
                let mend = error.hint.clone().unwrap_or_else(|| "put the line right".to_owned());
                return Finding::fail(Exit::Usage, error.to_string()).mend(mend);
            }
            Ok(file) if file.unread().is_some() => {
                told.push(format!("{shown} cannot be read, and is passed over"));
                unread.push(format!("`chmod u+r {}`", quoted(&shown.to_string())));
            }
            Ok(_) if world.is_there(&path) => told.push(format!("{shown} read")),
            // Its folder lets nobody in.
            Ok(_) if closed() => {
                told.push(format!("{shown} cannot be reached, and is passed over"));
                let folder = path.parent().unwrap_or(&path).display().to_string();
                unread.push(format!("`chmod u+rx {}`", quoted(&folder)));
            }
            Ok(_) => told.push(format!("{shown} is not there")),
        }
    }
    unread.dedup();
    if unread.is_empty() {
        return Finding::pass(told.join("; "));
    }
    let mend = format!("{}, or have it owned by you", unread.join(" and "));
    examination.unread = Some(mend.clone());
    Finding::warn(told.join("; ")).mend(mend)
}

pub(super) async fn profile(examination: &mut Examination<'_>) -> Finding {
    if examination.connection().local {
        return Finding::skip(IN_PROCESS);
    }
    let said = match examination.builder() {
        Ok(builder) => builder.aws_profile(),
        Err(failure) => return Finding::failure(failure),
    };
    match said {
        Ok(said) => {
            Finding::pass(format!("`{}`, {}", said.value, by(&said.origin.to_string()))).fact("name", said.value)
        }
        Err(error) => {
            let hint = error.hint().map(|hint| format!("{hint}; or ")).unwrap_or_default();
            let name = examination.said("profile").map(|said| quoted(&said.value)).unwrap_or_default();
            let write = format!("{hint}`outcrop configure --profile {name}` writes it");
            let mend = examination.unread.clone().unwrap_or(write);
            Finding::error(error).only(mend)
        }
    }
}

pub(super) async fn region(examination: &mut Examination<'_>) -> Finding {
    let Some(said) = examination.said("region").cloned() else { return unsaid(examination).await };
    let region = said.value.as_str();
    if let Err(error) = default_url(Service::Runtime, region, false, false) {
        let hint = near_region(region).unwrap_or_else(|| error.hint().to_owned());
        return Finding::fail(Exit::Usage, error.to_string()).mend(hint);
    }
    if examination.connection().local {
        return Finding::pass(format!("{region}, that of the local Bedrock"));
    }
    let origin = said.origin.to_string();
    let found = format!("{region}, {}", by(&origin));
    let finding = match Catalogue::built_in().knows_region(region) {
        true => Finding::pass(found),
        false => Finding::warn(format!("{found}: no region with Claude is known by that name")).mend(
            near_region(region).unwrap_or_else(|| {
                "`outcrop models regions MODEL` lists those that are known; AWS opens new ones".to_owned()
            }),
        ),
    };
    finding.fact("name", region).fact("source", origin)
}

/// Which region is meant by a name that is none.
pub(super) fn near_region(region: &str) -> Option<String> {
    let near = near(region.trim(), Catalogue::built_in().regions());
    (!near.is_empty()).then(|| format!("is it {}?", near.join(" or ")))
}

/// What is wrong with the region that calls go to, where it is one that is not known.
pub(super) fn unknown_region(client: &Client) -> Option<String> {
    let region = client.region().filter(|region| !client.catalogue().knows_region(region))?;
    let known = near_region(region).unwrap_or_else(|| "`outcrop models regions MODEL` lists those that are".to_owned());
    Some(format!("no region `{region}` is known: {known}"))
}

/// A region that nobody says is missed where a client cannot be made without, and can with any.
async fn unsaid(examination: &Examination<'_>) -> Finding {
    let (Ok(without), Ok(with)) = (examination.builder(), examination.builder()) else {
        return Finding::skip("nothing was read");
    };
    let (without, with) = (without.build().await, with.region(SOME_REGION).build().await);
    match (without, with) {
        (Ok(_), _) if examination.connection().local => Finding::pass("that of the local Bedrock"),
        (Ok(client), _) => Finding::pass(format!("none is said, and {} needs none", client.endpoint().authority)),
        (Err(error), Err(other)) if error.to_string() == other.to_string() => {
            Finding::skip("none is said; whether one is needed shows once the rest is in order")
        }
        (Err(error), _) => {
            let write =
                "`outcrop configure --region us-east-1` writes one, or set AWS_REGION: calls are signed for a region";
            let mend = examination.unread.clone().unwrap_or_else(|| write.to_owned());
            Finding::error(error)
                .found("none is said: not by --region, AWS_REGION, AWS_DEFAULT_REGION or the AWS profile")
                .only(mend)
        }
    }
}

/// Where calls go, whoever makes them.
pub(super) async fn endpoint(examination: &mut Examination<'_>) -> Finding {
    let builder = match examination.builder() {
        Ok(builder) => builder.auth(Auth::Unsigned),
        Err(failure) => return Finding::failure(failure),
    };
    let region = region_said(examination);
    let builder = builder.region(region.unwrap_or(SOME_REGION));
    let client = match builder.build().await {
        Ok(client) => settings::check_gateway(client, examination.connection()),
        Err(error) => Err(error.into()),
    };
    let client = match client {
        Ok(client) => client,
        Err(failure) => return Finding::failure(failure),
    };
    let endpoint = client.endpoint();
    if examination.connection().local {
        return Finding::pass("the local Bedrock inside this program");
    }
    let source = match endpoint.source {
        Source::Template if region.is_none() => {
            return Finding::skip("not looked at: `region` failed").fact("because", "region");
        }
        Source::Template => "the region".to_owned(),
        source => in_flags(&source.to_string()),
    };
    let found = format!("{}, {}", endpoint.url(""), by(&source));
    Finding::pass(found).fact("url", endpoint.url("")).fact("source", source)
}

/// The region that is said, where it can be one.
pub(super) fn region_said<'a>(examination: &'a Examination<'_>) -> Option<&'a str> {
    let said = examination.said("region").map(|said| said.value.as_str());
    said.filter(|region| default_url(Service::Runtime, region, false, false).is_ok())
}

/// Who said it, in the words of this program.
pub(super) fn by(source: &str) -> String {
    match source {
        "the caller" => "from the command line".to_owned(),
        "the default" => "as nothing names another".to_owned(),
        source => format!("from {source}"),
    }
}
