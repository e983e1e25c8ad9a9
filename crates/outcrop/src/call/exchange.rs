//! A request out and an answer in: through the caller's middleware, then authorized and sent.

use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response};

use super::Outbound;
use crate::client::Inner;
use crate::error::{Error, Kind, Result};
use crate::middleware::Next;
use crate::transport::Body;

/// One exchange of a call.
pub(crate) struct Exchange<'a> {
    pub(crate) client: &'a Inner,
    pub(crate) outbound: &'a Outbound,
    /// Which try it is, from 1.
    pub(crate) attempt: usize,
}

/// The access key of a request, on its answer: the way out through the middleware, which cannot name this type.
#[derive(Clone)]
struct AccessKeyId(String);

impl Exchange<'_> {
    /// The answer, and the access key that was used.
    pub(crate) async fn try_once(&self, request: Request<Bytes>) -> Result<(Response<Body>, Option<String>)> {
        let middleware = &self.client.middleware;
        if middleware.is_empty() {
            return self.send(request).await;
        }
        let answer = Next { rest: middleware, exchange: self }.run(request).await;
        let mut answer = answer.map_err(|error| match error.kind() {
            Kind::Stopped => error.with_doing(&self.outbound.doing),
            _ => error,
        })?;
        let access_key_id = answer.extensions_mut().remove().map(|AccessKeyId(id)| id);
        Ok((answer, access_key_id))
    }

    /// The innermost part, as middleware sees it.
    pub(crate) async fn run(&self, request: Request<Bytes>) -> Result<Response<Body>> {
        let (mut answer, access_key_id) = self.send(request).await?;
        if let Some(id) = access_key_id {
            answer.extensions_mut().insert(AccessKeyId(id));
        }
        Ok(answer)
    }

    async fn send(&self, request: Request<Bytes>) -> Result<(Response<Body>, Option<String>)> {
        let (mut parts, body) = request.into_parts();
        let access_key_id = sign(self.client, self.outbound, &mut parts, &body).await?;
        let answer = self.client.transport.send(Request::from_parts(parts, body)).await;
        let answer = answer.map_err(|error| {
            let Outbound { host, doing, .. } = self.outbound;
            host.unreached(doing, &error)
        })?;
        Ok((answer, access_key_id))
    }
}

/// The head of a prepared request with what authorizes it, and the access key used.
pub(crate) async fn authorize(client: &Inner, outbound: &Outbound) -> Result<(Parts, Option<String>)> {
    let mut parts = outbound.parts.clone();
    let access_key_id = sign(client, outbound, &mut parts, &outbound.body).await?;
    Ok((parts, access_key_id))
}

/// Adds what authorizes a request; the access key used, where there is one.
async fn sign(client: &Inner, outbound: &Outbound, parts: &mut Parts, body: &[u8]) -> Result<Option<String>> {
    let authorizing = outbound.host.authorizer.authorize(parts, body, &client.surroundings);
    authorizing.await.map_err(Error::credentials)
}
