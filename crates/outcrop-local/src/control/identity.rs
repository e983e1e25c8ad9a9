//! STS: who the caller is.

use http::header::AUTHORIZATION;
use http::request::Parts;
use outcrop_wire::account::identity::{OPERATION, action, encode_response};
use outcrop_wire::account::{ApiKey, CallerIdentity};
use outcrop_wire::fault::{Fault, Origin};
use outcrop_wire::sigv4::Authorization;
use outcrop_wire::surface::Surface;

use super::World;
use crate::absent;
use crate::account::Account;
use crate::authenticate::{Service, authenticate};
use crate::region;

/// What STS has besides (botocore service model sts 2011-06-15).
const ABSENT: [&str; 9] = [
    "AssumeRole",
    "AssumeRoleWithSAML",
    "AssumeRoleWithWebIdentity",
    "AssumeRoot",
    "DecodeAuthorizationMessage",
    "GetAccessKeyInfo",
    "GetDelegatedAccessToken",
    "GetFederationToken",
    "GetSessionToken",
];

/// The name of everybody in the local account.
const NAME: &str = "outcrop-local";

/// The document that tells the caller who it is. Anybody may ask, by AWS's own rule.
pub(super) fn answer(world: &World<'_>, head: &Parts, body: &[u8], request_id: &str) -> Result<String, Fault> {
    let action = action(body).unwrap_or_default();
    if ABSENT.contains(&action.as_str()) {
        return Err(absent::refused(&action));
    }
    let authorization = head.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    // STS takes no bearer keys. Its words, remembered, are its own.
    let signed = authorization.filter(|value| !value.to_ascii_lowercase().starts_with("bearer "));
    let Some(authorization) = signed else {
        let why = "Request is missing Authentication Token";
        return Err(Fault::new("MissingAuthenticationTokenException", why, Origin::Http));
    };
    let signed_for = authenticate(world.account, head, body, Service::STS, world.now)?;
    region::of_any(world.local, signed_for, head)?;
    if action != OPERATION {
        // Remembered.
        return Err(Fault {
            code: "InvalidAction".to_owned(),
            status: 400,
            message: format!("Could not find operation {action} for version 2011-06-15"),
            origin: Origin::Http,
            details: Default::default(),
        });
    }
    let key = Authorization::parse(authorization).map(|parsed| parsed.access_key_id).unwrap_or_default();
    Ok(encode_response(&identity(world.account, key), request_id))
}

/// The ARN of who made a call that was authenticated. An API key that lasts belongs to a user of its own name, one that ends to
/// who made it.
pub(crate) fn caller_arn(account: &Account, head: &Parts) -> Option<String> {
    let text = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok());
    let of_key = |key: &str| match ApiKey::read(key) {
        ApiKey::ShortTerm { access_key_id, .. } => identity(account, &access_key_id).arn,
        ApiKey::LongTerm { name: Some(name) } => format!("arn:aws:iam::{}:user/{name}", account.id),
        _ => identity(account, "").arn,
    };
    let Some(authorization) = text(AUTHORIZATION.as_str()) else {
        return Surface::rows().iter().find_map(|row| text(row.api_key?)).map(of_key);
    };
    match authorization.split_once(' ') {
        Some((scheme, key)) if scheme.eq_ignore_ascii_case("bearer") => Some(of_key(key)),
        _ => Some(identity(account, Authorization::parse(authorization).ok()?.access_key_id).arn),
    }
}

/// Keys with a session token are those of a role, others of a user. Ids are made of the key's own, as AWS's are opaque.
fn identity(account: &Account, access_key_id: &str) -> CallerIdentity {
    let tail: String = access_key_id.chars().skip(4).collect();
    let id = &account.id;
    match account.keys(access_key_id) {
        Some((_, Some(_))) => CallerIdentity {
            account: id.clone(),
            arn: format!("arn:aws:sts::{id}:assumed-role/{NAME}/{access_key_id}"),
            user_id: format!("AROA{tail}:{access_key_id}"),
        },
        _ => CallerIdentity {
            account: id.clone(),
            arn: format!("arn:aws:iam::{id}:user/{NAME}"),
            user_id: format!("AIDA{tail}"),
        },
    }
}
