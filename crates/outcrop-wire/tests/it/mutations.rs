//! Every decoder against 100,000 inputs that went wrong somewhere: none panics, none makes much of little, and what was
//! taken is written again. The dice are the same in every run.

use base64::Engine as _;
use outcrop_wire::converse::{ConverseAccumulator, ConverseEvent};
use outcrop_wire::dialect::converse::{
    ConverseEventDecoder, ConverseEventEncoder, decode_converse_request, decode_converse_response,
    encode_converse_request, encode_converse_response,
};
use outcrop_wire::dialect::invoke::{EventDecoder, EventEncoder, decode_request};
use outcrop_wire::dialect::messages;
use outcrop_wire::eventstream::{self, Decoder, HeaderValue};
use outcrop_wire::messages::{Event, Message};
use outcrop_wire::model::ModelId;
use outcrop_wire::partial::PartialJson;
use outcrop_wire::sse::SseDecoder;
use outcrop_wire::{Accumulator, Json};

use crate::corpus::Dice;
use crate::golden;

const INPUTS: usize = 100_000;

/// Every kind of event, block and delta that a stream may hold, and a few that none knows.
const EVENTS: &[&str] = &[
    r#"{"type":"message_start","message":{"model":"claude-opus-4-6","id":"msg_bdrk_01","type":"message","role":"assistant","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":8,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":0},"output_tokens":1}}}"#,
    r#"{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}"#,
    r#"{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"Hm\u00e9 \ud83d\ude00"}}"#,
    r#"{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"RXJ="}}"#,
    r#"{"type":"content_block_stop","index":0}"#,
    r#"{"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}}"#,
    r#"{"type":"ping"}"#,
    r#"{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"Hello, \"world\""}}"#,
    r#"{"type":"content_block_delta","index":1,"delta":{"type":"citations_delta","citation":{"type":"char_location","cited_text":"x","document_index":0,"document_title":null,"start_char_index":0,"end_char_index":1}}}"#,
    r#"{"type":"content_block_stop","index":1}"#,
    r#"{"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"toolu_bdrk_1","name":"weather","input":{}}}"#,
    r#"{"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"{\"city\": \"Pa"}}"#,
    r#"{"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"ris\"}"}}"#,
    r#"{"type":"content_block_stop","index":2}"#,
    r#"{"type":"content_block_start","index":3,"content_block":{"type":"hologram","beams":[1,2.50]}}"#,
    r#"{"type":"content_block_delta","index":3,"delta":{"type":"beam_delta","beam":{"a":[]}}}"#,
    r#"{"type":"content_block_stop","index":3}"#,
    r#"{"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"output_tokens":60}}"#,
    r#"{"type":"message_stop","amazon-bedrock-invocationMetrics":{"inputTokenCount":8,"outputTokenCount":60,"invocationLatency":1181,"firstByteLatency":366}}"#,
    r#"{"amazon-bedrock-invocationMetrics":{"inputTokenCount":8}}"#,
    r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#,
];

/// Bytes that mean something to one of the decoders.
const TELLING: &[u8] = b"\0\x01\x07\x0B\x7F\x80\xC3\xFF{}[]:,\"\\u0159-+.eE tfn";

/// A few changes: bytes flipped, set, lost, doubled, moved, and the end cut off.
pub(crate) fn mutate(bytes: &mut Vec<u8>, dice: &mut Dice) {
    for _ in 0..1 + dice.roll(4) {
        let length = bytes.len();
        if length == 0 {
            bytes.push(TELLING[dice.roll(TELLING.len())]);
            continue;
        }
        let at = dice.roll(length);
        let end = (at + 1 + dice.roll(12)).min(length);
        match dice.roll(8) {
            0 => bytes[at] ^= 1 << dice.roll(8),
            1 => bytes[at] = TELLING[dice.roll(TELLING.len())],
            2 => bytes.insert(at, TELLING[dice.roll(TELLING.len())]),
            3 => drop(bytes.drain(at..end)),
            4 => {
                let piece = bytes[at..end].to_vec();
                bytes.splice(at..at, piece);
            }
            5 => {
                let piece: Vec<u8> = bytes.drain(at..end).collect();
                let to = dice.roll(bytes.len() + 1);
                bytes.splice(to..to, piece);
            }
            6 => bytes[at] = dice.roll(256) as u8,
            _ => bytes.truncate(at),
        }
    }
}

