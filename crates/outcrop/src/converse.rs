//! The Converse API: AWS's own shapes, for programs that come from boto3 or an AWS SDK.
//!
//! ```
//! use outcrop::converse::{ConverseRequest, ToolSpec};
//! use outcrop::{Client, Json, Usage};
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! # let local = outcrop_local::Local::new();
//! # let (access_key, secret) = (outcrop_local::Account::ACCESS_KEY_ID, outcrop_local::Account::SECRET_ACCESS_KEY);
//! let client = Client::builder()
//!     .access_key(access_key, secret)
//!     .region("us-west-2")
//! #   .connector(move |_| std::future::ready(Ok(local.connect())))
//!     .build()
//!     .await?;
//! let schema = Json::from_text(r#"{"type":"object","properties":{"city":{"type":"string"}}}"#)?;
//! let request = ConverseRequest::new("us.anthropic.claude-sonnet-4-5-20250929-v1:0")
//!     .system("Be brief.")
//!     .user("How is the weather in Oslo?")
//!     .tool(ToolSpec::new("weather", schema).description("Tells the weather."))
//!     .max_tokens(512);
//! let response = client.converse().create(&request).await?;
//! println!("{} ({:?}, {} ms)", response.text(), response.stop_reason, response.metrics.latency_ms);
//! for call in response.tool_uses() {
//!     println!("{} {}", call.name, call.input);
//! }
//! if let Some(cost) = client.cost(&Usage::from(&response.usage), &response.meta) {
//!     println!("{cost}");
//! }
//! # assert_eq!(response.tool_uses().next().map(|call| call.name.as_str()), Some("weather"));
//! # assert!(client.cost(&Usage::from(&response.usage), &response.meta).is_some());
//! # Ok(()) }
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(run()).unwrap();
//! ```
//!
//! A request is boto3's keyword arguments as one value, and reads and writes as such: `serde_json` takes
//! `{"modelId": ..., "messages": [...]}` as it stands in a Python program. Names of ours (`opus`, `sonnet`) are models
//! here too. Nothing in the body is changed: what of Claude Converse has no member for goes into
//! `additionalModelRequestFields`, and is the caller's to say. Of a PDF without citations `meta.adjustments` tells that, as documented, the model is given
//! its text only.
//!
//! Keys, retries, limits of time, middleware, failover and spans are those of every call, but for one thing: with a
//! [`failover`](crate::failover) list a conversation is not kept where its prompt cache is; each call begins at the client's
//! own target. Messages over Converse are kept there. To ask in the words of the Messages API
//! and be carried over Converse, set [`CallOptions::surface`](crate::CallOptions::surface) instead.

mod call;
mod stream;

use outcrop_wire::messages::TokenCount;
use outcrop_wire::surface::Delivery;

#[cfg(feature = "objects")]
pub(crate) use self::call::prepare;
pub use self::stream::ConverseStream;
use crate::call::{Answer, CallOptions, Prepared, authorize, read_count, send};
use crate::client::Client;
use crate::error::Result;
use crate::messages::DryRun;
use crate::resolve::look_up;
use crate::response::Response;
/// The shapes.
pub use outcrop_wire::converse::*;

/// The Converse API of a client.
#[derive(Clone, Debug)]
pub struct Converse<'a> {
    client: &'a Client,
    options: CallOptions,
}

impl Client {
    /// The Converse API.
    #[must_use]
    pub fn converse(&self) -> Converse<'_> {
        Converse { client: self, options: CallOptions::default() }
    }
}

impl Converse<'_> {
    /// With settings for these calls. The surface is Converse, whatever they say.
    #[must_use]
    pub fn with(mut self, options: CallOptions) -> Self {
        self.options = options;
        self
    }

    /// Asks for a whole answer (`converse` of boto3).
    ///
    /// It comes in one piece when all of it is written: one that may take longer than ten minutes is better streamed.
    ///
    /// # Errors
    /// When the request cannot be sent, no answer comes, or the service answers with an error.
    pub async fn create(&self, request: &ConverseRequest) -> Result<Response<ConverseResponse>> {
        let (prepared, answer) = self.sent(request, Delivery::Unary).await?;
        call::read(prepared, answer)
    }

    /// Asks for an answer event by event (`converse_stream` of boto3). Resolves once the first event is there and good.
    ///
    /// ```no_run
    /// # async fn run(client: outcrop::Client) -> outcrop::Result<()> {
    /// use outcrop::converse::ConverseRequest;
    ///
    /// let request = ConverseRequest::new("sonnet").user("Tell me about quartz").max_tokens(256);
    /// let mut stream = client.converse().stream(&request).await?;
    /// while let Some(event) = stream.next().await {
    ///     print!("{}", event?.text().unwrap_or_default());
    /// }
    /// let response = stream.finish().await?;
    /// println!("\n{} tokens out", response.usage.output_tokens);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`Converse::create`]; a throttle that arrives as the first event is retried like any other.
    pub async fn stream(&self, request: &ConverseRequest) -> Result<ConverseStream> {
        let (prepared, answer) = self.sent(request, Delivery::Stream).await?;
        Ok(ConverseStream::new(prepared, answer))
    }

    /// Counts the tokens of a request; nothing is generated, and nothing is billed. Messages, system prompt, tools and
    /// additional fields count.
    ///
    /// Asked by the base id of the model: AWS counts for no inference profile.
    ///
    /// # Errors
    /// When the request cannot be sent, no answer comes, or the service answers with an error: not every model is
    /// counted for.
    pub async fn count_tokens(&self, request: &ConverseRequest) -> Result<Response<TokenCount>> {
        let (prepared, answer) = self.sent(request, Delivery::Count).await?;
        read_count(prepared, answer)
    }

    /// What would be sent, and why. Sends nothing to the model; credentials are fetched as for a call. Middleware, which
    /// sees real tries only, is passed over.
    ///
    /// # Errors
    /// When the request cannot be sent.
    pub async fn dry_run(&self, request: &ConverseRequest, delivery: Delivery) -> Result<DryRun> {
        look_up(&self.client.0, &request.model).await;
        let prepared = call::prepare(&self.client.0, request, delivery, &self.options)?;
        let (parts, _) = authorize(&self.client.0, &prepared.outbound).await?;
        Ok(DryRun::of(&parts, prepared.outbound))
    }

    async fn sent(&self, request: &ConverseRequest, delivery: Delivery) -> Result<(Prepared, Answer)> {
        look_up(&self.client.0, &request.model).await;
        let mut prepared = call::prepare(&self.client.0, request, delivery, &self.options)?;
        let answer = send(&self.client.0, &mut prepared).await?;
        Ok((prepared, answer))
    }
}
