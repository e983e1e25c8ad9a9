//! One call, in three functions: `prepare`, `send`, `read`. Read this file first.
//!
//! `prepare` makes bytes of a request and its plan. `send` moves bytes and nothing else: it authorizes, tries, tries
//! again, and holds a stream back until its first frame is known good. `read` makes a message of an answer.

use std::fmt;
use std::time::{Duration, SystemTime};

use bytes::{Bytes, BytesMut};
use http::header::{ACCEPT, CONTENT_TYPE, DATE, HOST, USER_AGENT};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri};
use outcrop_wire::dialect::invoke::{TokenCounts, decode_response, encode_request};
use outcrop_wire::dialect::{EventDecoder, StreamError};
use outcrop_wire::fault::{Advice, Fault};
use outcrop_wire::messages::{Message, MessageRequest};
use outcrop_wire::surface::{Delivery, Dialect};
use tokio::time::Instant;

use crate::client::Inner;
use crate::error::{Error, Kind, Result};
use crate::plan::{Plan, plan};
use crate::resolve;
use crate::response::{Meta, Response};
use crate::retry;
use crate::transport::{Body, TransportError};

/// The longest answer that is read whole.
const ANSWER_LIMIT: usize = 64 * 1024 * 1024;

/// The longest explanation of an error that is read, and how long its silence is borne.
const ERROR_LIMIT: usize = 1024 * 1024;
const ERROR_PATIENCE: Duration = Duration::from_secs(5);

/// How a single call differs from its client's settings.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct CallOptions {
    /// Limit of the whole call, retries and stream included.
    pub timeout: Option<Duration>,
    /// Limit of silence between bytes.
    pub idle_timeout: Option<Duration>,
    /// Retries.
    pub max_retries: Option<u32>,
    /// Headers added, or set in place of ours. What names the caller (`authorization`, `x-amz-date`,
    /// `x-amz-security-token`) is ours, but for clients that sign nothing.
    pub extra_headers: HeaderMap,
    /// Keeps the bytes of a whole answer in `meta.raw`.
    pub keep_raw: bool,
}

impl CallOptions {
    /// The client's settings.
    #[must_use]
    pub fn new() -> Self {
        CallOptions::default()
    }

    /// Limits the whole call, retries and stream included.
    #[must_use]
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.timeout = Some(limit);
        self
    }

    /// Limits the silence between bytes.
    #[must_use]
    pub fn idle_timeout(mut self, limit: Duration) -> Self {
        self.idle_timeout = Some(limit);
        self
    }

    /// Sets the number of retries.
    #[must_use]
    pub fn max_retries(mut self, retries: u32) -> Self {
        self.max_retries = Some(retries);
        self
    }

    /// Adds a header.
    #[must_use]
    pub fn extra_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.extra_headers.append(name, value);
        self
    }

    /// Keeps the bytes of a whole answer in `meta.raw`.
    #[must_use]
    pub fn keep_raw(mut self) -> Self {
        self.keep_raw = true;
        self
    }
}

/// Header values may be secrets: only the names print.
impl fmt::Debug for CallOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallOptions")
            .field("timeout", &self.timeout)
            .field("idle_timeout", &self.idle_timeout)
            .field("max_retries", &self.max_retries)
            .field("extra_headers", &self.extra_headers.keys().collect::<Vec<_>>())
            .field("keep_raw", &self.keep_raw)
            .finish()
    }
}

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
    /// What is being done, for errors.
    pub(crate) doing: String,
}

/// An answer that is a success: its head, its body from the first byte on, and the tries it took.
pub(crate) struct Answer {
    pub(crate) headers: HeaderMap,
    pub(crate) body: Body,
    /// Bytes read ahead of `body` to know the first frame.
    pub(crate) ahead: Bytes,
    pub(crate) attempts: Vec<Attempt>,
    pub(crate) started: Instant,
}

