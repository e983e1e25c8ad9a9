//! What is asked for, and how: the flags that `ask`, `chat` and `count` share.

use std::path::PathBuf;
use std::str::FromStr;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, ValueEnum, ValueHint};

use super::model::ModelName;

/// What is asked for, and how
#[derive(Args, Debug)]
#[command(next_help_heading = "Request")]
pub(crate) struct Request {
    /// A name (`opus`, `sonnet`, `haiku`, `claude-opus-4-6`), an id, or an ARN
    /// [default: global.anthropic.claude-opus-4-6-v1]
    #[arg(short, long, value_name = "MODEL", value_parser = ModelName, hide_possible_values = true)]
    pub(crate) model: Option<String>,

    /// The system prompt
    #[arg(short, long, value_name = "TEXT", value_hint = ValueHint::Other)]
    pub(crate) system: Option<String>,

    /// A file to ask about, or every file of a folder, or `-` for standard input: text, image or PDF, told by its
    /// content; may be given again
    #[arg(short, long = "file", value_name = "FILE|DIR|-", value_hint = ValueHint::AnyPath)]
    pub(crate) files: Vec<PathBuf>,

    /// The most tokens that may be generated, thinking included [default: 4096, and the budget of --thinking]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) max_tokens: Option<u32>,

    /// How much the model may think first: a budget in tokens, `adaptive`, or `off`
    #[arg(long, value_name = "N|adaptive|off", allow_negative_numbers = true)]
    pub(crate) thinking: Option<Thought>,

    /// How much work the answer is worth
    #[arg(long, value_name = "LEVEL")]
    pub(crate) effort: Option<Level>,

    /// Randomness, 0 to 1 (not taken by newer models)
    #[arg(long, value_name = "X", allow_negative_numbers = true, value_parser = share)]
    pub(crate) temperature: Option<f64>,

    /// Nucleus sampling, 0 to 1 (not taken by newer models)
    #[arg(long, value_name = "X", allow_negative_numbers = true, value_parser = share)]
    pub(crate) top_p: Option<f64>,

    /// A text at which the model stops; may be given again
    #[arg(long, value_name = "TEXT", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) stop: Vec<String>,

    /// Cache the prompt: up to the system prompt, and up to the last file or else the last question
    #[arg(long, value_name = "5m|1h", num_args = 0..=1, require_equals = true, default_missing_value = "5m")]
    pub(crate) cache: Option<Lifetime>,

    /// Ask for the context window of 1M tokens
    #[arg(long = "1m")]
    pub(crate) context_1m: bool,

    /// A beta flag to send along; may be given again
    #[arg(long, value_name = "FLAG", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) beta: Vec<String>,
}

/// How much the model may think.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Thought {
    Budget(u32),
    Adaptive,
    Off,
}

impl FromStr for Thought {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "adaptive" => Ok(Thought::Adaptive),
            "off" => Ok(Thought::Off),
            _ => match text.parse() {
                Ok(tokens) if tokens > 0 => Ok(Thought::Budget(tokens)),
                _ => Err("neither a number of tokens nor `adaptive` or `off`".to_owned()),
            },
        }
    }
}

/// How much work the answer is worth.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Level {
    Low,
    Medium,
    High,
    Xhigh,
    Max,
}

/// How long the prompt stays in the cache.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Lifetime {
    #[value(name = "5m")]
    FiveMinutes,
    #[value(name = "1h")]
    OneHour,
}

fn share(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
        _ => Err("not a number from 0 to 1".to_owned()),
    }
}
