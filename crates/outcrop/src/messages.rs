//! The Messages API: create, stream, and the sugar over both.

use std::borrow::Cow;
use std::fmt;
use std::future::IntoFuture;
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue};
use outcrop_wire::Json;
use outcrop_wire::messages::{
    CacheControl, Content, ContextManagement, Effort, Message, MessageRequest, OutputFormat, System, Thinking,
    TokenCount, Tool, ToolChoice, Turn,
};
use outcrop_wire::surface::Delivery;
use tokio::time::Instant;

use crate::call::{Answer, CallOptions, Prepared, authorize, create, prepare, prepare_whole, read_count, send};
use crate::client::Client;
use crate::error::Result;
use crate::plan::Plan;
use crate::resolve::download;
use crate::response::Response;
use crate::retry::Retry;
use crate::stream::{ByteStream, MessageStream};
use crate::tools::{ToolRun, ToolSet};

/// What `client.message(model)` asks for until told otherwise.
pub(crate) const DEFAULT_MAX_TOKENS: u32 = 4096;

/// The Messages API of a client.
#[derive(Clone, Debug)]
pub struct Messages<'a> {
    pub(crate) client: &'a Client,
    options: CallOptions,
}

impl<'a> Messages<'a> {
    pub(crate) fn new(client: &'a Client) -> Self {
        Messages { client, options: CallOptions::default() }
    }

    /// With settings for these calls.
    #[must_use]
    pub fn with(mut self, options: CallOptions) -> Self {
        self.options = options;
        self
    }

    /// Asks for a whole reply.
    ///
    /// A reply that may take longer than ten minutes (`max_tokens` above 21,333; 8,192 for Opus 4 and 4.1) is streamed
    /// underneath, with the same result; `meta.notes` says so. Where the caller may not stream, it is asked for whole.
    ///
    /// # Errors
    /// When the request cannot be sent, no answer comes, or the service answers with an error. A reply that was streamed
    /// underneath and broke off is in the error as far as it came.
    pub async fn create(&self, request: &MessageRequest) -> Result<Response<Message>> {
        let Resolved { request, options, notes } = self.resolved(request).await?;
        let mut reply = create(&self.client.0, &request, &options).await?;
        reply.meta.notes.extend(notes);
        Ok(reply)
    }

    /// Asks for a reply event by event. Resolves once the first event is there and good.
    ///
    /// # Errors
    /// As [`Messages::create`]; a throttle that arrives as the first event is retried like any other.
    pub async fn stream(&self, request: &MessageRequest) -> Result<MessageStream> {
        let (prepared, answer) = self.sent(request, Delivery::Stream).await?;
        Ok(MessageStream::new(prepared, answer))
    }

    /// Counts the tokens of a request; nothing is generated, and nothing is billed.
    ///
    /// Asked by the base id of the model: AWS counts for no inference profile.
    ///
    /// # Errors
    /// When the request cannot be sent, no answer comes, or the service answers with an error: not every model is
    /// counted for.
    pub async fn count_tokens(&self, request: &MessageRequest) -> Result<Response<TokenCount>> {
        let (prepared, answer) = self.sent(request, Delivery::Count).await?;
        read_count(prepared, answer)
    }

    /// Asks for a reply as the bytes of its stream, once the first event is there and good: tried and tried again as
    /// [`Messages::stream`] is, and handed on undecoded. For a body of the caller's own there is a raw door on the client.
    ///
    /// # Errors
    /// As [`Messages::stream`].
    pub async fn stream_bytes(&self, request: &MessageRequest) -> Result<ByteStream> {
        let (prepared, answer) = self.sent(request, Delivery::Stream).await?;
        Ok(ByteStream::new(prepared, answer))
    }

