//! Who calls S3: a signature in the headers or in the query. Bearer keys are none of its.

use http::request::Parts;
use outcrop_wire::account::bucket::{HASH_HEADER, SIGNING_SERVICE};
use outcrop_wire::fault::Fault;
use outcrop_wire::region;
use outcrop_wire::sigv4::{
    AmzTime, Authorization, Canonical, Claim, CredentialScope, PathStyle, Presigned, Refusal, SigningKey, verify,
    verify_presigned,
};

use super::place::Place;
use super::refusal::refusal;
use crate::account::Account;
use crate::region::nowhere;
use crate::server::Inner;

/// How far clocks may be apart, seconds: S3 allows more than other services (Amazon S3 API reference,
/// RequestTimeTooSkewed).
const TOLERANCE: i64 = 900;

/// The longest life of a presigned query, seconds.
const LONGEST: u32 = 604_800;

const UNSIGNED: &str = "UNSIGNED-PAYLOAD";

/// Who calls.
pub(super) struct Caller {
    /// The region that the signature is for.
    pub(super) region: String,
    pub(super) payload: Payload,
}

/// What the signature says of the body.
pub(super) enum Payload {
    Unsigned,
    /// Its SHA-256, hex.
    Hash(String),
    /// It comes in chunks of `aws-chunked`, which are signed themselves or not.
    Chunks(Option<Box<Chain>>),
}

/// What the signature of the next chunk is made with.
pub(super) struct Chain {
    pub(super) key: SigningKey,
    pub(super) time: AmzTime,
    pub(super) previous: String,
}

/// Checks the call against the account, and that there is such a region.
pub(super) fn check(local: &Inner, head: &Parts, place: &Place, now: AmzTime) -> Result<Caller, Fault> {
    let caller = caller(&local.account, head, place, now)?;
    match region::exists(&local.catalogue, &caller.region) {
        true => Ok(caller),
        false => {
            let (wrong, nowhere) = (&caller.region, nowhere(&caller.region));
            let words = format!("The authorization header is malformed; the region '{wrong}' is wrong. {nowhere}");
            Err(refusal("AuthorizationHeaderMalformed", 400, words))
        }
    }
}

fn caller(account: &Account, head: &Parts, place: &Place, now: AmzTime) -> Result<Caller, Fault> {
    let headers: Vec<(&str, &str)> = head
        .headers
        .iter()
        .filter_map(|(name, value)| Some((name.as_str(), std::str::from_utf8(value.as_bytes()).ok()?)))
        .collect();
    let sent = |name: &str| headers.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
    let claim = |hash| Claim {
        request: Canonical {
            method: head.method.as_str(),
            path: head.uri.path(),
            query: head.uri.query().unwrap_or_default(),
            path_style: PathStyle::Once,
            payload_hash: hash,
        },
        headers: &headers,
        service: SIGNING_SERVICE,
        region: place.region.as_deref(),
        now,
        tolerance_seconds: TOLERANCE,
    };
    let Some(authorization) = sent("authorization") else {
        return presigned(account, head, &headers, &claim(sent(HASH_HEADER).unwrap_or(UNSIGNED)));
    };
    if !authorization.starts_with("AWS4-HMAC-SHA256") {
        return Err(refusal("InvalidArgument", 400, "Unsupported Authorization Type"));
    }
    let parsed = Authorization::parse(authorization).map_err(|why| refused(&why, None, place))?;
    let secret = secret(account, parsed.access_key_id, sent("x-amz-security-token"))?;
    let Some(hash) = sent(HASH_HEADER).map(str::trim) else {
        return Err(refusal("InvalidRequest", 400, format!("Missing required header for this request: {HASH_HEADER}")));
    };
    verify(&parsed, &claim(hash), secret).map_err(|why| refused(&why, Some(&parsed.scope), place))?;
    signed_enough(&headers, &parsed.signed_headers)?;
    let chain = || {
        // It was there to be verified.
        let time = sent("x-amz-date").and_then(|date| AmzTime::parse(date.trim())).unwrap_or(now);
        let key = SigningKey::derive(secret, parsed.scope.clone());
        Box::new(Chain { key, time, previous: parsed.signature.to_owned() })
    };
    let payload = match hash {
        UNSIGNED => Payload::Unsigned,
        "STREAMING-UNSIGNED-PAYLOAD-TRAILER" => Payload::Chunks(None),
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" | "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER" => {
            Payload::Chunks(Some(chain()))
        }
        hash if hash.len() == 64 => Payload::Hash(hash.to_owned()),
        _ => {
            let words = format!("{HASH_HEADER} must be {UNSIGNED}, or a valid sha256 value.");
            return Err(refusal("InvalidArgument", 400, words));
        }
    };
    Ok(Caller { region: parsed.scope.region, payload })
}

