//! `https` on loopback: an authority of one's own, and the certificate that it gives the server.

mod opening;

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use outcrop_wire::sigv4::AmzTime;
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CidrSubnet, DnType, ExtendedKeyUsagePurpose, GeneralSubtree,
    IsCa, Issuer, KeyPair, KeyUsagePurpose, NameConstraints, SanType, SerialNumber, date_time_ymd,
};
use rustls::ServerConfig;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};

pub(crate) use self::opening::open;

/// The variables by which clients are told whom to trust, in PEM: the AWS CLI and SDKs, Python's requests, OpenSSL (so
/// httpx, Go and our own client) and node. All but node's take the place of the system's certificates.
pub const AUTHORITY_VARIABLES: [&str; 4] =
    ["AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"];

/// The name of the authority.
const NAME: &str = "outcrop local, for this machine only";

/// What the line before the authority's certificate says; a day follows.
const RENEWED: &str = "# outcrop local: trusted for loopback and private addresses; renewed after ";

/// How long the authority is renewed before it ends, and how long it and the server's certificate live. Some clients
/// take no server's certificate that lives longer than 825 days (Apple, support article 103769).
const YEAR: Duration = Duration::from_secs(365 * DAY);
const AUTHORITY: Duration = Duration::from_secs(10 * 365 * DAY);
const SERVER: Duration = Duration::from_secs(825 * DAY);
const DAY: u64 = 24 * 60 * 60;

/// Names that the server has besides its addresses; the second is this machine, seen from a container.
const NAMES: [&str; 2] = ["localhost", "host.docker.internal"];

/// Addresses that the authority may speak for, with the length of their prefix. Whoever steals its key, or trusts it
/// everywhere, is no nearer to a host on the internet.
const ADDRESSES: [(IpAddr, u8); 6] = [
    (IpAddr::V4(Ipv4Addr::new(127, 0, 0, 0)), 8),
    (IpAddr::V4(Ipv4Addr::new(10, 0, 0, 0)), 8),
    (IpAddr::V4(Ipv4Addr::new(172, 16, 0, 0)), 12),
    (IpAddr::V4(Ipv4Addr::new(192, 168, 0, 0)), 16),
    (IpAddr::V6(Ipv6Addr::LOCALHOST), 128),
    (IpAddr::V6(Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0)), 7),
];

/// What a local Bedrock shows to clients that speak TLS: a certificate for `localhost`, 127.0.0.1 and ::1, and the
/// authority behind it.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use std::time::SystemTime;
/// use outcrop_local::{Certificates, Local};
///
/// let certificates = Certificates::new(SystemTime::now())?;
/// let authority = certificates.authority().to_owned();
/// let local = Local::builder().tls(certificates).start().await?;
/// assert!(local.url().starts_with("https://127.0.0.1:"));
/// // Clients trust `authority`: a file of it, named by the variables of `AUTHORITY_VARIABLES`. `Certificates::in_file`
/// // tells where it is kept, and `Server::environment` says so to programs that are started.
/// # assert!(authority.contains("BEGIN CERTIFICATE"));
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Certificates {
    key: Arc<KeyPair>,
    authority: String,
    file: Option<PathBuf>,
    names: Vec<SanType>,
    made: SystemTime,
    config: Arc<ServerConfig>,
}

/// Why there are no certificates.
#[derive(Debug)]
#[non_exhaustive]
pub enum CertificatesError {
    /// The text is no private key of an authority.
    Key(String),
    /// The authority may not speak for this address: it is neither loopback nor private.
    Address(IpAddr),
    /// They could not be made.
    Making(String),
}

impl Certificates {
    /// New ones. `now` is when they begin to hold.
    ///
    /// # Errors
    /// When no key can be made.
    pub fn new(now: SystemTime) -> Result<Self, CertificatesError> {
        let key = KeyPair::generate().map_err(making)?;
        Certificates::of(key, None, now)
    }

    /// Those of an authority that was kept: its key, as [`key`](Self::key) gave it, and its certificate, as
    /// [`authority`](Self::authority) gave it. A certificate that is not of this key, or ends within a year, is made
    /// anew; whoever trusts the old one trusts the server still, until it ends.
    ///
    /// # Errors
    /// When the key is none.
    pub fn kept(key: &str, authority: Option<&str>, now: SystemTime) -> Result<Self, CertificatesError> {
        let key = KeyPair::from_pem(key).map_err(|error| CertificatesError::Key(error.to_string()))?;
        Certificates::of(key, authority, now)
    }

