//! Sockets and pipes: who is listened to, and how it ends.

use std::convert::Infallible;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use outcrop_wire::catalogue::Catalogue;
use outcrop_wire::fault::Fault;
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::account::Account;
use crate::asked::{self, Memory};
use crate::cache::PromptCache;
use crate::check::Rules;
use crate::cut::{Line, Wire};
use crate::engine::{Engine, Player, Recorder, Recording, Relay, Script, Stage, Upstream};
use crate::exchange::exchange;

/// Bytes in flight in a pipe, each way.
const PIPE: usize = 64 * 1024;

/// How long a client may take for the head of a request, and a connection may be idle: longer than clients keep theirs.
const HEAD_PATIENCE: Duration = Duration::from_secs(120);

/// How long calls in flight may take to finish.
const GRACE: Duration = Duration::from_secs(60);

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
    pub(crate) catalogue: Catalogue,
    pub(crate) engine: Engine,
    pub(crate) memory: Memory,
    pub(crate) cache: PromptCache,
    pub(crate) pace: Duration,
    strict: bool,
    grace: Duration,
    clock: Clock,
    listener: Option<Listener>,
    random: Mutex<fastrand::Rng>,
}

/// Settings of a local Bedrock.
pub struct Builder {
    account: Account,
    pace: Duration,
    strict: bool,
    grace: Duration,
    clock: Clock,
    listener: Option<Listener>,
    seed: Option<u64>,
    answers: Answers,
    remembers: (usize, usize),
}

/// What answers, before it is put together.
enum Answers {
    Engine(Engine),
    Upstream(Box<dyn Upstream>, Option<Box<dyn Write + Send>>),
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
        Builder {
            account: Account::default(),
            pace: Duration::ZERO,
            strict: false,
            grace: GRACE,
            clock: Box::new(SystemTime::now),
            listener: None,
            seed: None,
            answers: Answers::Engine(Engine::default()),
            remembers: (asked::CALLS, asked::BYTES),
        }
    }

    pub(crate) fn account(&self) -> &Account {
        &self.0.account
    }

    pub(crate) fn memory(&self) -> &Memory {
        &self.0.memory
    }

    /// Opens a connection in process: the other end is served as a socket's would be. Needs a tokio runtime.
    #[must_use]
    pub fn connect(&self) -> DuplexStream {
        let (near, far) = tokio::io::duplex(PIPE);
        let local = self.clone();
        tokio::spawn(async move {
            // A client that goes away is no error of the server's.
            let _ = local.connection(far).await;
        });
        near
    }

    /// Serves until `stop` is ready, then lets calls in flight finish, for as long as [`Builder::grace`] says.
    pub async fn serve(&self, listener: TcpListener, stop: impl Future<Output = ()>) {
        let graceful = GracefulShutdown::new();
        // Dropped at the end, with whatever did not finish in time.
        let mut connections = JoinSet::new();
        let mut stop = std::pin::pin!(stop);
        loop {
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
            let connection = graceful.watch(self.connection(socket));
            connections.spawn(async move {
                let _ = connection.await;
            });
            while connections.try_join_next().is_some() {}
        }
        drop(listener);
        // A client that neither sends nor reads must not keep the server for ever.
        let _ = tokio::time::timeout(self.0.grace, graceful.shutdown()).await;
    }

    fn connection<S>(
        &self,
        stream: S,
    ) -> http1::Connection<
        TokioIo<Wire<S>>,
        impl hyper::service::HttpService<
            hyper::body::Incoming,
            ResBody = crate::answer::Answer,
            Error = Infallible,
            Future: Send,
        > + use<S>,
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
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_PATIENCE)
            .serve_connection(TokioIo::new(wire), service)
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

impl Builder {
    /// The account, and who may call.
    #[must_use]
    pub fn account(mut self, account: Account) -> Self {
        self.account = account;
        self
    }

    /// The pause before each event of a stream. None by default.
    #[must_use]
    pub fn pace(mut self, pace: Duration) -> Self {
        self.pace = pace;
        self
    }

