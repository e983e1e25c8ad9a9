//! `outcrop models`

use clap::{Args, Subcommand};

use super::Account;
use super::model::ModelName;

/// List the models: ids, scopes, window, price, and whether the account has them
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES, args_conflicts_with_subcommands = false)]
pub(crate) struct Models {
    #[command(subcommand)]
    pub(crate) which: Option<Which>,

    /// Ask nobody: what the built-in catalogue knows
    #[arg(long, global = true, conflicts_with_all = ["local", "profile", "endpoint_url"])]
    pub(crate) offline: bool,

    /// Print it as JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,

    /// Ask for each model whether the account may use it: one call more a model
    #[arg(long, conflicts_with = "offline")]
    pub(crate) access: bool,

    #[command(flatten)]
    pub(crate) account: Account,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Which {
    /// Everything that is known of one model
    Show {
        /// A name such as opus, or a model's id
        #[arg(value_name = "MODEL", value_parser = ModelName)]
        model: String,
    },
    /// From which regions a model can be called, and where it is processed (from the built-in catalogue)
    Regions {
        /// A name such as opus, or a model's id
        #[arg(value_name = "MODEL", value_parser = ModelName)]
        model: String,
    },
}

const EXAMPLES: &str = "\
Examples:
  outcrop models
  outcrop models --region eu-west-1 --access
  outcrop models show opus
  outcrop models regions sonnet --json
  outcrop models --offline --json | jq -r '.[].id'";
