//! Credentials: whether there are some, what they say of themselves, and the client that calls with them.

use std::time::SystemTime;

use outcrop::account::ApiKey;
use outcrop::survey::CredentialKind;
use outcrop::wire::sigv4::AmzTime;
use outcrop::{Client, Error, Kind};

use super::examination::Examination;
use super::finding::Finding;
use super::settings::{SOME_REGION, region_said};
use crate::exit::{Exit, Failure};
use crate::paste::quoted;

/// Keys that end so soon are worth a word.
const SOON: u64 = 600;

/// Settings of which one at least is said where there are credentials of any kind.
const WAYS: [&str; 10] = [
    "bearer key",
    "access key",
    "secret key",
    "role",
    "sso session",
    "sso start url",
    "web identity",
    "login session",
    "credential process",
    "container",
];

const OR_SET: &str = "writes keys; or set AWS_BEARER_TOKEN_BEDROCK, a Bedrock API key; or log in: `aws sso login`";

pub(super) async fn look(examination: &mut Examination<'_>) -> Finding {
    let client = match client(examination).await {
        Ok(client) => client,
        Err(failure) => return failure,
    };
    client.reasons().for_each(|reason| examination.printer.explain(reason));
    let credential = match client.credential().await {
        Ok(credential) => credential,
        Err(error) => return missing(error, examination),
    };
    examination.client = Some(client);
    examination.signs = matches!(credential.kind, CredentialKind::Keys { .. });
    let source = credential.source.clone();
    match credential.kind {
        CredentialKind::Unsigned => Finding::pass(source).fact("kind", "unsigned"),
        CredentialKind::ApiKey(key) => api_key(&source, &key, region_said(examination), examination),
        CredentialKind::Keys { access_key_id, session, expires } => {
            let now = examination.world.now();
            keys(&source, &access_key_id, session, expires.map(|end| left(end, now))).fact("source", source)
        }
        _ => Finding::pass(source),
    }
}

/// The client that calls; where it lacks a region, which is told elsewhere, one of some region.
async fn client(examination: &Examination<'_>) -> Result<Client, Finding> {
    let failure = |failure: Failure| Finding::failure(failure);
    if let Ok(client) = examination.builder().map_err(failure)?.build().await {
        return Ok(client);
    }
    let region = region_said(examination).unwrap_or(SOME_REGION);
    let client = examination.builder().map_err(failure)?.region(region).build().await;
    client.map_err(|error| missing(error, examination))
}

/// No credentials: none at all, or some that cannot be had.
fn missing(error: Error, examination: &Examination<'_>) -> Finding {
    let none = error.kind() == Kind::Credentials && WAYS.iter().all(|way| examination.said(way).is_none());
    let finding = Finding::error(error);
    if !none {
        return finding;
    }
    let tried = finding.found.clone();
    let profile = examination.said("profile").map_or("default", |said| said.value.as_str());
    let found = format!("there are none: no variable, no service and not AWS profile {profile} says who calls");
    let finding = match (&examination.unread, profile) {
        (Some(unread), _) => finding.found(format!("{found}, as far as the AWS files can be read")).only(unread),
        (None, "default") => finding.found(found).only(format!("`outcrop configure` {OR_SET}")),
        (None, name) => finding.found(found).only(format!("`outcrop configure --profile {}` {OR_SET}", quoted(name))),
    };
    finding.fact("tried", tried)
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
            Finding::fail(Exit::Usage, text)
                .mend("set AWS_SESSION_TOKEN, or `aws_session_token` in the AWS profile, to the one that came with it")
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
