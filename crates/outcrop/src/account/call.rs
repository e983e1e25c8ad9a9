//! One call about the account: authorized, sent, tried again, and read whole, or as it comes.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST, USER_AGENT};
use http::request::Parts;
use http::{HeaderValue, Method, Request, Response, Uri};
use http_body_util::Full;
use outcrop_wire::Json;
use outcrop_wire::account::bucket::REGION_HEADER;
use outcrop_wire::fault::{Advice, Fault};
use tokio::time::Instant;

use crate::call::{mend_clock, request_id};
use crate::client::{Host, Inner};
use crate::error::{Error, Kind, Result};
use crate::retry;
use crate::transport::{Body, TransportError};

/// How long a server may be silent: nothing is computed there.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// The same where objects pass, which take as long as they take to be sent.
const PATIENCE_WITH_OBJECTS: Duration = Duration::from_secs(300);

/// The longest answer. A list of every model of a region has some 130,000 bytes.
const ANSWER_LIMIT: usize = 16 * 1024 * 1024;

/// A call about the account. One that fails may be made again as it is.
pub(crate) struct AccountCall {
    pub(crate) host: Arc<Host>,
    pub(crate) method: Method,
    /// Path and query.
    pub(crate) target: String,
    pub(crate) content_type: Option<&'static str>,
    pub(crate) body: Bytes,
    /// What is being done, for errors.
    pub(crate) doing: String,
    /// How a refusal is read: status, code of the header, body.
    pub(crate) refusal: fn(u16, Option<&str>, &[u8]) -> Fault,
}

/// How an answer is read.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(crate) enum Reading {
    /// Before it is known to be good; a fault may be inside.
    Whole,
    /// By whoever asked, chunk by chunk. It may be an object of any size.
    #[cfg_attr(not(feature = "objects"), allow(dead_code, reason = "objects are behind a feature"))]
    AsItComes,
}

/// What a failed try asks for.
enum Repeat {
    No,
    Later,
    Now,
}

struct Failure {
    error: Error,
    hint: Option<Duration>,
    repeat: Repeat,
}

impl AccountCall {
    /// Sends until an answer is good or no try is left, and makes something of it.
    pub(crate) async fn send<T, E: std::fmt::Display>(
        &self,
        client: &Inner,
        decode: impl FnOnce(&[u8]) -> std::result::Result<T, E>,
    ) -> Result<T> {
        let (head, mut body) = self.answer(client, self.head()?, Reading::Whole).await?.into_parts();
        // It is here already.
        let body = body.collect(ANSWER_LIMIT).await.map_err(|error| Error::transport(&*self.doing, &error))?;
        decode(&body).map_err(|error| {
            let why = format!("the answer cannot be understood: {error}");
            Error::new(Kind::Decode, &*self.doing, why).with_request_id(request_id(&head.headers))
        })
    }

    /// Sends a head of the caller's own, with this body, until an answer is good or no try is left.
    pub(crate) async fn answer(&self, client: &Inner, parts: Parts, reading: Reading) -> Result<Response<Body>> {
        let deadline = client.timeouts.total.and_then(|limit| Instant::now().checked_add(limit));
        let (mut retries, mut mended, mut refreshed) = (0, false, false);
        loop {
            let once = self.once(client, parts.clone(), deadline, reading, (&mut mended, &mut refreshed));
            let failure = match once.await {
                Ok(answer) => {
                    client.budget.refund();
                    return Ok(answer);
                }
                Err(failure) => failure,
            };
            let pause = match failure.repeat {
                Repeat::Now => continue,
                Repeat::No => None,
                Repeat::Later => client.retry.pause(retries, failure.hint, client.surroundings.chance()),
            };
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            let pause =
                pause.filter(|pause| retries < client.retry.max_retries && left.is_none_or(|left| *pause < left));
            match pause.filter(|_| client.budget.spend()) {
                Some(pause) => {
                    retries += 1;
                    tokio::time::sleep(pause).await;
                }
                None => return Err(failure.error.with_retry_after(failure.hint)),
            }
        }
    }