/// The bytes of a stream of all events, frame by frame.
fn stream() -> Vec<Vec<u8>> {
    let mut frames: Vec<Vec<u8>> = Vec::new();
    for (at, event) in EVENTS.iter().enumerate() {
        let mut frame = Vec::new();
        EventEncoder::default().encode(&Event::decode(event.as_bytes()).unwrap(), at * 3, &mut frame).unwrap();
        frames.push(frame);
    }
    let mut frame = Vec::new();
    let message = b"{\"message\":\"m\"}";
    eventstream::encode_exception("throttlingException", |out| out.extend_from_slice(message), &mut frame);
    frames.push(frame);
    frames
}

/// Reads everything, in cuts of a random size; says how many frames came.
fn frames(bytes: &[u8], dice: &mut Dice) -> usize {
    let mut decoder = Decoder::default();
    let (mut count, mut handed_out) = (0, 0);
    for cut in bytes.chunks(1 + dice.roll(bytes.len().max(1))) {
        decoder.push(cut);
        while let Ok(Some(frame)) = decoder.next_frame() {
            let _ = frame.kind();
            handed_out += frame.payload.len() + frame.headers.bytes().len();
            count += 1;
        }
    }
    assert!(handed_out <= bytes.len(), "more was handed out than came in");
    let _ = decoder.finish();
    count
}

#[test]
fn mutated_frames() {
    let (stream, mut dice) = (stream(), Dice(0xF4A3E5));
    let mut seen = 0;
    for _ in 0..INPUTS {
        // A window of the stream: mistakes late in a long one are as likely as early in a short one.
        let at = dice.roll(stream.len());
        let mut bytes = stream[at..stream.len().min(at + 1 + dice.roll(3))].concat();
        mutate(&mut bytes, &mut dice);
        seen += frames(&bytes, &mut dice);
    }
    assert!(seen > INPUTS / 10, "frames before the mistake are read: {seen}");
}

/// Checksums that fit, so that what is behind them is reached: lengths, headers and payloads gone wrong.
#[test]
fn mutated_frames_with_good_checksums() {
    let mut dice = Dice(0xC0FFEE);
    let (mut good, mut bad) = (0, 0);
    for _ in 0..INPUTS {
        let mut frame = Vec::new();
        let headers = [(":event-type", "chunk"), (":content-type", "application/json"), (":message-type", "event")];
        let headers = headers.into_iter().map(|(name, text)| (name, HeaderValue::Text(text)));
        eventstream::encode(headers, |out| out.extend_from_slice(b"{\"bytes\":\"e30=\",\"p\":\"abc\"}"), &mut frame);
        let mut body = frame[12..frame.len() - 4].to_vec();
        let mut header_length = u32::from_be_bytes(frame[4..8].try_into().unwrap());
        mutate(&mut body, &mut dice);
        if dice.roll(3) == 0 {
            header_length = dice.roll(body.len() + 9) as u32;
        }
        let total = if dice.roll(9) == 0 { dice.roll(1 << 31) as u32 } else { body.len() as u32 + 16 };
        let mut bytes = [total.to_be_bytes(), header_length.to_be_bytes()].concat();
        bytes.extend(crc32fast::hash(&bytes).to_be_bytes());
        bytes.extend(body);
        bytes.extend(crc32fast::hash(&bytes).to_be_bytes());
        match frames(&bytes, &mut dice) {
            0 => bad += 1,
            _ => good += 1,
        }
        let mut events = EventDecoder::default();
        events.push(&bytes);
        while let Ok(Some(_)) = events.next_event() {}
        let _ = events.finish();
    }
    assert!(good > INPUTS / 20 && bad > INPUTS / 20, "both ways are taken: {good} good, {bad} bad");
}

