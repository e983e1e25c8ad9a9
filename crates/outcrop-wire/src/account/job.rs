//! Batch jobs: many requests answered from files to files, in the background and for half the price.
//!
//! [`JobRequest`] asks for one, [`Job`] says how far it is, [`JobFilter`] which are wanted. The files hold a [`JobRecord`]
//! a line, their answers a [`JobResult`] a line; [`JobPlace`] says where those lie, [`JOB_LIMITS`] how much it may be.
//!
//! Source: botocore service model bedrock 2023-04-20; requests of boto3, captured; AWS user guide, "Process multiple
//! prompts with batch inference". Times are as AWS writes them: `2026-03-01T12:00:00.123Z`.

mod filter;
mod id;
mod limits;
mod place;
mod record;

use super::tag::Tag;
use crate::json::Json;
use crate::record::{open_enum, record};

pub use self::filter::{JobFilter, JobSort, SortOrder};
pub use self::id::JobId;
pub use self::limits::{JOB_LIMITS, JobLimit, JobLimits, TIMEOUT_HOURS};
pub use self::place::{JobPlace, MANIFEST, RECORDS, RESULTS};
pub use self::record::{JobManifest, JobRecord, JobResult, RecordError};

record! {
    /// The body of `CreateModelInvocationJob`.
    pub struct JobRequest {
        /// For people, and of this job alone. Letters, digits, `-`, `+` and `.`, at most 63.
        required job_name("jobName"): String,
        /// The role that Bedrock takes to read and write the buckets.
        required role_arn("roleArn"): String,
        /// The same token again asks for the same job: one is made, and no error told.
        optional client_request_token("clientRequestToken"): String,
        /// A base id, a profile, or the ARN of one.
        required model_id("modelId"): String,
        /// What is asked.
        required input_data_config("inputDataConfig"): JobInput,
        /// Where the answers go.
        required output_data_config("outputDataConfig"): JobOutput,
        /// Subnets and security groups.
        optional vpc_config("vpcConfig"): Json,
        /// After how many hours the job ends, done or not: [`TIMEOUT_HOURS`].
        optional timeout_duration_in_hours("timeoutDurationInHours"): u32,
        /// What it is marked with.
        optional tags: Vec<Tag>,
        /// What the bodies are; those of InvokeModel where it is not said.
        optional model_invocation_type("modelInvocationType"): InvocationType,
    }
}

record! {
    /// The answer of `CreateModelInvocationJob`.
    pub struct JobCreated {
        /// `arn:aws:bedrock:us-east-1:123456789012:model-invocation-job/abcdef123456`
        required job_arn("jobArn"): String,
    }
}

record! {
    /// A job: the answer of `GetModelInvocationJob`, an item of a list.
    pub struct Job {
        /// `arn:aws:bedrock:us-east-1:123456789012:model-invocation-job/abcdef123456`
        required job_arn("jobArn"): String,
        /// Its name.
        lenient job_name("jobName"): String,
        /// The model, as it was asked for.
        required model_id("modelId"): String,
        /// The token that it was asked for with.
        lenient client_request_token("clientRequestToken"): String,
        /// The role that Bedrock takes.
        required role_arn("roleArn"): String,
        /// How far it is.
        lenient status: JobStatus,
        /// Why it failed.
        lenient message: String,
        /// When it was asked for.
        required submit_time("submitTime"): String,
        /// When it was changed.
        lenient last_modified_time("lastModifiedTime"): String,
        /// When it ended.
        lenient end_time("endTime"): String,
        /// What is asked.
        required input_data_config("inputDataConfig"): JobInput,
        /// Where the answers go.
        required output_data_config("outputDataConfig"): JobOutput,
        /// Subnets and security groups.
        lenient vpc_config("vpcConfig"): Json,
        /// After how many hours it ends, done or not.
        lenient timeout_duration_in_hours("timeoutDurationInHours"): u32,
        /// When that is.
        lenient job_expiration_time("jobExpirationTime"): String,
        /// What the bodies are.
        lenient model_invocation_type("modelInvocationType"): InvocationType,
        /// Records there are.
        lenient total_record_count("totalRecordCount"): u64,
        /// Records that are done, well or not.
        lenient processed_record_count("processedRecordCount"): u64,
        /// Records that were answered.
        lenient success_record_count("successRecordCount"): u64,
        /// Records that were refused, or failed.
        lenient error_record_count("errorRecordCount"): u64,
    }
}

record! {
    /// A page of the answer of `ListModelInvocationJobs`.
    #[derive(Default)]
    pub struct Jobs {
        /// Where the next page begins, if there is one.
        optional next_token("nextToken"): String,
        /// The jobs of the page.
        default invocation_job_summaries("invocationJobSummaries"): Vec<Job>,
    }
}

record! {
    /// Where the requests of a job are.
    #[derive(Default)]
    pub struct JobInput {
        /// In a bucket. It is a union of this alone.
        optional s3_input_data_config("s3InputDataConfig"): JobS3Input,
    }
}

record! {
    /// An object of records, or what the keys of several begin with.
    #[derive(Default)]
    pub struct JobS3Input {
        /// What the objects hold.
        optional s3_input_format("s3InputFormat"): JobFormat,
        /// `s3://bucket/key.jsonl`, or `s3://bucket/folder/`.
        required s3_uri("s3Uri"): String,
        /// The account whose the bucket is, where it is another's.
        optional s3_bucket_owner("s3BucketOwner"): String,
    }
}

record! {
    /// Where the answers of a job go.
    #[derive(Default)]
    pub struct JobOutput {
        /// To a bucket. It is a union of this alone.
        optional s3_output_data_config("s3OutputDataConfig"): JobS3Output,
    }
}

