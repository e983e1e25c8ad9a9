//! The two manners: what passes with a warning, and strictly is refused as AWS refuses it today.
//!
//! A check has no other way to be lenient than a row of this table, so the list is whole.

use outcrop_wire::catalogue::Capabilities;

/// Something that documentation, or AWS of yesterday, lets pass, and AWS of today refuses.
///
/// By default the local Bedrock lets it pass, with a warning ([`WARNING_HEADER`](crate::WARNING_HEADER)); with
/// [`Builder::strict`](crate::Builder::strict) it refuses.
#[derive(Debug)]
#[non_exhaustive]
pub struct Manner {
    /// What passes.
    pub passes: &'static str,
    /// What AWS says to it today.
    pub refusal: &'static str,
    /// Where that comes from.
    pub source: &'static str,
}

/// Everything that passes by default and is refused strictly.
pub static MANNERS: [Manner; 10] = [
    Manner {
        passes: "base ids of models that AWS serves through inference profiles in the region",
        refusal: "Invocation of model ID ... with on-demand throughput isn’t supported.",
        source: "platform.claude.com names base ids as regional endpoints; AWS's refusal is quoted (Laisky/one-api issue 77)",
    },
    Manner {
        passes: "inference profiles called from a region that they are not for",
        refusal: "The provided model identifier is invalid.",
        source: "remembered",
    },
    Manner {
        passes: "the newest anthropic_version, and that of Anthropic's own API, on models that may not know it",
        refusal: "Invalid API version: ...",
        source: "platform.claude.com, Claude on Amazon Bedrock (legacy): Opus 4.6 and earlier may answer 400; boto/boto3 issue 4218",
    },
    Manner {
        passes: "the beta of the 1M window on models that lost it (Sonnet 4.5, Sonnet 4)",
        refusal: "invalid beta flag",
        source: "platform.claude.com, Claude on Amazon Bedrock (legacy), model table: a window of 200k tokens",
    },
    Manner {
        passes: "betas of what models now do without: prompt-caching-2024-07-31, and where the model has it \
                 extended-cache-ttl-2025-04-11, context-1m-2025-08-07, effort-2025-11-24, structured-outputs-2025-11-13, and with \
                 adaptive thinking interleaved-thinking-2025-05-14, tool-search-tool-2025-10-19",
        refusal: "invalid beta flag",
        source: "rejections seen by gateways (vercel/ai issue 13992, BerriAI/litellm issue 41203); Claude Code sends the last \
                 two to every model of Bedrock (captured, 2.1.197 and 2.1.330)",
    },
    Manner {
        passes: "on Converse, documents from text or blocks of text without citations",
        refusal: "DocumentSource object at ... must set one of the following keys: bytes, s3Location.",
        source: "service model bedrock-runtime: no such rule; quoted (maximhq/bifrost issue 7072, 2026-09)",
    },
    Manner {
        passes: "on Converse, more than five documents in several messages",
        refusal: "You can't include more than 5 documents in a request.",
        source: "service model bedrock-runtime: five a message; quoted (aws-samples/generative-ai-use-cases issue 1685)",
    },
    Manner {
        passes: "on Converse, a maxTokens that is the model's limit itself",
        refusal: "The maximum tokens you requested exceeds the model limit of ...",
        source: "quoted (vertesia/llumiverse pull request 562, RooCodeInc/Roo-Code issue 3916)",
    },
    Manner {
        passes: "batch jobs of fewer than 100 records",
        refusal: "Batch job ... contains less records (...) than the required minimum of: 100",
        source: "the message of failed jobs, quoted (maximhq/bifrost pull request 4516)",
    },
    Manner {
        passes: "models whose announced end has come, and that nobody has seen refused",
        refusal: "This model version has reached the end of its life. ...",
        source: "AWS user guide, Model lifecycle: on the day or shortly after it, requests fail",
    },
];

pub(super) static BASE_IDS: &Manner = &MANNERS[0];
pub(super) static ELSEWHERE: &Manner = &MANNERS[1];
pub(super) static VERSIONS: &Manner = &MANNERS[2];
pub(super) static WITHDRAWN: &Manner = &MANNERS[3];
pub(super) static NATIVE: &Manner = &MANNERS[4];
pub(super) static UNCITED: &Manner = &MANNERS[5];
pub(super) static SCATTERED: &Manner = &MANNERS[6];
pub(super) static THE_LIMIT: &Manner = &MANNERS[7];
pub(crate) static FEW_RECORDS: &Manner = &MANNERS[8];
pub(super) static ENDED: &Manner = &MANNERS[9];

impl Manner {
    /// The warning that it passes with; strictly, the refusal.
    pub(crate) fn judge<R>(
        &self,
        strict: bool,
        warning: impl FnOnce() -> String,
        refusal: impl FnOnce() -> R,
    ) -> Result<Option<String>, R> {
        match strict {
            true => Err(refusal()),
            false => Ok(Some(warning())),
        }
    }
}

/// A beta that became a part of models: its flag, and whether it is one of this model.
pub(super) struct Grown {
    pub(super) flag: &'static str,
    pub(super) has: fn(&Capabilities<'_>) -> bool,
}

/// A window from which the flag of the larger one says nothing new.
const MILLION: u64 = 1_000_000;

pub(super) const GROWN: [Grown; 7] = [
    Grown { flag: "prompt-caching-2024-07-31", has: |accepts| accepts.cache_ttls().is_some() },
    Grown {
        flag: "extended-cache-ttl-2025-04-11",
        has: |accepts| accepts.cache_ttls().is_some_and(|ttls| ttls.contains(&"1h")),
    },
    Grown {
        flag: "context-1m-2025-08-07",
        has: |accepts| accepts.context_window().is_some_and(|window| window >= MILLION),
    },
    Grown { flag: "effort-2025-11-24", has: |accepts| accepts.efforts().is_some() && accepts.effort_beta().is_none() },
    Grown { flag: "structured-outputs-2025-11-13", has: |accepts| accepts.output_format() == Some(true) },
    // Adaptive thinking interleaves by itself, and tool search is generally available since (platform.claude.com).
    Grown { flag: "interleaved-thinking-2025-05-14", has: thinks_adaptively },
    Grown { flag: "tool-search-tool-2025-10-19", has: thinks_adaptively },
];

fn thinks_adaptively(accepts: &Capabilities<'_>) -> bool {
    accepts.thinking().is_some_and(|kinds| kinds.contains(&"adaptive"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_flag_that_has_grown_is_on_the_list() {
        for Grown { flag, .. } in GROWN {
            assert!(NATIVE.passes.contains(flag), "{flag}");
        }
    }
}
