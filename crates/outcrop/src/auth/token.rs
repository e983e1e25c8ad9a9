//! Bedrock API keys that end: given by a program, or minted of AWS keys.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use http::HeaderValue;
use outcrop_wire::bearer::{self, LONGEST_SECONDS, Minting};
use outcrop_wire::sigv4::AmzTime;

use super::cache::{Cache, Ends, Fetch, Fetching, renewed_at};
use super::{Credentials, CredentialsError, Secret};

/// The longest life of a short-term key: 12 hours.
pub const LONGEST: Duration = Duration::from_secs(LONGEST_SECONDS as u64);

/// A Bedrock API key, or what a gateway takes in its place.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Token {
    /// The key itself.
    pub token: Secret,
    /// When it ends; it is renewed before. Never, or nobody knows, when `None`.
    pub expires: Option<SystemTime>,
}

impl Token {
    /// A key without end.
    pub fn new(token: impl Into<Secret>) -> Self {
        Token { token: token.into(), expires: None }
    }

    /// Sets when it ends.
    #[must_use]
    pub fn expires(mut self, expires: SystemTime) -> Self {
        self.expires = Some(expires);
        self
    }
}

/// A future that is boxed, so that the trait can be a `dyn`.
pub type TokenProvided<'a> = Pin<Box<dyn Future<Output = Result<Token, CredentialsError>> + Send + 'a>>;

/// Provides Bedrock API keys. Asked again before the one it gave ends, and once where Bedrock calls it invalid, by one
/// caller at a time.
///
/// ```
/// use outcrop::auth::{ProvideToken, Token, TokenProvided};
///
/// #[derive(Debug)]
/// struct Vault;
///
/// impl ProvideToken for Vault {
///     fn token(&self) -> TokenProvided<'_> {
///         Box::pin(async { Ok(Token::new("ABSK...")) })
///     }
/// }
///
/// let builder = outcrop::Client::builder().token_provider(Vault);
/// # let _ = builder;
/// ```
pub trait ProvideToken: Send + Sync + fmt::Debug {
    /// A key that is good now.
    fn token(&self) -> TokenProvided<'_>;

    /// Whether asking again may give another.
    fn can_refresh(&self) -> bool {
        true
    }
}

/// A short-term Bedrock API key: good in one region, for at most 12 hours, and not longer than the AWS keys that made it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ShortTermKey {
    /// The key: `bedrock-api-key-...`.
    pub token: Secret,
    /// When it ends.
    pub expires: SystemTime,
    /// The only region in which it is taken.
    pub region: String,
}

/// Makes a short-term key of AWS keys. Nothing is sent: a key is a signature.
///
/// It holds for `lifetime` from `now`, at most [`LONGEST`], and not longer than `credentials`. Byte for byte what AWS's
/// `aws-bedrock-token-generator` makes.
///
/// # Errors
/// When the credentials have ended, or would end, within a second.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use outcrop::auth::{Credentials, mint};
///
/// let keys = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
/// let key = mint(&keys, "us-east-1", Duration::from_secs(3600), SystemTime::now())?;
/// assert!(key.token.expose().starts_with("bedrock-api-key-"));
/// # Ok::<(), outcrop::auth::CredentialsError>(())
/// ```
pub fn mint(
    credentials: &Credentials,
    region: &str,
    lifetime: Duration,
    now: SystemTime,
) -> Result<ShortTermKey, CredentialsError> {
    let begins = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
    let left = match credentials.expires {
        Some(expires) => expires.duration_since(now).unwrap_or_default(),
        None => LONGEST,
    };
    let seconds = lifetime.min(LONGEST).min(left).as_secs();
    if seconds == 0 {
        let ended = left.as_secs() == 0;
        let why = if ended { "the AWS keys have ended" } else { "it would end at once" };
        return Err(CredentialsError {
            ended,
            ..CredentialsError::new(format!("cannot make a short-term key: {why}"))
        });
    }
    let token = bearer::mint(&Minting {
        access_key_id: &credentials.access_key_id,
        secret_access_key: credentials.secret_access_key.expose(),
        session_token: credentials.session_token.as_ref().map(Secret::expose),
        region,
        time: AmzTime::from_unix(i64::try_from(begins).unwrap_or(i64::MAX)),
        seconds: u32::try_from(seconds).unwrap_or(LONGEST_SECONDS),
    });
    let expires = SystemTime::UNIX_EPOCH + Duration::from_secs(begins.saturating_add(seconds));
    Ok(ShortTermKey { token: token.into(), expires, region: region.to_owned() })
}

