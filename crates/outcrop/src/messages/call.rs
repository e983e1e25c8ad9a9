//! A message being put together, setter by setter: the sugar over [`Messages`](crate::Messages).

use std::future::IntoFuture;
use std::pin::Pin;
use std::time::Duration;

use http::{HeaderName, HeaderValue};
use outcrop_wire::Json;
use outcrop_wire::converse::{Latency, Tier};
use outcrop_wire::handling::Guardrail;
use outcrop_wire::messages::{
    CacheControl, Content, ContextManagement, Effort, Message, MessageRequest, OutputFormat, System, Thinking,
    TokenCount, Tool, ToolChoice, Turn,
};
use outcrop_wire::model::ModelId;
use outcrop_wire::scope::DefaultScope;
use outcrop_wire::surface::{Delivery, Surface};

use super::DryRun;
use crate::call::CallOptions;
use crate::client::Client;
use crate::error::Result;
use crate::response::Response;
use crate::retry::Retry;
use crate::stream::{ByteStream, MessageStream};
use crate::tools::{ToolRun, ToolSet};

/// What `client.message(model)` asks for until told otherwise.
const DEFAULT_MAX_TOKENS: u32 = 4096;

/// A message being put together: await it for a whole reply, or call [`MessageCall::stream`].
#[derive(Clone, Debug)]
#[must_use = "a call is made when it is awaited or streamed"]
pub struct MessageCall {
    pub(crate) client: Client,
    pub(crate) request: MessageRequest,
    pub(crate) options: CallOptions,
}

