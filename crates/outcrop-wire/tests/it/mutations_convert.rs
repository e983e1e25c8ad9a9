//! Conversions against more than 100,000 inputs that went wrong somewhere: none panics, none makes much of little, and what was
//! converted once stays as it is.

use outcrop_wire::Accumulator;
use outcrop_wire::accumulate::AccumulateError;
use outcrop_wire::converse::{ConverseAccumulator, ConverseEvent, ConverseRequest, ConverseResponse};
use outcrop_wire::convert::{
    Converted, Identity, StreamToConverse, StreamToMessages, message_from_converse, message_to_converse,
    request_from_converse, request_to_converse,
};
use outcrop_wire::dialect::converse::EventDecoder;
use outcrop_wire::messages::{Event, Message, MessageRequest};
use serde::Serialize;

use crate::corpus::Dice;
use crate::golden;
use crate::mutations::mutate;

const INPUTS: usize = 30_000;

fn length<T: Serialize>(value: &T) -> usize {
    serde_json::to_vec(value).unwrap().len()
}

#[test]
fn mutated_requests_convert() {
    let mut dice = Dice(0xC047E6);
    let ours: Vec<String> = golden::files("convert/request").into_iter().map(|(_, text)| text).collect();
    let theirs: Vec<String> = golden::files("convert/from_converse").into_iter().map(|(_, text)| text).collect();
    let (mut taken, mut refused) = (0, 0);
    for input in 0..INPUTS {
        let golden = if input % 2 == 0 { &ours } else { &theirs };
        let mut bytes = golden[dice.roll(golden.len())].as_bytes().to_vec();
        mutate(&mut bytes, &mut dice);
        let there = match input % 2 {
            0 => serde_json::from_slice::<MessageRequest>(&bytes).map(|request| request_to_converse(request).value),
            _ => serde_json::from_slice::<ConverseRequest>(&bytes),
        };
        let Ok(there) = there else {
            refused += 1;
            continue;
        };
        taken += 1;
        let back = request_from_converse(there).value;
        assert!(length(&back) <= 8 * bytes.len() + 300, "{} bytes of {}", length(&back), bytes.len());
        // From here on it has one form, but for what has no equal.
        let Converted { value: again, losses } = request_to_converse(back.clone());
        if losses.is_empty() {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            assert_eq!(request_from_converse(again).value, back, "{text}");
        }
    }
    assert!(taken > INPUTS / 20 && refused > INPUTS / 20, "both ways are taken: {taken} taken, {refused} refused");
}

#[test]
fn mutated_replies_convert() {
    let mut dice = Dice(0x5E9217);
    let golden: Vec<String> = golden::files("convert/reply").into_iter().map(|(_, text)| text).collect();
    let converse: Vec<String> = golden
        .iter()
        .map(|text| message_to_converse(Message::decode(text.as_bytes()).unwrap()).value)
        .map(|response| serde_json::to_string(&response).unwrap())
        .collect();
    let identity = Identity { id: "i".into(), model: "m".into() };
    let (mut taken, mut refused) = (0, 0);
    for input in 0..INPUTS {
        let texts = if input % 2 == 0 { &golden } else { &converse };
        let mut bytes = texts[dice.roll(texts.len())].as_bytes().to_vec();
        mutate(&mut bytes, &mut dice);
        let there = match input % 2 {
            0 => Message::decode(&bytes).map(|message| message_to_converse(message).value),
            _ => ConverseResponse::decode(&bytes),
        };
        let Ok(there) = there else {
            refused += 1;
            continue;
        };
        taken += 1;
        let back = message_from_converse(there, &identity).value;
        assert!(length(&back) <= 8 * bytes.len() + 500, "{} bytes of {}", length(&back), bytes.len());
        let Converted { value: again, losses } = message_to_converse(back.clone());
        if losses.is_empty() {
            assert_eq!(message_from_converse(again, &identity).value, back, "{}", String::from_utf8_lossy(&bytes));
        }
    }
    assert!(taken > INPUTS / 20 && refused > INPUTS / 20, "both ways are taken: {taken} taken, {refused} refused");
}

