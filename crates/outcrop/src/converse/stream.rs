//! A streamed answer in AWS's own events, and the answer they add up to. Dropping it closes the connection.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use outcrop_wire::converse::{ConverseAccumulator, ConverseEvent, ConverseResponse};
use outcrop_wire::convert::{Identity, message_from_converse};
use outcrop_wire::dialect::converse::ConverseEventDecoder;

use super::call::tell;
use crate::call::{Answer, Prepared};
use crate::error::{Error, Kind, Result};
use crate::response::{Meta, Response};
use crate::stream::Reading;

/// The events of a streamed answer.
///
/// A stream that is cut, or that fails, gives one error, which holds the message as far as it came, in the words of the
/// Messages API; then it ends. [`ConverseStream::snapshot`] has it in those of Converse.
pub struct ConverseStream {
    reading: Reading,
    decoder: ConverseEventDecoder,
    accumulator: ConverseAccumulator,
    /// Who answers: Converse does not say.
    identity: Identity,
}

impl ConverseStream {
    pub(crate) fn new(prepared: Prepared, answer: Answer) -> Self {
        let mut decoder = ConverseEventDecoder::default();
        decoder.push(&answer.ahead);
        let identity = prepared.outbound.identity(&answer.headers);
        let reading = Reading::new(prepared.outbound, answer);
        ConverseStream { reading, decoder, accumulator: ConverseAccumulator::new(), identity }
    }

    /// The next event; `None` at the end. Events may be left to [`ConverseStream::finish`].
    pub async fn next(&mut self) -> Option<Result<ConverseEvent>> {
        std::future::poll_fn(|context| self.poll_event(context)).await
    }

    /// What is known about the call so far.
    #[must_use]
    pub fn meta(&self) -> &Meta {
        &self.reading.meta
    }

    /// The answer so far, added up; its stop reason is empty until it has one. None before it began.
    #[must_use]
    pub fn snapshot(&self) -> Option<ConverseResponse> {
        self.accumulator.clone().into_response()
    }

    /// Reads to the end and gives the whole answer.
    ///
    /// # Errors
    /// The first error of the stream, with the message as far as it came.
    pub async fn finish(mut self) -> Result<Response<ConverseResponse>> {
        while let Some(event) = self.next().await {
            event?;
        }
        if let Some(error) = self.reading.failure() {
            return Err(error);
        }
        match std::mem::take(&mut self.accumulator).into_response() {
            Some(value) => Ok(Response { value, meta: self.reading.meta }),
            None => {
                let error = Error::new(Kind::Decode, self.reading.doing(), "the stream held no message");
                Err(self.reading.complete(error, None))
            }
        }
    }

    fn poll_event(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<ConverseEvent>>> {
        if !self.reading.is_open() {
            return Poll::Ready(None);
        }
        loop {
            match self.decoder.next_event() {
                Ok(Some(event)) => return self.hand_out(event),
                Ok(None) => {}
                Err(error) => return self.fail(Error::stream(self.reading.doing(), error)),
            }
            let decoder = &self.decoder;
            match ready!(self.reading.poll_bytes(context, true, || decoder.finish())) {
                Ok(Some(chunk)) => self.decoder.push(&chunk),
                Ok(None) => return Poll::Ready(None),
                Err(error) => return self.fail(error),
            }
        }
    }

    fn hand_out(&mut self, event: ConverseEvent) -> Poll<Option<Result<ConverseEvent>>> {
        if let Err(error) = self.accumulator.push(&event) {
            return self.fail(Error::new(Kind::Decode, self.reading.doing(), error.to_string()));
        }
        if matches!(event, ConverseEvent::Metadata(_))
            && let Some(answer) = self.snapshot()
        {
            tell(&mut self.reading.meta, &answer);
            self.reading.span.conversed(&answer);
            self.reading.hurry();
        }
        Poll::Ready(Some(Ok(event)))
    }

    fn fail(&mut self, error: Error) -> Poll<Option<Result<ConverseEvent>>> {
        let partial = self.snapshot().map(|answer| message_from_converse(answer, &self.identity).value);
        Poll::Ready(Some(Err(self.reading.fail(error, partial))))
    }
}

impl Stream for ConverseStream {
    type Item = Result<ConverseEvent>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<ConverseEvent>>> {
        self.get_mut().poll_event(context)
    }
}

impl fmt::Debug for ConverseStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConverseStream").field("meta", &self.reading.meta).finish_non_exhaustive()
    }
}
