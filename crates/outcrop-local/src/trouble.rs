//! What goes wrong on purpose: which fault or break, where, how often, and for which calls.

mod often;
mod read;
mod told;
mod words;

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use outcrop_wire::fault::{Fault, Origin};
use outcrop_wire::model::Model;
use outcrop_wire::surface::{Delivery, Dialect, Surface};

pub(crate) use self::often::Often;
pub(crate) use self::told::{Befallen, Troubles};
pub(crate) use self::words::{Much, too_many};
use crate::engine::NamedModel;
use crate::reply::{Break, Framed, How};

/// The request header that lets its own call go wrong; several may be given. In the words of [`Trouble`].
pub const FAULT_HEADER: &str = "x-outcrop-fault";

/// The request header that lets its own call wait: `200ms`, `1.5s`.
pub const DELAY_HEADER: &str = "x-outcrop-delay";

/// Something that goes wrong on purpose with some of the calls that pass the checks.
///
/// ```
/// use outcrop_local::{Local, Trouble};
///
/// let often = "throttle 10%".parse::<Trouble>()?;
/// let late = "mid-stream ModelStreamErrorException after 3 every 5 of *sonnet*".parse()?;
/// let local = Local::builder().seed(7).trouble(often).trouble(late).build();
/// # let _ = local;
/// # Ok::<(), outcrop_local::TroubleError>(())
/// ```
///
#[doc = include_str!("trouble/format.md")]
#[derive(Clone, Debug)]
#[must_use]
pub struct Trouble {
    what: Trial,
    often: Often,
    model: Option<NamedModel>,
    calls: Vec<Calls>,
}

/// Calls of a kind.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Calls {
    /// By AWS's name of their operation. Surfaces may share one.
    Operation(&'static str),
    /// Of every surface: the operations of some are called alike, whole, streamed or counted.
    Delivery(Delivery),
}

/// What goes wrong.
#[derive(Clone, Debug)]
enum Trial {
    /// An HTTP answer.
    Fault(Fault),
    Break(Break),
    /// Before the first byte.
    Delay(Duration),
    /// Before each event of a stream.
    Pace(Duration),
}

/// Why a text tells no trouble.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct TroubleError {
    /// The text.
    pub text: String,
    /// What was expected, and what is there.
    pub problem: String,
}

/// A call, as troubles choose among calls.
#[derive(Clone, Copy)]
pub(crate) struct Case<'a> {
    /// As it came.
    pub(crate) id: &'a str,
    pub(crate) model: Option<Model>,
    pub(crate) surface: Surface,
    pub(crate) delivery: Delivery,
}

impl Trouble {
    fn new(what: Trial) -> Self {
        Trouble { what, often: Often::default(), model: None, calls: Vec::new() }
    }

    /// A fault, where its origin says: as an HTTP answer (`Origin::Http`), as the first frame of a stream, or after its
    /// first two events. A whole answer always fails as an HTTP answer.
    pub fn fault(fault: Fault) -> Self {
        Trouble::new(match fault.origin {
            Origin::FirstFrame => Trial::Break(Break::fault(0, fault, Framed::Exception)),
            Origin::MidStream => Trial::Break(Break::fault(MIDDLE, fault, Framed::Exception)),
            _ => Trial::Fault(fault),
        })
    }

    /// The answer goes wrong on its way.
    pub fn breaks(breach: Break) -> Self {
        Trouble::new(Trial::Break(breach))
    }

    /// The answer waits before its first byte.
    pub fn delay(delay: Duration) -> Self {
        Trouble::new(Trial::Delay(delay))
    }

    /// Each event of a stream waits, in place of the server's pace.
    pub fn pace(pace: Duration) -> Self {
        Trouble::new(Trial::Pace(pace))
    }

    /// Only every so-manieth of the calls that it is for.
    pub fn every(mut self, calls: u64) -> Self {
        self.often.every = Some(calls.max(1));
        self
    }

    /// Only the first so many of the calls that it is for.
    pub fn first(mut self, calls: u64) -> Self {
        self.often.first = Some(calls);
        self
    }

    /// Only from this call on, of those that it is for; from 1.
    pub fn from(mut self, call: u64) -> Self {
        self.often.from = Some(call);
        self
    }

    /// Only so many of a hundred of the calls that it is for, by chance, and the same ones with the same
    /// [`Builder::seed`](crate::Builder::seed).
    pub fn percent(mut self, percent: f64) -> Self {
        self.often.percent = Some(percent);
        self
    }

    /// Only calls of this model: a name (`opus`, `claude-opus-4-6`), an id, or a pattern with `*` for either.
    pub fn model(mut self, model: &str) -> Self {
        self.model = Some(NamedModel::new(model));
        self
    }

    /// Only calls of this operation, by AWS's name: `InvokeModel`, `ConverseStream`, `CountTokens`. Told again, calls of
    /// either.
    pub fn operation(mut self, operation: &'static str) -> Self {
        self.calls.push(Calls::Operation(operation));
        self
    }

    /// Only whole, streamed or counted calls, of every surface: on Mantle all three are one operation of AWS's. Told
    /// again, or with an operation, calls of either.
    pub fn delivery(mut self, delivery: Delivery) -> Self {
        self.calls.push(Calls::Delivery(delivery));
        self
    }

    /// Whether it may befall this call, as far as the call's kind goes.
    fn is_for(&self, case: &Case<'_>) -> bool {
        (self.calls.is_empty() || self.calls.iter().any(|calls| calls.has(case)))
            && self.model.as_ref().is_none_or(|model| model.is(case.id, case.model))
    }

    /// What AWS would not do: a fault where it does not stand, a break where there is nothing to break.
    fn cannot_be(&self, case: &Case<'_>) -> Option<String> {
        let row = case.surface.row();
        match &self.what {
            Trial::Fault(fault) => words::only_in_streams(fault)
                .then(|| format!("{}: AWS sends it inside streams only, and here it is an HTTP answer", fault.code)),
            Trial::Break(Break { how: How::BadCrc, .. }) if case.delivery != Delivery::Stream => {
                Some("bad-crc: a whole answer has no frames, and passes as it is".to_owned())
            }
            Trial::Break(Break { how: How::BadCrc, .. }) if row.dialect == Dialect::Messages => {
                Some("bad-crc: server-sent events have no checksum, and pass as they are".to_owned())
            }
            Trial::Break(Break { how: How::Fault(fault, framed), .. }) => match case.delivery {
                Delivery::Stream if *framed != Framed::Exception => None,
                Delivery::Stream => (!words::in_streams(fault, row.dialect))
                    .then(|| format!("{}: AWS's model has no such exception in a stream of {}", fault.code, row.name)),
                _ => Some(format!("{}: a whole answer has no stream: it is an HTTP answer here", fault.code)),
            },
            Trial::Pace(_) if case.delivery != Delivery::Stream => {
                Some("pace: a whole answer has no events, and does not wait".to_owned())
            }
            _ => None,
        }
    }
}

impl Calls {
    fn has(self, case: &Case<'_>) -> bool {
        match self {
            Calls::Operation(operation) => operation == case.surface.row().operation(case.delivery),
            Calls::Delivery(delivery) => delivery == case.delivery,
        }
    }
}

/// The events of a stream before what is to come in its middle, until their number is said.
const MIDDLE: usize = 2;

impl FromStr for Trouble {
    type Err = TroubleError;

    fn from_str(text: &str) -> Result<Self, TroubleError> {
        read::trouble(text)
    }
}

impl fmt::Display for TroubleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}", self.text, self.problem)
    }
}

impl std::error::Error for TroubleError {}
