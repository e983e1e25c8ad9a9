//! Events of log groups: written, given in pages, searched. Searches are for words and quoted phrases, all of which an event
//! must have; other patterns are refused.

use std::sync::Arc;

use outcrop_wire::account::log_group::{LogEvent, LogEvents};
use outcrop_wire::fault::Fault;

use super::super::written;
use super::{Asked, constraint, milliseconds, no_group, no_stream, parameter, unkept};
use crate::data::{HeldEvent, KeptStream};
use crate::server::Inner;

/// The most events of a page, and the most bytes of them (API reference, FilterLogEvents: "up to 1 MB (up to 10,000 log
/// events)").
const MOST_EVENTS: usize = 10_000;
const MOST_BYTES: usize = 1 << 20;

const DAY: i64 = 86_400_000;

/// Writes events as Bedrock does; their stream is made where there is none.
///
/// # Errors
/// When there is no such group in the region, or the disk does not take them.
pub(crate) fn put_events(
    local: &Inner,
    region: &str,
    group: &str,
    stream: &str,
    messages: Vec<String>,
) -> Result<(), Fault> {
    let now = milliseconds(local.now());
    let is_there =
        local.data.read(|kept| Some(kept.region(region)?.log_groups.get(group)?.streams.contains_key(stream)));
    match is_there {
        None => return Err(no_group()),
        Some(true) => {}
        Some(false) => local.data.change(|kept| {
            let found = kept.region_mut(region).log_groups.get_mut(group).ok_or_else(no_group)?;
            found.streams.entry(stream.to_owned()).or_insert(KeptStream { created: now });
            Ok(())
        })?,
    }
    let event = |message| HeldEvent { stream: stream.to_owned(), timestamp: now, ingested: now, message };
    let held = messages.into_iter().map(event);
    local.data.events.put(region, group, held.collect()).map_err(|error| unkept(&error))
}

