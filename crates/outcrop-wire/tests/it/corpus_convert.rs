//! Recorded Converse traffic becomes Messages and Converse again: nothing changes but what the table of losses names.

use outcrop_wire::Accumulator;
use outcrop_wire::converse::{ConverseAccumulator, ConverseEvent};
use outcrop_wire::convert::{
    Converted, Identity, Instead, Loss, StreamToMessages, message_from_converse, message_to_converse,
    request_from_converse, request_to_converse,
};
use outcrop_wire::dialect::converse::{
    ConverseEventDecoder, EventDecoder, decode_converse_request, decode_converse_response,
};
use outcrop_wire::messages::Message;
use outcrop_wire::model::ModelId;
use serde_json::{Value, json};

use crate::corpus::{Exchange, Report, exchanges, folder, same};

fn names(losses: &[Loss]) -> Vec<&'static str> {
    losses.iter().map(|loss| loss.row.name).collect()
}

/// Every value of the tree, from the inside out.
fn each(value: &mut Value, change: &impl Fn(&mut Value)) {
    match value {
        Value::Object(members) => members.values_mut().for_each(|value| each(value, change)),
        Value::Array(items) => items.iter_mut().for_each(|value| each(value, change)),
        _ => {}
    }
    change(value);
}

/// What the table calls respelled, spelled as a conversion does.
fn respelled(value: &mut Value) {
    each(value, &|value| {
        let Some(members) = value.as_object_mut() else { return };
        if let Some(call) = members.get_mut("toolUse").and_then(Value::as_object_mut)
            && call.get("type").is_some_and(|kind| kind == "tool_use")
        {
            call.remove("type");
        }
        if members.contains_key("inputTokens") {
            for name in ["cacheReadInputTokenCount", "cacheWriteInputTokenCount", "totalTokens"] {
                members.remove(name);
            }
            if members.get("serverToolUsage") == Some(&json!({})) {
                members.remove("serverToolUsage");
            }
        }
    });
    let Some(members) = value.as_object_mut() else { return };
    for empty in ["inferenceConfig", "additionalModelRequestFields", "outputConfig"] {
        if members.get(empty) == Some(&json!({})) {
            members.remove(empty);
        }
    }
}

/// What the losses of the way there changed, changed here too. A loss that nothing here knows fails the test.
fn changed(expected: &mut Value, losses: &[Loss]) -> Result<(), String> {
    for loss in losses {
        let row = loss.row;
        match row.name {
            _ if row.instead == Instead::Kept => {}
            "max_tokens" => {
                let config = expected.as_object_mut().ok_or("no object")?.entry("inferenceConfig");
                let config = config.or_insert(json!({})).as_object_mut().ok_or("no object")?;
                config.insert("maxTokens".to_owned(), json!(4096));
            }
            "tool_result_json" => {
                let at = format!("/{}", loss.place.replace('.', "/"));
                let block = expected.pointer_mut(&at).ok_or_else(|| format!("nothing at {at}"))?;
                *block = json!({ "text": block["json"].to_string() });
            }
            // A fixture that was written by hand has both vocabularies in one block.
            "foreign_member" if loss.place.ends_with(".type") => {
                let at = format!("/{}", loss.place.replace('.', "/").trim_end_matches("/type"));
                let block = expected.pointer_mut(&at).and_then(Value::as_object_mut).ok_or("nothing there")?;
                block.remove("type");
            }
            _ => return Err(format!("{loss}")),
        }
    }
    Ok(())
}

fn parsed(value: &Value) -> Value {
    // The text of JSON in a tool's result: its spelling is another's.
    let mut value = value.clone();
    each(&mut value, &|value| {
        if let Some(text) = value.get("text").and_then(Value::as_str)
            && let Ok(json @ (Value::Object(_) | Value::Array(_))) = serde_json::from_str(text)
        {
            *value = json!({ "text": json });
        }
    });
    value
}

fn request(body: &[u8]) -> Result<Vec<&'static str>, String> {
    let mut expected: Value = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    let decoded = decode_converse_request(ModelId::default(), body).map_err(|error| error.to_string())?;
    let there = request_from_converse(decoded);
    let back = request_to_converse(there.value);
    respelled(&mut expected);
    changed(&mut expected, &there.losses)?;
    // What the model is not shown is sent all the same.
    if let Some(loss) = back.losses.iter().find(|loss| loss.row.instead != Instead::Unseen) {
        return Err(format!("on the way back: {loss}"));
    }
    let mut found = serde_json::to_value(&back.value).unwrap();
    if let Some(members) = found.as_object_mut() {
        members.remove("additionalModelResponseFieldPaths");
    }
    same(&parsed(&found), &parsed(&expected))?;
    Ok(names(&there.losses))
}

fn response(body: &[u8]) -> Result<Vec<&'static str>, String> {
    let mut expected: Value = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    let decoded = decode_converse_response(body).map_err(|error| error.to_string())?;
    let Converted { value: message, losses } = message_from_converse(decoded, &identity());
    let back = message_to_converse(message);
    respelled(&mut expected);
    changed(&mut expected, &losses)?;
    if !back.losses.is_empty() {
        return Err(format!("on the way back: {}", back.losses[0]));
    }
    let mut found = serde_json::to_value(&back.value).unwrap();
    respelled(&mut found);
    // Written in any case; some recordings were edited by hand.
    for name in ["metrics", "usage"] {
        if expected.get(name).is_none() {
            found.as_object_mut().unwrap().remove(name);
        }
    }
    same(&parsed(&found), &parsed(&expected))?;
    Ok(names(&losses))
}

