//! Batch jobs: many requests answered from files to files, in the background and for half the price.
//!
//! A job goes on by itself: who has its ARN can wait for it again.

mod line;
mod list;
mod wait;

use outcrop_wire::account::Control;
use outcrop_wire::account::job::JobCreated;
use outcrop_wire::model::ModelId;

pub use self::line::{Asks, LineError, RequestLine};
pub use self::list::JobStream;
use crate::account::{ask, tell};
use crate::client::Client;
use crate::error::Result;
pub use outcrop_wire::account::Tag;
pub use outcrop_wire::account::job::{InvocationType, Job, JobFilter, JobRequest, JobSort, JobStatus, SortOrder};

/// The batch jobs of the client's account and region.
#[derive(Clone, Copy, Debug)]
pub struct Jobs<'a> {
    client: &'a Client,
}

impl Client {
    /// Batch jobs: many requests answered from files to files, in the background and for half the price.
    #[must_use]
    pub fn jobs(&self) -> Jobs<'_> {
        Jobs { client: self }
    }
}

impl Jobs<'_> {
    /// Asks for a job whose input lies in its bucket already, and gives its ARN.
    ///
    /// # Errors
    /// When the call cannot be made, no answer comes, or the service answers with an error.
    pub async fn submit(&self, job: &JobRequest) -> Result<String> {
        let created: JobCreated =
            tell(&self.client.0, self.client.region(), Control::CreateModelInvocationJob, None, job).await?;
        Ok(created.job_arn)
    }

    /// How far a job is, by its id or ARN.
    ///
    /// # Errors
    /// As [`Jobs::submit`]; also when there is no such job.
    pub async fn get(&self, job: impl AsRef<str>) -> Result<Job> {
        let id = ModelId::from(job.as_ref().to_owned());
        let region = self.client.region();
        ask(&self.client.0, region, Control::GetModelInvocationJob, Some(&id), []).await
    }

    /// The jobs that a filter lets through, page by page as they are wanted. Nothing is sent before the first is asked for.
    #[must_use]
    pub fn list(&self, filter: JobFilter) -> JobStream {
        JobStream::new(self.client.clone(), filter)
    }

    /// Ends a job before it is done. What was processed until then is kept, and paid for.
    ///
    /// # Errors
    /// As [`Jobs::get`]; also when the job has ended.
    pub async fn stop(&self, job: impl AsRef<str>) -> Result<()> {
        let id = ModelId::from(job.as_ref().to_owned());
        let region = self.client.region();
        let _: outcrop_wire::Extra =
            ask(&self.client.0, region, Control::StopModelInvocationJob, Some(&id), []).await?;
        Ok(())
    }
}
