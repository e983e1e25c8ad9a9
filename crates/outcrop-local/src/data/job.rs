//! A batch job, as it is written down.

use outcrop_wire::account::Job;
use serde::{Deserialize, Serialize};

/// A job. How many records are done is written down when it ends: until then whoever runs it knows.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeptJob {
    /// Which of its region it is, from 1: two may be submitted at one time.
    pub(crate) number: u64,
    pub(crate) job: Job,
}
