//! One call, in three functions: `prepare`, `send`, `read`. Read this file first.
//!
//! `prepare` makes bytes of a request and its plan. `send` moves bytes and nothing else: it authorizes, tries, tries
//! again, and holds a stream back until its first frame is known good. `read` makes a message of an answer.

mod exchange;
mod lengthy;
mod options;
mod trying;

use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HOST, USER_AGENT};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, Uri};
use outcrop_wire::Extra;
use outcrop_wire::dialect::invoke::{
    TokenCounts, decode_count_answer, decode_response, encode_count_request, encode_request,
};
use outcrop_wire::edit::Edit;
use outcrop_wire::limits::Limits;
use outcrop_wire::messages::{Message, MessageRequest, TokenCount};
use outcrop_wire::surface::{Delivery, Dialect};
use tokio::time::Instant;

pub(crate) use self::exchange::{Exchange, authorize};
pub(crate) use self::lengthy::{create, prepare_whole};
pub use self::options::CallOptions;
use self::trying::{Good, Repeat, Trying};
use crate::client::Inner;
use crate::error::{Error, Kind, Result};
use crate::plan::{Adjustment, Needs, Plan, plan};
use crate::resolve;
use crate::response::{Meta, Response};
use crate::telemetry::{Asked, Span};
use crate::transport::Body;

/// One try of a call.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Attempt {
    /// The region tried, where one is known.
    pub region: Option<String>,
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
#[derive(Clone, Debug)]
pub(crate) struct Prepared {
    pub(crate) plan: Plan,
    pub(crate) parts: Parts,
    pub(crate) body: Bytes,
    pub(crate) options: CallOptions,
    /// Whether a stream is read to its end before anything is handed out.
    pub(crate) collect: bool,
    /// What is being done, for errors.
    pub(crate) doing: String,
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
    let model = Some(request.model.as_str()).filter(|model| !model.is_empty()).unwrap_or("a model");
    let doing = format!("call {model} on {}", client.endpoint.authority);
    let options = client.defaults.under(options);
    let targets = resolve::targets(client, request, options.scope.as_ref());
    let today = resolve::today(client);
    let mut needs = Needs::of(request);
    needs.header_betas = header_betas(&options.extra_headers);
    let plans = plan(&needs, &targets, delivery, &client.catalogue, &today);
    let refused = |why: String, hint: Option<String>| {
        let error = Error::new(Kind::Invalid, doing.clone(), why);
        match hint {
            Some(hint) => error.with_hint(hint),
            None => error,
        }
    };
    let plan = plans.map_err(|refusal| refused(refusal.why, refusal.hint))?.into_iter().next();
    let Some(mut plan) = plan else { return Err(refused("there is nowhere to send it".to_owned(), None)) };
    insist(&mut plan, &options.extra_body);
    if options.strict == Some(true)
        && let Some(refusal) = plan.strictly()
    {
        return Err(refused(refusal.why, refusal.hint));
    }
    let body = match plan.target.surface.row().dialect {
        Dialect::Invoke => encode_request(request, &plan.edits()),
        Dialect::Converse | Dialect::Messages => {
            return Err(refused(format!("{} is not spoken yet", plan.target.surface), None));
        }
    };
    let mut body = body.map_err(|error| refused(format!("the request cannot be written as JSON: {error}"), None))?;
    let limits = Limits { body_bytes: plan.body_limit, ..Limits::default() };
    if let Err(problem) = limits.check_body(body.len() as u64) {
        return Err(refused(problem.why, Some(problem.hint)));
    }
    if delivery == Delivery::Count {
        body = encode_count_request(&body);
    }
    let parts = head(client, &plan, &options).map_err(|why| refused(why, None))?;
    Ok(Prepared { plan, parts, body: body.into(), options, collect: false, doing, asked: Asked::of(client, request) })
}

/// The header of beta flags of Anthropic's own API.
const BETAS: &str = "anthropic-beta";

/// Beta flags of the caller's headers: the plan says where they travel.
fn header_betas(headers: &HeaderMap) -> Vec<String> {
    let values = headers.get_all(BETAS).iter().filter_map(|value| value.to_str().ok());
    let flags = values.flat_map(|value| value.split(',').map(str::trim)).filter(|flag| !flag.is_empty());
    flags.map(str::to_owned).collect()
}

/// What the caller sets in the body whatever the plan says of it: the plan then says so, too.
fn insist(plan: &mut Plan, members: &Extra) {
    for (name, value) in members.iter() {
        plan.edits.retain(|adjustment| adjustment.edit.as_ref().is_none_or(|edit| edit.member() != name));
        let edit = Edit::set(name.to_owned(), value.clone());
        plan.edits.push(Adjustment::insisted(edit, format!("{name}: set by the caller in extra_body")));
    }
}

