//! `outcrop man`

use clap::Args;

/// Print a manual page
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Man {
    /// The subcommand, `ask` or `logging-read`; without one, the page of the program
    pub(crate) command: Option<String>,

    /// Every page, one after the other
    #[arg(long, conflicts_with = "command")]
    pub(crate) all: bool,
}

const EXAMPLES: &str = "\
Examples:
  outcrop man > outcrop.1
  outcrop man ask > outcrop-ask.1
  outcrop man --all | man -l -";