#[test]
fn mutated_events() {
    let mut dice = Dice(0xE7E275);
    let (mut taken, mut refused) = (0, 0);
    for _ in 0..INPUTS {
        let mut bytes = EVENTS[dice.roll(EVENTS.len())].as_bytes().to_vec();
        mutate(&mut bytes, &mut dice);
        match Event::decode(&bytes) {
            Ok(event) => {
                let again = serde_json::to_vec(&event).unwrap();
                assert!(again.len() <= 8 * bytes.len() + 200, "{} bytes of {}", again.len(), bytes.len());
                let second = Event::decode(&again).unwrap_or_else(|error| panic!("{error}: {}", text(&bytes)));
                // What did not fit was kept by members; from then on it stays.
                let third = Event::decode(&serde_json::to_vec(&second).unwrap()).unwrap();
                assert_eq!(third, second, "{}", text(&bytes));
                taken += 1;
            }
            Err(_) => refused += 1,
        }
    }
    assert!(taken > INPUTS / 20 && refused > INPUTS / 20, "both ways are taken: {taken} taken, {refused} refused");
}

/// The same inside of good frames, through the decoder of the dialect.
#[test]
fn mutated_chunks() {
    let mut dice = Dice(0xBA5E64);
    let mut taken = 0;
    for _ in 0..INPUTS {
        let mut json = EVENTS[dice.roll(EVENTS.len())].as_bytes().to_vec();
        let mut payload = Vec::new();
        if dice.roll(2) == 0 {
            mutate(&mut json, &mut dice);
        }
        payload.extend_from_slice(b"{\"bytes\":\"");
        payload.extend(base64::engine::general_purpose::STANDARD.encode(&json).into_bytes());
        payload.extend_from_slice(b"\",\"p\":\"abcd\"}");
        if dice.roll(2) == 0 {
            mutate(&mut payload, &mut dice);
        }
        let mut bytes = Vec::new();
        eventstream::encode_event("chunk", |out| out.extend_from_slice(&payload), &mut bytes);
        let mut decoder = EventDecoder::default();
        decoder.push(&bytes);
        if let Ok(event) = decoder.next_event() {
            assert!(event.is_some(), "a whole frame is an event or an error");
            taken += 1;
        }
        assert!(matches!(decoder.next_event(), Ok(None)), "nothing follows");
    }
    assert!(taken > INPUTS / 10, "{taken}");
}

#[test]
fn mutated_partial_json() {
    let mut dice = Dice(0x9A3271A1);
    let golden = [
        r#"{"city": "Paris", "days": [1, 2.50, -3e-7], "ok": true, "none": null, "deep": {"a": [[{}], "\u00e9\ud83d\ude00\n"]}}"#,
        r#"[{"x":"\"\\\/\b\f\n\r\t"},[],{},"",0,-0.0,1E+2,false]"#,
        "\"just a string\"",
    ];
    let (mut whole, mut broken) = (0, 0);
    for _ in 0..INPUTS {
        let mut bytes = golden[dice.roll(golden.len())].as_bytes().to_vec();
        mutate(&mut bytes, &mut dice);
        let text = String::from_utf8_lossy(&bytes);
        let mut partial = PartialJson::new();
        let letters: Vec<char> = text.chars().collect();
        for piece in letters.chunks(1 + dice.roll(letters.len() + 1)) {
            partial.push(&piece.iter().collect::<String>());
        }
        for json in [partial.so_far(), partial.finished()].into_iter().flatten() {
            assert!(json.text().len() <= 2 * text.len() + 1, "{text}");
        }
        match Json::from_text(text.clone()) {
            Ok(parsed) => {
                assert!(!partial.is_broken(), "{text}");
                partial.push(" ");
                assert_eq!(partial.so_far().map(|json| json.text().trim().to_owned()), Some(parsed.text().to_owned()));
                whole += 1;
            }
            Err(_) => {
                assert!(!partial.is_whole(), "{text}");
                broken += usize::from(partial.is_broken());
            }
        }
    }
    assert!(whole > INPUTS / 20 && broken > INPUTS / 20, "both ways are taken: {whole} whole, {broken} broken");
}

