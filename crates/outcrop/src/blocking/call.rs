//! The Messages API, blocking: create, stream, and the sugar over both.

use std::fmt;
use std::sync::Arc;

use outcrop_wire::Json;
use outcrop_wire::messages::{Message, MessageRequest, TokenCount};
use outcrop_wire::surface::Delivery;
use serde::de::DeserializeOwned;

use super::runtime::Runtime;
use super::stream::MessageStream;
use super::tools::ToolRun;
use crate::call::CallOptions;
use crate::error::Result;
use crate::messages::DryRun;
use crate::response::Response;
use crate::structured::Parsed;
use crate::tools::ToolSet;

/// The Messages API of a client whose calls block.
#[derive(Clone)]
pub struct Messages<'a> {
    messages: crate::Messages<'a>,
    runtime: &'a Arc<Runtime>,
}

impl<'a> Messages<'a> {
    pub(super) fn new(messages: crate::Messages<'a>, runtime: &'a Arc<Runtime>) -> Self {
        Messages { messages, runtime }
    }

    /// With settings for these calls.
    #[must_use]
    pub fn with(mut self, options: CallOptions) -> Self {
        self.messages = self.messages.with(options);
        self
    }

    /// Asks for a whole reply.
    ///
    /// # Errors
    /// When the request cannot be sent, no answer comes, or the service answers with an error.
    pub fn create(&self, request: &MessageRequest) -> Result<Response<Message>> {
        self.runtime.run(self.messages.create(request))
    }

    /// Asks for a reply event by event. Returns once the first event is there and good.
    ///
    /// # Errors
    /// As [`Messages::create`].
    pub fn stream(&self, request: &MessageRequest) -> Result<MessageStream> {
        let stream = self.runtime.run(self.messages.stream(request))?;
        Ok(MessageStream::new(stream, Arc::clone(self.runtime)))
    }

    /// Counts the tokens of a request: see [`Messages::count_tokens`](crate::Messages::count_tokens).
    ///
    /// # Errors
    /// When the request cannot be sent, no answer comes, or the service answers with an error.
    pub fn count_tokens(&self, request: &MessageRequest) -> Result<Response<TokenCount>> {
        self.runtime.run(self.messages.count_tokens(request))
    }

    /// Asks for a value of a type: see [`Messages::parse`](crate::Messages::parse).
    ///
    /// # Errors
    /// As [`Messages::parse_as`].
    #[cfg(feature = "derive")]
    pub fn parse<T>(&self, request: &MessageRequest) -> Result<Parsed<T>>
    where
        T: DeserializeOwned + schemars::JsonSchema,
    {
        self.runtime.run(self.messages.parse(request))
    }

    /// Asks for a value that matches a schema: see [`Messages::parse_as`](crate::Messages::parse_as).
    ///
    /// # Errors
    /// As [`Messages::create`], and when the request sets what this sets.
    pub fn parse_as<T: DeserializeOwned>(&self, request: &MessageRequest, schema: &Json) -> Result<Parsed<T>> {
        self.runtime.run(self.messages.parse_as(request, schema))
    }

    /// What would be sent, and why: see [`Messages::dry_run`](crate::Messages::dry_run).
    ///
    /// # Errors
    /// When the request cannot be sent.
    pub fn dry_run(&self, request: &MessageRequest, delivery: Delivery) -> Result<DryRun> {
        self.runtime.run(self.messages.dry_run(request, delivery))
    }
}

impl fmt::Debug for Messages<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.messages.fmt(f)
    }
}

/// A message being put together: [`MessageCall::send`] it for a whole reply, or call [`MessageCall::stream`]. Its setters
/// are those of [`MessageCall`](crate::MessageCall).
#[derive(Clone)]
#[must_use = "a call is made when it is sent or streamed"]
pub struct MessageCall {
    pub(crate) call: crate::MessageCall,
    runtime: Arc<Runtime>,
}

impl MessageCall {
    pub(super) fn new(call: crate::MessageCall, runtime: Arc<Runtime>) -> Self {
        MessageCall { call, runtime }
    }

    /// Sets everything that is particular to this call.
    pub fn options(mut self, options: CallOptions) -> Self {
        self.call = self.call.options(options);
        self
    }

    /// The request so far.
    #[must_use]
    pub fn request(&self) -> &MessageRequest {
        self.call.request()
    }

    /// Asks for a whole reply.
    ///
    /// # Errors
    /// See [`Messages::create`].
    pub fn send(self) -> Result<Response<Message>> {
        self.runtime.run(self.call.send())
    }

    /// Counts the tokens of the request so far.
    ///
    /// # Errors
    /// See [`Messages::count_tokens`].
    pub fn count_tokens(self) -> Result<Response<TokenCount>> {
        self.runtime.run(self.call.count_tokens())
    }

    /// What would be sent, and why.
    ///
    /// # Errors
    /// See [`Messages::dry_run`].
    pub fn dry_run(self, delivery: Delivery) -> Result<DryRun> {
        self.runtime.run(self.call.dry_run(delivery))
    }

    /// Asks for a value of a type.
    ///
    /// # Errors
    /// See [`Messages::parse_as`].
    #[cfg(feature = "derive")]
    pub fn parse<T>(self) -> Result<Parsed<T>>
    where
        T: DeserializeOwned + schemars::JsonSchema,
    {
        self.runtime.run(self.call.parse())
    }

    /// Asks for a value that matches a schema.
    ///
    /// # Errors
    /// See [`Messages::parse_as`].
    pub fn parse_as<T: DeserializeOwned>(self, schema: &Json) -> Result<Parsed<T>> {
        self.runtime.run(self.call.parse_as(schema))
    }

    /// Asks, carries out the tools that the model calls, and so on until it is done.
    pub fn run(self, tools: impl Into<ToolSet>) -> ToolRun {
        ToolRun::new(self.call.run(tools), self.runtime)
    }

    /// Asks for a reply event by event.
    ///
    /// # Errors
    /// See [`Messages::stream`].
    pub fn stream(self) -> Result<MessageStream> {
        let stream = self.runtime.run(self.call.stream())?;
        Ok(MessageStream::new(stream, self.runtime))
    }
}

impl fmt::Debug for MessageCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.call.fmt(f)
    }
}
