//! The entry point of `outcrop`: arguments in, exit code out.

mod answer;
mod args;
mod attach;
mod checkpoint;
mod commands;
mod data;
mod exit;
mod paste;
mod printer;
mod question;
mod render;
mod request;
mod schema;
mod session;
mod settings;

use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _};

use crate::args::{Arguments, Command};
use crate::exit::Failure;
use crate::paste::{Typed, pasted};
use crate::printer::Printer;

fn main() -> ExitCode {
    let matches = Arguments::command().get_matches();
    let typed = Typed::of(&matches);
    let arguments = Arguments::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    let printer = Printer::new(arguments.quiet, arguments.verbose);
    // One thread is enough: calls wait, they do not compute.
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return printer.failed(&Failure::new(format!("cannot start: {error}"))),
    };
    let outcome = runtime.block_on(async {
        match arguments.command {
            Command::Ask(ask) => commands::ask::run(ask, &printer).await,
            Command::Batch(batch) => commands::batch::run(batch, &printer).await,
            Command::Chat(chat) => commands::chat::run(chat, &printer).await,
            Command::Count(count) => commands::count::run(count, &printer).await,
            Command::Configure(configure) => commands::configure::run(*configure, &printer).await,
            Command::Doctor(doctor) => commands::doctor::run(doctor, &printer).await,
            Command::Local(local) => commands::local::run(local, &printer).await,
            Command::Logging(logging) => commands::logging::run(&logging, &printer).await,
            Command::Token(token) => commands::token::run(token, &printer).await,
            Command::Whoami(whoami) => commands::whoami::run(whoami, &printer).await,
            Command::Models(models) => commands::models::run(models, &printer).await,
            Command::Completions(completions) => commands::completions::run(&completions, &printer),
            Command::Man(man) => commands::man::run(&man, &printer),
        }
    });
    // A thread may still wait for a line that nobody needs.
    runtime.shutdown_background();
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(mut failure) => {
            failure.hint = failure.hint.map(|hint| pasted(&hint, &typed));
            printer.failed(&failure)
        }
    }
}
