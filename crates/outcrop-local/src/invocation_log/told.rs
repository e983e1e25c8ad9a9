//! What is told of a call for the log: the call as it came, and the bytes of its answer as they go out.

use std::sync::Arc;

use bytes::Bytes;
use http::header::HeaderMap;
use http::{HeaderValue, Response};
use outcrop_wire::account::logging::LoggingConfiguration;
use outcrop_wire::sigv4::AmzTime;
use outcrop_wire::surface::{Delivery, Surface};

use super::put_down;
use crate::answer::Answer;
use crate::engine::Incoming;
use crate::server::Inner;

/// A call, and as much of its answer as went out.
#[derive(Debug)]
pub(crate) struct Told {
    pub(super) incoming: Arc<Incoming>,
    pub(super) request_id: String,
    pub(super) time: AmzTime,
    /// As it was when the call came.
    pub(super) configuration: LoggingConfiguration,
    /// None where the call ended before it was answered.
    pub(super) answer: Option<Head>,
    pub(super) pieces: Vec<Bytes>,
}

/// What the head of an answer says.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) status: u16,
    pub(super) error_type: Option<HeaderValue>,
    pub(super) content_type: Option<HeaderValue>,
}

impl Head {
    fn new(status: u16, headers: &HeaderMap) -> Self {
        let header = |name: &str| headers.get(name).cloned();
        Head { status, error_type: header("x-amzn-errortype"), content_type: header("content-type") }
    }
}

impl Told {
    /// The bytes that it holds on to.
    pub(super) fn bytes(&self) -> usize {
        self.incoming.body.len() + self.pieces.iter().map(Bytes::len).sum::<usize>()
    }
}

/// Listens to a call. When it is dropped the call is over, and is put down.
pub(crate) struct Telling {
    local: Arc<Inner>,
    told: Option<Box<Told>>,
}

impl Telling {
    /// Listens to a call that is logged: in a region where that is set, to a model, and not by Mantle.
    pub(crate) fn of(local: &Arc<Inner>, incoming: &Arc<Incoming>, request_id: &str, time: AmzTime) -> Option<Self> {
        let call = &incoming.call;
        if call.delivery == Delivery::Count || call.surface == Surface::Mantle {
            return None;
        }
        let configuration = local.data.read(|kept| kept.region(&incoming.region)?.logging.clone())?;
        let told = Told {
            incoming: Arc::clone(incoming),
            request_id: request_id.to_owned(),
            time,
            configuration,
            answer: None,
            pieces: Vec::new(),
        };
        Some(Telling { local: Arc::clone(local), told: Some(Box::new(told)) })
    }

    /// Hears an answer. One that is whole is heard at once, another while it goes out.
    pub(crate) fn hear(mut self, response: Response<Answer>) -> Response<Answer> {
        let Some(told) = &mut self.told else { return response };
        if let Some(request_id) = response.headers().get("x-amzn-requestid").and_then(|id| id.to_str().ok()) {
            // One that passes through has its own.
            request_id.clone_into(&mut told.request_id);
        }
        told.answer = Some(Head::new(response.status().as_u16(), response.headers()));
        match response.body() {
            Answer::Whole(body) => {
                told.pieces.extend(body.clone());
                response
            }
            _ => response.map(|answer| Answer::Logged(Box::new(answer), self)),
        }
    }

    /// A piece of the answer goes out.
    pub(crate) fn piece(&mut self, piece: &Bytes) {
        if let Some(told) = &mut self.told {
            told.pieces.push(piece.clone());
        }
    }
}

impl Drop for Telling {
    fn drop(&mut self) {
        if let Some(told) = self.told.take() {
            put_down(&self.local, *told);
        }
    }
}
