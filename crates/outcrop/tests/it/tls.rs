//! TLS: whom a client trusts, by which setting, and what it says where a bundle is of no use.

use std::path::PathBuf;
use std::sync::Arc;

use outcrop::endpoint::Service;
use outcrop::transport::Obstacle;
use outcrop::{ClientBuilder, Kind};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use crate::clients::builder_at;
use crate::scripted::{Scripted, Step, request};

/// A server with a certificate for 127.0.0.1, where it listens, and the certificate of who vouches for it, in PEM.
async fn server() -> (Scripted, String, String) {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let own = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
    let provider = Arc::new(aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = config.with_no_client_auth().with_single_cert(vec![own.der().clone()], key).unwrap();
    let server = Scripted::new([Step::hello()]);
    let url = server.listen_with_tls(TlsAcceptor::from(Arc::new(config))).await;
    (server, url, authority.pem())
}

#[tokio::test]
async fn a_bundle_is_trusted_whoever_names_it() {
    const VARIABLE: (&str, &str) = ("AWS_CA_BUNDLE", "/etc/company.pem");
    const HOME: (&str, &str) = ("HOME", "/home/u");
    let config = "[profile work]\nca_bundle = /etc/company.pem\n";
    let elsewhere = "[profile work]\nca_bundle = /nowhere.pem\n";
    for (variables, config, profile, explicit, source) in [
        (vec![VARIABLE], "", None, None, "AWS_CA_BUNDLE"),
        (vec![HOME, VARIABLE], elsewhere, Some("work"), None, "AWS_CA_BUNDLE"),
        (vec![HOME], config, Some("work"), None, "`ca_bundle` of the AWS profile"),
        (vec![("AWS_CA_BUNDLE", "/nowhere.pem")], "", None, Some("/etc/company.pem"), "the caller"),
    ] {
        let (server, url, authority) = server().await;
        // Text around and keys between certificates do not count.
        let other = KeyPair::generate().unwrap().serialize_pem();
        let pem = format!("# our company\n{other}\n{authority}");
        let files = [("/etc/company.pem", pem.as_str()), ("/home/u/.aws/config", config)];
        let mut builder = builder_at(&url, &variables, &files);
        builder = profile.into_iter().fold(builder, ClientBuilder::profile);
        builder = explicit.map(PathBuf::from).into_iter().fold(builder, ClientBuilder::ca_bundle);
        let client = builder.build().await.unwrap();
        let reply = client.messages().create(&request()).await;
        assert_eq!(reply.unwrap().text(), "Hello!", "{source}");
        assert_eq!(server.requests().len(), 1);
        let told = format!("certificates trusted in place of the system's: /etc/company.pem (1), from {source}");
        assert!(client.reasons().any(|reason| reason == told), "{:?}", client.reasons().collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn who_is_not_in_the_bundle_is_not_trusted() {
    let (_, _, stranger) = server().await;
    let (server, url, _) = server().await;
    for (variables, pem) in [(vec![], ""), (vec![("AWS_CA_BUNDLE", "/ca.pem")], stranger.as_str())] {
        let client = builder_at(&url, &variables, &[("/ca.pem", pem)]).build().await.unwrap();
        let error = client.messages().create(&request()).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Connect);
        assert!(error.to_string().contains("certificate"), "{error}");
        assert!(error.hint().unwrap().contains("AWS_CA_BUNDLE"), "{error:?}");
        let probe = client.probe(Service::Runtime).await.unwrap().unwrap();
        assert!(matches!(probe.obstacle, Some(Obstacle::Untrusted(_))), "{probe:?}");
        assert_eq!(probe.issuer.as_deref(), Some("rcgen self signed cert"));
    }
    assert_eq!(server.requests().len(), 0);
}

#[tokio::test]
async fn a_bundle_of_no_use_is_an_error_that_names_it() {
    let broken = "-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n";
    let wrong = "-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n";
    for (pem, why) in [
        (None, "entity not found"),
        (Some("hidden"), "it holds no certificate"),
        (Some(broken), "certificate 1 is malformed"),
        (Some(wrong), "certificate 1 cannot be used"),
    ] {
        let files: Vec<(&str, &str)> = pem.map(|pem| ("/etc/company.pem", pem)).into_iter().collect();
        let builder = builder_at("https://127.0.0.1:1", &[("AWS_CA_BUNDLE", "/etc/company.pem")], &files);
        let error = builder.build().await.unwrap_err();
        let start = format!("cannot read the CA bundle /etc/company.pem, named by AWS_CA_BUNDLE: {why}");
        assert!(error.to_string().starts_with(&start), "{error}");
        assert_eq!(error.kind(), Kind::Config);
        assert!(error.hint().unwrap().contains("PEM") && !error.to_string().contains("hidden"));
    }
}
