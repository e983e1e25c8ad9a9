//! Why the model stopped, each way.

use crate::converse;
use crate::messages::StopReason;

/// The reason in Converse's words, and whether it says the same. What only one side knows is given as it is, but for
/// what is no end of a reply there.
pub(super) fn to_converse(reason: Option<StopReason>) -> (converse::StopReason, bool) {
    let same = match reason {
        Some(StopReason::EndTurn) => converse::StopReason::EndTurn,
        Some(StopReason::MaxTokens) => converse::StopReason::MaxTokens,
        Some(StopReason::StopSequence) => converse::StopReason::StopSequence,
        Some(StopReason::ToolUse) => converse::StopReason::ToolUse,
        Some(StopReason::Refusal) => converse::StopReason::ContentFiltered,
        Some(StopReason::ModelContextWindowExceeded) => converse::StopReason::ModelContextWindowExceeded,
        Some(StopReason::PauseTurn | StopReason::Compaction) | None => return (converse::StopReason::EndTurn, false),
        Some(StopReason::Other(other)) => converse::StopReason::from(other.as_str()),
    };
    (same, true)
}

/// The reason in Messages' words: what Converse alone knows, a guardrail that stepped in say, stays as it is.
pub(super) fn to_messages(reason: converse::StopReason) -> StopReason {
    match reason {
        converse::StopReason::EndTurn => StopReason::EndTurn,
        converse::StopReason::MaxTokens => StopReason::MaxTokens,
        converse::StopReason::StopSequence => StopReason::StopSequence,
        converse::StopReason::ToolUse => StopReason::ToolUse,
        converse::StopReason::ContentFiltered => StopReason::Refusal,
        converse::StopReason::ModelContextWindowExceeded => StopReason::ModelContextWindowExceeded,
        other => StopReason::Other(other.as_str().to_owned()),
    }
}
