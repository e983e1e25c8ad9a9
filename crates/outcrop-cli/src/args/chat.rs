//! `outcrop chat`

use clap::Args;

use super::{Connection, Handling, Request};

/// Talk with a model, turn by turn; every session is kept and can be resumed
#[derive(Args, Debug)]
#[command(after_help = MORE)]
pub(crate) struct Chat {
    /// Go on with the session that was used last
    #[arg(short = 'c', long = "continue", conflicts_with_all = ["resume", "no_save"])]
    pub(crate) continues: bool,

    /// Go on with this session; without a name, list the sessions
    #[arg(long, value_name = "NAME", num_args = 0..=1, conflicts_with = "no_save")]
    pub(crate) resume: Option<Option<String>>,

    /// Keep nothing of this session
    #[arg(long)]
    pub(crate) no_save: bool,

    #[command(flatten)]
    pub(crate) request: Request,

    #[command(flatten)]
    pub(crate) handling: Handling,

    #[command(flatten)]
    pub(crate) connection: Connection,
}

const MORE: &str = "\
Ctrl-C stops an answer and keeps what came of it; Ctrl-D ends the chat. A line that ends with a backslash goes on in \
the next; so does everything between two \"\"\". A line that begins with a slash is a command (/help lists them); two \
slashes stand for one that is none.

Where standard input or output is not a terminal, each line of the input is a turn, and one that fails or is stopped \
ends the program.

Sessions are JSON files that only their owner can read, in $XDG_DATA_HOME/outcrop/sessions, or else \
~/.local/share/outcrop/sessions.

Examples:
  outcrop chat
  outcrop chat -m sonnet -s \"Be brief\" -f notes.md
  outcrop chat -c
  outcrop chat --resume                     (list)
  outcrop chat --resume 20260301-091500
  printf 'Hello\\nAnd now in French\\n' | outcrop chat --local";
