//! How much a job may be, and must be at least. Quotas of an account may differ by model, and some can be raised.

use std::ops::RangeInclusive;

/// Something that a job has to keep to.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct JobLimit {
    /// As AWS calls it among the quotas.
    pub name: &'static str,
    /// The number, of records or bytes.
    pub value: u64,
    /// Where it comes from.
    pub source: &'static str,
}

/// What a job has to keep to.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct JobLimits {
    /// The fewest records of a job.
    pub fewest_records: JobLimit,
    /// The most records of a file.
    pub file_records: JobLimit,
    /// The most records of all files of a job together.
    pub job_records: JobLimit,
    /// The most bytes of a file.
    pub file_bytes: JobLimit,
    /// The most bytes of all files of a job together.
    pub job_bytes: JobLimit,
}

/// Hours that a job may be given (service model).
pub const TIMEOUT_HOURS: RangeInclusive<u32> = 24..=168;

const GIGABYTE: u64 = 1 << 30;
const SOURCE: &str = "AWS names the quota; the value is that of public samples of AWS (aws-samples)";

/// Of the models of Anthropic, as they are until an account is given more.
pub static JOB_LIMITS: JobLimits = JobLimits {
    fewest_records: JobLimit { name: "Minimum number of records per batch inference job", value: 100, source: SOURCE },
    file_records: JobLimit { name: "Records per input file per batch inference job", value: 50_000, source: SOURCE },
    job_records: JobLimit { name: "Records per batch inference job", value: 50_000, source: SOURCE },
    file_bytes: JobLimit { name: "Batch inference input file size", value: GIGABYTE, source: SOURCE },
    job_bytes: JobLimit { name: "Batch inference job size", value: 5 * GIGABYTE, source: SOURCE },
};
