//! Keys, and where they come from: code, environment, profile.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::SystemTime;

use super::Secret;
use super::cache::{Ends, Fetch, Fetching};
use super::profile::{ProfileError, Profiles};
use crate::surroundings::Surroundings;

/// An access key.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Credentials {
    /// `AKIA...`, or `ASIA...` for temporary keys.
    pub access_key_id: String,
    /// Its secret.
    pub secret_access_key: Secret,
    /// Of temporary keys.
    pub session_token: Option<Secret>,
    /// When temporary keys end.
    pub expires: Option<SystemTime>,
}

impl Credentials {
    /// Keys without end.
    pub fn new(access_key_id: impl Into<String>, secret_access_key: impl Into<Secret>) -> Self {
        Credentials {
            access_key_id: access_key_id.into(),
            secret_access_key: secret_access_key.into(),
            session_token: None,
            expires: None,
        }
    }

    /// The same without white space around, as files and variables often have it.
    ///
    /// # Errors
    /// When a part is empty or holds what no header may: the request would go out unsigned.
    pub(crate) fn checked(self) -> Result<Self, CredentialsError> {
        let check = |name: &str, text: &str| match text.trim() {
            "" => Err(CredentialsError::new(format!("the {name} is empty"))),
            text if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) => Ok(text.to_owned()),
            _ => Err(CredentialsError::new(format!("the {name} holds characters that none has"))),
        };
        let token = self.session_token.as_ref().map(|token| check("session token", token.expose())).transpose()?;
        Ok(Credentials {
            access_key_id: check("access key id", &self.access_key_id)?,
            secret_access_key: check("secret access key", self.secret_access_key.expose())?.into(),
            session_token: token.map(Secret::from),
            expires: self.expires,
        })
    }
}

/// Why there are no credentials.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CredentialsError {
    /// What was tried and why it failed, in one line, without any secret.
    pub what: String,
    /// What to do next.
    pub hint: Option<String>,
    /// Whether what gives credentials gave them once, and somebody has to log in again.
    pub ended: bool,
}

impl fmt::Display for CredentialsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl std::error::Error for CredentialsError {}

impl CredentialsError {
    /// An error without a hint.
    pub fn new(what: impl Into<String>) -> Self {
        CredentialsError { what: what.into(), hint: None, ended: false }
    }
}

impl From<ProfileError> for CredentialsError {
    fn from(error: ProfileError) -> Self {
        CredentialsError { what: error.to_string(), hint: error.hint, ended: false }
    }
}

/// A future that is boxed, so that the trait can be a `dyn`.
pub type Provided<'a> = Pin<Box<dyn Future<Output = Result<Credentials, CredentialsError>> + Send + 'a>>;

/// Provides keys. Asked again five minutes before those it gave end (where they live less than twenty minutes, in the last
/// quarter of their life), and once where AWS calls them expired; by one caller at a time. Meanwhile calls go on with the
/// old ones, as long as these are good.
pub trait ProvideCredentials: Send + Sync + fmt::Debug {
    /// Keys that are good now.
    fn credentials(&self) -> Provided<'_>;

    /// Whether asking again may give other keys.
    fn can_refresh(&self) -> bool {
        true
    }
}

impl ProvideCredentials for Credentials {
    fn credentials(&self) -> Provided<'_> {
        Box::pin(std::future::ready(Ok(self.clone())))
    }

    fn can_refresh(&self) -> bool {
        false
    }
}

impl Ends for Credentials {
    fn expires(&self) -> Option<SystemTime> {
        self.expires
    }

    fn name(&self, _: u64) -> String {
        self.access_key_id.clone()
    }
}

/// Whatever provides keys.
#[derive(Debug)]
pub(crate) struct Source(pub(crate) Arc<dyn ProvideCredentials>);

impl Fetch<Credentials> for Source {
    fn fetch(&self) -> Fetching<'_, Credentials> {
        Box::pin(async { self.0.credentials().await.and_then(Credentials::checked) })
    }

    fn can_refresh(&self) -> bool {
        self.0.can_refresh()
    }
}

/// Keys in the environment. Half a pair is an error.
pub(crate) fn from_environment(surroundings: &Surroundings) -> Result<Option<Credentials>, CredentialsError> {
    let (id, secret) = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY");
    match (surroundings.variable(id), surroundings.variable(secret)) {
        (Some(access_key_id), Some(secret_access_key)) => {
            let mut credentials = Credentials::new(access_key_id, secret_access_key);
            credentials.session_token = surroundings.variable("AWS_SESSION_TOKEN").map(Secret::from);
            Ok(Some(credentials))
        }
        (None, None) => Ok(None),
        (found, _) => {
            let (set, missing) = if found.is_some() { (id, secret) } else { (secret, id) };
            Err(CredentialsError {
                hint: Some(format!("set {missing}, or unset {set}")),
                ..CredentialsError::new(format!("{set} is set but {missing} is not"))
            })
        }
    }
}

/// Keys written in an AWS profile; `None` where the profile has none or says that they come from elsewhere.
pub(crate) fn from_profile(profiles: &Profiles, name: &str) -> Result<Option<Credentials>, CredentialsError> {
    // AWS's order: a role or a session of a profile comes before keys in it.
    if BEFORE_KEYS.iter().any(|key| profiles.value(name, key).is_some()) {
        return Ok(None);
    }
    let keys = profiles.static_keys(name)?;
    Ok(keys.map(|keys| {
        let mut credentials = Credentials::new(keys.access_key_id, keys.secret_access_key);
        credentials.session_token = keys.session_token.map(Secret::from);
        credentials
    }))
}

/// What in a profile comes before keys written in it (botocore's order), over the network.
pub(super) const BEFORE_KEYS: [&str; 5] =
    ["role_arn", "sso_session", "sso_start_url", "web_identity_token_file", "login_session"];

/// What in a profile says that its keys come over the network or from a program.
pub(crate) fn elsewhere<'a>(profiles: &Profiles, name: &str) -> Option<&'a str> {
    let keys = BEFORE_KEYS.into_iter().chain(["credential_process"]);
    keys.into_iter().find(|key| profiles.value(name, key).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_pair_is_an_error_that_names_the_other_half() {
        let world = Surroundings::made_up([("AWS_ACCESS_KEY_ID", "AKID")], []);
        let error = from_environment(&world).expect_err("half a pair");
        assert_eq!(error.what, "AWS_ACCESS_KEY_ID is set but AWS_SECRET_ACCESS_KEY is not");
        assert!(!format!("{:?}", Credentials::new("AKID", "hidden")).contains("hidden"));
    }
}
