//! The mirror: a deterministic engine that says what a model would have received. It never poses as Claude.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use outcrop_wire::Json;
use outcrop_wire::messages::{
    Base64Source, Block, CacheCreation, Content, DocumentBlock, ImageBlock, ImageSource, MediaSource, Message,
    ResultBlock, ResultContent, Role, StopReason, System, Thinking, ThinkingBlock, ToolChoice, ToolUseBlock, Usage,
};

use super::{Ask, instance, tokens};
use crate::thinking;

/// The first line of every answer.
const WHO: &str = "This is Outcrop's local engine, not Claude. It received:";

pub(super) fn answer(ask: &Ask<'_>, ids: &mut dyn FnMut(&str) -> String) -> Message {
    let mut content = Vec::new();
    let mut left = ask.request.max_tokens;
    let mut output = 0;
    if let Some(Thinking::Enabled(_) | Thinking::Adaptive(_)) = &ask.request.thinking {
        let text = "The local engine does not think. It lists what it received.";
        let text = tokens::prefix(text, left).unwrap_or(text).to_owned();
        let spent = tokens::of(&text);
        output += spent;
        left = left.saturating_sub(u32::try_from(spent).unwrap_or(u32::MAX));
        content.push(Block::Thinking(ThinkingBlock {
            signature: Some(thinking::sign(&text)),
            thinking: text,
            extra: Default::default(),
        }));
    }
    let forced = forced_tool(ask).map(|(name, input)| (tokens::of(&name) + tokens::of(input.text()), name, input));
    let (stop_reason, stop_sequence) = match forced {
        // A call that does not fit is not made.
        Some((cost, ..)) if cost > u64::from(left) => {
            output += u64::from(left);
            (StopReason::MaxTokens, None)
        }
        Some((cost, name, input)) => {
            output += cost;
            content.push(Block::ToolUse(ToolUseBlock::new(ids("toolu_bdrk_"), name, input)));
            (StopReason::ToolUse, None)
        }
        None => {
            let (text, reason, stop) = cut(describe(ask), left, ask.request.stop_sequences.as_deref());
            output += tokens::of(&text);
            if !text.is_empty() {
                content.push(Block::text(text));
            }
            (reason, stop)
        }
    };
    Message {
        model: ask.model.row().reply.to_owned(),
        id: ids("msg_bdrk_"),
        role: Role::Assistant,
        content,
        stop_reason: Some(stop_reason),
        stop_sequence,
        usage: Usage {
            input_tokens: tokens::of_request(ask.request),
            cache_creation_input_tokens: Some(0),
            cache_read_input_tokens: Some(0),
            cache_creation: Some(CacheCreation::default()),
            output_tokens: output,
            ..Usage::default()
        },
        ..Message::default()
    }
}

/// The tool that must be called, and the smallest arguments its schema takes.
fn forced_tool(ask: &Ask<'_>) -> Option<(String, Json)> {
    let tools = ask.request.tools.as_deref().unwrap_or_default();
    let tool = match ask.request.tool_choice.as_ref()? {
        ToolChoice::Any(_) => tools.first()?,
        ToolChoice::Tool(choice) => tools.iter().find(|tool| tool.name().as_deref() == Some(&*choice.name))?,
        _ => return None,
    };
    let input = match tool {
        outcrop_wire::messages::Tool::Custom(tool) => {
            tool.input_schema.parse().map(|schema| Json::from(instance::instance(&schema))).unwrap_or_default()
        }
        _ => Json::empty_object(),
    };
    Some((tool.name()?.into_owned(), input))
}

