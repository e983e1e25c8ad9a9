//! The Messages API: create, stream, count, and what would be sent.

mod call;
mod dry_run;

use std::borrow::Cow;

use outcrop_wire::messages::{Message, MessageRequest, TokenCount};
use outcrop_wire::surface::Delivery;
use tokio::time::Instant;

pub use self::call::MessageCall;
pub use self::dry_run::DryRun;
use crate::call::{Answer, CallOptions, Prepared, authorize, create, prepare, prepare_whole, read_count, send};
use crate::client::Client;
use crate::error::Result;
use crate::resolve::{download, look_up};
use crate::response::Response;
use crate::stream::{ByteStream, MessageStream};

/// The Messages API of a client.
#[derive(Clone, Debug)]
pub struct Messages<'a> {
    pub(crate) client: &'a Client,
    pub(crate) options: CallOptions,
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
        Ok(MessageStream::new(prepared.outbound, answer))
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
        Ok(ByteStream::new(prepared.outbound, answer))
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
        prepared.outbound.plan.notes.extend(notes);
        let (parts, _) = authorize(&self.client.0, &prepared.outbound).await?;
        Ok(DryRun::of(&parts, prepared.outbound))
    }
}

/// What is asked, once the world was asked for its part: what stands behind an inference profile is known, and media on
/// the web are put in, where that was wished.
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
        look_up(client, &request.model).await;
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
        let answer = send(&self.client.0, &mut prepared).await?;
        prepared.outbound.plan.notes.extend(notes);
        Ok((prepared, answer))
    }
}
