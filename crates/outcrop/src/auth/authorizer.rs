//! What puts the caller's name on a request: a bearer key, a signature, or nothing.

use http::HeaderValue;
use http::header::AUTHORIZATION;
use http::request::Parts;

use super::credentials::Cache;
use super::{CredentialsError, Signer};
use crate::surroundings::Surroundings;

/// What puts the caller's name on a request.
pub(crate) enum Authorizer {
    /// Nothing: a gateway adds it.
    Unsigned,
    /// The whole header.
    Bearer(HeaderValue),
    /// A signature.
    SigV4(Box<Signing>),
}

/// Keys, and what signs with them.
pub(crate) struct Signing {
    pub(super) cache: Cache,
    pub(super) signer: Signer,
}

impl Authorizer {
    /// For people.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Authorizer::Unsigned => "unsigned",
            Authorizer::Bearer(_) => "bearer",
            Authorizer::SigV4(_) => "SigV4",
        }
    }

    /// Adds the headers; the access key used, where there is one.
    pub(crate) async fn authorize(
        &self,
        parts: &mut Parts,
        body: &[u8],
        surroundings: &Surroundings,
    ) -> Result<Option<String>, CredentialsError> {
        match self {
            Authorizer::Unsigned => Ok(None),
            Authorizer::Bearer(header) => {
                parts.headers.insert(AUTHORIZATION, header.clone());
                Ok(None)
            }
            Authorizer::SigV4(signing) => {
                let credentials = signing.cache.credentials(surroundings.now()).await?;
                signing.signer.sign(parts, body, &credentials, surroundings.unix());
                Ok(Some(credentials.access_key_id.clone()))
            }
        }
    }

    /// Whether other keys may be had when AWS calls these expired.
    pub(crate) fn can_refresh(&self) -> bool {
        matches!(self, Authorizer::SigV4(signing) if signing.cache.can_refresh())
    }

    /// Forgets keys that AWS called expired.
    pub(crate) fn forget(&self, access_key_id: &str) {
        if let Authorizer::SigV4(signing) = self {
            signing.cache.forget(access_key_id);
        }
    }

    /// Takes the clock to be wrong by so many seconds; `false` where there is no clock to mend.
    pub(crate) fn set_skew(&self, seconds: i64) -> bool {
        match self {
            Authorizer::SigV4(signing) => {
                signing.signer.set_skew(seconds);
                true
            }
            _ => false,
        }
    }
}
