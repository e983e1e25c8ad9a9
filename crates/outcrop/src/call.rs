//! One call, in three functions: `prepare`, `send`, `read`. Read this file first.
//!
//! `prepare` makes bytes of a request and its plan. `send` moves bytes and nothing else: it authorizes, tries, tries
//! again, and holds a stream back until its first frame is known good. `read` makes a message of an answer.

mod exchange;
mod handling;
mod lengthy;
mod options;
mod outbound;
mod trying;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use outcrop_wire::dialect::invoke::TokenCounts;
use outcrop_wire::dialect::{converse, invoke, messages};
use outcrop_wire::messages::{InvocationMetrics, Message, MessageRequest, TokenCount};
use outcrop_wire::model::ModelId;
use outcrop_wire::surface::{Delivery, Dialect};
use tokio::time::Instant;

pub(crate) use self::exchange::{Exchange, authorize};
pub(crate) use self::lengthy::{create, prepare_whole};
pub use self::options::CallOptions;
pub(crate) use self::outbound::Outbound;
pub(crate) use self::trying::mend_clock;
use self::trying::{Failure, Good, Repeat, Trying};
use crate::client::Inner;
use crate::error::{Error, Kind, Result};
use crate::failover::Beginnings;
use crate::plan::{Adjustment, Circumstances, Needs, Plan, Refusal, Target, plan};
use crate::resolve;
use crate::response::{Meta, Response};
use crate::telemetry::{Asked, Span};
use crate::transport::Body;

/// One try of a call.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Attempt {
    /// Where it went: surface, region, model id, account.
    pub target: Arc<Target>,
    /// The status, when an answer came.
    pub status: Option<u16>,
    /// AWS's id, when an answer came.
    pub request_id: Option<String>,
    /// Why it failed; none for the one that did not.
    pub failure: Option<String>,
    /// How long it took, until the first frame of a stream.
    pub duration: Duration,
    /// The pause after it.
    pub pause: Option<Duration>,
}

/// A request as bytes, before it is authorized.
#[derive(Clone)]
pub(crate) struct Prepared {
    /// For the target that is tried first, and after the call for the one that served it.
    pub(crate) outbound: Outbound,
    /// For those that are tried when that fails.
    pub(crate) others: Vec<Outbound>,
    /// What is in the cache of the target that serves it; none where there is no choice of targets.
    pub(crate) beginnings: Option<Beginnings>,
    pub(crate) options: CallOptions,
    /// Whether a stream is read to its end before anything is handed out.
    pub(crate) collect: bool,
    /// What the span of the call will say of the request.
    #[cfg_attr(not(feature = "opentelemetry"), expect(dead_code, reason = "only spans need it"))]
    pub(crate) asked: Asked,
}

/// An answer that is a success: its head, its body from the first byte on, and the tries it took.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Body,
    /// Bytes read ahead of `body` to know the first frame.
    pub(crate) ahead: Bytes,
    /// The whole of a stream that was read to its end.
    pub(crate) collected: Option<Box<Response<Message>>>,
    pub(crate) attempts: Vec<Attempt>,
    pub(crate) started: Instant,
    pub(crate) span: Span,
}

/// Makes bytes of a request.
pub(crate) fn prepare(
    client: &Inner,
    request: &MessageRequest,
    delivery: Delivery,
    options: &CallOptions,
) -> Result<Prepared> {
    let mut prepared = prepare_for(client, request, &request.model, delivery, options)?;
    if let (Some(affinity), false) = (&client.affinity, prepared.others.is_empty()) {
        prepared.beginnings = Beginnings::of(request);
        if let Some(target) = prepared.beginnings.as_ref().and_then(|beginnings| affinity.target_of(beginnings)) {
            prepared.prefer(&target);
        }
    }
    Ok(prepared)
}

/// Makes bytes of a request to this model, whichever it names itself.
pub(crate) fn prepare_for(
    client: &Inner,
    request: &MessageRequest,
    model: &ModelId,
    delivery: Delivery,
    options: &CallOptions,
) -> Result<Prepared> {
    let asked = Asked::of(client, request);
    let encode = |plan: &mut Plan| outbound::encode(request, plan);
    prepare_as(client, model, Needs::of(request), delivery, options, asked, encode)
}

impl Prepared {
    /// Says something about the call, whichever target will serve it.
    pub(crate) fn note(&mut self, text: &str) {
        let all = std::iter::once(&mut self.outbound).chain(&mut self.others);
        all.for_each(|outbound| outbound.plan.notes.push(text.to_owned()));
    }

    /// Says that a call left the scope that was asked for, as a target of the list allows.
    fn tell_of_scope(&mut self) {
        let scope = |outbound: &Outbound| outbound.plan.target.model.scope.clone();
        let Some(served) = scope(&self.outbound).filter(|_| !self.outbound.own) else { return };
        let own = self.others.iter().find(|other| other.own).and_then(scope);
        if let Some(asked) = own.filter(|asked| *asked != served) {
            let reason = format!("failover: served in scope {served}, not in scope {asked}, as its list allows");
            self.outbound.plan.edits.push(Adjustment::told("failover", reason));
        }
    }

