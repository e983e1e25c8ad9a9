//! Files, profile, credentials, region and endpoint: what is decided before anything is sent.

use std::time::SystemTime;

use outcrop::Client;
use outcrop::account::ApiKey;
use outcrop::auth::profile::{FileKind, ProfileFile};
use outcrop::endpoint::{Service, Source, default_url};
use outcrop::survey::CredentialKind;
use outcrop::wire::catalogue::Catalogue;
use outcrop::wire::sigv4::AmzTime;

use super::examination::Examination;
use super::finding::Finding;
use crate::exit::Exit;
use crate::settings;

/// Credentials are looked at also where no region is said.
const SOME_REGION: &str = "us-east-1";

/// Keys that end so soon are worth a word.
const SOON: u64 = 600;

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
        match ProfileFile::read(kind, world) {
            Err(error) => {
                let mend = error.hint.clone().unwrap_or_else(|| "put the line right".to_owned());
                return Finding::fail(Exit::Usage, error.to_string()).mend(mend);
            }
            Ok(file) if file.unread().is_some() => {
                told.push(format!("{shown} cannot be read, and is passed over"));
                unread.push(format!("`chmod u+r {shown}`, or have it owned by you"));
            }
            Ok(_) if world.is_there(&path) => told.push(format!("{shown} read")),
            Ok(_) => told.push(format!("{shown} is not there")),
        }
    }
    match unread.is_empty() {
        true => Finding::pass(told.join("; ")),
        false => Finding::warn(told.join("; ")).mends(unread),
    }
}

pub(super) async fn profile(examination: &mut Examination<'_>) -> Finding {
    if examination.connection().local {
        return Finding::skip(IN_PROCESS);
    }
    let said = match examination.builder() {
        Ok(builder) => builder.aws_profile(),
        Err(failure) => return Finding::fail(failure.exit, failure.text).mends(failure.hint),
    };
    match said {
        Ok(said) => {
            Finding::pass(format!("`{}`, {}", said.value, by(&said.origin.to_string()))).fact("name", said.value)
        }
        Err(error) => Finding::error(error),
    }
}

pub(super) async fn credentials(examination: &mut Examination<'_>) -> Finding {
    let builder = match examination.builder() {
        Ok(builder) => builder,
        Err(failure) => return Finding::fail(failure.exit, failure.text).mends(failure.hint),
    };
    let region = examination.said("region").map(|said| said.value.as_str()).filter(|region| is_region(region));
    let builder = builder.region(region.unwrap_or(SOME_REGION));
    let client = match builder.build().await {
        Ok(client) => client,
        Err(error) => return Finding::error(error),
    };
    let credential = match client.credential().await {
        Ok(credential) => credential,
        Err(error) => return Finding::error(error),
    };
    let source = credential.source.clone();
    match credential.kind {
        CredentialKind::Unsigned => Finding::pass(source).fact("kind", "unsigned"),
        CredentialKind::ApiKey(key) => api_key(&source, &key, region, examination),
        CredentialKind::Keys { access_key_id, session, expires } => {
            let now = examination.world.now();
            keys(&source, &access_key_id, session, expires.map(|end| left(end, now))).fact("source", source)
        }
        _ => Finding::pass(source),
    }
}

fn keys(source: &str, id: &str, session: bool, left: Option<u64>) -> Finding {
    // What was pasted into the wrong place may be a secret.
    let formed = id.len() >= 16 && id.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    if !formed {
        return Finding::warn(format!("{source}; the access key id has not the form of AWS's"))
            .mend("is it the id (AKIA..., ASIA...), and not the secret?")
            .fact("kind", "keys");
    }
    let finding = match left {
        _ if id.starts_with("ASIA") && !session => {
            let text = format!("{source}: {id} is a temporary key without its session token");
            Finding::fail(Exit::Usage, text).mend("set AWS_SESSION_TOKEN, or `aws_session_token` in the AWS profile")
        }
        Some(0) => Finding::fail(Exit::Denied, format!("{source}: {id} has ended")).mend("log in again"),
        Some(left) if left < SOON => Finding::warn(format!("{source}: {id} ends in {} min", left.div_ceil(60)))
            .mend("log in again where nothing renews it"),
        _ => Finding::pass(format!("{source}: {id}{}", if session { ", with a session token" } else { "" })),
    };
    finding.fact("kind", "keys").fact("access_key_id", id).fact("session", session)
}

