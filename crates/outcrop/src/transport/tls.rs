//! TLS: one provider, named, and the roots of the system (on Linux also `SSL_CERT_FILE`), so company CAs count.

use std::sync::Arc;

use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use rustls::ClientConfig;
use rustls_platform_verifier::BuilderVerifierExt as _;

/// Wraps a connector: `https` goes through TLS, `http` as it is.
///
/// # Errors
/// When the system's roots cannot be read.
pub(super) fn wrap<C>(connector: C) -> Result<HttpsConnector<C>, String> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| format!("cannot set up TLS: {error}"))?
        .with_platform_verifier()
        .map_err(|error| format!("cannot set up TLS with the system's certificates: {error}"))?
        .with_no_client_auth();
    Ok(HttpsConnectorBuilder::new().with_tls_config(config).https_or_http().enable_http1().wrap_connector(connector))
}
