//! Recorded event streams: frames against an independent decoder, and back to identical bytes.

use std::collections::BTreeMap;

use outcrop_wire::Accumulator;
use outcrop_wire::dialect::invoke::{EventDecoder, read_chunk};
use outcrop_wire::eventstream::{Decoder, FrameError, HeaderValue, encode};
use outcrop_wire::messages::{Block, ContentBlockDelta, Delta, Event};
use outcrop_wire::partial::PartialJson;
use outcrop_wire::replay::{Replay, replay};
use serde_json::{Value, json};

use crate::corpus::{Dice, Exchange, Report, exchanges, folder, same};

/// Decodes the bytes pushed in `cuts`; frames as the corpus writes them, the bytes they encode to, and any error.
fn decode<'a>(cuts: impl Iterator<Item = &'a [u8]>) -> (Vec<Value>, Vec<u8>, Option<FrameError>) {
    use base64::Engine as _;
    let mut decoder = Decoder::default();
    let (mut frames, mut again) = (Vec::new(), Vec::new());
    for cut in cuts {
        decoder.push(cut);
        loop {
            match decoder.next_frame() {
                Ok(Some(frame)) => {
                    let headers: serde_json::Map<String, Value> = frame
                        .headers
                        .into_iter()
                        .map(|(name, value)| match value {
                            HeaderValue::Text(text) => (name.to_owned(), json!(text)),
                            other => (name.to_owned(), json!(format!("{other:?}"))),
                        })
                        .collect();
                    let payload = serde_json::from_slice::<Value>(frame.payload).unwrap_or(Value::Null);
                    let inner = payload["bytes"].as_str().and_then(|text| {
                        let bytes = base64::engine::general_purpose::STANDARD.decode(text).ok()?;
                        serde_json::from_slice::<Value>(&bytes).ok()
                    });
                    encode(frame.headers, |out| out.extend_from_slice(frame.payload), &mut again);
                    frames.push(match inner {
                        Some(inner) => json!({"headers": headers, "payload": payload, "inner": inner}),
                        None => json!({"headers": headers, "payload": payload}),
                    });
                }
                Ok(None) => break,
                Err(error) => return (frames, again, Some(error)),
            }
        }
    }
    (frames, again, decoder.finish().err())
}

fn check(exchange: &Exchange, dice: &mut Dice) -> Result<(), String> {
    let bytes = exchange.body("response").ok_or("no body")?;
    let expected = exchange.json["decoded"].as_array().ok_or("no decoded list")?;
    let good = exchange.json["eventstream_ok"].as_bool() != Some(false);
    let random: Vec<&[u8]> = {
        let (mut rest, mut cuts) = (&bytes[..], Vec::new());
        while !rest.is_empty() {
            let (cut, after) = rest.split_at((1 + dice.roll(700)).min(rest.len()));
            cuts.push(cut);
            rest = after;
        }
        cuts
    };
    let ways: [(&str, Vec<&[u8]>); 3] =
        [("whole", vec![&bytes[..]]), ("byte by byte", bytes.chunks(1).collect()), ("random cuts", random)];
    for (way, cuts) in ways {
        let (frames, again, error) = decode(cuts.into_iter());
        if good != error.is_none() {
            return Err(format!("{way}: {error:?}"));
        }
        if good && frames.len() != expected.len() {
            return Err(format!("{way}: {} frames instead of {}", frames.len(), expected.len()));
        }
        for (at, (frame, expected)) in frames.iter().zip(expected).enumerate() {
            // The corpus keeps an inner text that is no JSON as text; only JSON is compared.
            let mut expected = expected.clone();
            if frame.get("inner").is_none() && expected.get("inner").is_some_and(|inner| !inner.is_object()) {
                expected.as_object_mut().unwrap().remove("inner");
            }
            same(frame, &expected).map_err(|problem| format!("{way}: frame {at}{problem}"))?;
            let order = |frame: &Value| frame["headers"].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
            if order(frame) != order(&expected) {
                return Err(format!("{way}: frame {at}: header order {:?}", order(frame)));
            }
        }
        if again != bytes[..again.len()] || (good && again.len() != bytes.len()) {
            return Err(format!("{way}: re-encodes to other bytes"));
        }
    }
    Ok(())
}

#[test]
fn corpus_event_streams() {
    let Some(folder) = folder("event streams") else { return };
    let mut report = Report::new("event streams");
    let mut dice = Dice(0x5eed);
    for exchange in exchanges(&folder, &["bedrock-"]) {
        if exchange.json.get("decoded").is_some() && exchange.json["response"].get("body_base64").is_some() {
            report.add(&exchange.name, check(&exchange, &mut dice));
        }
    }
    report.finish();
}