impl Asked<'_> {
    pub(super) fn put_events(&self) -> Result<Vec<u8>, Fault> {
        let stream = self.stream()?;
        if !self.group()?.streams.contains_key(stream) {
            return Err(no_stream());
        }
        let events = self.request.log_events.clone().unwrap_or_default();
        if events.is_empty() {
            return Err(constraint("[]", "logEvents", "Member must have length greater than or equal to 1"));
        }
        if !events.is_sorted_by_key(|event| event.timestamp) {
            return Err(parameter("Log events in a single PutLogEvents request must be in chronological order."));
        }
        let ingested = self.now();
        let held = events.into_iter().map(|event| HeldEvent {
            stream: stream.to_owned(),
            timestamp: event.timestamp,
            ingested,
            message: event.message,
        });
        let put = self.local.data.events.put(self.region, self.name()?, held.collect());
        put.map_err(|error| unkept(&error))?;
        Ok(b"{}".to_vec())
    }

    /// The events that are wanted: of the time that is asked for, and not so old that they are gone.
    fn held(&self, wanted: impl Fn(&HeldEvent) -> bool) -> Result<Vec<Arc<HeldEvent>>, Fault> {
        let oldest = self.group()?.retention.map(|days| self.now().saturating_sub(i64::from(days) * DAY));
        let is_in_time = |event: &HeldEvent| {
            oldest.is_none_or(|oldest| event.timestamp >= oldest)
                && self.request.start_time.is_none_or(|start| event.timestamp >= start)
                && self.request.end_time.is_none_or(|end| event.timestamp < end)
        };
        let held = self.local.data.events.of(self.region, self.name()?, |event| is_in_time(event) && wanted(event));
        held.map_err(|error| unkept(&error))
    }

    /// `GetLogEvents`: tokens say where a page ends, `f/` forward and `b/` backward.
    pub(super) fn events(&self) -> Result<Vec<u8>, Fault> {
        let stream = self.stream()?;
        if !self.group()?.streams.contains_key(stream) {
            return Err(no_stream());
        }
        let all = self.held(|event| event.stream == stream)?;
        let limit = self.limit(MOST_EVENTS)?;
        let at = |token: &str| token.parse::<usize>().ok().filter(|at| *at <= all.len());
        let token = self.request.next_token.as_deref();
        let invalid = || parameter("The specified nextToken is invalid.");
        let forward = |from: usize| (from, from + fitting(all[from..].iter(), limit));
        let backward = |to: usize| (to - fitting(all[..to].iter().rev(), limit), to);
        let (from, to) = match token.map(|token| token.split_once('/').unwrap_or((token, ""))) {
            Some(("f", from)) => at(from).map(forward).ok_or_else(invalid)?,
            Some(("b", to)) => at(to).map(backward).ok_or_else(invalid)?,
            Some(_) => return Err(invalid()),
            None if self.request.start_from_head == Some(true) => forward(0),
            None => backward(all.len()),
        };
        let told = |event: &Arc<HeldEvent>| LogEvent {
            timestamp: event.timestamp,
            message: event.message.clone(),
            ingestion_time: Some(event.ingested),
            ..LogEvent::default()
        };
        written(&LogEvents {
            events: all[from..to].iter().map(told).collect(),
            next_forward_token: Some(format!("f/{to}")),
            next_backward_token: Some(format!("b/{from}")),
            ..LogEvents::default()
        })
    }

    /// `FilterLogEvents`.
    pub(super) fn search(&self) -> Result<Vec<u8>, Fault> {
        let words = words(self.request.filter_pattern.as_deref().unwrap_or_default())?;
        let (names, prefix) = (self.request.log_stream_names.as_ref(), self.request.log_stream_name_prefix.as_deref());
        if names.is_some() && prefix.is_some() {
            return Err(parameter("logStreamNames and logStreamNamePrefix cannot be specified together."));
        }
        let all = self.held(|event| {
            names.is_none_or(|names| names.contains(&event.stream))
                && event.stream.starts_with(prefix.unwrap_or_default())
                && words.iter().all(|word| event.message.contains(word))
        })?;
        let from = match &self.request.next_token {
            None => 0,
            Some(token) => {
                let at = token.parse::<usize>().ok().filter(|at| *at <= all.len());
                at.ok_or_else(|| parameter("The specified nextToken is invalid."))?
            }
        };
        let to = from + fitting(all[from..].iter(), self.limit(MOST_EVENTS)?);
        let told = |(at, event): (usize, &Arc<HeldEvent>)| LogEvent {
            event_id: Some(format!("{:020}{at:036}", event.timestamp)),
            timestamp: event.timestamp,
            message: event.message.clone(),
            ingestion_time: Some(event.ingested),
            log_stream_name: Some(event.stream.clone()),
            ..LogEvent::default()
        };
        written(&LogEvents {
            events: all.iter().enumerate().take(to).skip(from).map(told).collect(),
            next_token: Some(to).filter(|to| *to < all.len()).map(|to| to.to_string()),
            ..LogEvents::default()
        })
    }
}

/// How many events are on a page: one at least.
fn fitting<'a>(events: impl Iterator<Item = &'a Arc<HeldEvent>>, limit: usize) -> usize {
    let mut bytes = 0;
    events
        .take(limit)
        .enumerate()
        .take_while(|(at, event)| {
            bytes += event.message.len();
            *at == 0 || bytes <= MOST_BYTES
        })
        .count()
}

/// The words and quoted phrases of a pattern.
fn words(pattern: &str) -> Result<Vec<String>, Fault> {
    let refused = |what: &str| {
        parameter(&format!("outcrop local searches for words and \"quoted phrases\" alone, and {what} is neither"))
    };
    let mut words = Vec::new();
    let mut rest = pattern.trim();
    while !rest.is_empty() {
        let (word, after) = match rest.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').ok_or_else(|| refused(rest))?,
            None => {
                let (word, after) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
                let plain = |letter: char| letter.is_alphanumeric() || letter == '_';
                if !word.chars().all(plain) {
                    return Err(refused(word));
                }
                (word, after)
            }
        };
        words.push(word.to_owned());
        rest = after.trim_start();
    }
    Ok(words)
}
