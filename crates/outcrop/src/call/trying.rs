//! One try of a call: authorize, send, look at what comes first; and what its failure asks for.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http::header::{CONTENT_TYPE, DATE};
use http::response::Parts;
use outcrop_wire::dialect::{EventDecoder, StreamError};
use outcrop_wire::fault::{Advice, Fault};
use outcrop_wire::messages::{Event, Message};
use outcrop_wire::surface::Delivery;
use tokio::time::Instant;

use super::{Answer, Attempt, Exchange, Outbound, Prepared, request_id};
use crate::auth::Authorizer;
use crate::client::Inner;
use crate::error::{Error, Kind};
use crate::plan::scope;
use crate::resolve;
use crate::response::Response;
use crate::retry;
use crate::stream::MessageStream;
use crate::surroundings::Surroundings;
use crate::telemetry::Span;
use crate::transport::{Body, TransportError};

/// The longest answer that is read whole.
const ANSWER_LIMIT: usize = 64 * 1024 * 1024;

/// The longest explanation of an error that is read, and how long its silence is borne.
const ERROR_LIMIT: usize = 1024 * 1024;
const ERROR_PATIENCE: Duration = Duration::from_secs(5);

/// A try that brought an answer.
pub(super) struct Good {
    pub(super) head: Parts,
    pub(super) body: Body,
    /// Bytes read ahead of `body`.
    pub(super) ahead: Bytes,
    /// All of it, where it was read to its end.
    pub(super) collected: Option<Box<Response<Message>>>,
}

/// A try that failed.
pub(super) struct Failure {
    pub(super) error: Error,
    pub(super) status: Option<u16>,
    pub(super) request_id: Option<String>,
    pub(super) hint: Option<Duration>,
    pub(super) repeat: Repeat,
}

/// What a failed try asks for.
pub(super) enum Repeat {
    /// Nothing: it would fail again.
    No,
    /// Another try after a pause.
    Later,
    /// Another try at once: the clock or the keys changed.
    Now,
}

/// The tries of one call.
pub(super) struct Trying<'a> {
    pub(super) client: &'a Inner,
    pub(super) prepared: &'a Prepared,
    pub(super) deadline: Option<Instant>,
    pub(super) idle: Duration,
    pub(super) attempts: Vec<Attempt>,
    /// Which target is tried, in their order.
    pub(super) place: usize,
    /// The places of targets that refused, a bit each.
    refused: u32,
    /// Done once for a target.
    mended_clock: bool,
    /// Done once for a target.
    refreshed: bool,
}

impl<'a> Trying<'a> {
    pub(super) fn new(client: &'a Inner, prepared: &'a Prepared, deadline: Option<Instant>, idle: Duration) -> Self {
        let (attempts, place, refused) = (Vec::new(), 0, 0);
        Trying { client, prepared, deadline, idle, attempts, place, refused, mended_clock: false, refreshed: false }
    }

