//! Code of the caller's around each try of a call: after the plan, before the signature.
//!
//! ```
//! use bytes::Bytes;
//! use http::{HeaderValue, Request};
//! use outcrop::middleware::{Handling, Next};
//!
//! /// Names the team that pays, and says how each try ended.
//! fn team<'a>(mut request: Request<Bytes>, next: Next<'a>) -> Handling<'a> {
//!     request.headers_mut().insert("x-team", HeaderValue::from_static("quarry"));
//!     Box::pin(async move {
//!         let attempt = next.attempt();
//!         let answer = next.run(request).await?;
//!         println!("attempt {attempt}: {}", answer.status());
//!         Ok(answer)
//!     })
//! }
//! let builder = outcrop::Client::builder().middleware(team);
//! ```
//!
//! What authorizes a request (`authorization`, `x-amz-date`, `x-amz-security-token`) is added inside, after the last
//! middleware: none can see it, and what they change is signed. Retries are outside: each try passes through all
//! middleware again, within the limits of time of the call.

use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};

use crate::call::Exchange;
use crate::error::Result;
use crate::plan::Plan;
use crate::transport::Body;

/// Sees each try of a call. It may change the request, look at the answer or put another in its place, and stop the try
/// with an error ([`Error::stopped`](crate::Error::stopped)).
///
/// A function of the form of `handle` is one; what carries state is a type of its own.
pub trait Middleware: Send + Sync {
    /// Handles one try: the request as it was planned, with its whole body. Calls `next.run` to have it sent.
    fn handle<'a>(&'a self, request: Request<Bytes>, next: Next<'a>) -> Handling<'a>;
}

/// A boxed future, so that the trait can be a `dyn`: the answer's head, and its body as it comes.
///
/// An answer that is an error is an answer here; what it means is decided outside. [`Body`] is an `http_body::Body`, so
/// that the bytes of a stream can be watched by wrapping it.
pub type Handling<'a> = Pin<Box<dyn Future<Output = Result<Response<Body>>> + Send + 'a>>;

impl<F> Middleware for F
where
    F: for<'a> Fn(Request<Bytes>, Next<'a>) -> Handling<'a> + Send + Sync,
{
    fn handle<'a>(&'a self, request: Request<Bytes>, next: Next<'a>) -> Handling<'a> {
        self(request, next)
    }
}

/// What is inside of a middleware: the next one, and in the end signature and connection.
pub struct Next<'a> {
    pub(crate) rest: &'a [Arc<dyn Middleware>],
    pub(crate) exchange: &'a Exchange<'a>,
}

impl<'a> Next<'a> {
    /// Sends the request on its way.
    pub fn run(self, request: Request<Bytes>) -> Handling<'a> {
        match self.rest.split_first() {
            Some((first, rest)) => first.handle(request, Next { rest, exchange: self.exchange }),
            None => Box::pin(self.exchange.run(request)),
        }
    }

    /// What was decided about the call.
    #[must_use]
    pub fn plan(&self) -> &'a Plan {
        &self.exchange.outbound.plan
    }

    /// Which try this is, from 1.
    #[must_use]
    pub fn attempt(&self) -> usize {
        self.exchange.attempt
    }
}
