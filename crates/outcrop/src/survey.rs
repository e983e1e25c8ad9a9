//! What stands between a client and an answer, one thing at a time: for programs that explain why calls fail.
//!
//! [`ClientBuilder::settings`](crate::ClientBuilder::settings) tells what is said before there is a client;
//! [`Client::credential`], [`Client::probe`], [`Client::clock_skew`] and [`Client::knock`] go on from there. Nothing here
//! costs anything, and no secret is in what they tell.

use std::time::SystemTime;

use bytes::Bytes;
use http::header::{DATE, HOST, USER_AGENT};
use http::{HeaderValue, Request, Uri};
use outcrop_wire::account::ApiKey;
use outcrop_wire::fault::Fault;
use outcrop_wire::model::ModelId;
use outcrop_wire::surface::{Delivery, Surface};

use crate::call::{CallOptions, request_id};
use crate::client::Client;
use crate::endpoint::{Endpoint, Service};
use crate::error::{Error, Kind, Result};
use crate::transport::{Probe, TransportError};

/// What calls are made with.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Credential {
    /// Where it comes from: `keys from AWS_ACCESS_KEY_ID`.
    pub source: String,
    /// What it is.
    pub kind: CredentialKind,
}

/// What calls are made with.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum CredentialKind {
    /// Nothing: a gateway says who calls.
    Unsigned,
    /// A Bedrock API key, and what it says of itself.
    ApiKey(ApiKey),
    /// AWS keys.
    Keys {
        /// `AKIA...`, or `ASIA...` for temporary keys.
        access_key_id: String,
        /// Whether a session token belongs to them.
        session: bool,
        /// When they end, where that is known.
        expires: Option<SystemTime>,
    },
}

/// The longest explanation of a refusal that is read.
const ANSWER_LIMIT: usize = 64 * 1024;

/// A body that no model takes.
const EMPTY: &[u8] = b"{}";

/// What AWS says where it is not the body that was refused: of ids that cannot be called so (both are recorded), and of
/// models that want more to be kept than the account allows (anomalyco/opencode issue 31560).
const NOT_THE_BODY: [&str; 3] = ["model identifier is invalid", "on-demand throughput", "data retention mode"];

impl Client {
    /// What calls are made with. Keys that a service gives are fetched.
    ///
    /// # Errors
    /// When there are none, or they cannot be had.
    pub async fn credential(&self) -> Result<Credential> {
        let inner = &*self.0;
        let authorizer = &inner.hosts.home().authorizer;
        let kind = match authorizer.credentials() {
            Some(cache) => {
                let keys = cache.good_at(inner.surroundings.now()).await.map_err(Error::credentials)?.value;
                CredentialKind::Keys {
                    access_key_id: keys.access_key_id.clone(),
                    session: keys.session_token.is_some(),
                    expires: keys.expires,
                }
            }
            None => {
                let key = authorizer.api_key(&inner.surroundings).await.map_err(Error::credentials)?;
                key.map_or(CredentialKind::Unsigned, CredentialKind::ApiKey)
            }
        };
        Ok(Credential { source: inner.caller.to_string(), kind })
    }

    /// Where calls to a service go, in the client's own region.
    ///
    /// # Errors
    /// When the service has no host there, or a setting about it makes no sense.
    pub fn endpoint_of(&self, service: Service) -> Result<Endpoint> {
        Ok(self.0.hosts.of_service(service, self.0.region.as_deref())?.endpoint.clone())
    }

    /// Opens a connection to a service, step by step, as calls would, and tells how far it came. `None` where that is not
    /// known: of connections in process, and of a transport that cannot say.
    ///
    /// # Errors
    /// As [`Client::endpoint_of`].
    pub async fn probe(&self, service: Service) -> Result<Option<Probe>> {
        let uri = uri(&self.endpoint_of(service)?)?;
        Ok(match self.0.transport.probe(&uri) {
            Some(probing) => Some(probing.await),
            None => None,
        })
    }

    /// How many seconds the clock of a service is ahead of ours, by the `Date` of its answer to a request without a name;
    /// `None` where the answer has no date. AWS refuses signatures that are more than five minutes off.
    ///
    /// # Errors
    /// When no answer comes.
    pub async fn clock_skew(&self, service: Service) -> Result<Option<i64>> {
        let endpoint = self.endpoint_of(service)?;
        let doing = format!("ask {} for the time", endpoint.authority);
        let mut request = Request::new(Bytes::new());
        *request.uri_mut() = uri(&endpoint)?;
        let agent = HeaderValue::from_static(concat!("outcrop/", env!("CARGO_PKG_VERSION")));
        request.headers_mut().insert(USER_AGENT, agent);
        if let Ok(host) = HeaderValue::from_str(&endpoint.authority) {
            request.headers_mut().insert(HOST, host);
        }
        let patience = self.0.timeouts.idle.min(crate::account::PATIENCE);
        let answer = tokio::time::timeout(patience, self.0.transport.send(request)).await;
        let late = |_| TransportError::Timeout(format!("no answer came within {patience:?}"));
        let answer = answer.map_err(late).and_then(|answer| answer);
        let answer = answer.map_err(|error| Error::transport(doing, &error))?;
        let date = answer.headers().get(DATE).and_then(|date| date.to_str().ok());
        let date = date.and_then(|date| httpdate::parse_http_date(date).ok());
        Ok(date.map(|date| seconds(date) - self.0.surroundings.unix()))
    }

    /// Whether a call of a model is let in: sends a body that no model takes, by the way in that is named, and is content
    /// when it is the body that was refused. That AWS asks who calls and what for before it looks at a body is remembered.
    ///
    /// # Errors
    /// When the call cannot be made, no answer comes or one that is not Bedrock's, or the caller, the model id or the
    /// account is refused.
    pub async fn knock(&self, model: impl Into<ModelId>, delivery: Delivery, surface: Surface) -> Result<()> {
        let model = model.into();
        let doing = format!("call {model} with an empty body");
        let options = CallOptions::new().surface(surface);
        let answer = self.raw(model, delivery, Bytes::from_static(EMPTY), &options).await?;
        let (head, mut body) = answer.into_parts();
        let body = body.collect(ANSWER_LIMIT).await.unwrap_or_default();
        let status = head.status;
        let named = request_id(&head.headers);
        if (named.is_none() || status.is_success()) && body.trim_ascii_start().starts_with(b"<") {
            let why = format!("the answer is a web page ({status}), which Bedrock's are not");
            return Err(Error::new(Kind::Decode, doing, why));
        }
        let fault = match status.is_success() {
            // A stream that begins is one that was let in.
            true => Fault::from_body_of_200(&body),
            false => {
                let error_type = head.headers.get("x-amzn-errortype").and_then(|value| value.to_str().ok());
                Some(Fault::from_http(status.as_u16(), error_type, &body))
            }
        };
        let refused = |fault: &Fault| status != 400 || NOT_THE_BODY.iter().any(|words| fault.message.contains(words));
        match fault.filter(refused) {
            Some(fault) => Err(Error::fault(doing, fault).with_request_id(named)),
            None => Ok(()),
        }
    }
}

/// Where a service answers anybody.
fn uri(endpoint: &Endpoint) -> Result<Uri> {
    let uri = endpoint.url("/").parse::<Uri>();
    uri.map_err(|error| Error::config("find where to call", format!("the URL is malformed: {error}")))
}

fn seconds(time: SystemTime) -> i64 {
    time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}
