//! The words of a trouble -> what it is. Its grammar stands in `format.md`.

use std::time::Duration;

use outcrop_wire::catalogue::Catalogue;
use outcrop_wire::fault::{FAULTS, Origin};
use outcrop_wire::surface::{Delivery, Surface};

use super::{Calls, Case, MIDDLE, Trial, Trouble, TroubleError, words};
use crate::reply::{Break, Framed};

/// Words that go wrong on the way, and need no message.
const BREAKS: [(&str, After); 3] =
    [("cut", Break::cut), ("cut-inside", Break::cut_inside), ("bad-crc", Break::bad_crc)];

/// A break after so many events.
type After = fn(usize) -> Break;

/// Where a fault comes.
const PLACES: [(&str, Origin); 3] =
    [("http", Origin::Http), ("first-frame", Origin::FirstFrame), ("mid-stream", Origin::MidStream)];

const FORMS: [(&str, Framed); 3] =
    [("exception", Framed::Exception), ("error", Framed::Error), ("event", Framed::Event)];

const DELIVERIES: [(&str, Delivery); 3] =
    [("unary", Delivery::Unary), ("stream", Delivery::Stream), ("count", Delivery::Count)];

pub(super) fn trouble(text: &str) -> Result<Trouble, TroubleError> {
    read(text).map_err(|problem| TroubleError { text: text.trim().to_owned(), problem })
}

/// A time with its unit.
pub(super) fn time(text: &str) -> Option<Duration> {
    let split = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.')?;
    let (number, unit) = text.split_at(split);
    let seconds = match unit {
        "ms" => 0.001,
        "s" => 1.0,
        "m" => 60.0,
        _ => return None,
    };
    Duration::try_from_secs_f64(number.parse::<f64>().ok()? * seconds).ok()
}

/// Everything that is said, before it is weighed.
#[derive(Default)]
struct Words<'a> {
    place: Option<(&'static str, Origin)>,
    what: Option<&'a str>,
    time: Option<Duration>,
    after: Option<usize>,
    form: Option<Framed>,
}

fn read(text: &str) -> Result<Trouble, String> {
    let (told, message) = match text.split_once(": ") {
        Some((told, message)) => (told, Some(message.trim())),
        None => (text, None),
    };
    let mut said = Words::default();
    // What it is is known at the end; until then, how often and for what.
    let mut trouble = Trouble::delay(Duration::ZERO);
    let mut words = told.split([' ', '\t', ',']).filter(|word| !word.is_empty());
    while let Some(word) = words.next() {
        let mut next = |expected: &str| words.next().ok_or_else(|| format!("expected {expected} after `{word}`"));
        let number = |text: &str, least: u64| {
            let number = text.parse::<u64>().ok().filter(|number| *number >= least);
            number.ok_or_else(|| format!("expected a whole number, at least {least}, after `{word}`, found `{text}`"))
        };
        if let Some(place) = PLACES.iter().find(|(name, _)| *name == word) {
            once(&mut said.place, *place, word)?;
        } else if let Some(percent) = word.strip_suffix('%') {
            let percent = percent.parse::<f64>().ok().filter(|percent| (0.0..=100.0).contains(percent));
            let percent = percent.ok_or_else(|| format!("expected 0% to 100%, found `{word}`"))?;
            once(&mut trouble.often.percent, percent, word)?;
        } else {
            match word {
                "after" => {
                    let events = number(next("a number of events")?, 0)?;
                    once(&mut said.after, usize::try_from(events).unwrap_or(usize::MAX), word)?;
                }
                "every" => once(&mut trouble.often.every, number(next("a number of calls")?, 1)?, word)?,
                "first" => once(&mut trouble.often.first, number(next("a number of calls")?, 1)?, word)?,
                "from" => once(&mut trouble.often.from, number(next("the number of a call")?, 1)?, word)?,
                "as" => once(&mut said.form, one_of(next("a form")?, &FORMS)?, word)?,
                "of" => {
                    if trouble.model.is_some() {
                        return Err(twice(word));
                    }
                    let name = next("a model")?;
                    trouble = trouble.model(name);
                    if !is_known(&trouble) {
                        return Err(format!("no model is called `{name}`"));
                    }
                }
                "on" => trouble.calls.push(calls(next("an operation")?)?),
                "slow" | "pace" => {
                    once(&mut said.what, word, word)?;
                    let text = next("a time")?;
                    said.time = Some(time(text).ok_or_else(|| {
                        format!("expected a time such as 200ms, 1.5s or 2m after `{word}`, found `{text}`")
                    })?);
                }
                what => once(&mut said.what, what, "what goes wrong")?,
            }
        }
    }
    trouble.what = said.weighed(message)?;
    if matches!(trouble.what, Trial::Break(_) | Trial::Pace(_)) && said.place.is_some_and(|(_, at)| at != Origin::Http)
    {
        only_whole(&trouble)?;
    }
    Ok(trouble)
}