    async fn once(
        &self,
        client: &Inner,
        mut parts: Parts,
        deadline: Option<Instant>,
        reading: Reading,
        (mended, refreshed): (&mut bool, &mut bool),
    ) -> std::result::Result<Response<Body>, Failure> {
        let silence = client.timeouts.idle.min(match reading {
            Reading::Whole => PATIENCE,
            Reading::AsItComes => PATIENCE_WITH_OBJECTS,
        });
        let patience =
            deadline.map_or(silence, |deadline| silence.min(deadline.saturating_duration_since(Instant::now())));
        let broken = |error: &TransportError| {
            let error = self.host.unreached(&self.doing, error);
            let repeat = if retry::may_repeat_after(error.kind()) { Repeat::Later } else { Repeat::No };
            Failure { error, hint: None, repeat }
        };
        let exchange = async {
            let authorizer = &self.host.authorizer;
            let authorized = authorizer.authorize(&mut parts, &self.body, &client.surroundings).await;
            let used = authorized.map_err(|error| Failure {
                error: Error::credentials(error),
                hint: None,
                repeat: Repeat::No,
            })?;
            let request = Request::from_parts(parts, self.body.clone());
            let answer = client.transport.send(request).await.map_err(|error| broken(&error))?;
            Ok((answer, used))
        };
        let (answer, used) = tokio::time::timeout(patience, exchange)
            .await
            .unwrap_or_else(|_| Err(broken(&TransportError::Timeout(format!("no answer came within {patience:?}")))))?;
        let (head, body) = answer.into_parts();
        let mut body = body.watched(silence, deadline);
        if head.status.is_success() && reading == Reading::AsItComes {
            return Ok(Response::from_parts(head, body));
        }
        let body = body.collect(ANSWER_LIMIT).await;
        let mut fault = match (head.status.is_success(), body) {
            (true, Ok(body)) => match Fault::from_body_of_200(&body) {
                Some(fault) => fault,
                None => return Ok(Response::from_parts(head, Body::new(Full::new(body)))),
            },
            (true, Err(error)) => return Err(broken(&error)),
            // What cannot be read of an explanation is left out.
            (false, body) => {
                let error_type = head.headers.get("x-amzn-errortype").and_then(|value| value.to_str().ok());
                (self.refusal)(head.status.as_u16(), error_type, &body.unwrap_or_default())
            }
        };
        // Where a bucket is, S3 may say in a header alone.
        if let Some(region) = head.headers.get(REGION_HEADER).and_then(|region| Json::of(region.to_str().ok()?).ok()) {
            fault.details.set("region", region);
        }
        let authorizer = &self.host.authorizer;
        let repeat = match fault.advice() {
            Advice::MendClock if !*mended => {
                *mended = true;
                if mend_clock(authorizer, &client.surroundings, &head.headers) { Repeat::Now } else { Repeat::No }
            }
            Advice::RefreshCredentials if !*refreshed && authorizer.can_refresh() => {
                *refreshed = true;
                authorizer.forget(used.as_deref().unwrap_or_default());
                Repeat::Now
            }
            _ if retry::may_repeat(&fault, &head.headers) => Repeat::Later,
            _ => Repeat::No,
        };
        let hint = retry::hint(&head.headers, client.surroundings.now());
        let error = Error::fault(&*self.doing, fault).with_request_id(request_id(&head.headers));
        Err(Failure { error, hint, repeat })
    }

    /// The head, but for what authorizes it.
    pub(crate) fn head(&self) -> Result<Parts> {
        let invalid = |why: String| Error::new(Kind::Invalid, &*self.doing, why);
        let uri = self.host.endpoint.url(&self.target).parse::<Uri>();
        let uri = uri.map_err(|error| invalid(format!("the URL is malformed: {error}")))?;
        let (mut parts, ()) = Request::new(()).into_parts();
        parts.method = self.method.clone();
        let host = HeaderValue::from_str(&self.host.endpoint.authority);
        parts.headers.insert(HOST, host.map_err(|_| invalid("the host holds what no header may".to_owned()))?);
        if let Some(content_type) = self.content_type {
            parts.headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        }
        parts.headers.insert(USER_AGENT, HeaderValue::from_static(concat!("outcrop/", env!("CARGO_PKG_VERSION"))));
        parts.uri = uri;
        Ok(parts)
    }
}
