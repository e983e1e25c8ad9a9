//! `outcrop configure`

use clap::{Args, Subcommand};

/// Write keys, region, SSO and roles into the AWS files, as `aws configure` does, or list what is set and where
///
/// Asked nothing at a terminal it prompts for keys, region and output format; Enter keeps what is there. From a pipe it
/// reads the same four as lines. Everything else in the files stays as it is, to the byte.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Configure {
    #[command(subcommand)]
    pub(crate) verb: Option<ConfigureVerb>,

    /// The AWS profile [default: AWS_PROFILE, `default`]
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) profile: Option<String>,

    /// Write a region that is not known here
    #[arg(long, global = true)]
    pub(crate) any_region: bool,

    #[command(flatten)]
    pub(crate) keys: Keys,

    #[command(flatten)]
    pub(crate) properties: Properties,
}

/// Keys. A secret is never taken from the command line, where other users of the machine see it
#[derive(Args, Debug)]
#[command(next_help_heading = "Keys")]
pub(crate) struct Keys {
    /// The access key id; with `-` a line of standard input
    #[arg(long, value_name = "ID")]
    pub(crate) access_key_id: Option<String>,

    /// Where the secret access key is: `-` is a line of standard input, `env:NAME` a variable, `file:PATH` a file
    #[arg(long, value_name = "WHERE", allow_hyphen_values = true)]
    pub(crate) secret_access_key: Option<String>,

    /// Where the session token of temporary keys is
    #[arg(long, value_name = "WHERE", allow_hyphen_values = true)]
    pub(crate) session_token: Option<String>,
}

/// What else a profile says
#[derive(Args, Debug)]
#[command(next_help_heading = "Profile")]
pub(crate) struct Properties {
    /// The region
    #[arg(long, value_name = "REGION")]
    pub(crate) region: Option<String>,

    /// The output format of the aws command line: json, yaml, yaml-stream, text, table, off
    #[arg(long, value_name = "FORMAT")]
    pub(crate) output: Option<String>,

    /// Where calls go in place of AWS's own hosts
    #[arg(long, value_name = "URL", value_hint = clap::ValueHint::Url)]
    pub(crate) endpoint_url: Option<String>,

    /// A file of the certificates to trust in place of the system's
    #[arg(long, value_name = "PATH", value_hint = clap::ValueHint::FilePath)]
    pub(crate) ca_bundle: Option<String>,

    /// The SSO session: its section is written with --sso-start-url and --sso-region
    #[arg(long, value_name = "NAME", help_heading = "SSO")]
    pub(crate) sso_session: Option<String>,

    /// The URL of the access portal
    #[arg(long, value_name = "URL", help_heading = "SSO")]
    pub(crate) sso_start_url: Option<String>,

    /// The region of the access portal
    #[arg(long, value_name = "REGION", help_heading = "SSO")]
    pub(crate) sso_region: Option<String>,

    /// What the session is for [default of a new session: sso:account:access]
    #[arg(long, value_name = "SCOPES", requires = "sso_session", help_heading = "SSO")]
    pub(crate) sso_registration_scopes: Option<String>,

    /// The account, by its twelve digits
    #[arg(long, value_name = "ID", help_heading = "SSO")]
    pub(crate) sso_account_id: Option<String>,

    /// The role in that account
    #[arg(long, value_name = "NAME", help_heading = "SSO")]
    pub(crate) sso_role_name: Option<String>,

    /// The role to assume
    #[arg(long, value_name = "ARN", help_heading = "Role")]
    pub(crate) role_arn: Option<String>,

    /// The profile that assumes it
    #[arg(long, value_name = "NAME", conflicts_with = "credential_source", help_heading = "Role")]
    pub(crate) source_profile: Option<String>,

    /// Where the keys are that assume it
    #[arg(
        long,
        value_name = "SOURCE",
        value_parser = ["Environment", "Ec2InstanceMetadata", "EcsContainer"],
        help_heading = "Role"
    )]
    pub(crate) credential_source: Option<String>,

    /// What the owner of the role asks for
    #[arg(long, value_name = "ID", help_heading = "Role")]
    pub(crate) external_id: Option<String>,

    /// The name of its sessions
    #[arg(long, value_name = "NAME", help_heading = "Role")]
    pub(crate) role_session_name: Option<String>,

    /// The file of the token that is exchanged for it
    #[arg(
        long,
        value_name = "PATH",
        conflicts_with_all = ["source_profile", "credential_source"],
        value_hint = clap::ValueHint::FilePath,
        help_heading = "Role"
    )]
    pub(crate) web_identity_token_file: Option<String>,
}

impl Properties {
    /// Those of the profile itself that were typed, by their keys in the files.
    pub(crate) fn typed(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let all = [
            ("region", &self.region),
            ("output", &self.output),
            ("endpoint_url", &self.endpoint_url),
            ("ca_bundle", &self.ca_bundle),
            ("sso_session", &self.sso_session),
            ("sso_start_url", &self.sso_start_url),
            ("sso_region", &self.sso_region),
            ("sso_registration_scopes", &self.sso_registration_scopes),
            ("sso_account_id", &self.sso_account_id),
            ("sso_role_name", &self.sso_role_name),
            ("role_arn", &self.role_arn),
            ("source_profile", &self.source_profile),
            ("credential_source", &self.credential_source),
            ("external_id", &self.external_id),
            ("role_session_name", &self.role_session_name),
            ("web_identity_token_file", &self.web_identity_token_file),
        ];
        all.into_iter().filter_map(|(key, value)| Some((key, value.as_deref()?)))
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigureVerb {
    /// List every setting, where it is said, and what overrides what
    List {
        /// Print it as JSON
        #[arg(long)]
        json: bool,
    },
    /// Print a property of a profile
    Get {
        /// A key (`region`), or `default.KEY`, `profile.NAME.KEY`, `sso-session.NAME.KEY`
        #[arg(value_name = "KEY")]
        key: String,

        /// Print it although it is a secret
        #[arg(long)]
        reveal: bool,
    },
    /// Set a property of a profile
    Set {
        /// A key (`region`), or `default.KEY`, `profile.NAME.KEY`, `sso-session.NAME.KEY`
        #[arg(value_name = "KEY")]
        key: String,

        /// Its value; of a secret, where it is: `-`, `env:NAME`, `file:PATH`
        #[arg(value_name = "VALUE", allow_hyphen_values = true)]
        value: String,
    },
    /// Remove a property of a profile
    Unset {
        /// A key (`region`), or `default.KEY`, `profile.NAME.KEY`
        #[arg(value_name = "KEY")]
        key: String,
    },
}

const EXAMPLES: &str = "\
The files are ~/.aws/config and ~/.aws/credentials, or those that AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE name. They \
are written whole or not at all, readable by their owner alone.

Examples:
  outcrop configure
  outcrop configure --profile work --region eu-west-1
  pass aws/secret | outcrop configure --profile work --access-key-id AKIAIOSFODNN7EXAMPLE --secret-access-key -
  outcrop configure --profile dev --sso-session corp --sso-start-url https://corp.awsapps.com/start \\
    --sso-region eu-west-1 --sso-account-id 123456789012 --sso-role-name Developer
  outcrop configure --profile app --role-arn arn:aws:iam::123456789012:role/app --source-profile work
  outcrop configure list --profile work";
