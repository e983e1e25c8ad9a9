//! The derived key: secret, day, region and service, good for a day.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::AmzTime;

/// What a key is good for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CredentialScope {
    /// `20260301`.
    pub day: String,
    /// `us-east-1`.
    pub region: String,
    /// `bedrock`.
    pub service: String,
}

impl CredentialScope {
    /// The scope of a time.
    #[must_use]
    pub fn new(time: AmzTime, region: &str, service: &str) -> Self {
        CredentialScope { day: time.day().to_owned(), region: region.to_owned(), service: service.to_owned() }
    }
}

impl fmt::Display for CredentialScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}/aws4_request", self.day, self.region, self.service)
    }
}

/// A key derived for one scope. Derive it once and keep it: four HMACs.
#[derive(Clone)]
pub struct SigningKey {
    scope: CredentialScope,
    keyed: Hmac<Sha256>,
}

impl SigningKey {
    /// Derives the key.
    #[must_use]
    pub fn derive(secret: &str, scope: CredentialScope) -> Self {
        let mut key = keyed(&[b"AWS4", secret.as_bytes()].concat());
        for part in [scope.day.as_str(), &scope.region, &scope.service, "aws4_request"] {
            key = keyed(&mac(&key, part.as_bytes()));
        }
        SigningKey { scope, keyed: key }
    }

    /// What it is good for.
    #[must_use]
    pub fn scope(&self) -> &CredentialScope {
        &self.scope
    }

    /// The raw signature of a string to sign.
    #[must_use]
    pub fn signature(&self, string_to_sign: &str) -> [u8; 32] {
        mac(&self.keyed, string_to_sign.as_bytes())
    }
}

/// The key never prints.
impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("scope", &self.scope).finish_non_exhaustive()
    }
}

fn keyed(key: &[u8]) -> Hmac<Sha256> {
    // HMAC takes keys of any length, so the other arm cannot be reached.
    Hmac::new_from_slice(key).unwrap_or_else(|_| Hmac::new(&Default::default()))
}

fn mac(key: &Hmac<Sha256>, data: &[u8]) -> [u8; 32] {
    let mut mac = key.clone();
    mac.update(data);
    mac.finalize().into_bytes().into()
}
