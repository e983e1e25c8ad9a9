//! Calls and their results: what they hold, that there are tools at all, and that each belongs to another.
//!
//! A call that is not answered at all passes here; that the model refuses in its own words (quoted).

use std::collections::HashSet;

use outcrop_wire::Json;
use outcrop_wire::converse::{
    ContentBlock, ConverseRequest, InputSchema, Message, Role, Tool, ToolConfig, ToolResultContent, ToolStatus,
};
use serde_json::Value;

use crate::check::{Verdict, refuse};

/// Quoted.
const NO_TOOLS: &str = "The toolConfig field must be defined when using toolUse and toolResult content blocks.";

pub(super) fn check(request: &ConverseRequest) -> Verdict {
    if let Some(config) = &request.tool_config {
        schemas(config)?;
    }
    let mut calls = false;
    for (at, message) in request.messages.iter().enumerate() {
        for (index, block) in message.content.iter().enumerate() {
            calls |= matches!(block, ContentBlock::ToolUse(_) | ContentBlock::ToolResult(_));
            of_block(block, at, index)?;
        }
    }
    if calls && request.tool_config.is_none() {
        return refuse(NO_TOOLS);
    }
    pairs(&request.messages)
}

fn schemas(config: &ToolConfig) -> Verdict {
    for (index, tool) in config.tools.iter().enumerate() {
        let Tool::ToolSpec(tool) = tool else { continue };
        let InputSchema::Json(schema) = &tool.input_schema else { continue };
        let place = format_args!("toolConfig.tools.{index}.toolSpec.inputSchema.json").to_string();
        // Quoted (aws/aws-sdk-net issue 3377).
        is_object(schema, &place)?;
        let kind = schema.parse::<Value>().ok().map(|schema| schema["type"] == "object");
        // Quoted (alibaba/spring-ai-alibaba issue 3082).
        if kind == Some(false) {
            return refuse(format_args!("The value at {place}.type must be one of the following: object."));
        }
    }
    Ok(())
}

fn of_block(block: &ContentBlock, at: usize, index: usize) -> Verdict {
    match block {
        ContentBlock::ToolUse(call) => {
            let place = format_args!("messages.{at}.content.{index}.toolUse.input").to_string();
            // Quoted.
            if matches!(call.input.text(), "null" | "\"\"") {
                return refuse(format_args!("The value at {place} is empty."));
            }
            // Quoted.
            is_object(&call.input, &place)
        }
        ContentBlock::ToolResult(result) => {
            let place = format_args!("messages.{at}.content.{index}.toolResult").to_string();
            // Quoted (aws-samples/sample-multi-agent-orchestration-chat-on-agentcore issue 15).
            if result.content.is_empty() && result.status == Some(ToolStatus::Error) {
                return refuse(format_args!(
                    "The content field at {place} cannot be empty when status value is error."
                ));
            }
            result.content.iter().enumerate().try_for_each(|(index, piece)| match piece {
                // Quoted.
                ToolResultContent::Json(json) => is_object(json, &format!("{place}.content.{index}.json")),
                _ => Ok(()),
            })
        }
        _ => Ok(()),
    }
}

fn is_object(json: &Json, place: &str) -> Verdict {
    match json.text().starts_with('{') {
        true => Ok(()),
        false => refuse(format_args!(
            "The format of the value at {place} is invalid. Provide a json object for the field and try again."
        )),
    }
}

/// Messages of one role in a row are one turn.
fn pairs(messages: &[Message]) -> Verdict {
    let mut open: Vec<&str> = Vec::new();
    let mut next = 0;
    for turn in messages.chunk_by(|a, b| a.role == b.role) {
        let at = next;
        next += turn.len();
        let blocks = || turn.iter().flat_map(|message| &message.content);
        let calls: Vec<&str> = blocks()
            .filter_map(|block| match block {
                // The service's own are answered where they stand.
                ContentBlock::ToolUse(call) if call.kind.as_deref() != Some("server_tool_use") => {
                    Some(call.tool_use_id.as_str())
                }
                _ => None,
            })
            .collect();
        let results: Vec<&str> = blocks()
            .filter_map(|block| match block {
                ContentBlock::ToolResult(result) if result.kind.is_none() => Some(result.tool_use_id.as_str()),
                _ => None,
            })
            .collect();
        for (ids, what) in [(&calls, "toolUse"), (&results, "toolResult")] {
            // Quoted.
            if let Some(id) = twice(ids) {
                return refuse(format_args!("The {what} blocks at messages.{at}.content contain duplicate Ids: {id}"));
            }
        }
        if turn[0].role == Role::User && !results.is_empty() {
            // Quoted.
            if results.len() > open.len() {
                return refuse(format_args!(
                    "The number of toolResult blocks at messages.{at}.content exceeds the number of toolUse blocks of \
                     previous turn."
                ));
            }
            let answered: HashSet<&str> = results.iter().copied().collect();
            let missing: Vec<&str> = open.iter().filter(|id| !answered.contains(*id)).copied().collect();
            // Quoted, for calls of which some were answered.
            if !missing.is_empty() {
                let missing = missing.join(", ");
                return refuse(format_args!(
                    "Expected toolResult blocks at messages.{at}.content for the following Ids: {missing}"
                ));
            }
        }
        open = calls;
    }
    Ok(())
}

/// The first of them that was there before.
fn twice<'a>(ids: &[&'a str]) -> Option<&'a str> {
    let mut seen = HashSet::new();
    ids.iter().copied().find(|id| !seen.insert(*id))
}
