//! What was asked of the local Bedrock, remembered for tests; and what it is told to do with the next calls.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use outcrop_wire::fault::{Fault, Origin};
use outcrop_wire::messages::MessageRequest;
use outcrop_wire::model::ModelId;
use outcrop_wire::route::Call;
use outcrop_wire::surface::{Delivery, Surface};

use crate::dialect;
use crate::engine::Incoming;
use crate::reply::{Break, Framed, Reply, What};
use crate::server::Local;

/// How many calls are remembered until more or fewer are asked for.
pub(crate) const CALLS: usize = 1000;

/// How many bytes their bodies may have together; the oldest calls are forgotten first.
pub(crate) const BYTES: usize = 64 * 1024 * 1024;

/// A call that was asked.
#[derive(Clone)]
#[non_exhaustive]
pub struct Asked {
    /// AWS's name of the operation: `InvokeModel`, `ConverseStream`, `CountTokens`.
    pub operation: &'static str,
    /// By which way in it came.
    pub surface: Surface,
    /// Whole or streamed.
    pub delivery: Delivery,
    /// The id of the model, as it came.
    pub model: ModelId,
    /// The region it was signed for or sent to.
    pub region: String,
    /// The headers, what is secret in them left out.
    pub headers: HeaderMap,
    /// The body, to the byte.
    pub body: Bytes,
    /// When it came, by the server's clock.
    pub when: SystemTime,
    /// Why it was refused, if it was: by what is checked of a call, not by an engine or by [`Local::fail_next`].
    pub refused: Option<Fault>,
}

impl Asked {
    /// The request, typed, with what path and headers say of it: model, version, beta flags. Of a count of tokens it is
    /// the request that is counted, and one of Converse is translated; its settings of the call are unknown members.
    ///
    /// # Errors
    /// When the body is none.
    pub fn request(&self) -> Result<MessageRequest, serde_json::Error> {
        use serde::de::Error as _;
        let body = match self.delivery {
            Delivery::Count => {
                dialect::counted(self.surface, &self.body).map_err(|fault| serde_json::Error::custom(fault.message))?
            }
            _ => Cow::Borrowed(&self.body[..]),
        };
        let call = Call { surface: self.surface, delivery: self.delivery, model: Some(self.model.clone()) };
        dialect::request(&call, &self.headers, &body)
    }

    /// The value of a header, as text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub(crate) fn new(incoming: &Incoming, when: SystemTime, refused: Option<Fault>) -> Self {
        let call = &incoming.call;
        Asked {
            operation: call.surface.row().operation(call.delivery),
            surface: call.surface,
            delivery: call.delivery,
            model: incoming.model(),
            region: incoming.region.clone(),
            headers: redacted(&incoming.head.headers),
            body: incoming.body.clone(),
            when,
            refused,
        }
    }
}

impl fmt::Debug for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Asked")
            .field("operation", &self.operation)
            .field("model", &self.model.as_str())
            .field("region", &self.region)
            .field("body", &String::from_utf8_lossy(&self.body[..self.body.len().min(1024)]))
            .field("refused", &self.refused)
            .finish_non_exhaustive()
    }
}

/// Headers whose value is a secret.
const SECRET: [&str; 7] =
    ["api-key", "authorization", "cookie", "proxy-authorization", "x-amz-security-token", "x-api-key", "x-auth-token"];

/// The headers without secrets: of a signature, what was signed and by which key stays readable.
fn redacted(headers: &HeaderMap) -> HeaderMap {
    let mut headers = headers.clone();
    for name in SECRET {
        if let http::header::Entry::Occupied(mut entry) = headers.entry(name) {
            for value in entry.iter_mut() {
                let signed = value.to_str().ok().filter(|text| text.starts_with("AWS4-"));
                let kept = signed.and_then(|text| Some(text.split_once("Signature=")?.0));
                let shown = kept.map(|kept| format!("{kept}Signature=***"));
                let shown = shown.and_then(|text| HeaderValue::from_str(&text).ok());
                *value = shown.unwrap_or_else(|| HeaderValue::from_static("***"));
            }
        }
    }
    headers
}

/// What was asked, and what is to happen to the next calls.
#[derive(Debug)]
pub(crate) struct Memory {
    calls: usize,
    bytes: usize,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    asked: VecDeque<Arc<Asked>>,
    /// Of their bodies together.
    bytes: usize,
    next: VecDeque<Next>,
}

/// What is to happen to a call.
#[derive(Debug)]
pub(crate) enum Next {
    /// It is answered so.
    Reply(Box<Reply>),
    /// The engine's answer goes wrong so.
    Break(Break),
}

impl Memory {
    pub(crate) fn new(calls: usize, bytes: usize) -> Self {
        Memory { calls, bytes, held: Mutex::default() }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers a call, and forgets the oldest ones where they are too many.
    pub(crate) fn keep(&self, asked: impl FnOnce() -> Asked) {
        if self.calls == 0 {
            return;
        }
        let asked = asked();
        let mut held = self.held();
        held.bytes += asked.body.len();
        held.asked.push_back(Arc::new(asked));
        while held.asked.len() > self.calls || held.bytes > self.bytes {
            let Some(oldest) = held.asked.pop_front() else { break };
            held.bytes -= oldest.body.len();
        }
    }

    /// What is to happen to this call. A message is kept for a call that asks for one.
    pub(crate) fn next(&self, delivery: Delivery) -> Option<Next> {
        let says = |next: &Next| matches!(next, Next::Reply(reply) if !matches!(reply.what, What::Fault(_)));
        let mut held = self.held();
        if delivery == Delivery::Count && held.next.front().is_some_and(says) {
            return None;
        }
        held.next.pop_front()
    }
}

/// For tests.
impl Local {
    /// The calls that were asked, oldest first: those whose sender was known, answered or refused. As many as
    /// [`Builder::remember`](crate::Builder::remember) says; 1000 calls and 64 MiB of bodies until it is said.
    #[must_use]
    pub fn asked(&self) -> Vec<Arc<Asked>> {
        self.memory().held().asked.iter().cloned().collect()
    }

    /// The last call that was asked.
    #[must_use]
    pub fn last(&self) -> Option<Arc<Asked>> {
        self.memory().held().asked.back().cloned()
    }

    /// Forgets what was asked.
    pub fn forget(&self) {
        let mut held = self.memory().held();
        held.asked.clear();
        held.bytes = 0;
    }

    /// Answers the next call that passes the checks in place of the engine. Told again, it is for the call after.
    pub fn answer_next(&self, reply: Reply) {
        self.memory().held().next.push_back(Next::Reply(Box::new(reply)));
    }

    /// Lets the engine's answer to the next call that passes the checks go wrong on its way. What passes through from
    /// upstream passes as it is.
    pub fn break_next(&self, breach: Break) {
        self.memory().held().next.push_back(Next::Break(breach));
    }

    /// Lets the next call that passes the checks fail, where the fault's origin says: as an HTTP answer
    /// (`Origin::Http`), as the first frame of a stream, or after its first two events. A whole answer always fails as
    /// an HTTP answer.
    pub fn fail_next(&self, fault: Fault) {
        match fault.origin {
            Origin::FirstFrame => self.break_next(Break::fault(0, fault, Framed::Exception)),
            Origin::MidStream => self.break_next(Break::fault(2, fault, Framed::Exception)),
            _ => self.answer_next(Reply::fault(fault)),
        }
    }
}
