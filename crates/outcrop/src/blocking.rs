//! The same client for programs that do not wait asynchronously (feature `blocking`).
//!
//! ```
//! # fn run() -> outcrop::Result<()> {
//! # let local = outcrop_local::Local::new();
//! # let (access_key, secret) = (outcrop_local::Account::ACCESS_KEY_ID, outcrop_local::Account::SECRET_ACCESS_KEY);
//! let client = outcrop::Client::builder()
//!     .access_key(access_key, secret)
//!     .region("us-west-2")
//! #   .connector(move |_| std::future::ready(Ok(local.connect())))
//!     .build_blocking()?;
//! let reply = client.message("opus").max_tokens(256).user("Hello, world").send()?;
//! println!("{}", reply.text());
//! let stream = client.message("opus").user("Tell me about quartz").stream()?;
//! for piece in stream.text() {
//!     print!("{}", piece?);
//! }
//! # Ok(()) }
//! # run().unwrap();
//! ```
//!
//! The thread that calls does the work of its call; a thread of the client's own keeps connections and timers going. So
//! it also works on a thread of an async runtime, where it holds that thread up as any code that blocks does: there
//! [`Client`](crate::Client), or `spawn_blocking`, is the better choice.
//!
//! What has no form of its own here (bytes of a stream, the events of a run) is waited for by [`Client::run`].

mod call;
mod converse;
mod runtime;
mod stream;
mod tools;

use std::fmt;
use std::sync::Arc;

use outcrop_wire::catalogue::{Catalogue, Cost};
use outcrop_wire::messages::{MessageRequest, Usage};
use outcrop_wire::model::ModelId;

use self::runtime::Runtime;
use crate::call::CallOptions;
use crate::client::ClientBuilder;
use crate::endpoint::Endpoint;
use crate::error::Result;
use crate::middleware::Middleware;
use crate::response::Meta;
use crate::tools::ToolSet;

pub use self::call::{MessageCall, Messages};
pub use self::converse::{Converse, ConverseStream};
pub use self::stream::{MessageStream, TextStream};
pub use self::tools::ToolRun;

/// A client of Claude on Amazon Bedrock whose calls block. Cheap to clone; clones share connections and credentials.
#[derive(Clone)]
pub struct Client {
    client: crate::Client,
    runtime: Arc<Runtime>,
}

impl Client {
    /// Settings from the environment and the AWS files, by AWS's own rules. Nothing is sent.
    ///
    /// # Errors
    /// As [`Client::from_env`](crate::Client::from_env).
    pub fn from_env() -> Result<Client> {
        ClientBuilder::default().build_blocking()
    }

    /// Settings one by one; [`ClientBuilder::build_blocking`] ends it.
    #[must_use]
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    /// Begins a message: `client.message(model).max_tokens(256).user("Hello").send()?`.
    pub fn message(&self, model: impl Into<ModelId>) -> MessageCall {
        MessageCall::new(self.client.message(model), Arc::clone(&self.runtime))
    }

    /// The Messages API.
    #[must_use]
    pub fn messages(&self) -> Messages<'_> {
        Messages::new(self.client.messages(), &self.runtime)
    }

    /// The Converse API.
    #[must_use]
    pub fn converse(&self) -> Converse<'_> {
        Converse::new(self.client.converse(), &self.runtime)
    }

    /// Waits for any call of the asynchronous client: `client.run(client.as_async().messages().create(&request))`.
    ///
    /// # Errors
    /// Those of the call; and where a connector or transport of the caller's own calls its client from the thread that
    /// keeps the connections of that client going, as it would wait for itself.
    pub fn run<T>(&self, call: impl Future<Output = Result<T>>) -> Result<T> {
        self.runtime.run(call)
    }

    /// The asynchronous client within. Its calls belong into [`Client::run`].
    #[must_use]
    pub fn as_async(&self) -> &crate::Client {
        &self.client
    }

    /// A copy whose calls have other defaults: see [`Client::with_options`](crate::Client::with_options).
    #[must_use]
    pub fn with_options(&self, options: CallOptions) -> Client {
        Client { client: self.client.with_options(options), runtime: Arc::clone(&self.runtime) }
    }

    /// A copy whose calls pass through one more middleware, inside of those there are.
    #[must_use]
    pub fn with_middleware(&self, middleware: impl Middleware + 'static) -> Client {
        Client { client: self.client.with_middleware(middleware), runtime: Arc::clone(&self.runtime) }
    }

    /// Runs a conversation with tools: see [`Client::run_tools`](crate::Client::run_tools).
    pub fn run_tools(&self, request: MessageRequest, tools: impl Into<ToolSet>) -> ToolRun {
        ToolRun::new(self.client.run_tools(request, tools), Arc::clone(&self.runtime))
    }

    /// What models are known, what they take and what they cost.
    #[must_use]
    pub fn catalogue(&self) -> &Catalogue {
        self.client.catalogue()
    }

    /// What a reply cost; see [`Client::cost`](crate::Client::cost).
    #[must_use]
    pub fn cost(&self, usage: &Usage, meta: &Meta) -> Option<Cost> {
        self.client.cost(usage, meta)
    }

    /// The region of calls, where one is known.
    #[must_use]
    pub fn region(&self) -> Option<&str> {
        self.client.region()
    }

    /// Which credentials, region and host were taken, and where each was said. No secret is in it.
    pub fn reasons(&self) -> impl Iterator<Item = &str> {
        self.client.reasons()
    }

    /// Where calls go.
    #[must_use]
    pub fn endpoint(&self) -> &Endpoint {
        self.client.endpoint()
    }
}

impl ClientBuilder {
    /// Resolves the settings for a client whose calls block. Nothing is sent.
    ///
    /// # Errors
    /// As [`ClientBuilder::build`]; and when the system gives no thread.
    pub fn build_blocking(self) -> Result<Client> {
        let runtime = Arc::new(Runtime::start()?);
        let client = runtime.run(self.build())?;
        Ok(Client { client, runtime })
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.client.fmt(f)
    }
}