/// Events in any order, doubled, lost and gone wrong: the message so far is always there and never larger than they.
#[test]
fn mutated_streams_add_up() {
    let mut dice = Dice(0xACC0);
    let golden: Vec<Event> = EVENTS.iter().map(|event| Event::decode(event.as_bytes()).unwrap()).collect();
    let (mut events, mut complete, mut refused) = (0, 0, 0);
    while events < INPUTS {
        let mut accumulator = Accumulator::new();
        let mut bytes = 0;
        for (at, event) in golden.iter().enumerate() {
            let event = match dice.roll(24) {
                0 => continue,
                1 => golden[dice.roll(golden.len())].clone(),
                2 => {
                    let mut bytes = EVENTS[at].as_bytes().to_vec();
                    mutate(&mut bytes, &mut dice);
                    let Ok(event) = Event::decode(&bytes) else { continue };
                    event
                }
                _ => event.clone(),
            };
            events += 1;
            bytes += serde_json::to_vec(&event).unwrap().len();
            let before = accumulator.snapshot().cloned();
            if accumulator.push(&event).is_err() {
                assert_eq!(accumulator.snapshot(), before.as_ref(), "what is refused changes nothing");
                refused += 1;
            }
        }
        complete += usize::from(accumulator.is_complete());
        let inputs: usize = (0..5).filter_map(|index| accumulator.partial_input(index)).map(str::len).sum();
        assert!(inputs <= bytes);
        if let Some(message) = accumulator.into_message() {
            let text = serde_json::to_vec(&message).unwrap();
            assert!(text.len() <= bytes + 500, "{} bytes of {bytes}", text.len());
        }
    }
    assert!(complete > 0 && refused > 0, "both ways are taken: {complete} complete, {refused} refused");
}

#[test]
fn mutated_bodies() {
    let mut dice = Dice(0xB0D1E5);
    let message = r#"{"model":"m","id":"i","type":"message","role":"assistant","content":[{"type":"text","text":"x","citations":null},{"type":"tool_use","id":"t","name":"n","input":{"a":1.50}}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":2}}"#;
    let request = r#"{"anthropic_version":"bedrock-2023-05-31","max_tokens":9,"system":[{"type":"text","text":"s","cache_control":{"type":"ephemeral"}}],"messages":[{"role":"user","content":[{"source":{"type":"base64","media_type":"image/png","data":"AA=="},"type":"image"},{"type":"tool_result","tool_use_id":"t","content":[{"type":"text","text":"x"}]}]}],"tools":[{"name":"n","input_schema":{"type":"object"}}]}"#;
    let (mut taken, mut refused) = (0, 0);
    for at in 0..INPUTS {
        let mut bytes = if at % 2 == 0 { message } else { request }.as_bytes().to_vec();
        mutate(&mut bytes, &mut dice);
        let written = if at % 2 == 0 {
            Message::decode(&bytes).ok().map(|message| serde_json::to_vec(&message).unwrap())
        } else {
            decode_request(ModelId::from("m"), &bytes).ok().map(|request| serde_json::to_vec(&request).unwrap())
        };
        match written {
            Some(written) => {
                assert!(written.len() <= 8 * bytes.len() + 300, "{} bytes of {}", written.len(), bytes.len());
                taken += 1;
            }
            None => refused += 1,
        }
    }
    assert!(taken > INPUTS / 20 && refused > INPUTS / 20, "both ways are taken: {taken} taken, {refused} refused");
}