/// Every kind of event, start and delta of a stream, and a few that none knows.
const EVENTS: &[(&str, &str)] = &[
    ("messageStart", r#"{"p":"abcd","role":"assistant"}"#),
    ("contentBlockDelta", r#"{"contentBlockIndex":0,"delta":{"reasoningContent":{"text":"Hm"}},"p":"ab"}"#),
    ("contentBlockDelta", r#"{"contentBlockIndex":0,"delta":{"reasoningContent":{"signature":"RXJ="}},"p":"ab"}"#),
    ("contentBlockStop", r#"{"contentBlockIndex":0,"p":"ab"}"#),
    (
        "contentBlockDelta",
        r#"{"contentBlockIndex":1,"delta":{"reasoningContent":{"redactedContent":"RXI="}},"p":"ab"}"#,
    ),
    ("contentBlockStop", r#"{"contentBlockIndex":1,"p":"ab"}"#),
    (
        "contentBlockDelta",
        r#"{"contentBlockIndex":2,"delta":{"citation":{"location":{"documentPage":{"documentIndex":0,"end":2,"start":1}},"sourceContent":[{"text":"x"}],"title":"d"}},"p":"ab"}"#,
    ),
    ("contentBlockDelta", r#"{"contentBlockIndex":2,"delta":{"text":"Hello, \"world\""},"p":"ab"}"#),
    ("contentBlockStop", r#"{"contentBlockIndex":2,"p":"ab"}"#),
    ("contentBlockStart", r#"{"contentBlockIndex":3,"p":"ab","start":{"toolUse":{"name":"n","toolUseId":"t"}}}"#),
    ("contentBlockDelta", r#"{"contentBlockIndex":3,"delta":{"toolUse":{"input":""}},"p":"ab"}"#),
    ("contentBlockDelta", r#"{"contentBlockIndex":3,"delta":{"toolUse":{"input":"{\"a\":1.50}"}},"p":"ab"}"#),
    ("contentBlockStop", r#"{"contentBlockIndex":3,"p":"ab"}"#),
    (
        "contentBlockStart",
        r#"{"contentBlockIndex":4,"p":"ab","start":{"toolResult":{"status":"success","toolUseId":"t","type":"x_result"}}}"#,
    ),
    ("contentBlockDelta", r#"{"contentBlockIndex":4,"delta":{"toolResult":[{"json":{"a":1}},{"text":"x"}]},"p":"ab"}"#),
    ("contentBlockStop", r#"{"contentBlockIndex":4,"p":"ab"}"#),
    ("contentBlockDelta", r#"{"contentBlockIndex":5,"delta":{"beam":{"n":1.50}},"p":"ab"}"#),
    ("contentBlockStop", r#"{"contentBlockIndex":5,"p":"ab"}"#),
    ("brandNew", r#"{"p":"ab","x":1}"#),
    (
        "messageStop",
        r#"{"additionalModelResponseFields":{"delta":{"stop_sequence":"END"}},"p":"ab","stopReason":"stop_sequence"}"#,
    ),
    (
        "metadata",
        r#"{"metrics":{"latencyMs":802},"p":"ab","usage":{"cacheDetails":[{"inputTokens":3,"ttl":"1h"}],"cacheWriteInputTokens":3,"inputTokens":12,"outputTokens":5,"serverToolUsage":{},"totalTokens":20}}"#,
    ),
];

/// Events lost, doubled, out of order and gone wrong: whatever Converse streams, Messages can add up, and it is what the
/// sum of the stream converts to.
#[test]
fn mutated_streams_convert() {
    let mut dice = Dice(0x57EA4);
    let identity = Identity { id: "i".into(), model: "m".into() };
    let (mut events, mut complete, mut same) = (0, 0, 0);
    while events < INPUTS {
        let mut stream = StreamToMessages::new(identity.clone());
        let (mut accumulator, mut converse) = (Accumulator::new(), ConverseAccumulator::new());
        let mut back = StreamToConverse::new();
        let (mut orderly, mut bytes) = (true, 0);
        for (at, (name, payload)) in EVENTS.iter().enumerate() {
            let (mut name, mut payload) = (*name, payload.as_bytes().to_vec());
            match dice.roll(24) {
                0 if at > 0 => continue,
                1 => {
                    let other = EVENTS[dice.roll(EVENTS.len())];
                    (name, payload) = (other.0, other.1.as_bytes().to_vec());
                }
                2 => mutate(&mut payload, &mut dice),
                _ => {}
            }
            let Ok(event) = ConverseEvent::decode(name, &payload) else { continue };
            events += 1;
            bytes += payload.len();
            orderly &= converse.push(&event).is_ok();
            stream.push(event);
            while let Some(event) = stream.next_event() {
                match accumulator.push(&event) {
                    // As disorderly as what came.
                    Err(AccumulateError::StartedTwice | AccumulateError::NotStarted(_)) => {}
                    Err(AccumulateError::NoSuchBlock { .. }) if !orderly => {}
                    outcome => outcome.unwrap(),
                }
                back.push(event);
            }
        }
        while back.next_event().is_some() {}
        assert!(stream.next_event().is_none());
        complete += usize::from(accumulator.is_complete());
        let done = accumulator.is_complete();
        let Some(message) = accumulator.into_message() else { continue };
        assert!(length(&message) <= 4 * bytes + 1000, "{} bytes of {bytes}", length(&message));
        if orderly && done && stream.losses().iter().all(|loss| loss.row.name != "foreign_event") {
            let whole = message_from_converse(converse.into_response().unwrap(), &identity).value;
            same += usize::from(whole.content == message.content);
        }
    }
    assert!(complete > 100 && same > 50, "{complete} complete, {same} say what their sums say");
}

/// Frames of anything, through the decoder of the dialect.
#[test]
fn mutated_frames_convert() {
    let mut dice = Dice(0xF4A3E);
    let mut taken = 0;
    for _ in 0..INPUTS {
        let first = dice.roll(EVENTS.len());
        let mut bytes = Vec::new();
        for (name, payload) in &EVENTS[first..EVENTS.len().min(first + 3)] {
            let mut payload = payload.as_bytes().to_vec();
            if dice.roll(3) == 0 {
                mutate(&mut payload, &mut dice);
            }
            outcrop_wire::eventstream::encode_event(name, |out| out.extend_from_slice(&payload), &mut bytes);
        }
        let mut decoder = EventDecoder::default();
        decoder.push(&bytes);
        let outcome = loop {
            match decoder.next_event() {
                Ok(Some(Event::Error(_))) => unreachable!("errors are exceptions"),
                Ok(Some(_)) => taken += 1,
                other => break other,
            }
        };
        assert!(matches!(decoder.next_event(), Ok(None)), "nothing follows {outcome:?}");
    }
    assert!(taken > INPUTS, "{taken}");
}
