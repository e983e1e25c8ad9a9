//! Our transport in AWS's clothes.

use std::fmt;
use std::sync::Arc;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::Response as SmithyResponse;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;

use crate::transport::{Transport, TransportError};

/// The longest answer of a credentials service.
const ANSWER_LIMIT: usize = 1024 * 1024;

/// Our transport in AWS's clothes.
#[derive(Clone)]
pub(super) struct Bridge(pub(super) Arc<dyn Transport>);

impl fmt::Debug for Bridge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Bridge")
    }
}

impl HttpClient for Bridge {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Bridge {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let transport = Arc::clone(&self.0);
        HttpConnectorFuture::new(async move {
            let request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
            let (mut parts, body) = request.into_parts();
            let body = Bytes::copy_from_slice(body.bytes().unwrap_or_default());
            if !parts.headers.contains_key(http::header::HOST)
                && let Some(authority) = parts.uri.authority()
                && let Ok(host) = http::HeaderValue::from_str(authority.as_str())
            {
                parts.headers.insert(http::header::HOST, host);
            }
            let failed = |error: TransportError| match error {
                TransportError::Timeout(_) => ConnectorError::timeout(error.into()),
                _ => ConnectorError::io(error.into()),
            };
            let answer = transport.send(http::Request::from_parts(parts, body)).await.map_err(failed)?;
            let (head, mut body) = answer.into_parts();
            let text = body.collect(ANSWER_LIMIT).await.map_err(failed)?;
            let answer = http::Response::from_parts(head, SdkBody::from(text));
            SmithyResponse::try_from(answer).map_err(|error| ConnectorError::other(error.into(), None))
        })
    }
}
