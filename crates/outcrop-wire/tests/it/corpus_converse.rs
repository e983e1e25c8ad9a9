//! Recorded traffic of Converse: bodies survive with no member lost, streams come back frame by frame.

use outcrop_wire::converse::{ConverseAccumulator, ConverseEvent, StopReason};
use outcrop_wire::dialect::converse::{
    ConverseEventDecoder, ConverseEventEncoder, decode_converse_count, decode_converse_request,
    decode_converse_response, encode_converse_count, encode_converse_request, encode_converse_response,
};
use serde_json::Value;

use crate::corpus::{Dice, Exchange, Report, exchanges, folder, same};
use crate::corpus_messages::unknown;

/// Every recorded exchange of one operation, with the raw request bodies of real clients.
fn recorded(folder: &std::path::Path, operation: &str) -> Vec<Exchange> {
    exchanges(folder, &["bedrock-"]).into_iter().filter(|exchange| exchange.text("op") == operation).collect()
}

fn is_claude(exchange: &Exchange) -> bool {
    exchange.text("family").eq_ignore_ascii_case("claude")
}

fn request_round_trip(body: &[u8], is_claude: bool) -> Result<(), String> {
    let expected: Value = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    let request = decode_converse_request("m".into(), body).map_err(|error| error.to_string())?;
    let again = encode_converse_request(&request).map_err(|error| error.to_string())?;
    same(&serde_json::from_slice(&again).unwrap(), &expected)?;
    // Video is kept as it is: Claude takes none, and refuses it in the two recordings that send it.
    match &unknown_members(&request)[..] {
        [first, ..] if is_claude && first != "video" => Err(format!("`{first}` was not understood")),
        _ => Ok(()),
    }
}

/// The first member of every union that was not understood.
fn unknown_members(value: &impl std::fmt::Debug) -> Vec<String> {
    let text = format!("{value:?}");
    text.match_indices("Other({\"")
        .map(|(at, found)| text[at + found.len()..].split('"').next().unwrap_or_default().to_owned())
        .chain(unknown(value))
        .collect()
}

#[test]
fn corpus_converse_requests() {
    let Some(folder) = folder("requests over Converse") else { return };
    let mut report = Report::new("requests over Converse");
    for operation in ["Converse", "ConverseStream"] {
        for exchange in recorded(&folder, operation) {
            // Clients of the SDKs send no body that is not JSON.
            let Some(body) = exchange.body("request") else { continue };
            report.add(&exchange.name, request_round_trip(&body, is_claude(&exchange)));
        }
    }
    for file in std::fs::read_dir(folder.join("captures")).unwrap().map(|file| file.unwrap().path()) {
        let bytes = std::fs::read(&file).unwrap();
        let head = bytes.windows(4).position(|end| end == b"\r\n\r\n").unwrap_or(bytes.len());
        if !String::from_utf8_lossy(&bytes[..head]).lines().next().unwrap_or_default().contains("/converse") {
            continue;
        }
        report.add(&file.file_name().unwrap().to_string_lossy(), request_round_trip(&bytes[head + 4..], true));
    }
    report.finish();
}

/// The names of all members, as they stand, but for free JSON, whose order is the model's.
fn unsorted(text: &str) -> Option<String> {
    fn look(value: &serde_json::value::RawValue, at: &str) -> Option<String> {
        if at.ends_with(".input") || at.ends_with(".json") || at.ends_with("ResponseFields") {
            return None;
        }
        if let Ok(members) = serde_json::from_str::<Members<'_>>(value.get()) {
            if let Some(pair) = members.0.windows(2).find(|pair| pair[0].0 > pair[1].0) {
                return Some(format!("{at}: `{}` stands before `{}`", pair[0].0, pair[1].0));
            }
            return members.0.iter().find_map(|(name, value)| look(value, &format!("{at}.{name}")));
        }
        let items: Vec<&serde_json::value::RawValue> = serde_json::from_str(value.get()).unwrap_or_default();
        items.iter().find_map(|value| look(value, at))
    }
    look(serde_json::from_str(text).unwrap(), "")
}

/// An object's members in their order.
struct Members<'a>(Vec<(String, &'a serde_json::value::RawValue)>);

impl<'de: 'a, 'a> serde::Deserialize<'de> for Members<'a> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Members<'de>;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Visitor)
    }
}

