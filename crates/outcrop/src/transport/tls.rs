//! TLS: one provider, named.

use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use http::Uri;
use hyper_rustls::{HttpsConnector, MaybeHttpsStream};
use rustls::crypto::CryptoProvider;
use rustls::{ClientConfig, RootCertStore};
use tower_service::Service;

use super::proxy::{Dial, Socket};
use super::roots;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Sockets with TLS where the scheme is `https`.
#[derive(Clone)]
pub(super) struct Secure {
    dial: Dial,
    /// Trusted in place of the system's.
    roots: Option<Arc<RootCertStore>>,
    /// Reading the roots takes longer than a whole local call: it waits for the first connection that needs them.
    config: Arc<OnceLock<Result<Arc<ClientConfig>, String>>>,
}

impl Secure {
    pub(super) fn new(dial: Dial, roots: Option<Arc<RootCertStore>>) -> Self {
        Secure { dial, roots, config: Arc::default() }
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
        match self
            .config
            .get_or_init(|| self.roots.clone().map_or_else(|| roots::system().map(Arc::new), Ok).and_then(config))
        {
            Ok(config) => HttpsConnector::from((self.dial.clone(), Arc::clone(config))).call(uri),
            Err(why) => {
                let why: BoxError = why.clone().into();
                Box::pin(std::future::ready(Err(why)))
            }
        }
    }
}

/// The one provider.
pub(super) fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}

fn config(roots: Arc<RootCertStore>) -> Result<Arc<ClientConfig>, String> {
    let config = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(|error| format!("cannot set up TLS: {error}"))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}
