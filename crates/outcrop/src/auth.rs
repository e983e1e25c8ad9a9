//! Who calls. One enum, so that two ways at once cannot be said, and what puts it on a request.
//!
//! Order: explicit > `AWS_BEARER_TOKEN_BEDROCK` > the AWS chain (environment keys, AWS profile, and with the feature
//! `aws-config` what needs the network).

pub mod credentials;
pub mod profile;

mod authorizer;
mod caller;
#[cfg(feature = "aws-config")]
mod chain;
mod sigv4;

use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

pub(crate) use authorizer::Authorizer;
pub(crate) use caller::{Caller, Profile, no_region};
pub use credentials::{Credentials, CredentialsError, ProvideCredentials};
use sigv4::Signer;

/// A secret. Never prints, and is wiped when dropped.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// The secret itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Secret(Zeroizing::new(text))
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Secret(Zeroizing::new(text.to_owned()))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// How a client says who calls.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Auth {
    /// These keys.
    Keys(Credentials),
    /// A Bedrock API key.
    Bearer(Secret),
    /// An AWS profile, by name.
    Profile(String),
    /// Whatever this provides.
    Provider(Arc<dyn ProvideCredentials>),
    /// Nothing: a gateway adds it.
    Unsigned,
}

impl Auth {
    /// These keys.
    pub fn keys(access_key_id: impl Into<String>, secret_access_key: impl Into<Secret>) -> Self {
        Auth::Keys(Credentials::new(access_key_id, secret_access_key))
    }

    /// Temporary keys.
    pub fn session_keys(
        access_key_id: impl Into<String>,
        secret_access_key: impl Into<Secret>,
        session_token: impl Into<Secret>,
    ) -> Self {
        let mut credentials = Credentials::new(access_key_id, secret_access_key);
        credentials.session_token = Some(session_token.into());
        Auth::Keys(credentials)
    }

    /// A Bedrock API key.
    pub fn bearer(token: impl Into<Secret>) -> Self {
        Auth::Bearer(token.into())
    }
}
