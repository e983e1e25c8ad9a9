//! Recorded first-party streams: every event survives, nothing stays unknown, and they add up to what the rules of the
//! official SDKs give (`accumulate_event` of the Python SDK 2.12, written here once more over plain JSON).

use outcrop_wire::accumulate::{AccumulateError, Accumulator};
use outcrop_wire::messages::Event;
use outcrop_wire::replay::{Replay, replay};
use outcrop_wire::sse::SseDecoder;
use serde_json::{Map, Value, json};

use crate::corpus::{Report, exchanges, folder, same};
use crate::corpus_messages::unknown;

/// The data of each event, errors among them. Some recorders left out the last empty line.
fn events(body: &str) -> Vec<String> {
    let mut decoder = SseDecoder::default();
    decoder.push(body.as_bytes());
    decoder.push(b"\n\n");
    let mut events = Vec::new();
    while let Some(event) = decoder.next_event().unwrap() {
        events.push(event.data.trim().to_owned());
    }
    events.retain(|data| data != "[DONE]");
    events
}

/// The message that events add up to, by the rules of the official SDK.
fn added_up(events: &[Value]) -> Option<Value> {
    let mut message = events.iter().find(|event| event["type"] == "message_start")?["message"].clone();
    let mut inputs: Map<String, Value> = Map::new();
    for event in events {
        let at = event["index"].as_u64().unwrap_or(0) as usize;
        let content = message["content"].as_array_mut()?;
        match event["type"].as_str()? {
            "content_block_start" => {
                content.push(event["content_block"].clone());
                if event["content_block"]["type"] == "fallback" {
                    message["model"] = event["content_block"]["to"]["model"].clone();
                }
            }
            "content_block_delta" => {
                let (block, delta) = (content.get_mut(at)?, &event["delta"]);
                let mut append = |member: &str, piece: &Value| {
                    let text = format!("{}{}", block[member].as_str().unwrap_or(""), piece.as_str().unwrap_or(""));
                    block[member] = json!(text);
                };
                match delta["type"].as_str()? {
                    "text_delta" => append("text", &delta["text"]),
                    "thinking_delta" => append("thinking", &delta["thinking"]),
                    "signature_delta" => block["signature"] = delta["signature"].clone(),
                    "citations_delta" => match block["citations"].as_array_mut() {
                        Some(citations) => citations.push(delta["citation"].clone()),
                        None => block["citations"] = json!([delta["citation"]]),
                    },
                    "input_json_delta" => {
                        let held = inputs.entry(at.to_string()).or_insert(json!(""));
                        *held = json!(format!("{}{}", held.as_str()?, delta["partial_json"].as_str()?));
                        if let Ok(input) = serde_json::from_str::<Value>(held.as_str()?) {
                            block["input"] = input;
                        }
                    }
                    "compaction_delta" => {
                        for (name, value) in delta.as_object()?.iter().filter(|(name, _)| *name != "type") {
                            block[name] = value.clone();
                        }
                    }
                    _ => {}
                }
            }
            "message_delta" => {
                for name in ["stop_reason", "stop_sequence", "stop_details"] {
                    if event["delta"].get(name).is_some() || name != "stop_details" {
                        message[name] = event["delta"][name].clone();
                    }
                }
                let change = event["delta"].as_object()?.iter();
                let beside =
                    event.as_object()?.iter().filter(|(name, _)| !["type", "delta", "usage"].contains(&name.as_str()));
                for (name, value) in change.chain(beside).filter(|(_, value)| !value.is_null()) {
                    message[name] = value.clone();
                }
                for (name, value) in event["usage"].as_object().into_iter().flatten() {
                    if !value.is_null() && name != "cache_creation" {
                        message["usage"][name] = value.clone();
                    }
                }
            }
            _ => {}
        }
    }
    Some(message)
}

/// A member that is null says no more than one that is not there.
fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(members) => members
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name.clone(), without_nulls(value)))
            .collect(),
        Value::Array(items) => items.iter().map(without_nulls).collect(),
        other => other.clone(),
    }
}

fn check(body: &str) -> Result<(), String> {
    let (mut accumulator, mut seen) = (Accumulator::new(), Vec::new());
    for (at, data) in events(body).into_iter().enumerate() {
        let expected: Value = serde_json::from_str(&data).map_err(|error| format!("event {at}: {error}"))?;
        let event = Event::decode(data.as_bytes()).map_err(|error| format!("event {at}: {error}"))?;
        same(&serde_json::to_value(&event).unwrap(), &expected).map_err(|problem| format!("event {at}{problem}"))?;
        if let [first, ..] = &unknown(&event)[..] {
            return Err(format!("event {at}: `{first}` was not understood"));
        }
        // Some recordings hold a second message; the first one is looked at.
        if accumulator.is_complete() {
            break;
        }
        match accumulator.push(&event) {
            Ok(()) => seen.push(expected),
            // One recording holds a reply that begins again in its middle: an error, as in the TypeScript SDK.
            Err(AccumulateError::StartedTwice) if !accumulator.is_complete() => return Ok(()),
            Err(error) => return Err(format!("event {at}: {error}")),
        }
    }
    let (Some(message), Some(expected)) = (accumulator.into_message(), added_up(&seen)) else {
        return match seen.iter().any(|event| event["type"] == "error") {
            true => Ok(()),
            false => Err("no message".to_owned()),
        };
    };
    let ours = without_nulls(&serde_json::to_value(&message).unwrap());
    same(&ours, &without_nulls(&expected)).map_err(|problem| format!("adds up to another message{problem}"))?;
    let mut again = Accumulator::new();
    for event in replay(&message, &Replay::default()) {
        again.push(&event).map_err(|error| format!("replay: {error}"))?;
    }
    match again.into_message() {
        Some(second) if second == message => Ok(()),
        other => Err(format!("replays to {other:?}")),
    }
}

#[test]
fn corpus_anthropic_streams() {
    let Some(folder) = folder("first-party Messages streams") else { return };
    let mut report = Report::new("first-party Messages streams");
    for exchange in exchanges(&folder, &["anthropic-"]) {
        let Some(body) = exchange.body("response").and_then(|body| String::from_utf8(body).ok()) else { continue };
        if exchange.text("op") == "Messages(Anthropic)"
            && exchange.status() == 200
            && body.contains("\"message_start\"")
        {
            report.add(&exchange.name, check(&body));
        }
    }
    report.finish();
}