/// Makes bytes of a request.
pub(crate) fn prepare(
    client: &Inner,
    request: &MessageRequest,
    delivery: Delivery,
    options: &CallOptions,
) -> Result<Prepared> {
    let doing = format!("call {} on {}", request.model, client.endpoint.authority);
    let targets = resolve::targets(client, request);
    let today = resolve::today(client);
    let plans = plan(&crate::plan::Needs::of(request), &targets, delivery, &client.catalogue, &today);
    let refused = |why: String, hint: Option<String>| {
        let error = Error::new(Kind::Invalid, doing.clone(), why);
        match hint {
            Some(hint) => error.with_hint(hint),
            None => error,
        }
    };
    let plan = plans.map_err(|refusal| refused(refusal.why, refusal.hint))?.into_iter().next();
    let Some(plan) = plan else { return Err(refused("there is nowhere to send it".to_owned(), None)) };
    let body = match plan.target.surface.row().dialect {
        Dialect::Invoke => encode_request(request, &plan.edits()),
    };
    let body = body.map_err(|error| refused(format!("the request cannot be written as JSON: {error}"), None))?;
    let parts = head(client, &plan, options).map_err(|why| refused(why, None))?;
    Ok(Prepared { plan, parts, body: body.into(), options: options.clone(), doing })
}

/// The request's head, but for what authorizes it.
fn head(client: &Inner, plan: &Plan, options: &CallOptions) -> std::result::Result<Parts, String> {
    let uri: Uri = client.endpoint.url(&plan.path).parse().map_err(|error| format!("the URL is malformed: {error}"))?;
    let (mut parts, ()) = Request::new(()).into_parts();
    parts.method = Method::POST;
    parts.headers.insert(HOST, value(&client.endpoint.authority)?);
    parts.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let (accept, content_type) = match plan.delivery {
        Delivery::Unary => (ACCEPT, "application/json"),
        // The stream's own content type is asked for under another name (botocore service model).
        Delivery::Stream => (HeaderName::from_static("x-amzn-bedrock-accept"), "application/json"),
    };
    parts.headers.insert(accept, HeaderValue::from_static(content_type));
    parts.headers.insert(USER_AGENT, HeaderValue::from_static(concat!("outcrop/", env!("CARGO_PKG_VERSION"))));
    for (name, text) in &plan.headers {
        parts.headers.insert(HeaderName::from_static(name), value(text)?);
    }
    for name in options.extra_headers.keys() {
        parts.headers.remove(name);
        for value in options.extra_headers.get_all(name) {
            // Whatever it is, it is the caller's to know.
            let mut value = value.clone();
            value.set_sensitive(true);
            parts.headers.append(name, value);
        }
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
    let limit = prepared.options.timeout.or(client.timeouts.total);
    let mut trying = Trying {
        client,
        prepared,
        deadline: limit.and_then(|limit| started.checked_add(limit)),
        idle: prepared.options.idle_timeout.unwrap_or(client.timeouts.idle),
        attempts: Vec::new(),
        mended_clock: false,
        refreshed: false,
    };
    let max_retries = prepared.options.max_retries.unwrap_or(client.retry.max_retries);
    let mut retries = 0;
    loop {
        let began = Instant::now();
        let failure = match trying.once().await {
            Ok((headers, body, ahead)) => {
                client.budget.refund();
                let status = Some(200);
                trying.record(began, status, request_id(&headers), None);
                return Ok(Answer { headers, body, ahead, attempts: trying.attempts, started });
            }
            Err(failure) => failure,
        };
        trying.record(began, failure.status, failure.request_id.clone(), Some(failure.error.to_string()));
        let repeat = match failure.repeat {
            Repeat::No => false,
            // Not a retry of the same request: the clock or the keys changed.
            Repeat::Now => continue,
            Repeat::Later => retries < max_retries,
        };
        let pause = client.retry.pause(retries, failure.hint, client.surroundings.chance()).filter(|_| repeat);
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
                return Err(error.with_attempts(trying.attempts));
            }
        }
    }
}

/// A try that failed.
struct Failure {
    error: Error,
    status: Option<u16>,
    request_id: Option<String>,
    hint: Option<Duration>,
    repeat: Repeat,
}

enum Repeat {
    No,
    Later,
    Now,
}

struct Trying<'a> {
    client: &'a Inner,
    prepared: &'a Prepared,
    deadline: Option<Instant>,
    idle: Duration,
    attempts: Vec<Attempt>,
    mended_clock: bool,
    refreshed: bool,
}