/// The request's head, but for what authorizes it.
fn head(client: &Inner, plan: &Plan, options: &CallOptions) -> std::result::Result<Parts, String> {
    let uri: Uri = client.endpoint.url(&plan.path).parse().map_err(|error| format!("the URL is malformed: {error}"))?;
    let (mut parts, ()) = Request::new(()).into_parts();
    parts.method = Method::POST;
    parts.headers.insert(HOST, value(&client.endpoint.authority)?);
    parts.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let (accept, content_type) = match plan.delivery {
        Delivery::Unary | Delivery::Count => (ACCEPT, "application/json"),
        // The stream's own content type is asked for under another name (botocore service model).
        Delivery::Stream => (HeaderName::from_static("x-amzn-bedrock-accept"), "application/json"),
    };
    parts.headers.insert(accept, HeaderValue::from_static(content_type));
    parts.headers.insert(USER_AGENT, HeaderValue::from_static(concat!("outcrop/", env!("CARGO_PKG_VERSION"))));
    for (name, text) in &plan.headers {
        parts.headers.insert(HeaderName::from_static(name), value(text)?);
    }
    options::put(&mut parts.headers, &options.extra_headers);
    // The plan has taken these up: the flags of the caller's header travel with all others.
    match plan.headers.iter().find(|(name, _)| *name == BETAS) {
        Some((_, flags)) => drop(parts.headers.insert(BETAS, value(flags)?)),
        None => drop(parts.headers.remove(BETAS)),
    }
    parts.uri = uri;
    Ok(parts)
}

fn value(text: &str) -> std::result::Result<HeaderValue, String> {
    HeaderValue::from_str(text).map_err(|_| "a header would hold characters that no header may".to_owned())
}

/// Sends until an answer is good or no try is left.
pub(crate) async fn send(client: &Inner, prepared: &Prepared) -> Result<Answer> {
    let started = Instant::now();
    let mut span = Span::begin(client, prepared);
    let limit = prepared.options.timeout.or(client.timeouts.total);
    let deadline = limit.and_then(|limit| started.checked_add(limit));
    let idle = prepared.options.idle_timeout.unwrap_or(client.timeouts.idle);
    let mut trying = Trying::new(client, prepared, deadline, idle);
    let retry = prepared.options.retry.as_ref().unwrap_or(&client.retry);
    let max_retries = prepared.options.max_retries.unwrap_or(retry.max_retries);
    let mut retries = 0;
    loop {
        let began = Instant::now();
        let failure = match span.within(trying.once()).await {
            Ok(Good { head, body, ahead, collected }) => {
                client.budget.refund();
                let (status, headers) = (head.status, head.headers);
                trying.record(began, Some(status.as_u16()), request_id(&headers), None);
                let attempts = trying.attempts;
                return Ok(Answer { status, headers, body, ahead, collected, attempts, started, span });
            }
            Err(failure) => failure,
        };
        trying.record(began, failure.status, failure.request_id.clone(), Some(failure.error.to_string()));
        let repeat = match failure.repeat {
            Repeat::No => false,
            Repeat::Now => continue,
            Repeat::Later => retries < max_retries,
        };
        let pause = retry.pause(retries, failure.hint, client.surroundings.chance()).filter(|_| repeat);
        let left = trying.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        // The budget is asked last: a retry that does not happen costs nothing.
        match pause.filter(|pause| left.is_none_or(|left| *pause < left) && client.budget.spend()) {
            Some(pause) => {
                retries += 1;
                if let Some(last) = trying.attempts.last_mut() {
                    last.pause = Some(pause);
                }
                tokio::time::sleep(pause).await;
            }
            None => {
                let request_id = trying.attempts.iter().rev().find_map(|attempt| attempt.request_id.clone());
                let error = failure.error.with_request_id(request_id).with_retry_after(failure.hint);
                let error = error.with_attempts(trying.attempts);
                span.failed(&error);
                return Err(error);
            }
        }
    }
}

/// Makes a message of a whole answer.
pub(crate) fn read(prepared: Prepared, mut answer: Answer) -> Result<Response<Message>> {
    let Some(collected) = answer.collected.take() else {
        return read_as(prepared, answer, "message", decode_response, Span::replied);
    };
    let mut meta = Meta::new(prepared.plan, &answer);
    // What the headers of a whole answer say stands at the end of a stream.
    meta.counts = collected.meta.metrics.as_ref().map(TokenCounts::of).unwrap_or_default();
    meta.metrics = collected.meta.metrics;
    meta.attempts = answer.attempts;
    meta.headers = answer.headers;
    answer.span.answered(&meta);
    answer.span.replied(&collected.value);
    Ok(Response { value: collected.value, meta })
}

/// Makes a count of a whole answer.
pub(crate) fn read_count(prepared: Prepared, answer: Answer) -> Result<Response<TokenCount>> {
    read_as(prepared, answer, "count of tokens", decode_count_answer, |span, count| span.counted(count.input_tokens))
}

fn read_as<T>(
    prepared: Prepared,
    mut answer: Answer,
    what: &str,
    decode: impl FnOnce(&[u8]) -> std::result::Result<T, serde_json::Error>,
    replied: impl FnOnce(&mut Span, &T),
) -> Result<Response<T>> {
    let mut meta = Meta::new(prepared.plan, &answer);
    let value = decode(&answer.ahead).map_err(|error| {
        let why = format!("the answer is no {what}: {error}");
        let error = Error::new(Kind::Decode, prepared.doing, why).with_request_id(meta.request_id.clone());
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
