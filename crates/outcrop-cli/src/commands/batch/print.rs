//! Jobs and results, for people and for programs.

use outcrop::jobs::{BatchResult, BatchTotals, Job, JobResult, JobStatus, Outcome};
use outcrop::wire::Extra;
use outcrop::wire::account::job::JobCreated;
use outcrop::wire::catalogue::Cost;
use outcrop::wire::fault::anthropic_kind;
use outcrop::{Json, Message, MessageRequest, ModelId};
use serde::Serialize;

use crate::args::Format;
use crate::exit::Failure;
use crate::render::stats;

/// The id of a job, without the rest of its ARN.
pub(super) fn short(arn: &str) -> &str {
    arn.rsplit_once('/').map_or(arn, |(_, id)| id)
}

pub(super) fn status(job: &Job) -> &str {
    job.status.as_ref().map_or("unknown", JobStatus::as_str)
}

/// `1 record`, `2 records`.
pub(super) fn counted(number: u64, what: &str) -> String {
    stats::counted(usize::try_from(number).unwrap_or(usize::MAX), what)
}

/// `12/100`, where the job says.
pub(super) fn progress(job: &Job) -> Option<String> {
    let (total, done) = (job.total_record_count?, job.processed_record_count.unwrap_or_default());
    Some(format!("{done}/{total}"))
}

/// The ARN of a new job, as Bedrock answers.
pub(super) fn created(arn: &str) -> Result<String, Failure> {
    let created = JobCreated { job_arn: arn.to_owned(), extra: Default::default() };
    serde_json::to_string(&created).map_err(|error| Failure::new(format!("cannot write the ARN as JSON: {error}")))
}

/// A line of Anthropic's batches, with what was asked.
#[derive(Serialize)]
struct Line<'r> {
    custom_id: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    params: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prompt: Option<Json>,
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
                    let kind = anthropic_kind(status.unwrap_or(500));
                    let message = error.error_message.as_deref().unwrap_or_default();
                    Told::Errored { error: Errored { kind: "error", error: Cause { kind, message, status } } }
                }
                _ => Told::Expired,
            };
            let (params, prompt) = asked(result, model)?;
            let line = Line { custom_id: &result.record_id, params, prompt, result: told };
            serde_json::to_string(&line).map(|line| line + "\n")
        }
    }
}

/// What was asked: a request, or what becomes one with the same flags as before; or a prompt.
fn asked(result: &BatchResult, model: Option<&ModelId>) -> Result<(Option<Json>, Option<Json>), serde_json::Error> {
    if let Ok(request) = result.request() {
        let request = MessageRequest { model: model.cloned().unwrap_or_default(), ..request };
        return Ok((Some(Json::of(&request)?), None));
    }
    let members = result.input.parse::<Extra>().unwrap_or_default();
    Ok(match members.value("prompt") {
        Some(prompt) => (None, Some(prompt.clone())),
        None => (Some(result.input.clone()).filter(|_| !members.is_empty()), None),
    })
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

/// `98 answered, 2 failed | 1200 tokens in, 300 out | cost $0.01 at the price of a batch`
pub(super) fn totals(totals: &BatchTotals, price: &str) -> String {
    let mut counts = vec![format!("{} answered", totals.answered)];
    for (number, what) in
        [(totals.failed, "failed"), (totals.missing, "without a result"), (totals.unread, "unreadable")]
    {
        counts.extend((number > 0).then(|| format!("{number} {what}")));
    }
    let mut parts = vec![counts.join(", "), format!("{} tokens in, {} out", totals.input_tokens, totals.output_tokens)];
    if totals.cost != Cost::default() || totals.unpriced == 0 {
        parts.push(format!("cost {} {price}", totals.cost));
    }
    if totals.unpriced > 0 {
        parts.push(format!("{} of unknown price", counted(totals.unpriced, "answer")));
    }
    parts.join(" | ")
}
