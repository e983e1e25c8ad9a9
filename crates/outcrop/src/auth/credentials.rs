//! Keys, where they come from, and how long they are kept.

use std::fmt;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use tokio::time::Instant;

use super::Secret;
use super::profile::{FileKind, ProfileFile, Profiles};
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
        CredentialsError { what: what.into(), hint: None }
    }
}

/// A future that is boxed, so that the trait can be a `dyn`.
pub type Provided<'a> = Pin<Box<dyn Future<Output = Result<Credentials, CredentialsError>> + Send + 'a>>;

/// Provides keys. Asked again before those it gave end, by one caller at a time.
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

/// Keys are renewed this long before they end; those that live shortly, in the last quarter of their life.
const EARLY: Duration = Duration::from_secs(300);

/// How long a provider may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Keys, kept until shortly before they end. One refresh at a time; a failure is shared by those who waited for it, and
/// is not kept.
#[derive(Debug)]
pub(crate) struct Cache {
    provider: Arc<dyn ProvideCredentials>,
    held: RwLock<Option<Held>>,
    refreshing: tokio::sync::Mutex<Option<(Instant, CredentialsError)>>,
}

#[derive(Clone, Debug)]
struct Held {
    credentials: Arc<Credentials>,
    /// When to renew them; never when `None`.
    renew: Option<SystemTime>,
}

impl Cache {
    pub(crate) fn new(provider: Arc<dyn ProvideCredentials>) -> Self {
        Cache { provider, held: RwLock::new(None), refreshing: tokio::sync::Mutex::new(None) }
    }

    /// Whether others may be had when AWS calls these expired.
    pub(crate) fn can_refresh(&self) -> bool {
        self.provider.can_refresh()
    }

    /// Keys that are good at `now`.
    pub(crate) async fn credentials(&self, now: SystemTime) -> Result<Arc<Credentials>, CredentialsError> {
        let fresh = |held: &Held| held.renew.is_none_or(|renew| now < renew);
        if let Some(held) = self.held().filter(fresh) {
            return Ok(held.credentials);
        }
        let asked = Instant::now();
        let mut last_failure = self.refreshing.lock().await;
        // Whoever waited finds what the first one fetched, or why that failed.
        if let Some(held) = self.held().filter(fresh) {
            return Ok(held.credentials);
        }
        if let Some((_, error)) = last_failure.as_ref().filter(|(failed, _)| *failed >= asked) {
            return Err(error.clone());
        }
        let fetched = match tokio::time::timeout(PATIENCE, self.provider.credentials()).await {
            Ok(fetched) => fetched.and_then(Credentials::checked),
            Err(_) => {
                Err(CredentialsError::new(format!("the credentials provider did not answer within {PATIENCE:?}")))
            }
        };
        match fetched {
            Ok(fetched) => {
                let renew = fetched.expires.map(|expires| {
                    let life = expires.duration_since(now).unwrap_or_default();
                    expires.checked_sub(EARLY.min(life / 4)).unwrap_or(expires)
                });
                let credentials = Arc::new(fetched);
                let held = Held { credentials: Arc::clone(&credentials), renew };
                *self.held.write().unwrap_or_else(PoisonError::into_inner) = Some(held);
                Ok(credentials)
            }
            Err(error) => {
                // Keys that have not ended yet are better than none.
                let good = |held: &Held| held.credentials.expires.is_none_or(|expires| now < expires);
                if let Some(held) = self.held().filter(good) {
                    return Ok(held.credentials);
                }
                *last_failure = Some((Instant::now(), error.clone()));
                Err(error)
            }
        }
    }

    /// Forgets keys that AWS called expired, unless they were renewed since.
    pub(crate) fn forget(&self, access_key_id: &str) {
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        if held.as_ref().is_some_and(|held| held.credentials.access_key_id == access_key_id) {
            *held = None;
        }
    }

