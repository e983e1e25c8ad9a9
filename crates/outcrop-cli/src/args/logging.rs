//! `outcrop logging`

mod read;
mod set;

use clap::builder::NonEmptyStringValueParser as Url;
use clap::{Args, Subcommand};

pub(crate) use self::read::LoggingRead;
pub(crate) use self::set::{InRegions, LoggingDisable, LoggingEnable, LoggingStatus};

/// Have Bedrock log its calls, and read what it logs
#[derive(Args, Debug)]
pub(crate) struct Logging {
    #[command(subcommand)]
    pub(crate) command: LoggingCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum LoggingCommand {
    /// Say whether and where calls are logged, and for how long that is kept
    Status(LoggingStatus),
    /// Have calls logged, in S3 or in CloudWatch
    Enable(LoggingEnable),
    /// Have calls logged no longer; what is logged stays
    Disable(LoggingDisable),
    /// List the calls of an invocation log, show them as conversations, or export them
    Read(LoggingRead),
}

/// Whose account
#[derive(Args, Debug)]
#[command(next_help_heading = "Connection")]
pub(crate) struct Reach {
    /// Ask the local Bedrock inside this program: no account, no network
    #[arg(long, conflicts_with_all = ["profile", "endpoint_url"])]
    pub(crate) local: bool,

    /// The AWS profile [default: AWS_PROFILE, `default`]
    #[arg(long, value_name = "NAME")]
    pub(crate) profile: Option<String>,

    /// Where to call in place of AWS's own hosts
    #[arg(long, value_name = "URL", value_parser = Url::new(), value_hint = clap::ValueHint::Url)]
    pub(crate) endpoint_url: Option<String>,
}
