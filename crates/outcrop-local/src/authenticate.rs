//! Who calls: a verified signature or a known bearer key, or AWS's refusal.

use http::HeaderMap;
use http::request::Parts;
use outcrop_wire::fault::{Fault, Origin};
use outcrop_wire::sigv4::{AmzTime, Authorization, Canonical, Claim, PathStyle, Refusal, hash_hex, verify};
use outcrop_wire::surface::SurfaceRow;

use crate::account::Account;

/// How far clocks may be apart, seconds: recorded refusals say `- 5 min.`.
const TOLERANCE: i64 = 300;

/// The forms a Bedrock API key may have.
const BEARER_PREFIXES: [&str; 2] = ["ABSK", "bedrock-api-key-"];

/// Checks the call against the account. On success: the region it was signed for, if it was signed. An API key may come in
/// a header of its own where the surface has one.
pub(crate) fn authenticate(
    account: &Account,
    parts: &Parts,
    body: &[u8],
    surface: &SurfaceRow,
    now: AmzTime,
) -> Result<Option<String>, Fault> {
    let service = surface.signing_service;
    let Some(authorization) = text(&parts.headers, "authorization") else {
        if let Some(key) = surface.api_key.and_then(|name| text(&parts.headers, name)) {
            return bearer(account, key.trim()).map(|()| None);
        }
        return Err(fault("MissingAuthenticationTokenException", "Missing Authentication Token"));
    };
    match authorization.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => bearer(account, token.trim()).map(|()| None),
        _ => signature(account, parts, authorization, body, service, now).map(Some),
    }
}

fn bearer(account: &Account, token: &str) -> Result<(), Fault> {
    if account.takes_bearer(token) {
        return Ok(());
    }
    let message = if BEARER_PREFIXES.iter().any(|prefix| token.starts_with(prefix)) {
        "Authentication failed: Please make sure your API Key is valid."
    } else {
        "Invalid API Key format: Must start with pre-defined prefix"
    };
    Err(fault("AccessDeniedException", message))
}

fn signature(
    account: &Account,
    parts: &Parts,
    authorization: &str,
    body: &[u8],
    service: &str,
    now: AmzTime,
) -> Result<String, Fault> {
    let parsed = Authorization::parse(authorization).map_err(|refusal| refused(&refusal, service))?;
    let unknown = || fault("UnrecognizedClientException", "The security token included in the request is invalid.");
    let Some((secret, session_token)) = account.keys(parsed.access_key_id) else { return Err(unknown()) };
    if session_token != text(&parts.headers, "x-amz-security-token") {
        return Err(unknown());
    }
    let headers: Vec<(&str, &str)> = parts
        .headers
        .iter()
        .filter_map(|(name, value)| Some((name.as_str(), std::str::from_utf8(value.as_bytes()).ok()?)))
        .collect();
    let hash = hash_hex(body);
    let request = Canonical {
        method: parts.method.as_str(),
        path: parts.uri.path(),
        query: parts.uri.query().unwrap_or_default(),
        path_style: PathStyle::Normalized,
        payload_hash: &hash,
    };
    let claim = Claim { request, headers: &headers, service, region: None, now, tolerance_seconds: TOLERANCE };
    verify(&parsed, &claim, secret).map_err(|refusal| refused(&refusal, service))?;
    Ok(parsed.scope.region)
}

/// AWS's words for a refusal. Recorded: expiry. Documented or widely seen: the rest.
fn refused(refusal: &Refusal, service: &str) -> Fault {
    let minutes = TOLERANCE / 60;
    let message = match refusal {
        Refusal::Incomplete(parts) => {
            let sentences: Vec<String> = parts
                .iter()
                .map(|part| match *part {
                    "X-Amz-Date" => "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.".to_owned(),
                    part => format!("Authorization header requires '{part}' parameter."),
                })
                .collect();
            return fault("IncompleteSignatureException", &sentences.join(" "));
        }
        Refusal::Expired { signed, now } => {
            let earliest = AmzTime::from_unix(now.unix() - TOLERANCE);
            format!("Signature expired: {signed} is now earlier than {earliest} ({now} - {minutes} min.)")
        }
        Refusal::NotYet { signed, now } => {
            let latest = AmzTime::from_unix(now.unix() + TOLERANCE);
            format!("Signature not yet current: {signed} is still later than {latest} ({now} + {minutes} min.)")
        }
        Refusal::Service => format!("Credential should be scoped to correct service: '{service}'. "),
        Refusal::Region => "Credential should be scoped to a valid region. ".to_owned(),
        Refusal::HeaderNotSigned(name) if name == "host" => {
            "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.".to_owned()
        }
        Refusal::Day | Refusal::BodyHash | Refusal::Signature | Refusal::HeaderNotSigned(_) => {
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access \
             Key and signing method. Consult the service documentation for details."
                .to_owned()
        }
    };
    fault("InvalidSignatureException", &message)
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn fault(code: &str, message: &str) -> Fault {
    Fault::new(code, message, Origin::Http)
}
