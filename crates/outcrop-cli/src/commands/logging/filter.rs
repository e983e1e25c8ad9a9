//! Which calls of a log were asked for.

use std::collections::BTreeMap;

use outcrop::ModelId;
use outcrop::account::EventFilter;
use outcrop::wire::account::logging::{LOG_STREAM, LogHour, ModelInvocationLog};
use outcrop::wire::catalogue::Catalogue;
use outcrop::wire::model::Model;
use outcrop::wire::sigv4::AmzTime;
use regex_lite::Regex;
use serde_json::Value;

use crate::args::LoggingRead;
use crate::exit::Failure;

/// Records lie where they were written, by hours or as events: so much later than the call, at the most.
const LATEST: i64 = 86_400;

/// What was asked for.
pub(super) struct Filter<'a> {
    asked: &'a LoggingRead,
    since: Option<i64>,
    until: Option<i64>,
    /// The model that was named, where the catalogue knows it.
    model: Option<Model>,
    catalogue: Catalogue,
}

impl<'a> Filter<'a> {
    pub(super) fn new(asked: &'a LoggingRead, now: i64) -> Result<Self, Failure> {
        let catalogue = Catalogue::built_in();
        let model = asked.model.as_deref().and_then(|name| catalogue.resolve(&ModelId::from(name)).model);
        let since = asked.since.map(|since| since.begins(now));
        let until = asked.until.map(|until| until.ends(now));
        if let (Some(from), Some(to)) = (since, until)
            && from >= to
        {
            let [from, to] = [from, to].map(|time| AmzTime::from_unix(time).iso());
            return Err(Failure::usage(format!("--since, {from}, is not before --until, {to}")));
        }
        Ok(Filter { asked, since, until, model, catalogue })
    }

    /// Which events of a log group may be calls that were asked for.
    pub(super) fn events(&self) -> EventFilter {
        let milliseconds = |seconds: i64| seconds.saturating_mul(1000);
        EventFilter {
            start: self.since.map(milliseconds),
            end: self.until.map(|until| milliseconds(until.saturating_add(LATEST))),
            pattern: self.asked.request_id.as_ref().map(|id| format!("\"{}\"", id.replace('"', ""))),
            stream: Some(LOG_STREAM.to_owned()),
            most: None,
        }
    }

    /// Whether an object of this hour may hold a call that was asked for.
    pub(super) fn takes_hour(&self, hour: Option<LogHour>) -> bool {
        let Some(hour) = hour else { return true };
        let early = self.since.is_some_and(|since| hour.ends().unix() <= since);
        let late = self.until.is_some_and(|until| hour.begins().unix() >= until.saturating_add(LATEST));
        !early && !late
    }

    /// Whether the hour of an object does not matter.
    pub(super) fn takes_every_hour(&self) -> bool {
        (self.since, self.until) == (None, None)
    }

    /// Whether calls of an account were asked for.
    pub(super) fn takes_account(&self, account: &str) -> bool {
        self.asked.account.as_ref().is_none_or(|asked| asked == account)
    }

    /// Whether calls of a region were asked for.
    pub(super) fn takes_region(&self, region: &str) -> bool {
        self.asked.region.is_empty() || self.asked.region.iter().any(|asked| asked == region)
    }

    /// Whether an object of this year, month, day and hour may hold a call that was asked for, as far as they are told.
    pub(super) fn takes_time(&self, parts: &[String]) -> bool {
        let (first, last) = (["0001", "01", "01", "00"], ["9999", "12", "31", "23"]);
        let told: Vec<&str> = parts.iter().take(4).map(String::as_str).collect();
        let hour = |rest: [&str; 4]| LogHour::parse(&[&told[..], &rest[told.len()..]].concat().join("/"));
        // The last day of a month is one of these; what is no time may hold anything.
        let last = ["31", "30", "29", "28"].iter().find_map(|day| hour([last[0], last[1], day, last[3]]));
        let (Some(first), Some(last)) = (hour(first), last) else { return true };
        let early = self.since.is_some_and(|since| last.ends().unix() <= since);
        let late = self.until.is_some_and(|until| first.begins().unix() >= until.saturating_add(LATEST));
        !early && !late
    }

    /// Whether a call was asked for, as far as its record says without its bodies.
    pub(super) fn takes(&self, log: &ModelInvocationLog) -> bool {
        let LoggingRead { errors, request_id, identity, metadata, model, .. } = self.asked;
        let in_time = (self.since, self.until) == (None, None)
            || log.time().is_some_and(|time| {
                let time = time.unix();
                self.since.is_none_or(|since| since <= time) && self.until.is_none_or(|until| time < until)
            });
        let none = BTreeMap::new();
        let labels = log.request_metadata.as_ref().unwrap_or(&none);
        in_time
            && log.account_id.as_deref().is_none_or(|account| self.takes_account(account))
            && log.region.as_deref().is_none_or(|region| self.takes_region(region))
            && (!errors || log.error_code.is_some())
            && request_id.as_ref().is_none_or(|id| *id == log.request_id)
            && identity.as_ref().is_none_or(|text| log.caller().contains(text))
            && metadata.iter().all(|(name, value)| labels.get(name) == Some(value))
            && model.as_ref().is_none_or(|name| self.is_model(name, &log.model_id))
    }

    /// Whether `called` is the model that was named, in whichever scope.
    fn is_model(&self, name: &str, called: &ModelId) -> bool {
        called.as_str().contains(name)
            || self.model.is_some_and(|model| self.catalogue.resolve(called).model == Some(model))
    }

    /// Whether the bodies count too.
    pub(super) fn reads_bodies(&self) -> bool {
        self.asked.grep.is_some()
    }

    /// Whether the bodies hold what was asked for.
    pub(super) fn finds(&self, log: &ModelInvocationLog) -> bool {
        let Some(pattern) = &self.asked.grep else { return true };
        let input = log.input.as_ref().and_then(|input| input.body.as_ref()?.parse().ok());
        // The text of a stream is in pieces: what they add up to is searched.
        let output = match log.reply() {
            Ok(reply) => serde_json::to_value(&reply.message).ok(),
            Err(_) => log.output.as_ref().and_then(|output| output.body.as_ref()?.parse().ok()),
        };
        [input, output].iter().flatten().any(|body| holds(body, pattern))
    }
}

/// Whether a text anywhere in a value matches.
fn holds(value: &Value, pattern: &Regex) -> bool {
    match value {
        Value::String(text) => pattern.is_match(text),
        Value::Array(items) => items.iter().any(|item| holds(item, pattern)),
        Value::Object(members) => members.values().any(|member| holds(member, pattern)),
        _ => false,
    }
}
