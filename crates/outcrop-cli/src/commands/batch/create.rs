//! `outcrop batch create`: a file of requests becomes a job.

use outcrop::Client;
use outcrop::jobs::{BatchRecords, NewJob};

use super::out::Out;
use super::{input, print, refuse_local, results, unless_stopped, wait};
use crate::args::{Account, BatchCreate};
use crate::exit::Failure;
use crate::printer::Printer;
use crate::settings;

pub(super) async fn run(create: BatchCreate, account: &Account, printer: &Printer) -> Result<(), Failure> {
    check_flags(&create)?;
    if !create.dry_run {
        refuse_local(account)?;
    }
    let out = Out::open(create.printed.out.as_deref(), printer)?;
    let client = settings::batch(account, &create.questions, create.dry_run, printer).await?;
    let records = input::records(&create.questions, &client, printer).await?;
    if create.dry_run {
        return dry_run(&create, &client, &records, out, printer);
    }
    let (job, flags) = (job(&create), account.typed());
    let stopped = || {
        let hint = format!("`outcrop batch list{flags}` tells whether it was made; an object that was uploaded stays");
        Failure::stopped("stopped while the job was being made").hint(hint)
    };
    let created = unless_stopped(async { Ok(client.jobs().create(&records, &job).await?) }, stopped).await?;
    created.unseen.iter().for_each(|unseen| printer.explain(unseen));
    let input = created.request.input_data_config.uri().unwrap_or_default();
    printer.note(&format!("{} uploaded to {input}, for {}", summary(&records), records.model()));
    if !create.wait {
        match create.json {
            true => printer.line(&print::created(&created.arn)?)?,
            false => printer.line(&created.arn)?,
        }
        printer.note(&format!("outcrop batch results {}{flags} has them when it is done", print::short(&created.arn)));
        return Ok(());
    }
    printer.note(&format!("job {}: it goes on if this is stopped", created.arn));
    let job = wait::until_over(&client, &created.arn, account, printer).await?;
    results::print(&client, &job, &create.printed, out, account, printer).await
}

/// What would count for nothing is refused.
fn check_flags(create: &BatchCreate) -> Result<(), Failure> {
    let printed = &create.printed;
    if create.dry_run && printed.says_how() {
        return Err(Failure::usage(
            "--dry-run prints the lines that would be uploaded: there are no results to choose",
        ));
    }
    if !create.wait && !create.dry_run && printed.is_said() {
        let text = "without --wait there are no results: the ARN of the job is printed";
        return Err(Failure::usage(text).hint("outcrop batch results JOB prints them, and takes the same flags"));
    }
    Ok(())
}

fn job(create: &BatchCreate) -> NewJob {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let mut job = NewJob::new(text(&create.role), text(&create.input), text(&create.output));
    job.name.clone_from(&create.name);
    job.timeout_hours = create.timeout;
    job.skip_checks = create.questions.skip_checks;
    create.tag.iter().fold(job, |job, (key, value)| job.tag(key, value))
}

/// The lines; what would be asked for beside them.
fn dry_run(
    create: &BatchCreate,
    client: &Client,
    records: &BatchRecords,
    mut out: Out,
    printer: &Printer,
) -> Result<(), Failure> {
    if create.input.is_some() && create.output.is_some() && create.role.is_some() {
        let request = client.jobs().request(records, &job(create))?;
        let request = serde_json::to_string(&request).map_err(|error| Failure::new(error.to_string()))?;
        printer.note(&format!("POST /model-invocation-job {request}"));
    } else if let Err(error) = records.check() {
        printer.warning(&error.to_string());
    }
    out.fill(|mut to| records.write_to(&mut to).map(drop))?;
    out.end()?;
    printer.note(&format!("{} for {}; nothing was sent", summary(records), records.model()));
    Ok(())
}

fn summary(records: &BatchRecords) -> String {
    format!("{} of {} bytes", print::counted(records.len(), "record"), records.bytes())
}
