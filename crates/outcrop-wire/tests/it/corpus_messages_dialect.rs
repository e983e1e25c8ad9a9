//! The dialect of Anthropic's own API against its recordings, and against what the official clients of Mantle send.

use outcrop_wire::dialect::StreamError;
use outcrop_wire::dialect::messages::{
    EventDecoder, EventEncoder, Head, Outline, decode_count_answer, decode_count_request, decode_request,
    decode_response, encode_count_answer, encode_count_request, encode_fault, encode_request, encode_response,
};
use outcrop_wire::edit::Edit;
use outcrop_wire::fault::Fault;
use outcrop_wire::messages::Event;
use serde_json::{Value, json};

use crate::corpus::{Dice, Exchange, Report, exchanges, folder, same};

fn recorded(exchange: &Exchange, operation: &str) -> Option<Vec<u8>> {
    let is_meant = exchange.text("op") == format!("{operation}(Anthropic)");
    exchange.body("response").filter(|_| is_meant)
}

/// The events of a stream that came in cuts, and why it ended.
fn events<'a>(cuts: impl Iterator<Item = &'a [u8]>) -> (Vec<Event>, Option<StreamError>) {
    let (mut decoder, mut events) = (EventDecoder::default(), Vec::new());
    for cut in cuts {
        decoder.push(cut);
        loop {
            match decoder.next_event() {
                Ok(Some(event)) => events.push(event),
                Ok(None) => break,
                Err(error) => return (events, Some(error)),
            }
        }
    }
    let end = decoder.finish().err();
    (events, end)
}

/// The bytes between events are the recording's own: name and data as they were sent, without what hides lengths.
fn unpadded(body: &str) -> Vec<String> {
    let padding = |event: &str| match event.strip_suffix('}') {
        Some(event) => format!("{}}}", event.trim_end_matches(' ')),
        None => event.to_owned(),
    };
    body.split("\n\n").filter(|event| !event.is_empty()).map(padding).collect()
}

fn check_stream(body: &[u8], dice: &mut Dice) -> Result<(), String> {
    // Some recorders left out the last empty line.
    let mut bytes = body.to_vec();
    bytes.extend_from_slice(b"\n\n");
    let (whole, end) = events(std::iter::once(&bytes[..]));
    if !matches!(end, None | Some(StreamError::Fault(_))) && body.windows(14).any(|text| text == b"\"message_stop\"") {
        return Err(format!("ended so: {end:?}"));
    }
    let size = 1 + dice.roll(90);
    for size in [1, size] {
        let (cut, _) = events(bytes.chunks(size));
        if cut != whole {
            return Err(format!("other events in pieces of {size}"));
        }
    }
    let sent = unpadded(std::str::from_utf8(body).map_err(|error| error.to_string())?);
    let (mut encoder, mut again) = (EventEncoder::default(), Vec::new());
    for (at, event) in whole.iter().enumerate() {
        let start = again.len();
        encoder.encode(event, dice.roll(16), &mut again).map_err(|error| error.to_string())?;
        let written = unpadded(std::str::from_utf8(&again[start..]).map_err(|error| error.to_string())?);
        let [written] = &written[..] else { return Err(format!("event {at} became {}", written.len())) };
        let sent = sent.get(at).ok_or("an event too many")?;
        let parts = |text: &str| -> Option<(String, Value)> {
            let (name, data) = text.split_once("\ndata: ")?;
            Some((name.to_owned(), serde_json::from_str(data).ok()?))
        };
        let (Some((name, data)), Some((sent_name, sent_data))) = (parts(written), parts(sent)) else {
            return Err(format!("event {at} has another form: {written}"));
        };
        if name != sent_name {
            return Err(format!("event {at} is called {name} instead of {sent_name}"));
        }
        same(&data, &sent_data).map_err(|problem| format!("event {at}{problem}"))?;
    }
    match events(std::iter::once(&again[..])).0 == whole {
        true => Ok(()),
        false => Err("encodes to other events".to_owned()),
    }
}

#[test]
fn corpus_messages_streams() {
    let Some(folder) = folder("first-party streams through the dialect") else { return };
    let mut report = Report::new("first-party streams through the dialect");
    let mut dice = Dice(0x55E);
    for exchange in exchanges(&folder, &["anthropic-"]) {
        let body = recorded(&exchange, "Messages").filter(|body| body.starts_with(b"event: message_start"));
        if let Some(body) = body.filter(|_| exchange.status() == 200) {
            report.add(&exchange.name, check_stream(&body, &mut dice));
        }
    }
    report.finish();
}

