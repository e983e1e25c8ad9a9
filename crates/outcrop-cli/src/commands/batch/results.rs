//! `outcrop batch results`: what came of a job, joined with its requests, and what it cost.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use outcrop::jobs::{BatchFiles, BatchResults, Job};
use outcrop::{Client, ModelId};
use tempfile::NamedTempFile;

use super::print;
use crate::args::{self, Printed};
use crate::exit::{Exit, Failure};
use crate::printer::Printer;

pub(super) async fn run(client: &Client, asked: &args::BatchResults, printer: &Printer) -> Result<(), Failure> {
    let folder = Path::new(&asked.job);
    if folder.exists() {
        let files = BatchFiles::folder(folder)?;
        let requests = match &asked.requests {
            Some(requests) => BatchFiles::folder(requests)?,
            None => BatchFiles::folder(if folder.is_dir() { folder } else { folder.parent().unwrap_or(folder) })?,
        };
        let model = asked.model.clone().map(ModelId::from);
        let results = client.jobs().results_in(files, Some(requests), model, None).await?;
        return write(results, &asked.job, &asked.printed, printer).await;
    }
    if asked.requests.is_some() || asked.model.is_some() {
        let flag = if asked.model.is_some() { "--model" } else { "--requests" };
        return Err(Failure::usage(format!("{flag} is for a folder, and there is none called {}", asked.job))
            .hint("a job says itself what was asked of whom"));
    }
    let job = client.jobs().get(&asked.job).await?;
    print(client, &job, &asked.printed, printer).await
}

/// Prints the results of a job.
pub(super) async fn print(client: &Client, job: &Job, printed: &Printed, printer: &Printer) -> Result<(), Failure> {
    let status = print::status(job);
    if let Some(message) = &job.message {
        printer.warning(&format!("job {} is {status}: {message}", print::short(&job.job_arn)));
    } else if !job.is_over() {
        printer.warning(&format!("job {} is {status}: more may come", print::short(&job.job_arn)));
    }
    let results = client.jobs().results(job).await?;
    write(results, print::short(&job.job_arn), printed, printer).await
}

/// Where results go: a file takes its name once all of it is there.
enum Out<'p> {
    Terminal(&'p Printer),
    File(BufWriter<NamedTempFile>, &'p Path),
}

async fn write(mut results: BatchResults, job: &str, printed: &Printed, printer: &Printer) -> Result<(), Failure> {
    let mut out = Out::open(printed.out.as_deref().filter(|path| *path != Path::new("-")), printer)?;
    let format = printed.format();
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
        if printed.failed && result.message().is_some() {
            continue;
        }
        let text = print::result(&result, results.model(), format)
            .map_err(|error| Failure::new(format!("cannot write record `{}`: {error}", result.record_id)))?;
        out.put(&text)?;
    }
    out.end()?;
    results.notes().for_each(|note| printer.warning(note));
    let totals = results.totals();
    printer.note(&print::totals(totals));
    if let Some(manifest) = results.manifest().filter(|manifest| manifest.processed_record_count > totals.processed()) {
        let (there, told) = (totals.processed(), manifest.processed_record_count);
        printer.warning(&format!("the manifest tells of {told} records, and there are {there}"));
    }
    if totals.is_whole() {
        return Ok(());
    }
    // What cannot be read is missing where the requests are at hand.
    let left = totals.failed + totals.missing.max(totals.unread);
    let text = format!("{left} of the records of {job} have no answer; the others are kept");
    let again =
        format!("outcrop batch results {job} --failed --messages > again.jsonl makes a file for another job of them");
    Err(Failure { exit: Exit::Partly, ..Failure::new(text) }.hint(again))
}

impl<'p> Out<'p> {
    fn open(path: Option<&'p Path>, printer: &'p Printer) -> Result<Self, Failure> {
        let Some(path) = path else { return Ok(Out::Terminal(printer)) };
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let file = NamedTempFile::new_in(folder).map_err(|error| unwritable(path, &error))?;
        Ok(Out::File(BufWriter::new(file), path))
    }

    fn put(&mut self, text: &str) -> Result<(), Failure> {
        match self {
            Out::Terminal(printer) => Ok(printer.piece(text)?),
            Out::File(file, path) => file.write_all(text.as_bytes()).map_err(|error| unwritable(path, &error)),
        }
    }

    fn end(self) -> Result<(), Failure> {
        let Out::File(file, path) = self else { return Ok(()) };
        let file = file.into_inner().map_err(|error| unwritable(path, error.error()))?;
        file.persist(path).map(drop).map_err(|error| unwritable(path, &error.error))
    }
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure::usage(format!("cannot write {}: {error}", path.display()))
}