fn text(bytes: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

/// However it is cut, the same bytes are the same events, and no event is longer than its bytes.
#[test]
fn mutated_server_sent_events() {
    let ends: [&str; 3] = ["\n", "\r\n", "\r"];
    let mut dice = Dice(0x55e);
    for input in 0..INPUTS {
        let end = ends[input % ends.len()];
        let first = dice.roll(EVENTS.len());
        let mut bytes: Vec<u8> = EVENTS[first..EVENTS.len().min(first + 3)]
            .iter()
            .flat_map(|event| format!("event: x{end}data: {event}{end}{end}").into_bytes())
            .collect();
        mutate(&mut bytes, &mut dice);
        let read = |cuts: &mut dyn Iterator<Item = &[u8]>| {
            let (mut decoder, mut events) = (SseDecoder::default(), Vec::new());
            for cut in cuts {
                decoder.push(cut);
                while let Some(event) = decoder.next_event().unwrap() {
                    events.push(event);
                }
            }
            events
        };
        let whole = read(&mut std::iter::once(&bytes[..]));
        let size = 1 + dice.roll(40);
        assert_eq!(read(&mut bytes.chunks(size)), whole, "{:?} in pieces of {size}", text(&bytes));
        // A byte that is no UTF-8 becomes three.
        assert!(whole.iter().map(|event| event.data.len()).sum::<usize>() <= 3 * bytes.len());
    }
}

/// The same through the decoder of the dialect, and its requests: read by the outline, decoded, counted.
#[test]
fn mutated_messages_dialect() {
    let mut dice = Dice(0x3E55A6E5);
    let (mut taken, mut refused) = (0, 0);
    for _ in 0..INPUTS {
        let first = dice.roll(EVENTS.len());
        let (mut encoder, mut bytes) = (messages::EventEncoder::default(), Vec::new());
        for event in &EVENTS[first..EVENTS.len().min(first + 3)] {
            encoder.encode(&Event::decode(event.as_bytes()).unwrap(), dice.roll(20), &mut bytes).unwrap();
        }
        mutate(&mut bytes, &mut dice);
        let mut decoder = messages::EventDecoder::default();
        for cut in bytes.chunks(1 + dice.roll(bytes.len())) {
            decoder.push(cut);
            loop {
                match decoder.next_event() {
                    Ok(Some(event)) => {
                        let mut again = Vec::new();
                        encoder.encode(&event, 0, &mut again).unwrap();
                        assert!(
                            again.ends_with(b"}\n\n") && again.windows(2).filter(|end| end == b"\n\n").count() == 1
                        );
                        taken += 1;
                    }
                    Ok(None) => break,
                    Err(_) => refused += 1,
                }
            }
        }
        let _ = decoder.finish();
    }
    assert!(taken > INPUTS / 2 && refused > INPUTS / 20, "both ways are taken: {taken} taken, {refused} refused");
    let request = r#"{"model":"m","stream":true,"max_tokens":9,"system":"s","messages":[{"role":"user","content":[{"type":"text","text":"x"}]}]}"#;
    let mut decoded = 0;
    for _ in 0..INPUTS {
        let mut bytes = request.as_bytes().to_vec();
        mutate(&mut bytes, &mut dice);
        let outline = messages::Outline::read(&bytes);
        assert!(outline.model.as_str().len() <= bytes.len());
        if let Ok(request) = messages::decode_request(messages::Head::default(), &bytes) {
            assert_eq!(request.stream.unwrap_or_default(), outline.stream, "{}", text(&bytes));
            assert_eq!(request.model, outline.model, "{}", text(&bytes));
            decoded += 1;
        }
        if let Ok(counted) = messages::encode_count_request(&bytes) {
            let _ = messages::decode_count_request(&counted).unwrap();
        }
    }
    assert!(decoded > INPUTS / 50, "{decoded}");
}

#[test]
fn mutated_converse_streams() {
    let mut frames: Vec<Vec<u8>> = Vec::new();
    for (at, (_, text)) in golden::files("converse_event").iter().enumerate() {
        let event: ConverseEvent = serde_json::from_str(text).unwrap();
        let mut frame = Vec::new();
        ConverseEventEncoder::default().encode(&event, at * 3, &mut frame).unwrap();
        frames.push(frame);
    }
    let payloads: Vec<(String, Vec<u8>)> = golden::files("converse_event")
        .into_iter()
        .map(|(name, text)| {
            let whole: serde_json::Value = serde_json::from_str(&text).unwrap();
            (name.clone(), whole[&name].to_string().into_bytes())
        })
        .collect();
    let mut dice = Dice(0xC0_47E5);
    let (mut taken, mut read) = (0, 0);
    for input in 0..INPUTS {
        // Half of them go wrong in their bytes, half in the payload of a frame whose sums are right.
        let mut bytes = Vec::new();
        if input % 2 == 0 {
            let at = dice.roll(frames.len());
            bytes = frames[at..frames.len().min(at + 2)].concat();
            mutate(&mut bytes, &mut dice);
        } else {
            let (name, payload) = &payloads[dice.roll(payloads.len())];
            let mut payload = payload.clone();
            mutate(&mut payload, &mut dice);
            eventstream::encode_event(name, |out| out.extend_from_slice(&payload), &mut bytes);
        }
        let mut decoder = ConverseEventDecoder::default();
        let mut accumulator = ConverseAccumulator::new();
        let _ = accumulator.push(&ConverseEvent::message_start());
        for cut in bytes.chunks(1 + dice.roll(bytes.len().max(1))) {
            decoder.push(cut);
            while let Ok(Some(event)) = decoder.next_event() {
                read += 1;
                let (mut again, mut second) = (Vec::new(), ConverseEventDecoder::default());
                ConverseEventEncoder::default().encode(&event, 2, &mut again).unwrap();
                second.push(&again);
                assert_eq!(second.next_event().unwrap().as_ref(), Some(&event), "{}", text(&again));
                taken += usize::from(accumulator.push(&event).is_ok());
            }
        }
        let _ = (decoder.finish(), accumulator.into_response());
    }
    assert!(read > INPUTS / 10 && taken > INPUTS / 20, "{read} {taken}");
}

#[test]
fn mutated_converse_bodies() {
    let blocks: Vec<String> = golden::files("converse_block").into_iter().map(|(_, text)| text).collect();
    let tools: Vec<String> = golden::files("converse_tool").into_iter().map(|(_, text)| text).collect();
    let mut dice = Dice(0xB0_D1E5);
    let mut taken = 0;
    for input in 0..INPUTS {
        let first = dice.roll(blocks.len());
        let content = blocks[first..blocks.len().min(first + 2)].join(",");
        let message = format!(r#"{{"content":[{content}],"role":"assistant"}}"#);
        let mut body = match input % 2 {
            0 => format!(
                r#"{{"messages":[{message}],"inferenceConfig":{{"maxTokens":8,"topP":0.5}},"toolConfig":{{"tools":[{}]}}}}"#,
                tools[dice.roll(tools.len())]
            ),
            _ => format!(
                r#"{{"metrics":{{"latencyMs":1}},"output":{{"message":{message}}},"stopReason":"end_turn","usage":{{"inputTokens":1,"outputTokens":2,"totalTokens":3}}}}"#
            ),
        }
        .into_bytes();
        mutate(&mut body, &mut dice);
        if input % 2 == 0 {
            if let Ok(request) = decode_converse_request(ModelId::default(), &body) {
                taken += 1;
                // A number so large that it is none is taken by no model.
                if let Ok(again) = encode_converse_request(&request) {
                    assert_eq!(decode_converse_request(ModelId::default(), &again).unwrap(), request);
                }
            }
        } else if let Ok(response) = decode_converse_response(&body) {
            taken += 1;
            let again = encode_converse_response(&response).unwrap();
            assert_eq!(decode_converse_response(&again).unwrap(), response, "{}", String::from_utf8_lossy(&again));
        }
    }
    assert!(taken > INPUTS / 20, "{taken}");
}
