//! `outcrop ask`

use clap::Args;

/// Ask a question and print the answer as it comes
#[derive(Args, Debug)]
pub(crate) struct Ask {
    /// The question; standard input is added to it, or is it (in a loop, </dev/null keeps it out)
    pub(crate) prompt: Vec<String>,

    /// A name (`opus`, `sonnet`, `haiku`, `claude-opus-4-6`), an id, or an ARN
    #[arg(short, long, value_name = "MODEL", default_value = "global.anthropic.claude-opus-4-6-v1",
        value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub(crate) model: String,

    /// The system prompt
    #[arg(short, long, value_name = "TEXT")]
    pub(crate) system: Option<String>,

    /// The most tokens that may be generated
    #[arg(long, value_name = "N", default_value_t = 4096, allow_negative_numbers = true, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) max_tokens: u32,

    /// Wait for the whole answer
    #[arg(long)]
    pub(crate) no_stream: bool,

    /// Print the message as JSON
    #[arg(long)]
    pub(crate) json: bool,

    /// Print the request and the reasons behind it, and send nothing
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// Ask the local Bedrock inside this program: no account, no network
    #[arg(long, conflicts_with_all = ["profile", "endpoint_url"])]
    pub(crate) local: bool,

    #[command(flatten)]
    pub(crate) connection: Connection,
}

/// Where to call, and as whom
#[derive(Args, Debug)]
pub(crate) struct Connection {
    /// The AWS region [default: AWS_REGION, AWS_DEFAULT_REGION, the AWS profile's]
    #[arg(long, value_name = "REGION")]
    pub(crate) region: Option<String>,

    /// The AWS profile [default: AWS_PROFILE, `default`]
    #[arg(long, value_name = "NAME")]
    pub(crate) profile: Option<String>,

    /// Where to call in place of AWS's own host
    #[arg(long, value_name = "URL")]
    pub(crate) endpoint_url: Option<String>,
}
