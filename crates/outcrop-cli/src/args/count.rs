//! `outcrop count`

use clap::Args;

use super::{Connection, Question};

/// Count the input tokens of a question without asking it
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Count {
    #[command(flatten)]
    pub(crate) question: Question,

    #[command(flatten)]
    pub(crate) connection: Connection,
}

const EXAMPLES: &str = "\
Examples:
  outcrop count \"How long is this?\"
  outcrop count -m haiku -f src/
  outcrop count --local < notes.txt";
