//! What puts the caller's name on a request: a bearer key, a signature, or nothing.

use std::sync::Arc;

use http::HeaderValue;
use http::header::AUTHORIZATION;
use http::request::Parts;
use outcrop_wire::account::ApiKey;

use super::cache::Cache;
use super::token::{BearerHeader, Minter};
use super::{Credentials, CredentialsError, Signer};
use crate::surroundings::Surroundings;

/// What puts the caller's name on a request.
pub(crate) enum Authorizer {
    /// Nothing: a gateway adds it.
    Unsigned,
    /// The whole header.
    Bearer(HeaderValue),
    /// A bearer key that ends, and is renewed.
    Tokens(Arc<Cache<BearerHeader>>),
    /// A bearer key that is made of keys.
    Minted(Box<Minter>),
    /// A signature.
    SigV4(Box<Signing>),
}

/// Keys, and what signs with them.
pub(crate) struct Signing {
    pub(super) cache: Arc<Cache<Credentials>>,
    pub(super) signer: Signer,
}

impl Authorizer {
    /// For people.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Authorizer::Unsigned => "unsigned",
            Authorizer::Bearer(_) | Authorizer::Tokens(_) | Authorizer::Minted(_) => "bearer",
            Authorizer::SigV4(_) => "SigV4",
        }
    }

    /// The same caller in another region, or at another service: keys are shared, and so is what is known of the clock.
    pub(crate) fn at(&self, region: &str, service: &'static str) -> Self {
        match self {
            Authorizer::Unsigned => Authorizer::Unsigned,
            Authorizer::Bearer(header) => Authorizer::Bearer(header.clone()),
            Authorizer::Tokens(cache) => Authorizer::Tokens(Arc::clone(cache)),
            // A minted key is good in one region.
            Authorizer::Minted(minter) => {
                let credentials = Arc::clone(&minter.credentials);
                Authorizer::Minted(Box::new(Minter::new(credentials, region, minter.lifetime)))
            }
            Authorizer::SigV4(signing) => Authorizer::SigV4(Box::new(Signing {
                cache: Arc::clone(&signing.cache),
                signer: signing.signer.beside(region, service),
            })),
        }
    }

    /// The same caller at a service that takes signatures alone; none where there are no AWS keys.
    pub(crate) fn signed_at(&self, region: &str, service: &'static str) -> Option<Self> {
        let signing = match self {
            Authorizer::Unsigned | Authorizer::Bearer(_) | Authorizer::Tokens(_) => return None,
            Authorizer::Minted(minter) => {
                Signing { cache: Arc::clone(&minter.credentials), signer: Signer::new(region, service) }
            }
            Authorizer::SigV4(signing) => {
                Signing { cache: Arc::clone(&signing.cache), signer: signing.signer.beside(region, service) }
            }
        };
        Some(Authorizer::SigV4(Box::new(signing)))
    }

    /// What the bearer key that calls are made with says of itself; none where they are made with none.
    pub(crate) async fn api_key(&self, surroundings: &Surroundings) -> Result<Option<ApiKey>, CredentialsError> {
        let header = match self {
            Authorizer::Unsigned | Authorizer::Minted(_) | Authorizer::SigV4(_) => return Ok(None),
            Authorizer::Bearer(header) => header.clone(),
            Authorizer::Tokens(cache) => cache.good_at(surroundings.now()).await?.value.header.clone(),
        };
        let key = header.to_str().ok().and_then(|header| header.strip_prefix("Bearer "));
        Ok(Some(key.map_or(ApiKey::Other, ApiKey::read)))
    }

    /// Adds the headers; the name of what was used, to [`Authorizer::forget`] it by, where it may be renewed: no secret.
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
            Authorizer::Tokens(cache) => {
                let held = cache.good_at(surroundings.now()).await?;
                parts.headers.insert(AUTHORIZATION, held.value.header.clone());
                Ok(Some(held.name.to_string()))
            }
            Authorizer::Minted(minter) => {
                let (header, name) = minter.header(surroundings.now()).await?;
                parts.headers.insert(AUTHORIZATION, header);
                Ok(Some(name))
            }
            Authorizer::SigV4(signing) => {
                let held = signing.cache.good_at(surroundings.now()).await?;
                signing.signer.sign(parts, body, &held.value, surroundings.unix());
                Ok(Some(held.name.to_string()))
            }
        }
    }

    /// The AWS keys that calls are made with, where there are any.
    pub(crate) fn credentials(&self) -> Option<&Cache<Credentials>> {
        match self {
            Authorizer::Unsigned | Authorizer::Bearer(_) | Authorizer::Tokens(_) => None,
            Authorizer::Minted(minter) => Some(&minter.credentials),
            Authorizer::SigV4(signing) => Some(&signing.cache),
        }
    }

    /// Whether others may be had when AWS calls these expired.
    pub(crate) fn can_refresh(&self) -> bool {
        match self {
            Authorizer::Unsigned | Authorizer::Bearer(_) => false,
            Authorizer::Tokens(cache) => cache.can_refresh(),
            // Of the same keys a new one is made, by the clock as it is now.
            Authorizer::Minted(_) => true,
            Authorizer::SigV4(signing) => signing.cache.can_refresh(),
        }
    }

    /// Forgets what AWS called expired.
    pub(crate) fn forget(&self, name: &str) {
        match self {
            Authorizer::Unsigned | Authorizer::Bearer(_) => {}
            Authorizer::Tokens(cache) => cache.forget(name),
            Authorizer::Minted(minter) => minter.forget(name),
            Authorizer::SigV4(signing) => signing.cache.forget(name),
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
