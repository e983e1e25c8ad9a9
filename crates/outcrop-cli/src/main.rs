//! The entry point of `outcrop`: arguments in, exit code out.

mod args;
mod commands;
mod exit;
mod printer;
mod settings;

use std::process::ExitCode;

use clap::Parser as _;

use crate::args::{Arguments, Command};
use crate::exit::Failure;
use crate::printer::Printer;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let printer = Printer::new(arguments.quiet, arguments.verbose);
    // One thread is enough: calls wait, they do not compute.
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return printer.failed(&Failure::new(format!("cannot start: {error}"))),
    };
    let outcome = runtime.block_on(async {
        match arguments.command {
            Command::Ask(ask) => commands::ask::run(ask, &printer).await,
            Command::Local(local) => commands::local::run(local, &printer).await,
        }
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => printer.failed(&failure),
    }
}