    /// Refuses what AWS refuses today, where documentation still says otherwise: the beta of the 1M window on models that
    /// lost it, versions that a model may not take, base ids of models that are served through inference profiles. By
    /// default these pass with a warning.
    #[must_use]
    pub fn strict(mut self, strict: bool) -> Self {
        self.strict = strict;
        self
    }

    /// How long calls in flight may take to finish once the server is told to stop. A minute by default.
    #[must_use]
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// The clock that signatures are held against.
    #[must_use]
    pub fn clock(mut self, clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.clock = Box::new(clock);
        self
    }

    /// Is told of refusals and warnings.
    #[must_use]
    pub fn on_notice(mut self, listener: impl Fn(&Notice<'_>) + Send + Sync + 'static) -> Self {
        self.listener = Some(Arc::new(listener));
        self
    }

    /// Makes ids and padding the same in every run.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Answers by the rules of a script, in place of the mirror.
    #[must_use]
    pub fn script(mut self, script: Script) -> Self {
        self.answers = Answers::Engine(Engine::Script(Stage::new(script)));
        self
    }

    /// Plays recorded exchanges, in place of the mirror. What is played was checked by AWS once: only who calls is
    /// checked here.
    #[must_use]
    pub fn replay(mut self, recording: Recording) -> Self {
        self.answers = Answers::Engine(Engine::Replay(Player::new(recording)));
        self
    }

    /// Passes calls on, in place of the mirror. Only who calls is checked here.
    #[must_use]
    pub fn upstream(mut self, upstream: impl Upstream + 'static) -> Self {
        self.answers = Answers::Upstream(Box::new(upstream), None);
        self
    }

    /// Passes calls on and writes each exchange to `out` when its last byte has passed: a line each, flushed, as
    /// [`Recording::parse`] reads them. What names the caller is never written. The bodies are, as they are.
    #[must_use]
    pub fn record(mut self, upstream: impl Upstream + 'static, out: impl Write + Send + 'static) -> Self {
        self.answers = Answers::Upstream(Box::new(upstream), Some(Box::new(out)));
        self
    }

    /// How many calls [`Local::asked`] has at most, and how many bytes their bodies may have together; the oldest are
    /// forgotten first. 1000 and 64 MiB by default; nothing is kept with 0.
    #[must_use]
    pub fn remember(mut self, calls: usize, bytes: usize) -> Self {
        self.remembers = (calls, bytes);
        self
    }

    /// The local Bedrock.
    #[must_use]
    pub fn build(self) -> Local {
        let engine = match self.answers {
            Answers::Engine(engine) => engine,
            Answers::Upstream(upstream, out) => {
                let recorder = out.map(|out| Arc::new(Recorder::new(out, self.listener.clone())));
                Engine::Upstream(Relay { upstream, recorder })
            }
        };
        let random = self.seed.map_or_else(fastrand::Rng::new, fastrand::Rng::with_seed);
        Local(Arc::new(Inner {
            account: self.account,
            catalogue: Catalogue::built_in(),
            engine,
            memory: Memory::new(self.remembers.0, self.remembers.1),
            cache: PromptCache::default(),
            pace: self.pace,
            strict: self.strict,
            grace: self.grace,
            clock: self.clock,
            listener: self.listener,
            random: Mutex::new(random),
        }))
    }
}

impl std::fmt::Debug for Builder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Builder").field("account", &self.account).field("pace", &self.pace).finish_non_exhaustive()
    }
}

impl Inner {
    pub(crate) fn now(&self) -> SystemTime {
        (self.clock)()
    }

    /// What calls are held against.
    pub(crate) fn rules(&self) -> Rules<'_> {
        Rules { catalogue: &self.catalogue, strict: self.strict }
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
    pub(crate) fn id(&self, prefix: &str) -> String {
        let mut random = self.random();
        let tail: String = (0..22).map(|_| random.alphanumeric()).collect();
        format!("{prefix}01{tail}")
    }
}
