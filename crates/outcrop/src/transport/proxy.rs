//! Sockets, directly or through the proxy that `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` name.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::{HeaderValue, Uri};
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::legacy::connect::{Connected, Connection, HttpConnector};
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tower_service::Service;

use super::TransportError;
use crate::surroundings::Surroundings;

/// Long thinking is silent on the wire; probes keep address translation from forgetting the connection.
const KEEPALIVE: Duration = Duration::from_secs(60);
/// Probes without an answer before the connection counts as dead.
const KEEPALIVE_PROBES: u32 = 5;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Opens sockets.
#[derive(Clone)]
pub(super) struct Dial {
    http: HttpConnector,
    matcher: Arc<Matcher>,
}

impl Dial {
    /// With the proxies of the environment, in lower or upper case; lower case wins, as in curl.
    ///
    /// # Errors
    /// When a variable names a proxy that is no URL.
    pub(super) fn new(surroundings: &Surroundings, connect_timeout: Duration) -> Result<Self, String> {
        let variable = |name: &str| surroundings.variable(&name.to_lowercase()).or_else(|| surroundings.variable(name));
        let mut matcher = Matcher::builder();
        for name in ["ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY"] {
            let Some(url) = variable(name) else { continue };
            // The value is not repeated: it may hold a password.
            url.parse::<Uri>().map_err(|_| format!("{name} names a proxy that is no URL"))?;
            matcher = match name {
                "ALL_PROXY" => matcher.all(url),
                "HTTPS_PROXY" => matcher.https(url),
                _ => matcher.http(url),
            };
        }
        if let Some(list) = variable("NO_PROXY") {
            matcher = matcher.no(list);
        }
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        http.set_nodelay(true);
        http.set_keepalive(Some(KEEPALIVE));
        http.set_keepalive_interval(Some(KEEPALIVE));
        http.set_keepalive_retries(Some(KEEPALIVE_PROBES));
        // Shared among the addresses of a name, so that one that is dead does not use it all up.
        http.set_connect_timeout(Some(connect_timeout));
        Ok(Dial { http, matcher: Arc::new(matcher.build()) })
    }

    /// The proxy for a destination. Metadata services of the machine are never asked through one: their answers are keys.
    fn proxy(&self, destination: &Uri) -> Option<Intercept> {
        let host = destination.host().unwrap_or_default();
        let own = ["169.254.", "[fd00:ec2:"].iter().any(|prefix| host.starts_with(prefix));
        if own { None } else { self.matcher.intercept(destination) }
    }

    /// Where a socket for a destination is opened: at the proxy for it, or there.
    ///
    /// # Errors
    /// When the proxy is spoken to in a way that is not built.
    pub(super) fn way(&self, destination: &Uri) -> Result<Uri, String> {
        match self.proxy(destination) {
            None => Ok(destination.clone()),
            Some(proxy) => check_scheme(&proxy).map(|()| proxy.uri().clone()),
        }
    }

    /// Host and port of the proxy for a destination.
    pub(super) fn proxy_place(&self, destination: &Uri) -> Option<String> {
        self.proxy(destination).map(|proxy| place(&proxy))
    }

    /// A socket to a destination, through the proxy for it where there is one.
    pub(super) async fn open(&mut self, destination: Uri) -> Result<TcpStream, BoxError> {
        Ok(self.call(destination).await?.stream.into_inner())
    }

    /// What a request that is not tunnelled must say to its proxy.
    pub(super) fn proxy_authorization(&self, destination: &Uri) -> Option<HeaderValue> {
        if destination.scheme_str() != Some("http") {
            return None;
        }
        self.proxy(destination)?.basic_auth().cloned()
    }
}

impl Service<Uri> for Dial {
    type Response = Socket;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Socket, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.http.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, destination: Uri) -> Self::Future {
        let mut http = self.http.clone();
        let proxy = self.proxy(&destination);
        Box::pin(async move {
            match proxy {
                None => Ok(Socket { stream: http.call(destination).await?, proxied: false }),
                Some(proxy) if destination.scheme_str() == Some("https") => {
                    check_scheme(&proxy)?;
                    let tunnelled = tunnel(&proxy, http).call(destination).await;
                    let stream = tunnelled
                        .map_err(|error| format!("proxy {}: {}", place(&proxy), TransportError::chain(&error)))?;
                    Ok(Socket { stream, proxied: false })
                }
                // Plain HTTP is not tunnelled: the proxy gets the request with its whole URL.
                Some(proxy) => {
                    check_scheme(&proxy)?;
                    let stream = http.call(proxy.uri().clone()).await;
                    let stream = stream
                        .map_err(|error| format!("proxy {}: {}", place(&proxy), TransportError::chain(&error)))?;
                    Ok(Socket { stream, proxied: true })
                }
            }
        })
    }
}

fn check_scheme(proxy: &Intercept) -> Result<(), String> {
    match proxy.uri().scheme_str() {
        Some(scheme) if scheme != "http" => {
            Err(format!("proxy {}: it is spoken to by {scheme}, and only http is built", place(proxy)))
        }
        _ => Ok(()),
    }
}

/// Host and port of a proxy; a name and password in its URL are nobody's to see.
fn place(proxy: &Intercept) -> String {
    let uri = proxy.uri();
    match uri.port_u16() {
        Some(port) => format!("{}:{port}", uri.host().unwrap_or_default()),
        None => uri.host().unwrap_or_default().to_owned(),
    }
}

fn tunnel(proxy: &Intercept, http: HttpConnector) -> Tunnel<HttpConnector> {
    let tunnel = Tunnel::new(proxy.uri().clone(), http);
    match proxy.basic_auth() {
        Some(auth) => tunnel.with_auth(auth.clone()),
        None => tunnel,
    }
}

/// A socket, and whether a proxy is to be told the whole URL.
pub(super) struct Socket {
    stream: TokioIo<TcpStream>,
    proxied: bool,
}

impl Connection for Socket {
    fn connected(&self) -> Connected {
        self.stream.connected().proxy(self.proxied)
    }
}

impl Read for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl Write for Socket {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, buffers)
    }
}
