//! Settings of a client: explicit first, then the environment, then the AWS files.

mod build;
mod capabilities;
mod failover;
mod headers;
mod place;
mod profiles;
mod settings;
mod trust;

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderName, HeaderValue, Uri};
use outcrop_wire::model::ModelId;
use outcrop_wire::scope::DefaultScope;
use outcrop_wire::surface::Surface;
use tokio::io::{AsyncRead, AsyncWrite};

use super::Timeouts;
use crate::auth::{Auth, ProvideToken, Secret};
use crate::call::CallOptions;
use crate::failover::{FailoverTarget, Residency};
use crate::middleware::Middleware;
use crate::retry::Retry;
use crate::surroundings::Surroundings;
use crate::transport::{Transport, piped};

/// Settings of a client. What is not set comes from the environment and the AWS files.
#[derive(Default)]
pub struct ClientBuilder {
    auth: Option<Auth>,
    mint: Option<Duration>,
    session_token: Option<Secret>,
    profile: Option<String>,
    region: Option<String>,
    endpoint_url: Option<String>,
    mantle_url: Option<String>,
    ca_bundle: Option<PathBuf>,
    fips: Option<bool>,
    dual_stack: Option<bool>,
    capabilities_file: Option<PathBuf>,
    /// Of the account's own: the ARN of each, and what it stands for.
    told_profiles: Vec<(String, ModelId)>,
    told_profiles_only: bool,
    surface: Option<Option<Surface>>,
    failover: Vec<FailoverTarget>,
    residency: Option<Residency>,
    retry: Retry,
    timeouts: Timeouts,
    defaults: CallOptions,
    middleware: Vec<Arc<dyn Middleware>>,
    #[cfg(feature = "opentelemetry")]
    telemetry: Option<crate::telemetry::Telemetry>,
    surroundings: Surroundings,
    transport: Option<Arc<dyn Transport>>,
}

impl ClientBuilder {
    /// Who calls. Of this, `access_key` and `bearer_token`, the last one said counts.
    #[must_use]
    pub fn auth(mut self, auth: impl Into<Auth>) -> Self {
        self.auth = Some(auth.into());
        self
    }

    /// An access key and its secret. It replaces what was said of who calls before.
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

    /// A Bedrock API key. It replaces what was said of who calls before.
    #[must_use]
    pub fn bearer_token(self, token: impl Into<Secret>) -> Self {
        self.auth(Auth::bearer(token))
    }

    /// Bedrock API keys that a program provides. It replaces what was said of who calls before.
    #[must_use]
    pub fn token_provider(self, provider: impl ProvideToken + 'static) -> Self {
        self.auth(Auth::Tokens(Arc::new(provider)))
    }

    /// Calls with short-term Bedrock API keys, each for so long (at most 12 hours, and not longer than the AWS keys it is
    /// made of), made of the AWS keys that calls would else be signed with. New ones are made before the old end.
    #[must_use]
    pub fn mint_bearer(mut self, lifetime: Duration) -> Self {
        self.mint = Some(lifetime);
        self
    }

    /// Says nothing of who calls: a gateway adds it. It replaces what was said of who calls before. Where nothing is said,
    /// `CLAUDE_CODE_SKIP_BEDROCK_AUTH=1` does the same for endpoints that are not AWS's own.
    #[must_use]
    pub fn skip_auth(self) -> Self {
        self.auth(Auth::Unsigned)
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

    /// Where calls go, in place of AWS's own hosts. A path in it is put before every path.
    #[must_use]
    pub fn endpoint_url(mut self, url: impl Into<String>) -> Self {
        self.endpoint_url = Some(url.into());
        self
    }

    /// Where calls of [`Surface::Mantle`](crate::Surface::Mantle) go, in place of AWS's own host and of
    /// [`ClientBuilder::endpoint_url`]: `http://127.0.0.1:8080/mantle` for a local Bedrock. It may end in `/anthropic`, as
    /// `ANTHROPIC_BEDROCK_MANTLE_BASE_URL` does, or not.
    #[must_use]
    pub fn mantle_url(mut self, url: impl Into<String>) -> Self {
        self.mantle_url = Some(url.into());
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

    /// A file of PEM certificates to trust in place of the system's, as `AWS_CA_BUNDLE` names one.
    #[must_use]
    pub fn ca_bundle(mut self, path: impl Into<PathBuf>) -> Self {
        self.ca_bundle = Some(path.into());
        self
    }

    /// How often and how fast to try again.
    #[must_use]
    pub fn retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }

    /// The limit to connect: name, socket, proxy and TLS together. 5 s until set.
    #[must_use]
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.timeouts.connect = limit;
        self
    }

    /// The limit of silence between bytes, and until the first one. 600 s until set: a model that thinks is silent.
    #[must_use]
    pub fn idle_timeout(mut self, limit: Duration) -> Self {
        self.timeouts.idle = limit;
        self
    }

    /// The limit of a whole call, retries and stream included. None until set.
    #[must_use]
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.timeouts.total = Some(limit);
        self
    }

    /// A header of every call: added, or set in place of ours. One that is set here or for a call takes the place of one
    /// of the same name in `ANTHROPIC_CUSTOM_HEADERS`.
    #[must_use]
    pub fn default_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.defaults.extra_headers.append(name, value);
        self
    }

    /// Sends requests as they are or not at all: what a model or a surface does not take is an error in place of an
    /// adjustment. One call may say otherwise.
    #[must_use]
    pub fn strict(mut self, strict: bool) -> Self {
        self.defaults.strict = Some(strict);
        self
    }

    /// The scope of names that say none, and of a [`Model`](crate::Model) alone: `client.message(Model::CLAUDE_OPUS_4_6)`.
    /// See [`CallOptions::scope`].
    #[must_use]
    pub fn scope(mut self, scope: impl Into<DefaultScope>) -> Self {
        self.defaults.scope = Some(scope.into());
        self
    }

    /// By which way in calls go. Until set, by `InvokeModel`, or where that has not the model or not what a request needs
    /// by another one that has. One call may say otherwise.
    /// `OUTCROP_SURFACE` names one too; `None` takes none from there.
    #[must_use]
    pub fn surface(mut self, surface: impl Into<Option<Surface>>) -> Self {
        self.surface = Some(surface.into());
        self
    }

    /// Whether models are to see the pages of PDFs as they look; see [`CallOptions::visual`]. One call may say otherwise.
    #[must_use]
    pub fn visual(mut self, visual: bool) -> Self {
        self.defaults.visual = Some(visual);
        self
    }

    /// Code around each try of every call. Of several the one added first is the outermost.
    #[must_use]
    pub fn middleware(mut self, middleware: impl Middleware + 'static) -> Self {
        self.middleware.push(Arc::new(middleware));
        self
    }

    /// Where spans of calls go. Until set: to the global tracer provider, unless `ANTHROPIC_OPEN_TELEMETRY=false`.
    #[cfg(feature = "opentelemetry")]
    #[must_use]
    pub fn telemetry(mut self, telemetry: crate::telemetry::Telemetry) -> Self {
        self.telemetry = Some(telemetry);
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
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder").field("auth", &self.auth).field("region", &self.region).finish_non_exhaustive()
    }
}
