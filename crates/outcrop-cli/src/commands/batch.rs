//! `outcrop batch`: many requests answered in the background, for less.

mod create;
mod input;
mod jobs;
mod mistakes;
mod out;
mod print;
mod results;
mod run;
mod wait;

use outcrop::Client;

use crate::args::{Account, Batch, BatchCommand};
use crate::exit::Failure;
use crate::printer::Printer;
use crate::settings;

pub(crate) async fn run(batch: Batch, printer: &Printer) -> Result<(), Failure> {
    let Batch { command, account } = batch;
    match command {
        BatchCommand::Create(create) => create::run(create, &account, printer).await,
        BatchCommand::Status { job, json } => {
            jobs::status(&client(&account, printer).await?, &job, json, printer).await
        }
        BatchCommand::List(list) => jobs::list(&client(&account, printer).await?, &list, printer).await,
        BatchCommand::Stop { job, json } => {
            jobs::stop(&client(&account, printer).await?, &job, json, &account, printer).await
        }
        BatchCommand::Results(asked) => results::run(&asked, &account, printer).await,
        BatchCommand::Run(asked) => run::run(asked, &account, printer).await,
    }
}

/// A client that asks for jobs.
async fn client(account: &Account, printer: &Printer) -> Result<Client, Failure> {
    refuse_local(account)?;
    let client = settings::account(account, printer).await?;
    Ok(client)
}

/// A job outlasts the command that makes it: one inside of this program would not.
fn refuse_local(account: &Account) -> Result<(), Failure> {
    if !account.local {
        return Ok(());
    }
    let text = "--local is a Bedrock that ends with this command: it has no jobs and no buckets";
    Err(Failure::usage(text).hint(
        "start one that stays, `outcrop local --data FOLDER`, whose buckets are the folders in there, and name it: \
         --endpoint-url http://127.0.0.1:9473",
    ))
}

/// Does something that can be stopped with Ctrl-C; what is said then.
async fn unless_stopped<T>(
    work: impl Future<Output = Result<T, Failure>>,
    stopped: impl FnOnce() -> Failure,
) -> Result<T, Failure> {
    tokio::select! {
        biased;
        outcome = work => outcome,
        // Where signals cannot be waited for, they end the program.
        Ok(()) = tokio::signal::ctrl_c() => Err(stopped()),
    }
}

/// How to go on with a job that nobody waits for any more.
fn to_go_on(arn: &str, account: &Account) -> String {
    let flags = account.typed();
    format!(
        "the job goes on: `outcrop batch status {arn}{flags}` tells how far it is, `outcrop batch results {arn}{flags}` \
         what came of it"
    )
}
