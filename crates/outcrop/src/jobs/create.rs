//! A job of requests that were collected: checked, uploaded, asked for.

use outcrop_wire::Json;
use outcrop_wire::account::S3Uri;
use outcrop_wire::account::Tag;
use outcrop_wire::account::bucket::S3UriError;
use outcrop_wire::account::job::{InvocationType, JobRequest, RECORDS, TIMEOUT_HOURS};
use outcrop_wire::sigv4::AmzTime;

use super::{BatchFiles, BatchRecords, Jobs};
use crate::client::Client;
use crate::error::{Error, Kind, Result};

/// A job to be made.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct NewJob {
    /// For people, and of this job alone: letters, digits, `-`, `+` and `.`, at most 63. Made of the time until set.
    pub name: Option<String>,
    /// The role that Bedrock takes to read and write the buckets: `arn:aws:iam::123456789012:role/batch`.
    pub role_arn: String,
    /// Where the requests go: `s3://bucket/folder/`, or the object itself where it ends in `.jsonl`.
    pub input: String,
    /// Where the answers go: `s3://bucket/folder/`. Each job gets a folder of its own there.
    pub output: String,
    /// After how many hours the job ends, done or not: 24 to 168. AWS decides until it is set.
    pub timeout_hours: Option<u32>,
    /// What it is marked with.
    pub tags: Vec<Tag>,
    /// The same token again asks for the same job. Made until set.
    pub client_request_token: Option<String>,
    /// The key of KMS that the answers are encrypted with.
    pub output_key: Option<String>,
    /// Subnets and security groups: `vpcConfig`.
    pub vpc_config: Option<Json>,
    /// Whether model and buckets are not looked at before the requests are uploaded.
    pub skip_checks: bool,
}

/// A job that was made.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct CreatedJob {
    /// `arn:aws:bedrock:us-east-1:123456789012:model-invocation-job/abcdef123456`
    pub arn: String,
    /// As it was asked for: its input is the object that was uploaded.
    pub request: JobRequest,
    /// What could not be looked at before.
    pub unseen: Vec<String>,
}

impl NewJob {
    /// A job that has its input uploaded below `input` and its results written below `output`, both `s3://...`.
    #[must_use]
    pub fn new(role_arn: impl Into<String>, input: impl Into<String>, output: impl Into<String>) -> Self {
        NewJob {
            name: None,
            role_arn: role_arn.into(),
            input: input.into(),
            output: output.into(),
            timeout_hours: None,
            tags: Vec::new(),
            client_request_token: None,
            output_key: None,
            vpc_config: None,
            skip_checks: false,
        }
    }

    /// Names it.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Ends it after so many hours, done or not.
    #[must_use]
    pub fn timeout_hours(mut self, hours: u32) -> Self {
        self.timeout_hours = Some(hours);
        self
    }

    /// Has the requests uploaded without a look at model and buckets.
    #[must_use]
    pub fn skip_checks(mut self) -> Self {
        self.skip_checks = true;
        self
    }

    /// Marks it.
    #[must_use]
    pub fn tag(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.tags.push(Tag::new(key, value));
        self
    }
}

impl Jobs<'_> {
    /// What [`Jobs::create`] asks for; nothing is sent.
    ///
    /// # Errors
    /// When the records are too few, or the job cannot be asked for as it is.
    pub fn request(&self, records: &BatchRecords, job: &NewJob) -> Result<JobRequest> {
        records.check()?;
        let name = job.name.clone().unwrap_or_else(|| made_name(self.client));
        check(&name, job)?;
        let (input, output) = (place(&job.input, "input")?, place(&job.output, "output")?);
        let key = match input.key.as_str() {
            key if key.ends_with(RECORDS) => key.to_owned(),
            key => format!("{}{name}{RECORDS}", folder(key)),
        };
        let input = S3Uri { bucket: input.bucket, key };
        let output = S3Uri { key: folder(&output.key), ..output };
        let model = records.model().as_str();
        let mut request = JobRequest::new(name, &*job.role_arn, model, input.to_string(), output.to_string());
        request.client_request_token = Some(job.client_request_token.clone().unwrap_or_else(|| token(self.client)));
        request.timeout_duration_in_hours = job.timeout_hours;
        request.tags = (!job.tags.is_empty()).then(|| job.tags.clone());
        request.vpc_config.clone_from(&job.vpc_config);
        if let Some(s3) = &mut request.output_data_config.s3_output_data_config {
            s3.s3_encryption_key_id.clone_from(&job.output_key);
        }
        if *records.kind() != InvocationType::InvokeModel {
            request.model_invocation_type = Some(records.kind().clone());
        }
        Ok(request)
    }

    /// Uploads the records and makes a job of them. Everything that can be checked is checked before ([`Jobs::check`]), and
    /// no object is overwritten.
    ///
    /// # Errors
    /// When the records are too few, the job cannot be asked for as it is, its model or a bucket is not there, the bucket
    /// does not take them, or the service answers with an error; the object that was uploaded stays then, and the hint names
    /// it.
    pub async fn create(&self, records: &BatchRecords, job: &NewJob) -> Result<CreatedJob> {
        let request = self.request(records, job)?;
        let unseen = if job.skip_checks { Vec::new() } else { self.check(&request).await? };
        let input = place(request.input_data_config.uri().unwrap_or_default(), "input")?;
        let bucket = BatchFiles::bucket(self.client, self.client.region(), &input.bucket, "")?;
        records.upload(&bucket, &input.key).await?;
        let arn = self.submit(&request).await.map_err(|error| {
            let kept = format!("the requests were uploaded and stay at {input}");
            let hint = error.hint().map_or_else(|| kept.clone(), |hint| format!("{hint}; {kept}"));
            error.with_hint(hint)
        })?;
        Ok(CreatedJob { arn, request, unseen })
    }
}

