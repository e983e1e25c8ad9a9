//! Tools and the choice among them.

use std::collections::{BTreeMap, HashSet};

use outcrop_wire::Json;
use outcrop_wire::catalogue::Capabilities;
use outcrop_wire::messages::{CustomTool, MessageRequest, OutputFormat, Tool, ToolChoice};
use serde_json::Value;

use super::betas::given;
use super::fields::extra;
use super::{Verdict, refuse, tags};

/// The most characters of a name (botocore service model, `ToolName`; first-party takes 128).
const LONGEST_NAME: usize = 64;

pub(super) fn check(request: &MessageRequest, accepts: &Capabilities<'_>) -> Verdict {
    let tools = request.tools.as_deref().unwrap_or_default();
    let mut names = HashSet::new();
    for (index, tool) in tools.iter().enumerate() {
        match tool {
            Tool::Custom(tool) => custom(tool, index, request, accepts)?,
            tool => kind(tool.kind(), index, request, accepts)?,
        }
        // Quoted from the API.
        if let Some(name) = tool.name()
            && !names.insert(name)
        {
            return refuse("tools: Tool names must be unique.");
        }
    }
    choice(request.tool_choice.as_ref(), tools, accepts)?;
    format(request, accepts)
}

/// Recorded on CountTokens (Sonnet 4), quoted from InvokeModel; which types there are depends on model and betas.
fn kind(kind: &str, index: usize, request: &MessageRequest, accepts: &Capabilities<'_>) -> Verdict {
    if kind.is_empty() {
        return tags::unknown(kind, &[], format_args!("tools.{index}"));
    }
    let Some(mut expected) = accepts.tools() else { return Ok(()) };
    expected.retain(|kind| match accepts.tool(kind) {
        Some((taken, beta)) => taken && beta.is_none_or(|beta| given(request, beta)),
        None => false,
    });
    expected.push("custom");
    if expected.contains(&kind) {
        return Ok(());
    }
    expected.sort_unstable();
    tags::unknown(kind, &expected, format_args!("tools.{index}"))
}

fn custom(tool: &CustomTool, index: usize, request: &MessageRequest, accepts: &Capabilities<'_>) -> Verdict {
    let place = format_args!("tools.{index}.custom").to_string();
    // Quoted from the API and from AWS.
    if tool.name.is_empty() {
        return refuse(format_args!("{place}.name: String should have at least 1 character"));
    }
    if tool.name.chars().count() > LONGEST_NAME {
        return refuse(format_args!("{place}.name: String should have at most {LONGEST_NAME} characters"));
    }
    if !tool.name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')) {
        return refuse(format_args!("{place}.name: String should match pattern '^[a-zA-Z0-9_-]{{1,{LONGEST_NAME}}}$'"));
    }
    // Quoted from AWS: `strict` (lobehub issue 19876), the others from gateways in front of it.
    let not_taken = [
        ("strict", tool.strict.is_some() && accepts.strict_tools() == Some(false)),
        ("eager_input_streaming", tool.eager_input_streaming.is_some() && accepts.eager_streaming_beta().is_some()),
        ("defer_loading", tool.defer_loading.is_some() && !given(request, "tool-search-tool-")),
        ("input_examples", tool.input_examples.is_some() && !given(request, "tool-examples-")),
        ("allowed_callers", tool.allowed_callers.is_some()),
    ];
    if let Some((name, _)) = not_taken.iter().find(|(_, is)| *is) {
        return extra(format_args!("{place}.{name}"));
    }
    schema(&tool.input_schema, &format!("{place}.input_schema"))?;
    if tool.strict == Some(true) && is_open(&tool.input_schema) {
        return refuse(format_args!("{place}: {OPEN}"));
    }
    Ok(())
}

/// Quoted from the API and from AWS.
fn schema(schema: &Json, place: &str) -> Verdict {
    // The top level is enough, whatever is below.
    let Ok(members) = schema.parse::<BTreeMap<String, Json>>() else {
        return match schema.text().starts_with('{') {
            // Too deep to be looked at.
            true => Ok(()),
            false => refuse(format_args!("{place}: Input should be a valid dictionary")),
        };
    };
    match members.get("type").map(Json::text) {
        None => return refuse(format_args!("{place}.type: Field required")),
        Some("\"object\"") => {}
        Some(_) => return refuse(format_args!("{place}.type: Input should be 'object'")),
    }
    if ["oneOf", "allOf", "anyOf"].iter().any(|name| members.contains_key(*name)) {
        return refuse(format_args!("{place}: input_schema does not support oneOf, allOf, or anyOf at the top level"));
    }
    Ok(())
}

/// Quoted from the API.
const OPEN: &str = "For 'object' type, 'additionalProperties' must be explicitly set to false";

/// Whether any object of a schema may have members that it does not name.
fn is_open(schema: &Json) -> bool {
    fn open(schema: &Value) -> bool {
        let Value::Object(members) = schema else { return false };
        let object = match members.get("type") {
            Some(Value::String(kind)) => kind == "object",
            Some(Value::Array(kinds)) => kinds.iter().any(|kind| kind == "object"),
            _ => members.contains_key("properties"),
        };
        let below = |name: &str| match members.get(name) {
            Some(Value::Object(schemas)) if name != "items" => schemas.values().any(open),
            Some(Value::Array(schemas)) => schemas.iter().any(open),
            Some(schema) => open(schema),
            None => false,
        };
        object && members.get("additionalProperties") != Some(&Value::Bool(false))
            || ["properties", "$defs", "definitions", "items", "anyOf", "allOf", "oneOf"].into_iter().any(below)
    }
    schema.parse().is_ok_and(|schema| open(&schema))
}

fn choice(choice: Option<&ToolChoice>, tools: &[Tool], accepts: &Capabilities<'_>) -> Verdict {
    match choice {
        None => Ok(()),
        // Documented: Fable 5.1 and later, Opus 5.5.
        Some(ToolChoice::Any(_) | ToolChoice::Tool(_)) if !accepts.forced_tools() => {
            refuse("tool_choice: type \"tool\" and \"any\" are not supported for this model.")
        }
        // Quoted from the API.
        Some(ToolChoice::Tool(choice)) if !tools.iter().any(|tool| tool.name().as_deref() == Some(&*choice.name)) => {
            refuse(format_args!("Tool '{}' not found in provided tools", choice.name))
        }
        // Quoted from AWS.
        Some(ToolChoice::Any(_) | ToolChoice::Auto(_)) if tools.is_empty() => {
            refuse("tool_choice may only be specified while providing tools.")
        }
        _ => Ok(()),
    }
}

fn format(request: &MessageRequest, accepts: &Capabilities<'_>) -> Verdict {
    let Some(format) = request.output_config.as_ref().and_then(|config| config.format.as_ref()) else { return Ok(()) };
    // Quoted from AWS (simonw, models.dev issue 1765).
    if accepts.output_format() == Some(false) {
        return extra("output_config.format");
    }
    match format {
        OutputFormat::JsonSchema(format) if is_open(&format.schema) => {
            refuse(format_args!("output_config.format.schema: {OPEN}"))
        }
        _ => Ok(()),
    }
}