/// The same setters as the request and the options have.
macro_rules! forward {
    ($field:ident: $( $(#[$meta:meta])* $name:ident($($argument:ident: $type:ty),*); )*) => {
        impl MessageCall {
            $( $(#[$meta])* pub fn $name(mut self, $($argument: $type),*) -> Self {
                self.$field = self.$field.$name($($argument),*);
                self
            } )*
        }

        #[cfg(feature = "blocking")]
        impl crate::blocking::MessageCall {
            $( $(#[$meta])* pub fn $name(mut self, $($argument: $type),*) -> Self {
                self.call = self.call.$name($($argument),*);
                self
            } )*
        }
    };
}

forward! {
    request:
    /// Adds a turn of the user.
    user(content: impl Into<Content>);
    /// Adds a turn of the model.
    assistant(content: impl Into<Content>);
    /// Adds a turn; a reply may be given as it is.
    turn(turn: impl Into<Turn>);
    /// Sets the most tokens that may be generated. 4096 until set.
    max_tokens(max_tokens: u32);
    /// Sets the system prompt.
    system(system: impl Into<System>);
    /// Sets the temperature, 0 to 1.
    temperature(temperature: f64);
    /// Adds a string at which the model stops.
    stop_sequence(stop: impl Into<String>);
    /// Adds a tool.
    tool(tool: impl Into<Tool>);
    /// Says whether a tool must be called.
    tool_choice(choice: ToolChoice);
    /// Says how much the model may think.
    thinking(thinking: Thinking);
    /// Says how much work goes into the answer.
    effort(effort: Effort);
    /// Says what form the answer has; `parse` does so for a type.
    output_format(format: OutputFormat);
    /// Has a long conversation made shorter before the model sees it.
    context_management(context: ContextManagement);
    /// Names the end user by an opaque id.
    user_id(user_id: impl Into<String>);
    /// Asks for the window of a million tokens.
    context_1m();
    /// Sets nucleus sampling, 0 to 1.
    top_p(top_p: f64);
    /// Samples from the likeliest tokens.
    top_k(top_k: i64);
    /// Has everything up to the last block cached, for so long.
    cache(lifetime: impl Into<CacheControl>);
    /// Adds a beta flag.
    beta(beta: impl Into<String>);
    /// Sets a top-level member that has no setter here.
    extra_member(name: impl Into<Box<str>>, value: Json);
}

forward! {
    options:
    /// Limits the whole call, retries and stream included.
    timeout(limit: Duration);
    /// Limits the silence between bytes.
    idle_timeout(limit: Duration);
    /// Sets the number of retries.
    max_retries(retries: u32);
    /// Sets how often and how fast to try again.
    retry(retry: Retry);
    /// Adds a header.
    extra_header(name: HeaderName, value: HeaderValue);
    /// Sets a top-level member of the body, whatever the request and the plan say of it.
    extra_body(name: impl Into<Box<str>>, value: Json);
    /// Keeps the bytes of a whole answer in `meta.raw`.
    keep_raw();
    /// Sends the request as it is or not at all.
    strict(strict: bool);
    /// Sets the scope of a model that is named without one.
    scope(scope: impl Into<DefaultScope>);
    /// Has a guardrail look at question and answer.
    guardrail(guardrail: Guardrail);
    /// Names the capacity that is to serve the call; `meta.tier` says which did.
    tier(tier: impl Into<Tier>);
    /// Asks for a speed, which few models have besides the usual one.
    latency(latency: impl Into<Latency>);
    /// Adds a label for Bedrock's invocation log; see [`CallOptions::request_metadata`].
    request_metadata(name: impl Into<String>, value: impl Into<String>);
    /// Whether images and documents on the web are fetched before the call; see [`CallOptions::download_media`].
    download_media(download: bool);
    /// Whether the model is to see the pages of PDFs as they look; see [`CallOptions::visual`].
    visual(visual: bool);
    /// Goes in by this way; see [`CallOptions::surface`].
    surface(surface: Surface);
}

impl MessageCall {
    pub(crate) fn new(client: Client, model: impl Into<ModelId>) -> Self {
        let request = MessageRequest::new(model, DEFAULT_MAX_TOKENS);
        MessageCall { client, request, options: CallOptions::default() }
    }

    /// Sets everything that is particular to this call.
    pub fn options(mut self, options: CallOptions) -> Self {
        self.options = options;
        self
    }

    /// The request so far.
    #[must_use]
    pub fn request(&self) -> &MessageRequest {
        &self.request
    }

    /// Asks for a whole reply; awaiting the call does the same.
    ///
    /// # Errors
    /// See [`Messages::create`](crate::Messages::create).
    pub async fn send(self) -> Result<Response<Message>> {
        self.client.messages().with(self.options).create(&self.request).await
    }

    /// Counts the tokens of the request so far.
    ///
    /// # Errors
    /// See [`Messages::count_tokens`](crate::Messages::count_tokens).
    pub async fn count_tokens(self) -> Result<Response<TokenCount>> {
        self.client.messages().with(self.options).count_tokens(&self.request).await
    }

    /// What would be sent, and why.
    ///
    /// # Errors
    /// See [`Messages::dry_run`](crate::Messages::dry_run).
    pub async fn dry_run(self, delivery: Delivery) -> Result<DryRun> {
        self.client.messages().with(self.options).dry_run(&self.request, delivery).await
    }

    /// Asks, carries out the tools that the model calls, and so on until it is done.
    pub fn run(self, tools: impl Into<ToolSet>) -> ToolRun {
        ToolRun::new(self.client, self.request, self.options, tools.into())
    }

    /// Asks for a reply event by event.
    ///
    /// # Errors
    /// See [`Messages::stream`](crate::Messages::stream).
    pub async fn stream(self) -> Result<MessageStream> {
        self.client.messages().with(self.options).stream(&self.request).await
    }

    /// Asks for a reply as the bytes of its stream.
    ///
    /// # Errors
    /// See [`Messages::stream_bytes`](crate::Messages::stream_bytes).
    pub async fn stream_bytes(self) -> Result<ByteStream> {
        self.client.messages().with(self.options).stream_bytes(&self.request).await
    }
}

impl IntoFuture for MessageCall {
    type Output = Result<Response<Message>>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}