pub(super) const DOING: &str = "make a batch job";

pub(super) fn invalid(why: impl Into<String>, hint: &str) -> Error {
    Error::new(Kind::Invalid, DOING, why).with_hint(hint)
}

/// What AWS would refuse only once everything is uploaded.
fn check(name: &str, job: &NewJob) -> Result<()> {
    // botocore service model bedrock 2023-04-20: `[a-zA-Z0-9]{1,63}(-*[a-zA-Z0-9\+\-\.]){0,63}`, at most 63.
    let letters = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    if !letters || name.len() > 63 || !name.starts_with(|letter: char| letter.is_ascii_alphanumeric()) {
        let hint = "1 to 63 letters, digits, `-`, `+` and `.`, the first a letter or a digit";
        return Err(invalid(format!("`{name}` is no name of a job"), hint));
    }
    let role = job.role_arn.strip_prefix("arn:aws").and_then(|rest| rest.split_once(":iam::"));
    let role = role.and_then(|(_, rest)| rest.split_once(":role/")).is_some_and(|(_, name)| !name.is_empty());
    if !role {
        let hint = "it is the role that Bedrock takes: arn:aws:iam::123456789012:role/NAME";
        return Err(invalid(format!("`{}` is no ARN of a role", job.role_arn), hint));
    }
    match job.timeout_hours {
        Some(hours) if !TIMEOUT_HOURS.contains(&hours) => {
            let (least, most) = (TIMEOUT_HOURS.start(), TIMEOUT_HOURS.end());
            Err(invalid(format!("a timeout of {hours} h is none"), &format!("it is {least} to {most} hours")))
        }
        _ => Ok(()),
    }
}

/// A place in a bucket. What may stand in it: botocore service model bedrock 2023-04-20, `S3Uri`.
fn place(uri: &str, what: &str) -> Result<S3Uri> {
    let path: S3Uri = uri.parse().map_err(|error: S3UriError| {
        invalid(format!("the {what}: {error}"), "name a folder in a bucket: s3://bucket/folder/")
    })?;
    let taken = |byte: u8| byte.is_ascii_alphanumeric() || b"-!_*'().".contains(&byte);
    let key = path.key.strip_suffix('/').unwrap_or(&path.key);
    let segments = key.split('/').all(|part| !matches!(part, "." | "..") && part.bytes().all(taken));
    if !segments || (!key.is_empty() && key.split('/').any(str::is_empty)) {
        let hint = "letters, digits and `-!_*'().` between slashes, none of which stand together";
        return Err(invalid(format!("the {what} `{uri}`: Bedrock takes no such key"), hint));
    }
    Ok(path)
}

/// A key as that of a folder.
fn folder(key: &str) -> String {
    match key.is_empty() || key.ends_with('/') {
        true => key.to_owned(),
        false => format!("{key}/"),
    }
}

/// `outcrop-20261123T112233Z-1a2b3c`
fn made_name(client: &Client) -> String {
    let surroundings = &client.0.surroundings;
    let time = AmzTime::from_unix(surroundings.unix());
    format!("outcrop-{}-{}", time.as_str(), &token(client)[..6])
}

/// Letters and digits that no other call of this machine makes.
fn token(client: &Client) -> String {
    let surroundings = &client.0.surroundings;
    let now = surroundings.now().duration_since(std::time::SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_nanos());
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // of a number from 0 to below 1
    let chance = || (surroundings.chance() * f64::from(u32::MAX)) as u32;
    // What differs most stands first.
    let now = now.to_string().chars().rev().collect::<String>();
    format!("{now}{:08x}{:08x}", chance(), chance())
}
