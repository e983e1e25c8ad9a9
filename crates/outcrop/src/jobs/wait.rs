//! Waiting for a job to end.

use std::time::Duration;

use super::{Job, Jobs};
use crate::error::Result;

/// The first pause, the longest, and how pauses grow: jobs take minutes to hours.
const FIRST: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_secs(30);
const GROWTH: f64 = 1.5;

/// How many times in a row it may fail to ask how far a job is, where asking again may help: the job goes on meanwhile.
const FAILURES: u32 = 5;

impl Jobs<'_> {
    /// Waits until a job has ended, well or not, and gives it as it is then; `progress` is shown every answer on the way.
    /// Asks again after half a second, then less and less often, at last every 30 s.
    ///
    /// Dropping the future does nothing to the job: it can be waited for again.
    ///
    /// # Errors
    /// As [`Jobs::get`], where that fails several times in a row.
    pub async fn wait(&self, job: impl AsRef<str>, mut progress: impl FnMut(&Job)) -> Result<Job> {
        let (mut pause, mut failures) = (FIRST, 0);
        loop {
            match self.get(&job).await {
                Ok(job) => {
                    failures = 0;
                    progress(&job);
                    if job.is_over() {
                        return Ok(job);
                    }
                }
                Err(error) if error.is_retryable() && failures < FAILURES => failures += 1,
                Err(error) => return Err(error),
            }
            tokio::time::sleep(pause).await;
            pause = pause.mul_f64(GROWTH).min(LONGEST);
        }
    }
}
