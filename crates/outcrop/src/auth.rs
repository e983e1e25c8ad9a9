//! Who calls. One enum, so that two ways at once cannot be said, and what puts it on a request.
//!
//! Order: explicit > `AWS_BEARER_TOKEN_BEDROCK` > the AWS chain (environment keys, AWS profile, and with the feature
//! `aws-config` what needs the network).

pub mod credentials;
pub mod profile;

mod authorizer;
mod cache;
mod caller;
#[cfg(feature = "aws-config")]
mod chain;
mod role;
pub(crate) mod said;
#[cfg(feature = "aws-config")]
mod sdk_config;
mod sigv4;
mod token;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use zeroize::Zeroizing;

pub(crate) use authorizer::Authorizer;
pub(crate) use caller::{Caller, Profile, no_region};
pub use credentials::{Credentials, CredentialsError, ProvideCredentials};
pub use role::AssumeRole;
use sigv4::Signer;
pub use token::{LONGEST, ProvideToken, ShortTermKey, Token, TokenProvided, mint};

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
    /// Whatever Bedrock API keys this provides.
    Tokens(Arc<dyn ProvideToken>),
    /// A role, by [`Auth::assume_role`].
    AssumeRole(Box<AssumeRole>),
    /// Short-term Bedrock API keys, made of AWS keys and made again before they end.
    ShortTermKeys {
        /// Whose AWS keys they are made of; until set, what the environment and the AWS files say.
        source: Option<Box<Auth>>,
        /// How long each holds, at most [`LONGEST`].
        lifetime: Duration,
    },
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

    /// An AWS profile, by name.
    pub fn profile(name: impl Into<String>) -> Self {
        Auth::Profile(name.into())
    }

    /// Keys of a role.
    ///
    /// ```
    /// use outcrop::{Auth, Client};
    ///
    /// let role = Auth::assume_role("arn:aws:iam::123456789012:role/bedrock")
    ///     .session_name("nightly")
    ///     .source(Auth::profile("base"));
    /// let builder = Client::builder().auth(role).region("us-east-1");
    /// # let _ = builder;
    /// ```
    pub fn assume_role(arn: impl Into<String>) -> AssumeRole {
        AssumeRole::new(arn.into())
    }

    /// Short-term Bedrock API keys of 12 hours, or of the life of the AWS keys in the environment and the AWS files, which
    /// they are made of.
    pub fn short_term_key() -> Self {
        Auth::ShortTermKeys { source: None, lifetime: LONGEST }
    }

    /// What this begins with: of a role, who assumes it.
    fn root(&self) -> Option<&Auth> {
        match self {
            Auth::AssumeRole(role) => role.source.as_deref()?.root(),
            Auth::ShortTermKeys { source, .. } => source.as_deref()?.root(),
            other => Some(other),
        }
    }

    /// Whether it needs neither environment nor AWS files.
    pub(crate) fn is_whole(&self) -> bool {
        !matches!(self.root(), None | Some(Auth::Profile(_)))
    }
}