/// Mints keys for one region, and keeps the last one until shortly before it ends.
#[derive(Debug)]
pub(crate) struct Minter {
    pub(crate) credentials: Arc<Cache<Credentials>>,
    pub(crate) region: String,
    pub(crate) lifetime: Duration,
    held: Mutex<Option<Minted>>,
}

#[derive(Debug)]
struct Minted {
    header: HeaderValue,
    /// The credentials it was made of.
    of: Arc<str>,
    renew: SystemTime,
}

impl Minter {
    pub(crate) fn new(credentials: Arc<Cache<Credentials>>, region: &str, lifetime: Duration) -> Self {
        Minter { credentials, region: region.to_owned(), lifetime, held: Mutex::new(None) }
    }

    /// The header of a key that is good now, and the name of the credentials it was made of.
    pub(crate) async fn header(&self, now: SystemTime) -> Result<(HeaderValue, String), CredentialsError> {
        let credentials = self.credentials.good_at(now).await?;
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(minted) = held.as_ref().filter(|minted| minted.of == credentials.name && now < minted.renew) {
            return Ok((minted.header.clone(), minted.of.to_string()));
        }
        let key = mint(&credentials.value, &self.region, self.lifetime, now)?;
        let header = bearer_header(&key.token)?;
        let minted = Minted { header: header.clone(), of: credentials.name, renew: renewed_at(key.expires, now) };
        Ok((header, held.insert(minted).of.to_string()))
    }

    /// Forgets the key, and the credentials it was made of.
    pub(crate) fn forget(&self, name: &str) {
        self.credentials.forget(name);
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// `Bearer ...`, which does not print.
pub(crate) fn bearer_header(token: &Secret) -> Result<HeaderValue, CredentialsError> {
    let token = token.expose().trim();
    if token.is_empty() {
        return Err(CredentialsError::new("the bearer token is empty"));
    }
    let mut header = HeaderValue::from_str(&format!("Bearer {token}"))
        .map_err(|_| CredentialsError::new("the bearer token holds characters that no header may"))?;
    header.set_sensitive(true);
    Ok(header)
}

/// A provided token, as the header it becomes.
#[derive(Debug)]
pub(crate) struct BearerHeader {
    pub(crate) header: HeaderValue,
    expires: Option<SystemTime>,
}

impl Ends for BearerHeader {
    fn expires(&self) -> Option<SystemTime> {
        self.expires
    }

    fn name(&self, number: u64) -> String {
        format!("bearer key {number}")
    }
}

/// What a program provides.
#[derive(Debug)]
pub(crate) struct Provided(pub(crate) Arc<dyn ProvideToken>);

impl Fetch<BearerHeader> for Provided {
    fn fetch(&self) -> Fetching<'_, BearerHeader> {
        Box::pin(async {
            let Token { token, expires } = self.0.token().await?;
            Ok(BearerHeader { header: bearer_header(&token)?, expires })
        })
    }

    fn can_refresh(&self) -> bool {
        self.0.can_refresh()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_lives_as_long_as_was_asked_or_may_be_or_its_credentials_do() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_772_366_400);
        let hours = |hours: u64| Duration::from_secs(hours * 3600);
        let mut keys = Credentials::new("AKIDEXAMPLE", "hidden");
        let life = |keys: &Credentials, asked| {
            let key = mint(keys, "us-east-1", asked, now)?;
            assert!(!format!("{key:?}").contains(key.token.expose()) && key.region == "us-east-1");
            key.expires.duration_since(now).map_err(|_| CredentialsError::new("it ended before it began"))
        };
        assert_eq!(life(&keys, hours(1)), Ok(hours(1)));
        assert_eq!(life(&keys, hours(13)), Ok(LONGEST));
        assert!(life(&keys, Duration::ZERO).is_err());
        keys.expires = Some(now + hours(2));
        assert_eq!((life(&keys, hours(1)), life(&keys, hours(12))), (Ok(hours(1)), Ok(hours(2))));
        keys.expires = Some(now - hours(2));
        assert!(life(&keys, hours(1)).is_err_and(|error| error.what.contains("have ended")));
    }
}
