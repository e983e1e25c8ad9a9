//! Log groups of CloudWatch: made, told and removed, how long events stay, events written and searched. Events are held
//! in memory. Searches are for words and quoted phrases, all of which an event must have; other patterns are refused.

use std::time::SystemTime;

use outcrop_wire::account::log_group::{
    LogEvent, LogEvents, LogGroup, LogGroups, LogRequest, LogStream, LogStreams, RETENTION_DAYS,
};
use outcrop_wire::fault::{Fault, Origin};

use super::{Place, World, partition, taken, written};
use crate::data::{HeldEvent, KeptGroup, KeptStream};
use crate::server::Inner;

/// The most groups or streams of a page, and events.
const MOST_DESCRIBED: usize = 50;
const MOST_EVENTS: usize = 10_000;

/// What is asked, of which group, and where.
struct Asked<'a> {
    local: &'a Inner,
    region: &'a str,
    account: &'a str,
    request: LogRequest,
}

/// The answer to an operation, before it is framed.
pub(super) fn answered(world: &World<'_>, place: &Place<'_>, operation: &str, body: &[u8]) -> Result<Vec<u8>, Fault> {
    let request = taken(if body.is_empty() { b"{}" } else { body })?;
    let asked = Asked { local: world.local, region: place.region, account: place.account, request };
    match operation {
        "DescribeLogGroups" => asked.groups(),
        "CreateLogGroup" => asked.create(),
        "DeleteLogGroup" => asked.delete(),
        "PutRetentionPolicy" => asked.put_retention(),
        "DeleteRetentionPolicy" => asked.change(|group| group.retention = None),
        "CreateLogStream" => asked.create_stream(),
        "DescribeLogStreams" => asked.streams(),
        "PutLogEvents" => asked.put_events(),
        "GetLogEvents" => asked.events(),
        "FilterLogEvents" => asked.search(),
        other => Err(crate::absent::refused(other)),
    }
}

/// Writes an event as Bedrock does; its stream is made where there is none.
///
/// # Errors
/// When there is no such group in the region.
pub(crate) fn put_event(local: &Inner, region: &str, group: &str, stream: &str, message: String) -> Result<(), Fault> {
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
    let event = HeldEvent { stream: stream.to_owned(), timestamp: now, ingested: now, message };
    local.data.events.put(region, group, [event]);
    Ok(())
}

