//! How a request goes out and an answer comes in. One HTTP stack is built in; others fit behind [`Transport`].

mod certificate;
mod hyper;
mod probe;
mod proxy;
mod roots;
mod timeout;
mod tls;

use std::error::Error;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, Uri};
use http_body::Frame;
use http_body_util::BodyExt as _;
use tokio::time::Instant;

pub(crate) use self::hyper::{network, piped};
pub use self::probe::{Obstacle, Probe, Probing};
pub(crate) use self::roots::read_bundle;
use self::timeout::Watch;

/// Sends a request and gives the answer once its head is there.
pub trait Transport: Send + Sync + fmt::Debug {
    /// Sends. Must not retry.
    fn send(&self, request: Request<Bytes>) -> Sending<'_>;

    /// Opens a connection step by step and tells how far it came; none where that is not known of this transport.
    fn probe(&self, _destination: &Uri) -> Option<Probing<'_>> {
        None
    }
}

/// A boxed future, so that the trait can be a `dyn`.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Result<Response<Body>, TransportError>> + Send + 'a>>;

/// Why no answer came, or not all of it.
#[derive(Debug)]
#[non_exhaustive]
pub enum TransportError {
    /// No connection: name, port, TLS or proxy.
    Connect(String),
    /// Too long without a byte, or altogether.
    Timeout(String),
    /// The connection broke.
    Broken(String),
    /// The answer is longer than is read whole.
    TooLong(usize),
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TransportError::Connect(why) => write!(f, "cannot connect: {why}"),
            TransportError::Timeout(why) => f.write_str(why),
            TransportError::Broken(why) => write!(f, "the connection broke: {why}"),
            TransportError::TooLong(limit) => write!(f, "the answer is longer than {limit} bytes"),
        }
    }
}

impl Error for TransportError {}

impl TransportError {
    /// The texts of an error and its causes, without repeats.
    pub(crate) fn chain(error: &(dyn Error + 'static)) -> String {
        let mut text = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            let more = error.to_string();
            if !text.contains(&more) {
                text.push_str(": ");
                text.push_str(&more);
            }
            cause = error.source();
        }
        text
    }
}

/// The body of an answer, chunk by chunk.
pub struct Body {
    inner: Pin<Box<dyn http_body::Body<Data = Bytes, Error = TransportError> + Send + Sync>>,
    watch: Option<Watch>,
}

impl Body {
    /// Wraps a body.
    pub fn new<B>(body: B) -> Self
    where
        B: http_body::Body<Data = Bytes> + Send + Sync + 'static,
        B::Error: Error + 'static,
    {
        let inner = body.map_err(|error| TransportError::Broken(TransportError::chain(&error)));
        Body { inner: Box::pin(inner), watch: None }
    }

    /// A body of nothing.
    pub(crate) fn empty() -> Self {
        Body::new(http_body_util::Empty::new())
    }

    /// Limits the silence between bytes, and the whole.
    pub(crate) fn watched(mut self, idle: Duration, deadline: Option<Instant>) -> Self {
        self.watch = Some(Watch::new(idle, deadline));
        self
    }

    /// Waits no longer than `idle` between bytes from now on.
    pub(crate) fn hurry(&mut self, idle: Duration) {
        if let Some(watch) = &mut self.watch {
            watch.hurry(idle);
        }
    }

    /// The next chunk; `None` at the end.
    pub async fn chunk(&mut self) -> Option<Result<Bytes, TransportError>> {
        std::future::poll_fn(|context| self.poll_chunk(context)).await
    }

    /// The next chunk, by polling.
    pub(crate) fn poll_chunk(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, TransportError>>> {
        while let Poll::Ready(frame) = self.inner.as_mut().poll_frame(context) {
            if let Some(error) = self.watch.as_mut().and_then(Watch::flowing) {
                return Poll::Ready(Some(Err(error)));
            }
            match frame.map(|frame| frame.map(Frame::into_data)) {
                None => return Poll::Ready(None),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                Some(Ok(Ok(data))) => return Poll::Ready(Some(Ok(data))),
                // Trailers: nothing of ours.
                Some(Ok(Err(_))) => {}
            }
        }
        match &mut self.watch {
            Some(watch) => watch.poll_waiting(context).map(|error| Some(Err(error))),
            None => Poll::Pending,
        }
    }

    /// All of it, up to `limit` bytes.
    pub(crate) async fn collect(&mut self, limit: usize) -> Result<Bytes, TransportError> {
        let Some(first) = self.chunk().await else { return Ok(Bytes::new()) };
        let first = first?;
        let Some(second) = self.chunk().await else { return Ok(first) };
        let mut all = Vec::with_capacity(first.len() * 2);
        all.extend_from_slice(&first);
        let mut next = Some(second);
        while let Some(chunk) = next {
            let chunk = chunk?;
            if all.len() + chunk.len() > limit {
                return Err(TransportError::TooLong(limit));
            }
            all.extend_from_slice(&chunk);
            next = self.chunk().await;
        }
        Ok(all.into())
    }
}

/// For middleware that wraps it: `Body::new` takes any `http_body::Body`.
impl http_body::Body for Body {
    type Data = Bytes;
    type Error = TransportError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, TransportError>>> {
        self.get_mut().poll_chunk(context).map(|chunk| chunk.map(|chunk| chunk.map(Frame::data)))
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Body")
    }
}
