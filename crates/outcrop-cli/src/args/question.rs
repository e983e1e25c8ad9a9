//! One question and what belongs to it: the flags that `ask` and `count` share.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, ValueHint};

use super::Request;

/// One question and what belongs to it
#[derive(Args, Debug)]
pub(crate) struct Question {
    /// The question; standard input is added to it, or is it (in a loop, </dev/null keeps it out)
    pub(crate) prompt: Vec<String>,

    #[command(flatten)]
    pub(crate) request: Request,

    /// A file with a JSON schema: the answer is JSON that fits it, or the program fails
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with_all = ["tools", "tool_choice"],
        help_heading = "Request")]
    pub(crate) schema: Option<PathBuf>,

    /// A file with tool definitions, as a JSON array; the calls of the answer are printed as JSON, a line each
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Request")]
    pub(crate) tools: Option<PathBuf>,

    /// Whether a tool must be called: `auto`, `any`, `none`, or the name of one
    #[arg(long, value_name = "CHOICE", requires = "tools", help_heading = "Request")]
    pub(crate) tool_choice: Option<Choice>,
}

/// Whether a tool must be called.
#[derive(Clone, Debug)]
pub(crate) enum Choice {
    Auto,
    Any,
    None,
    Tool(String),
}

impl FromStr for Choice {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "auto" => Choice::Auto,
            "any" => Choice::Any,
            "none" => Choice::None,
            name => Choice::Tool(name.to_owned()),
        })
    }
}