impl Trying<'_> {
    /// One try: the answer's head, its body, and what of that was read ahead.
    async fn once(&mut self) -> std::result::Result<(HeaderMap, Body, Bytes), Failure> {
        let patience = self
            .deadline
            .map_or(self.idle, |deadline| self.idle.min(deadline.saturating_duration_since(Instant::now())));
        let exchange = async {
            let (parts, access_key_id) = authorize(self.client, self.prepared).await.map_err(unauthorized)?;
            let request = Request::from_parts(parts, self.prepared.body.clone());
            let answer = self.client.transport.send(request).await.map_err(|error| self.broken(&error, None))?;
            Ok((answer, access_key_id))
        };
        let (answer, access_key_id) = match tokio::time::timeout(patience, exchange).await {
            Ok(exchanged) => exchanged?,
            Err(_) => {
                let error = TransportError::Timeout(format!("no answer came within {patience:?}"));
                return Err(self.broken(&error, None));
            }
        };
        let (head, body) = answer.into_parts();
        if !head.status.is_success() {
            // The status is known: its explanation is not waited for as a reply would be. What cannot be read of it is
            // left out.
            let mut body = body.watched(self.idle.min(ERROR_PATIENCE), self.deadline);
            let text = body.collect(ERROR_LIMIT).await.unwrap_or_default();
            let error_type = head.headers.get("x-amzn-errortype").and_then(|value| value.to_str().ok());
            let fault = Fault::from_http(head.status.as_u16(), error_type, &text);
            return Err(self.failed(fault, &head.headers, access_key_id.as_deref()));
        }
        let mut body = body.watched(self.idle, self.deadline);
        let read = match self.prepared.plan.delivery {
            Delivery::Unary => read_whole(&mut body, ANSWER_LIMIT).await,
            Delivery::Stream => self.first_frame(&head.headers, &mut body).await,
        };
        match read {
            Ok(ahead) => Ok((head.headers, body, ahead)),
            Err(First::Fault(fault)) => Err(self.failed(fault, &head.headers, access_key_id.as_deref())),
            Err(First::Broken(error)) => Err(self.broken(&error, Some(&head.headers))),
            Err(First::Senseless(why)) => {
                let error = Error::new(Kind::Decode, self.prepared.doing.clone(), why);
                let request_id = request_id(&head.headers);
                Err(Failure { error, status: Some(200), request_id, hint: None, repeat: Repeat::No })
            }
        }
    }

    /// Reads until the first event is known good. A throttle that comes as first frame is a failed try like any other.
    async fn first_frame(&self, headers: &HeaderMap, body: &mut Body) -> std::result::Result<Bytes, First> {
        let row = self.prepared.plan.target.surface.row();
        let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if !content_type.is_empty() && !content_type.starts_with(row.stream_content_type) {
            // JSON in place of a stream is an error that says why; of anything else not even the end is waited for.
            if content_type.contains("json") {
                read_whole(body, ERROR_LIMIT).await?;
            }
            return Err(First::Senseless(format!("the stream is `{content_type}`, not `{}`", row.stream_content_type)));
        }
        let mut decoder = EventDecoder::new(row.dialect);
        let mut ahead: Option<Bytes> = None;
        loop {
            let Some(chunk) = body.chunk().await else {
                let why = "the stream ended before its first event".to_owned();
                return Err(First::Broken(TransportError::Broken(why)));
            };
            let chunk = chunk.map_err(First::Broken)?;
            decoder.push(&chunk);
            ahead = Some(match ahead {
                None => chunk,
                Some(held) => {
                    let mut joined = BytesMut::from(held);
                    joined.extend_from_slice(&chunk);
                    joined.freeze()
                }
            });
            match decoder.next_event() {
                Ok(None) => {}
                Ok(Some(_)) => return Ok(ahead.unwrap_or_default()),
                Err(StreamError::Fault(fault)) => return Err(First::Fault(fault)),
                Err(error) => return Err(First::Senseless(error.to_string())),
            }
        }
    }

    /// The transport failed; `headers` where an answer had begun.
    fn broken(&self, error: &TransportError, headers: Option<&HeaderMap>) -> Failure {
        let repeat = if retry::may_repeat_after(error) { Repeat::Later } else { Repeat::No };
        let error = Error::transport(self.prepared.doing.clone(), error);
        Failure { error, status: headers.map(|_| 200), request_id: headers.and_then(request_id), hint: None, repeat }
    }

    fn failed(&mut self, fault: Fault, headers: &HeaderMap, access_key_id: Option<&str>) -> Failure {
        let repeat = match fault.advice() {
            Advice::MendClock if !self.mended_clock => {
                self.mended_clock = true;
                if self.mend_clock(headers) { Repeat::Now } else { Repeat::No }
            }
            Advice::RefreshCredentials if !self.refreshed && self.client.authorizer.can_refresh() => {
                self.refreshed = true;
                self.client.authorizer.forget(access_key_id.unwrap_or_default());
                Repeat::Now
            }
            _ if retry::may_repeat(&fault, headers) => Repeat::Later,
            _ => Repeat::No,
        };
        Failure {
            status: Some(fault.status),
            error: Error::fault(self.prepared.doing.clone(), fault),
            request_id: request_id(headers),
            hint: retry::hint(headers, self.client.surroundings.now()),
            repeat,
        }
    }

    /// Takes the server's `Date` for the time from now on.
    fn mend_clock(&self, headers: &HeaderMap) -> bool {
        let date = headers.get(DATE).and_then(|value| httpdate::parse_http_date(value.to_str().ok()?).ok());
        let Some(server) = date.and_then(|date| date.duration_since(SystemTime::UNIX_EPOCH).ok()) else { return false };
        let server = i64::try_from(server.as_secs()).unwrap_or(i64::MAX);
        self.client.authorizer.set_skew(server - self.client.surroundings.unix())
    }

    fn record(&mut self, began: Instant, status: Option<u16>, request_id: Option<String>, failure: Option<String>) {
        self.attempts.push(Attempt {
            region: self.prepared.plan.target.region.clone(),
            status,
            request_id,
            failure,
            duration: began.elapsed(),
            pause: None,
        });
    }
}

