//! Log groups of CloudWatch: made, told and removed, their streams, how long events stay.

mod events;

use std::time::SystemTime;

use outcrop_wire::account::log_group::{LogGroup, LogGroups, LogRequest, LogStream, LogStreams, RETENTION_DAYS};
use outcrop_wire::fault::{Fault, Origin};

use super::{Place, World, partition, taken, written};
use crate::data::{KeptGroup, KeptStream};
use crate::server::Inner;

pub(crate) use self::events::put_events;

/// The most groups or streams of a page.
const MOST_DESCRIBED: usize = 50;

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

    /// The most of a page that is asked for.
    fn limit(&self, most: usize) -> Result<usize, Fault> {
        let limit = self.request.limit.map_or(most, |limit| limit as usize);
        match (1..=most).contains(&limit) {
            true => Ok(limit),
            false => {
                let rule = format!("Member must have value between 1 and {most}");
                Err(constraint(&limit.to_string(), "limit", &rule))
            }
        }
    }

    /// A page of names, and what asks for the next one.
    fn page<T>(&self, all: Vec<T>, most: usize) -> Result<(Vec<T>, Option<String>), Fault> {
        let limit = self.limit(most)?;
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
            let stored = self.local.data.events.bytes(self.region, &name).unwrap_or(0);
            LogGroup {
                creation_time: Some(group.created),
                retention_in_days: group.retention,
                arn: Some(format!("{}:*", self.arn(&name))),
                log_group_arn: Some(self.arn(&name)),
                stored_bytes: Some(stored as u64),
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
        self.local.data.events.remove(self.region, name).map_err(|error| unkept(&error))?;
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

/// The disk does not take or give it.
fn unkept(error: &std::io::Error) -> Fault {
    refusal("ServiceUnavailableException", &format!("outcrop local: the events of the log group: {error}"))
}
