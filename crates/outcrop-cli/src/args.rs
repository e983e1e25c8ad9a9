//! What was typed. What it means is decided in `settings` and the commands.

mod ask;
mod local;

use clap::{ArgAction, Parser, Subcommand};

pub(crate) use ask::Ask;
pub(crate) use local::Local;

use crate::exit;

/// Claude on Amazon Bedrock, with a local Bedrock inside
#[derive(Debug, Parser)]
#[command(name = "outcrop", version, about, after_help = exit::help(), max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,

    /// Only the answer, warnings and errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,

    /// Say what is decided and tried
    #[arg(short, long, global = true, action = ArgAction::SetTrue)]
    pub(crate) verbose: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Ask a question and print the answer as it comes
    Ask(Ask),
    /// Serve a local Bedrock for tests and development
    Local(Local),
}
