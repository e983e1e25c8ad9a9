//! A streamed reply as the bytes it came in.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;

use crate::call::{Answer, Outbound};
use crate::error::{Error, Result};
use crate::response::Meta;
use crate::telemetry::Span;
use crate::transport::Body;

/// The bytes of a streamed reply, in the pieces they came in and without a copy: for programs that relay or record
/// frames. Dropping it closes the connection.
///
/// The first event is known good. What follows is not looked at: an error may come as a frame, and a stream that is cut
/// between two frames ends like any other. `wire::dialect::EventDecoder` tells.
pub struct ByteStream {
    ahead: Bytes,
    body: Body,
    meta: Meta,
    doing: String,
    span: Span,
    ended: bool,
}

impl ByteStream {
    pub(crate) fn new(outbound: Outbound, mut answer: Answer) -> Self {
        let mut meta = Meta::new(outbound.plan, &answer);
        meta.attempts = std::mem::take(&mut answer.attempts);
        meta.headers = answer.headers;
        answer.span.answered(&meta);
        ByteStream {
            ahead: answer.ahead,
            body: answer.body,
            meta,
            doing: outbound.doing,
            span: answer.span,
            ended: false,
        }
    }

    /// The next piece; `None` at the end, and after an error.
    pub async fn next(&mut self) -> Option<Result<Bytes>> {
        std::future::poll_fn(|context| self.poll_bytes(context)).await
    }

    /// What is known about the call: status, headers, request id, tries.
    #[must_use]
    pub fn meta(&self) -> &Meta {
        &self.meta
    }

    fn poll_bytes(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes>>> {
        if !self.ahead.is_empty() {
            return Poll::Ready(Some(Ok(std::mem::take(&mut self.ahead))));
        }
        if self.ended {
            return Poll::Ready(None);
        }
        match std::task::ready!(self.body.poll_chunk(context)) {
            Some(Ok(chunk)) => Poll::Ready(Some(Ok(chunk))),
            Some(Err(error)) => {
                self.ended = true;
                let error = Error::transport(self.doing.clone(), &error);
                let error = error.with_request_id(self.meta.request_id.clone());
                let error = error.with_attempts(self.meta.attempts.clone());
                self.span.failed(&error);
                Poll::Ready(Some(Err(error)))
            }
            None => {
                self.ended = true;
                self.span.end();
                Poll::Ready(None)
            }
        }
    }
}

impl Stream for ByteStream {
    type Item = Result<Bytes>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes>>> {
        self.get_mut().poll_bytes(context)
    }
}

impl fmt::Debug for ByteStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ByteStream").field("meta", &self.meta).finish_non_exhaustive()
    }
}
