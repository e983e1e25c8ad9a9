//! How Bedrock is to handle a call: the flags that `ask` and `chat` share.

use clap::Args;
use clap::builder::PossibleValuesParser;
use outcrop::wire::handling::is_version;
use outcrop::{CallOptions, Guardrail};

use crate::exit::Failure;

/// How Bedrock is to handle the call
#[derive(Args, Debug)]
#[command(next_help_heading = "Handling")]
pub(crate) struct Handling {
    /// A guardrail that looks at question and answer: id or ARN, and version, a number or DRAFT
    #[arg(long, value_name = "ID:VERSION", value_parser = guardrail)]
    pub(crate) guardrail: Option<Guardrail>,

    /// The capacity that is to serve the call
    #[arg(long, value_name = "TIER", value_parser = PossibleValuesParser::new(["priority", "default", "flex", "reserved"]))]
    pub(crate) tier: Option<String>,

    /// The speed; few models have the second
    #[arg(long, value_name = "SPEED", value_parser = PossibleValuesParser::new(["standard", "optimized"]))]
    pub(crate) latency: Option<String>,

    /// A label for Bedrock's invocation log; may be given again
    #[arg(long, value_name = "NAME=VALUE", value_parser = label)]
    pub(crate) metadata: Vec<(String, String)>,
}

impl Handling {
    /// As options of a call.
    ///
    /// # Errors
    /// When two labels have one name.
    pub(crate) fn options(&self) -> Result<CallOptions, Failure> {
        for (at, (name, _)) in self.metadata.iter().enumerate() {
            if self.metadata[..at].iter().any(|(earlier, _)| earlier == name) {
                return Err(Failure::usage(format!("--metadata: `{name}` was given twice"))
                    .hint("a label has one value: leave one of them out"));
            }
        }
        let mut options = CallOptions::new();
        if let Some(guardrail) = &self.guardrail {
            options = options.guardrail(guardrail.clone());
        }
        if let Some(tier) = &self.tier {
            options = options.tier(tier.as_str());
        }
        if let Some(latency) = &self.latency {
            options = options.latency(latency.as_str());
        }
        Ok(self.metadata.iter().fold(options, |options, (name, value)| options.request_metadata(name, value)))
    }
}

fn guardrail(text: &str) -> Result<Guardrail, String> {
    // ARNs have colons too.
    match text.rsplit_once(':') {
        Some((id, version)) if !id.is_empty() && is_version(version) => Ok(Guardrail::new(id, version)),
        _ => Err("not `ID:VERSION`, such as abc123:1 or abc123:DRAFT".to_owned()),
    }
}

fn label(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("not `NAME=VALUE`".to_owned()),
    }
}
