//! What the local Bedrock pretends about AWS: an account, who may call, and what they may use.

mod access;
mod read;

use std::fmt;

use subtle::ConstantTimeEq;

pub use self::access::{Access, Granted};
use crate::quotas::Quotas;
use crate::table::Mistake;

/// The region of calls that do not say one.
pub const REGION: &str = "us-east-1";

/// Who may call.
#[derive(Clone)]
pub enum Credential {
    /// An access key, for SigV4.
    Keys {
        /// `AKIA...`, or `ASIA...` where there is a session token.
        access_key_id: String,
        /// Its secret.
        secret_access_key: String,
        /// Must come with each request when there is one, and must not when there is none.
        session_token: Option<String>,
    },
    /// A Bedrock API key.
    Bearer(String),
}

/// Secrets never print.
impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Credential::Keys { access_key_id, .. } => f.debug_tuple("Keys").field(access_key_id).finish(),
            Credential::Bearer(_) => f.write_str("Bearer(***)"),
        }
    }
}

/// An AWS account.
#[derive(Clone, Debug)]
pub struct Account {
    /// Twelve digits.
    pub id: String,
    /// Who may call.
    pub credentials: Vec<Credential>,
    /// What may be used at the start.
    pub access: Access,
    /// What may be asked for in a minute and a day, unless the server is told others.
    pub quotas: Quotas,
}

impl Account {
    /// The access key of the default account. Not a secret: it opens nothing but this stand-in.
    pub const ACCESS_KEY_ID: &'static str = "AKIAOUTCROPLOCALTEST";
    /// Its secret, as little a secret.
    pub const SECRET_ACCESS_KEY: &'static str = "outcrop/local/opens/nothing/but/loopback";
    /// A Bedrock API key of the default account, in the form of a long-term one.
    pub const BEARER_TOKEN: &'static str =
        "ABSKQmVkcm9ja0FQSUtleS1vdXRjcm9wLWxvY2FsOm9wZW5zLW5vdGhpbmctYnV0LWxvb3BiYWNr";

    /// The default account with nothing granted: see [`Access::fresh`].
    #[must_use]
    pub fn fresh() -> Self {
        Account { access: Access::fresh(), ..Account::default() }
    }

    /// Reads an account file.
    ///
    /// ```
    /// let account = outcrop_local::Account::parse("id = \"210987654321\"\nbearer = \"ABSKmine\"")?;
    /// assert_eq!(account.id, "210987654321");
    /// # Ok::<(), outcrop_local::Mistake>(())
    /// ```
    ///
    #[doc = include_str!("account/format.md")]
    ///
    /// # Errors
    /// When the text is no TOML, or says something that is unknown or makes no sense: line, field, and what was expected.
    pub fn parse(text: &str) -> Result<Self, Mistake> {
        read::account(text)
    }

    pub(crate) fn keys(&self, access_key_id: &str) -> Option<(&str, Option<&str>)> {
        self.credentials.iter().find_map(|credential| match credential {
            Credential::Keys { access_key_id: known, secret_access_key, session_token } if known == access_key_id => {
                Some((secret_access_key.as_str(), session_token.as_deref()))
            }
            _ => None,
        })
    }

    pub(crate) fn takes_bearer(&self, token: &str) -> bool {
        self.credentials.iter().any(|credential| match credential {
            Credential::Bearer(known) => bool::from(known.as_bytes().ct_eq(token.as_bytes())),
            Credential::Keys { .. } => false,
        })
    }
}

impl Default for Account {
    fn default() -> Self {
        Account {
            id: "123456789012".to_owned(),
            credentials: vec![
                Credential::Keys {
                    access_key_id: Account::ACCESS_KEY_ID.to_owned(),
                    secret_access_key: Account::SECRET_ACCESS_KEY.to_owned(),
                    session_token: None,
                },
                Credential::Bearer(Account::BEARER_TOKEN.to_owned()),
            ],
            access: Access::open(),
            quotas: Quotas::default(),
        }
    }
}
