//! Jobs and results, for people and for programs.

use outcrop::jobs::{BatchResult, BatchTotals, Job, JobResult, JobStatus, Outcome};
use outcrop::wire::catalogue::Cost;
use outcrop::{Message, MessageRequest, ModelId};
use serde::Serialize;

use crate::args::Format;
use crate::render::stats::counted;

/// The id of a job, without the rest of its ARN.
pub(super) fn short(arn: &str) -> &str {
    arn.rsplit_once('/').map_or(arn, |(_, id)| id)
}

pub(super) fn status(job: &Job) -> &str {
    job.status.as_ref().map_or("unknown", JobStatus::as_str)
}

/// `12/100`, where the job says.
pub(super) fn progress(job: &Job) -> Option<String> {
    let (total, done) = (job.total_record_count?, job.processed_record_count.unwrap_or_default());
    Some(format!("{done}/{total}"))
}

/// A line of Anthropic's batches, with what was asked.
#[derive(Serialize)]
struct Line<'r> {
    custom_id: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    params: Option<MessageRequest>,
    result: Told<'r>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Told<'r> {
    Succeeded { message: &'r Message },
    Errored { error: Errored<'r> },
    Expired,
}

#[derive(Serialize)]
struct Errored<'r> {
    #[serde(rename = "type")]
    kind: &'static str,
    error: Cause<'r>,
}

#[derive(Serialize)]
struct Cause<'r> {
    #[serde(rename = "type")]
    kind: &'static str,
    message: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
}

/// A result as it is printed, line end included.
pub(super) fn result(
    result: &BatchResult,
    model: Option<&ModelId>,
    format: Format,
) -> Result<String, serde_json::Error> {
    match format {
        Format::Text => Ok(text(result)),
        Format::Jsonl => JobResult::from(result).line(),
        Format::Messages => {
            let told = match &result.outcome {
                Outcome::Message(message) => Told::Succeeded { message },
                Outcome::Failed(error) => {
                    let status = error.error_code;
                    let kind =
                        if status.is_some_and(|status| status < 500) { "invalid_request_error" } else { "api_error" };
                    let message = error.error_message.as_deref().unwrap_or_default();
                    Told::Errored { error: Errored { kind: "error", error: Cause { kind, message, status } } }
                }
                _ => Told::Expired,
            };
            let params = result.request().ok();
            let params = params.map(|asked| MessageRequest { model: model.cloned().unwrap_or_default(), ..asked });
            let line = Line { custom_id: &result.record_id, params, result: told };
            serde_json::to_string(&line).map(|line| line + "\n")
        }
    }
}

fn text(result: &BatchResult) -> String {
    let name = match (&*result.record_id, result.place) {
        ("", Some(place)) => format!("request {place}"),
        (id, _) => id.to_owned(),
    };
    let told = match &result.outcome {
        Outcome::Message(message) => message.text(),
        Outcome::Failed(error) => {
            let code = error.error_code.map(|code| format!(" ({code})")).unwrap_or_default();
            format!("[failed{code}: {}]", error.error_message.as_deref().unwrap_or("no reason is given"))
        }
        _ => "[no result]".to_owned(),
    };
    format!("=== {name}\n{told}\n\n")
}

/// `98 answered, 2 failed | 1200 tokens in, 300 out | cost $0.01, half of what calls cost`
pub(super) fn totals(totals: &BatchTotals) -> String {
    let mut counts = vec![format!("{} answered", totals.answered)];
    for (number, what) in
        [(totals.failed, "failed"), (totals.missing, "without a result"), (totals.unread, "unreadable")]
    {
        counts.extend((number > 0).then(|| format!("{number} {what}")));
    }
    let mut parts = vec![counts.join(", "), format!("{} tokens in, {} out", totals.input_tokens, totals.output_tokens)];
    if totals.cost != Cost::default() || totals.unpriced == 0 {
        parts.push(format!("cost {} at the price of a batch", totals.cost));
    }
    if totals.unpriced > 0 {
        let unpriced = usize::try_from(totals.unpriced).unwrap_or(usize::MAX);
        parts.push(format!("{} of unknown price", counted(unpriced, "answer")));
    }
    parts.join(" | ")
}
