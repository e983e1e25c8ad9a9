//! A request -> its `Authorization`, or its presigned query.

use super::canonical::{UNRESERVED, hex, signed_names};
use super::{ALGORITHM, AmzTime, Canonical, SigningKey, canonical_request, hash_hex};

/// The outcome of signing.
#[derive(Clone, Debug, PartialEq)]
pub struct Signed {
    /// The value of the `Authorization` header.
    pub authorization: String,
    /// The signature alone, hex.
    pub signature: String,
}

/// `AWS4-HMAC-SHA256\n<time>\n<scope>\n<hash of the canonical request>`.
#[must_use]
pub fn string_to_sign(time: AmzTime, key: &SigningKey, canonical: &str) -> String {
    format!("{ALGORITHM}\n{time}\n{}\n{}", key.scope(), hash_hex(canonical.as_bytes()))
}

/// Signs exactly `headers` (lower-case names; `host`, `x-amz-date` and any session token must be among them).
#[must_use]
pub fn sign(
    request: &Canonical<'_>,
    headers: &[(&str, &str)],
    access_key_id: &str,
    key: &SigningKey,
    time: AmzTime,
) -> Signed {
    let canonical = canonical_request(request, headers);
    let signature = hex(&key.signature(&string_to_sign(time, key, &canonical)));
    let authorization = format!(
        "{ALGORITHM} Credential={access_key_id}/{}, SignedHeaders={}, Signature={signature}",
        key.scope(),
        signed_names(headers)
    );
    Signed { authorization, signature }
}

/// The query that carries the signature in place of headers: `request.query` with the `X-Amz-` parameters added.
#[must_use]
pub fn presign(
    request: &Canonical<'_>,
    headers: &[(&str, &str)],
    access_key_id: &str,
    session_token: Option<&str>,
    key: &SigningKey,
    time: AmzTime,
    expires_seconds: u32,
) -> String {
    let mut query = String::from(request.query);
    let mut add = |name: &str, value: &str| {
        if !query.is_empty() {
            query.push('&');
        }
        query.push_str(name);
        query.push('=');
        query.extend(percent_encoding::utf8_percent_encode(value, UNRESERVED));
    };
    add("X-Amz-Algorithm", ALGORITHM);
    add("X-Amz-Credential", &format!("{}/{}", access_key_id, key.scope()));
    add("X-Amz-Date", time.as_str());
    add("X-Amz-Expires", &expires_seconds.to_string());
    add("X-Amz-SignedHeaders", &signed_names(headers));
    if let Some(token) = session_token {
        add("X-Amz-Security-Token", token);
    }
    let canonical = canonical_request(&Canonical { query: &query, ..*request }, headers);
    let signature = hex(&key.signature(&string_to_sign(time, key, &canonical)));
    format!("{query}&X-Amz-Signature={signature}")
}