/// A query that was signed for somebody else to use.
fn presigned(account: &Account, head: &Parts, headers: &[(&str, &str)], claim: &Claim<'_>) -> Result<Caller, Fault> {
    let denied = |why: &str| refusal("AccessDenied", 403, why);
    let query = head.uri.query().unwrap_or_default();
    if !query.contains("X-Amz-Signature=") {
        return Err(denied("Access Denied"));
    }
    let parsed = Presigned::parse(query).map_err(|_| {
        let words = "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, \
                     X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.";
        refusal("AuthorizationQueryParametersError", 400, words)
    })?;
    if parsed.expires_seconds > LONGEST {
        let words = "X-Amz-Expires must be less than a week (in seconds) that is, the given X-Amz-Expires must be \
                     less than 604800 seconds";
        return Err(refusal("AuthorizationQueryParametersError", 400, words));
    }
    let secret = secret(account, &parsed.access_key_id, parsed.session_token.as_deref())?;
    verify_presigned(&parsed, claim, secret).map_err(|why| match why {
        Refusal::Expired { .. } => denied("Request has expired"),
        Refusal::NotYet { .. } => denied("Request is not valid yet"),
        why => {
            let place = Place { bucket: None, key: String::new(), region: claim.region.map(str::to_owned) };
            refused(&why, Some(&parsed.scope), &place)
        }
    })?;
    let signed: Vec<&str> = parsed.signed_headers.iter().map(String::as_str).collect();
    let own: Vec<(&str, &str)> = headers.iter().filter(|(name, _)| *name != HASH_HEADER).copied().collect();
    signed_enough(&own, &signed)?;
    let payload = match claim.request.payload_hash {
        UNSIGNED => Payload::Unsigned,
        hash => Payload::Hash(hash.to_owned()),
    };
    Ok(Caller { region: parsed.scope.region, payload })
}

fn secret<'a>(account: &'a Account, access_key_id: &str, token: Option<&str>) -> Result<&'a str, Fault> {
    let Some((secret, session_token)) = account.keys(access_key_id) else {
        let words = "The AWS Access Key Id you provided does not exist in our records.";
        return Err(refusal("InvalidAccessKeyId", 403, words));
    };
    match session_token == token {
        true => Ok(secret),
        false => Err(refusal("InvalidToken", 400, "The provided token is malformed or otherwise invalid.")),
    }
}

/// S3 wants every header of AWS's own signed.
fn signed_enough(headers: &[(&str, &str)], signed: &[&str]) -> Result<(), Fault> {
    match headers.iter().find(|(name, _)| name.starts_with("x-amz-") && !signed.contains(name)) {
        Some((name, _)) => {
            let words = format!("There were headers present in the request which were not signed: {name}");
            Err(refusal("AccessDenied", 403, words))
        }
        None => Ok(()),
    }
}

/// S3's words for a refusal. `scope` is what was signed for.
fn refused(why: &Refusal, scope: Option<&CredentialScope>, place: &Place) -> Fault {
    let malformed = |what: String| {
        refusal("AuthorizationHeaderMalformed", 400, format!("The authorization header is malformed; {what}"))
    };
    match why {
        Refusal::Incomplete(parts) if parts.contains(&"X-Amz-Date") => {
            refusal("AccessDenied", 403, "AWS authentication requires a valid Date or x-amz-date header")
        }
        Refusal::Incomplete(parts) => malformed(format!("it lacks {}", parts.join(", "))),
        Refusal::Expired { .. } | Refusal::NotYet { .. } => refusal(
            "RequestTimeTooSkewed",
            403,
            "The difference between the request time and the current time is too large.",
        ),
        Refusal::Service => {
            let service = scope.map_or("", |scope| &scope.service);
            malformed(format!("incorrect service \"{service}\". This endpoint belongs to \"s3\"."))
        }
        Refusal::Region => {
            let (wrong, right) = (scope.map_or("", |scope| &scope.region), place.region.as_deref().unwrap_or_default());
            malformed(format!("the region '{wrong}' is wrong; expecting '{right}'"))
        }
        Refusal::Day => malformed("Invalid credential date. Date is not the same as X-Amz-Date.".to_owned()),
        Refusal::HeaderNotSigned(_) | Refusal::BodyHash | Refusal::Signature => refusal(
            "SignatureDoesNotMatch",
            403,
            "The request signature we calculated does not match the signature you provided. Check your key and signing \
             method.",
        ),
    }
}
