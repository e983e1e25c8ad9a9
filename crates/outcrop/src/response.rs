//! A reply, and what is known about the call that brought it.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use outcrop_wire::converse::{Latency, PerformanceConfig, Tier};
use outcrop_wire::dialect::invoke::TokenCounts;
use outcrop_wire::handling::{LATENCY, SERVICE_TIER};
use outcrop_wire::messages::{InvocationMetrics, Message, Turn};

use crate::call::{Answer, Attempt, request_id};
use crate::plan::{Adjustment, Plan, Target};

/// Where a reply that came over Converse says its speed.
const SPEED: &str = "performanceConfig";

/// A value and what is known about its call. Reads as the value.
#[derive(Clone, Debug)]
pub struct Response<T> {
    pub(crate) value: T,
    /// About the call.
    pub meta: Meta,
}

impl<T> Response<T> {
    /// The value alone.
    pub fn into_inner(self) -> T {
        self.value
    }
}

impl<T> Deref for Response<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for Response<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

impl<T: fmt::Display> fmt::Display for Response<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

/// A reply is the next turn of its conversation.
impl From<Response<Message>> for Turn {
    fn from(response: Response<Message>) -> Self {
        response.value.into()
    }
}

impl From<&Response<Message>> for Turn {
    fn from(response: &Response<Message>) -> Self {
        (&response.value).into()
    }
}

/// What is known about a call.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Meta {
    /// Who answered: the way in, the region, the account, and the id that was called with its model and scope.
    pub target: Arc<Target>,
    /// AWS's id of the call.
    pub request_id: Option<String>,
    /// Each try, in order; the last one succeeded.
    pub attempts: Vec<Attempt>,
    /// From the call until its answer: a whole answer's last byte, a stream's first event.
    pub latency: Duration,
    /// What the headers of a whole answer count.
    pub counts: TokenCounts,
    /// Bedrock's own counts at the end of a stream.
    pub metrics: Option<InvocationMetrics>,
    /// The capacity that served the call, where the answer says.
    pub tier: Option<Tier>,
    /// The speed that was given, where the answer says; how long it took is [`Meta::latency`].
    pub latency_mode: Option<Latency>,
    /// What was changed in the request on its way, and why.
    pub adjustments: Vec<Adjustment>,
    /// What was decided besides: the id that a name stands for, say.
    pub notes: Vec<String>,
    /// The answer's status.
    pub status: StatusCode,
    /// The answer's headers.
    pub headers: HeaderMap,
    /// The answer's bytes, where they were asked for.
    pub raw: Option<Bytes>,
}

impl Meta {
    pub(crate) fn new(plan: Plan, answer: &Answer) -> Self {
        Meta {
            target: plan.target,
            request_id: request_id(&answer.headers),
            attempts: Vec::new(),
            latency: answer.started.elapsed(),
            counts: TokenCounts::default(),
            metrics: None,
            tier: said(&answer.headers, SERVICE_TIER),
            latency_mode: said(&answer.headers, LATENCY),
            adjustments: plan.edits,
            notes: plan.notes,
            status: answer.status,
            headers: HeaderMap::new(),
            raw: None,
        }
    }

    /// What a reply that came over Converse says of its call. InvokeModel says it in headers.
    pub(crate) fn told_by(&mut self, message: &Message) {
        self.tier = message.usage.service_tier.as_deref().map(Tier::from).or(self.tier.take());
        let speed = message.extra.value(SPEED).and_then(|speed| speed.parse::<PerformanceConfig>().ok());
        self.latency_mode = speed.and_then(|speed| speed.latency).or(self.latency_mode.take());
    }

    /// A header of the answer, as text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// What a header says.
fn said<T: for<'a> From<&'a str>>(headers: &HeaderMap, name: &str) -> Option<T> {
    headers.get(name)?.to_str().ok().map(T::from)
}
