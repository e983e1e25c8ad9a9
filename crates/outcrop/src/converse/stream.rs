//! A streamed answer in AWS's own events, and the answer they add up to. Dropping it closes the connection.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_core::Stream;
use outcrop_wire::converse::{ConverseAccumulator, ConverseEvent, ConverseResponse};
use outcrop_wire::convert::{Identity, message_from_converse};
use outcrop_wire::dialect::converse::ConverseEventDecoder;

use super::call::tell;
use crate::call::{Answer, Prepared};
use crate::error::{Error, Kind, Result};
use crate::response::{Meta, Response};
use crate::telemetry::Span;
use crate::transport::Body;

/// The events of a streamed answer.
///
/// A stream that is cut, or that fails, gives one error, which holds the message as far as it came, in the words of the
/// Messages API; then it ends. [`ConverseStream::snapshot`] has it in those of Converse.
pub struct ConverseStream {
    body: Body,
    decoder: ConverseEventDecoder,
    accumulator: ConverseAccumulator,
    meta: Meta,
    /// Who answers: Converse does not say.
    identity: Identity,
    doing: String,
    span: Span,
    state: State,
}

enum State {
    Open,
    /// The body ended well; nothing follows.
    Ended,
    /// This error was handed out; nothing follows.
    Failed(Error),
}

/// How long the end of the body is waited for once the last event came.
const AFTERTHOUGHT: Duration = Duration::from_secs(2);

impl ConverseStream {
    pub(crate) fn new(prepared: Prepared, mut answer: Answer) -> Self {
        let mut decoder = ConverseEventDecoder::default();
        let identity = prepared.outbound.identity(&answer.headers);
        let mut meta = Meta::new(prepared.outbound.plan, &answer);
        decoder.push(&answer.ahead);
        meta.attempts = std::mem::take(&mut answer.attempts);
        meta.headers = answer.headers;
        answer.span.answered(&meta);
        ConverseStream {
            body: answer.body,
            decoder,
            accumulator: ConverseAccumulator::new(),
            meta,
            identity,
            doing: prepared.outbound.doing,
            span: answer.span,
            state: State::Open,
        }
    }

    /// The next event; `None` at the end. Events may be left to [`ConverseStream::finish`].
    pub async fn next(&mut self) -> Option<Result<ConverseEvent>> {
        std::future::poll_fn(|context| self.poll_event(context)).await
    }

    /// What is known about the call so far.
    #[must_use]
    pub fn meta(&self) -> &Meta {
        &self.meta
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
        if let State::Failed(error) = &self.state {
            return Err(error.again());
        }
        match std::mem::take(&mut self.accumulator).into_response() {
            Some(value) => Ok(Response { value, meta: self.meta }),
            None => {
                let error = Error::new(Kind::Decode, self.doing.clone(), "the stream held no message");
                Err(self.complete(error))
            }
        }
    }

    fn poll_event(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<ConverseEvent>>> {
        if !matches!(self.state, State::Open) {
            return Poll::Ready(None);
        }
        loop {
            match self.decoder.next_event() {
                Ok(Some(event)) => return self.hand_out(event),
                Ok(None) => {}
                Err(error) => return self.fail(|doing| Error::stream(doing, error)),
            }
            match std::task::ready!(self.body.poll_chunk(context)) {
                Some(Ok(chunk)) => self.decoder.push(&chunk),
                // Whoever breaks the connection after the last event takes nothing away.
                Some(Err(_)) if self.decoder.finish().is_ok() => return self.end(),
                Some(Err(error)) => return self.fail(|doing| Error::transport(doing, &error)),
                None => {
                    return match self.decoder.finish() {
                        Ok(()) => self.end(),
                        Err(error) => self.fail(|doing| Error::stream(doing, error)),
                    };
                }
            }
        }
    }

    fn hand_out(&mut self, event: ConverseEvent) -> Poll<Option<Result<ConverseEvent>>> {
        if let Err(error) = self.accumulator.push(&event) {
            return self.fail(|doing| Error::new(Kind::Decode, doing, error.to_string()));
        }
        if matches!(event, ConverseEvent::Metadata(_))
            && let Some(answer) = self.snapshot()
        {
            tell(&mut self.meta, &answer);
            self.span.conversed(&answer);
            self.body.hurry(AFTERTHOUGHT);
        }
        Poll::Ready(Some(Ok(event)))
    }

    fn end(&mut self) -> Poll<Option<Result<ConverseEvent>>> {
        self.span.end();
        self.state = State::Ended;
        Poll::Ready(None)
    }

    fn fail(&mut self, error: impl FnOnce(String) -> Error) -> Poll<Option<Result<ConverseEvent>>> {
        let error = self.complete(error(self.doing.clone()));
        self.span.failed(&error);
        self.state = State::Failed(error.again());
        // Nothing more is read: whoever still writes is told so.
        self.body = Body::empty();
        Poll::Ready(Some(Err(error)))
    }

    /// Adds what is known about the call.
    fn complete(&self, error: Error) -> Error {
        let partial = self.snapshot().map(|answer| message_from_converse(answer, &self.identity).value);
        error
            .with_request_id(self.meta.request_id.clone())
            .with_attempts(self.meta.attempts.clone())
            .with_partial(partial)
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
        f.debug_struct("ConverseStream").field("meta", &self.meta).finish_non_exhaustive()
    }
}