/// What a model would have received, for a person to read.
fn describe(ask: &Ask<'_>) -> String {
    let request = ask.request;
    let mut text = format!("{WHO}\n\n");
    if let Some(turn) = request.messages.iter().rev().find(|turn| turn.role == Role::User) {
        match &turn.content {
            Content::Text(said) => text.push_str(said),
            Content::Blocks(blocks) => {
                let lines: Vec<String> = blocks.iter().map(line_of).collect();
                text.push_str(&lines.join("\n"));
            }
        }
    }
    let turns = request.messages.len();
    // Writing to a String does not fail.
    let _ = write!(
        text,
        "\n\nModel {}, scope {}, region {}, {turns} {}, at most {} tokens",
        ask.model.name(),
        ask.scope,
        ask.region,
        if turns == 1 { "turn" } else { "turns" },
        request.max_tokens
    );
    match &request.system {
        None => {}
        Some(System::Text(system)) => drop(write!(text, ", a system prompt of {} characters", system.chars().count())),
        Some(System::Blocks(blocks)) => drop(write!(text, ", a system prompt of {} blocks", blocks.len())),
    }
    if let Some(tools) = request.tools.as_deref().filter(|tools| !tools.is_empty()) {
        let names: Vec<String> =
            tools.iter().map(|tool| tool.name().unwrap_or_else(|| tool.kind().into()).into_owned()).collect();
        let _ = write!(text, ", tools {}", names.join(", "));
    }
    text.push('.');
    text
}

fn line_of(block: &Block) -> String {
    match block {
        Block::Text(block) => block.text.clone(),
        Block::Image(image) => image_line(image),
        Block::Document(document) => document_line(document),
        Block::ToolUse(call) => format!("[call of {} with {}]", call.name, call.input),
        Block::ToolResult(result) => {
            let content = match &result.content {
                None => String::new(),
                Some(ResultContent::Text(text)) => text.clone(),
                Some(ResultContent::Blocks(blocks)) => {
                    let lines: Vec<String> = blocks.iter().map(result_line).collect();
                    lines.join("\n")
                }
            };
            let failed = if result.is_error == Some(true) { ", failed" } else { "" };
            format!("[result of {}{failed}] {content}", result.tool_use_id)
        }
        Block::Thinking(block) => format!("[thinking of {} characters]", block.thinking.chars().count()),
        Block::RedactedThinking(_) => "[redacted thinking]".to_owned(),
        other => format!("[block of type {}]", other.kind()),
    }
}

fn result_line(block: &ResultBlock) -> String {
    match block {
        ResultBlock::Text(block) => block.text.clone(),
        ResultBlock::Image(image) => image_line(image),
        ResultBlock::Document(document) => document_line(document),
        other => format!("[block of type {}]", other.kind()),
    }
}

fn image_line(image: &ImageBlock) -> String {
    match &image.source {
        ImageSource::Base64(source) => format!("[image, {}]", bytes_line(source)),
        other => format!("[image, source {}]", other.kind()),
    }
}

fn document_line(document: &DocumentBlock) -> String {
    let title = document.title.as_deref().map(|title| format!(" \"{title}\"")).unwrap_or_default();
    let source = match &document.source {
        MediaSource::Base64(source) => bytes_line(source),
        MediaSource::Text(source) => format!("{}, {} characters", source.media_type, source.data.chars().count()),
        other => format!("source {}", other.kind()),
    };
    format!("[document{title}, {source}]")
}

fn bytes_line(source: &Base64Source) -> String {
    match STANDARD.decode(source.data.as_bytes()) {
        Ok(bytes) => format!("{}, {} bytes", source.media_type, bytes.len()),
        Err(_) => format!("{}, not base64", source.media_type),
    }
}

/// Ends the text where `max_tokens` or a stop sequence does, whichever comes first.
fn cut(text: String, max_tokens: u32, stops: Option<&[String]>) -> (String, StopReason, Option<String>) {
    let (text, reason) = match tokens::prefix(&text, max_tokens) {
        Some(prefix) => (prefix.to_owned(), StopReason::MaxTokens),
        None => (text, StopReason::EndTurn),
    };
    let first = stops
        .unwrap_or_default()
        .iter()
        .filter(|stop| !stop.is_empty())
        .filter_map(|stop| text.find(stop.as_str()).map(|at| (at, stop)))
        // The one that is whole first, as whoever writes letter by letter meets it.
        .min_by_key(|(at, stop)| (at + stop.len(), *at));
    match first {
        Some((at, stop)) => (text[..at].to_owned(), StopReason::StopSequence, Some(stop.clone())),
        None => (text, reason, None),
    }
}
