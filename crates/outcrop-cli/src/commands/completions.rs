//! `outcrop completions`: the completions of a shell, from the declaration of the arguments.

use clap::CommandFactory as _;
use clap_complete::Shell;

use crate::args::{self, Arguments};
use crate::exit::Failure;
use crate::printer::Printer;

pub(crate) fn run(completions: &args::Completions, printer: &Printer) -> Result<(), Failure> {
    let shell = match completions.shell {
        args::Shell::Bash => Shell::Bash,
        args::Shell::Zsh => Shell::Zsh,
        args::Shell::Fish => Shell::Fish,
    };
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "outcrop", &mut script);
    Ok(printer.rendered(&String::from_utf8_lossy(&script))?)
}
