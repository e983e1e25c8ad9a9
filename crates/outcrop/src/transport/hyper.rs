//! hyper's client, over the network or over pipes in process.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::header::PROXY_AUTHORIZATION;
use http::{Request, Uri};
use http_body_util::Full;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::{Connect, Connected, Connection};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use rustls::RootCertStore;
use tokio::io::{AsyncRead, AsyncWrite};
use tower_service::Service;

use super::probe::{Prober, Probing};
use super::proxy::Dial;
use super::timeout::ConnectTimeout;
use super::tls::Secure;
use super::{Body, Sending, Transport, TransportError};
use crate::surroundings::Surroundings;

/// Idle connections are kept this long: less than the 350 s after which AWS's NAT forgets them.
const KEEP_IDLE: Duration = Duration::from_secs(90);

struct HyperTransport<C> {
    client: Client<C, Full<Bytes>>,
    /// Knows what a proxy is to be told, and the way of a connection. None over pipes.
    prober: Option<Prober>,
}

/// Over the network, through a proxy where the environment names one, trusting `roots` or else the system's.
///
/// # Errors
/// When a proxy variable makes no sense.
pub(crate) fn network(
    surroundings: &Surroundings,
    connect_timeout: Duration,
    roots: Option<RootCertStore>,
) -> Result<Box<dyn Transport>, String> {
    let dial = Dial::new(surroundings, connect_timeout)?;
    let roots = roots.map(Arc::new);
    let connector = ConnectTimeout::new(Secure::new(dial.clone(), roots.clone()), connect_timeout);
    let prober = Prober { dial, roots, limit: connect_timeout };
    Ok(Box::new(HyperTransport { client: client(connector), prober: Some(prober) }))
}

/// Over whatever `open` gives for a URI.
pub(crate) fn piped<F, Opening, S>(open: F) -> Box<dyn Transport>
where
    F: Fn(&Uri) -> Opening + Clone + Send + Sync + 'static,
    Opening: Future<Output = io::Result<S>> + Send + 'static,
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    Box::new(HyperTransport { client: client(Opener(open)), prober: None })
}

fn client<C>(connector: C) -> Client<C, Full<Bytes>>
where
    C: Connect + Clone,
{
    Client::builder(TokioExecutor::new())
        .pool_idle_timeout(KEEP_IDLE)
        .pool_timer(TokioTimer::new())
        .set_host(false)
        .build(connector)
}

impl<C: Connect + Clone + Send + Sync + 'static> Transport for HyperTransport<C> {
    fn send(&self, mut request: Request<Bytes>) -> Sending<'_> {
        if let Some(value) = self.prober.as_ref().and_then(|prober| prober.dial.proxy_authorization(request.uri())) {
            request.headers_mut().insert(PROXY_AUTHORIZATION, value);
        }
        let answer = self.client.request(request.map(Full::new));
        Box::pin(async {
            match answer.await {
                Ok(answer) => Ok(answer.map(Body::new)),
                Err(error) if error.is_connect() => Err(TransportError::Connect(connect_text(&error))),
                Err(error) => Err(TransportError::Broken(TransportError::chain(&error))),
            }
        })
    }

    fn probe(&self, destination: &Uri) -> Option<Probing<'_>> {
        let (prober, destination) = (self.prober.as_ref()?, destination.clone());
        Some(Box::pin(async move { prober.probe(&destination).await }))
    }
}

/// What failed in connecting; the client's own first words add nothing.
fn connect_text(error: &hyper_util::client::legacy::Error) -> String {
    std::error::Error::source(error).map_or_else(|| error.to_string(), TransportError::chain)
}

impl<C> fmt::Debug for HyperTransport<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HyperTransport")
    }
}

/// A connector made of a function.
#[derive(Clone)]
struct Opener<F>(F);

impl<F, Opening, S> Service<Uri> for Opener<F>
where
    F: Fn(&Uri) -> Opening,
    Opening: Future<Output = io::Result<S>> + Send + 'static,
    S: AsyncRead + AsyncWrite + Unpin,
{
    type Response = Pipe<S>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Pipe<S>>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let opening = (self.0)(&uri);
        Box::pin(async { opening.await.map(|stream| Pipe(TokioIo::new(stream))) })
    }
}

struct Pipe<S>(TokioIo<S>);

impl<S> Connection for Pipe<S> {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl<S: AsyncRead + Unpin> Read for Pipe<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> Write for Pipe<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}
