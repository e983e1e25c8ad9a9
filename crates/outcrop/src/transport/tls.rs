//! TLS: one provider, named, and the roots of the system (on Linux also `SSL_CERT_FILE`), so company CAs count.

use std::sync::Arc;

use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use rustls::{ClientConfig, RootCertStore};

/// Wraps a connector: `https` goes through TLS, `http` as it is.
///
/// # Errors
/// When the provider knows no protocol version.
pub(super) fn wrap<C>(connector: C) -> Result<HttpsConnector<C>, String> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut roots = RootCertStore::empty();
    // One root that cannot be read does not spoil the others; none at all is an error of the first connection.
    for root in rustls_native_certs::load_native_certs().certs {
        let _ = roots.add(root);
    }
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| format!("cannot set up TLS: {error}"))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(HttpsConnectorBuilder::new().with_tls_config(config).https_or_http().enable_http1().wrap_connector(connector))
}
