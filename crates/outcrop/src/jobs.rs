//! Batch jobs: many requests answered from files to files, in the background and for half the price.
//!
//! ```no_run
//! # #[cfg(feature = "objects")]
//! # async fn run(minerals: Vec<String>) -> outcrop::Result<()> {
//! use outcrop::jobs::{NewJob, Outcome};
//! use outcrop::{Client, MessageRequest};
//!
//! let client = Client::from_env().await?;
//! let mut records = client.jobs().records("haiku").await;
//! for mineral in &minerals {
//!     records.add_as(mineral, &MessageRequest::new("", 256).user(format!("What is {mineral}?")))?;
//! }
//! let role = "arn:aws:iam::123456789012:role/batch";
//! let job = NewJob::new(role, "s3://minerals/asked/", "s3://minerals/told/");
//! let created = client.jobs().create(&records, &job).await?;
//! let job = client.jobs().wait(&created.arn, |job| println!("{:?}", job.status)).await?;
//! let mut results = client.jobs().results(&job).await?;
//! while let Some(result) = results.next().await {
//!     let result = result?;
//!     match &result.outcome {
//!         Outcome::Message(message) => println!("{}: {}", result.record_id, message.text()),
//!         Outcome::Failed(error) => println!("{}: failed, {error:?}", result.record_id),
//!         Outcome::Missing => println!("{}: not processed", result.record_id),
//!         other => println!("{}: {other:?}", result.record_id),
//!     }
//! }
//! println!("{:?}", results.totals().cost);
//! # Ok(()) }
//! ```
//!
//! A job goes on by itself: who has its ARN can wait for it again, and read its results as often as is liked. Results can
//! also be read from a folder that they were copied to (`BatchFiles::folder`).

#[cfg(feature = "objects")]
mod check;
#[cfg(feature = "objects")]
mod create;
#[cfg(feature = "objects")]
mod join;
mod line;
#[cfg(feature = "objects")]
mod lines;
#[cfg(feature = "objects")]
mod pairing;
#[cfg(feature = "objects")]
mod place;
#[cfg(feature = "objects")]
mod ready;
#[cfg(feature = "objects")]
mod records;
#[cfg(feature = "objects")]
mod result;
#[cfg(feature = "objects")]
mod results;
#[cfg(feature = "objects")]
mod run;
#[cfg(feature = "objects")]
mod spool;
#[cfg(feature = "objects")]
mod upload;
mod wait;

use outcrop_wire::account::job::JobCreated;
use outcrop_wire::account::{Control, JobId};
use outcrop_wire::model::ModelId;

#[cfg(feature = "objects")]
pub use self::create::{CreatedJob, NewJob};
pub use self::line::{Asks, LineError, RequestLine};
#[cfg(feature = "objects")]
pub use self::place::BatchFiles;
#[cfg(feature = "objects")]
pub use self::records::BatchRecords;
#[cfg(feature = "objects")]
pub use self::result::{BatchResult, BatchTotals, Outcome};
#[cfg(feature = "objects")]
pub use self::results::BatchResults;
#[cfg(feature = "objects")]
pub use self::run::BatchCalls;
pub use crate::account::JobStream;
use crate::account::{Pages, ask, tell};
use crate::client::Client;
use crate::error::{Error, Kind, Result};
pub use outcrop_wire::account::Tag;
pub use outcrop_wire::account::job::{
    InvocationType, JOB_LIMITS, Job, JobFilter, JobLimits, JobManifest, JobRequest, JobResult, JobSort, JobStatus,
    RecordError, SortOrder, TIMEOUT_HOURS,
};

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
    /// Begins to collect requests to a model: its name, an id or an ARN. Their bodies are those of InvokeModel. Of an
    /// inference profile of the account's own it is asked once what stands behind it; else nothing is sent.
    #[cfg(feature = "objects")]
    pub async fn records(&self, model: impl Into<ModelId>) -> BatchRecords {
        BatchRecords::begin(self.client, model.into(), InvocationType::InvokeModel).await
    }

    /// The same, with bodies of Converse.
    #[cfg(feature = "objects")]
    pub async fn converse_records(&self, model: impl Into<ModelId>) -> BatchRecords {
        BatchRecords::begin(self.client, model.into(), InvocationType::Converse).await
    }

    /// Asks for a job whose input lies in its bucket already, and gives its ARN.
    ///
    /// # Errors
    /// When the call cannot be made, no answer comes, or the service answers with an error.
    pub async fn submit(&self, job: &JobRequest) -> Result<String> {
        let created: JobCreated =
            tell(&self.client.0, self.client.region(), Control::CreateModelInvocationJob, None, job).await?;
        Ok(created.job_arn)
    }

    /// How far a job is, by its id or ARN; by an ARN it is asked where the job is, else in the client's region.
    ///
    /// # Errors
    /// As [`Jobs::submit`]; also when there is no such job, or this is neither an id nor an ARN.
    pub async fn get(&self, job: impl AsRef<str>) -> Result<Job> {
        let id = id(job.as_ref())?;
        let region = self.region_of(job.as_ref());
        ask(&self.client.0, region, Control::GetModelInvocationJob, Some(&id), []).await
    }

    /// The jobs that a filter lets through, page by page as they are wanted. Nothing is sent before the first is asked for.
    #[must_use]
    pub fn list(&self, filter: JobFilter) -> JobStream {
        Pages::new(self.client.clone(), self.client.0.region.clone(), filter)
    }

    /// Ends a job before it is done. What was processed until then is kept, and paid for.
    ///
    /// # Errors
    /// As [`Jobs::get`]; also when the job has ended.
    pub async fn stop(&self, job: impl AsRef<str>) -> Result<()> {
        let id = id(job.as_ref())?;
        let region = self.region_of(job.as_ref());
        let _: outcrop_wire::Extra =
            ask(&self.client.0, region, Control::StopModelInvocationJob, Some(&id), []).await?;
        Ok(())
    }

    /// Where a job is asked for.
    fn region_of<'j>(&'j self, job: &'j str) -> Option<&'j str> {
        JobId::region_of(job).or(self.client.region())
    }
}

/// What names a job (botocore service model bedrock 2023-04-20, `ModelInvocationJobIdentifier`).
fn id(job: &str) -> Result<ModelId> {
    match JobId::parse(job) {
        Some(_) => Ok(ModelId::from(job.to_owned())),
        None => {
            let why = format!("`{job}` is neither the id of one, which has twelve letters and digits, nor its ARN");
            Err(Error::new(Kind::Invalid, "ask for a batch job", why).with_hint("list the jobs: they tell their ids"))
        }
    }
}
