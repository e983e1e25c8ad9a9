//! Thinking: the setting, what it rules out elsewhere, and the signed blocks that come back.

use outcrop_wire::catalogue::Capabilities;
use outcrop_wire::messages::{Block, Display, MessageRequest, Role, Thinking, ToolChoice};

use super::betas::given;
use super::calls::in_loop;
use super::tags::list;
use super::turns::runs;
use super::{Verdict, refuse};
use crate::thinking::{verify, verify_redacted};

/// The smallest budget (Messages API reference).
const LEAST_BUDGET: u32 = 1024;

/// With it a budget is for all of a turn's thinking, and may be more than `max_tokens` (platform.claude.com, extended
/// thinking).
const INTERLEAVED: &str = "interleaved-thinking-2025-05-14";

/// With it `display` may be `updates` (official Python SDK 2.12).
const UPDATES: &str = "thinking-display-updates-2026-08-18";

/// Quoted from AWS (bedrock-runtime, 2026): the end of each refusal of a sampling parameter.
const CONSULT: &str = "Please consult our documentation at \
     https://docs.claude.com/en/docs/build-with-claude/extended-thinking#important-considerations-when-using-extended-thinking";

/// The setting.
pub(super) fn check(request: &MessageRequest, accepts: &Capabilities<'_>) -> Verdict {
    let Some(thinking) = &request.thinking else { return Ok(()) };
    let display = match thinking {
        Thinking::Enabled(thinking) => {
            // Quoted from AWS (Converse).
            if thinking.budget_tokens < LEAST_BUDGET {
                return refuse(format_args!(
                    "thinking.enabled.budget_tokens: Input should be greater than or equal to {LEAST_BUDGET}"
                ));
            }
            &thinking.display
        }
        Thinking::Adaptive(thinking) => &thinking.display,
        Thinking::Disabled(_) | Thinking::BetweenTools(_) => &None,
        Thinking::Other(other) if other.kind.is_empty() => return refuse("thinking.type: Field required"),
        // Quoted from the API for `adaptive`, where that was unknown.
        Thinking::Other(other) => {
            return refuse(format_args!(
                "thinking: Input tag '{}' found using 'type' does not match any of the expected tags: {}",
                other.kind,
                list(["adaptive", "disabled", "enabled"])
            ));
        }
    };
    match display {
        Some(Display::Updates) if given(request, UPDATES) => {}
        Some(Display::Updates | Display::Other(_)) => {
            // Remembered: as every enumeration is worded.
            return refuse(format_args!(
                "thinking.{}.display: Input should be 'summarized' or 'omitted'",
                thinking.kind()
            ));
        }
        _ => {}
    }
    kind(thinking, accepts)?;
    if let Thinking::Enabled(enabled) = thinking {
        // Quoted from AWS (Converse).
        if enabled.budget_tokens >= request.max_tokens && !given(request, INTERLEAVED) {
            return refuse("`max_tokens` must be greater than `thinking.budget_tokens`.");
        }
        // Quoted from AWS. Adaptive thinking gives way to a forced call instead.
        if matches!(request.tool_choice, Some(ToolChoice::Any(_) | ToolChoice::Tool(_))) {
            return refuse("Thinking may not be enabled when tool_choice forces tool use.");
        }
    }
    sampling(request, thinking)
}

/// Quoted from AWS and the API, 2026.
fn kind(thinking: &Thinking, accepts: &Capabilities<'_>) -> Verdict {
    let kind = thinking.kind();
    if accepts.thinking().is_none_or(|kinds| kinds.contains(&kind)) {
        return Ok(());
    }
    if kind == "adaptive" {
        return refuse("adaptive thinking is not supported on this model");
    }
    refuse(format_args!(
        "\"thinking.type.{kind}\" is not supported for this model. Use \"thinking.type.adaptive\" and \
         \"output_config.effort\" to control thinking behavior."
    ))
}

/// Quoted from AWS for `temperature`, from the API for the other two.
fn sampling(request: &MessageRequest, thinking: &Thinking) -> Verdict {
    let when = match thinking {
        Thinking::Enabled(_) => "when thinking is enabled",
        Thinking::Adaptive(_) => "when thinking is enabled or in adaptive mode",
        _ => return Ok(()),
    };
    if request.temperature.is_some_and(|temperature| temperature != 1.0) {
        return refuse(format_args!("`temperature` may only be set to 1 {when}. {CONSULT}"));
    }
    if request.top_p.is_some_and(|top_p| top_p < 0.95) {
        return refuse(format_args!("`top_p` must be greater than or equal to 0.95 or unset {when}. {CONSULT}"));
    }
    if request.top_k.is_some() {
        return refuse(format_args!("`top_k` must be unset {when}. {CONSULT}"));
    }
    Ok(())
}

