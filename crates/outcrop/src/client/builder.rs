//! Settings of a client: explicit first, then the environment, then the AWS files.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderValue, Uri};
use outcrop_wire::catalogue::Catalogue;
use outcrop_wire::surface::Surface;
use tokio::io::{AsyncRead, AsyncWrite};

use super::{Authorizer, Client, Inner, Signing, Timeouts};
#[cfg(not(feature = "aws-config"))]
use crate::auth::CredentialsError;
use crate::auth::credentials::{Cache, from_environment, from_profile, read_profiles};
use crate::auth::profile::{FileKind, ProfileFile, Profiles};
use crate::auth::{Auth, BEARER_VARIABLE, ProvideCredentials, Secret, Signer};
use crate::endpoint::{EndpointError, Overrides, Service, resolve};
use crate::error::{Error, Result};
use crate::retry::{Budget, Retry};
use crate::surroundings::Surroundings;
use crate::transport::{Transport, network, piped};

/// Settings of a client. What is not set comes from the environment and the AWS files.
#[derive(Default)]
pub struct ClientBuilder {
    auth: Option<Auth>,
    session_token: Option<Secret>,
    profile: Option<String>,
    region: Option<String>,
    endpoint_url: Option<String>,
    fips: Option<bool>,
    dual_stack: Option<bool>,
    retry: Retry,
    timeouts: Timeouts,
    surroundings: Surroundings,
    transport: Option<Arc<dyn Transport>>,
}

impl ClientBuilder {
    /// Who calls.
    #[must_use]
    pub fn auth(mut self, auth: Auth) -> Self {
        self.auth = Some(auth);
        self
    }

    /// An access key and its secret.
    #[must_use]
    pub fn access_key(self, access_key_id: impl Into<String>, secret_access_key: impl Into<Secret>) -> Self {
        self.auth(Auth::keys(access_key_id, secret_access_key))
    }

    /// The session token of temporary keys given by [`ClientBuilder::access_key`].
    #[must_use]
    pub fn session_token(mut self, token: impl Into<Secret>) -> Self {
        self.session_token = Some(token.into());
        self
    }

    /// A Bedrock API key.
    #[must_use]
    pub fn bearer_token(self, token: impl Into<Secret>) -> Self {
        self.auth(Auth::bearer(token))
    }

    /// An AWS profile: its region and endpoint, and its credentials unless others are given.
    #[must_use]
    pub fn profile(mut self, name: impl Into<String>) -> Self {
        self.profile = Some(name.into());
        self
    }

    /// The region.
    #[must_use]
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// Where calls go, in place of AWS's own host. A path in it is put before every path.
    #[must_use]
    pub fn endpoint_url(mut self, url: impl Into<String>) -> Self {
        self.endpoint_url = Some(url.into());
        self
    }

    /// The FIPS host.
    #[must_use]
    pub fn fips(mut self, fips: bool) -> Self {
        self.fips = Some(fips);
        self
    }

    /// The host with IPv4 and IPv6.
    #[must_use]
    pub fn dual_stack(mut self, dual_stack: bool) -> Self {
        self.dual_stack = Some(dual_stack);
        self
    }

