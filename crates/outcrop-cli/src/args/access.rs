//! `outcrop models access`

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::model::ModelName;

/// Access to models: what stands, and how it is asked for
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Access {
    #[command(subcommand)]
    pub(crate) which: AccessCommand,

    /// It is refused, and told why
    #[arg(long, global = true, hide = true)]
    pub(crate) offline: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AccessCommand {
    /// Say whether the account may use models: form, agreement, permission, region, data retention
    Status {
        /// Names such as opus, or ids [default: every model of Anthropic's that the region has]
        #[arg(value_name = "MODEL", value_parser = ModelName)]
        models: Vec<String>,

        /// In every region from which the model can be called
        #[arg(long, conflicts_with = "region", requires = "models")]
        all_regions: bool,
    },
    /// Ask for access to a model: fill in Anthropic's form where the account has not, show the offer, and agree to it
    Request(AccessRequest),
    /// Say who may keep what models are asked and answer in the region, or set it
    Retention {
        /// What may be kept: default, none, aws_review, provider_data_share, inherit
        mode: Option<String>,
    },
}

#[derive(Args, Debug)]
pub(crate) struct AccessRequest {
    /// A name such as opus, or a model's id
    #[arg(value_name = "MODEL", value_parser = ModelName)]
    pub(crate) model: String,

    /// Agree without being asked: to the offer's terms and prices
    #[arg(long, visible_alias = "accept-terms")]
    pub(crate) yes: bool,

    #[command(flatten)]
    pub(crate) form: UseCaseFlags,
}

/// Anthropic's form about what its models are used for. Once for an account; not asked for again where it is there.
#[derive(Args, Debug)]
#[command(next_help_heading = "Anthropic's form")]
pub(crate) struct UseCaseFlags {
    /// The form as a JSON file: companyName, companyWebsite, intendedUsers, industryOption, otherIndustryOption, useCases
    #[arg(long, value_name = "FILE", conflicts_with_all = ["company_name", "company_website", "intended_users", "industry", "other_industry", "use_cases"])]
    pub(crate) use_case: Option<PathBuf>,

    /// The company
    #[arg(long, value_name = "NAME")]
    pub(crate) company_name: Option<String>,

    /// Its web site
    #[arg(long, value_name = "URL")]
    pub(crate) company_website: Option<String>,

    /// Who will use the models: the company itself, its customers, or both
    #[arg(long, value_name = "WHO")]
    pub(crate) intended_users: Option<IntendedUsers>,

    /// Its industry, by AWS's name, such as Education; Other where AWS has none
    #[arg(long, value_name = "INDUSTRY")]
    pub(crate) industry: Option<String>,

    /// Its industry in words of one's own
    #[arg(long, value_name = "INDUSTRY")]
    pub(crate) other_industry: Option<String>,

    /// What the models are used for
    #[arg(long, value_name = "TEXT")]
    pub(crate) use_cases: Option<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum IntendedUsers {
    Internal,
    External,
    Both,
}

const EXAMPLES: &str = "\
Examples:
  outcrop models access status
  outcrop models access status opus --all-regions --json
  outcrop models access request opus
  outcrop models access request opus --yes --use-case form.json
  outcrop models access request opus --yes --company-name Example --company-website https://example.com \\
    --intended-users internal --industry Education --use-cases \"Questions about our own texts\"
  outcrop models access retention aws_review --region us-west-2";
