//! `outcrop local`

use std::ffi::OsString;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use clap::Args;
use outcrop_local::{MANNERS, Trouble};

/// Serve a local Bedrock for tests and development
#[derive(Args, Debug)]
#[command(after_help = after_help())]
pub(crate) struct Local {
    /// Where to listen, on loopback where there is a port alone; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9473", value_parser = address)]
    pub(crate) listen: SocketAddr,

    /// Print shell lines that point AWS and Anthropic clients at it, and serve nothing:
    /// eval "$(outcrop local --env)"
    #[arg(long)]
    pub(crate) env: bool,

    /// With --env: a Bedrock API key in place of an access key
    #[arg(long, requires = "env")]
    pub(crate) bearer: bool,

    /// Speak TLS, beside plain HTTP on the same port: botocore sends a Bedrock API key over nothing else. With --env: let
    /// clients trust it (their variables for that take the place of the system's certificates)
    #[arg(long)]
    pub(crate) tls: bool,

    /// With --tls: where its authority is kept [default: outcrop/tls in the folder for data]
    #[arg(long, value_name = "FOLDER", requires = "tls")]
    pub(crate) tls_dir: Option<PathBuf>,

    /// Keep in a folder what is set up in the account, and its buckets: `s3://bucket/key` is FOLDER/bucket/key
    /// [default: kept in memory]
    #[arg(long, value_name = "FOLDER", conflicts_with = "env")]
    pub(crate) data: Option<PathBuf>,

    /// The account that it plays, who may call, and what they may use: a TOML file, `open`, which has everything, or
    /// `fresh`, where every model has to be asked for first. With --env: whose keys are printed
    #[arg(long, value_name = "FILE|WORD")]
    pub(crate) account: Option<Start>,

    /// The pause before each event of a stream, in milliseconds
    #[arg(long, value_name = "MILLISECONDS", default_value_t = 0, conflicts_with_all = ["env", "record"])]
    pub(crate) pace: u64,

    /// Refuse what AWS refuses today, where documentation still says otherwise; by default it passes with a warning. What
    /// that is stands below
    #[arg(long, conflicts_with_all = ["env", "replay", "record"])]
    pub(crate) strict: bool,

    /// Let calls go wrong: `throttle 10%`, `overload every 5`, `mid-stream ThrottlingException after 3 of opus`; may be
    /// given several times. A call's own header x-outcrop-fault takes the same words
    #[arg(long, value_name = "WORDS", conflicts_with = "env")]
    pub(crate) fault: Vec<Trouble>,

    /// Throttle as the quotas of an account do, by model and kind of id: `default` (AWS's, as far as they are known),
    /// `new-account` (none), or a TOML file of `[[quota]]` with model, way (on-demand, cross-region, global), requests,
    /// tokens and tokens_a_day. They win over `quotas` of the account file
    #[arg(long, value_name = "WORD|FILE", conflicts_with = "env")]
    pub(crate) quotas: Option<QuotasFrom>,

    /// Throttle a model above so many requests a minute
    #[arg(long, value_name = "REQUESTS", conflicts_with = "env")]
    pub(crate) rpm: Option<u64>,

    /// Throttle a model above so many tokens a minute: input and max_tokens, settled when the answer is there
    #[arg(long, value_name = "TOKENS", conflicts_with = "env")]
    pub(crate) tpm: Option<u64>,

    /// Make ids, padding and what goes wrong by chance the same in every run
    #[arg(long, value_name = "NUMBER", conflicts_with = "env")]
    pub(crate) seed: Option<u64>,

    /// Answer by the rules of a TOML file; the mirror answers what no rule does
    #[arg(long, value_name = "FILE", conflicts_with_all = ["env", "replay", "record"])]
    pub(crate) script: Option<PathBuf>,

    /// Answer with the exchanges of a recording
    #[arg(long, value_name = "FILE", conflicts_with_all = ["env", "record"])]
    pub(crate) replay: Option<PathBuf>,

    /// With --replay: where no exchange fits, play the next one that was not played
    #[arg(long, requires = "replay")]
    pub(crate) in_order: bool,

    /// Pass calls on to AWS and add each exchange to a recording: questions and answers as they are, keys never
    #[arg(long, value_name = "FILE", conflicts_with = "env")]
    pub(crate) record: Option<PathBuf>,

    /// With --record: the AWS region [default: AWS_REGION, AWS_DEFAULT_REGION, the AWS profile's]
    #[arg(long, value_name = "REGION", requires = "record")]
    pub(crate) region: Option<String>,

    /// With --record: the AWS profile [default: AWS_PROFILE, `default`]
    #[arg(long, value_name = "NAME", requires = "record")]
    pub(crate) profile: Option<String>,

    /// With --record: where to call in place of AWS's own host
    #[arg(long, value_name = "URL", requires = "record")]
    pub(crate) endpoint_url: Option<String>,
}

/// The account that is played.
#[derive(Clone, Debug)]
pub(crate) enum Start {
    /// One that has everything.
    Open,
    /// One that has nothing yet.
    Fresh,
    /// As a file says.
    File(PathBuf),
}

