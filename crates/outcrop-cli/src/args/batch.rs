//! `outcrop batch`

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum, ValueHint};
use outcrop::DefaultScope;
use outcrop::failover::Residency;

use super::model::ScopeName;
use super::{Account, Request};

/// Have many requests answered in the background, for half the price
#[derive(Args, Debug)]
pub(crate) struct Batch {
    #[command(subcommand)]
    pub(crate) command: BatchCommand,

    #[command(flatten)]
    pub(crate) account: Account,
}

#[derive(Debug, Subcommand)]
#[allow(clippy::large_enum_variant)] // there is one
pub(crate) enum BatchCommand {
    /// Check the requests of a file, upload them, and make a job of them
    Create(BatchCreate),
    /// Say how far a job is
    Status {
        /// Its id or ARN
        #[arg(value_name = "JOB")]
        job: String,

        /// Print it as JSON, as Bedrock tells it
        #[arg(long)]
        json: bool,
    },
    /// List the jobs, the newest first
    List(BatchList),
    /// End a job before it is done; what was processed until then is kept, and paid for
    Stop {
        /// Its id or ARN
        #[arg(value_name = "JOB")]
        job: String,

        /// Print how far it is then as JSON, as Bedrock tells it
        #[arg(long)]
        json: bool,
    },
    /// Print the results of a job, joined with its requests
    Results(BatchResults),
    /// Ask the requests of a file now, as ordinary calls at their price: however few they are
    Run(BatchRun),
}

/// A file of requests, and how they are read
#[derive(Args, Debug)]
#[command(next_help_heading = "Requests")]
pub(crate) struct BatchRequests {
    /// A file with a request a line, or `-` for standard input
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = None::<&'static str>)]
    pub(crate) requests: PathBuf,

    /// Have the bodies be those of Converse, not of InvokeModel
    #[arg(long)]
    pub(crate) converse: bool,

    /// Send requests as they are or not at all: what the model does not take is an error; else it is left out or
    /// translated, and told
    #[arg(long)]
    pub(crate) strict: bool,

    /// Look neither at what the requests say (roles, types of blocks, ranges), nor at model and buckets before an upload
    #[arg(long)]
    pub(crate) skip_checks: bool,

    /// Where a model that is named without a scope may be processed: anywhere, in one geography, in that of the region
    /// (`geo`), or in the region alone [default: the widest that the region has]
    #[arg(long, value_name = "SCOPE", value_parser = ScopeName)]
    pub(crate) scope: Option<DefaultScope>,

    /// Where requests may be processed, and nowhere else: a geography (us, eu, ...), or regions with commas between
    #[arg(long, value_name = "GEOGRAPHY|REGIONS")]
    pub(crate) residency: Option<Residency>,

    #[command(flatten)]
    pub(crate) request: Request,
}

/// Check the requests of a file, upload them, and make a job of them
#[derive(Args, Debug)]
#[command(after_help = CREATE)]
pub(crate) struct BatchCreate {
    #[command(flatten)]
    pub(crate) questions: BatchRequests,

    /// Where the requests are uploaded to: s3://bucket/folder/, or an object whose name ends in .jsonl
    #[arg(long, value_name = "S3-URI", required_unless_present = "dry_run", help_heading = "Job")]
    pub(crate) input: Option<String>,

    /// Where the results go: s3://bucket/folder/
    #[arg(long, value_name = "S3-URI", required_unless_present = "dry_run", help_heading = "Job")]
    pub(crate) output: Option<String>,

    /// The role that Bedrock takes to read and write the buckets
    #[arg(long, value_name = "ARN", required_unless_present = "dry_run", help_heading = "Job")]
    pub(crate) role: Option<String>,

    /// What the job is called [default: made of the time]
    #[arg(long, value_name = "NAME", help_heading = "Job")]
    pub(crate) name: Option<String>,

    /// After how long the job ends, done or not: 24h to 168h, 1d to 7d
    #[arg(long, value_name = "TIME", value_parser = hours, help_heading = "Job")]
    pub(crate) timeout: Option<u32>,

