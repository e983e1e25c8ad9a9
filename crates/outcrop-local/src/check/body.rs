//! The request body: members that are missing, malformed, unknown, or out of bounds.
//!
//! The wording is that of Anthropic's own validation, which AWS passes on for these models; recorded examples:
//! `messages.0.content.1.image.source.base64.data: URL sources are not supported` (400, 2025-12-31).

use outcrop_wire::catalogue::Catalogue;
use outcrop_wire::fault::Fault;
use outcrop_wire::messages::{Block, Content, MessageRequest, Role, Thinking, Tool, ToolChoice};
use outcrop_wire::model::Model;
use outcrop_wire::surface::Surface;
use serde_json::Value;
use serde_path_to_error::Segment;

use super::invalid;

/// Tools that run at the service, which Bedrock does not (platform.claude.com, Claude on Amazon Bedrock).
const AT_THE_SERVICE: [&str; 3] = ["web_search_", "web_fetch_", "code_execution_"];

/// The smallest thinking budget (Messages API reference).
const LEAST_BUDGET: u32 = 1024;

/// Why a body does not decode. A good body pays nothing for the place of a mistake: it is looked for in a second pass.
pub(super) fn malformed(body: &[u8], error: &serde_json::Error) -> Fault {
    if error.is_syntax() || error.is_eof() {
        return invalid("Malformed input request, please reformat your input and try again.");
    }
    let place = place_of_mistake(body);
    let problem = error.to_string();
    if problem.contains("duplicate field") || place.is_empty() && problem.contains("expected an object") {
        return invalid("Malformed input request, please reformat your input and try again.");
    }
    let at = |member: &str| match place.as_str() {
        "" => member.to_owned(),
        place => format!("{place}.{member}"),
    };
    if let Some(member) = between(&problem, "missing field `", "`") {
        return invalid(format!("{}: Field required", at(member)));
    }
    let expected = match problem.split("expected ").nth(1).unwrap_or_default() {
        expected if expected.starts_with("a string or a list") || expected.starts_with("a sequence") => "a valid list",
        expected if expected.starts_with("a string") || expected.starts_with("a type name") => "a valid string",
        expected if expected.starts_with("a boolean") => "a valid boolean",
        expected if expected.starts_with("u32") && problem.contains("integer `-") => "greater than or equal to 1",
        expected if expected.starts_with(['u', 'i']) => "a valid integer",
        expected if expected.starts_with('f') => "a valid number",
        _ => "a valid dictionary",
    };
    invalid(format!("{place}: Input should be {expected}"))
}

/// Where a body does not fit, as Anthropic writes it: `messages.0.content.1.image.source`, the `type` of each object on the
/// way named after it (recorded: `messages.0.content.1.image.source.base64.data`).
fn place_of_mistake(body: &[u8]) -> String {
    let mut reader = serde_json::Deserializer::from_slice(body);
    let traced: Result<MessageRequest, _> = serde_path_to_error::deserialize(&mut reader);
    let Err(traced) = traced else { return String::new() };
    let whole: Value = serde_json::from_slice(body).unwrap_or_default();
    let (mut here, mut parts) = (Some(&whole), Vec::new());
    for segment in traced.path().iter() {
        here = match segment {
            Segment::Seq { index } => {
                parts.push(index.to_string());
                here.and_then(|here| here.get(index))
            }
            Segment::Map { key } => {
                parts.push(key.clone());
                here.and_then(|here| here.get(key))
            }
            Segment::Enum { .. } | Segment::Unknown => None,
        };
        let kind = here.and_then(|here| here.get("type")?.as_str());
        // A tool without a type is one of the caller's own.
        let kind = kind.or((parts.len() == 2 && parts[0] == "tools").then_some("custom"));
        parts.extend(kind.map(str::to_owned));
    }
    parts.join(".")
}

/// The text between two marks.
fn between<'a>(text: &'a str, from: &str, to: &str) -> Option<&'a str> {
    text.split_once(from)?.1.split_once(to).map(|(found, _)| found)
}

