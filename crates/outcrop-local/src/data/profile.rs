//! An inference profile of the account's own, as it is written down.

use serde::{Deserialize, Serialize};

/// An inference profile of the account's own.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OwnProfile {
    /// Twelve letters and digits.
    pub(crate) id: String,
    pub(crate) name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<String>,
    /// When it was made: `2026-03-01T12:00:00Z`.
    pub(crate) made: String,
    /// What it was copied from: a base id, or the id of a profile of AWS's own.
    pub(crate) source: String,
    /// What the request called itself that made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) token: Option<String>,
}
