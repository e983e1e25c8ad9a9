//! What a message leaves empty, filled in: names, ids, signatures, the stop reason, and an estimate of its tokens.

use outcrop_wire::messages::{Block, Message, StopReason, Usage};

use super::tokens;
use crate::cache::Input;
use crate::thinking;

/// Fills in what is empty. `model` is the name that replies carry; `ids` makes ids with the given prefix.
pub(crate) fn fill(message: &mut Message, model: &str, input: Option<Input>, ids: &mut dyn FnMut(&str) -> String) {
    if message.model.is_empty() {
        model.clone_into(&mut message.model);
    }
    let mut calls = false;
    let mut output = 0;
    for block in &mut message.content {
        match block {
            Block::ToolUse(call) => {
                calls = true;
                output += tokens::of(&call.name) + tokens::of(call.input.text());
                if call.id.is_empty() {
                    call.id = ids("toolu_bdrk_");
                }
            }
            Block::Thinking(block) => {
                output += tokens::of(&block.thinking);
                block.signature.get_or_insert_with(|| thinking::sign(&block.thinking));
            }
            Block::Text(block) => output += tokens::of(&block.text),
            _ => {}
        }
    }
    if message.id.is_empty() {
        message.id = ids("msg_bdrk_");
    }
    message.stop_reason.get_or_insert(if calls { StopReason::ToolUse } else { StopReason::EndTurn });
    if message.usage == Usage::default() {
        message.usage = input.unwrap_or_default().usage(output);
    }
}