/// Reads a body whole; an error in the body of a 200 is one.
async fn read_whole(body: &mut Body, limit: usize) -> std::result::Result<Bytes, First> {
    let whole = body.collect(limit).await.map_err(First::Broken)?;
    match Fault::from_body_of_200(&whole) {
        Some(fault) => Err(First::Fault(fault)),
        None => Ok(whole),
    }
}

/// There is nothing to send with.
fn unauthorized(error: Error) -> Failure {
    Failure { error, status: None, request_id: None, hint: None, repeat: Repeat::No }
}

/// Why an answer that began as a success is none.
enum First {
    Fault(Fault),
    Broken(TransportError),
    Senseless(String),
}

/// The head with what authorizes it, and the access key used.
pub(crate) async fn authorize(client: &Inner, prepared: &Prepared) -> Result<(Parts, Option<String>)> {
    let mut parts = prepared.parts.clone();
    let authorizing = client.authorizer.authorize(&mut parts, &prepared.body, &client.surroundings);
    let access_key_id = authorizing.await.map_err(Error::credentials)?;
    Ok((parts, access_key_id))
}

/// Makes a message of a whole answer.
pub(crate) fn read(prepared: &Prepared, answer: Answer) -> Result<Response<Message>> {
    let mut meta = Meta::new(&prepared.plan, &answer);
    let message = decode_response(&answer.ahead).map_err(|error| {
        let why = format!("the answer is no message: {error}");
        let error = Error::new(Kind::Decode, prepared.doing.clone(), why).with_request_id(meta.request_id.clone());
        error.with_attempts(answer.attempts.clone())
    })?;
    meta.counts = TokenCounts::read(|name| answer.headers.get(name)?.to_str().ok());
    meta.raw = prepared.options.keep_raw.then_some(answer.ahead);
    meta.attempts = answer.attempts;
    meta.headers = answer.headers;
    Ok(Response { value: message, meta })
}

/// `x-amzn-requestid`; gateways of the first-party kind say `request-id`.
pub(crate) fn request_id(headers: &HeaderMap) -> Option<String> {
    ["x-amzn-requestid", "request-id"].iter().find_map(|name| headers.get(*name)?.to_str().ok().map(str::to_owned))
}
