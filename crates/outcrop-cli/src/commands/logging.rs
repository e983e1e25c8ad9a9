//! `outcrop logging`: what Bedrock logs of its calls.

mod filter;
mod folder;
mod read;
mod show;

use crate::args::{Logging, LoggingCommand};
use crate::exit::Failure;
use crate::printer::Printer;

pub(crate) fn run(arguments: &Logging, printer: &Printer) -> Result<(), Failure> {
    match &arguments.command {
        LoggingCommand::Read(read) => read::run(read, printer),
    }
}
