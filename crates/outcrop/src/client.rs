//! A client: settings resolved once, connections kept. Cheap to clone.

mod builder;
mod hosts;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use outcrop_wire::catalogue::{Catalogue, Cost};
use outcrop_wire::messages::{MessageRequest, Usage};
use outcrop_wire::model::ModelId;
use outcrop_wire::surface::Surface;

use crate::account::{self, Buckets, Identity, LogGroups, Models};
use crate::auth::{ShortTermKey, mint};
use crate::call::CallOptions;
use crate::endpoint::Endpoint;
use crate::error::{Error, Result};
use crate::failover::{Affinity, FailoverTarget, Residency};
use crate::logging::Logging;
use crate::messages::{MessageCall, Messages};
use crate::middleware::Middleware;
use crate::resolve::{self, KnownProfiles};
use crate::response::Meta;
use crate::retry::{Budget, Retry};
use crate::surroundings::Surroundings;
use crate::tools::{ToolRun, ToolSet};
use crate::transport::Transport;

pub use builder::ClientBuilder;
pub(crate) use hosts::{Host, Hosts};

/// A client of Claude on Amazon Bedrock. Cheap to clone; clones share connections and credentials.
#[derive(Clone)]
pub struct Client(pub(crate) Arc<Inner>);

/// Cheap enough to clone for a copy with other defaults: what is large or shared is behind a pointer.
#[derive(Clone)]
pub(crate) struct Inner {
    /// Where calls go, and what authorizes them there.
    pub(crate) hosts: Arc<Hosts>,
    pub(crate) region: Option<String>,
    /// Where else calls go.
    pub(crate) failover: Arc<[FailoverTarget]>,
    /// Who has what in its cache, where there is a choice.
    pub(crate) affinity: Option<Arc<Affinity>>,
    pub(crate) residency: Option<Residency>,
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) retry: Retry,
    pub(crate) budget: Arc<Budget>,
    pub(crate) timeouts: Timeouts,
    /// What calls are made with unless they say otherwise.
    pub(crate) defaults: CallOptions,
    #[cfg(feature = "opentelemetry")]
    pub(crate) telemetry: crate::telemetry::Telemetry,
    /// The outermost first.
    pub(crate) middleware: Vec<Arc<dyn Middleware>>,
    pub(crate) catalogue: Arc<Catalogue>,
    /// What is known of the account's own inference profiles.
    pub(crate) profiles: Arc<KnownProfiles>,
    pub(crate) surroundings: Surroundings,
    /// Where the credentials come from, for people.
    pub(crate) caller: Arc<str>,
    /// Where the settings come from, for people.
    pub(crate) reasons: Vec<String>,
    /// What of the settings is likely to be a mistake, for people.
    pub(crate) warnings: Vec<String>,
}

/// Three limits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Timeouts {
    /// To connect: name, socket, proxy and TLS together. 5 s.
    pub(crate) connect: Duration,
    /// Between bytes, and until the first one. 600 s: a model that thinks is silent.
    pub(crate) idle: Duration,
    /// For the whole call, retries and stream included. None.
    pub(crate) total: Option<Duration>,
}

impl Default for Timeouts {
    fn default() -> Self {
        Timeouts { connect: Duration::from_secs(5), idle: Duration::from_secs(600), total: None }
    }
}

impl Client {
    /// Settings from the environment and the AWS files, by AWS's own rules. Nothing is sent.
    ///
    /// # Errors
    /// When there is no region, an AWS file is malformed, or a setting makes no sense. Missing credentials are an error
    /// of the first call, unless it is plain that there are none.
    pub async fn from_env() -> Result<Client> {
        Client::builder().build().await
    }

    /// Settings one by one; what is not set comes from the environment.
    #[must_use]
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    /// Begins a message: `client.message(model).max_tokens(256).user("Hello").await?`.
    pub fn message(&self, model: impl Into<ModelId>) -> MessageCall {
        MessageCall::new(self.clone(), model)
    }

