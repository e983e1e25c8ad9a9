//! `outcrop whoami`

use clap::Args;

use super::Account;

/// Say who calls: account, ARN and user id of AWS keys, or what a Bedrock API key says of itself
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Whoami {
    /// Print it as JSON
    #[arg(long)]
    pub(crate) json: bool,

    #[command(flatten)]
    pub(crate) account: Account,
}

const EXAMPLES: &str = "\
Examples:
  outcrop whoami
  outcrop whoami --profile work --json | jq -r .account";
