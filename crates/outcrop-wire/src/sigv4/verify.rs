//! A signed request -> who signed it, or why not.

use subtle::ConstantTimeEq;

use super::canonical::hex;
use super::{ALGORITHM, AmzTime, Canonical, CredentialScope, SigningKey, canonical_request, string_to_sign};

/// An `Authorization` header, taken apart.
#[derive(Clone, Debug, PartialEq)]
pub struct Authorization<'a> {
    /// Who says to have signed.
    pub access_key_id: &'a str,
    /// For what.
    pub scope: CredentialScope,
    /// Which headers, in the order given.
    pub signed_headers: Vec<&'a str>,
    /// Hex.
    pub signature: &'a str,
}

/// Why a request is refused.
#[derive(Clone, Debug, PartialEq)]
pub enum Refusal {
    /// The header lacks these parts.
    Incomplete(Vec<&'static str>),
    /// A header that must be signed is not, or is signed but was not sent.
    HeaderNotSigned(String),
    /// The clock behind the signature is too far behind.
    Expired {
        /// When it was signed.
        signed: AmzTime,
        /// The time here.
        now: AmzTime,
    },
    /// The clock behind the signature is too far ahead.
    NotYet {
        /// When it was signed.
        signed: AmzTime,
        /// The time here.
        now: AmzTime,
    },
    /// Scoped to another service.
    Service,
    /// Scoped to another region.
    Region,
    /// The scope's day is not the day of the signature.
    Day,
    /// `x-amz-content-sha256` is not the hash of the body.
    BodyHash,
    /// The signature is not the one this side calculates.
    Signature,
}

impl<'a> Authorization<'a> {
    /// Takes the header apart. Commas may stand with or without a space.
    ///
    /// # Errors
    /// [`Refusal::Incomplete`] with the parts that are missing or malformed.
    pub fn parse(header: &'a str) -> Result<Self, Refusal> {
        let rest = header.trim().strip_prefix(ALGORITHM).unwrap_or_default();
        let part = |name: &str| {
            rest.split(',')
                .find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='))
                .filter(|value| !value.is_empty())
        };
        let (credential, headers, signature) = (part("Credential"), part("SignedHeaders"), part("Signature"));
        match (credential.and_then(self::credential), headers.and_then(names), signature) {
            (Some((access_key_id, scope)), Some(signed_headers), Some(signature)) => {
                Ok(Authorization { access_key_id, scope, signed_headers, signature })
            }
            (credential, headers, signature) => Err(Refusal::Incomplete(
                [
                    ("Credential", credential.is_none()),
                    ("Signature", signature.is_none()),
                    ("SignedHeaders", headers.is_none()),
                ]
                .into_iter()
                .filter_map(|(name, missing)| missing.then_some(name))
                .collect(),
            )),
        }
    }
}

/// `AKID/20260301/us-east-1/bedrock/aws4_request`: who, and for what.
pub(super) fn credential(text: &str) -> Option<(&str, CredentialScope)> {
    // The access key may hold slashes in no known case, but the scope has exactly four parts at the end.
    let mut parts = text.rsplitn(5, '/');
    let (terminator, service, region, day) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let id = parts.next().filter(|_| terminator == "aws4_request")?;
    let scope = CredentialScope { day: day.to_owned(), region: region.to_owned(), service: service.to_owned() };
    Some((id, scope))
}

/// `a;b;c`: each name once, sorted, as every signer writes them. A name that stands a thousand times would be hashed so
/// often.
pub(super) fn names(text: &str) -> Option<Vec<&str>> {
    let names: Vec<&str> = text.split(';').collect();
    (names.is_sorted_by(|a, b| a < b) && !names[0].is_empty()).then_some(names)
}

/// What a request claims, and what it is held against.
#[derive(Clone, Copy, Debug)]
pub struct Claim<'a> {
    /// The request; `payload_hash` is the true hash of the body that came.
    pub request: Canonical<'a>,
    /// All its headers: lower-case names, one entry a value.
    pub headers: &'a [(&'a str, &'a str)],
    /// The service it must be scoped to.
    pub service: &'a str,
    /// The region it must be scoped to; any when `None`.
    pub region: Option<&'a str>,
    /// The time here.
    pub now: AmzTime,
    /// How far the clocks may be apart: 300 at AWS.
    pub tolerance_seconds: i64,
}

/// Verifies `authorization` over a claim with the secret of its access key.
///
/// # Errors
/// The first reason to refuse, in the order AWS gives them: completeness, time, scope, signature.
pub fn verify(authorization: &Authorization<'_>, claim: &Claim<'_>, secret_access_key: &str) -> Result<(), Refusal> {
    let sent = |name: &str| claim.headers.iter().find(|(header, _)| *header == name).map(|(_, value)| *value);
    let signed_at = sent("x-amz-date").and_then(|text| AmzTime::parse(text.trim()));
    let Some(signed) = signed_at else {
        return Err(Refusal::Incomplete(vec!["X-Amz-Date"]));
    };
    let is_signed = |name: &str| authorization.signed_headers.contains(&name);
    // HTTP/2 has a name of its own for the host; AWS's refusal names both.
    if !is_signed("host") && !is_signed(":authority") {
        return Err(Refusal::HeaderNotSigned("host".to_owned()));
    }
    for name in ["x-amz-date", "x-amz-security-token"] {
        if !is_signed(name) && sent(name).is_some() {
            return Err(Refusal::HeaderNotSigned(name.to_owned()));
        }
    }
    if signed.unix() < claim.now.unix() - claim.tolerance_seconds {
        return Err(Refusal::Expired { signed, now: claim.now });
    }
    if signed.unix() > claim.now.unix() + claim.tolerance_seconds {
        return Err(Refusal::NotYet { signed, now: claim.now });
    }
    check_scope(&authorization.scope, signed, claim)?;
    if sent("x-amz-content-sha256").is_some_and(|hash| hash.trim() != claim.request.payload_hash) {
        return Err(Refusal::BodyHash);
    }
    let Authorization { scope, signed_headers, signature, .. } = authorization;
    check_signature(scope, signed, signed_headers, signature, claim, secret_access_key)
}

/// Whether a signature is for this place and of that day.
pub(super) fn check_scope(scope: &CredentialScope, signed: AmzTime, claim: &Claim<'_>) -> Result<(), Refusal> {
    if scope.service != claim.service {
        return Err(Refusal::Service);
    }
    if claim.region.is_some_and(|region| scope.region != region) {
        return Err(Refusal::Region);
    }
    if scope.day != signed.day() {
        return Err(Refusal::Day);
    }
    Ok(())
}

/// Whether a signature is the one that this side calculates.
pub(super) fn check_signature(
    scope: &CredentialScope,
    signed: AmzTime,
    signed_headers: &[&str],
    signature: &str,
    claim: &Claim<'_>,
    secret_access_key: &str,
) -> Result<(), Refusal> {
    let mut headers = Vec::with_capacity(signed_headers.len());
    for name in signed_headers {
        let before = headers.len();
        headers.extend(claim.headers.iter().filter(|(header, _)| header == name));
        if headers.len() == before {
            return Err(Refusal::HeaderNotSigned((*name).to_owned()));
        }
    }
    let key = SigningKey::derive(secret_access_key, scope.clone());
    let canonical = canonical_request(&claim.request, &headers);
    let expected = hex(&key.signature(&string_to_sign(signed, &key, &canonical)));
    match bool::from(expected.as_bytes().ct_eq(signature.as_bytes())) {
        true => Ok(()),
        false => Err(Refusal::Signature),
    }
}
