//! Signs a request: credentials and the clock in, headers out. Only headers that no proxy changes are signed; for S3, all
//! of AWS's own.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use http::request::Parts;
use http::{HeaderName, HeaderValue};
use outcrop_wire::account::bucket;
use outcrop_wire::handling::{GUARDRAIL_IDENTIFIER, GUARDRAIL_VERSION, LATENCY, REQUEST_METADATA, SERVICE_TIER, TRACE};
use outcrop_wire::sigv4::{AmzTime, Canonical, CredentialScope, PathStyle, SigningKey, hash_hex, sign};

use super::Credentials;

/// Signs for one region and service, with the day's key at hand.
#[derive(Debug)]
pub(crate) struct Signer {
    region: String,
    service: &'static str,
    /// The key derived last, and for whose secret.
    key: Mutex<Option<(String, SigningKey)>>,
    /// Seconds to add to the clock, once AWS said that it is wrong: the same for every region and service.
    skew: Arc<AtomicI64>,
}

const DATE: HeaderName = HeaderName::from_static("x-amz-date");
const TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");
const HASH: HeaderName = HeaderName::from_static(bucket::HASH_HEADER);

impl Signer {
    pub(crate) fn new(region: &str, service: &'static str) -> Self {
        Signer { region: region.to_owned(), service, key: Mutex::new(None), skew: Arc::default() }
    }

    /// A signer for another region and service, by the same clock.
    pub(crate) fn beside(&self, region: &str, service: &'static str) -> Self {
        Signer { skew: Arc::clone(&self.skew), ..Signer::new(region, service) }
    }

    /// Seconds the clock is known to be wrong by.
    pub(crate) fn set_skew(&self, seconds: i64) {
        self.skew.store(seconds, Ordering::Relaxed);
    }

    /// Adds `x-amz-date`, any session token, and `authorization`; for S3 also the hash of the body. `host` must be set.
    pub(crate) fn sign(&self, parts: &mut Parts, body: &[u8], credentials: &Credentials, unix: i64) {
        let time = AmzTime::from_unix(unix + self.skew.load(Ordering::Relaxed));
        // Digits and two letters: always a header value.
        parts.headers.insert(DATE, HeaderValue::from_str(time.as_str()).unwrap_or(HeaderValue::from_static("")));
        if let Some(token) = &credentials.session_token
            && let Ok(mut token) = HeaderValue::from_str(token.expose())
        {
            token.set_sensitive(true);
            parts.headers.insert(TOKEN, token);
        }
        let hash = hash_hex(body);
        let is_s3 = self.service == bucket::SIGNING_SERVICE;
        if is_s3 && let Ok(hash) = HeaderValue::from_str(&hash) {
            parts.headers.insert(HASH, hash);
        }
        let request = Canonical {
            method: parts.method.as_str(),
            path: parts.uri.path(),
            query: parts.uri.query().unwrap_or_default(),
            path_style: if is_s3 { PathStyle::Once } else { PathStyle::Normalized },
            payload_hash: &hash,
        };
        let mut few: [(&str, &str); SIGNED.len()] = [("", ""); SIGNED.len()];
        let many: Vec<(&str, &str)>;
        let headers = match is_s3 {
            true => {
                let own =
                    |name: &HeaderName| [HOST, CONTENT_TYPE].contains(name) || name.as_str().starts_with("x-amz-");
                let signed = parts.headers.iter().filter(|(name, _)| own(name));
                many = signed.filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?))).collect();
                &many[..]
            }
            false => {
                let mut count = 0;
                for name in SIGNED {
                    if let Some(value) = parts.headers.get(name).and_then(|value| value.to_str().ok()) {
                        few[count] = (name, value);
                        count += 1;
                    }
                }
                &few[..count]
            }
        };
        let key = self.key(credentials, time);
        let signed = sign(&request, headers, &credentials.access_key_id, &key, time);
        if let Ok(mut value) = HeaderValue::from_str(&signed.authorization) {
            value.set_sensitive(true);
            parts.headers.insert(AUTHORIZATION, value);
        }
    }

    /// The day's key: derived once for a secret and a day.
    fn key(&self, credentials: &Credentials, time: AmzTime) -> SigningKey {
        let mut held = self.key.lock().unwrap_or_else(PoisonError::into_inner);
        match &*held {
            Some((id, key)) if *id == credentials.access_key_id && key.scope().day == time.day() => key.clone(),
            _ => {
                let scope = CredentialScope::new(time, &self.region, self.service);
                let key = SigningKey::derive(credentials.secret_access_key.expose(), scope);
                *held = Some((credentials.access_key_id.clone(), key.clone()));
                key
            }
        }
    }
}

/// The headers that are signed, sorted: those that must be, and those that change what the model does, which nobody on
/// the way may take away.
const SIGNED: [&str; 10] = [
    "content-type",
    "host",
    "x-amz-date",
    "x-amz-security-token",
    GUARDRAIL_IDENTIFIER,
    GUARDRAIL_VERSION,
    LATENCY,
    REQUEST_METADATA,
    SERVICE_TIER,
    TRACE,
];
