//! `outcrop logging`: what Bedrock logs of its calls.

mod beside;
mod bucket;
mod disable;
mod enable;
mod filter;
mod folder;
mod group;
mod media;
mod read;
mod regions;
mod show;
mod source;
mod status;

use crate::args::{Logging, LoggingCommand};
use crate::exit::Failure;
use crate::printer::Printer;

pub(crate) async fn run(arguments: &Logging, printer: &Printer) -> Result<(), Failure> {
    match &arguments.command {
        LoggingCommand::Status(status) => status::run(status, printer).await,
        LoggingCommand::Enable(enable) => enable::run(enable, printer).await,
        LoggingCommand::Disable(disable) => disable::run(disable, printer).await,
        LoggingCommand::Read(read) => read::run(read, printer).await,
    }
}
