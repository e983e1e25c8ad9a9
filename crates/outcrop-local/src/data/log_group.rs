//! What is written down of log groups; their events are in `events.rs`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

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
