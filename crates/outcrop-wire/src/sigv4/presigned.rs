//! A query that carries a signature in place of headers -> who signed it, or why not.

use std::fmt;

use percent_encoding::percent_decode_str;

use super::verify::{check_scope, check_signature, credential, names};
use super::{ALGORITHM, AmzTime, Claim, CredentialScope, Refusal};

/// The parameters of a presigned query, taken apart.
#[derive(Clone, PartialEq)]
pub struct Presigned {
    /// Who says to have signed.
    pub access_key_id: String,
    /// For what.
    pub scope: CredentialScope,
    /// When.
    pub signed: AmzTime,
    /// How long it holds from then on, seconds.
    pub expires_seconds: u32,
    /// Which headers, sorted.
    pub signed_headers: Vec<String>,
    /// Of temporary keys.
    pub session_token: Option<String>,
    /// Hex.
    pub signature: String,
    /// What was signed: the query without the signature.
    query: String,
}

impl Presigned {
    /// Takes a query apart.
    ///
    /// # Errors
    /// [`Refusal::Incomplete`] with the parameters that are missing, malformed or there twice.
    pub fn parse(query: &str) -> Result<Self, Refusal> {
        let value = |name: &str| {
            let mut values = query.split('&').filter_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
            // Of two nobody knows which was meant.
            let value = values.next().filter(|value| !value.is_empty() && values.next().is_none())?;
            percent_decode_str(value).decode_utf8().ok().map(|value| value.into_owned())
        };
        let algorithm = value("X-Amz-Algorithm").filter(|name| name == ALGORITHM);
        let who = value("X-Amz-Credential");
        let who = who.as_deref().and_then(credential);
        let signed = value("X-Amz-Date").and_then(|date| AmzTime::parse(&date));
        let expires = value("X-Amz-Expires").and_then(|seconds| seconds.parse().ok());
        let headers = value("X-Amz-SignedHeaders");
        let headers = headers.as_deref().and_then(names);
        let signature = value("X-Amz-Signature");
        let kept = query.split('&').filter(|pair| !pair.starts_with("X-Amz-Signature="));
        match (algorithm, who, signed, expires, headers, signature) {
            (Some(_), Some((id, scope)), Some(signed), Some(expires_seconds), Some(headers), Some(signature)) => {
                Ok(Presigned {
                    access_key_id: id.to_owned(),
                    scope,
                    signed,
                    expires_seconds,
                    signed_headers: headers.into_iter().map(str::to_owned).collect(),
                    session_token: value("X-Amz-Security-Token"),
                    signature,
                    query: kept.collect::<Vec<_>>().join("&"),
                })
            }
            (algorithm, who, signed, expires, headers, signature) => Err(Refusal::Incomplete(
                [
                    ("X-Amz-Algorithm", algorithm.is_none()),
                    ("X-Amz-Credential", who.is_none()),
                    ("X-Amz-Date", signed.is_none()),
                    ("X-Amz-Expires", expires.is_none()),
                    ("X-Amz-SignedHeaders", headers.is_none()),
                    ("X-Amz-Signature", signature.is_none()),
                ]
                .into_iter()
                .filter_map(|(name, missing)| missing.then_some(name))
                .collect(),
            )),
        }
    }

    /// When it ends.
    #[must_use]
    pub fn ends(&self) -> AmzTime {
        AmzTime::from_unix(self.signed.unix() + i64::from(self.expires_seconds))
    }
}

/// Neither the session token nor the signature prints: who has them has the call.
impl fmt::Debug for Presigned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Presigned")
            .field("access_key_id", &self.access_key_id)
            .field("scope", &self.scope)
            .field("signed", &self.signed)
            .field("expires_seconds", &self.expires_seconds)
            .field("signed_headers", &self.signed_headers)
            .finish_non_exhaustive()
    }
}

/// Verifies a presigned query with the secret of its access key. Of `claim.request` the query is not looked at: what was
/// signed is in `presigned`.
///
/// # Errors
/// The first reason to refuse: the host is not signed, time, scope, signature.
pub fn verify_presigned(presigned: &Presigned, claim: &Claim<'_>, secret_access_key: &str) -> Result<(), Refusal> {
    if !presigned.signed_headers.iter().any(|name| name == "host") {
        return Err(Refusal::HeaderNotSigned("host".to_owned()));
    }
    let (signed, now) = (presigned.signed, claim.now);
    if now.unix() >= presigned.ends().unix() {
        return Err(Refusal::Expired { signed, now });
    }
    if signed.unix() > now.unix() + claim.tolerance_seconds {
        return Err(Refusal::NotYet { signed, now });
    }
    check_scope(&presigned.scope, signed, claim)?;
    let names: Vec<&str> = presigned.signed_headers.iter().map(String::as_str).collect();
    let request = super::Canonical { query: &presigned.query, ..claim.request };
    let claim = Claim { request, ..*claim };
    check_signature(&presigned.scope, signed, &names, &presigned.signature, &claim, secret_access_key)
}
