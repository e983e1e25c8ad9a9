//! `outcrop models profiles`

use clap::{Args, Subcommand, ValueEnum};

use super::model::ModelName;

/// Inference profiles: AWS's own, and the account's, by which costs are told apart
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES, args_conflicts_with_subcommands = false)]
pub(crate) struct Profiles {
    #[command(subcommand)]
    pub(crate) what: Option<ProfilesVerb>,

    /// It is refused, and told why
    #[arg(long, global = true, hide = true)]
    pub(crate) offline: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ProfilesVerb {
    /// List them (what happens where no verb is given)
    List {
        /// Only those of this kind
        #[arg(long = "type", value_name = "KIND", value_enum)]
        kind: Option<ProfileKind>,
    },
    /// Make one of the account's own, and print its ARN, by which it is called
    Create(CreateProfile),
    /// Everything that is known of one
    Show {
        /// The name of one of the account's own, or an id or an ARN; `us.opus` is understood
        #[arg(value_name = "PROFILE", value_parser = ModelName)]
        which: String,
    },
    /// End one of the account's own
    Delete {
        /// Its name, its id or its ARN
        #[arg(value_name = "PROFILE")]
        which: String,
    },
}

#[derive(Args, Debug)]
pub(crate) struct CreateProfile {
    /// Its name, for people
    #[arg(value_name = "NAME")]
    pub(crate) name: String,

    /// What it is made of: `us.opus`, an id or an ARN of a model or of one of AWS's own profiles
    #[arg(long, value_name = "MODEL", value_parser = ModelName)]
    pub(crate) from: String,

    /// What it is for
    #[arg(long, value_name = "TEXT")]
    pub(crate) description: Option<String>,

    /// A tag, by which costs are told apart; may be given again
    #[arg(long = "tag", value_name = "KEY=VALUE", value_parser = tag)]
    pub(crate) tags: Vec<(String, String)>,
}

/// Whose profiles.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ProfileKind {
    /// AWS's
    System,
    /// The account's own
    Application,
}

fn tag(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or_else(|| "a tag is written KEY=VALUE".to_owned())?;
    Ok((key.to_owned(), value.to_owned()))
}

const EXAMPLES: &str = "\
Examples:
  outcrop models profiles
  outcrop models profiles create \"team a\" --from us.opus --tag cost-centre=42
  outcrop ask -m arn:aws:bedrock:...:application-inference-profile/... Hello
  outcrop models profiles show us.opus
  outcrop models profiles delete \"team a\"";