/// Blocks that come back: whole, signed here, and where they belong.
pub(super) fn check_blocks(request: &MessageRequest) -> Verdict {
    let turns = &request.messages;
    for run in runs(turns).filter(|run| *run.role() == Role::Assistant) {
        let turn = run.number;
        for (index, block) in run.blocks() {
            let refused = match block {
                // Quoted from AWS: a missing or empty signature.
                Block::Thinking(block) if block.signature.is_none() => {
                    return refuse(format_args!("messages.{turn}.content.{index}.thinking.signature: Field required"));
                }
                // Quoted from the API: text may be empty (`display: omitted`), but then it is signed.
                Block::Thinking(block)
                    if block.thinking.is_empty() && block.signature.as_deref().unwrap_or_default().is_empty() =>
                {
                    return refuse(format_args!(
                        "messages.{turn}.content.{index}.thinking: each thinking block must contain thinking"
                    ));
                }
                // Quoted from the API.
                Block::Thinking(block) => (!verify(&block.thinking, block.signature.as_deref().unwrap_or_default()))
                    .then_some("Invalid `signature` in `thinking` block"),
                Block::RedactedThinking(block) => {
                    (!verify_redacted(&block.data)).then_some("Invalid `data` in `redacted_thinking` block")
                }
                _ => None,
            };
            if let Some(why) = refused {
                return refuse(format_args!("messages.{turn}.content.{index}: {why}"));
            }
        }
    }
    match &request.thinking {
        Some(Thinking::Enabled(_)) => {
            thinking_first(request)?;
            opens_with_thinking(request)
        }
        _ => Ok(()),
    }
}

/// With a budget, thinking comes before what it led to, unless it may come in between.
fn thinking_first(request: &MessageRequest) -> Verdict {
    if given(request, INTERLEAVED) {
        return Ok(());
    }
    let thinks = |block: &Block| matches!(block, Block::Thinking(_) | Block::RedactedThinking(_));
    for run in runs(&request.messages).filter(|run| *run.role() == Role::Assistant) {
        let late = run.blocks().any(|(_, block)| thinks(block));
        match run.blocks().next() {
            // Quoted from the API (Claude 4, 2025-11).
            Some((_, first)) if late && !thinks(first) => {
                return refuse(format_args!(
                    "messages.{}.content.0: If an assistant message contains any thinking blocks, the first block must be \
                     `thinking` or `redacted_thinking`. Found `{}`.",
                    run.number,
                    first.kind()
                ));
            }
            _ => {}
        }
    }
    Ok(())
}

/// With a budget, the turn of the model that calls tools begins with its thinking: one turn, however many calls and
/// results it has.
fn opens_with_thinking(request: &MessageRequest) -> Verdict {
    let turns = &request.messages;
    let prefilled = turns.last().is_some_and(|turn| turn.role == Role::Assistant);
    if !in_loop(turns) && !prefilled {
        return Ok(());
    }
    let mut found = None;
    for run in runs(turns).rev() {
        match run.role() {
            Role::Assistant => {
                let first = match run.blocks().next() {
                    Some((0, Block::Thinking(_) | Block::RedactedThinking(_))) => return Ok(()),
                    Some((0, block)) => block.kind(),
                    // One that begins with a string.
                    _ => "text",
                };
                found = found.or(Some((run.number, first)));
            }
            Role::User if !run.blocks().any(|(_, block)| matches!(block, Block::ToolResult(_))) => break,
            _ => {}
        }
    }
    let Some((turn, kind)) = found else { return Ok(()) };
    // Quoted from AWS (Converse) and, to its end, from the API.
    refuse(format_args!(
        "messages.{turn}.content.0.type: Expected `thinking` or `redacted_thinking`, but found `{kind}`. When `thinking` \
         is enabled, a final `assistant` message must start with a thinking block (preceeding the lastmost set of \
         `tool_use` and `tool_result` blocks). We recommend you include thinking blocks from previous turns. To avoid \
         this requirement, disable `thinking`. Please consult our documentation at \
         https://docs.claude.com/en/docs/build-with-claude/extended-thinking"
    ))
}
