//! The client's own way out, as object_store calls it: each request signed, sent and tried again as all others are.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_LENGTH, HOST, USER_AGENT};
use http::{HeaderValue, Response, StatusCode};
use http_body_util::BodyExt as _;
use http_body_util::combinators::BoxBody;
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpRequestBody, HttpResponse, HttpResponseBody,
    HttpService,
};
use outcrop_wire::account::S3Uri;
use outcrop_wire::account::bucket::decode_fault;

use crate::account::call::{AccountCall, Reading};
use crate::account::refusal::Asked;
use crate::client::{Client, Host, Inner};
use crate::error::{Error, Kind};
use crate::transport::{Body, TransportError};

/// Sends requests about the objects of one bucket.
#[derive(Clone)]
pub(super) struct Service {
    client: Arc<Inner>,
    host: Arc<Host>,
    bucket: String,
}

/// Gives the service to object_store.
#[derive(Debug)]
pub(super) struct Connector(pub(super) Service);

impl HttpConnector for Connector {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.0.clone()))
    }
}

impl Service {
    pub(super) fn new(client: &Client, host: Arc<Host>, bucket: &str) -> Self {
        Service { client: Arc::clone(&client.0), host, bucket: bucket.to_owned() }
    }

    /// The place that a path of a request is.
    fn place(&self, path: &str) -> S3Uri {
        let key = path.strip_prefix(&self.host.endpoint.path_prefix).unwrap_or(path).trim_start_matches('/');
        let key = outcrop_wire::account::bucket::decoded(key);
        S3Uri { bucket: self.bucket.clone(), key }
    }
}

#[async_trait]
impl HttpService for Service {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let (mut parts, body) = request.into_parts();
        let body = whole(body).await?;
        let authority = HeaderValue::from_str(&self.host.endpoint.authority);
        parts.headers.insert(HOST, authority.map_err(|error| HttpError::new(HttpErrorKind::Unknown, error))?);
        parts.headers.insert(USER_AGENT, HeaderValue::from_static(concat!("outcrop/", env!("CARGO_PKG_VERSION"))));
        // It is written by whoever sends the body.
        parts.headers.remove(CONTENT_LENGTH);
        let place = self.place(parts.uri.path());
        let asked_for = (parts.method.clone(), parts.uri.query().unwrap_or_default().to_owned());
        let call = AccountCall {
            host: Arc::clone(&self.host),
            method: parts.method.clone(),
            target: String::new(),
            content_type: None,
            body,
            doing: format!("{} {place}", parts.method),
            refusal: |status, _, body| decode_fault(status, body),
        };
        let answered = call.answer(&self.client, parts, Reading::AsItComes).await;
        let error = match answered {
            Ok(answer) => return Ok(answer.map(body_of)),
            Err(error) => error,
        };
        let region = self.host.region();
        let asked = Asked { method: &asked_for.0, place: &place, query: &asked_for.1, region };
        let error = asked.explain(error);
        match error.status().and_then(|status| StatusCode::from_u16(status).ok()) {
            Some(status) if is_ordinary(&error) => {
                let mut answer = Response::new(body_of(Body::empty()));
                *answer.status_mut() = status;
                Ok(answer)
            }
            _ => Err(HttpError::new(kind(&error), error)),
        }
    }
}

/// Whether object stores have a word of their own for it.
fn is_ordinary(error: &Error) -> bool {
    error.kind() == Kind::Service
        && matches!(error.status(), Some(304 | 404 | 409 | 412))
        && error.service_fault().is_none_or(|fault| fault.code != "NoSuchBucket")
}

/// It was tried again often enough.
fn kind(error: &Error) -> HttpErrorKind {
    match error.kind() {
        Kind::Decode => HttpErrorKind::Decode,
        _ => HttpErrorKind::Unknown,
    }
}

/// A body in one piece: without copying where it is one already.
async fn whole(mut body: HttpRequestBody) -> Result<Bytes, HttpError> {
    if let Some(bytes) = body.as_bytes() {
        return Ok(bytes.clone());
    }
    let mut all = BytesMut::with_capacity(body.content_length());
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame?.into_data() {
            if data.len() == all.capacity() && all.is_empty() {
                return Ok(data);
            }
            all.extend_from_slice(&data);
        }
    }
    Ok(all.freeze())
}

fn body_of(body: Body) -> HttpResponseBody {
    let failed = |error: TransportError| {
        let kind = match error {
            TransportError::Timeout(_) => HttpErrorKind::Timeout,
            _ => HttpErrorKind::Interrupted,
        };
        HttpError::new(kind, error)
    };
    HttpResponseBody::new(BoxBody::new(body.map_err(failed)))
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service").field("bucket", &self.bucket).finish_non_exhaustive()
    }
}
