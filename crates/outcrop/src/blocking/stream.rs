//! A streamed reply, blocking: an iterator of events, or of text. Dropping it closes the connection.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use outcrop_wire::messages::{Event, Message};

use super::runtime::Runtime;
use crate::error::Result;
use crate::response::Response;

/// The events of a streamed reply.
///
/// A stream that is cut, or that fails, gives one error, which holds the message as far as it came; then it ends. What
/// can be read of it meanwhile is that of [`MessageStream`](crate::MessageStream): `meta`, `snapshot`, `partial_input`.
pub struct MessageStream {
    stream: crate::MessageStream,
    runtime: Arc<Runtime>,
}

impl MessageStream {
    pub(super) fn new(stream: crate::MessageStream, runtime: Arc<Runtime>) -> Self {
        MessageStream { stream, runtime }
    }

    /// Only the text, piece by piece.
    #[must_use]
    pub fn text(self) -> TextStream {
        TextStream { stream: self.stream.text(), runtime: self.runtime }
    }

    /// Reads to the end and gives all text.
    ///
    /// # Errors
    /// The first error of the stream, with the message as far as it came.
    pub fn collect_text(self) -> Result<String> {
        self.runtime.run(self.stream.collect_text())
    }

    /// Reads to the end and gives the whole message.
    ///
    /// # Errors
    /// The first error of the stream, with the message as far as it came.
    pub fn finish(self) -> Result<Response<Message>> {
        self.runtime.run(self.stream.finish())
    }
}

impl Iterator for MessageStream {
    type Item = Result<Event>;

    fn next(&mut self) -> Option<Result<Event>> {
        self.runtime.run(async { self.stream.next().await.transpose() }).transpose()
    }
}

impl Deref for MessageStream {
    type Target = crate::MessageStream;

    fn deref(&self) -> &crate::MessageStream {
        &self.stream
    }
}

impl fmt::Debug for MessageStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.stream.fmt(f)
    }
}

/// The text of a streamed reply, piece by piece.
pub struct TextStream {
    stream: crate::TextStream,
    runtime: Arc<Runtime>,
}

impl TextStream {
    /// Back to the stream, to read the rest or the whole message.
    #[must_use]
    pub fn into_inner(self) -> MessageStream {
        MessageStream { stream: self.stream.into_inner(), runtime: self.runtime }
    }
}

impl Iterator for TextStream {
    type Item = Result<String>;

    fn next(&mut self) -> Option<Result<String>> {
        self.runtime.run(async { self.stream.next().await.transpose() }).transpose()
    }
}

impl fmt::Debug for TextStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.stream.fmt(f)
    }
}
