//! What is said, in the form the conventions give it: messages of parts, as JSON.

use outcrop_wire::Json;
use outcrop_wire::messages::{Block, Content, Message, ResultBlock, ResultContent, System, SystemBlock, Tool, Turn};
use serde_json::{Value, json};

/// `gen_ai.input.messages`.
pub(super) fn turns(turns: &[Turn]) -> String {
    let turns = turns.iter().map(|turn| {
        let (parts, only_results) = match &turn.content {
            Content::Text(text) => (vec![text_part(text)], false),
            Content::Blocks(blocks) => {
                let only_results = blocks.iter().all(|block| matches!(block, Block::ToolResult(_)));
                (blocks.iter().map(part).collect(), only_results && !blocks.is_empty())
            }
        };
        // Results of tools are the user's to send here, and a role of their own there.
        json!({ "role": if only_results { "tool" } else { turn.role.as_str() }, "parts": parts })
    });
    Value::Array(turns.collect()).to_string()
}

/// `gen_ai.system_instructions`.
pub(super) fn system(system: &System) -> String {
    let parts = match system {
        System::Text(text) => vec![text_part(text)],
        System::Blocks(blocks) => blocks
            .iter()
            .map(|block| match block {
                SystemBlock::Text(block) => text_part(&block.text),
                block => json!({ "type": block.kind() }),
            })
            .collect(),
    };
    Value::Array(parts).to_string()
}

/// `gen_ai.tool.definitions`.
pub(super) fn tools(tools: &[Tool]) -> String {
    let tools = tools.iter().map(|tool| match tool {
        Tool::Custom(tool) => json!({
            "type": "function",
            "name": tool.name,
            "description": tool.description,
            "parameters": value(&tool.input_schema),
        }),
        tool => json!({ "type": tool.kind() }),
    });
    Value::Array(tools.collect()).to_string()
}

/// `gen_ai.output.messages`.
pub(super) fn reply(message: &Message) -> String {
    let parts: Vec<Value> = message.content.iter().map(part).collect();
    let reason = message.stop_reason.as_ref().map(|reason| reason.as_str());
    json!([{ "role": message.role.as_str(), "parts": parts, "finish_reason": reason }]).to_string()
}

fn part(block: &Block) -> Value {
    match block {
        Block::Text(block) => text_part(&block.text),
        Block::Thinking(block) => json!({ "type": "reasoning", "content": block.thinking }),
        Block::ToolUse(block) => {
            json!({ "type": "tool_call", "id": block.id, "name": block.name, "arguments": value(&block.input) })
        }
        Block::ToolResult(block) => {
            let response = match &block.content {
                None => Value::Null,
                Some(ResultContent::Text(text)) => text.as_str().into(),
                Some(ResultContent::Blocks(blocks)) => blocks.iter().map(result_part).collect(),
            };
            json!({ "type": "tool_call_response", "id": block.tool_use_id, "response": response })
        }
        // Of media only the place is kept: they may be large.
        block => json!({ "type": block.kind() }),
    }
}

fn result_part(block: &ResultBlock) -> Value {
    match block {
        ResultBlock::Text(block) => text_part(&block.text),
        block => json!({ "type": block.kind() }),
    }
}

fn text_part(text: &str) -> Value {
    json!({ "type": "text", "content": text })
}

fn value(json: &Json) -> Value {
    json.parse().unwrap_or_default()
}