    fn of(key: KeyPair, authority: Option<&str>, now: SystemTime) -> Result<Self, CertificatesError> {
        let mut names: Vec<SanType> =
            [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)].map(SanType::IpAddress).into();
        for name in NAMES {
            names.push(SanType::DnsName(name.try_into().map_err(making)?));
        }
        let (server, config) = serving(&key, &names, now)?;
        let kept = authority.filter(|text| holds(text, &server, &config, now)).map(str::to_owned);
        let authority = match kept {
            Some(kept) => kept,
            None => self::authority(&key, now)?,
        };
        Ok(Certificates { key: Arc::new(key), authority, file: None, names, made: now, config })
    }

    /// For a server on this address too.
    ///
    /// # Errors
    /// When the address is neither loopback nor private: the authority may not speak for it.
    pub fn and_for(mut self, address: IpAddr) -> Result<Self, CertificatesError> {
        let within = |(network, prefix): &(IpAddr, u8)| match (network, address) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                (network.to_bits() ^ address.to_bits()).leading_zeros() >= u32::from(*prefix)
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                (network.to_bits() ^ address.to_bits()).leading_zeros() >= u32::from(*prefix)
            }
            _ => false,
        };
        if !ADDRESSES.iter().any(within) {
            return Err(CertificatesError::Address(address));
        }
        let name = SanType::IpAddress(address);
        if !self.names.contains(&name) {
            self.names.push(name);
            self.config = serving(&self.key, &self.names, self.made)?.1;
        }
        Ok(self)
    }

    /// Says in which file [`authority`](Self::authority) is kept, for programs that are started:
    /// [`Server::environment`](crate::Server::environment) names it then. Nothing is written here.
    #[must_use]
    pub fn in_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.file = Some(path.into());
        self
    }

    /// The file that [`in_file`](Self::in_file) told.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// The certificate of the authority, in PEM: what clients are to trust.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// The private key of the authority, in PEM. Whoever has it can pose as this machine, to this machine.
    #[must_use]
    pub fn key(&self) -> String {
        self.key.serialize_pem()
    }

    pub(crate) fn config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.config)
    }
}

/// What the authority is.
fn authority_params(now: SystemTime) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, NAME);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let names = NAMES.iter().map(|name| GeneralSubtree::DnsName((*name).to_owned()));
    let addresses = ADDRESSES
        .iter()
        .map(|(address, prefix)| GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(*address, *prefix)));
    params.name_constraints =
        Some(NameConstraints { permitted_subtrees: names.chain(addresses).collect(), excluded_subtrees: Vec::new() });
    lives(&mut params, now, AUTHORITY);
    params
}

/// The certificate of the authority, and before it when it is to be renewed.
fn authority(key: &KeyPair, now: SystemTime) -> Result<String, CertificatesError> {
    let certificate = authority_params(now).self_signed(key).map_err(making)?;
    Ok(format!("{RENEWED}{}\n{}", day(now + AUTHORITY - YEAR), certificate.pem()))
}

/// Whether a certificate of an authority is of the key that signed `server`, and not to be renewed yet.
fn holds(authority: &str, server: &Certificate, config: &ServerConfig, now: SystemTime) -> bool {
    let renewed = authority.lines().find_map(|line| line.strip_prefix(RENEWED)).unwrap_or_default().trim();
    if *day(now) >= *renewed {
        return false;
    }
    let mut roots = rustls::RootCertStore::empty();
    let known = CertificateDer::from_pem_slice(authority.as_bytes()).is_ok_and(|der| roots.add(der).is_ok());
    let Ok(since) = now.duration_since(SystemTime::UNIX_EPOCH) else { return false };
    known
        && rustls::server::ParsedCertificate::try_from(server.der()).is_ok_and(|server| {
            rustls::client::verify_server_cert_signed_by_trust_anchor(
                &server,
                &roots,
                &[],
                UnixTime::since_unix_epoch(since),
                config.crypto_provider().signature_verification_algorithms.all,
            )
            .is_ok()
        })
}

/// A certificate for a server with these names, and how it serves with it. Its key is nobody else's, and is not kept.
fn serving(
    authority: &KeyPair,
    names: &[SanType],
    now: SystemTime,
) -> Result<(Certificate, Arc<ServerConfig>), CertificatesError> {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "outcrop local");
    params.subject_alt_names = names.to_vec();
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    lives(&mut params, now, SERVER);
    let key = KeyPair::generate().map_err(making)?;
    let issuer = Issuer::new(authority_params(now), authority);
    let certificate = params.signed_by(&key, &issuer).map_err(making)?;
    let der = PrivateKeyDer::try_from(key.serialize_der()).map_err(making)?;
    let mut config = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(making)?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], der)
        .map_err(making)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok((certificate, Arc::new(config)))
}

/// From the day before, for clocks that are behind.
fn lives(params: &mut CertificateParams, now: SystemTime, long: Duration) {
    let date = |time: SystemTime| {
        let day = day(time);
        let mut parts = day.split('-').map(|part| part.parse::<u16>().unwrap_or(1));
        let mut next = || parts.next().unwrap_or(1);
        let (year, month, day) = (next(), next(), next());
        date_time_ymd(year.into(), month as u8, day as u8)
    };
    params.not_before = date(now - Duration::from_secs(DAY));
    params.not_after = date(now + long);
    // Two certificates of one authority have two numbers.
    let seconds = now.duration_since(SystemTime::UNIX_EPOCH).map_or(1, |since| since.as_secs());
    params.serial_number = Some(SerialNumber::from(seconds));
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}

/// `2026-11-23`
fn day(time: SystemTime) -> String {
    let seconds = time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs());
    AmzTime::from_unix(i64::try_from(seconds).unwrap_or_default()).iso_day()
}

fn making(error: impl fmt::Display) -> CertificatesError {
    CertificatesError::Making(error.to_string())
}

impl fmt::Display for CertificatesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CertificatesError::Key(why) => write!(f, "the key of the authority is none: {why}"),
            CertificatesError::Address(address) => {
                write!(f, "no certificate for {address}: the authority speaks for loopback and private addresses only")
            }
            CertificatesError::Making(why) => write!(f, "no certificate could be made: {why}"),
        }
    }
}

impl std::error::Error for CertificatesError {}

/// Keys never print.
impl fmt::Debug for Certificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificates").field("names", &self.names).finish_non_exhaustive()
    }
}
