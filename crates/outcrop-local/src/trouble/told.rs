//! The troubles of a server and of a call's own headers, counted: what befalls this call.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use http::HeaderMap;
use outcrop_wire::fault::Fault;

use super::{Case, DELAY_HEADER, FAULT_HEADER, Trial, Trouble, read};
use crate::asked::Next;
use crate::check::invalid;
use crate::reply::Reply;

/// So many different texts of headers are counted; those after them begin anew with each call.
const TEXTS: usize = 4096;

/// What was told before any call.
#[derive(Debug)]
pub(crate) struct Troubles {
    told: Vec<Trouble>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// Calls that each trouble was for.
    calls: Vec<u64>,
    /// The same, for headers, by their text.
    by_text: HashMap<String, u64>,
    random: fastrand::Rng,
}

/// What happens to a call.
#[derive(Debug, Default)]
pub(crate) struct Befallen {
    pub(crate) next: Option<Next>,
    pub(crate) delay: Duration,
    pub(crate) pace: Option<Duration>,
    /// What AWS would not do.
    pub(crate) warnings: Vec<String>,
}

impl Troubles {
    pub(crate) fn new(told: Vec<Trouble>, random: fastrand::Rng) -> Self {
        let state = State { calls: vec![0; told.len()], by_text: HashMap::new(), random };
        Troubles { told, state: Mutex::new(state) }
    }

    /// What a call's own headers ask for.
    ///
    /// # Errors
    /// When they say something else.
    pub(crate) fn of_headers(headers: &HeaderMap) -> Result<Vec<(String, Trouble)>, Fault> {
        let mut own = Vec::new();
        let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        for value in headers.get_all(FAULT_HEADER) {
            let text = text(value);
            let trouble = read::trouble(&text)
                .map_err(|error| invalid(format!("outcrop local: cannot read the header {FAULT_HEADER}: {error}")))?;
            own.push((text, trouble));
        }
        for value in headers.get_all(DELAY_HEADER) {
            let text = text(value);
            let delay = read::time(text.trim()).ok_or_else(|| {
                invalid(format!(
                    "outcrop local: cannot read the header {DELAY_HEADER}: expected a time such as 200ms, 1.5s or 2m, \
                     found `{text}`"
                ))
            })?;
            own.push((text, Trouble::delay(delay)));
        }
        Ok(own)
    }

    /// What befalls this call: what its own headers ask for comes before what the server was told.
    pub(crate) fn befall(&self, case: &Case<'_>, own: Vec<(String, Trouble)>) -> Befallen {
        let mut befallen = Befallen::default();
        if own.is_empty() && self.told.is_empty() {
            return befallen;
        }
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let State { calls, by_text, random } = &mut *state;
        for (text, trouble) in own.iter().filter(|(_, trouble)| trouble.is_for(case)) {
            let mut fresh = 0;
            let call = match by_text.len() < TEXTS || by_text.contains_key(text) {
                true => by_text.entry(text.clone()).or_default(),
                false => &mut fresh,
            };
            *call += 1;
            if trouble.often.holds(*call, random) {
                befallen.add(trouble, case);
            }
        }
        for (trouble, call) in self.told.iter().zip(calls).filter(|(trouble, _)| trouble.is_for(case)) {
            *call += 1;
            if trouble.often.holds(*call, random) {
                befallen.add(trouble, case);
            }
        }
        befallen
    }
}

impl Befallen {
    fn add(&mut self, trouble: &Trouble, case: &Case<'_>) {
        let next = match &trouble.what {
            Trial::Delay(delay) => {
                self.delay = self.delay.saturating_add(*delay);
                None
            }
            Trial::Pace(pace) => {
                self.pace.get_or_insert(*pace);
                None
            }
            Trial::Fault(fault) => Some(Next::Reply(Box::new(Reply::fault(fault.clone())))),
            Trial::Break(breach) => Some(Next::Break(breach.clone())),
        };
        let counts = next.is_none() || self.next.is_none();
        if counts {
            self.warnings.extend(trouble.cannot_be(case));
            self.next = self.next.take().or(next);
        }
    }
}
