//! A local Bedrock on a port of its own, for tests: it serves until it is stopped or dropped.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::ops::Deref;

use outcrop_wire::surface::Surface;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::account::{Credential, REGION};
use crate::server::{Builder, Local};

/// A local Bedrock that listens on loopback. Reads as the [`Local`] that it serves.
#[must_use = "it stops when it is dropped"]
pub struct Server {
    local: Local,
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    serving: JoinHandle<()>,
}

impl Local {
    /// Serves one with the default account on a free port of loopback. Needs a tokio runtime.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start() -> io::Result<Server> {
        Local::builder().start().await
    }
}

impl Builder {
    /// Serves it on a free port of loopback. Needs a tokio runtime.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start(self) -> io::Result<Server> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let local = self.build();
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = tokio::spawn({
            let local = local.clone();
            async move {
                local
                    .serve(listener, async {
                        let _ = stopped.await;
                    })
                    .await;
            }
        });
        Ok(Server { local, address, stop: Some(stop), serving })
    }
}

impl Server {
    /// Where it listens: `http://127.0.0.1:PORT`, or `https` where it speaks TLS.
    #[must_use]
    pub fn url(&self) -> String {
        format!("{}://{}", self.local.scheme(), self.address)
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The variables that point AWS's and Anthropic's clients at it, for a program that is started: an access key of its
    /// account, the region, and where each service is. Others of AWS's that the program inherits may win over them
    /// (`AWS_BEARER_TOKEN_BEDROCK`, `AWS_SESSION_TOKEN`, `AWS_PROFILE`): where they may be set, take them away. Over TLS
    /// clients are to trust its authority too: where `Certificates::in_file` tells its file, the variables of
    /// `AUTHORITY_VARIABLES` name it.
    #[must_use]
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        let mut variables = Vec::new();
        let keys = self.local.account().credentials.iter().find_map(|credential| match credential {
            Credential::Keys { access_key_id, secret_access_key, session_token } => {
                Some((access_key_id, secret_access_key, session_token))
            }
            Credential::Bearer(_) => None,
        });
        if let Some((id, secret, token)) = keys {
            variables.push(("AWS_ACCESS_KEY_ID", id.clone()));
            variables.push(("AWS_SECRET_ACCESS_KEY", secret.clone()));
            variables.extend(token.clone().map(|token| ("AWS_SESSION_TOKEN", token)));
        }
        variables.extend(["AWS_REGION", "AWS_DEFAULT_REGION"].map(|name| (name, REGION.to_owned())));
        let services = [
            "AWS_ENDPOINT_URL_BEDROCK_RUNTIME",
            "AWS_ENDPOINT_URL_BEDROCK",
            "AWS_ENDPOINT_URL_STS",
            "AWS_ENDPOINT_URL_S3",
            "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS",
            "ANTHROPIC_BEDROCK_BASE_URL",
        ];
        variables.extend(services.map(|name| (name, self.url())));
        let mantle = format!("{}{}/anthropic", self.url(), Surface::Mantle.row().prefix);
        variables.push(("ANTHROPIC_BEDROCK_MANTLE_BASE_URL", mantle));
        #[cfg(feature = "tls")]
        if let Some(file) = self.local.authority_file() {
            let file = file.to_string_lossy();
            variables.extend(crate::tls::AUTHORITY_VARIABLES.map(|name| (name, file.clone().into_owned())));
        }
        variables
    }

    /// Lets calls in flight finish, for as long as [`Builder::grace`] says, and ends. Dropping it ends it at once.
    pub async fn stop(mut self) {
        if let Some(stop) = self.stop.take() {
            // It has ended already where nobody receives.
            let _ = stop.send(());
        }
        let _ = (&mut self.serving).await;
    }
}

impl Deref for Server {
    type Target = Local;
    fn deref(&self) -> &Local {
        &self.local
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("address", &self.address).field("local", &self.local).finish()
    }
}
