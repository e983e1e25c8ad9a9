//! The body of a streamed answer while it is read, in whichever vocabulary: open until it ends or fails; and what is known
//! of its call.

use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use outcrop_wire::dialect::StreamError;
use outcrop_wire::messages::Message;

use crate::call::{Answer, Outbound};
use crate::error::{Error, Result};
use crate::response::Meta;
use crate::telemetry::Span;
use crate::transport::Body;

/// A streamed answer that is being read.
pub(crate) struct Reading {
    body: Body,
    pub(crate) meta: Meta,
    doing: String,
    pub(crate) span: Span,
    state: State,
}

enum State {
    Open,
    /// The body ended well; nothing follows.
    Ended,
    /// This error was handed out; nothing follows.
    Failed(Error),
}

/// How long the end of the body is waited for once the reply is complete: only counts may still come.
const AFTERTHOUGHT: Duration = Duration::from_secs(2);

impl Reading {
    /// Of an answer whose bytes ahead were taken by its decoder.
    pub(crate) fn new(outbound: Outbound, mut answer: Answer) -> Self {
        let mut meta = Meta::new(outbound.plan, &answer);
        meta.attempts = std::mem::take(&mut answer.attempts);
        meta.headers = answer.headers;
        answer.span.answered(&meta);
        Reading { body: answer.body, meta, doing: outbound.doing, span: answer.span, state: State::Open }
    }

    pub(crate) fn is_open(&self) -> bool {
        matches!(self.state, State::Open)
    }

    /// What is being done, for errors.
    pub(crate) fn doing(&self) -> String {
        self.doing.clone()
    }

    /// The error that was handed out.
    pub(crate) fn failure(&self) -> Option<Error> {
        match &self.state {
            State::Failed(error) => Some(error.again()),
            State::Open | State::Ended => None,
        }
    }

    /// The next bytes; none where the body ended, and `finish` says that it may. Whoever breaks the connection once all
    /// is said takes nothing away.
    pub(crate) fn poll_bytes(
        &mut self,
        context: &mut Context<'_>,
        all_is_said: bool,
        finish: impl Fn() -> std::result::Result<(), StreamError>,
    ) -> Poll<Result<Option<Bytes>>> {
        let error = match ready!(self.body.poll_chunk(context)) {
            Some(Ok(chunk)) => return Poll::Ready(Ok(Some(chunk))),
            Some(Err(_)) if all_is_said && finish().is_ok() => None,
            Some(Err(error)) => Some(Error::transport(self.doing(), &error)),
            None => finish().err().map(|error| Error::stream(self.doing(), error)),
        };
        Poll::Ready(match error {
            Some(error) => Err(error),
            None => {
                self.span.end();
                self.state = State::Ended;
                Ok(None)
            }
        })
    }

    /// Only afterthoughts may come now.
    pub(crate) fn hurry(&mut self) {
        self.body.hurry(AFTERTHOUGHT);
    }

    /// Ends it with an error, which holds the message as far as it came.
    pub(crate) fn fail(&mut self, error: Error, partial: Option<Message>) -> Error {
        let error = self.complete(error, partial);
        self.span.failed(&error);
        self.state = State::Failed(error.again());
        // Nothing more is read: whoever still writes is told so.
        self.body = Body::empty();
        error
    }

    /// Adds what is known about the call.
    pub(crate) fn complete(&self, error: Error, partial: Option<Message>) -> Error {
        error
            .with_request_id(self.meta.request_id.clone())
            .with_attempts(self.meta.attempts.clone())
            .with_partial(partial)
    }
}
