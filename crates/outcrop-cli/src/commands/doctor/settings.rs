//! Files, profile, region and endpoint: what is decided before anybody is asked.

use std::io::ErrorKind;

use outcrop::auth::profile::{FileKind, ProfileFile};
use outcrop::endpoint::{Service, Source, default_url, known_region};
use outcrop::wire::catalogue::Catalogue;
use outcrop::{Auth, Client};

use super::examination::Examination;
use super::finding::Finding;
use crate::exit::{Exit, in_flags};
use crate::paste::quoted;
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
            let hint = error.hint().unwrap_or_default().to_owned();
            let named = examination.said("profile").map(|said| said.value.trim()).filter(|name| !name.is_empty());
            let write =
                named.map(|name| format!("{hint}; or `outcrop configure --profile {}` writes it", quoted(name)));
            let mend = examination.unread.clone().or(write).unwrap_or(hint);
            Finding::error(error).only(mend)
        }
    }
}

pub(super) async fn region(examination: &mut Examination<'_>) -> Finding {
    let Some(said) = examination.said("region").cloned() else { return unsaid(examination).await };
    let region = said.value.as_str();
    let unknown = known_region(region).err();
    if let Err(error) = default_url(Service::Runtime, region, false, false) {
        let hint = unknown.map_or_else(|| error.hint().to_owned(), |unknown| unknown.hint());
        return Finding::fail(Exit::Usage, error.to_string()).mend(hint);
    }
    if examination.connection().local {
        return Finding::pass(format!("{region}, that of the local Bedrock"));
    }
    let origin = said.origin.to_string();
    let found = format!("{region}, {}", by(&origin));
    let finding = match unknown {
        Some(unknown) if region_said(examination).is_none() => {
            Finding::fail(Exit::Usage, format!("{found}: AWS has no region of that name")).mend(unknown.hint())
        }
        Some(unknown) => Finding::warn(format!("{found}: no AWS region of that name is known")).mend(unknown.hint()),
        None if !Catalogue::built_in().knows_region(region) => {
            Finding::warn(format!("{found}: no model of Claude's is known there"))
                .mend("`outcrop models regions MODEL` lists the regions that have it")
        }
        None => Finding::pass(found),
    };
    finding.fact("name", region).fact("source", origin)
}

/// What is wrong with the region that calls go to, where it is one that is not known.
pub(super) fn unknown_region(client: &Client) -> Option<String> {
    let unknown = known_region(client.region()?).err()?;
    Some(format!("{unknown}: {}", unknown.hint()))
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

/// The region that is said, where calls can go there: elsewhere than at AWS a region may be called anything.
pub(super) fn region_said<'a>(examination: &'a Examination<'_>) -> Option<&'a str> {
    let said = examination.said("region").map(|said| said.value.as_str());
    let elsewhere = examination.connection().local || examination.said("endpoint").is_some();
    said.filter(|region| {
        let is_written_so = known_region(region).map_or_else(|unknown| unknown.may_be_new(), |()| true);
        (elsewhere || is_written_so) && default_url(Service::Runtime, region, false, false).is_ok()
    })
}

/// Who said it, in the words of this program.
pub(super) fn by(source: &str) -> String {
    match source {
        "the caller" => "from the command line".to_owned(),
        "the default" => "as nothing names another".to_owned(),
        source => format!("from {source}"),
    }
}