/// A Claude stream over InvokeModel: every event survives, adds up, and plays back to the same message.
fn check_claude(exchange: &Exchange) -> Result<Kind, String> {
    let bytes = exchange.body("response").ok_or("no body")?;
    let mut decoder = EventDecoder::default();
    decoder.push(&bytes);
    let mut accumulator = Accumulator::new();
    let (mut events, mut inputs) = (0, BTreeMap::new());
    let expected: Vec<&Value> =
        exchange.json["decoded"].as_array().into_iter().flatten().filter_map(|frame| frame.get("inner")).collect();
    if expected.first().is_some_and(|first| first.get("completion").is_some()) {
        return Ok(Kind::Opaque);
    }
    while let Some(event) = decoder.next_event().map_err(|error| error.to_string())? {
        let again = serde_json::to_value(&event).unwrap();
        same(&again, expected.get(events).ok_or("an event too many")?)
            .map_err(|problem| format!("event {events}{problem}"))?;
        if matches!(&event, Event::Other(other) if other.kind.is_empty() && event.metrics().is_none()) {
            return Err(format!("event {events} was not understood"));
        }
        accumulator.push(&event).map_err(|error| format!("event {events}: {error}"))?;
        match &event {
            // Arguments are a JSON value at any moment; the end is what they add up to.
            Event::ContentBlockDelta(ContentBlockDelta { index, delta: Delta::InputJson(delta), .. }) => {
                let partial: &mut PartialJson = inputs.entry(*index).or_default();
                partial.push(&delta.partial_json);
                if partial.is_broken() {
                    return Err(format!("event {events}: no beginning of JSON: {}", partial.text()));
                }
            }
            Event::ContentBlockStop(stop) => {
                let partial = inputs.remove(&stop.index).filter(|partial| !partial.text().is_empty());
                let block = accumulator.snapshot().map(|message| &message.content[stop.index as usize]);
                if let (Some(partial), Some(Block::ToolUse(call))) = (partial, block)
                    && (!partial.is_whole() || partial.so_far().as_ref() != Some(&call.input))
                {
                    return Err(format!("event {events}: {} is not {}", partial.text(), call.input));
                }
            }
            _ => {}
        }
        events += 1;
    }
    if events != expected.len() {
        return Err(format!("{events} events instead of {}", expected.len()));
    }
    decoder.finish().map_err(|error| error.to_string())?;
    if accumulator.metrics().is_none() && exchange.json.to_string().contains("invocationMetrics") {
        return Err("the metrics were lost".into());
    }
    let message = accumulator.into_message().ok_or("no message")?;
    if message.stop_reason.is_none() {
        return Err("no stop reason".into());
    }
    let mut second = Accumulator::new();
    for event in replay(&message, &Replay::default()) {
        second.push(&event).map_err(|error| format!("replay: {error}"))?;
    }
    match second.into_message() {
        Some(again) if again == message => Ok(Kind::Message),
        other => Err(format!("replays to {other:?} instead of {message:?}")),
    }
}

enum Kind {
    Message,
    Opaque,
}

#[test]
fn corpus_claude_streams() {
    let Some(folder) = folder("claude streams over InvokeModel") else { return };
    let mut report = Report::new("claude streams over InvokeModel");
    let mut opaque = 0;
    for exchange in exchanges(&folder, &["bedrock-"]) {
        let is_stream = exchange.text("op") == "InvokeModelWithResponseStream" && exchange.status() == 200;
        if !is_stream || exchange.json["response"].get("body_base64").is_none() {
            continue;
        }
        if exchange.text("family").eq_ignore_ascii_case("claude") {
            let outcome = check_claude(&exchange);
            opaque += usize::from(matches!(outcome, Ok(Kind::Opaque)));
            report.add(&exchange.name, outcome.map(drop));
        } else {
            opaque += 1;
            let mut frames = Decoder::default();
            frames.push(&exchange.body("response").unwrap());
            let mut outcome = Ok(());
            while let Ok(Some(frame)) = frames.next_frame() {
                outcome = outcome.and(read_chunk(frame.payload).map(drop).map_err(|error| error.to_string()));
            }
            report.add(&exchange.name, outcome);
        }
    }
    println!("corpus: opaque streams (other families, `completion` bodies): {opaque}");
    report.finish();
}
