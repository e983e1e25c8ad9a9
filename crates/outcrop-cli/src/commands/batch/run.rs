//! `outcrop batch run`: the requests of a file asked now, as ordinary calls.

use outcrop::Error;

use super::out::Out;
use super::{input, print, results};
use crate::args::{Account, BatchRun};
use crate::exit::{Exit, Failure};
use crate::printer::Printer;
use crate::settings;

pub(super) async fn run(run: BatchRun, account: &Account, printer: &Printer) -> Result<(), Failure> {
    let mut out = Out::open(run.printed.out.as_deref(), printer)?;
    if out.is(&run.questions.requests) {
        let text = format!("cannot write {}: the requests stand there", run.questions.requests.display());
        return Err(Failure::usage(text).hint("name another file with --out"));
    }
    let client = settings::batch(account, &run.questions, false, printer).await?;
    let records = input::records(&run.questions, &client, printer).await?;
    let mut calls = client.jobs().run(&records, run.at_once.into());
    let ended: Result<(), Failure> = loop {
        let next = tokio::select! {
            biased;
            next = calls.next() => next,
            // Where signals cannot be waited for, they end the program.
            Ok(()) = tokio::signal::ctrl_c() => break Err(Failure::stopped("stopped before every request was asked")),
        };
        match next {
            None => break Ok(()),
            Some(Err(error)) => break Err(Error::into(error)),
            Some(Ok(result)) => results::put(&mut out, &result, Some(records.model()), &run.printed)?,
        }
    };
    // Of what nobody was asked there is nothing to keep, and a file that is there stays.
    if ended.is_ok() || calls.totals().processed() > 0 {
        while let Some(result) = calls.rest().await {
            results::put(&mut out, &result?, Some(records.model()), &run.printed)?;
        }
        out.end()?;
    }
    let totals = calls.totals();
    printer.note(&print::totals(totals, "at the price of calls"));
    let kept = format!(
        "{} of {} were answered; what came of them is kept",
        totals.answered,
        print::counted(records.len(), "request")
    );
    match ended {
        Err(failure) => {
            printer.note(&kept);
            Err(failure)
        }
        Ok(()) if totals.is_whole() => Ok(()),
        Ok(()) => Err(Failure { exit: Exit::Partly, ..Failure::new(kept) }
            .hint("--failed prints those alone that were not, and with --messages --out FILE they can be asked again")),
    }
}
