//! `outcrop batch status`, `list`, `stop`: jobs, told and ended.

use outcrop::Client;
use outcrop::jobs::{Job, JobFilter, JobSort, JobStatus, SortOrder};

use super::print;
use crate::args::{Account, BatchList};
use crate::exit::Failure;
use crate::printer::Printer;
use crate::render::table;

pub(super) async fn status(client: &Client, job: &str, json: bool, printer: &Printer) -> Result<(), Failure> {
    let job = client.jobs().get(job).await?;
    if json {
        return Ok(printer.line(&as_json(&job)?)?);
    }
    let mut pairs = vec![("job", job.job_arn.clone())];
    let more = [
        ("name", job.job_name.clone()),
        ("status", Some(print::status(&job).to_owned())),
        ("message", job.message.clone()),
        ("model", Some(job.model_id.clone())),
        ("records", print::progress(&job)),
        ("failed", job.error_record_count.filter(|failed| *failed > 0).map(|failed| failed.to_string())),
        ("submitted", Some(job.submit_time.clone())),
        ("ended", job.end_time.clone()),
        ("expires", job.job_expiration_time.clone().filter(|_| !job.is_over())),
        ("input", job.input_data_config.uri().map(str::to_owned)),
        ("output", job.output_data_config.uri().map(str::to_owned)),
        ("role", Some(job.role_arn.clone())),
    ];
    pairs.extend(more.into_iter().filter_map(|(name, value)| Some((name, value?))));
    Ok(printer.piece(&table::pairs(&pairs))?)
}

pub(super) async fn list(client: &Client, asked: &BatchList, printer: &Printer) -> Result<(), Failure> {
    let mut filter = JobFilter::default();
    filter.status = asked.status.as_deref().map(JobStatus::from);
    filter.name_contains.clone_from(&asked.name);
    (filter.sort, filter.order) = (Some(JobSort::CreationTime), Some(SortOrder::Descending));
    let jobs = client.jobs().list(filter).all().await?;
    if asked.json {
        let jobs: Vec<String> = jobs.iter().map(as_json).collect::<Result<_, _>>()?;
        return Ok(printer.line(&format!("[{}]", jobs.join(",")))?);
    }
    let rows: Vec<[String; 6]> = jobs.iter().map(row).collect();
    printer.piece(&table::table(["JOB", "NAME", "STATUS", "RECORDS", "SUBMITTED", "MODEL"], &rows))?;
    if jobs.is_empty() {
        printer.note("there is none of them here");
    }
    Ok(())
}

pub(super) async fn stop(
    client: &Client,
    job: &str,
    json: bool,
    account: &Account,
    printer: &Printer,
) -> Result<(), Failure> {
    client.jobs().stop(job).await?;
    if json {
        printer.line(&as_json(&client.jobs().get(job).await?)?)?;
    }
    let flags = account.typed();
    printer
        .note(&format!("job {job} is being stopped; what was processed is kept: outcrop batch results {job}{flags}"));
    Ok(())
}

fn row(job: &Job) -> [String; 6] {
    [
        print::short(&job.job_arn).to_owned(),
        job.job_name.clone().unwrap_or_default(),
        print::status(job).to_owned(),
        print::progress(job).unwrap_or_else(|| "-".to_owned()),
        job.submit_time.clone(),
        job.model_id.clone(),
    ]
}

fn as_json(job: &Job) -> Result<String, Failure> {
    serde_json::to_string(job).map_err(|error| Failure::new(format!("cannot write the job as JSON: {error}")))
}
