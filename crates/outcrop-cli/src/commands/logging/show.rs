//! A call of a log, for people: as a line, and as a conversation.

use std::fmt::Write as _;

use outcrop::wire::account::logging::{LogBodyError, ModelInvocationLog};
use outcrop::wire::catalogue::Cost;
use outcrop::wire::messages::{ResultBlock, ResultContent, Role, SystemBlock};
use outcrop::{Block, Json, Message, MessageRequest, System, Usage};
use serde::Serialize;

use super::media::{self, Sizes};
use crate::render::stats;
use crate::session::first_words;

/// Where InvokeModel says what a guardrail did; Converse says it as the stop reason.
const GUARDRAIL: &str = "amazon-bedrock-guardrailAction";

/// A call on one line: its parts are separated by tabs.
pub(super) fn listed(log: &ModelInvocationLog, usage: &Usage, cost: Option<Cost>) -> String {
    let about = match &log.error_code {
        Some(error) => error.clone(),
        None => match log.request() {
            Ok(request) => question(&request.value),
            Err(LogBodyError::Absent(_)) => "(not logged)".to_owned(),
            Err(LogBodyError::Elsewhere { .. }) => "(large request)".to_owned(),
            Err(_) => "(not a request to Claude)".to_owned(),
        },
    };
    let (input, output) = (usage.total_input().to_string(), usage.output_tokens.to_string());
    let cost = cost.map_or("-".to_owned(), |cost| cost.to_string());
    let parts = [
        &log.timestamp,
        &log.request_id,
        log.operation.as_str(),
        log.model_id.as_str(),
        &input,
        &output,
        &cost,
        caller(log),
        &about,
    ];
    parts.map(|part| part.replace(['\t', '\n', '\r'], " ")).join("\t")
}

/// How the last question begins: where it is in pieces, these are names of files and then the question.
fn question(request: &MessageRequest) -> String {
    let asked = request.messages.iter().rev().filter(|turn| turn.role == Role::User);
    let mut said = asked.map(|turn| {
        let blocks = turn.content.clone().into_blocks();
        let texts =
            blocks.iter().filter_map(|block| if let Block::Text(text) = block { Some(&*text.text) } else { None });
        texts.collect::<Vec<&str>>().join(" ")
    });
    let said = said.find(|text| !text.trim().is_empty());
    said.map_or("(no text)".to_owned(), |text| first_words(&text.into()))
}

/// The caller without what all of an account have in common.
fn caller(log: &ModelInvocationLog) -> &str {
    let arn = log.caller();
    arn.splitn(6, ':').nth(5).unwrap_or(if arn.is_empty() { "-" } else { arn })
}

/// A call as a conversation, and what is known of it.
pub(super) fn conversation(log: &ModelInvocationLog, usage: &Usage, cost: Option<Cost>, sizes: &Sizes) -> String {
    let mut out = format!("=== {} {} {}\n", log.timestamp, log.request_id, log.operation);
    let mut about = vec![log.model_id.to_string()];
    about.extend(log.region.as_ref().map(|region| match &log.inference_region {
        Some(served) if served != region => format!("{region}, served in {served}"),
        _ => region.clone(),
    }));
    about.push(caller(log).to_owned());
    about.push(stats::tokens(usage));
    about.push(cost.map_or("price unknown".to_owned(), |cost| format!("cost {cost}")));
    let labels = log.request_metadata.iter().flatten().map(|(name, value)| format!("{name}={value}"));
    about.extend(labels);
    let _ = writeln!(out, "{}\n", about.join(" | "));
    match log.request() {
        Ok(request) => asked(&request.value, sizes, &mut out),
        Err(error) => untold(&error.to_string(), log.input.as_ref().and_then(|input| input.body.as_ref()), &mut out),
    }
    match log.reply() {
        Ok(reply) => {
            said("assistant", &reply.message.content, sizes, &mut out);
            let mut end: Vec<String> = Vec::new();
            end.extend(reply.message.stop_reason.as_ref().map(|reason| reason.as_str().to_owned()));
            let guarded = reply.message.extra.value(GUARDRAIL).and_then(|action| action.parse::<String>().ok());
            end.extend(guarded.filter(|action| action != "NONE").map(|action| format!("guardrail: {action}")));
            end.extend((!reply.complete).then(|| "broken off".to_owned()));
            end.extend((reply.unread > 0).then(|| format!("{} not understood", stats::counted(reply.unread, "event"))));
            if !end.is_empty() {
                let _ = writeln!(out, "[{}]\n", end.join(", "));
            }
        }
        Err(error) if log.error_code.is_none() => {
            untold(&error.to_string(), log.output.as_ref().and_then(|output| output.body.as_ref()), &mut out);
        }
        Err(_) => {}
    }
    if let Some(error) = &log.error_code {
        let _ = writeln!(out, "[failed: {error}]\n");
    }
    out
}

