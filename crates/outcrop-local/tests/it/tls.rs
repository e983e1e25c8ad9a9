//! `https` and `http` on one port, by an authority that clients are told to trust.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use outcrop_local::{AUTHORITY_VARIABLES, Certificates, CertificatesError, Local, Server};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::raw::{Connection, INVOKE, NOW, Request, STREAM, at};

/// Whoever trusts `authority`, on a connection to `address` that it takes for `name`.
async fn trusting(authority: &str, address: SocketAddr, name: &str) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(authority.as_bytes()).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let socket = TcpStream::connect(address).await?;
    TlsConnector::from(Arc::new(config)).connect(ServerName::try_from(name.to_owned()).unwrap(), socket).await
}

async fn server(certificates: &Certificates) -> Server {
    Local::builder().clock(|| at(NOW)).tls(certificates.clone()).start().await.unwrap()
}

#[tokio::test]
async fn both_are_served_on_one_port() {
    let certificates = Certificates::new(SystemTime::now()).unwrap();
    let server = server(&certificates).await;
    assert_eq!(server.url(), format!("https://{}", server.address()));
    for name in ["127.0.0.1", "::1", "localhost", "host.docker.internal"] {
        let stream = trusting(certificates.authority(), server.address(), name).await.unwrap();
        let mut connection = Connection::over(stream);
        for path in [INVOKE, STREAM] {
            assert_eq!(connection.send(&Request::good(path)).await.status, 200, "{name}");
        }
    }
    let mut plain = Connection::over(TcpStream::connect(server.address()).await.unwrap());
    assert_eq!(plain.send(&Request::good(INVOKE)).await.status, 200);
    server.stop().await;
}

#[tokio::test]
async fn who_trusts_another_authority_or_asks_for_another_name_is_not_served() {
    let now = SystemTime::now();
    let certificates = Certificates::new(now).unwrap();
    let server = server(&certificates).await;
    let stranger = Certificates::new(now).unwrap();
    for (authority, name) in [(stranger.authority(), "localhost"), (certificates.authority(), "example.com")] {
        let error = trusting(authority, server.address(), name).await.unwrap_err();
        assert!(error.to_string().contains("certificate"), "{error}");
    }
    assert_eq!(server.asked().len(), 0);
}

#[tokio::test]
async fn an_authority_that_was_kept_is_trusted_still() {
    let now = SystemTime::now();
    let first = Certificates::new(now).unwrap();
    let again = Certificates::kept(&first.key(), Some(first.authority()), now).unwrap();
    assert_eq!(again.authority(), first.authority());
    let renewed =
        Certificates::kept(&first.key(), Some(first.authority()), now + Duration::from_secs(9 * 366 * 86_400)).unwrap();
    assert_ne!(renewed.authority(), first.authority());
    let without = Certificates::kept(&first.key(), None, now).unwrap();
    for certificates in [&again, &without] {
        let server = server(certificates).await;
        assert!(trusting(first.authority(), server.address(), "localhost").await.is_ok());
    }
}

#[tokio::test]
async fn its_environment_names_the_file_of_the_authority_where_there_is_one() {
    let certificates = Certificates::new(SystemTime::now()).unwrap();
    for (certificates, file) in
        [(certificates.clone(), None), (certificates.in_file("/kept/authority.pem"), Some("/kept/authority.pem"))]
    {
        let variables = server(&certificates).await.environment();
        for name in AUTHORITY_VARIABLES {
            let value = variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str());
            assert_eq!(value, file, "{name}");
        }
    }
}

#[tokio::test]
async fn an_authority_speaks_for_private_addresses_alone() {
    let certificates = Certificates::new(SystemTime::now()).unwrap();
    let address = IpAddr::V4(Ipv4Addr::new(192, 168, 7, 7));
    let server = server(&certificates.clone().and_for(address).unwrap()).await;
    assert!(trusting(certificates.authority(), server.address(), "192.168.7.7").await.is_ok());
    for address in ["8.8.8.8", "172.32.0.1", "2001:db8::1"] {
        let address: IpAddr = address.parse().unwrap();
        let refused = certificates.clone().and_for(address);
        assert!(matches!(refused, Err(CertificatesError::Address(told)) if told == address), "{address}");
    }
    assert!(matches!(Certificates::kept("no key", None, SystemTime::now()), Err(CertificatesError::Key(_))));
    assert!(!format!("{certificates:?}").contains("PRIVATE"));
}

#[tokio::test]
async fn connections_without_a_hello_do_not_hold_up_the_stop() {
    let server = server(&Certificates::new(SystemTime::now()).unwrap()).await;
    let _silent = TcpStream::connect(server.address()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(20)).await;
    tokio::time::timeout(Duration::from_secs(5), server.stop()).await.expect("it does not stop");
}
