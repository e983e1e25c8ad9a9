//! One connection, step by step, so that what stands in its way is told apart: proxy, name, socket, tunnel, TLS.

use std::fmt;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::Uri;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use tokio::net::{TcpStream, lookup_host};
use tokio_rustls::TlsConnector;

use super::TransportError;
use super::certificate::issuer;
use super::proxy::Dial;
use super::tls::provider;

/// How far a connection came. Nothing was sent over it.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Probe {
    /// Host and port of the proxy that is asked; none where the connection is direct.
    pub proxy: Option<String>,
    /// What the name of the host stands for: of the proxy where there is one, else of the destination.
    pub addresses: Vec<IpAddr>,
    /// Where a socket was opened.
    pub socket: Option<SocketAddr>,
    /// Whether the destination speaks TLS by its URL.
    pub secured: bool,
    /// Who issued the certificate of the destination, trusted or not.
    pub issuer: Option<String>,
    /// What stands in the way; none where the connection is good.
    pub obstacle: Option<Obstacle>,
}

/// What stands in the way of a connection, in the order of its steps.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Obstacle {
    /// The proxy is spoken to in a way that is not built.
    ProxyScheme(String),
    /// The name stands for no address, or nobody answered what for.
    Name(String),
    /// Nothing listens there.
    Refused(String),
    /// No answer came in time.
    Silent(String),
    /// There is no socket for another reason.
    Socket(String),
    /// The proxy does not let the connection through.
    Tunnel(String),
    /// There is nobody to trust: no certificate of an authority can be read.
    NoRoots(String),
    /// Nobody who is trusted issued the certificate.
    Untrusted(String),
    /// By the clock of this machine the certificate does not hold yet, or no more.
    OutOfDate(String),
    /// The certificate is another host's.
    WrongName(String),
    /// What listens there does not speak TLS.
    NotTls(String),
    /// TLS fails for another reason.
    Tls(String),
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Obstacle::ProxyScheme(why)
            | Obstacle::Name(why)
            | Obstacle::Refused(why)
            | Obstacle::Silent(why)
            | Obstacle::Socket(why)
            | Obstacle::Tunnel(why)
            | Obstacle::NoRoots(why)
            | Obstacle::Untrusted(why)
            | Obstacle::OutOfDate(why)
            | Obstacle::WrongName(why)
            | Obstacle::NotTls(why)
            | Obstacle::Tls(why) => f.write_str(why),
        }
    }
}

/// A boxed future, so that [`Transport`](super::Transport) can be a `dyn`.
pub type Probing<'a> = Pin<Box<dyn Future<Output = Probe> + Send + 'a>>;

/// What opens a connection step by step: by the proxies, limits and roots that calls have.
#[derive(Clone)]
pub(super) struct Prober {
    pub(super) dial: Dial,
    /// Trusted in place of the system's.
    pub(super) roots: Option<Arc<RootCertStore>>,
    pub(super) limit: Duration,
}

impl Prober {
    pub(super) async fn probe(&self, destination: &Uri) -> Probe {
        let mut probe = Probe { secured: destination.scheme_str() == Some("https"), ..Probe::default() };
        probe.obstacle = self.walk(destination, &mut probe).await.err();
        probe
    }