    /// Has a target tried first.
    fn prefer(&mut self, target: &Target) {
        if let Some(other) = self.others.iter_mut().find(|other| *other.plan.target == *target) {
            let place = target.region.as_deref().unwrap_or("another target");
            other.plan.notes.push(format!("failover: first to {place}, which has the conversation in its cache"));
            std::mem::swap(other, &mut self.outbound);
        }
    }

    /// The request for the target that is tried at this place in the order.
    fn at(&self, place: usize) -> &Outbound {
        place.checked_sub(1).and_then(|place| self.others.get(place)).unwrap_or(&self.outbound)
    }
}

/// Makes bytes of a request that needs this of a model; `encode` writes its body as a plan says.
pub(crate) fn prepare_as(
    client: &Inner,
    model: &ModelId,
    mut needs: Needs,
    delivery: Delivery,
    options: &CallOptions,
    asked: Asked,
    encode: impl Fn(&mut Plan) -> std::result::Result<Bytes, Refusal>,
) -> Result<Prepared> {
    let refused = |refusal| outbound::refused(&outbound::doing(model, client.hosts.home()), refusal);
    let today = resolve::today(client);
    let options = client.defaults.under(options);
    options.need(&mut needs);
    let found = resolve::destinations(client, model, options.surface, options.scope.as_ref());
    let (destinations, left_out) = found.map_err(refused)?;
    let circumstances = Circumstances {
        unreachable: &|surface, region| client.hosts.unreachable(surface, region),
        ..Circumstances::new(delivery, &client.catalogue, &today)
    };
    let mut plans = plan(&needs, destinations, circumstances).map_err(refused)?.into_iter();
    let Some(mut first) = plans.next() else {
        return Err(refused(Refusal { why: "there is nowhere to send it".to_owned(), hint: None }));
    };
    first.notes.extend(left_out);
    let mut outbound = Outbound::new(client, first, &options, &encode)?;
    let mut others = Vec::with_capacity(plans.len());
    for plan in plans {
        let region = plan.target.region.clone();
        match outbound.elsewhere(client, plan, &options, &encode) {
            Ok(other) => others.push(other),
            Err(error) => {
                let place = region.as_deref().unwrap_or("another target");
                outbound.plan.notes.push(format!("failover to {place}: left out, {}", error.why()));
            }
        }
    }
    Ok(Prepared { outbound, others, beginnings: None, options, collect: false, asked })
}

/// Sends until an answer is good or no try is left. Afterwards `prepared.outbound` is what was answered.
pub(crate) async fn send(client: &Inner, prepared: &mut Prepared) -> Result<Answer> {
    let (answer, served) = send_to_any(client, prepared).await?;
    if let Some(other) = served.checked_sub(1).and_then(|place| prepared.others.get_mut(place)) {
        let first = &prepared.outbound;
        let note = format!("failover: served by {}, not by {}", other.place(first), first.place(other));
        other.plan.notes.push(note);
        std::mem::swap(other, &mut prepared.outbound);
    }
    prepared.tell_of_scope();
    if let (Some(affinity), Some(beginnings)) = (&client.affinity, &prepared.beginnings) {
        affinity.remember(beginnings, &prepared.outbound.plan.target);
    }
    Ok(answer)
}

/// The answer, and the place of the target that gave it in the order of the targets.
async fn send_to_any(client: &Inner, prepared: &Prepared) -> Result<(Answer, usize)> {
    let started = Instant::now();
    let mut span = Span::begin(client, prepared);
    let limit = prepared.options.timeout.or(client.timeouts.total);
    let deadline = limit.and_then(|limit| started.checked_add(limit));
    let idle = prepared.options.idle_timeout.unwrap_or(client.timeouts.idle);
    let mut trying = Trying::new(client, prepared, deadline, idle);
    let retry = prepared.options.retry.as_ref().unwrap_or(&client.retry);
    let max_retries = prepared.options.max_retries.unwrap_or(retry.max_retries);
    let mut retries = 0;
    // The last failure of a round that may pass: what a target of the list refuses does not take its place.
    let mut busy: Option<Failure> = None;
    loop {
        let began = Instant::now();
        let failure = match span.within(trying.once()).await {
            Ok(Good { head, body, ahead, collected }) => {
                client.budget.refund();
                let (status, headers) = (head.status, head.headers);
                trying.record(began, Some(status.as_u16()), request_id(&headers), None);
                let (attempts, served) = (trying.attempts, trying.place);
                return Ok((Answer { status, headers, body, ahead, collected, attempts, started, span }, served));
            }
            Err(failure) => failure,
        };
        trying.record(began, failure.status, failure.request_id.clone(), Some(failure.error.to_string()));
        let failure = match failure.repeat {
            Repeat::Now => continue,
            Repeat::Later => failure,
            Repeat::No if trying.leaves_out(&failure) => busy.take().unwrap_or(failure),
            Repeat::No => return Err(trying.given_up(failure, &mut span)),
        };
        // Another target is tried at once, and at no cost to the budget: that is for asking the same one again.
        if trying.move_on() {
            busy = Some(failure);
            continue;
        }
        let pause = retry.pause(retries, failure.hint, client.surroundings.chance());
        let pause = pause.filter(|_| matches!(failure.repeat, Repeat::Later) && retries < max_retries);
        let left = trying.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        // The budget is asked last: a retry that does not happen costs nothing.
        match pause.filter(|pause| left.is_none_or(|left| *pause < left) && client.budget.spend()) {
            Some(pause) => {
                retries += 1;
                trying.begin_again();
                if let Some(last) = trying.attempts.last_mut() {
                    last.pause = Some(pause);
                }
                tokio::time::sleep(pause).await;
            }
            None => return Err(trying.given_up(failure, &mut span)),
        }
    }
}