    /// How often and how fast to try again.
    #[must_use]
    pub fn retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }

    /// The limit to connect.
    #[must_use]
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.timeouts.connect = limit;
        self
    }

    /// The limit of silence between bytes.
    #[must_use]
    pub fn idle_timeout(mut self, limit: Duration) -> Self {
        self.timeouts.idle = limit;
        self
    }

    /// The limit of a whole call, retries and stream included.
    #[must_use]
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.timeouts.total = Some(limit);
        self
    }

    /// The world outside, in place of the process's own.
    #[must_use]
    pub fn surroundings(mut self, surroundings: Surroundings) -> Self {
        self.surroundings = surroundings;
        self
    }

    /// Another HTTP stack.
    #[must_use]
    pub fn transport(mut self, transport: Arc<dyn Transport>) -> Self {
        self.transport = Some(transport);
        self
    }

    /// Opens connections by a function, below HTTP: a pipe to a server in process, say.
    #[must_use]
    pub fn connector<F, Opening, S>(mut self, open: F) -> Self
    where
        F: Fn(&Uri) -> Opening + Clone + Send + Sync + 'static,
        Opening: Future<Output = io::Result<S>> + Send + 'static,
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        self.transport = Some(piped(open).into());
        self
    }

    /// Resolves the settings. Nothing is sent.
    ///
    /// # Errors
    /// When there is no region or no way to find credentials, an AWS file is malformed, or a setting makes no sense.
    pub async fn build(self) -> Result<Client> {
        let profiles = match read_profiles(&self.surroundings) {
            // Files that nothing is taken from are nobody's business.
            Err(_) if self.needs_no_files() => Profiles {
                config: ProfileFile::empty(FileKind::Config, "config"),
                credentials: ProfileFile::empty(FileKind::Credentials, "credentials"),
            },
            outcome => outcome.map_err(Error::credentials)?,
        };
        let profile = Profile::choose(&self, &profiles)?;
        let region = self.find_region(&profiles, &profile);
        let endpoint = self.find_endpoint(&profiles, &profile, region.as_deref())?;
        let transport = match &self.transport {
            Some(transport) => Arc::clone(transport),
            None => {
                let network = network(&self.surroundings, self.timeouts.connect);
                network.map_err(|why| Error::config("set up the connection", why))?.into()
            }
        };
        let authorizer = self.find_authorizer(&profiles, &profile, region.as_deref(), &transport)?;
        Ok(Client(Arc::new(Inner {
            endpoint,
            region,
            authorizer,
            transport,
            retry: self.retry,
            budget: Budget::new(),
            timeouts: self.timeouts,
            catalogue: Catalogue::built_in(),
            surroundings: self.surroundings,
        })))
    }

    fn needs_no_files(&self) -> bool {
        self.auth.is_some()
            && self.profile.is_none()
            && self.region.is_some()
            && !matches!(self.auth, Some(Auth::Profile(_)))
    }

    /// Explicit > `AWS_REGION` > `AWS_DEFAULT_REGION` > AWS profile. Where one is needed and there is none, that is an
    /// error, never a guess.
    fn find_region(&self, profiles: &Profiles, profile: &Profile) -> Option<String> {
        let world = &self.surroundings;
        let of_profile = || profiles.value(&profile.name, "region").map(str::to_owned);
        let said =
            [self.region.clone(), world.variable("AWS_REGION"), world.variable("AWS_DEFAULT_REGION"), of_profile()];
        said.into_iter().flatten().map(|region| region.trim().to_owned()).find(|region| !region.is_empty())
    }

    fn find_endpoint(
        &self,
        profiles: &Profiles,
        profile: &Profile,
        region: Option<&str>,
    ) -> Result<crate::endpoint::Endpoint> {
        let world = &self.surroundings;
        let service = Service::Runtime;
        let profile_url = profiles
            .endpoint_url(&profile.name, service.service_id_key())
            .map_err(|error| Error::config("find where to call", error.to_string()))?;
        // What the environment says comes before what the profile says, also when it says no.
        let flag = |variable: &str, key: &str| {
            let of_profile = || profiles.value(&profile.name, key).map(|value| value.eq_ignore_ascii_case("true"));
            world.flag(variable).or_else(of_profile).unwrap_or(false)
        };
        let overrides = Overrides {
            explicit: self.endpoint_url.clone(),
            anthropic_base_url: service.base_url_variable().and_then(|name| world.variable(name)),
            service_url: world.variable(service.endpoint_variable()),
            global_url: world.variable("AWS_ENDPOINT_URL"),
            profile_url: profile_url.map(str::to_owned),
            ignore_configured: flag("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls"),
        };
        let fips = self.fips.unwrap_or_else(|| flag("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint"));
        let dual_stack =
            self.dual_stack.unwrap_or_else(|| flag("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint"));
        resolve(service, region, fips, dual_stack, &overrides).map_err(|error| match error {
            EndpointError::MissingRegion { .. } => no_region(&profile.name),
            error => Error::config("find where to call", error.to_string()),
        })
    }

    fn find_authorizer(
        &self,
        profiles: &Profiles,
        profile: &Profile,
        region: Option<&str>,
        transport: &Arc<dyn Transport>,
    ) -> Result<Authorizer> {
        if self.session_token.is_some() && !matches!(self.auth, Some(Auth::Keys(_))) {
            let why = "a session token was given without its access key";
            return Err(Error::config("set up credentials", why).with_hint("give the access key and secret with it"));
        }
        let provider: Arc<dyn ProvideCredentials> = match &self.auth {
            Some(Auth::Unsigned) => return Ok(Authorizer::Unsigned),
            Some(Auth::Bearer(token)) => return bearer(token),
            Some(Auth::Provider(provider)) => Arc::clone(provider),
            Some(Auth::Keys(keys)) => {
                let mut keys = keys.clone();
                keys.session_token = self.session_token.clone().or(keys.session_token);
                Arc::new(keys.checked().map_err(Error::credentials)?)
            }
            Some(Auth::Profile(_)) | None => {
                if !profile.explicit
                    && let Some(token) = self.surroundings.variable(BEARER_VARIABLE)
                {
                    return bearer(&token.into());
                }
                self.chain(profiles, profile, region, transport)?
            }
        };
        let service = Surface::InvokeModel.row().signing_service;
        // Signatures are scoped to a region, also where the host is not chosen by it.
        let region = region.ok_or_else(|| no_region(&profile.name))?;
        Ok(Authorizer::SigV4(Box::new(Signing { cache: Cache::new(provider), signer: Signer::new(region, service) })))
    }

    /// The AWS chain: keys in the environment (unless a profile was asked for), keys in the profile, and what needs the
    /// network.
    fn chain(
        &self,
        profiles: &Profiles,
        profile: &Profile,
        region: Option<&str>,
        transport: &Arc<dyn Transport>,
    ) -> Result<Arc<dyn ProvideCredentials>> {
        if !profile.explicit
            && let Some(keys) = from_environment(&self.surroundings).map_err(Error::credentials)?
        {
            return Ok(Arc::new(keys.checked().map_err(Error::credentials)?));
        }
        if let Some(keys) = from_profile(profiles, &profile.name).map_err(Error::credentials)? {
            return Ok(Arc::new(keys.checked().map_err(Error::credentials)?));
        }
        let mut tried = Vec::new();
        if !profile.explicit {
            tried.push(format!("{BEARER_VARIABLE}, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (not set)"));
        }
        tried.push(format!("AWS profile {} (no keys)", profile.name));
        self.keys_from_elsewhere(profiles, profile, region, transport, tried)
    }

    #[cfg(feature = "aws-config")]
    fn keys_from_elsewhere(
        &self,
        profiles: &Profiles,
        profile: &Profile,
        region: Option<&str>,
        transport: &Arc<dyn Transport>,
        tried: Vec<String>,
    ) -> Result<Arc<dyn ProvideCredentials>> {
        use crate::auth::chain::{Chain, Setting};
        let setting = Setting {
            surroundings: &self.surroundings,
            profiles,
            profile: &profile.name,
            explicit: profile.explicit,
            region,
            transport,
        };
        Ok(Arc::new(Chain::new(&setting, tried).map_err(Error::credentials)?))
    }

    #[cfg(not(feature = "aws-config"))]
    fn keys_from_elsewhere(
        &self,
        profiles: &Profiles,
        profile: &Profile,
        _: Option<&str>,
        _: &Arc<dyn Transport>,
        tried: Vec<String>,
    ) -> Result<Arc<dyn ProvideCredentials>> {
        use crate::auth::credentials::elsewhere;
        let (note, hint) = match elsewhere(profiles, &profile.name) {
            Some(key) => (format!("`{key}` of it needs"), "build with the feature `aws-config`"),
            None => ("SSO, roles and instance metadata need".to_owned(), NO_CREDENTIALS_HINT),
        };
        let what = format!("tried {}; {note} the feature `aws-config`, which is off", tried.join("; "));
        Err(Error::credentials(CredentialsError { what, hint: Some(hint.to_owned()) }))
    }
}