#[test]
fn corpus_messages_answers() {
    let Some(folder) = folder("first-party answers through the dialect") else { return };
    let mut report = Report::new("first-party answers through the dialect");
    for exchange in exchanges(&folder, &["anthropic-"]) {
        let Some(body) = recorded(&exchange, "Messages") else { continue };
        let Ok(expected) = serde_json::from_slice::<Value>(&body) else { continue };
        if expected["type"] == "error" {
            report.add(&exchange.name, check_error(&exchange, &body, &expected));
        } else if expected["type"] == "message" {
            let again = decode_response(&body).and_then(|message| encode_response(&message));
            let again = again.map_err(|error| error.to_string());
            report.add(&exchange.name, again.and_then(|again| same(&parsed(&again), &expected)));
        }
    }
    report.finish();
}

fn check_error(exchange: &Exchange, body: &[u8], expected: &Value) -> Result<(), String> {
    let status = u16::try_from(exchange.status()).map_err(|error| error.to_string())?;
    let answer = encode_fault(&Fault::from_http(status, None, body), "none");
    if answer.status != status {
        return Err(format!("{} instead of {status}", answer.status));
    }
    let mut expected = expected.clone();
    if expected.get("request_id").is_none() {
        expected["request_id"] = json!("none");
    }
    same(&parsed(&answer.body), &expected)
}

#[test]
fn corpus_messages_counts() {
    let Some(folder) = folder("first-party counts through the dialect") else { return };
    let mut report = Report::new("first-party counts through the dialect");
    for exchange in exchanges(&folder, &["anthropic-"]) {
        let (Some(answer), Some(asked)) = (recorded(&exchange, "CountTokens"), exchange.body("request")) else {
            continue;
        };
        let outcome = (|| {
            let count = decode_count_answer(&answer).map_err(|error| error.to_string())?;
            let again = encode_count_answer(&count).map_err(|error| error.to_string())?;
            same(&parsed(&again), &parsed(&answer))?;
            counted(&asked)
        })();
        report.add(&exchange.name, outcome);
    }
    report.finish();
}

/// A count's body as a request, and back.
fn counted(asked: &[u8]) -> Result<(), String> {
    let body = decode_count_request(asked).map_err(|error| error.to_string())?;
    let request = decode_request(Head::default(), &body).map_err(|error| error.to_string())?;
    let body = encode_request(&request, &[]).map_err(|error| error.to_string())?;
    let again = encode_count_request(&body).map_err(|error| error.to_string())?;
    same(&parsed(&again), &parsed(asked))
}

fn parsed(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap_or_default()
}

/// What the official clients put on the wire.
#[test]
fn corpus_mantle_captures() {
    let Some(folder) = folder("captured calls of Mantle") else { return };
    let mut report = Report::new("captured calls of Mantle");
    let mut files: Vec<_> =
        std::fs::read_dir(folder.join("captures")).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    for file in files {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        if name.contains("mantle") {
            let capture = std::fs::read_to_string(&file).unwrap().replace("\r\n", "\n");
            report.add(&name, check_capture(&name, &capture));
        }
    }
    report.finish();
}

fn check_capture(name: &str, capture: &str) -> Result<(), String> {
    let (head, body) = capture.split_once("\n\n").ok_or("no body")?;
    let header = |wanted: &str| {
        let mut headers = head.lines().skip(1).filter_map(|line| line.split_once(": "));
        headers.find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value)
    };
    let body = body.trim_end().as_bytes();
    let outline = Outline::read(body);
    if outline.model.as_str() != "anthropic.claude-opus-4-8" || outline.stream != name.contains("stream") {
        return Err(format!("asks for {outline:?}"));
    }
    if name.contains("count") {
        return counted(body);
    }
    let head = Head::read(header("anthropic-version"), header("anthropic-beta"));
    if head.version.as_deref() != Some("2026-10-21") || head.betas.is_empty() == name.contains("beta") {
        return Err(format!("says {head:?}"));
    }
    let request = decode_request(head, body).map_err(|error| error.to_string())?;
    if request.anthropic_version.as_deref() != Some("2026-10-21")
        || request.stream.unwrap_or_default() != outline.stream
    {
        return Err(format!("{request:?}"));
    }
    let again = encode_request(&request, &[] as &[Edit]).map_err(|error| error.to_string())?;
    same(&parsed(&again), &parsed(body))
}
