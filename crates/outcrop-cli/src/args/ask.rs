//! `outcrop ask`

use clap::Args;

use super::{Connection, Handling, Question};

/// Ask a question and print the answer as it comes
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Ask {
    #[command(flatten)]
    pub(crate) question: Question,

    /// Wait for the whole answer
    #[arg(long, help_heading = "Output")]
    pub(crate) no_stream: bool,

    /// Print the message as JSON
    #[arg(long, conflicts_with = "stream_json", help_heading = "Output")]
    pub(crate) json: bool,

    /// Print each event of the stream as it comes, a line of JSON each
    #[arg(long, conflicts_with_all = ["no_stream", "schema"], help_heading = "Output")]
    pub(crate) stream_json: bool,

    /// Print the request and the reasons behind it, and send nothing
    #[arg(long, help_heading = "Output")]
    pub(crate) dry_run: bool,

    #[command(flatten)]
    pub(crate) handling: Handling,

    #[command(flatten)]
    pub(crate) connection: Connection,
}

const EXAMPLES: &str = "\
Examples:
  outcrop ask \"What is an outcrop?\"
  git diff | outcrop ask -m sonnet \"Review this change\"
  outcrop ask -f report.pdf -f chart.png \"Does the chart fit the report?\"
  outcrop ask -f src/ --cache=1h \"Where are errors decided?\"
  outcrop ask --schema person.json -f letter.txt \"Who wrote this?\" | jq .name
  outcrop ask --thinking 8000 --effort high \"Prove that there are infinitely many primes\"
  outcrop ask --tools tools.json --tool-choice any \"Weather in Oslo?\"
  outcrop ask --local \"No account, no network\"";