fn api_key(source: &str, key: &ApiKey, region: Option<&str>, examination: &Examination<'_>) -> Finding {
    match key {
        ApiKey::ShortTerm { access_key_id, region: made_for, ends, .. } => {
            let told = format!("{source}, short-term, made of {access_key_id}, for {made_for} until {}", ends.iso());
            let ended = ends.unix() <= AmzTime::from_unix(examination.world.unix()).unix();
            let finding = match region.filter(|region| region != made_for) {
                _ if ended => Finding::fail(Exit::Denied, format!("{told}: it has ended"))
                    .mend("`outcrop token` makes another of AWS keys"),
                Some(other) => Finding::fail(Exit::Denied, format!("{told}: calls go to {other}"))
                    .mend(format!("call {made_for}, or make a key for {other}: `outcrop token --region {other}`")),
                None => Finding::pass(told),
            };
            finding.fact("kind", "short-term-key").fact("region", made_for.as_str()).fact("expires", ends.iso())
        }
        ApiKey::LongTerm { name, .. } => {
            let name = name.as_deref();
            let named = name.map(|name| format!(" ({name})")).unwrap_or_default();
            Finding::pass(format!("{source}, long-term{named}")).fact("kind", "long-term-key").fact("name", name)
        }
        _ => Finding::pass(format!("{source}, of a form that is not AWS's: a gateway may take it"))
            .fact("kind", "api-key"),
    }
}

fn left(end: SystemTime, now: SystemTime) -> u64 {
    end.duration_since(now).map_or(0, |left| left.as_secs())
}

pub(super) async fn region(examination: &mut Examination<'_>) -> Finding {
    let Some(said) = examination.said("region").cloned() else {
        let Ok(builder) = examination.builder() else { return Finding::skip("nothing was read") };
        return match builder.build().await {
            Ok(client) if client.region().is_some() => Finding::pass("that of the local Bedrock"),
            Ok(client) => Finding::pass(format!("none is said, and {} needs none", client.endpoint().authority)),
            Err(error) => Finding::error(error),
        };
    };
    let region = said.value.as_str();
    if let Err(error) = default_url(Service::Runtime, region, false, false) {
        return Finding::fail(Exit::Usage, error.to_string()).mend(error.hint());
    }
    if examination.connection().local {
        return Finding::pass(format!("{region}, that of the local Bedrock"));
    }
    let origin = said.origin.to_string();
    let found = format!("{region}, {}", by(&origin));
    let finding = match Catalogue::built_in().knows_region(region) {
        true => Finding::pass(found),
        false => Finding::warn(format!("{found}: no region with Claude is known by that name"))
            .mend("is it spelt right? `outcrop models regions opus` lists those that are known; AWS opens new ones"),
    };
    finding.fact("name", region).fact("source", origin)
}

pub(super) async fn endpoint(examination: &mut Examination<'_>) -> Finding {
    let client: Result<Client, Finding> = match examination.builder() {
        Err(failure) => Err(Finding::fail(failure.exit, failure.text).mends(failure.hint)),
        Ok(builder) => match builder.build().await {
            Err(error) => Err(Finding::error(error)),
            Ok(client) => settings::check_gateway(client, examination.connection())
                .map_err(|failure| Finding::fail(failure.exit, failure.text).mends(failure.hint)),
        },
    };
    let client = match client {
        Ok(client) => client,
        Err(finding) => return finding,
    };
    client.reasons().for_each(|reason| examination.printer.explain(reason));
    let endpoint = client.endpoint();
    let source = match endpoint.source {
        Source::Template => "the region".to_owned(),
        source => source.to_string(),
    };
    let found = match examination.connection().local {
        true => "the local Bedrock inside this program".to_owned(),
        false => format!("{}, {}", endpoint.url(""), by(&source)),
    };
    let finding = Finding::pass(found).fact("url", endpoint.url("")).fact("source", source);
    examination.client = Some(client);
    finding
}

/// Who said it, in the words of this program.
fn by(source: &str) -> String {
    match source {
        "the caller" => "from the command line".to_owned(),
        "the default" => "as nothing names another".to_owned(),
        source => format!("from {source}"),
    }
}

fn is_region(region: &str) -> bool {
    default_url(Service::Runtime, region, false, false).is_ok()
}