    fn held(&self) -> Option<Held> {
        self.held.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

const ABSENT: [ErrorKind; 3] = [ErrorKind::NotFound, ErrorKind::NotADirectory, ErrorKind::PermissionDenied];

/// The two AWS files, as this world has them. A file that is not there is empty.
pub(crate) fn read_profiles(surroundings: &Surroundings) -> Result<Profiles, CredentialsError> {
    let read = |kind, variable, name: &str| {
        let path = match surroundings.variable(variable) {
            Some(path) => PathBuf::from(path),
            None => match surroundings.home() {
                Some(home) => home.join(".aws").join(name),
                None => return Ok(ProfileFile::empty(kind, name)),
            },
        };
        let shown = path.display().to_string();
        match surroundings.read(&path) {
            Ok(text) => {
                ProfileFile::parse(kind, &shown, &text).map_err(|error| CredentialsError::new(error.to_string()))
            }
            // A home that is not there, or not ours, has no AWS files.
            Err(error) if ABSENT.contains(&error.kind()) => Ok(ProfileFile::empty(kind, &shown)),
            Err(error) => Err(CredentialsError::new(format!("cannot read AWS file {shown}: {error}"))),
        }
    };
    Ok(Profiles {
        config: read(FileKind::Config, "AWS_CONFIG_FILE", "config")?,
        credentials: read(FileKind::Credentials, "AWS_SHARED_CREDENTIALS_FILE", "credentials")?,
    })
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
                what: format!("{set} is set but {missing} is not"),
                hint: Some(format!("set {missing}, or unset {set}")),
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
    let keys = profiles.static_keys(name).map_err(|error| CredentialsError::new(error.to_string()))?;
    Ok(keys.map(|keys| {
        let mut credentials = Credentials::new(keys.access_key_id, keys.secret_access_key);
        credentials.session_token = keys.session_token.map(Secret::from);
        credentials
    }))
}

/// What in a profile comes before keys written in it (botocore's order), over the network.
const BEFORE_KEYS: [&str; 5] = ["role_arn", "sso_session", "sso_start_url", "web_identity_token_file", "login_session"];

/// What in a profile says that its keys come over the network or from a program.
pub(crate) fn elsewhere<'a>(profiles: &Profiles, name: &str) -> Option<&'a str> {
    let keys = BEFORE_KEYS.into_iter().chain(["credential_process"]);
    keys.into_iter().find(|key| profiles.value(name, key).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[derive(Debug, Default)]
    struct Counting(AtomicUsize);

    impl ProvideCredentials for Counting {
        fn credentials(&self) -> Provided<'_> {
            Box::pin(async {
                let call = self.0.fetch_add(1, Ordering::SeqCst);
                tokio::task::yield_now().await;
                let mut credentials = Credentials::new(format!("AKID{call}"), "secret");
                credentials.expires = Some(SystemTime::UNIX_EPOCH + Duration::from_secs(1000));
                Ok(credentials)
            })
        }
    }

    #[tokio::test]
    async fn one_refresh_at_a_time_and_early() {
        let cache = Cache::new(Arc::new(Counting::default()));
        let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        let (a, b) = tokio::join!(cache.credentials(at(0)), cache.credentials(at(0)));
        assert_eq!(a.map(|keys| keys.access_key_id.clone()).ok(), b.map(|keys| keys.access_key_id.clone()).ok());
        let id = async |seconds| cache.credentials(at(seconds)).await.map(|keys| keys.access_key_id.clone()).ok();
        // Fetched at 0, ending at 1000: renewed in the last quarter.
        assert_eq!(id(749).await.as_deref(), Some("AKID0"));
        assert_eq!(id(750).await.as_deref(), Some("AKID1"));
        cache.forget("AKID0");
        assert_eq!(id(0).await.as_deref(), Some("AKID1"));
        cache.forget("AKID1");
        assert_eq!(id(0).await.as_deref(), Some("AKID2"));
    }

    #[test]
    fn half_a_pair_is_an_error_that_names_the_other_half() {
        let world = Surroundings::made_up([("AWS_ACCESS_KEY_ID", "AKID")], []);
        let error = from_environment(&world).expect_err("half a pair");
        assert_eq!(error.what, "AWS_ACCESS_KEY_ID is set but AWS_SECRET_ACCESS_KEY is not");
        assert!(!format!("{:?}", Credentials::new("AKID", "hidden")).contains("hidden"));
    }
}