/// What a decoded body may still have wrong.
pub(super) fn check(
    catalogue: &Catalogue,
    surface: Surface,
    model: Model,
    request: &MessageRequest,
    today: &str,
) -> Result<(), Fault> {
    if request.stream.is_some() {
        return Err(extra("stream"));
    }
    // `model` is set from the path; a body that has it too said so in its bytes.
    let known = |name: &str| name != "model" && MessageRequest::MEMBERS.contains(&name);
    if let Some((name, _)) = request.extra.iter().find(|(name, _)| !known(name)) {
        return Err(extra(name));
    }
    // Of Anthropic's own API, not of Bedrock (bedrock-wire: fields by status on InvokeModel).
    let elsewhere = [
        ("cache_control", request.cache_control.is_some()),
        ("container", request.container.is_some()),
        ("diagnostics", request.diagnostics.is_some()),
        ("inference_geo", request.inference_geo.is_some()),
        ("mcp_servers", request.mcp_servers.is_some()),
        ("service_tier", request.service_tier.is_some()),
        ("speed", request.speed.is_some()),
    ];
    if let Some((name, _)) = elsewhere.iter().find(|(_, given)| *given) {
        return Err(extra(name));
    }
    if request.messages.is_empty() {
        return Err(invalid("messages: at least one message is required"));
    }
    if request.max_tokens == 0 {
        return Err(invalid("max_tokens: Input should be greater than or equal to 1"));
    }
    let most = catalogue.capability(Some(model), surface, "output.max", today).and_then(|row| row.value.parse().ok());
    if let Some(most) = most.filter(|most: &u32| request.max_tokens > *most) {
        return Err(invalid(format!(
            "max_tokens: {} > {most}, which is the maximum allowed number of output tokens for {}",
            request.max_tokens,
            model.row().reply
        )));
    }
    for (name, value) in [("temperature", request.temperature), ("top_p", request.top_p)] {
        match value {
            Some(value) if value < 0.0 => {
                return Err(invalid(format!("{name}: Input should be greater than or equal to 0")));
            }
            Some(value) if value > 1.0 => {
                return Err(invalid(format!("{name}: Input should be less than or equal to 1")));
            }
            _ => {}
        }
    }
    if let Some(Thinking::Enabled(thinking)) = &request.thinking {
        if thinking.budget_tokens < LEAST_BUDGET {
            return Err(invalid(format!(
                "thinking.enabled.budget_tokens: Input should be greater than or equal to {LEAST_BUDGET}"
            )));
        }
        if thinking.budget_tokens >= request.max_tokens {
            return Err(invalid("`max_tokens` must be greater than `thinking.budget_tokens`."));
        }
    }
    let betas = request.betas.as_deref().unwrap_or_default();
    let manages = |beta: &String| beta.starts_with("context-management-") || beta.starts_with("compact-");
    if request.context_management.is_some() && !betas.iter().any(manages) {
        return Err(extra("context_management"));
    }
    let refuses_prefill =
        catalogue.capability(Some(model), surface, "prefill", today).is_some_and(|row| row.value == "refused");
    if refuses_prefill && request.messages.last().is_some_and(|turn| turn.role == Role::Assistant) {
        return Err(invalid(
            "This model does not support assistant message prefill. The conversation must end with a user message.",
        ));
    }
    tools(request)?;
    for (at, turn) in request.messages.iter().enumerate() {
        let Content::Blocks(blocks) = &turn.content else { continue };
        for (index, content) in blocks.iter().enumerate() {
            block(content, &format!("messages.{at}.content.{index}"))?;
        }
    }
    Ok(())
}

fn block(block: &Block, place: &str) -> Result<(), Fault> {
    match block {
        Block::Text(text) if text.text.is_empty() => Err(invalid("messages: text content blocks must be non-empty")),
        Block::Image(image) => source(image.source.kind(), &format!("{place}.image")),
        Block::Document(document) => source(document.source.kind(), &format!("{place}.document")),
        Block::Other(other) if other.kind.is_empty() => Err(invalid(format!("{place}.type: Field required"))),
        // Kinds that this version does not know pass: the stand-in must not refuse what AWS added since.
        _ => Ok(()),
    }
}

/// Only bytes are taken; recorded for `url`.
fn source(kind: &str, place: &str) -> Result<(), Fault> {
    let what = match kind {
        "url" => "URL",
        "file" => "File",
        _ => return Ok(()),
    };
    Err(invalid(format!("{place}.source.base64.data: {what} sources are not supported")))
}

fn tools(request: &MessageRequest) -> Result<(), Fault> {
    let tools = request.tools.as_deref().unwrap_or_default();
    for (index, tool) in tools.iter().enumerate() {
        let tool = match tool {
            Tool::Custom(tool) => tool,
            // Recorded on CountTokens for `web_search_20250305`.
            other if AT_THE_SERVICE.iter().any(|prefix| other.kind().starts_with(prefix)) => {
                return Err(invalid(format!(
                    "tools.{index}: Input tag '{}' found using 'type' does not match any of the expected tags: \
                     'bash_20250124', 'custom', 'text_editor_20250124', 'text_editor_20250429', 'text_editor_20250728'",
                    other.kind()
                )));
            }
            _ => continue,
        };
        // A schema too deep to be looked at is let pass.
        let schema: Option<Value> = tool.input_schema.parse().ok();
        if schema.is_some_and(|schema| schema.get("type").is_none_or(|kind| kind != "object")) {
            return Err(invalid(format!("tools.{index}.custom.input_schema.type: Input should be 'object'")));
        }
        let fits = |name: &str| {
            (1..=64).contains(&name.len())
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
        };
        if !fits(&tool.name) {
            return Err(invalid(format!(
                "tools.{index}.custom.name: String should match pattern '^[a-zA-Z0-9_-]{{1,64}}$'"
            )));
        }
    }
    match &request.tool_choice {
        Some(ToolChoice::Tool(choice)) if !tools.iter().any(|tool| tool.name().as_deref() == Some(&*choice.name)) => {
            Err(invalid(format!("Tool '{}' not found in provided tools", choice.name)))
        }
        Some(ToolChoice::Any(_) | ToolChoice::Auto(_)) if tools.is_empty() => {
            Err(invalid("tool_choice may only be specified while providing tools."))
        }
        _ => Ok(()),
    }
}

fn extra(name: &str) -> Fault {
    invalid(format!("{name}: Extra inputs are not permitted"))
}
