//! The first byte of a connection says whether it is TLS: one port serves `https` and `http`.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::server::HEAD_PATIENCE;

/// The first byte of a TLS connection: a record with a handshake (RFC 8446, section 5.1).
const HANDSHAKE: u8 = 22;

/// How long a client may take to say hello.
const PATIENCE: Duration = Duration::from_secs(10);

/// A connection that is open: its TLS, if it has some, is agreed upon.
pub(crate) enum Opened {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// Waits for the first byte, and shakes hands where it asks for that.
pub(crate) async fn open(socket: TcpStream, config: Arc<ServerConfig>) -> io::Result<Opened> {
    let mut first = [0];
    // A connection may be opened long before it is used.
    tokio::time::timeout(HEAD_PATIENCE, socket.peek(&mut first)).await??;
    if first[0] != HANDSHAKE {
        return Ok(Opened::Plain(socket));
    }
    let agreed = tokio::time::timeout(PATIENCE, TlsAcceptor::from(config).accept(socket)).await??;
    Ok(Opened::Tls(Box::new(agreed)))
}

macro_rules! inner {
    ($opened:expr, $stream:ident => $call:expr) => {
        match $opened.get_mut() {
            Opened::Plain($stream) => $call,
            Opened::Tls($stream) => $call,
        }
    };
}

impl AsyncRead for Opened {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        inner!(self, stream => Pin::new(stream).poll_read(context, buffer))
    }
}

impl AsyncWrite for Opened {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        inner!(self, stream => Pin::new(stream).poll_write(context, bytes))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        inner!(self, stream => Pin::new(stream).poll_write_vectored(context, slices))
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Opened::Plain(stream) => stream.is_write_vectored(),
            Opened::Tls(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        inner!(self, stream => Pin::new(stream).poll_flush(context))
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        inner!(self, stream => Pin::new(stream).poll_shutdown(context))
    }
}
