//! The Converse API, blocking: create, stream, count.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use outcrop_wire::converse::{ConverseEvent, ConverseRequest, ConverseResponse};
use outcrop_wire::messages::TokenCount;
use outcrop_wire::surface::Delivery;

use super::runtime::Runtime;
use crate::call::CallOptions;
use crate::error::Result;
use crate::messages::DryRun;
use crate::response::Response;

/// The Converse API of a client whose calls block.
#[derive(Clone)]
pub struct Converse<'a> {
    converse: crate::converse::Converse<'a>,
    runtime: &'a Arc<Runtime>,
}

impl<'a> Converse<'a> {
    pub(super) fn new(converse: crate::converse::Converse<'a>, runtime: &'a Arc<Runtime>) -> Self {
        Converse { converse, runtime }
    }

    /// With settings for these calls.
    #[must_use]
    pub fn with(mut self, options: CallOptions) -> Self {
        self.converse = self.converse.with(options);
        self
    }

    /// Asks for a whole answer: see [`Converse::create`](crate::converse::Converse::create).
    ///
    /// # Errors
    /// When the request cannot be sent, no answer comes, or the service answers with an error.
    pub fn create(&self, request: &ConverseRequest) -> Result<Response<ConverseResponse>> {
        self.runtime.run(self.converse.create(request))
    }

    /// Asks for an answer event by event. Returns once the first event is there and good.
    ///
    /// # Errors
    /// As [`Converse::create`].
    pub fn stream(&self, request: &ConverseRequest) -> Result<ConverseStream> {
        let stream = self.runtime.run(self.converse.stream(request))?;
        Ok(ConverseStream { stream, runtime: Arc::clone(self.runtime) })
    }

    /// Counts the tokens of a request: see [`Converse::count_tokens`](crate::converse::Converse::count_tokens).
    ///
    /// # Errors
    /// When the request cannot be sent, no answer comes, or the service answers with an error.
    pub fn count_tokens(&self, request: &ConverseRequest) -> Result<Response<TokenCount>> {
        self.runtime.run(self.converse.count_tokens(request))
    }

    /// What would be sent, and why: see [`Converse::dry_run`](crate::converse::Converse::dry_run).
    ///
    /// # Errors
    /// When the request cannot be sent.
    pub fn dry_run(&self, request: &ConverseRequest, delivery: Delivery) -> Result<DryRun> {
        self.runtime.run(self.converse.dry_run(request, delivery))
    }
}

impl fmt::Debug for Converse<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.converse.fmt(f)
    }
}

/// The events of a streamed answer. Dropping it closes the connection.
///
/// What can be read of it meanwhile is that of [`ConverseStream`](crate::converse::ConverseStream): `meta`, `snapshot`.
pub struct ConverseStream {
    stream: crate::converse::ConverseStream,
    runtime: Arc<Runtime>,
}

impl ConverseStream {
    /// Reads to the end and gives the whole answer.
    ///
    /// # Errors
    /// The first error of the stream, with the message as far as it came.
    pub fn finish(self) -> Result<Response<ConverseResponse>> {
        self.runtime.run(self.stream.finish())
    }
}

impl Iterator for ConverseStream {
    type Item = Result<ConverseEvent>;

    fn next(&mut self) -> Option<Result<ConverseEvent>> {
        self.runtime.run(async { self.stream.next().await.transpose() }).transpose()
    }
}

impl Deref for ConverseStream {
    type Target = crate::converse::ConverseStream;

    fn deref(&self) -> &crate::converse::ConverseStream {
        &self.stream
    }
}

impl fmt::Debug for ConverseStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.stream.fmt(f)
    }
}
