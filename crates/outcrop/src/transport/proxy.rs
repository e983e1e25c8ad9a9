//! Sockets, directly or through the proxy that `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` name.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::legacy::connect::{Connected, Connection, HttpConnector};
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tower_service::Service;

use crate::surroundings::Surroundings;

/// Long thinking is silent on the wire; probes keep address translation from forgetting the connection.
const KEEPALIVE: Duration = Duration::from_secs(60);

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
    /// When a variable names a proxy that is no URL, or one of a kind that is not supported.
    pub(super) fn new(surroundings: &Surroundings) -> Result<Self, String> {
        let variable = |name: &str| surroundings.variable(&name.to_lowercase()).or_else(|| surroundings.variable(name));
        let mut matcher = Matcher::builder();
        for name in ["ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY"] {
            let Some(url) = variable(name) else { continue };
            check(name, &url)?;
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
        Ok(Dial { http, matcher: Arc::new(matcher.build()) })
    }
}

/// A proxy is spoken to in plain HTTP. The value is not repeated: it may hold a password.
fn check(name: &str, url: &str) -> Result<(), String> {
    let scheme = url.split_once("://").map_or("http", |(scheme, _)| scheme);
    match scheme.eq_ignore_ascii_case("http") && url.parse::<Uri>().is_ok() {
        true => Ok(()),
        false => Err(format!("{name} names a proxy that is not `http://host:port`")),
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
        let proxy = self.matcher.intercept(&destination);
        Box::pin(async move {
            match proxy {
                None => Ok(Socket { stream: http.call(destination).await?, proxied: false }),
                Some(proxy) if destination.scheme_str() == Some("https") => {
                    let stream = tunnel(&proxy, http).call(destination).await.map_err(|error| {
                        format!("proxy {}: {error}", proxy.uri().authority().map_or("?", |authority| authority.host()))
                    })?;
                    Ok(Socket { stream, proxied: false })
                }
                // Plain HTTP is not tunnelled: the proxy gets the request with its whole URL.
                Some(proxy) => Ok(Socket { stream: http.call(proxy.uri().clone()).await?, proxied: true }),
            }
        })
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