/// Why something cannot be shown as a conversation, and as what it was logged.
fn untold(why: &str, body: Option<&Json>, out: &mut String) {
    let _ = writeln!(out, "[{why}]");
    if let Some(body) = body {
        let _ = writeln!(out, "{body}");
    }
    out.push('\n');
}

fn asked(request: &MessageRequest, sizes: &Sizes, out: &mut String) {
    match &request.system {
        None => {}
        Some(System::Text(text)) => {
            let _ = writeln!(out, "system:\n{text}\n");
        }
        Some(System::Blocks(blocks)) => {
            out.push_str("system:\n");
            for block in blocks {
                match block {
                    SystemBlock::Text(block) => out.push_str(&block.text),
                    SystemBlock::Other(block) => out.push_str(&kind(&block.kind)),
                }
                out.push('\n');
            }
            out.push('\n');
        }
    }
    for turn in &request.messages {
        said(turn.role.as_str(), &turn.content.clone().into_blocks(), sizes, out);
    }
}

fn said(who: &str, blocks: &[Block], sizes: &Sizes, out: &mut String) {
    let _ = writeln!(out, "{who}:");
    for block in blocks {
        let _ = writeln!(out, "{}", shown(block, sizes));
    }
    out.push('\n');
}

fn shown(block: &Block, sizes: &Sizes) -> String {
    match block {
        Block::Text(block) => block.text.clone(),
        Block::Thinking(block) => format!("[thinking]\n{}\n[end of thinking]", block.thinking),
        Block::ToolUse(call) => format!("[calls {} {}: {}]", call.name, call.id, call.input),
        Block::ServerToolUse(call) => format!("[calls {} {}: {}]", call.name, call.id, call.input),
        Block::ToolResult(result) => {
            let failed = if result.is_error == Some(true) { ", an error" } else { "" };
            let content = result.content.as_ref().map(|content| result_text(content, sizes)).unwrap_or_default();
            format!("[result of {}{failed}]\n{content}", result.tool_use_id)
        }
        Block::Image(block) => media::image(&block.source, sizes),
        Block::Document(block) => media::document(block, sizes),
        // What only Converse has.
        Block::Other(other) if other.kind.is_empty() => media::odd(other, sizes)
            .unwrap_or_else(|| format!("[{}]", Json::of(other).map(|json| json.to_string()).unwrap_or_default())),
        block => kind(block.kind()),
    }
}

fn kind(kind: &str) -> String {
    format!("[{kind}]")
}

fn result_text(content: &ResultContent, sizes: &Sizes) -> String {
    match content {
        ResultContent::Text(text) => text.clone(),
        ResultContent::Blocks(blocks) => {
            let texts = blocks.iter().map(|block| match block {
                ResultBlock::Text(block) => block.text.clone(),
                ResultBlock::Image(block) => media::image(&block.source, sizes),
                ResultBlock::Document(block) => media::document(block, sizes),
                block => kind(block.kind()),
            });
            texts.collect::<Vec<_>>().join("\n")
        }
    }
}

/// A call in the words of the Messages API.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Exported<'a> {
    timestamp: &'a str,
    request_id: &'a str,
    operation: &'a str,
    model_id: &'a str,
    identity: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_metadata: Option<&'a std::collections::BTreeMap<String, String>>,
    /// None where it is not one of Claude's.
    request: Option<MessageRequest>,
    /// None where there was none, or not one of Claude's.
    reply: Option<Message>,
}

/// A call as a line of JSON in the words of the Messages API.
pub(super) fn exported(log: &ModelInvocationLog) -> Result<String, serde_json::Error> {
    serde_json::to_string(&Exported {
        timestamp: &log.timestamp,
        request_id: &log.request_id,
        operation: log.operation.as_str(),
        model_id: log.model_id.as_str(),
        identity: log.caller(),
        error_code: log.error_code.as_deref(),
        request_metadata: log.request_metadata.as_ref(),
        request: log.request().ok().map(|request| request.value),
        reply: log.reply().ok().map(|reply| reply.message),
    })
}
