//! The engine `replay`: answers with recorded exchanges, to the byte.
//!
//! A call has the answer of the exchange with the same operation, the same model id and a body that means the same.
//! Where several fit, they are played in their order, and the last of them again.

mod difference;

use std::fmt;
use std::sync::{Mutex, PoisonError};

use outcrop_wire::fault::Fault;
use outcrop_wire::model::ModelId;
use outcrop_wire::route::{Call, route};
use serde_json::Value;

use self::difference::differences;
use super::Incoming;
use crate::check::invalid;
use crate::dialect;
use crate::recorded::{self, Exchange, Recorded};
use crate::reply::Reply;

/// Recorded exchanges, to be played.
///
/// ```
/// use outcrop_local::{Local, Recording};
///
/// let line = r#"{"request": {"path": "/model/anthropic.claude-3-haiku-20240307-v1:0/invoke", "body": "{\"max_tokens\":1}"},
///     "response": {"status": 429, "headers": {"x-amzn-errortype": ["ThrottlingException"]}, "body": "{\"message\":\"m\"}"}}"#;
/// let local = Local::builder().replay(Recording::parse(line)?).build();
/// # let _ = local;
/// # Ok::<(), outcrop_local::RecordingError>(())
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Recording {
    exchanges: Vec<Played>,
    in_order: bool,
    passed_over: usize,
}

#[derive(Clone, Debug)]
struct Played {
    /// From 1, among all of the recording.
    number: usize,
    call: Call,
    body: Value,
    response: Recorded,
}

/// What is wrong with a recording, and where.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct RecordingError {
    /// Which exchange, from 1.
    pub exchange: usize,
    /// What was expected.
    pub problem: String,
}

impl fmt::Display for RecordingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "exchange {}: {}", self.exchange, self.problem)
    }
}

impl std::error::Error for RecordingError {}

impl Recording {
    /// Reads exchanges. Those that are no calls of a model are passed over.
    ///
    #[doc = include_str!("replay/format.md")]
    ///
    /// # Errors
    /// When the text is not JSON, or an exchange lacks its path or its status.
    pub fn parse(text: &str) -> Result<Self, RecordingError> {
        let mut recording = Recording::default();
        for (value, number) in serde_json::Deserializer::from_str(text).into_iter::<Value>().zip(1..) {
            let wrong = |problem: String| RecordingError { exchange: number, problem };
            let exchange = value
                .map_err(|error| wrong(error.to_string()))
                .and_then(|value| recorded::read(&value).map_err(wrong))?;
            let Exchange { method, path, request, response } = exchange;
            match route(&method, &path, None) {
                Some(mut call) => {
                    dialect::take_up(&mut call, &request);
                    // What is no JSON is compared as text.
                    let text = || Value::String(String::from_utf8_lossy(&request).into_owned());
                    let body = serde_json::from_slice(&request).unwrap_or_else(|_| text());
                    recording.exchanges.push(Played { number, call, body, response });
                }
                None => recording.passed_over += 1,
            }
        }
        Ok(recording)
    }

    /// Where no exchange fits a call, plays the next one of the same operation that was not played yet.
    pub fn in_order(mut self) -> Self {
        self.in_order = true;
        self
    }

    /// How many exchanges can be played.
    #[must_use]
    pub fn len(&self) -> usize {
        self.exchanges.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.exchanges.is_empty()
    }

    /// How many exchanges were passed over: they are no calls of a model that is served here.
    #[must_use]
    pub fn passed_over(&self) -> usize {
        self.passed_over
    }
}

/// A recording that is played.
#[derive(Debug)]
pub(crate) struct Player {
    recording: Recording,
    /// Which were played.
    played: Mutex<Vec<bool>>,
}

impl Player {
    pub(crate) fn new(recording: Recording) -> Self {
        let played = Mutex::new(vec![false; recording.exchanges.len()]);
        Player { recording, played }
    }

    pub(crate) fn answer(&self, incoming: &Incoming) -> Result<Reply, Fault> {
        let exchanges = &self.recording.exchanges;
        let body = serde_json::from_slice(&incoming.body)
            .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&incoming.body).into_owned()));
        let fitting =
            |exchange: &Played| exchange.call == incoming.call && differences(&exchange.body, &body, 1).is_empty();
        let fitting: Vec<usize> = (0..exchanges.len()).filter(|at| fitting(&exchanges[*at])).collect();
        let mut played = self.played.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = fitting.iter().find(|at| !played[**at]).or(fitting.last()).copied();
        let of_operation = |exchange: &Played| {
            (exchange.call.surface, exchange.call.delivery) == (incoming.call.surface, incoming.call.delivery)
        };
        let next = || (0..exchanges.len()).find(|at| !played[*at] && of_operation(&exchanges[*at]));
        match fresh.or_else(|| next().filter(|_| self.recording.in_order)) {
            Some(at) => {
                played[at] = true;
                Ok(Reply::recorded(exchanges[at].response.clone()))
            }
            None => Err(self.unmatched(incoming, &body)),
        }
    }

    /// Nothing fits: says what nearly did, and how it differs.
    fn unmatched(&self, incoming: &Incoming, body: &Value) -> Fault {
        /// Differences beyond these make no exchange any further away.
        const MOST: usize = 32;
        let asked = &incoming.call;
        let operation = |call: &Call| call.surface.row().operation(call.delivery);
        let closest = self.recording.exchanges.iter().map(|exchange| {
            let differences = differences(&exchange.body, body, MOST);
            let elsewhere = (operation(&exchange.call) != operation(asked), exchange.call.model != asked.model);
            (exchange, elsewhere, differences)
        });
        let closest = closest.min_by_key(|(_, (operation, model), found)| (*operation, *model, found.len()));
        let mut message = format!("outcrop local: no recorded exchange answers this {}", operation(asked));
        if let Some((exchange, (other_operation, other_model), found)) = closest {
            message.push_str(&format!("; the closest is exchange {}", exchange.number));
            let name = |model: &Option<ModelId>| model.as_ref().map_or(String::new(), ToString::to_string);
            let mut parts = Vec::new();
            if other_operation {
                parts.push(format!("is an {}", operation(&exchange.call)));
            }
            if other_model {
                parts.push(format!("is of {}, not {}", name(&exchange.call.model), name(&asked.model)));
            }
            match &found[..] {
                [] => {}
                [only] => parts.push(format!("differs at {only}")),
                [first, ..] => {
                    let more = if found.len() >= MOST { " or more" } else { "" };
                    parts.push(format!("differs in {}{more} places, first at {first}", found.len()));
                }
            }
            message.push_str(&format!(", which {}", parts.join(" and ")));
        } else {
            message.push_str(": the recording holds none that can be played");
        }
        invalid(message)
    }
}