    async fn walk(&self, destination: &Uri, probe: &mut Probe) -> Result<(), Obstacle> {
        let asked = self.dial.way(destination).map_err(Obstacle::ProxyScheme);
        probe.proxy = self.dial.proxy_place(destination);
        let way = asked?;
        let (host, port) = host_and_port(&way);
        let found = tokio::time::timeout(self.limit, lookup_host((host.as_str(), port))).await;
        let found =
            found.map_err(|_| Obstacle::Name(format!("nobody said within {:?} where {host} is", self.limit)))?;
        let addresses: Vec<SocketAddr> = found.map_err(|error| Obstacle::Name(error.to_string()))?.collect();
        probe.addresses = addresses.iter().map(SocketAddr::ip).collect();
        let place = format!("{host}:{port}");
        let opened = tokio::time::timeout(self.limit, TcpStream::connect(&addresses[..])).await;
        let socket = opened
            .map_err(|_| Obstacle::Silent(format!("{place} did not answer within {:?}", self.limit)))?
            .map_err(|error| match error.kind() {
            io::ErrorKind::ConnectionRefused => Obstacle::Refused(error.to_string()),
            io::ErrorKind::TimedOut => Obstacle::Silent(error.to_string()),
            _ => Obstacle::Socket(error.to_string()),
        })?;
        probe.socket = socket.peer_addr().ok();
        if !probe.secured {
            return Ok(());
        }
        let socket = match &probe.proxy {
            None => socket,
            Some(_) => {
                // The tunnel is dug by the code that calls are sent by.
                drop(socket);
                let dug = tokio::time::timeout(self.limit, self.dial.clone().open(destination.clone())).await;
                dug.map_err(|_| Obstacle::Tunnel(format!("no answer came within {:?}", self.limit)))?
                    .map_err(|error| Obstacle::Tunnel(TransportError::chain(&*error)))?
            }
        };
        let (host, _) = host_and_port(destination);
        self.handshake(socket, host, probe).await
    }

    async fn handshake(&self, socket: TcpStream, host: String, probe: &mut Probe) -> Result<(), Obstacle> {
        let other = |error: &dyn fmt::Display| Obstacle::Tls(error.to_string());
        let roots = self.roots.clone().map_or_else(|| super::roots::system().map(Arc::new), Ok);
        let roots = roots.map_err(Obstacle::NoRoots)?;
        let verifier = WebPkiServerVerifier::builder_with_provider(roots, provider()).build();
        let witness = Arc::new(Witness { verifier: verifier.map_err(|error| other(&error))?, seen: Mutex::default() });
        let config = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(|error| other(&error))?
            .dangerous()
            // It only looks on: the verdict is that of the verifier that calls have.
            .with_custom_certificate_verifier(Arc::clone(&witness) as Arc<dyn ServerCertVerifier>)
            .with_no_client_auth();
        let name = ServerName::try_from(host).map_err(|error| other(&error))?;
        let connecting = TlsConnector::from(Arc::new(config)).connect(name, socket);
        let outcome = tokio::time::timeout(self.limit, connecting).await;
        probe.issuer = witness.seen.lock().unwrap_or_else(PoisonError::into_inner).take();
        let silent = |_| Obstacle::Silent(format!("no TLS was agreed on within {:?}", self.limit));
        outcome.map_err(silent)?.map(drop).map_err(|error| obstacle(&error))
    }
}

/// What a failed handshake comes from.
fn obstacle(error: &io::Error) -> Obstacle {
    use rustls::Error::{InvalidCertificate, InvalidMessage};
    let why = error.to_string();
    match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        Some(InvalidCertificate(verdict)) => match verdict {
            CertificateError::UnknownIssuer | CertificateError::BadSignature => Obstacle::Untrusted(why),
            CertificateError::Expired
            | CertificateError::NotValidYet
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYetContext { .. } => Obstacle::OutOfDate(why),
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                Obstacle::WrongName(why)
            }
            _ => Obstacle::Tls(why),
        },
        Some(InvalidMessage(_)) => Obstacle::NotTls(why),
        _ => Obstacle::Tls(why),
    }
}

/// Host without the brackets of an IPv6 address, and port.
fn host_and_port(uri: &Uri) -> (String, u16) {
    let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']').to_owned();
    let usual = if uri.scheme_str() == Some("https") { 443 } else { 80 };
    (host, uri.port_u16().unwrap_or(usual))
}

/// Looks at the certificate that the usual verifier is shown.
#[derive(Debug)]
struct Witness {
    verifier: Arc<WebPkiServerVerifier>,
    /// Who issued it.
    seen: Mutex<Option<String>>,
}

impl ServerCertVerifier for Witness {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = issuer(certificate);
        self.verifier.verify_server_cert(certificate, between, name, ocsp, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.verifier.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.verifier.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.verifier.supported_verify_schemes()
    }
}