record! {
    /// A folder of a bucket.
    #[derive(Default)]
    pub struct JobS3Output {
        /// `s3://bucket/folder/`
        required s3_uri("s3Uri"): String,
        /// The key of KMS that the answers are encrypted with.
        optional s3_encryption_key_id("s3EncryptionKeyId"): String,
        /// The account whose the bucket is, where it is another's.
        optional s3_bucket_owner("s3BucketOwner"): String,
    }
}

open_enum! {
    /// What the objects of a job's input hold.
    pub enum JobFormat {
        /// A record a line.
        Jsonl = "JSONL",
    }
}

open_enum! {
    /// What the bodies of a job's records are.
    pub enum InvocationType {
        /// Those of InvokeModel.
        InvokeModel = "InvokeModel",
        /// Those of Converse.
        Converse = "Converse",
    }
}

open_enum! {
    /// How far a job is. What goes well is Submitted, Validating, Scheduled, InProgress, Completed.
    pub enum JobStatus {
        /// It waits to be validated.
        Submitted = "Submitted",
        /// Its files are looked at.
        Validating = "Validating",
        /// Its files are good; it waits for its turn.
        Scheduled = "Scheduled",
        /// It runs.
        InProgress = "InProgress",
        /// Every record was processed; some may have failed.
        Completed = "Completed",
        /// Its time was over before every record was processed.
        PartiallyCompleted = "PartiallyCompleted",
        /// It could not be done; its message says why.
        Failed = "Failed",
        /// It is being stopped.
        Stopping = "Stopping",
        /// It was stopped; what was processed until then is kept, and paid for.
        Stopped = "Stopped",
        /// Its time was over before its turn came.
        Expired = "Expired",
    }
}

impl JobRequest {
    /// Has the records at `input` answered by `model` to the folder `output`, both `s3://...`.
    #[must_use]
    pub fn new(
        name: impl Into<String>,
        role_arn: impl Into<String>,
        model: impl Into<String>,
        input: impl Into<String>,
        output: impl Into<String>,
    ) -> Self {
        JobRequest {
            job_name: name.into(),
            role_arn: role_arn.into(),
            client_request_token: None,
            model_id: model.into(),
            input_data_config: JobInput::at(input),
            output_data_config: JobOutput::to(output),
            vpc_config: None,
            timeout_duration_in_hours: None,
            tags: None,
            model_invocation_type: None,
            extra: Default::default(),
        }
    }
}

impl Job {
    /// The job that a request asks for, of this ARN, submitted now.
    #[must_use]
    pub fn submitted(request: &JobRequest, job_arn: impl Into<String>, now: impl Into<String>) -> Self {
        let now = now.into();
        Job {
            job_arn: job_arn.into(),
            job_name: Some(request.job_name.clone()),
            model_id: request.model_id.clone(),
            client_request_token: request.client_request_token.clone(),
            role_arn: request.role_arn.clone(),
            status: Some(JobStatus::Submitted),
            message: None,
            submit_time: now.clone(),
            last_modified_time: Some(now),
            end_time: None,
            input_data_config: request.input_data_config.clone(),
            output_data_config: request.output_data_config.clone(),
            vpc_config: request.vpc_config.clone(),
            timeout_duration_in_hours: request.timeout_duration_in_hours,
            job_expiration_time: None,
            model_invocation_type: request.model_invocation_type.clone(),
            total_record_count: None,
            processed_record_count: None,
            success_record_count: None,
            error_record_count: None,
            extra: Default::default(),
        }
    }

    /// Whether it ended, well or not.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.status.as_ref().is_some_and(JobStatus::is_over)
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> Option<JobId> {
        JobId::parse(&self.job_arn)
    }

    /// Where its files lie, where its output says so.
    #[must_use]
    pub fn place(&self) -> Option<JobPlace> {
        JobPlace::new(self.output_data_config.uri()?, self.id()?)
    }

    /// What its bodies are: those of InvokeModel where it is not said.
    #[must_use]
    pub fn invocation(&self) -> InvocationType {
        self.model_invocation_type.clone().unwrap_or(InvocationType::InvokeModel)
    }
}

impl JobStatus {
    /// Whether a job of this status has ended. One that is not known has not.
    #[must_use]
    pub fn is_over(&self) -> bool {
        use JobStatus::{Completed, Expired, Failed, PartiallyCompleted, Stopped};
        matches!(self, Completed | PartiallyCompleted | Failed | Stopped | Expired)
    }
}

impl JobInput {
    /// Lines of JSON at `uri`.
    #[must_use]
    pub fn at(uri: impl Into<String>) -> Self {
        let s3_input_format = Some(JobFormat::Jsonl);
        let s3 = JobS3Input { s3_input_format, s3_uri: uri.into(), ..JobS3Input::default() };
        JobInput { s3_input_data_config: Some(s3), ..JobInput::default() }
    }

    /// `s3://...`, where it is in a bucket.
    #[must_use]
    pub fn uri(&self) -> Option<&str> {
        self.s3_input_data_config.as_ref().map(|s3| s3.s3_uri.as_str())
    }
}

impl JobOutput {
    /// The folder `uri`.
    #[must_use]
    pub fn to(uri: impl Into<String>) -> Self {
        let s3 = JobS3Output { s3_uri: uri.into(), ..JobS3Output::default() };
        JobOutput { s3_output_data_config: Some(s3), ..JobOutput::default() }
    }

    /// `s3://...`, where it is in a bucket.
    #[must_use]
    pub fn uri(&self) -> Option<&str> {
        self.s3_output_data_config.as_ref().map(|s3| s3.s3_uri.as_str())
    }
}
