//! Log groups of CloudWatch: which there are, how long events stay, and the events.

use http::HeaderValue;
use http::Method;
use http::header::HeaderName;
use outcrop_wire::account::log_group::{
    CONTENT_TYPE, LogEvent, LogEvents, LogGroup, LogGroups as Page, LogRequest, TARGET_HEADER, TARGET_PREFIX,
};
use outcrop_wire::fault::Fault;
use serde::de::DeserializeOwned;

use super::call::{AccountCall, Reading};
use super::pages;
use crate::client::Client;
use crate::endpoint::Service;
use crate::error::{Error, Kind, Result};

const TARGET: HeaderName = HeaderName::from_static(TARGET_HEADER);

/// The longest answer: ten thousand events come in a megabyte.
const ANSWER_LIMIT: usize = 16 * 1024 * 1024;

/// Log groups of a region. CloudWatch takes signatures alone: there must be AWS keys.
#[derive(Clone, Debug)]
pub struct LogGroups<'a> {
    client: &'a Client,
    region: Option<String>,
}

/// Which events are wanted.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct EventFilter {
    /// No event before this time, in milliseconds since 1970.
    pub start: Option<i64>,
    /// No event at this time or after it, in milliseconds since 1970.
    pub end: Option<i64>,
    /// CloudWatch's filter pattern.
    pub pattern: Option<String>,
    /// Only events of streams whose names begin so.
    pub stream: Option<String>,
    /// At most so many; all of them where it is not said.
    pub most: Option<usize>,
}

impl<'a> LogGroups<'a> {
    pub(crate) fn new(client: &'a Client) -> Self {
        LogGroups { client, region: client.0.region.clone() }
    }

    /// The groups of another region than the client's own.
    #[must_use]
    pub fn in_region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// The groups whose names begin so; all of the region where it is empty.
    ///
    /// # Errors
    /// When the call cannot be made, no answer comes, or the service answers with an error.
    pub async fn list(&self, prefix: &str) -> Result<Vec<LogGroup>> {
        let prefix = Some(prefix.to_owned()).filter(|prefix| !prefix.is_empty());
        let mut request = LogRequest { log_group_name_prefix: prefix, ..LogRequest::default() };
        let mut all = Vec::new();
        loop {
            let page: Page = self.ask("DescribeLogGroups", &request).await?;
            all.extend(page.log_groups);
            match following(page.next_token, &request)? {
                None => return Ok(all),
                next => request.next_token = next,
            }
        }
    }

    /// One group; none where there is no such.
    ///
    /// # Errors
    /// As [`LogGroups::list`].
    pub async fn get(&self, name: &str) -> Result<Option<LogGroup>> {
        Ok(self.list(name).await?.into_iter().find(|group| group.log_group_name == name))
    }

    /// Makes a group, whose events stay for ever.
    ///
    /// # Errors
    /// As [`LogGroups::list`]; also where it is there already.
    pub async fn create(&self, name: &str) -> Result<()> {
        self.tell("CreateLogGroup", &of(name)).await
    }

    /// Sets for how many days events stay: one of
    /// [`RETENTION_DAYS`](outcrop_wire::account::log_group::RETENTION_DAYS).
    ///
    /// # Errors
    /// As [`LogGroups::list`]; also where there is no such group, or it cannot be so many days.
    pub async fn put_retention(&self, name: &str, days: u32) -> Result<()> {
        self.tell("PutRetentionPolicy", &LogRequest { retention_in_days: Some(days), ..of(name) }).await
    }

    /// The events of a group that a filter lets through, of all its streams, the oldest first.
    ///
    /// # Errors
    /// As [`LogGroups::list`]; also where there is no such group.
    pub async fn events(&self, name: &str, filter: &EventFilter) -> Result<Vec<LogEvent>> {
        let mut pages = self.pages(name, filter);
        let mut all: Vec<LogEvent> = Vec::new();
        while let Some(page) = pages.next().await {
            all.extend(page?);
        }
        Ok(all)
    }

    /// The same, a page at a time: a group may hold more than fits.
    #[must_use]
    pub fn pages(&self, name: &str, filter: &EventFilter) -> EventPages<'a> {
        let request = LogRequest {
            start_time: filter.start,
            end_time: filter.end,
            filter_pattern: filter.pattern.clone(),
            log_stream_name_prefix: filter.stream.clone(),
            ..of(name)
        };
        EventPages { groups: self.clone(), request, left: filter.most.unwrap_or(usize::MAX), more: true }
    }

    async fn tell(&self, operation: &'static str, request: &LogRequest) -> Result<()> {
        self.ask::<serde::de::IgnoredAny>(operation, request).await.map(|_| ())
    }

    async fn ask<T: DeserializeOwned>(&self, operation: &'static str, request: &LogRequest) -> Result<T> {
        let client = &self.client.0;
        let of = request.log_group_name.as_deref().or(request.log_group_name_prefix.as_deref());
        let of = of.map(|name| format!(" of {name}")).unwrap_or_default();
        let doing = format!("call {operation}{of}");
        let host = client.hosts.beside(Service::Logs, self.region.as_deref(), &doing)?;
        let body =
            serde_json::to_vec(request).map_err(|error| Error::new(Kind::Invalid, &*doing, error.to_string()))?;
        let call = AccountCall {
            doing: format!("{doing} on {}", host.endpoint.authority),
            host,
            method: Method::POST,
            target: "/".to_owned(),
            content_type: Some(CONTENT_TYPE),
            body: body.into(),
            refusal: Fault::from_http,
        };
        let mut parts = call.head()?;
        if let Ok(target) = HeaderValue::from_str(&format!("{TARGET_PREFIX}{operation}")) {
            parts.headers.insert(TARGET, target);
        }
        let mut answer = call.answer(client, parts, Reading::Whole).await?.into_body();
        let body = answer.collect(ANSWER_LIMIT).await.map_err(|error| Error::transport(&*call.doing, &error))?;
        serde_json::from_slice(if body.is_empty() { b"{}" } else { &body }).map_err(|error| {
            Error::new(Kind::Decode, &*call.doing, format!("the answer cannot be understood: {error}"))
        })
    }
}

/// Pages of events, the oldest first; see [`LogGroups::pages`].
#[derive(Clone, Debug)]
pub struct EventPages<'a> {
    groups: LogGroups<'a>,
    request: LogRequest,
    left: usize,
    more: bool,
}

impl EventPages<'_> {
    /// The next page; none after the last one, and after an error. A page may be empty, and others follow.
    pub async fn next(&mut self) -> Option<Result<Vec<LogEvent>>> {
        if !std::mem::take(&mut self.more) || self.left == 0 {
            return None;
        }
        Some(self.page().await)
    }

    async fn page(&mut self) -> Result<Vec<LogEvent>> {
        let LogEvents { mut events, next_token, .. } = self.groups.ask("FilterLogEvents", &self.request).await?;
        events.truncate(self.left);
        self.left -= events.len();
        let next = following(next_token, &self.request)?;
        self.more = next.is_some();
        self.request.next_token = next;
        Ok(events)
    }
}

fn of(name: &str) -> LogRequest {
    LogRequest { log_group_name: Some(name.to_owned()), ..LogRequest::default() }
}

/// What asks for the page after that of `request`.
fn following(token: Option<String>, request: &LogRequest) -> Result<Option<String>> {
    pages::following(token, request.next_token.as_deref(), "list what CloudWatch has")
}
