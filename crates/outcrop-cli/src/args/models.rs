//! `outcrop models`

use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use outcrop::Scope;

use super::model::ModelName;
use super::{Access, Account, Profiles};

/// List the models: ids, scopes, regions, window, price, end of life, and whether the account may use them
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES, args_conflicts_with_subcommands = false)]
pub(crate) struct Models {
    #[command(subcommand)]
    pub(crate) which: Option<Which>,

    /// Ask nobody: what the built-in catalogue knows
    #[arg(long, conflicts_with_all = ["local", "profile", "endpoint_url"])]
    pub(crate) offline: bool,

    /// Print it as JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,

    /// Do not ask for each model whether the account may use it, which is one call more a model
    #[arg(long)]
    pub(crate) no_access: bool,

    #[command(flatten)]
    pub(crate) filter: ModelsFilter,

    #[command(flatten)]
    pub(crate) account: Account,
}

/// Which of the models are listed.
#[derive(Args, Debug)]
#[command(next_help_heading = "Which")]
pub(crate) struct ModelsFilter {
    /// Only those whose name or id holds this
    #[arg(long, value_name = "TEXT")]
    pub(crate) name: Option<String>,

    /// Only those that can be called in this scope, and what they cost there
    #[arg(long, value_name = "SCOPE", value_parser = PossibleValuesParser::new(Scope::all().map(|scope| scope.as_str())))]
    pub(crate) scope: Option<String>,

    /// Only those that the account may use
    #[arg(long, conflicts_with_all = ["offline", "no_access"])]
    pub(crate) granted: bool,

    /// Only those whose end AWS has announced
    #[arg(long)]
    pub(crate) ending: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Which {
    /// Everything that is known of one model
    Show {
        /// A name such as opus, a model's id, or the ARN of a profile
        #[arg(value_name = "MODEL", value_parser = ModelName)]
        model: String,

        /// Ask nobody: what the built-in catalogue knows
        #[arg(long, conflicts_with_all = ["local", "profile", "endpoint_url"])]
        offline: bool,
    },
    /// Inference profiles: AWS's own, and the account's, by which costs are told apart
    Profiles(Profiles),
    /// From which regions a model can be called, and where it is processed (from the built-in catalogue)
    Regions {
        /// A name such as opus, or a model's id
        #[arg(value_name = "MODEL", value_parser = ModelName)]
        model: String,

        /// As it is in any case
        #[arg(long, hide = true)]
        offline: bool,
    },
    /// Access to models: what stands, and how it is asked for
    Access(Access),
}

const EXAMPLES: &str = "\
Examples:
  outcrop models
  outcrop models --region eu-west-1 --scope eu --granted
  outcrop models --name opus --no-access
  outcrop models show opus
  outcrop models regions sonnet --json
  outcrop models access request opus
  outcrop models profiles create \"team a\" --from us.opus
  outcrop models --offline --json | jq -r '.[].id'";