/// What to do without credentials.
pub(crate) const NO_CREDENTIALS_HINT: &str = "set AWS_BEARER_TOKEN_BEDROCK to a Bedrock API key, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or log in with `aws sso login`";

fn no_region(profile: &str) -> Error {
    let tried = format!(
        "no AWS region: tried the explicit setting, AWS_REGION, AWS_DEFAULT_REGION and `region` of AWS profile {profile}"
    );
    Error::config("find where to call", tried).with_hint("set AWS_REGION, us-east-1 for example")
}

fn bearer(token: &Secret) -> Result<Authorizer> {
    let mut header = HeaderValue::from_str(&format!("Bearer {}", token.expose().trim()))
        .map_err(|_| Error::config("set up credentials", "the bearer token holds characters that no header may"))?;
    header.set_sensitive(true);
    Ok(Authorizer::Bearer(header))
}

/// The AWS profile in force.
struct Profile {
    name: String,
    /// Asked for in code rather than by a variable: then it comes before bearer keys and keys in the environment.
    explicit: bool,
}

impl Profile {
    fn choose(builder: &ClientBuilder, profiles: &Profiles) -> Result<Self> {
        let asked = match &builder.auth {
            Some(Auth::Profile(name)) => Some(name.clone()),
            _ => builder.profile.clone(),
        };
        let world = &builder.surroundings;
        let named =
            asked.clone().or_else(|| world.variable("AWS_PROFILE")).or_else(|| world.variable("AWS_DEFAULT_PROFILE"));
        let profile =
            Profile { explicit: asked.is_some(), name: named.clone().unwrap_or_else(|| "default".to_owned()) };
        // A name that is nowhere is a mistake when it decides something; keys or a bearer token given in code do not need it.
        let decides = asked.is_some() || (builder.auth.is_none() && world.variable(BEARER_VARIABLE).is_none());
        if named.is_some() && decides && !profiles.exists(&profile.name) {
            let why = format!(
                "AWS profile {} is neither in {} nor in {}",
                profile.name,
                profiles.config.path(),
                profiles.credentials.path()
            );
            return Err(Error::config("read the AWS profile", why)
                .with_hint("check the name, or AWS_PROFILE where none was given"));
        }
        Ok(profile)
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder").field("auth", &self.auth).field("region", &self.region).finish_non_exhaustive()
    }
}
