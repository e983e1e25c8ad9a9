//! `outcrop batch results`: what came of a job, joined with its requests, and what it cost.

use std::path::Path;

use outcrop::jobs::{BatchFiles, BatchResult, BatchResults, BatchTotals, JOB_LIMITS, Job};
use outcrop::wire::account::{ApplicationProfileArn, JobId};
use outcrop::{Client, ModelId};

use super::out::Out;
use super::{print, unless_stopped};
use crate::args::{self, Account, Printed};
use crate::exit::{Exit, Failure};
use crate::printer::Printer;
use crate::settings;

pub(super) async fn run(asked: &args::BatchResults, account: &Account, printer: &Printer) -> Result<(), Failure> {
    let folder = Path::new(&asked.job);
    if folder.exists() {
        let out = Out::open(asked.printed.out.as_deref(), printer)?;
        return of_folder(folder, asked, out, account, printer).await;
    }
    if JobId::parse(&asked.job).is_none() {
        let text = format!("there is no folder {}, and it is neither the id of a job nor its ARN", asked.job);
        return Err(Failure::usage(text).hint("outcrop batch list tells the ids of the jobs"));
    }
    if asked.requests.is_some() || asked.model.is_some() {
        let flag = if asked.model.is_some() { "--model" } else { "--requests" };
        return Err(Failure::usage(format!("{flag} is for a folder, and there is none called {}", asked.job))
            .hint("a job says itself what was asked of whom"));
    }
    super::refuse_local(account)?;
    let out = Out::open(asked.printed.out.as_deref(), printer)?;
    let client = super::client(account, printer).await?;
    let job = client.jobs().get(&asked.job).await?;
    print(&client, &job, &asked.printed, out, account, printer).await
}

/// Results that were copied here. Nobody is called, but to ask what stands behind a profile of the account's own.
async fn of_folder(
    folder: &Path,
    asked: &args::BatchResults,
    out: Out,
    account: &Account,
    printer: &Printer,
) -> Result<(), Failure> {
    let files = BatchFiles::folder(folder)?;
    let requests = match &asked.requests {
        Some(requests) => BatchFiles::folder(requests)?,
        None => BatchFiles::folder(if folder.is_dir() { folder } else { folder.parent().unwrap_or(folder) })?,
    };
    let client = match asked.model.as_deref().and_then(ApplicationProfileArn::parse) {
        Some(_) => settings::account(account, printer).await?,
        None => settings::offline(account, printer).await?,
    };
    let model = asked.model.clone().map(ModelId::from);
    let results = client.jobs().results_in(files, Some(requests), model, None).await?;
    let flags = asked.requests.as_deref().map(|path| format!(" --requests {}", path.display())).unwrap_or_default();
    write(results, &asked.job, &flags, &asked.printed, out, printer).await
}

/// Prints the results of a job.
pub(super) async fn print(
    client: &Client,
    job: &Job,
    printed: &Printed,
    out: Out,
    account: &Account,
    printer: &Printer,
) -> Result<(), Failure> {
    let (status, id) = (print::status(job), print::short(&job.job_arn));
    if let Some(message) = &job.message {
        printer.warning(&format!("job {id} is {status}: {message}"));
    } else if !job.is_over() {
        printer.warning(&format!("job {id} is {status}: more may come"));
    }
    let flags = account.typed();
    let work = async {
        let results = client.jobs().results(job).await?;
        write(results, id, &flags, printed, out, printer).await
    };
    let stopped = || {
        Failure::stopped("stopped before all results were read")
            .hint(format!("they stay where they are: outcrop batch results {id}{flags}"))
    };
    unless_stopped(work, stopped).await
}

async fn write(
    mut results: BatchResults,
    job: &str,
    flags: &str,
    printed: &Printed,
    mut out: Out,
    printer: &Printer,
) -> Result<(), Failure> {
    while let Some(result) = results.next().await {
        let result = match result {
            Ok(result) => result,
            Err(error) => {
                printer.mistake(&error.to_string());
                if let Some(hint) = error.hint() {
                    printer.note(&format!("hint: {hint}"));
                }
                continue;
            }
        };
        put(&mut out, &result, results.model(), printed)?;
    }
    out.end()?;
    results.notes().for_each(|note| printer.warning(note));
    let totals = results.totals();
    printer.note(&print::totals(totals, "at the price of a batch"));
    let told = results.manifest().map_or(0, |manifest| manifest.processed_record_count);
    let lost = told.saturating_sub(totals.processed());
    if lost > 0 {
        printer.warning(&format!("the manifest tells of {told} records, and there are {}", totals.processed()));
    }
    let left = left(totals).max(lost + totals.failed);
    if left == 0 {
        return Ok(());
    }
    let text = format!("{left} of the records of {job} have no answer; the others are kept");
    if lost > totals.missing {
        let hint = "name the file that was uploaded with --requests: what is lost can be asked again";
        return Err(Failure { exit: Exit::Partly, ..Failure::new(text) }.hint(hint));
    }
    let kept = format!("outcrop batch results {job}{flags} --failed --messages > again.jsonl keeps what they ask");
    let model = results.model().map(|model| format!(" -m {model}")).unwrap_or_default();
    let fewest = JOB_LIMITS.fewest_records.value;
    let again = match left < fewest {
        true => {
            format!("and outcrop batch run again.jsonl{model} asks it as calls: a job has {fewest} records at least")
        }
        false => format!("and outcrop batch create again.jsonl{model} makes another job of it"),
    };
    Err(Failure { exit: Exit::Partly, ..Failure::new(text) }.hint(format!("{kept}, {again}")))
}

/// Prints a result, where it is wanted.
pub(super) fn put(
    out: &mut Out,
    result: &BatchResult,
    model: Option<&ModelId>,
    printed: &Printed,
) -> Result<(), Failure> {
    if printed.failed && result.message().is_some() {
        return Ok(());
    }
    let text = print::result(result, model, printed.format())
        .map_err(|error| Failure::new(format!("cannot write record `{}`: {error}", result.record_id)))?;
    out.put(&text)
}

/// Records without an answer; what cannot be read is missing where the requests are at hand.
fn left(totals: &BatchTotals) -> u64 {
    totals.failed + totals.missing.max(totals.unread)
}
