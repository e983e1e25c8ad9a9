//! Whose account, and where: the flags of verbs that ask about the account.

use clap::Args;
use clap::builder::NonEmptyStringValueParser as Url;

/// Whose account, and where
#[derive(Args, Debug)]
#[command(next_help_heading = "Connection")]
pub(crate) struct Account {
    /// Ask the local Bedrock inside this program: no account, no network
    #[arg(long, global = true, conflicts_with_all = ["profile", "endpoint_url"])]
    pub(crate) local: bool,

    /// The AWS region [default: AWS_REGION, AWS_DEFAULT_REGION, the AWS profile's]
    #[arg(long, global = true, value_name = "REGION")]
    pub(crate) region: Option<String>,

    /// The AWS profile [default: AWS_PROFILE, `default`]
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) profile: Option<String>,

    /// Where to call in place of AWS's own hosts
    #[arg(long, global = true, value_name = "URL", value_parser = Url::new(), value_hint = clap::ValueHint::Url)]
    pub(crate) endpoint_url: Option<String>,
}

impl Account {
    /// The flags as they were typed, with a space before each: for a command that goes on with the same.
    pub(crate) fn typed(&self) -> String {
        let flags = [("region", &self.region), ("profile", &self.profile), ("endpoint-url", &self.endpoint_url)];
        flags.iter().filter_map(|(flag, value)| Some(format!(" --{flag} {}", value.as_deref()?))).collect()
    }
}