impl Words<'_> {
    fn weighed(&self, message: Option<&str>) -> Result<Trial, String> {
        let Some(what) = self.what else {
            return Err(format!("expected what goes wrong: {}", known()));
        };
        let place = self.place.map(|(name, _)| name);
        let no = |there: bool, what: &str, word: &str| match there {
            true => Err(format!("`{word}` does not go with `{what}`")),
            false => Ok(()),
        };
        if let Some(time) = self.time {
            no(place.is_some(), what, place.unwrap_or_default())?;
            no(self.after.is_some(), what, "after")?;
            no(self.form.is_some(), what, "as")?;
            no(message.is_some(), what, ": ")?;
            return Ok(if what == "slow" { Trial::Delay(time) } else { Trial::Pace(time) });
        }
        let origin = self.place.map(|(_, origin)| origin);
        if origin == Some(Origin::Http)
            || (origin == Some(Origin::FirstFrame) && self.after.is_some_and(|after| after > 0))
        {
            no(self.after.is_some(), place.unwrap_or_default(), "after")?;
        }
        let after = self.after.unwrap_or(if origin == Some(Origin::FirstFrame) { 0 } else { MIDDLE });
        if let Some((_, breach)) = BREAKS.iter().find(|(name, _)| *name == what) {
            no(origin == Some(Origin::Http), what, "http")?;
            no(self.form.is_some(), what, "as")?;
            no(message.is_some(), what, ": ")?;
            return Ok(Trial::Break(breach(after)));
        }
        let streamed = self.after.is_some() || self.form.is_some();
        let origin = origin.unwrap_or(if streamed { Origin::MidStream } else { Origin::Http });
        if origin == Origin::Http {
            no(self.form.is_some(), "http", "as")?;
        }
        let mut fault = words::fault(what, origin).ok_or_else(|| format!("expected {}, found `{what}`", known()))?;
        if let Some(message) = message {
            message.clone_into(&mut fault.message);
        }
        Ok(match origin {
            Origin::Http => Trial::Fault(fault),
            _ => Trial::Break(Break::fault(after, fault, self.form.unwrap_or_default())),
        })
    }
}

fn once<T>(place: &mut Option<T>, value: T, word: &str) -> Result<(), String> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(twice(word)),
    }
}

fn twice(word: &str) -> String {
    format!("`{word}` is there twice")
}

fn one_of<T: Copy>(word: &str, known: &[(&str, T)]) -> Result<T, String> {
    let found = known.iter().find(|(name, _)| *name == word);
    let names = || known.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
    found.map(|(_, meaning)| *meaning).ok_or_else(|| format!("expected one of {}, found `{word}`", names()))
}

/// The calls that a word means.
fn calls(word: &str) -> Result<Calls, String> {
    if let Some((_, delivery)) = DELIVERIES.iter().find(|(name, _)| *name == word) {
        return Ok(Calls::Delivery(*delivery));
    }
    let mut known: Vec<&'static str> = Vec::new();
    for operation in Surface::rows().iter().flat_map(|row| row.operations) {
        if operation == word {
            return Ok(Calls::Operation(operation));
        }
        if !known.contains(&operation) {
            known.push(operation);
        }
    }
    known.extend(DELIVERIES.map(|(name, _)| name));
    Err(format!("expected one of {}, found `{word}`", known.join(", ")))
}

/// What comes in a stream never comes to calls that have none.
fn only_whole(trouble: &Trouble) -> Result<(), String> {
    let streams = |calls: &Calls| match calls {
        Calls::Operation(operation) => Surface::rows().iter().any(|row| row.operation(Delivery::Stream) == *operation),
        Calls::Delivery(delivery) => *delivery == Delivery::Stream,
    };
    match trouble.calls.first().filter(|_| !trouble.calls.iter().any(streams)) {
        None => Ok(()),
        Some(Calls::Operation(operation)) => Err(format!("`{operation}` has no stream")),
        Some(Calls::Delivery(delivery)) => {
            let named = DELIVERIES.iter().find(|(_, known)| known == delivery).map_or("it", |(name, _)| name);
            Err(format!("`{named}` has no stream"))
        }
    }
}

/// Whether some model of the catalogue is meant.
fn is_known(trouble: &Trouble) -> bool {
    let catalogue = Catalogue::built_in();
    catalogue.models().any(|model| {
        model.scopes().map(|scope| model.id(&scope)).any(|id| {
            let case =
                Case { id: id.as_str(), model: Some(model), surface: Surface::InvokeModel, delivery: Delivery::Unary };
            trouble.model.as_ref().is_some_and(|named| named.is(case.id, case.model))
        })
    })
}

fn known() -> String {
    let short = words::names().chain(BREAKS.iter().map(|(name, _)| *name)).chain(["slow TIME", "pace TIME"]);
    let short: Vec<&str> = short.collect();
    let codes: Vec<&str> = FAULTS.iter().map(|row| row.code).collect();
    format!("one of {}, or a code of AWS's ({})", short.join(", "), codes.join(", "))
}