    /// A mark on the job; may be given again
    #[arg(long, value_name = "KEY=VALUE", value_parser = tag, help_heading = "Job")]
    pub(crate) tag: Vec<(String, String)>,

    /// Wait until the job has ended, and print its results
    #[arg(long, conflicts_with = "dry_run", help_heading = "Job")]
    pub(crate) wait: bool,

    /// Print the ARN as JSON, as Bedrock tells it
    #[arg(long, conflicts_with_all = ["wait", "dry_run"], help_heading = "Job")]
    pub(crate) json: bool,

    /// Send nothing: print the lines that would be uploaded, or write them to the file of --out
    #[arg(long, help_heading = "Job")]
    pub(crate) dry_run: bool,

    #[command(flatten)]
    pub(crate) printed: Printed,
}

/// Ask the requests of a file now, as ordinary calls at their price
#[derive(Args, Debug)]
#[command(after_help = RUN)]
pub(crate) struct BatchRun {
    #[command(flatten)]
    pub(crate) questions: BatchRequests,

    /// How many are asked at a time
    #[arg(long, value_name = "NUMBER", default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=64))]
    pub(crate) at_once: u8,

    #[command(flatten)]
    pub(crate) printed: Printed,
}

/// List the jobs, the newest first
#[derive(Args, Debug)]
pub(crate) struct BatchList {
    /// Only jobs of this status: Submitted, Validating, Scheduled, InProgress, Completed, PartiallyCompleted, Failed,
    /// Stopping, Stopped, Expired
    #[arg(long, value_name = "STATUS", value_parser = status)]
    pub(crate) status: Option<String>,

    /// Only jobs whose name has this in it
    #[arg(long, value_name = "TEXT")]
    pub(crate) name: Option<String>,

    /// Print them as JSON, as Bedrock tells them
    #[arg(long)]
    pub(crate) json: bool,
}

/// Print the results of a job, joined with its requests
#[derive(Args, Debug)]
#[command(after_help = RESULTS)]
pub(crate) struct BatchResults {
    /// The id or ARN of a job, or a folder that its results were copied to
    #[arg(value_name = "JOB|FOLDER", value_hint = ValueHint::AnyPath)]
    pub(crate) job: String,

    /// Of a folder: where the requests are, a file or a folder: those that were uploaded, or the file that the job was made of
    /// [default: the same folder]
    #[arg(long, value_name = "FILE|FOLDER", value_hint = ValueHint::AnyPath)]
    pub(crate) requests: Option<PathBuf>,

    /// Of a folder: the model that was asked, for the price
    #[arg(short, long, value_name = "MODEL")]
    pub(crate) model: Option<String>,

    #[command(flatten)]
    pub(crate) printed: Printed,
}

/// How results are printed
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Results")]
pub(crate) struct Printed {
    /// Where the results go, in place of standard output
    #[arg(long, value_name = "FILE|-", value_hint = ValueHint::FilePath)]
    pub(crate) out: Option<PathBuf>,

    /// What is printed of each
    #[arg(long, value_name = "FORMAT")]
    format: Option<Format>,

    /// The same as --format messages
    #[arg(long, conflicts_with_all = ["jsonl", "text", "format"])]
    messages: bool,

    /// The same as --format jsonl
    #[arg(long, conflicts_with_all = ["text", "format"])]
    jsonl: bool,

    /// The same as --format text
    #[arg(long, conflicts_with = "format")]
    text: bool,

    /// Only records that failed or have no result: with --messages they are a file for another job, or for `batch run`
    #[arg(long)]
    pub(crate) failed: bool,
}

/// What is printed of a result.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Format {
    /// The text of the answer, below the record id
    Text,
    /// A line of JSON in the words of the Messages API: {"custom_id", "params", "result"}, as Anthropic's batches have it
    Messages,
    /// The line as Bedrock writes it: {"recordId", "modelInput", "modelOutput" or "error"}
    Jsonl,
}

impl Printed {
    /// Whether anything is said of results.
    pub(crate) fn is_said(&self) -> bool {
        self.out.is_some() || self.says_how()
    }

