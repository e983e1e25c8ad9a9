//! Measures CPU time per call of this process, in rounds that take the contenders in turn.

use std::future::Future;
use std::time::Duration;

use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use nix::unistd::Pid;
use tokio::runtime::Runtime;

use crate::call::{Answer, Contender, Failure, NotMeasuredYet};
use crate::upstream::answers;

pub struct Settings {
    pub rounds: usize,
    pub unary_calls: u32,
    pub stream_calls: u32,
    pub warm_up_calls: u32,
    pub one_core: bool,
    pub lean_aws_sdk: bool,
}

impl Settings {
    pub fn parse(arguments: &[String]) -> Result<Self, Failure> {
        let mut settings = Self {
            rounds: 7,
            unary_calls: 2000,
            stream_calls: 500,
            warm_up_calls: 50,
            one_core: false,
            lean_aws_sdk: false,
        };
        let mut rest = arguments.iter();
        while let Some(flag) = rest.next() {
            match flag.as_str() {
                "--rounds" => settings.rounds = positive(flag, rest.next())? as usize,
                "--unary-calls" => settings.unary_calls = positive(flag, rest.next())?,
                "--stream-calls" => settings.stream_calls = positive(flag, rest.next())?,
                "--warm-up-calls" => settings.warm_up_calls = positive(flag, rest.next())?,
                "--one-core" => settings.one_core = true,
                "--lean-aws-sdk" => settings.lean_aws_sdk = true,
                _ => return Err(format!("unknown argument `{flag}`").into()),
            }
        }
        Ok(settings)
    }
}

fn positive(flag: &str, value: Option<&String>) -> Result<u32, Failure> {
    let number = value.and_then(|value| value.parse().ok()).filter(|number| *number > 0);
    number.ok_or_else(|| format!("`{flag}` takes a number above 0").into())
}

#[derive(Clone, Copy)]
pub enum Kind {
    Unary,
    Stream,
}

impl Kind {
    fn calls(self, settings: &Settings) -> u32 {
        match self {
            Self::Unary => settings.unary_calls,
            Self::Stream => settings.stream_calls,
        }
    }

    fn expected(self) -> Answer {
        match self {
            Self::Unary => answers::unary_answer(),
            Self::Stream => answers::stream_answer(),
        }
    }
}

/// A contender with the runtime it lives in.
pub struct Runner<C> {
    name: &'static str,
    runtime: Runtime,
    contender: C,
}

impl<C: Contender> Runner<C> {
    pub fn open(name: &'static str, contender: impl Future<Output = Result<C, Failure>>) -> Result<Self, Failure> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let contender = runtime.block_on(contender)?;
        Ok(Self { name, runtime, contender })
    }
}

/// A [`Runner`] whose contender's type is forgotten: the choice is made once per batch of calls, never per call.
pub trait Lane {
    /// Makes `calls` calls, one after the other, and checks what each has read.
    fn run(&self, kind: Kind, calls: u32, expected: &Answer) -> Result<(), Failure>;
}

impl<C: Contender> Lane for Runner<C> {
    fn run(&self, kind: Kind, calls: u32, expected: &Answer) -> Result<(), Failure> {
        self.runtime.block_on(async {
            for _ in 0..calls {
                let answer = match kind {
                    Kind::Unary => self.contender.unary().await?,
                    Kind::Stream => self.contender.stream().await?,
                };
                if answer != *expected {
                    return Err(format!("{} read {answer:?} where {expected:?} was sent", self.name).into());
                }
            }
            Ok(())
        })
    }
}

/// CPU microseconds per call of one contender, one figure a round; `None` if it says that it is not there yet.
pub type Rounds = Option<Vec<f64>>;

/// Measures every lane once a round. Each round starts with another lane, so that none is always first.
pub fn measure<const LANES: usize>(
    kind: Kind,
    lanes: &[&dyn Lane; LANES],
    settings: &Settings,
) -> Result<[Rounds; LANES], Failure> {
    let expected = kind.expected();
    let calls = kind.calls(settings);
    let mut results: [Rounds; LANES] = [const { None }; LANES];
    for (lane, rounds) in lanes.iter().zip(&mut results) {
        *rounds = match lane.run(kind, 1, &expected) {
            Ok(()) => Some(Vec::with_capacity(settings.rounds)),
            Err(failure) if failure.is::<NotMeasuredYet>() => None,
            Err(failure) => return Err(failure),
        };
    }
    for round in 0..settings.rounds {
        for turn in 0..LANES {
            let index = (round + turn) % LANES;
            if let Some(rounds) = &mut results[index] {
                let lane = lanes[index];
                lane.run(kind, settings.warm_up_calls, &expected)?;
                let before = cpu_time()?;
                lane.run(kind, calls, &expected)?;
                let spent = cpu_time()?.saturating_sub(before);
                rounds.push(spent.as_secs_f64() * 1e6 / f64::from(calls));
            }
        }
    }
    Ok(results)
}

/// User and system time of all threads of this process.
fn cpu_time() -> Result<Duration, Failure> {
    let usage = getrusage(UsageWho::RUSAGE_SELF)?;
    let microseconds = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    Ok(Duration::from_micros(u64::try_from(microseconds)?))
}

/// Binds this process, and so the children it starts later, to the first core that it may use.
pub fn stay_on_one_core() -> Result<(), Failure> {
    let this_process = Pid::from_raw(0);
    let allowed = sched_getaffinity(this_process)?;
    let first = (0..CpuSet::count()).find(|core| allowed.is_set(*core).unwrap_or(false)).ok_or("no core is allowed")?;
    let mut only = CpuSet::new();
    only.set(first)?;
    Ok(sched_setaffinity(this_process, &only)?)
}
