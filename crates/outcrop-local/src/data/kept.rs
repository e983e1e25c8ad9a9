//! What was set up in the account, as it is written down.

use std::collections::BTreeMap;

use outcrop_wire::account::AccountRetention;
use outcrop_wire::account::logging::LoggingConfiguration;
use serde::{Deserialize, Serialize};

use super::access::Agreed;
use super::{KeptGroup, KeptJob, OwnProfile};
use crate::objects::KeptBucket;

/// What was set up.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Kept {
    /// What was agreed to.
    #[serde(skip_serializing_if = "Agreed::is_empty")]
    pub(crate) access: Agreed,
    /// Buckets, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) buckets: BTreeMap<String, KeptBucket>,
    /// What belongs to one region each.
    pub(crate) regions: BTreeMap<String, Regional>,
}

/// What was set up in a region.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Regional {
    /// Log groups, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) log_groups: BTreeMap<String, KeptGroup>,
    /// How activity is logged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) logging: Option<LoggingConfiguration>,
    /// The inference profiles of the account's own, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) profiles: Vec<OwnProfile>,
    /// What stands on what the account has, by its ARN.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) tags: BTreeMap<String, BTreeMap<String, String>>,
    /// Who may keep data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) retention: Option<AccountRetention>,
    /// Batch jobs, by their ids.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) jobs: BTreeMap<String, KeptJob>,
}

impl Kept {
    /// What was set up in a region, if anything was.
    pub(crate) fn region(&self, name: &str) -> Option<&Regional> {
        self.regions.get(name)
    }

    /// The same, to be changed.
    pub(crate) fn region_mut(&mut self, name: &str) -> &mut Regional {
        self.regions.entry(name.to_owned()).or_default()
    }
}