fn identity() -> Identity {
    Identity { id: "msg_1".to_owned(), model: "claude".to_owned() }
}

fn add_up(mut next: impl FnMut() -> Result<Option<outcrop_wire::messages::Event>, String>) -> Result<Message, String> {
    let mut accumulator = Accumulator::new();
    while let Some(event) = next()? {
        accumulator.push(&event).map_err(|error| error.to_string())?;
    }
    if !accumulator.is_complete() {
        return Err("no end".to_owned());
    }
    let metrics = accumulator.metrics().cloned();
    let mut message = accumulator.into_message().ok_or("no message")?;
    // Of a streamed reply the last event has them.
    if let Some(metrics) = metrics {
        message.extra.set("amazon-bedrock-invocationMetrics", outcrop_wire::Json::of(&metrics).unwrap());
    }
    Ok(message)
}

/// Events converted and added up are what they add up to, converted.
fn stream(events: &[ConverseEvent]) -> Result<Message, String> {
    let mut accumulator = ConverseAccumulator::new();
    let mut stream = StreamToMessages::new(identity());
    for event in events {
        accumulator.push(event).map_err(|error| error.to_string())?;
        stream.push(event.clone());
    }
    let found = add_up(|| Ok(stream.next_event()))?;
    if let Some(loss) = stream.losses().iter().find(|loss| loss.row.instead != Instead::Kept) {
        return Err(loss.to_string());
    }
    let whole = message_from_converse(accumulator.into_response().ok_or("no answer")?, &identity()).value;
    same(&serde_json::to_value(&found).unwrap(), &serde_json::to_value(&whole).unwrap())?;
    Ok(found)
}

fn converse(folder: &std::path::Path, op: &str) -> Vec<Exchange> {
    let exchanges = exchanges(folder, &["bedrock-"]);
    exchanges.into_iter().filter(|exchange| exchange.text("op") == op).collect()
}

#[test]
fn corpus_converse_requests_become_messages() {
    let Some(folder) = folder("Converse requests") else { return };
    let mut report = Report::new("Converse requests");
    for op in ["Converse", "ConverseStream"] {
        for exchange in converse(&folder, op) {
            let Some(body) = exchange.body("request") else { continue };
            // Two of the recorded requests were refused for what they are.
            if exchange.status() == 400 && decode_converse_request(ModelId::default(), &body).is_err() {
                continue;
            }
            report.add(&exchange.name, request(&body).map(drop));
        }
    }
    report.finish();
}

#[test]
fn corpus_converse_answers_become_messages() {
    let Some(folder) = folder("Converse answers") else { return };
    let mut report = Report::new("Converse answers");
    for exchange in converse(&folder, "Converse").iter().filter(|exchange| exchange.status() == 200) {
        let Some(body) = exchange.body("response") else { continue };
        report.add(&exchange.name, response(&body).map(drop));
    }
    report.finish();
}

#[test]
fn corpus_converse_streams_become_messages() {
    let Some(folder) = folder("Converse streams") else { return };
    let mut report = Report::new("Converse streams");
    for exchange in converse(&folder, "ConverseStream").iter().filter(|exchange| exchange.status() == 200) {
        let bytes = exchange.body("response").filter(|bytes| !bytes.starts_with(b"["));
        if let Some(bytes) = bytes {
            report.add(&exchange.name, bytes_and_events(&bytes));
        } else if let Some(events) = exchange.json["response"]["body_json"].as_array() {
            // Events without their frames; some were written by hand, without a beginning.
            if events.first().and_then(|event| event.get("messageStart")).is_none() {
                continue;
            }
            let events = events.iter().filter_map(|event| event.as_object()?.iter().next());
            let events = events.map(|(name, payload)| ConverseEvent::decode(name, payload.to_string().as_bytes()));
            let events: Result<Vec<_>, _> = events.collect();
            report.add(&exchange.name, events.map_err(|error| error.to_string()).and_then(|it| stream(&it)).map(drop));
        }
    }
    report.finish();
}

fn bytes_and_events(bytes: &[u8]) -> Result<(), String> {
    let (mut frames, mut events) = (ConverseEventDecoder::default(), Vec::new());
    frames.push(bytes);
    while let Some(event) = frames.next_event().map_err(|error| error.to_string())? {
        events.push(event);
    }
    let expected = stream(&events)?;
    for size in [1, 7, 64, bytes.len()] {
        let mut decoder = EventDecoder::default();
        decoder.identify(identity());
        let mut cuts = bytes.chunks(size);
        let found = add_up(|| {
            loop {
                if let Some(event) = decoder.next_event().map_err(|error| error.to_string())? {
                    return Ok(Some(event));
                }
                let Some(cut) = cuts.next() else { return Ok(None) };
                decoder.push(cut);
            }
        })?;
        decoder.finish().map_err(|error| error.to_string())?;
        if found != expected {
            return Err(format!("in pieces of {size}: {found:?}"));
        }
    }
    Ok(())
}
