//! `outcrop doctor`

use clap::Args;

use super::Connection;
use super::model::ModelName;

/// Find out why calls fail: walk the way of a call, step by step, and say what is broken and what mends it
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Doctor {
    /// A name (`opus`, `sonnet`, `haiku`, `claude-opus-4-6`), an id, or an ARN
    /// [default: global.anthropic.claude-opus-4-6-v1]
    #[arg(short, long, value_name = "MODEL", value_parser = ModelName, hide_possible_values = true)]
    pub(crate) model: Option<String>,

    /// Make one real call too, for a single token of output; it is paid for
    #[arg(long)]
    pub(crate) call: bool,

    /// Print what was found as JSON
    #[arg(long)]
    pub(crate) json: bool,

    #[command(flatten)]
    pub(crate) connection: Connection,
}

const EXAMPLES: &str = "\
In the order of the way: variables, AWS files, profile, region, endpoint, credentials, model; name, socket, proxy, TLS, \
answer, clock, control plane; who calls, IAM permission, whether the region offers the model, end of life, use-case form, \
access, data retention, quota, call. Each line passes, warns, fails, or was not looked at because of what failed before; \
below it stands what mends it. The exit code is that of the first failure, 0 where none fails. Without --call nothing is \
paid for: whether a model may be called is asked with an empty body.

Examples:
  outcrop doctor
  outcrop doctor -m us.sonnet --profile work --region us-west-2
  outcrop doctor --call --json | jq '.checks[] | select(.status == \"fail\")'";