/// Where a message holds what Bedrock measured.
const METRICS: &str = "amazon-bedrock-invocationMetrics";

/// Makes a message of a whole answer.
pub(crate) fn read(prepared: Prepared, mut answer: Answer) -> Result<Response<Message>> {
    let Some(collected) = answer.collected.take() else {
        let dialect = prepared.outbound.dialect();
        let identity = (dialect == Dialect::Converse).then(|| prepared.outbound.identity(&answer.headers));
        let decode = |body: &[u8]| match dialect {
            Dialect::Invoke => invoke::decode_response(body),
            Dialect::Messages => messages::decode_response(body),
            Dialect::Converse => {
                converse::decode_response(body, &identity.unwrap_or_default()).map(|converted| converted.value)
            }
        };
        let mut reply = read_as(prepared, answer, "message", decode, Span::replied)?;
        if dialect == Dialect::Converse {
            let metrics =
                reply.value.extra.value(METRICS).and_then(|metrics| metrics.parse::<InvocationMetrics>().ok());
            reply.meta.counts = metrics.as_ref().map(TokenCounts::of).unwrap_or_default();
            reply.meta.metrics = metrics;
            reply.meta.told_by(&reply.value);
        }
        return Ok(reply);
    };
    let mut meta = Meta::new(prepared.outbound.plan, &answer);
    // What the headers of a whole answer say stands at the end of a stream.
    meta.counts = collected.meta.metrics.as_ref().map(TokenCounts::of).unwrap_or_default();
    meta.metrics = collected.meta.metrics;
    (meta.tier, meta.latency_mode) = (collected.meta.tier, collected.meta.latency_mode);
    meta.attempts = answer.attempts;
    meta.headers = answer.headers;
    answer.span.answered(&meta);
    answer.span.replied(&collected.value);
    Ok(Response { value: collected.value, meta })
}

/// Makes a count of a whole answer.
pub(crate) fn read_count(prepared: Prepared, answer: Answer) -> Result<Response<TokenCount>> {
    let decode = match prepared.outbound.dialect() {
        Dialect::Invoke => invoke::decode_count_answer,
        Dialect::Converse => converse::decode_count_answer,
        Dialect::Messages => messages::decode_count_answer,
    };
    read_as(prepared, answer, "count of tokens", decode, |span, count| span.counted(count.input_tokens))
}

/// Makes something of a whole answer.
pub(crate) fn read_as<T>(
    prepared: Prepared,
    mut answer: Answer,
    what: &str,
    decode: impl FnOnce(&[u8]) -> std::result::Result<T, serde_json::Error>,
    replied: impl FnOnce(&mut Span, &T),
) -> Result<Response<T>> {
    let Outbound { plan, doing, .. } = prepared.outbound;
    let mut meta = Meta::new(plan, &answer);
    let value = decode(&answer.ahead).map_err(|error| {
        let why = format!("the answer is no {what}: {error}");
        let error = Error::new(Kind::Decode, doing, why).with_request_id(meta.request_id.clone());
        let error = error.with_attempts(answer.attempts.clone());
        answer.span.failed(&error);
        error
    })?;
    meta.counts = TokenCounts::read(|name| answer.headers.get(name)?.to_str().ok());
    meta.raw = prepared.options.keep_raw.then_some(answer.ahead);
    meta.attempts = answer.attempts;
    meta.headers = answer.headers;
    answer.span.answered(&meta);
    replied(&mut answer.span, &value);
    Ok(Response { value, meta })
}

/// `x-amzn-requestid`; gateways of the first-party kind say `request-id`.
pub(crate) fn request_id(headers: &HeaderMap) -> Option<String> {
    ["x-amzn-requestid", "request-id"].iter().find_map(|name| headers.get(*name)?.to_str().ok().map(str::to_owned))
}
