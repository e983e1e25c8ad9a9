//! A body that does not decode: what is missing or of another type, and where.
//!
//! The wording is that of Anthropic's own validation, which AWS passes on for these models. A good body pays nothing for
//! the place of a mistake: it is looked for in a second pass, over the body with each `type` put first.

use outcrop_wire::fault::Fault;
use outcrop_wire::messages::MessageRequest;
use serde_json::Value;
use serde_path_to_error::{Path, Segment};

use super::invalid;

/// What AWS says where there is no JSON object to speak of.
const NO_OBJECT: &str = "Malformed input request, please reformat your input and try again.";

/// The order in which members are looked at (measured on the API, 2026-08); any other member comes after them.
const ORDER: [&str; 10] = [
    "tool_choice",
    "tools",
    "messages",
    "system",
    "thinking",
    "output_config",
    "cache_control",
    "max_tokens",
    "metadata",
    "stop_sequences",
];

/// Why a body does not decode.
pub(crate) fn fault(body: &[u8], error: &serde_json::Error) -> Fault {
    if error.is_syntax() || error.is_eof() || error.to_string().contains("duplicate field") {
        return invalid(NO_OBJECT);
    }
    let Ok(mut whole @ Value::Object(_)) = serde_json::from_slice::<Value>(body) else { return invalid(NO_OBJECT) };
    // A tool without a type is one of the caller's own.
    for tool in whole.get_mut("tools").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(tool) = tool.as_object_mut() {
            tool.entry("type").or_insert_with(|| "custom".into());
        }
    }
    let mut reader = String::with_capacity(body.len());
    write_type_first(&whole, &ORDER, &mut reader);
    let mut reader = serde_json::Deserializer::from_str(&reader);
    let traced: Result<MessageRequest, _> = serde_path_to_error::deserialize(&mut reader);
    match traced {
        Err(traced) => {
            let problem = traced.inner().to_string();
            invalid(in_words(&problem, &place(traced.path(), &whole, problem.starts_with("invalid type: map"))))
        }
        // What does not fit in one order fits in another: nothing to point at.
        Ok(_) => invalid(NO_OBJECT),
    }
}

fn in_words(problem: &str, place: &str) -> String {
    if let Some(member) = between(problem, "missing field `", "`") {
        return match place {
            "" => format!("{member}: Field required"),
            place => format!("{place}.{member}: Field required"),
        };
    }
    if problem.contains("integer `-") && problem.contains("expected u") {
        // Quoted from the API.
        return match place {
            "max_tokens" => "max_tokens: must be greater than or equal to 1".to_owned(),
            place if place.ends_with("budget_tokens") => {
                format!("{place}: Input should be greater than or equal to 1024")
            }
            place => format!("{place}: Input should be greater than or equal to 0"),
        };
    }
    let expected = match problem.split("expected ").nth(1).unwrap_or_default() {
        expected if expected.starts_with("a string or a list") || expected.starts_with("a sequence") => "a valid list",
        expected if expected.starts_with("a string") || expected.starts_with("a type name") => "a valid string",
        expected if expected.starts_with("a boolean") => "a valid boolean",
        expected if expected.starts_with(['u', 'i']) => "a valid integer",
        expected if expected.starts_with('f') => "a valid number",
        _ => "a valid dictionary",
    };
    format!("{place}: Input should be {expected}")
}

/// Where a body does not fit, as Anthropic writes it: `messages.0.content.1.image.source`, the `type` of each object on the
/// way named after it (recorded: `messages.0.content.1.image.source.base64.data`), but not one that should be no object.
fn place(path: &Path, whole: &Value, no_object: bool) -> String {
    let (mut here, mut parts) = (Some(whole), Vec::new());
    let mut segments = path.iter().peekable();
    while let Some(segment) = segments.next() {
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
        // The blocks of the system prompt are of one kind.
        let unnamed = parts.len() == 2 && parts.first().is_some_and(|first| first == "system");
        let plain = no_object && segments.peek().is_none();
        parts.extend(kind.filter(|_| !unnamed && !plain).map(str::to_owned));
    }
    parts.join(".")
}

/// Writes a value with the members of `order` first, and in every object below its `type`: so nothing has to be kept aside
/// while it is read, and the place of a mistake is not lost.
fn write_type_first(value: &Value, order: &[&str], text: &mut String) {
    match value {
        Value::Object(members) => {
            let first = order.iter().filter_map(|name| Some((*name, members.get(*name)?)));
            let rest =
                members.iter().map(|(name, value)| (name.as_str(), value)).filter(|(name, _)| !order.contains(name));
            text.push('{');
            for (at, (name, value)) in first.chain(rest).enumerate() {
                if at > 0 {
                    text.push(',');
                }
                text.push_str(&Value::from(name).to_string());
                text.push(':');
                write_type_first(value, &["type"], text);
            }
            text.push('}');
        }
        Value::Array(items) => {
            text.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    text.push(',');
                }
                write_type_first(item, &["type"], text);
            }
            text.push(']');
        }
        plain => text.push_str(&plain.to_string()),
    }
}

/// The text between two marks.
fn between<'a>(text: &'a str, from: &str, to: &str) -> Option<&'a str> {
    text.split_once(from)?.1.split_once(to).map(|(found, _)| found)
}