impl Asked<'_> {
    fn name(&self) -> Result<&str, Fault> {
        let name = self.request.log_group_name.as_deref().unwrap_or_default();
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || b".-_/#".contains(&byte);
        match (1..=512).contains(&name.len()) && name.bytes().all(legal) {
            true => Ok(name),
            false => Err(constraint(
                name,
                "logGroupName",
                "Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+",
            )),
        }
    }

    fn stream(&self) -> Result<&str, Fault> {
        let name = self.request.log_stream_name.as_deref().unwrap_or_default();
        match (1..=512).contains(&name.len()) && !name.contains([':', '*']) {
            true => Ok(name),
            false => Err(constraint(name, "logStreamName", "Member must satisfy regular expression pattern: [^:*]*")),
        }
    }

    fn group(&self) -> Result<KeptGroup, Fault> {
        let name = self.name()?;
        let group = self.local.data.read(|kept| kept.region(self.region)?.log_groups.get(name).cloned());
        group.ok_or_else(no_group)
    }

    fn now(&self) -> i64 {
        milliseconds(self.local.now())
    }

    fn arn(&self, name: &str) -> String {
        format!("arn:{}:logs:{}:{}:log-group:{name}", partition(self.region), self.region, self.account)
    }

    fn change(&self, change: impl FnOnce(&mut KeptGroup)) -> Result<Vec<u8>, Fault> {
        let name = self.name()?;
        self.local.data.change(|kept| {
            change(kept.region_mut(self.region).log_groups.get_mut(name).ok_or_else(no_group)?);
            Ok(())
        })?;
        Ok(Vec::new())
    }

    /// A page of names, and what asks for the next one.
    fn page<T>(&self, all: Vec<T>, most: usize) -> Result<(Vec<T>, Option<String>), Fault> {
        let limit = self.request.limit.map_or(most, |limit| limit as usize);
        if !(1..=most).contains(&limit) {
            return Err(constraint(
                &limit.to_string(),
                "limit",
                &format!("Member must have value between 1 and {most}"),
            ));
        }
        let from = match &self.request.next_token {
            None => 0,
            Some(token) => token.parse::<usize>().map_err(|_| parameter("The specified nextToken is invalid."))?,
        };
        let next = Some(from.saturating_add(limit)).filter(|next| *next < all.len()).map(|next| next.to_string());
        Ok((all.into_iter().skip(from).take(limit).collect(), next))
    }

    fn groups(&self) -> Result<Vec<u8>, Fault> {
        let prefix = self.request.log_group_name_prefix.clone().unwrap_or_default();
        let all: Vec<(String, KeptGroup)> = self.local.data.read(|kept| {
            let groups = kept.region(self.region).map(|kept| &kept.log_groups);
            let found = groups.into_iter().flatten().filter(|(name, _)| name.starts_with(&prefix));
            found.map(|(name, group)| (name.clone(), group.clone())).collect()
        });
        let (page, next_token) = self.page(all, MOST_DESCRIBED)?;
        let told = |(name, group): (String, KeptGroup)| {
            let size = |event: &HeldEvent| event.message.len() as u64;
            let stored = self.local.data.events.of(self.region, &name, |_| true).iter().map(size).sum();
            LogGroup {
                creation_time: Some(group.created),
                retention_in_days: group.retention,
                arn: Some(format!("{}:*", self.arn(&name))),
                log_group_arn: Some(self.arn(&name)),
                stored_bytes: Some(stored),
                log_group_name: name,
                ..LogGroup::default()
            }
        };
        let log_groups = page.into_iter().map(told).collect();
        written(&LogGroups { log_groups, next_token, ..LogGroups::default() })
    }

    fn create(&self) -> Result<Vec<u8>, Fault> {
        let (name, created) = (self.name()?, self.now());
        self.local.data.change(|kept| {
            let groups = &mut kept.region_mut(self.region).log_groups;
            if groups.contains_key(name) {
                return Err(exists("log group"));
            }
            groups.insert(name.to_owned(), KeptGroup { created, ..KeptGroup::default() });
            Ok(Vec::new())
        })
    }

    fn delete(&self) -> Result<Vec<u8>, Fault> {
        let name = self.name()?;
        self.local.data.change(|kept| kept.region_mut(self.region).log_groups.remove(name).ok_or_else(no_group))?;
        self.local.data.events.remove(self.region, name);
        Ok(Vec::new())
    }

    fn put_retention(&self) -> Result<Vec<u8>, Fault> {
        let days = self.request.retention_in_days.unwrap_or_default();
        if !RETENTION_DAYS.contains(&days) {
            return Err(constraint(
                &days.to_string(),
                "retentionInDays",
                &format!("Member must satisfy enum value set: {RETENTION_DAYS:?}"),
            ));
        }
        self.change(|group| group.retention = Some(days))
    }

    fn create_stream(&self) -> Result<Vec<u8>, Fault> {
        let (stream, created) = (self.stream()?, self.now());
        if self.group()?.streams.contains_key(stream) {
            return Err(exists("log stream"));
        }
        self.change(|group| {
            group.streams.insert(stream.to_owned(), KeptStream { created });
        })
    }

    fn streams(&self) -> Result<Vec<u8>, Fault> {
        let prefix = self.request.log_stream_name_prefix.as_deref().unwrap_or_default();
        let arn = self.arn(self.name()?);
        let streams = self.group()?.streams.into_iter().filter(|(name, _)| name.starts_with(prefix));
        let told = streams.map(|(name, stream)| LogStream {
            creation_time: Some(stream.created),
            arn: Some(format!("{arn}:log-stream:{name}")),
            log_stream_name: name,
            ..LogStream::default()
        });
        let (log_streams, next_token) = self.page(told.collect(), MOST_DESCRIBED)?;
        written(&LogStreams { log_streams, next_token, ..LogStreams::default() })
    }

    fn put_events(&self) -> Result<Vec<u8>, Fault> {
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
        self.local.data.events.put(self.region, self.name()?, held);
        Ok(b"{}".to_vec())
    }

    /// Whether an event is of the time that is asked for.
    fn is_in_time(&self, event: &HeldEvent) -> bool {
        self.request.start_time.is_none_or(|start| event.timestamp >= start)
            && self.request.end_time.is_none_or(|end| event.timestamp < end)
    }

    /// `GetLogEvents`: tokens say where a page ends, `f/` forward and `b/` backward.
    fn events(&self) -> Result<Vec<u8>, Fault> {
        let stream = self.stream()?;
        if !self.group()?.streams.contains_key(stream) {
            return Err(no_stream());
        }
        let of = |event: &HeldEvent| event.stream == stream && self.is_in_time(event);
        let all = self.local.data.events.of(self.region, self.name()?, of);
        let limit = self.request.limit.map_or(MOST_EVENTS, |limit| limit as usize).clamp(1, MOST_EVENTS);
        let at = |token: &str| token.parse::<usize>().ok().filter(|at| *at <= all.len());
        let token = self.request.next_token.as_deref();
        let invalid = || parameter("The specified nextToken is invalid.");
        let (from, to) = match token.map(|token| token.split_once('/').unwrap_or((token, ""))) {
            Some(("f", from)) => at(from).map(|from| (from, all.len().min(from + limit))).ok_or_else(invalid)?,
            Some(("b", to)) => at(to).map(|to| (to.saturating_sub(limit), to)).ok_or_else(invalid)?,
            Some(_) => return Err(invalid()),
            None if self.request.start_from_head == Some(true) => (0, all.len().min(limit)),
            None => (all.len().saturating_sub(limit), all.len()),
        };
        let told = |event: &HeldEvent| LogEvent {
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
    fn search(&self) -> Result<Vec<u8>, Fault> {
        self.group()?;
        let words = words(self.request.filter_pattern.as_deref().unwrap_or_default())?;
        let prefix = self.request.log_stream_name_prefix.as_deref().unwrap_or_default();
        let of = |event: &HeldEvent| {
            self.is_in_time(event)
                && event.stream.starts_with(prefix)
                && words.iter().all(|word| event.message.contains(word))
        };
        let all = self.local.data.events.of(self.region, self.name()?, of);
        let told = |(at, event): (usize, HeldEvent)| LogEvent {
            event_id: Some(format!("{:020}{at:036}", event.timestamp)),
            timestamp: event.timestamp,
            message: event.message,
            ingestion_time: Some(event.ingested),
            log_stream_name: Some(event.stream),
            ..LogEvent::default()
        };
        let (events, next_token) = self.page(all.into_iter().enumerate().map(told).collect(), MOST_EVENTS)?;
        written(&LogEvents { events, next_token, ..LogEvents::default() })
    }
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

fn milliseconds(time: SystemTime) -> i64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// All refusals of this service have one status (botocore: none of its errors has another).
fn refusal(code: &str, message: &str) -> Fault {
    Fault {
        code: code.to_owned(),
        status: 400,
        message: message.to_owned(),
        origin: Origin::Http,
        details: Default::default(),
    }
}

fn parameter(message: &str) -> Fault {
    refusal("InvalidParameterException", message)
}

fn constraint(value: &str, member: &str, rule: &str) -> Fault {
    parameter(&format!(
        "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: {rule}"
    ))
}

fn no_group() -> Fault {
    refusal("ResourceNotFoundException", "The specified log group does not exist.")
}

fn no_stream() -> Fault {
    refusal("ResourceNotFoundException", "The specified log stream does not exist.")
}

fn exists(what: &str) -> Fault {
    refusal("ResourceAlreadyExistsException", &format!("The specified {what} already exists"))
}
