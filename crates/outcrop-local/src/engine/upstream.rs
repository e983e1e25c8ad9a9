//! The engine `upstream`: passes calls on, and writes the exchanges down where that is wanted.
//!
//! What is passed on is what came, to the byte; what comes back passes through as it comes. Nothing is checked here but
//! who calls.

mod recorder;

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, Response};
use http_body::Body;
use outcrop_wire::fault::Fault;
use outcrop_wire::model::ModelId;
use outcrop_wire::surface::{Delivery, Place, Surface};

pub(crate) use self::recorder::Recorder;
use super::Incoming;

/// What answers in place of an engine: AWS, say, or another local Bedrock.
///
/// ```
/// use outcrop_local::wire::fault::{Fault, Origin};
/// use outcrop_local::{Outgoing, Upstream, UpstreamAnswer};
///
/// struct Nobody;
///
/// impl Upstream for Nobody {
///     fn send(&self, call: Outgoing) -> UpstreamAnswer<'_> {
///         let why = format!("nobody answers for {}", call.model);
///         Box::pin(async { Err(Fault::new("ServiceUnavailableException", why, Origin::Http)) })
///     }
/// }
/// # let _ = outcrop_local::Local::builder().upstream(Nobody).build();
/// ```
pub trait Upstream: Send + Sync {
    /// Sends a call on and gives the answer once its head is there. An error of the service is an answer; a fault is
    /// for when there is none.
    fn send(&self, call: Outgoing) -> UpstreamAnswer<'_>;
}

/// A boxed future, so that the trait can be a `dyn`.
pub type UpstreamAnswer<'a> = Pin<Box<dyn Future<Output = Result<Response<UpstreamBody>, Fault>> + Send + 'a>>;

/// The body of an answer, as it comes. An error in it breaks the connection of who asked.
pub type UpstreamBody = Pin<Box<dyn Body<Data = Bytes, Error = Box<dyn std::error::Error + Send + Sync>> + Send>>;

/// A call that is passed on.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Outgoing {
    /// By which way in it came.
    pub surface: Surface,
    /// Whole or streamed.
    pub delivery: Delivery,
    /// The id of the model, as it was asked for.
    pub model: ModelId,
    /// Headers that are Bedrock's own, `x-amzn-bedrock-...`, and those that carry version and beta flags where the surface
    /// has them in headers. What named the caller is not among them.
    pub headers: HeaderMap,
    /// The body, to the byte.
    pub body: Bytes,
}

/// Passes calls on.
pub(crate) struct Relay {
    pub(crate) upstream: Box<dyn Upstream>,
    pub(crate) recorder: Option<Arc<Recorder>>,
}

impl Relay {
    /// The answer from upstream, tapped where it is recorded. `time` is written beside it.
    pub(crate) async fn answer(&self, incoming: &Incoming, time: &str) -> Result<Response<UpstreamBody>, Fault> {
        let row = incoming.call.surface.row();
        let said = |name: &str| {
            [row.version, row.betas].iter().any(|place| matches!(place, Place::Header(known) if *known == name))
        };
        let own = |name: &&http::HeaderName| {
            let name = name.as_str();
            said(name) || name.starts_with("x-amzn-bedrock-") && name != "x-amzn-bedrock-accept"
        };
        let mut headers = HeaderMap::new();
        for name in incoming.head.headers.keys().filter(own) {
            for value in incoming.head.headers.get_all(name) {
                headers.append(name, value.clone());
            }
        }
        let call = Outgoing {
            surface: incoming.call.surface,
            delivery: incoming.call.delivery,
            model: incoming.meant(),
            headers,
            body: incoming.body.clone(),
        };
        let answer = self.upstream.send(call).await?;
        Ok(match &self.recorder {
            Some(recorder) => Recorder::tap(recorder, incoming, answer, time),
            None => answer,
        })
    }
}

impl fmt::Debug for Relay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Relay").field("records", &self.recorder.is_some()).finish_non_exhaustive()
    }
}