    fn outbound(&self) -> &'a Outbound {
        self.prepared.at(self.place)
    }

    /// Leaves out a target of the list that refuses what others may take. The call's own target is believed.
    pub(super) fn leaves_out(&mut self, failure: &Failure) -> bool {
        let of_the_list = !self.outbound().own;
        let refuses = matches!(failure.error.kind(), Kind::Service | Kind::Credentials);
        if of_the_list && refuses {
            self.refused |= 1 << self.place;
        }
        of_the_list && refuses
    }

    /// Goes on to the next target of this round; `false` where there is none.
    pub(super) fn move_on(&mut self) -> bool {
        let after = self.place + 1..=self.prepared.others.len();
        self.go(after)
    }

    /// Begins the next round.
    pub(super) fn begin_again(&mut self) {
        let all = 0..=self.prepared.others.len();
        self.go(all);
    }

    fn go(&mut self, mut places: std::ops::RangeInclusive<usize>) -> bool {
        match places.find(|place| self.refused & (1 << place) == 0) {
            Some(place) if place != self.place => {
                (self.place, self.mended_clock, self.refreshed) = (place, false, false);
                true
            }
            _ => false,
        }
    }

    /// The end of the call.
    pub(super) fn given_up(self, failure: Failure, span: &mut Span) -> Error {
        let request_id = self.attempts.iter().rev().find_map(|attempt| attempt.request_id.clone());
        let error = failure.error.with_request_id(request_id).with_retry_after(failure.hint);
        let error = error.with_attempts(self.attempts);
        span.failed(&error);
        error
    }

    /// One try.
    pub(super) async fn once(&mut self) -> std::result::Result<Good, Failure> {
        let patience = self
            .deadline
            .map_or(self.idle, |deadline| self.idle.min(deadline.saturating_duration_since(Instant::now())));
        let outbound = self.outbound();
        let exchange = Exchange { client: self.client, outbound, attempt: self.attempts.len() + 1 };
        let (answer, access_key_id) = match tokio::time::timeout(patience, exchange.try_once(outbound.request())).await
        {
            Ok(exchanged) => exchanged.map_err(unanswered)?,
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
        let read = match self.outbound().plan.delivery {
            Delivery::Unary | Delivery::Count => read_whole(&mut body, ANSWER_LIMIT).await,
            Delivery::Stream => self.first_frame(&head.headers, &mut body).await,
        };
        match read {
            Ok(ahead) if self.prepared.collect => self.collect(head, body, ahead).await,
            Ok(ahead) => Ok(Good { head, body, ahead, collected: None }),
            Err(First::Fault(fault)) => Err(self.failed(fault, &head.headers, access_key_id.as_deref())),
            Err(First::Broken(error)) => Err(self.broken(&error, Some(&head.headers))),
            Err(First::Senseless(why)) => {
                let error = Error::new(Kind::Decode, self.outbound().doing.clone(), why);
                let request_id = request_id(&head.headers);
                Err(Failure { error, status: Some(200), request_id, hint: None, repeat: Repeat::No })
            }
        }
    }

    /// Reads until the first event is known good. A throttle that comes as first frame is a failed try like any other,
    /// and so is one that came together with events that say nothing yet: of those nothing would be missed. More than
    /// the first event is not waited for.
    async fn first_frame(&self, headers: &HeaderMap, body: &mut Body) -> std::result::Result<Bytes, First> {
        let row = self.outbound().plan.target.surface.row();
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
            let mut begun = false;
            loop {
                match decoder.next_event() {
                    Ok(None) => break,
                    Ok(Some(event)) => {
                        begun = true;
                        if !says_nothing(&event) {
                            break;
                        }
                    }
                    Err(StreamError::Fault(fault)) => return Err(First::Fault(fault)),
                    // What is wrong with later events, the reader is told in its place.
                    Err(_) if begun => break,
                    Err(error) => return Err(First::Senseless(error.to_string())),
                }
            }
            if begun {
                return Ok(ahead.unwrap_or_default());
            }
        }
    }

    /// Reads a stream to its end. Nothing of it was handed out, so what breaks it is a failed try like any other; the error
    /// holds what came.
    async fn collect(&self, head: Parts, body: Body, ahead: Bytes) -> std::result::Result<Good, Failure> {
        let answer = Answer {
            status: head.status,
            headers: head.headers.clone(),
            body,
            ahead,
            collected: None,
            attempts: Vec::new(),
            started: Instant::now(),
            // The span is the call's, not the try's.
            span: Span::none(),
        };
        match MessageStream::new(self.outbound().clone(), answer).finish().await {
            Ok(whole) => Ok(Good { head, body: Body::empty(), ahead: Bytes::new(), collected: Some(Box::new(whole)) }),
            Err(error) => {
                let may_pass = error.is_retryable() && error.kind() != Kind::Timeout;
                let repeat = if may_pass { Repeat::Later } else { Repeat::No };
                let status = error.status().or(Some(200));
                Err(Failure { error, status, request_id: request_id(&head.headers), hint: None, repeat })
            }
        }
    }

    /// The transport failed; `headers` where an answer had begun.
    fn broken(&self, error: &TransportError, headers: Option<&HeaderMap>) -> Failure {
        let failure = unanswered(Error::transport(self.outbound().doing.clone(), error));
        Failure { status: headers.map(|_| 200), request_id: headers.and_then(request_id), ..failure }
    }

    fn failed(&mut self, fault: Fault, headers: &HeaderMap, access_key_id: Option<&str>) -> Failure {
        let repeat = match fault.advice() {
            Advice::MendClock if !self.mended_clock => {
                self.mended_clock = true;
                let authorizer = &self.outbound().host.authorizer;
                if mend_clock(authorizer, &self.client.surroundings, headers) { Repeat::Now } else { Repeat::No }
            }
            Advice::RefreshCredentials if !self.refreshed && self.outbound().host.authorizer.can_refresh() => {
                self.refreshed = true;
                self.outbound().host.authorizer.forget(access_key_id.unwrap_or_default());
                Repeat::Now
            }
            _ if retry::may_repeat(&fault, headers) => Repeat::Later,
            _ => Repeat::No,
        };
        let mut error = Error::fault(self.outbound().doing.clone(), fault);
        let today = resolve::today(self.client);
        let hint = error
            .service_message()
            .and_then(|message| scope::hint(&self.outbound().plan.target, &self.client.catalogue, &today, message));
        if let Some(hint) = hint {
            error = error.with_hint(hint);
        }
        Failure {
            status: error.status(),
            error,
            request_id: request_id(headers),
            hint: retry::hint(headers, self.client.surroundings.now()),
            repeat,
        }
    }

    pub(super) fn record(
        &mut self,
        began: Instant,
        status: Option<u16>,
        request_id: Option<String>,
        failure: Option<String>,
    ) {
        self.attempts.push(Attempt {
            target: Arc::clone(&self.outbound().plan.target),
            status,
            request_id,
            failure,
            duration: began.elapsed(),
            pause: None,
        });
    }
}

/// Takes the server's `Date` for the time from now on.
pub(crate) fn mend_clock(authorizer: &Authorizer, surroundings: &Surroundings, headers: &HeaderMap) -> bool {
    let date = headers.get(DATE).and_then(|value| httpdate::parse_http_date(value.to_str().ok()?).ok());
    let Some(server) = date.and_then(|date| date.duration_since(SystemTime::UNIX_EPOCH).ok()) else { return false };
    let server = i64::try_from(server.as_secs()).unwrap_or(i64::MAX);
    authorizer.set_skew(server - surroundings.unix())
}

/// Reads a body whole; an error in the body of a 200 is one.
async fn read_whole(body: &mut Body, limit: usize) -> std::result::Result<Bytes, First> {
    let whole = body.collect(limit).await.map_err(First::Broken)?;
    match Fault::from_body_of_200(&whole) {
        Some(fault) => Err(First::Fault(fault)),
        None => Ok(whole),
    }
}

/// Whether an event brings nothing of the reply itself.
fn says_nothing(event: &Event) -> bool {
    matches!(event, Event::MessageStart(_) | Event::ContentBlockStart(_) | Event::Ping(_))
}

/// There is no answer.
fn unanswered(error: Error) -> Failure {
    let repeat = if retry::may_repeat_after(error.kind()) { Repeat::Later } else { Repeat::No };
    Failure { error, status: None, request_id: None, hint: None, repeat }
}

/// Why an answer that began as a success is none.
enum First {
    Fault(Fault),
    Broken(TransportError),
    Senseless(String),
}