#[test]
fn corpus_converse_answers() {
    let Some(folder) = folder("answers over Converse") else { return };
    let mut report = Report::new("answers over Converse");
    for exchange in recorded(&folder, "Converse") {
        if exchange.status() != 200 {
            continue;
        }
        let Some(body) = exchange.body("response") else { continue };
        let outcome = (|| {
            let mut expected: Value = serde_json::from_slice(&body).map_err(|error| error.to_string())?;
            // Five were shortened by hand: AWS always says how long it took, and how many tokens.
            let members = expected.as_object_mut().unwrap();
            members.entry("metrics").or_insert(serde_json::json!({"latencyMs": 0}));
            members
                .entry("usage")
                .or_insert(serde_json::json!({"inputTokens": 0, "outputTokens": 0, "totalTokens": 0}));
            let response = decode_converse_response(&body).map_err(|error| error.to_string())?;
            let again = encode_converse_response(&response).map_err(|error| error.to_string())?;
            same(&serde_json::from_slice(&again).unwrap(), &expected)?;
            match &unknown_members(&response)[..] {
                [] => {}
                // Two of those have texts in Anthropic's form, `{"type":"text","text":...}`: no such union, kept whole.
                [first, ..] if first == "type" => return Ok(()),
                [first, ..] => return Err(format!("`{first}` was not understood")),
            }
            match unsorted(&text(&again)) {
                Some(problem) => Err(problem),
                None if matches!(response.stop_reason, StopReason::Other(_)) => Err("an unknown stop reason".into()),
                // Where no letter is written another way, it is the same text.
                None if again.len() == body.len() && again != body && unsorted(&text(&body)).is_none() => {
                    Err(format!("other bytes: {}", text(&again)))
                }
                None => Ok(()),
            }
        })();
        report.add(&exchange.name, outcome);
    }
    report.finish();
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Every event of bytes that come in pieces.
fn events<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> Result<Vec<ConverseEvent>, String> {
    let (mut decoder, mut events) = (ConverseEventDecoder::default(), Vec::new());
    for piece in pieces {
        decoder.push(piece);
        while let Some(event) = decoder.next_event().map_err(|error| error.to_string())? {
            events.push(event);
        }
    }
    decoder.finish().map_err(|error| error.to_string())?;
    Ok(events)
}

#[test]
fn corpus_converse_streams() {
    let Some(folder) = folder("streams over ConverseStream") else { return };
    let mut report = Report::new("streams over ConverseStream");
    let mut dice = Dice(0xC0A);
    let mut frames = 0;
    for exchange in recorded(&folder, "ConverseStream") {
        if exchange.status() != 200 || exchange.json["response"].get("body_base64").is_none() {
            continue;
        }
        let outcome = (|| {
            let bytes = exchange.body("response").ok_or("no body")?;
            let decoded = exchange.json["decoded"].as_array().ok_or("no decoded list")?;
            if decoded.iter().any(|frame| frame["headers"][":message-type"] == "exception") {
                return match events([&bytes[..]].into_iter()) {
                    Err(_) => Ok(()),
                    Ok(_) => Err("an exception was not seen".to_owned()),
                };
            }
            let found = events([&bytes[..]].into_iter())?;
            if found != events(bytes.chunks(1))? || found != events(bytes.chunks(1 + dice.roll(700)))? {
                return Err("cut elsewhere, it gives other events".into());
            }
            let (mut encoder, mut again, mut accumulator) =
                (ConverseEventEncoder::default(), Vec::new(), ConverseAccumulator::new());
            for (event, frame) in found.iter().zip(decoded) {
                let padding = frame["payload"]["p"].as_str().unwrap_or_default().len();
                let mut expected = frame["payload"].clone();
                expected.as_object_mut().unwrap().remove("p");
                let name = frame["headers"][":event-type"].as_str().unwrap_or_default();
                same(&serde_json::to_value(event).unwrap(), &serde_json::json!({ name: expected }))?;
                if let (true, [first, ..]) = (is_claude(&exchange), &unknown_members(event)[..]) {
                    return Err(format!("`{first}` was not understood"));
                }
                encoder.encode(event, padding, &mut again).map_err(|error| error.to_string())?;
                accumulator.push(event).map_err(|error| error.to_string())?;
            }
            frames += found.len();
            let padded = decoded.iter().all(|frame| frame["payload"].get("p").is_some());
            // (One recorded frame of Nova has `role` before `p`.)
            if padded
                && found.len() == decoded.len()
                && again.len() == bytes.len()
                && is_claude(&exchange)
                && again != bytes
            {
                return Err("re-encodes to other bytes".into());
            }
            let answer = accumulator.into_response().ok_or("no answer")?;
            match (found.len() == decoded.len(), &answer.stop_reason) {
                (false, _) => Err("events were lost".into()),
                (_, StopReason::Other(reason)) => Err(format!("stops for `{reason}`")),
                _ => Ok(()),
            }
        })();
        report.add(&exchange.name, outcome);
    }
    println!("corpus: events over ConverseStream: {frames}");
    report.finish();
}

#[test]
fn corpus_converse_counts() {
    let Some(folder) = folder("counts of tokens over Converse") else { return };
    let mut report = Report::new("counts of tokens over Converse");
    for exchange in recorded(&folder, "CountTokens") {
        let outcome = (|| {
            let body = exchange.body("request").ok_or("no body")?;
            let Some(tokens) = decode_converse_count(&body).map_err(|error| error.to_string())? else { return Ok(()) };
            let again = encode_converse_count(&tokens).map_err(|error| error.to_string())?;
            same(&serde_json::from_slice(&again).unwrap(), &serde_json::from_slice(&body).unwrap())
        })();
        report.add(&exchange.name, outcome);
    }
    report.finish();
}
