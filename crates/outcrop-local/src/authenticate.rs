//! Who calls: a verified signature, a known bearer key or one that known keys made, or AWS's refusal.

use http::request::Parts;
use http::{HeaderMap, Version};
use outcrop_wire::account::identity::SIGNING_SERVICE;
use outcrop_wire::account::log_group;
use outcrop_wire::bearer::{self, ShortTermKey};
use outcrop_wire::fault::{Fault, Origin};
use outcrop_wire::sigv4::{AmzTime, Authorization, Canonical, Claim, PathStyle, Refusal, hash_hex, verify};
use outcrop_wire::surface::{Surface, SurfaceRow};

use crate::account::Account;

/// How far clocks may be apart, seconds: recorded refusals say `- 5 min.`.
const TOLERANCE: i64 = 300;

/// The forms a Bedrock API key may have.
const BEARER_PREFIXES: [&str; 2] = ["ABSK", bearer::PREFIX];

/// What is called, as far as it matters to who may.
#[derive(Clone, Copy)]
pub(crate) struct Service {
    /// The name that signatures are scoped to.
    signing: &'static str,
    /// A header that takes a Bedrock API key, besides `Authorization: Bearer`.
    api_key: Option<&'static str>,
}

impl Service {
    /// The control plane.
    pub(crate) const BEDROCK: Service = Service { signing: "bedrock", api_key: None };
    /// STS.
    pub(crate) const STS: Service = Service { signing: SIGNING_SERVICE, api_key: None };

    /// CloudWatch Logs.
    pub(crate) const LOGS: Service = Service { signing: log_group::SIGNING_SERVICE, api_key: None };

    /// A way to models.
    pub(crate) fn of(row: &SurfaceRow) -> Self {
        Service { signing: row.signing_service, api_key: row.api_key }
    }
}

/// The first labels of hosts that are none of models: those of the control plane, STS and CloudWatch Logs.
const OTHER_HOSTS: [&str; 3] = ["bedrock", "sts", "logs"];

/// Checks the call against the account. On success: the region that its signature or its short-term key is for. An API key
/// may come in a header of its own where the surface has one.
pub(crate) fn authenticate(
    account: &Account,
    parts: &Parts,
    body: &[u8],
    service: Service,
    now: AmzTime,
) -> Result<Option<String>, Fault> {
    let keyed = |key: &str| bearer(account, key.trim(), host_region(&parts.headers), now);
    let Some(authorization) = text(&parts.headers, "authorization") else {
        return match service.api_key.and_then(|name| text(&parts.headers, name)) {
            Some(key) => keyed(key),
            None => Err(fault("MissingAuthenticationTokenException", "Missing Authentication Token")),
        };
    };
    match authorization.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => keyed(token),
        _ => signature(account, parts, authorization, body, service.signing, now).map(Some),
    }
}

/// The first label of the host, where it is one of AWS's that is answered for here.
pub(crate) fn known_host(headers: &HeaderMap) -> Option<&'static str> {
    let label = text(headers, "host")?.split('.').next()?;
    let label = label.strip_suffix("-fips").unwrap_or(label);
    Surface::rows().iter().map(|row| row.host).chain(OTHER_HOSTS).find(|host| *host == label)
}

/// The region in the host that a call was sent to, where it is one of AWS's: `bedrock-runtime.us-east-1.amazonaws.com`. A
/// server that somebody calls `bedrock-runtime.internal` is in none.
pub(crate) fn host_region(headers: &HeaderMap) -> Option<&str> {
    known_host(headers)?;
    let mut labels = text(headers, "host")?.split('.').skip(1);
    let region = labels.next().filter(|_| labels.next().is_some())?;
    let (area, number) = region.rsplit_once('-')?;
    (area.contains('-') && number.bytes().all(|byte| byte.is_ascii_digit())).then_some(region)
}

fn bearer(account: &Account, token: &str, region: Option<&str>, now: AmzTime) -> Result<Option<String>, Fault> {
    if account.takes_bearer(token) {
        return Ok(None);
    }
    if let Some(key) = ShortTermKey::parse(token)
        && let Some((secret, session_token)) = account.keys(key.access_key_id())
        && session_token == key.session_token()
        && region.is_none_or(|region| region == key.region())
        && key.verify(secret, now).is_ok()
    {
        return Ok(Some(key.region().to_owned()));
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
    let mut headers: Vec<(&str, &str)> = parts
        .headers
        .iter()
        .filter_map(|(name, value)| Some((name.as_str(), std::str::from_utf8(value.as_bytes()).ok()?)))
        .collect();
    if parts.version == Version::HTTP_2 {
        headers.extend(text(&parts.headers, "host").map(|host| (":authority", host)));
    }
    let hash = hash_hex(body);
    let request = Canonical {
        method: parts.method.as_str(),
        path: parts.uri.path(),
        query: parts.uri.query().unwrap_or_default(),
        path_style: PathStyle::Normalized,
        payload_hash: &hash,
    };
    let claim = Claim {
        request,
        headers: &headers,
        service,
        region: host_region(&parts.headers),
        now,
        tolerance_seconds: TOLERANCE,
    };
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
