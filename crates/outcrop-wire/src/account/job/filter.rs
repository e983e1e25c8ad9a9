//! Which jobs are wanted, in which order, and which page of them.

use super::{Job, JobStatus};
use crate::account::logging::log_time;
use crate::record::open_enum;

/// Which jobs are wanted, and which page of them.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct JobFilter {
    /// Submitted after this: `2026-01-02T03:04:05Z`.
    pub submitted_after: Option<String>,
    /// Submitted before this.
    pub submitted_before: Option<String>,
    /// Of this status.
    pub status: Option<JobStatus>,
    /// Whose name has this in it.
    pub name_contains: Option<String>,
    /// The most jobs of a page, 1 to 1000.
    pub page_size: Option<u32>,
    /// Where the page begins.
    pub next_token: Option<String>,
    /// What they are sorted by.
    pub sort: Option<JobSort>,
    /// The first or the last first.
    pub order: Option<SortOrder>,
}

open_enum! {
    /// What jobs are sorted by.
    pub enum JobSort {
        /// When they were made.
        CreationTime = "CreationTime",
    }
}

open_enum! {
    /// Which end comes first.
    pub enum SortOrder {
        /// The smallest, the oldest.
        Ascending = "Ascending",
        /// The largest, the newest.
        Descending = "Descending",
    }
}

impl JobFilter {
    /// As a request says it.
    #[must_use]
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        [
            ("submitTimeAfter", self.submitted_after.clone()),
            ("submitTimeBefore", self.submitted_before.clone()),
            ("statusEquals", self.status.as_ref().map(ToString::to_string)),
            ("nameContains", self.name_contains.clone()),
            ("sortBy", self.sort.as_ref().map(ToString::to_string)),
            ("sortOrder", self.order.as_ref().map(ToString::to_string)),
            ("maxResults", self.page_size.map(|size| size.to_string())),
            ("nextToken", self.next_token.clone()),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
    }

    /// Reads what the query of a request says, decoded; other names are passed over.
    ///
    /// # Errors
    /// The number of jobs that is none, as it came.
    pub fn of_pairs(pairs: &[(String, String)]) -> Result<Self, String> {
        let mut filter = JobFilter::default();
        for (name, value) in pairs {
            match name.as_str() {
                "submitTimeAfter" => filter.submitted_after = Some(value.clone()),
                "submitTimeBefore" => filter.submitted_before = Some(value.clone()),
                "statusEquals" => filter.status = Some(JobStatus::from(value.as_str())),
                "nameContains" => filter.name_contains = Some(value.clone()),
                "maxResults" => filter.page_size = Some(value.parse().map_err(|_| value.clone())?),
                "nextToken" => filter.next_token = Some(value.clone()),
                "sortBy" => filter.sort = Some(JobSort::from(value.as_str())),
                "sortOrder" => filter.order = Some(SortOrder::from(value.as_str())),
                _ => {}
            }
        }
        Ok(filter)
    }

    /// Whether it lets a job through. A time that is none lets nothing through.
    #[must_use]
    pub fn lets_through(&self, job: &Job) -> bool {
        let submitted = log_time(&job.submit_time).map(|time| time.unix());
        let holds = |limit: Option<&String>, holds: fn(i64, i64) -> bool| {
            limit.is_none_or(|limit| {
                submitted.zip(log_time(limit)).is_some_and(|(submitted, limit)| holds(submitted, limit.unix()))
            })
        };
        holds(self.submitted_after.as_ref(), |submitted, limit| submitted > limit)
            && holds(self.submitted_before.as_ref(), |submitted, limit| submitted < limit)
            && self.status.as_ref().is_none_or(|wanted| job.status.as_ref() == Some(wanted))
            && self
                .name_contains
                .as_ref()
                .is_none_or(|part| job.job_name.as_deref().unwrap_or_default().contains(part.as_str()))
    }
}
