//! Waiting for a job, with a bar on a terminal and a line for each change elsewhere.

use std::io::IsTerminal as _;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use outcrop::Client;
use outcrop::jobs::Job;

use super::{print, to_go_on, unless_stopped};
use crate::args::Account;
use crate::exit::Failure;
use crate::printer::Printer;

/// Waits until a job has ended, well or not. Whatever breaks that off, the job goes on.
pub(super) async fn until_over(
    client: &Client,
    arn: &str,
    account: &Account,
    printer: &Printer,
) -> Result<Job, Failure> {
    let bar = (std::io::stderr().is_terminal() && !printer.is_quiet()).then(bar);
    let mut told = String::new();
    let jobs = client.jobs();
    let waited = jobs.wait(arn, |job| match &bar {
        Some(bar) => show(bar, job),
        None => {
            let now = print::status(job);
            if now != told {
                printer.note(&format!("job {}: {now}", print::short(arn)));
                now.clone_into(&mut told);
            }
        }
    });
    let waited = async { waited.await.map_err(|error| Failure::from(error).hint(to_go_on(arn, account))) };
    let stopped = || Failure::stopped("stopped waiting for the job").hint(to_go_on(arn, account));
    let waited = unless_stopped(waited, stopped).await;
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
    waited
}

fn bar() -> ProgressBar {
    let bar = ProgressBar::new(0);
    let style = ProgressStyle::with_template("{spinner} {msg} {wide_bar} {pos}/{len} {elapsed}");
    if let Ok(style) = style {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

fn show(bar: &ProgressBar, job: &Job) {
    bar.set_length(job.total_record_count.unwrap_or_default());
    bar.set_position(job.processed_record_count.unwrap_or_default());
    let failed = job.error_record_count.filter(|failed| *failed > 0);
    let failed = failed.map(|failed| format!(", {failed} failed")).unwrap_or_default();
    bar.set_message(format!("{}{failed}", crate::printer::plain(print::status(job))));
}
