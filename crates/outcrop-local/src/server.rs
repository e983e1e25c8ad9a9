//! Sockets and pipes: who is listened to, and how it ends.

mod builder;

use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use http::{Request, Response};
use hyper::body::Incoming;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use outcrop_wire::catalogue::Catalogue;
use outcrop_wire::fault::Fault;
use outcrop_wire::surface::Surface;
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::account::Account;
use crate::answer::Answer;
use crate::asked::Memory;
use crate::cache::PromptCache;
use crate::check::Rules;
use crate::cut::{Line, Wire};
use crate::data::Data;
use crate::data::access::Standing;
use crate::dialect;
use crate::engine::Engine;
use crate::exchange::exchange;
use crate::invocation_log::{self, InvocationLog};
use crate::jobs::{self, Jobs};
use crate::limits::Limits;
use crate::trouble::Troubles;

pub use self::builder::Builder;

/// Bytes in flight in a pipe, each way.
const PIPE: usize = 64 * 1024;

/// How long a client may take for the head of a request, and a connection may be idle: longer than clients keep theirs.
pub(crate) const HEAD_PATIENCE: Duration = Duration::from_secs(120);

/// A local Bedrock. Cheap to clone; clones are the same one.
#[derive(Clone)]
pub struct Local(Arc<Inner>);

/// Something worth a line on stderr.
#[derive(Debug)]
#[non_exhaustive]
pub enum Notice<'a> {
    /// A call was refused.
    Refused {
        /// Its path.
        operation: &'a str,
        /// Why.
        fault: &'a Fault,
    },
    /// A call passed here that AWS may refuse.
    Warning(&'a str),
}

type Clock = Box<dyn Fn() -> SystemTime + Send + Sync>;
pub(crate) type Listener = Arc<dyn Fn(&Notice<'_>) + Send + Sync>;

pub(crate) struct Inner {
    pub(crate) account: Account,
    pub(crate) data: Data,
    pub(crate) catalogue: Catalogue,
    pub(crate) engine: Engine,
    pub(crate) memory: Memory,
    pub(crate) cache: PromptCache,
    pub(crate) troubles: Troubles,
    pub(crate) limits: Limits,
    pub(crate) invocation_log: InvocationLog,
    pub(crate) jobs: Jobs,
    pub(crate) pace: Duration,
    #[cfg(feature = "tls")]
    tls: Option<crate::tls::Certificates>,
    strict: bool,
    grace: Duration,
    clock: Clock,
    listener: Option<Listener>,
    random: Mutex<fastrand::Rng>,
}

impl Local {
    /// One with the default account.
    #[must_use]
    pub fn new() -> Self {
        Local::builder().build()
    }

    /// Settings.
    #[must_use]
    pub fn builder() -> Builder {
        Builder::new()
    }

    pub(crate) fn account(&self) -> &Account {
        &self.0.account
    }

    /// How its URLs begin.
    pub(crate) fn scheme(&self) -> &'static str {
        #[cfg(feature = "tls")]
        if self.0.tls.is_some() {
            return "https";
        }
        "http"
    }

    /// Where the certificate of its authority is kept, if that was told.
    #[cfg(feature = "tls")]
    pub(crate) fn authority_file(&self) -> Option<&std::path::Path> {
        self.0.tls.as_ref()?.file()
    }

    pub(crate) fn memory(&self) -> &Memory {
        &self.0.memory
    }

    /// Opens a connection in process: the other end is served as a socket's would be. Needs a tokio runtime.
    #[must_use]
    pub fn connect(&self) -> DuplexStream {
        let (near, far) = tokio::io::duplex(PIPE);
        let local = self.clone();
        jobs::resume(&self.0);
        tokio::spawn(async move {
            // A client that goes away is no error of the server's.
            let _ = local.connection(far).await;
        });
        near
    }

    /// Serves until `stop` is ready, then lets calls in flight finish, for as long as [`Builder::grace`] says.
    pub async fn serve(&self, listener: TcpListener, stop: impl Future<Output = ()>) {
        let graceful = GracefulShutdown::new();
        let jobs = jobs::serve(&self.0);
        // Dropped at the end, with whatever did not finish in time.
        let mut connections = JoinSet::new();
        let mut stop = std::pin::pin!(stop);
        #[cfg(feature = "tls")]
        let (serving, stopping) = tokio::sync::watch::channel(());
        loop {
            while connections.try_join_next().is_some() {}
            let accepted = tokio::select! {
                () = &mut stop => break,
                accepted = listener.accept() => accepted,
            };
            let Ok((socket, _)) = accepted else {
                // Out of file handles, say: wait for some to be given back.
                tokio::time::sleep(Duration::from_millis(20)).await;
                continue;
            };
            // Frames are small and each is wanted now.
            let _ = socket.set_nodelay(true);
            #[cfg(feature = "tls")]
            if let Some(certificates) = &self.0.tls {
                let (local, config, watcher) = (self.clone(), certificates.config(), graceful.watcher());
                let mut stopping = stopping.clone();
                connections.spawn(async move {
                    // Nobody waits for a connection that was not used yet.
                    let opened = tokio::select! {
                        _ = stopping.changed() => return,
                        opened = crate::tls::open(socket, config) => opened,
                    };
                    if let Ok(stream) = opened {
                        let _ = watcher.watch(local.connection(stream)).await;
                    }
                });
                continue;
            }
            let connection = graceful.watch(self.connection(socket));
            connections.spawn(async move {
                let _ = connection.await;
            });
        }
        drop(listener);
        #[cfg(feature = "tls")]
        drop(serving);
        // A client that neither sends nor reads must not keep the server for ever.
        let _ = tokio::time::timeout(self.0.grace, graceful.shutdown()).await;
        connections.shutdown().await;
        jobs.end().await;
        self.write_log().await;
    }

    /// Writes what is still to be written of the log of model invocations, now. Done by itself soon after a call (see
    /// [`Builder::log_every`]), and at the end of [`Local::serve`].
    pub async fn write_log(&self) {
        invocation_log::write(&self.0).await;
    }

    /// One connection, of HTTP/1.1 or of HTTP/2 as its first bytes say: the AWS SDK for JavaScript speaks the latter to
    /// the runtime without being asked, also where nothing is encrypted.
    fn connection<S>(
        &self,
        stream: S,
    ) -> auto::Connection<
        'static,
        TokioIo<Wire<S>>,
        impl Service<Request<Incoming>, Response = Response<Answer>, Error = Infallible, Future: Send> + use<S>,
        TokioExecutor,
    >
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let inner = Arc::clone(&self.0);
        let line = Line::default();
        let wire = Wire::new(stream, line.clone());
        let service = service_fn(move |request| {
            let (inner, line) = (Arc::clone(&inner), line.clone());
            async move { Ok::<_, Infallible>(exchange(&inner, request, &line).await) }
        });
        let mut builder = auto::Builder::new(TokioExecutor::new());
        builder.http1().timer(TokioTimer::new()).header_read_timeout(HEAD_PATIENCE);
        builder.http2().timer(TokioTimer::new());
        builder.serve_connection(TokioIo::new(wire), service).into_owned()
    }
}

