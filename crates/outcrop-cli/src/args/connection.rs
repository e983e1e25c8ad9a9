//! Where to call, and as whom: the flags of every verb that calls.

use std::path::PathBuf;

use clap::Args;
use clap::builder::NonEmptyStringValueParser as Url;
use outcrop::DefaultScope;
use outcrop::failover::{FailoverTarget, Residency};

use super::model::ScopeName;
use super::surface::{SurfaceName, Way};

/// Where to call, and as whom
#[derive(Args, Debug)]
#[command(next_help_heading = "Connection")]
pub(crate) struct Connection {
    /// Ask the local Bedrock inside this program: no account, no network
    #[arg(long, conflicts_with_all = ["profile", "endpoint_url", "mantle_url"])]
    pub(crate) local: bool,

    /// The AWS region [default: AWS_REGION, AWS_DEFAULT_REGION, the AWS profile's]
    #[arg(long, value_name = "REGION")]
    pub(crate) region: Option<String>,

    /// Where a model that is named without a scope may be processed: anywhere, in one geography, in that of the region
    /// (`geo`), or in the region alone [default: the widest that the region has]
    #[arg(long, value_name = "SCOPE", value_parser = ScopeName)]
    pub(crate) scope: Option<DefaultScope>,

    /// By which way in [default: OUTCROP_SURFACE, or `auto`: InvokeModel, or where that has not the model or not what is
    /// needed, another one that has]
    #[arg(long, value_name = "SURFACE", value_parser = SurfaceName)]
    pub(crate) surface: Option<Way>,

    /// Where else to call when that is busy or out of order, in this order: `us-west-2`, `eu-west-1:eu`, `:global`,
    /// `us-west-2@PROFILE`; several with commas between
    #[arg(long, value_name = "REGION[:SCOPE][@PROFILE]", value_delimiter = ',')]
    pub(crate) failover: Vec<FailoverTarget>,

    /// Where requests may be processed, and nowhere else: a geography (us, eu, ...), or regions with commas between. What
    /// would leave it is refused before anything is sent
    #[arg(long, value_name = "GEOGRAPHY|REGIONS")]
    pub(crate) residency: Option<Residency>,

    /// The AWS profile [default: AWS_PROFILE, `default`]
    #[arg(long, value_name = "NAME")]
    pub(crate) profile: Option<String>,

    /// Where to call in place of AWS's own host
    #[arg(long, value_name = "URL", value_parser = Url::new(), value_hint = clap::ValueHint::Url)]
    pub(crate) endpoint_url: Option<String>,

    /// Where to call for the surface `mantle`, in place of AWS's own host and of --endpoint-url; a local Bedrock has it at
    /// http://ADDRESS:PORT/mantle [default: ANTHROPIC_BEDROCK_MANTLE_BASE_URL]
    #[arg(long, value_name = "URL", value_parser = Url::new(), value_hint = clap::ValueHint::Url)]
    pub(crate) mantle_url: Option<String>,

    /// Say nothing of who calls: the gateway at --endpoint-url adds it
    #[arg(long, conflicts_with_all = ["local", "profile"])]
    pub(crate) skip_auth: bool,

    /// Send the request as it is or not at all: what the model does not take is an error; else it is left out or
    /// translated, and told
    #[arg(long)]
    pub(crate) strict: bool,

    /// Have the pages of PDFs seen where a surface gives the model only their text: switches citations on
    #[arg(long)]
    pub(crate) visual: bool,

    /// What models take, before the built-in table: a JSON list of {"model", "surface", "key", "value"}
    /// [default: OUTCROP_CAPABILITIES]
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub(crate) capabilities: Option<PathBuf>,
}
