//! Log groups: what is written down of them, and their events, which are gone with the server.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

/// The most events of a group that are held; the oldest are forgotten first.
const MOST: usize = 100_000;

/// What was set up of a log group.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct KeptGroup {
    /// When it was made, in milliseconds since 1970.
    pub(crate) created: i64,
    /// Days until events are removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) retention: Option<u32>,
    /// Its streams, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) streams: BTreeMap<String, KeptStream>,
}

/// What was set up of a stream.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct KeptStream {
    /// When it was made, in milliseconds since 1970.
    pub(crate) created: i64,
}

/// An event of a group.
#[derive(Clone, Debug)]
pub(crate) struct HeldEvent {
    pub(crate) stream: String,
    pub(crate) timestamp: i64,
    pub(crate) ingested: i64,
    pub(crate) message: String,
}

/// Region and name of a group.
type Group = (String, String);

/// The events of every group, in the order of their times.
#[derive(Debug, Default)]
pub(crate) struct Events(Mutex<BTreeMap<Group, Vec<HeldEvent>>>);

impl Events {
    pub(crate) fn put(&self, region: &str, group: &str, new: impl IntoIterator<Item = HeldEvent>) {
        let mut groups = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let events = groups.entry((region.to_owned(), group.to_owned())).or_default();
        events.extend(new);
        // Those of one time keep the order that they came in.
        events.sort_by_key(|event| event.timestamp);
        let over = events.len().saturating_sub(MOST);
        events.drain(..over);
    }

    /// Those that are wanted.
    pub(crate) fn of(&self, region: &str, group: &str, wanted: impl Fn(&HeldEvent) -> bool) -> Vec<HeldEvent> {
        let groups = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let events = groups.get(&(region.to_owned(), group.to_owned()));
        events.into_iter().flatten().filter(|event| wanted(event)).cloned().collect()
    }

    pub(crate) fn remove(&self, region: &str, group: &str) {
        let mut groups = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        groups.remove(&(region.to_owned(), group.to_owned()));
    }
}
