//! A streamed reply: events, text, and the message they add up to. Dropping it closes the connection.

mod bytes;
mod reading;
mod updates;

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use outcrop_wire::dialect::EventDecoder;
use outcrop_wire::messages::{Delta, Event, Message};
use outcrop_wire::partial::PartialJson;
use outcrop_wire::surface::Dialect;
use outcrop_wire::{Accumulator, Json};

pub use self::bytes::ByteStream;
pub(crate) use self::reading::Reading;
pub use self::updates::{Update, Updates};
use crate::call::{Answer, Outbound};
use crate::error::{Error, Kind, Result};
use crate::response::{Meta, Response};

/// The events of a streamed reply.
///
/// A stream that is cut, or that fails, gives one error, which holds the message as far as it came; then it ends.
pub struct MessageStream {
    reading: Reading,
    decoder: EventDecoder,
    accumulator: Accumulator,
}

impl MessageStream {
    pub(crate) fn new(outbound: Outbound, answer: Answer) -> Self {
        let mut decoder = EventDecoder::new(outbound.dialect());
        if outbound.dialect() == Dialect::Converse {
            decoder = decoder.identified(outbound.identity(&answer.headers));
        }
        decoder.push(&answer.ahead);
        MessageStream { reading: Reading::new(outbound, answer), decoder, accumulator: Accumulator::new() }
    }

    /// The next event; `None` at the end. Events may be left to [`MessageStream::finish`].
    pub async fn next(&mut self) -> Option<Result<Event>> {
        std::future::poll_fn(|context| self.poll_event(context)).await
    }

    /// What is known about the call so far.
    #[must_use]
    pub fn meta(&self) -> &Meta {
        &self.reading.meta
    }

    /// The message so far.
    #[must_use]
    pub fn snapshot(&self) -> Option<&Message> {
        self.accumulator.snapshot()
    }

    /// The text of the arguments of block `index` while they grow, and of those that ended without being JSON: a reply
    /// that is cut at `max_tokens` may end inside its arguments, and the call's `input` is then `{}`.
    #[must_use]
    pub fn partial_input(&self, index: u32) -> Option<&str> {
        self.accumulator.partial_input(index)
    }

    /// The arguments of block `index` while they grow, as a whole JSON value: what is unfinished is left out, an unfinished
    /// string is kept as far as it came. `None` before they begin and once the block is whole.
    ///
    /// Reads the text from its beginning: where every piece is looked at, [`MessageStream::with_snapshots`] costs less.
    #[must_use]
    pub fn input_so_far(&self, index: u32) -> Option<Json> {
        PartialJson::of(self.partial_input(index)?).so_far()
    }

    /// Each event with what it adds up to so far: text, thinking, citations, arguments, whole blocks.
    #[must_use]
    pub fn with_snapshots(self) -> Updates {
        Updates::new(self)
    }

    /// Only the text, piece by piece.
    #[must_use]
    pub fn text(self) -> TextStream {
        TextStream(self)
    }

    /// Reads to the end and gives all text.
    ///
    /// # Errors
    /// The first error of the stream, with the message as far as it came.
    pub async fn collect_text(self) -> Result<String> {
        Ok(self.finish().await?.text())
    }

    /// Reads to the end and gives the whole message.
    ///
    /// # Errors
    /// The first error of the stream, with the message as far as it came.
    pub async fn finish(mut self) -> Result<Response<Message>> {
        while let Some(event) = self.next().await {
            event?;
        }
        if let Some(error) = self.reading.failure() {
            return Err(error);
        }
        match std::mem::take(&mut self.accumulator).into_message() {
            Some(value) => Ok(Response { value, meta: self.reading.meta }),
            None => {
                let error = Error::new(Kind::Decode, self.reading.doing(), "the stream held no message");
                Err(self.reading.complete(error, None))
            }
        }
    }

    fn poll_event(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Event>>> {
        if !self.reading.is_open() {
            return Poll::Ready(None);
        }
        loop {
            match self.decoder.next_event() {
                Ok(Some(event)) => return self.hand_out(event),
                Ok(None) => {}
                Err(error) => return self.fail(Error::stream(self.reading.doing(), error)),
            }
            let (decoder, all_is_said) = (&self.decoder, self.accumulator.is_complete());
            match ready!(self.reading.poll_bytes(context, all_is_said, || decoder.finish())) {
                Ok(Some(chunk)) => self.decoder.push(&chunk),
                Ok(None) => return Poll::Ready(None),
                Err(error) => return self.fail(error),
            }
        }
    }

    fn hand_out(&mut self, event: Event) -> Poll<Option<Result<Event>>> {
        if let Err(error) = self.accumulator.push(&event) {
            return self.fail(Error::accumulate(self.reading.doing(), &error));
        }
        if let Some(metrics) = self.accumulator.metrics()
            && matches!(event, Event::MessageStop(_) | Event::Other(_))
        {
            self.reading.meta.metrics = Some(metrics.clone());
        }
        if matches!(event, Event::MessageStop(_)) {
            self.reading.hurry();
            if let (Dialect::Converse, Some(message)) = (self.dialect(), self.accumulator.snapshot()) {
                self.reading.meta.told_by(message);
            }
        }
        if let Event::MessageStart(_) | Event::MessageStop(_) = event
            && let Some(message) = self.accumulator.snapshot()
        {
            self.reading.span.replied(message);
        }
        Poll::Ready(Some(Ok(event)))
    }

    fn dialect(&self) -> Dialect {
        self.reading.meta.target.surface.row().dialect
    }

    fn fail(&mut self, error: Error) -> Poll<Option<Result<Event>>> {
        let partial = self.accumulator.snapshot().cloned();
        Poll::Ready(Some(Err(self.reading.fail(error, partial))))
    }
}

impl Stream for MessageStream {
    type Item = Result<Event>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Event>>> {
        self.get_mut().poll_event(context)
    }
}

impl fmt::Debug for MessageStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MessageStream").field("meta", &self.reading.meta).finish_non_exhaustive()
    }
}

/// The text of a streamed reply, piece by piece.
#[derive(Debug)]
pub struct TextStream(MessageStream);

impl TextStream {
    /// The next piece; `None` at the end.
    pub async fn next(&mut self) -> Option<Result<String>> {
        std::future::poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// Back to the stream, to read the rest or the whole message.
    #[must_use]
    pub fn into_inner(self) -> MessageStream {
        self.0
    }
}

impl Stream for TextStream {
    type Item = Result<String>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<String>>> {
        let stream = &mut self.get_mut().0;
        loop {
            match ready!(stream.poll_event(context)) {
                None => return Poll::Ready(None),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                Some(Ok(Event::ContentBlockDelta(event))) => {
                    if let Delta::Text(delta) = event.delta {
                        return Poll::Ready(Some(Ok(delta.text)));
                    }
                }
                Some(Ok(_)) => {}
            }
        }
    }
}