    /// The Messages API.
    #[must_use]
    pub fn messages(&self) -> Messages<'_> {
        Messages::new(self)
    }

    /// Who calls: what STS says of the AWS keys, or what a Bedrock API key says of itself.
    ///
    /// # Errors
    /// When there are no credentials, no answer comes, or STS refuses them.
    pub async fn identity(&self) -> Result<Identity> {
        account::identity(&self.0).await
    }

    /// Which models and inference profiles there are, and whether the account may use them.
    #[must_use]
    pub fn models(&self) -> Models<'_> {
        Models::new(self)
    }

    /// Where buckets are, and what is set up for them. What is in them: `Client::objects`, with the feature `objects`.
    #[must_use]
    pub fn buckets(&self) -> Buckets<'_> {
        Buckets::new(self)
    }

    /// Log groups of CloudWatch, where a log of calls may go.
    #[must_use]
    pub fn log_groups(&self) -> LogGroups<'_> {
        LogGroups::new(self)
    }

    /// How Bedrock logs the calls of the account.
    #[must_use]
    pub fn logging(&self) -> Logging<'_> {
        Logging::new(self)
    }

    /// A copy whose calls have other defaults: limits of time, retries, headers, members of the body. Connections,
    /// credentials and the retry budget are shared with this client. What a call itself says still wins.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use outcrop::{CallOptions, Client};
    /// # fn run(client: Client) {
    /// let patient = client.with_options(CallOptions::new().timeout(Duration::from_secs(3600)).max_retries(5));
    /// # }
    /// ```
    #[must_use]
    pub fn with_options(&self, options: CallOptions) -> Client {
        let mut inner = Inner::clone(&self.0);
        inner.defaults = inner.defaults.under(&options);
        Client(Arc::new(inner))
    }

    /// A copy whose calls pass through one more middleware, inside of those there are.
    #[must_use]
    pub fn with_middleware(&self, middleware: impl Middleware + 'static) -> Client {
        let mut inner = Inner::clone(&self.0);
        inner.middleware.push(Arc::new(middleware));
        Client(Arc::new(inner))
    }

    /// What models are known, what they take and what they cost.
    #[must_use]
    pub fn catalogue(&self) -> &Catalogue {
        &self.0.catalogue
    }

    /// What a reply cost, at the price of the scope that served it; `None` where that is not known.
    ///
    /// ```
    /// # async fn run(client: outcrop::Client) -> outcrop::Result<()> {
    /// let reply = client.message("us.sonnet").user("Hello").await?;
    /// if let Some(cost) = client.cost(&reply.usage, &reply.meta) {
    ///     println!("{cost}");
    /// }
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn cost(&self, usage: &Usage, meta: &Meta) -> Option<Cost> {
        let named = &meta.target.model;
        let today = resolve::today(&self.0);
        let price = self.0.catalogue.price(named.model?, named.scope.as_ref()?, usage.total_input(), &today)?;
        Some(usage.cost(&price))
    }

    /// Runs a conversation with tools: `client.run_tools(request, [GetWeather::tool()]).await?`.
    pub fn run_tools(&self, request: MessageRequest, tools: impl Into<ToolSet>) -> ToolRun {
        ToolRun::new(self.clone(), request, CallOptions::default(), tools.into())
    }

    /// The region of calls, where one is known.
    #[must_use]
    pub fn region(&self) -> Option<&str> {
        self.0.region.as_deref()
    }

    /// By which way in calls go, where one was set; else the first that has the model and what is needed.
    #[must_use]
    pub fn surface(&self) -> Option<Surface> {
        self.0.defaults.surface
    }

    /// Makes a short-term Bedrock API key of the AWS keys of this client, for other programs: good in the client's region,
    /// for `lifetime`, at most 12 hours, and not longer than the AWS keys.
    ///
    /// # Errors
    /// When the client has no AWS keys (but a bearer key, say), they cannot be had or have ended, or no region is known.
    pub async fn short_term_key(&self, lifetime: Duration) -> Result<ShortTermKey> {
        let Inner { hosts, region, surroundings, .. } = &*self.0;
        let authorizer = &hosts.home().authorizer;
        let (Some(credentials), Some(region)) = (authorizer.credentials(), region) else {
            let why = format!("it is made of AWS keys, and this client's calls are {}", authorizer.name());
            let error = Error::config("make a short-term Bedrock API key", why);
            return Err(
                error.with_hint("give AWS keys, an AWS profile or a provider; `mint_bearer` passes over a bearer key")
            );
        };
        let now = surroundings.now();
        let held = credentials.good_at(now).await.map_err(Error::credentials)?;
        mint(&held.value, region, lifetime, now).map_err(Error::credentials)
    }

    /// Which credentials, region and host were taken, and where each was said. No secret is in it.
    pub fn reasons(&self) -> impl Iterator<Item = &str> {
        self.0.reasons.iter().map(String::as_str)
    }

    /// What of the settings is likely to be a mistake, and may be none: a region that is not known here, but may be newer
    /// than this library.
    pub fn warnings(&self) -> impl Iterator<Item = &str> {
        self.0.warnings.iter().map(String::as_str)
    }

    /// Where calls go that go to the runtime in the client's own region.
    #[must_use]
    pub fn endpoint(&self) -> &Endpoint {
        &self.0.hosts.home().endpoint
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("endpoint", self.endpoint())
            .field("region", &self.0.region)
            .field("auth", &self.0.hosts.home().authorizer.name())
            .finish_non_exhaustive()
    }
}
