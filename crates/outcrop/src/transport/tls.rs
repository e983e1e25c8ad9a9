//! TLS: one provider, named, and the roots of the system (on Linux also `SSL_CERT_FILE`), so company CAs count.

use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use http::Uri;
use hyper_rustls::{HttpsConnector, MaybeHttpsStream};
use rustls::{ClientConfig, RootCertStore};
use tower_service::Service;

use super::proxy::{Dial, Socket};

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Sockets with TLS where the scheme is `https`.
#[derive(Clone)]
pub(super) struct Secure {
    dial: Dial,
    /// Reading the roots takes longer than a whole local call: it waits for the first connection that needs them.
    config: Arc<OnceLock<Result<Arc<ClientConfig>, String>>>,
}

impl Secure {
    pub(super) fn new(dial: Dial) -> Self {
        Secure { dial, config: Arc::default() }
    }
}

impl Service<Uri> for Secure {
    type Response = MaybeHttpsStream<Socket>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.dial.poll_ready(context)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        if uri.scheme_str() != Some("https") {
            let socket = self.dial.call(uri);
            return Box::pin(async { socket.await.map(MaybeHttpsStream::Http) });
        }
        match self.config.get_or_init(config) {
            Ok(config) => HttpsConnector::from((self.dial.clone(), Arc::clone(config))).call(uri),
            Err(why) => {
                let why: BoxError = why.clone().into();
                Box::pin(std::future::ready(Err(why)))
            }
        }
    }
}

fn config() -> Result<Arc<ClientConfig>, String> {
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    // One root that cannot be read does not spoil the others.
    for root in found.certs {
        let _ = roots.add(root);
    }
    if roots.is_empty() {
        let why: Vec<String> = found.errors.iter().map(ToString::to_string).collect();
        return Err(format!("the system has no certificates to trust: {}", why.join("; ")));
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| format!("cannot set up TLS: {error}"))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}