    /// What would be sent, and why; a whole reply that would be streamed underneath is shown so. Sends nothing to the
    /// model; credentials are fetched as for a call, and media where that was asked for. Middleware, which sees real
    /// tries only, is passed over.
    ///
    /// # Errors
    /// When the request cannot be sent.
    pub async fn dry_run(&self, request: &MessageRequest, delivery: Delivery) -> Result<DryRun> {
        let Resolved { request, options, notes } = self.resolved(request).await?;
        let mut prepared = match delivery {
            Delivery::Unary => prepare_whole(&self.client.0, &request, &options)?,
            _ => prepare(&self.client.0, &request, delivery, &options)?,
        };
        prepared.plan.notes.extend(notes);
        let (parts, _) = authorize(&self.client.0, &prepared).await?;
        let headers = parts.headers.iter().map(|(name, value)| {
            let text = if value.is_sensitive() {
                redacted(value.to_str().unwrap_or_default())
            } else {
                String::from_utf8_lossy(value.as_bytes()).into_owned()
            };
            (name.as_str().to_owned(), text)
        });
        Ok(DryRun {
            method: parts.method.to_string(),
            url: parts.uri.to_string(),
            headers: headers.collect(),
            body: prepared.body,
            plan: prepared.plan,
        })
    }
}

/// What is asked, once the world was asked for its part: media on the web are put in, where that was wished.
struct Resolved<'a> {
    request: Cow<'a, MessageRequest>,
    /// With what is left of the limit of the whole call.
    options: Cow<'a, CallOptions>,
    /// What was fetched.
    notes: Vec<String>,
}

impl Messages<'_> {
    async fn resolved<'r>(&'r self, request: &'r MessageRequest) -> Result<Resolved<'r>> {
        let (client, mut options) = (&*self.client.0, Cow::Borrowed(&self.options));
        if options.download_media.or(client.defaults.download_media) != Some(true) {
            return Ok(Resolved { request: Cow::Borrowed(request), options, notes: Vec::new() });
        }
        let began = Instant::now();
        let limit = options.timeout.or(client.defaults.timeout).or(client.timeouts.total);
        let (request, notes) = download(client, request, limit).await?;
        if let Some(limit) = limit.filter(|_| !notes.is_empty()) {
            options.to_mut().timeout = Some(limit.saturating_sub(began.elapsed()));
        }
        Ok(Resolved { request, options, notes })
    }

    async fn sent(&self, request: &MessageRequest, delivery: Delivery) -> Result<(Prepared, Answer)> {
        let Resolved { request, options, notes } = self.resolved(request).await?;
        let mut prepared = prepare(&self.client.0, &request, delivery, &options)?;
        prepared.plan.notes.extend(notes);
        let answer = send(&self.client.0, &prepared).await?;
        Ok((prepared, answer))
    }
}

/// `Credential=AKID/20260301/...` and the signed headers stay readable; what must not be seen is `***`.
fn redacted(value: &str) -> String {
    match value.split_once("Signature=") {
        Some((head, _)) => format!("{head}Signature=***"),
        None if value.starts_with("Bearer ") => "Bearer ***".to_owned(),
        None => "***".to_owned(),
    }
}

/// A request as it would be sent, secrets left out.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DryRun {
    /// `POST`
    pub method: String,
    /// The whole URL.
    pub url: String,
    /// Every header.
    pub headers: Vec<(String, String)>,
    /// The body, byte for byte.
    pub body: Bytes,
    /// What was decided, and why.
    pub plan: Plan,
}

/// The request as text: request line, headers, blank line, body.
impl fmt::Display for DryRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} {}", self.method, self.url)?;
        for (name, value) in &self.headers {
            writeln!(f, "{name}: {value}")?;
        }
        writeln!(f, "\n{}", String::from_utf8_lossy(&self.body))
    }
}

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
    /// Whether images and documents on the web are fetched before the call; see [`CallOptions::download_media`].
    download_media(download: bool);
}

impl MessageCall {
    pub(crate) fn new(client: Client, request: MessageRequest) -> Self {
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
    /// See [`Messages::create`].
    pub async fn send(self) -> Result<Response<Message>> {
        self.client.messages().with(self.options).create(&self.request).await
    }

    /// Counts the tokens of the request so far.
    ///
    /// # Errors
    /// See [`Messages::count_tokens`].
    pub async fn count_tokens(self) -> Result<Response<TokenCount>> {
        self.client.messages().with(self.options).count_tokens(&self.request).await
    }

    /// What would be sent, and why.
    ///
    /// # Errors
    /// See [`Messages::dry_run`].
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
    /// See [`Messages::stream`].
    pub async fn stream(self) -> Result<MessageStream> {
        self.client.messages().with(self.options).stream(&self.request).await
    }

    /// Asks for a reply as the bytes of its stream.
    ///
    /// # Errors
    /// See [`Messages::stream_bytes`].
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
