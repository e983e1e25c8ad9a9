//! `outcrop batch create`: a file of requests becomes a job.

use std::io::{self, Write as _};

use outcrop::Client;
use outcrop::jobs::{BatchRecords, NewJob};

use super::input::{self, Template};
use super::{print, results, wait};
use crate::args::{Account, BatchCreate};
use crate::exit::Failure;
use crate::printer::Printer;
use crate::render::stats::counted;
use crate::{attach, request, settings};

pub(super) async fn run(create: BatchCreate, account: &Account, printer: &Printer) -> Result<(), Failure> {
    let client = settings::batch(account, &create, printer).await?;
    client.reasons().for_each(|reason| printer.explain(reason));
    let records = collect(&create, &client, printer).await?;
    if create.dry_run {
        return dry_run(&create, &client, &records, printer);
    }
    let job = job(&create);
    let created = client.jobs().create(&records, &job).await?;
    let input = created.request.input_data_config.uri().unwrap_or_default();
    printer.note(&format!("{} uploaded to {input}, for {}", summary(&records), records.model()));
    if !create.wait {
        printer.line(&created.arn)?;
        printer.note(&format!("outcrop batch results {} has them when it is done", print::short(&created.arn)));
        return Ok(());
    }
    printer.note(&format!("job {}: it goes on if this is stopped", created.arn));
    let job = wait::until_over(&client, &created.arn, printer).await?;
    results::print(&client, &job, &create.printed, printer).await
}

/// The requests of the file, with what the flags say of each.
async fn collect(create: &BatchCreate, client: &Client, printer: &Printer) -> Result<BatchRecords, Failure> {
    let flags = &create.request;
    let template = Template {
        request: request::begin(flags),
        files: attach::read(&flags.files, client, printer).await?,
        cache: flags.cache,
    };
    let mut named = template.request.clone();
    request::scoped(&mut named, flags.model.is_some(), create.scope.as_ref(), client)?;
    let mut records = match create.converse {
        true => client.jobs().converse_records(named.model).await,
        false => client.jobs().records(named.model).await,
    };
    // A request says nothing of the model unless its line does.
    let template = Template { request: outcrop::MessageRequest { model: "".into(), ..template.request }, ..template };
    input::collect(&create.requests, &template, &mut records, printer)?;
    for (adjustment, number) in records.adjustments() {
        let text =
            format!("{} ({})", adjustment.reason, counted(usize::try_from(number).unwrap_or(usize::MAX), "record"));
        match adjustment.change {
            outcrop::Change::Placed => printer.explain(&text),
            _ => printer.warning(&text),
        }
    }
    Ok(records)
}

fn job(create: &BatchCreate) -> NewJob {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let mut job = NewJob::new(text(&create.role), text(&create.input), text(&create.output));
    job.name.clone_from(&create.name);
    job.timeout_hours = create.timeout;
    create.tag.iter().fold(job, |job, (key, value)| job.tag(key, value))
}

/// The lines on standard output; what would be asked for beside them.
fn dry_run(create: &BatchCreate, client: &Client, records: &BatchRecords, printer: &Printer) -> Result<(), Failure> {
    if create.input.is_some() && create.output.is_some() && create.role.is_some() {
        let request = client.jobs().request(records, &job(create))?;
        let request = serde_json::to_string(&request).map_err(|error| Failure::new(error.to_string()))?;
        printer.note(&format!("POST /model-invocation-job {request}"));
    } else if let Err(error) = records.check() {
        printer.warning(&error.to_string());
    }
    let mut out = io::stdout().lock();
    records.write_to(&mut out)?;
    out.flush()?;
    printer.note(&format!("{} for {}; nothing was sent", summary(records), records.model()));
    Ok(())
}

fn summary(records: &BatchRecords) -> String {
    let number = usize::try_from(records.len()).unwrap_or(usize::MAX);
    format!("{} of {} bytes", counted(number, "record"), records.bytes())
}
