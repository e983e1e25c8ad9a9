//! `outcrop batch`: many requests answered in the background, for half the price.

mod create;
mod input;
mod jobs;
mod print;
mod results;
mod wait;

use crate::args::{Batch, BatchCommand};
use crate::exit::Failure;
use crate::printer::Printer;
use crate::settings;

pub(crate) async fn run(batch: Batch, printer: &Printer) -> Result<(), Failure> {
    let Batch { command, account } = batch;
    if let BatchCommand::Create(create) = command {
        return create::run(create, &account, printer).await;
    }
    let client = settings::account(&account, printer).await?;
    client.reasons().for_each(|reason| printer.explain(reason));
    match command {
        BatchCommand::Create(_) => Ok(()),
        BatchCommand::Status { job, json } => jobs::status(&client, &job, json, printer).await,
        BatchCommand::List(list) => jobs::list(&client, &list, printer).await,
        BatchCommand::Stop { job } => jobs::stop(&client, &job, printer).await,
        BatchCommand::Results(asked) => results::run(&client, &asked, printer).await,
    }
}