    /// Whether it is said what is printed, besides where.
    pub(crate) fn says_how(&self) -> bool {
        self.failed || self.format.is_some() || self.messages || self.jsonl || self.text
    }

    pub(crate) fn format(&self) -> Format {
        match (self.messages, self.jsonl) {
            (true, _) => Format::Messages,
            (_, true) => Format::Jsonl,
            _ => self.format.unwrap_or(Format::Text),
        }
    }
}

const CREATE: &str = "\
A line of FILE is a prompt, as a JSON string or as {\"prompt\": \"...\"}; a request of the Messages API; or one in Bedrock's \
own form, {\"recordId\": \"...\", \"modelInput\": {...}}, or in that of Anthropic's batches, {\"custom_id\": \"...\", \"params\":
{...}}. What a request does not say, the flags say for it. A job has 100 to 50,000 records, and at most 1 GB. Mistakes are \
told with their lines, and nothing is sent before all are mended; then model and buckets are looked at, and then the \
requests are uploaded. Without --wait the ARN of the job is printed.

Examples:
  outcrop batch create questions.jsonl -m haiku --dry-run | head -3
  outcrop batch create questions.jsonl -m haiku -s \"Be brief.\" --role arn:aws:iam::123456789012:role/batch \\
    --input s3://my-bucket/in/ --output s3://my-bucket/out/
  outcrop batch create requests.jsonl -m us.sonnet --role $ROLE --input s3://b/in/ --output s3://b/out/ --wait --out told.txt";

const RUN: &str = "\
FILE is what `outcrop batch create` takes, and results are printed as those of a job: for requests that are too few for one, \
and for those of a job that failed. What the service refuses for all of them ends it; what was answered until then is kept.

Examples:
  outcrop batch run questions.jsonl -m haiku
  outcrop batch results abcdef123456 --failed --messages > again.jsonl; outcrop batch run again.jsonl -m haiku --out more.txt";

const RESULTS: &str = "\
Examples:
  outcrop batch results abcdef123456
  outcrop batch results abcdef123456 --jsonl --out results.jsonl
  outcrop batch results abcdef123456 --failed --messages > again.jsonl
  aws s3 sync s3://my-bucket/out/abcdef123456 told && outcrop batch results told -m haiku";

/// Every status of a job.
const STATUSES: [&str; 10] = [
    "Submitted",
    "Validating",
    "Scheduled",
    "InProgress",
    "Completed",
    "PartiallyCompleted",
    "Failed",
    "Stopping",
    "Stopped",
    "Expired",
];

fn status(text: &str) -> Result<String, String> {
    let known = STATUSES.iter().find(|known| known.eq_ignore_ascii_case(text));
    known.map(|known| (*known).to_owned()).ok_or_else(|| format!("there are {}", STATUSES.join(", ")))
}

fn hours(text: &str) -> Result<u32, String> {
    let wrong = || "not a time of 24 to 168 hours, such as 24h or 7d".to_owned();
    let (count, unit) = match (text.strip_suffix('h'), text.strip_suffix('d')) {
        (Some(count), _) => (count, 1),
        (_, Some(count)) => (count, 24),
        _ => return Err(wrong()),
    };
    let hours = count.parse::<u32>().ok().and_then(|count| count.checked_mul(unit));
    hours.filter(|hours| outcrop::jobs::TIMEOUT_HOURS.contains(hours)).ok_or_else(wrong)
}

fn tag(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("not `KEY=VALUE`".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_hours_or_days_and_statuses_are_those_of_aws() {
        assert_eq!((hours("24h"), hours("7d"), hours("168h")), (Ok(24), Ok(168), Ok(168)));
        for wrong in ["", "24", "h", "23h", "169h", "8d", "0d", "-1d", "1.5d", "99999999999d"] {
            assert!(hours(wrong).is_err(), "{wrong}");
        }
        assert_eq!(status("inprogress").as_deref(), Ok("InProgress"));
        for known in STATUSES {
            let status = outcrop::jobs::JobStatus::from(known);
            assert!(!matches!(status, outcrop::jobs::JobStatus::Other(_)), "{known}");
        }
    }
}