impl Default for Local {
    fn default() -> Self {
        Local::new()
    }
}

impl std::fmt::Debug for Local {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Local").field("account", &self.0.account).finish_non_exhaustive()
    }
}

impl Inner {
    pub(crate) fn now(&self) -> SystemTime {
        (self.clock)()
    }

    /// What calls are held against.
    pub(crate) fn rules(&self) -> Rules<'_> {
        Rules { catalogue: &self.catalogue, standing: self.standing(), strict: self.strict }
    }

    /// What the account may use now.
    pub(crate) fn standing(&self) -> Standing<'_> {
        Standing::new(&self.account.access, &self.data, self.now())
    }

    pub(crate) fn notify(&self, notice: &Notice<'_>) {
        if let Some(listener) = &self.listener {
            listener(notice);
        }
    }

    /// A generator of its own, so that nothing is locked while a stream runs.
    pub(crate) fn random(&self) -> fastrand::Rng {
        self.random.lock().unwrap_or_else(PoisonError::into_inner).fork()
    }

    /// A version 4 UUID, as `x-amzn-requestid` has it.
    pub(crate) fn request_id(&self) -> String {
        let bits = (self.random().u128(..) & !(0xf000_u128 << 64) & !(0xc000_u128 << 48))
            | 0x4000_u128 << 64
            | 0x8000_u128 << 48;
        let hex = format!("{bits:032x}");
        format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
    }

    /// `msg_bdrk_01` and 22 letters and digits, as recorded.
    pub(crate) fn id(&self, surface: Surface, prefix: &str) -> String {
        let mut random = self.random();
        let tail: String = (0..22).map(|_| random.alphanumeric()).collect();
        format!("{}{tail}", dialect::id_prefix(surface, prefix))
    }
}