impl From<OsString> for Start {
    /// A file of such a name is meant by `./open`.
    fn from(text: OsString) -> Self {
        match text.to_str() {
            Some("open") => Start::Open,
            Some("fresh") => Start::Fresh,
            _ => Start::File(text.into()),
        }
    }
}

/// Which quotas are played.
#[derive(Clone, Debug)]
pub(crate) enum QuotasFrom {
    /// AWS's defaults.
    Default,
    /// Those of a new account.
    NewAccount,
    /// As a file says.
    File(PathBuf),
}

impl From<OsString> for QuotasFrom {
    /// A file of such a name is meant by `./default`.
    fn from(text: OsString) -> Self {
        match text.to_str() {
            Some("default") => QuotasFrom::Default,
            Some("new-account") => QuotasFrom::NewAccount,
            _ => QuotasFrom::File(text.into()),
        }
    }
}

/// The examples, and what the two manners are.
fn after_help() -> String {
    let mut help = format!("{EXAMPLES}\n\nPasses with a warning, and is refused with --strict:\n");
    for manner in &MANNERS {
        help.push_str(&format!("  - {}: `{}`\n", manner.passes, manner.refusal));
    }
    help
}

const EXAMPLES: &str = concat!(
    r#"Examples:
  outcrop local &
  (eval "$(outcrop local --env)"; python app.py)      (one command against it)
  outcrop local --tls &
  (eval "$(outcrop local --env --tls --bearer)"; python app.py)
  outcrop local --script rules.toml
  outcrop local --fault 'throttle 10%' --fault 'cut after 4 every 7 on stream' --seed 1
  outcrop local --record calls.jsonl --region us-west-2
  outcrop local --replay calls.jsonl
  outcrop local --data folder --account account.toml
  outcrop local --account fresh
  outcrop local --quotas new-account

A script:
  [[rule]]
  times = 1
  reply.error = { code = "ThrottlingException", message = "Too many requests" }

  [[rule]]
  when.model = "*claude-sonnet*"
  when.text = { regex = "(?i)weather" }
  reply.thinking = "I should look that up."
  reply.tool_use = { name = "weather", input = { city = "Oslo" } }

  [[rule]]
  when.tool_result = { name = "weather", text = "rain" }
  reply.text = "Take an umbrella."
  reply.usage = { input_tokens = 1000, cache_read_input_tokens = 9000 }
  reply.pace = 20

  [[rule]]
  when.text = "break off"
  reply.text = "Never heard to its end."
  reply.cut = { after = 4, inside = true }

"#,
    "The first rule that matches answers, and where none does, the mirror. Rules know when.model, text, turn, \
    tool_result, stream and call; times, every and percent; reply.text, json, thinking, tool_use, stop_reason, stop_sequence, usage, delay and \
    pace (milliseconds), error, cut and bad_crc. The documentation of outcrop_local::Script::parse says it all.\n\n",
    r#"An account:
  id = "210987654321"
  bearer = "ABSKmine"

  [[keys]]
  access_key_id = "AKIAEXAMPLE"
  secret_access_key = "opens nothing"

  [access]
  models = ["claude-opus-4-6"]
  form = true
  retention = "aws_review"

  [regions.eu-west-1]
  lacks = ["claude-opus-4-6"]

"#,
    "What it does not say stays as in the default account; a session_token may stand with keys. models is \"all\", \"none\" \
    or a list, form is Anthropic's form about what its models are used for, pending (milliseconds) is how long an agreement \
    takes. The documentation of \
    outcrop_local::Account::parse says it all.\n\n",
    "Faults: [http|first-frame|mid-stream] WHAT [after EVENTS] [as exception|error|event] [N%] [every N] [first N] \
    [from N] [of MODEL] [on OPERATION|unary|stream|count] [: MESSAGE]. WHAT is a code of AWS's, throttle, tokens, \
    overload, timeout, error, cut, cut-inside, bad-crc, slow TIME or pace TIME. A call asks for its own with the headers \
    x-outcrop-fault and x-outcrop-delay (200ms, 1.5s). The documentation of outcrop_local::Trouble says it all."
);

/// `ADDRESS:PORT`; a port alone, and one after `localhost`, is one on loopback.
fn address(text: &str) -> Result<SocketAddr, String> {
    let port = text.strip_prefix("localhost:").or_else(|| text.strip_prefix(':')).unwrap_or(text);
    match port.parse() {
        Ok(port) if !text.contains('+') => Ok((Ipv4Addr::LOCALHOST, port).into()),
        _ => text.parse().map_err(|_| "not `[ADDRESS:]PORT`, such as 127.0.0.1:9473".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use outcrop_local::{Account, Script};

    /// What stands below a title of the help.
    fn below(title: &str) -> String {
        let lines = super::EXAMPLES.lines().skip_while(|line| *line != title).skip(1);
        let lines: Vec<&str> = lines.take_while(|line| line.is_empty() || line.starts_with("  ")).collect();
        lines.join("\n")
    }

    #[test]
    fn the_script_and_the_account_of_the_help_are_what_they_say() {
        let script = below("A script:");
        assert_eq!(script.matches("[[rule]]").count(), 4);
        assert!(Script::parse(&script).is_ok());
        let account = Account::parse(&below("An account:")).expect("an account");
        assert_eq!((account.id.as_str(), account.credentials.len()), ("210987654321", 2));
    }
}
