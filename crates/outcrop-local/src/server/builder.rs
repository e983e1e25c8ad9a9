//! Settings of a local Bedrock: who may call, what answers, what is refused, and when.

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use outcrop_wire::catalogue::Catalogue;

use super::{Clock, Inner, Listener, Local, Notice};
use crate::account::Account;
use crate::asked::{self, Memory};
use crate::cache::PromptCache;
use crate::data::Data;
use crate::engine::{Engine, Player, Recorder, Recording, Relay, Script, Stage, Upstream};
use crate::invocation_log::{self, InvocationLog};
use crate::jobs::Jobs;
use crate::limits::Limits;
use crate::quotas::Quotas;
use crate::trouble::{Trouble, Troubles};

/// How long calls in flight may take to finish.
const GRACE: Duration = Duration::from_secs(60);

/// Settings of a local Bedrock.
pub struct Builder {
    account: Account,
    data: Data,
    pace: Duration,
    #[cfg(feature = "tls")]
    tls: Option<crate::tls::Certificates>,
    strict: bool,
    grace: Duration,
    clock: Clock,
    listener: Option<Listener>,
    seed: Option<u64>,
    answers: Answers,
    troubles: Vec<Trouble>,
    limits: (Option<u64>, Option<u64>),
    quotas: Option<Quotas>,
    remembers: (usize, usize),
    log: (Duration, usize),
}

/// What answers, before it is put together.
enum Answers {
    Engine(Engine),
    Upstream(Box<dyn Upstream>, Option<Box<dyn Write + Send>>),
}

impl Builder {
    pub(super) fn new() -> Self {
        Builder {
            account: Account::default(),
            data: Data::default(),
            pace: Duration::ZERO,
            #[cfg(feature = "tls")]
            tls: None,
            strict: false,
            grace: GRACE,
            clock: Box::new(SystemTime::now),
            listener: None,
            seed: None,
            answers: Answers::Engine(Engine::default()),
            troubles: Vec::new(),
            limits: (None, None),
            quotas: None,
            remembers: (asked::CALLS, asked::BYTES),
            log: (invocation_log::EVERY, invocation_log::INLINE),
        }
    }

    /// The account, and who may call.
    #[must_use]
    pub fn account(mut self, account: Account) -> Self {
        self.account = account;
        self
    }

    /// Where what is set up in the account is kept, and its buckets. In memory by default.
    #[must_use]
    pub fn data(mut self, data: Data) -> Self {
        self.data = data;
        self
    }

    /// The pause before each event of a stream. None by default.
    #[must_use]
    pub fn pace(mut self, pace: Duration) -> Self {
        self.pace = pace;
        self
    }

    /// Refuses what AWS refuses today, where documentation or AWS of yesterday says otherwise: what
    /// [`MANNERS`](crate::MANNERS) lists. By default that passes with a warning.
    #[must_use]
    pub fn strict(mut self, strict: bool) -> Self {
        self.strict = strict;
        self
    }

    /// Speaks TLS with clients that do, on the same port as plain HTTP; [`Server::url`](crate::Server::url) begins with
    /// `https` then. A connection in process ([`Local::connect`]) has none.
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn tls(mut self, certificates: crate::tls::Certificates) -> Self {
        self.tls = Some(certificates);
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

    /// Makes ids, padding and what goes wrong by chance the same in every run.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Lets some of the calls that pass the checks go wrong. Told again, it is one more trouble: of those that befall a
    /// call, the first is done. What passes through from upstream waits and fails as told, and is not broken on its way.
    #[must_use]
    pub fn trouble(mut self, trouble: Trouble) -> Self {
        self.troubles.push(trouble);
        self
    }

    /// What the account may ask for in a minute and a day, by model and kind of id, in each region; calls above are throttled
    /// in AWS's words. Those of an application inference profile take from what it was copied from. They win over those of
    /// the account; by default nothing is limited.
    #[must_use]
    pub fn quotas(mut self, quotas: Quotas) -> Self {
        self.quotas = Some(quotas);
        self
    }

    /// At most so many requests a minute, for each model, kind of id, region and endpoint, whatever the quotas say; those
    /// above are throttled in AWS's words. Counts of tokens are free.
    #[must_use]
    pub fn requests_per_minute(mut self, requests: u64) -> Self {
        self.limits.0 = Some(requests);
        self
    }

    /// At most so many tokens a minute, as [`Builder::requests_per_minute`], as AWS counts them: a call is let in where
    /// there is room for its input and its `max_tokens`; in the end it takes its input without what was read from the
    /// cache, and for each token of output as many as the catalogue says (five). What fails takes none. What passes
    /// through from upstream is weighed by its length.
    #[must_use]
    pub fn tokens_per_minute(mut self, tokens: u64) -> Self {
        self.limits.1 = Some(tokens);
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

    /// How long a call that is logged waits for others: those of that time are one object. A second by default; AWS takes
    /// minutes.
    #[must_use]
    pub fn log_every(mut self, every: Duration) -> Self {
        self.log.0 = every;
        self
    }

    /// How many bytes of JSON the body of a request or an answer has at most in its log record; longer ones are objects of
    /// their own. 100 KB by default, as AWS documents it; others have seen 25 KB.
    #[must_use]
    pub fn log_inline(mut self, bytes: usize) -> Self {
        self.log.1 = bytes;
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
        // Of their own, so that ids are the same with and without troubles.
        let mut chance = self.seed.map_or_else(fastrand::Rng::new, |seed| fastrand::Rng::with_seed(!seed));
        if let Engine::Script(stage) = &engine {
            stage.seeded(chance.fork());
        }
        let quotas = self.quotas.unwrap_or_else(|| self.account.quotas.clone());
        Local(Arc::new(Inner {
            account: self.account,
            data: self.data,
            catalogue: Catalogue::built_in(),
            engine,
            memory: Memory::new(self.remembers.0, self.remembers.1),
            cache: PromptCache::default(),
            troubles: Troubles::new(self.troubles, chance),
            limits: Limits::new(self.limits.0, self.limits.1, quotas),
            invocation_log: InvocationLog::new(self.log.0, self.log.1),
            jobs: Jobs::default(),
            pace: self.pace,
            #[cfg(feature = "tls")]
            tls: self.tls,
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
