//! Decoding in memory, against `serde_json::Value`: a request of 200 kB, a delta event, and a whole stream.

use std::hint::black_box;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use outcrop::wire::dialect::invoke::EventDecoder;
use outcrop::{Accumulator, Event, MessageRequest};
use serde_json::{Value, json};

use crate::call::Failure;
use crate::measure::Settings;
use crate::report::Report;
use crate::upstream::answers::stream_frames;

/// Runs each pair in turn and prints a line a figure.
pub fn decode(settings: &Settings) -> Result<(), Failure> {
    let request = request().into_bytes();
    let delta = br#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" shows its layers"}}"#;
    let frames = stream_frames();
    let mut report = Report::new(settings);
    let mut pair = |name: &str, times: u32, target: f64, ours: &dyn Fn(), peer: &dyn Fn()| -> Result<(), Failure> {
        let (mut our_rounds, mut peer_rounds) = (Vec::new(), Vec::new());
        for _ in 0..settings.rounds {
            our_rounds.push(microseconds(times, ours)?);
            peer_rounds.push(microseconds(times, peer)?);
        }
        report.figure(name, &Some(our_rounds), &Some(peer_rounds), target);
        Ok(())
    };
    println!("request of {} bytes", request.len());
    pair(
        "200 kB request",
        500,
        0.75,
        &|| drop(black_box(serde_json::from_slice::<MessageRequest>(black_box(&request)).expect("a request"))),
        &|| drop(black_box(serde_json::from_slice::<Value>(black_box(&request)).expect("JSON"))),
    )?;
    pair(
        "delta event",
        200_000,
        0.50,
        &|| drop(black_box(Event::decode(black_box(delta)).expect("an event"))),
        &|| drop(black_box(serde_json::from_slice::<Value>(black_box(delta)).expect("JSON"))),
    )?;
    // No target of its own: what is left of the streamed call when HTTP is taken away.
    pair("stream in memory", 1000, 1.0, &|| typed(black_box(&frames)), &|| untyped(black_box(&frames)))?;
    print!("{report}");
    Ok(())
}

fn typed(frames: &[Vec<u8>]) {
    let mut decoder = EventDecoder::default();
    let mut accumulator = Accumulator::new();
    for frame in frames {
        decoder.push(frame);
        while let Some(event) = decoder.next_event().expect("a good frame") {
            accumulator.push(&event).expect("in order");
        }
    }
    black_box(accumulator.into_message());
}

/// Frames, base64 and `Value`: what the least careful reader does.
fn untyped(frames: &[Vec<u8>]) {
    use base64::Engine as _;
    let mut text = String::new();
    for frame in frames {
        let headers = u32::from_be_bytes(frame[4..8].try_into().expect("four bytes")) as usize;
        let payload: Value = serde_json::from_slice(&frame[12 + headers..frame.len() - 4]).expect("JSON");
        let bytes = payload["bytes"].as_str().expect("a chunk");
        let event = base64::engine::general_purpose::STANDARD.decode(bytes).expect("base64");
        let event: Value = serde_json::from_slice(&event).expect("JSON");
        text.push_str(event["delta"]["text"].as_str().unwrap_or_default());
    }
    black_box(text);
}

/// CPU microseconds of one of so many runs.
pub fn microseconds(times: u32, run: &dyn Fn()) -> Result<f64, Failure> {
    let spent = || -> Result<i64, Failure> {
        let usage = getrusage(UsageWho::RUSAGE_SELF)?;
        Ok(usage.user_time().num_microseconds() + usage.system_time().num_microseconds())
    };
    for _ in 0..times / 10 + 1 {
        run();
    }
    let before = spent()?;
    for _ in 0..times {
        run();
    }
    Ok((spent()? - before) as f64 / f64::from(times))
}

/// A conversation with an agent: prose, tool calls and their results. In every second pair of turns the blocks have
/// their `type` last, as more than half of the blocks in recorded requests do.
pub fn request() -> String {
    let prose = "The layers of the cliff were laid down one after another, and what is \"older\" lies below.\n".repeat(12);
    let short = json!(prose[..400]).to_string();
    let prose = json!(prose).to_string();
    let mut turns: Vec<String> = Vec::new();
    let mut size = 0;
    while size < 199_000 {
        let turn = turns.len();
        let block = |kind: &str, members: &str| match turn % 4 {
            0 | 1 => format!(r#"{{"type":"{kind}",{members}}}"#),
            _ => format!(r#"{{{members},"type":"{kind}"}}"#),
        };
        let text = |text: &str| block("text", &format!(r#""text":{text}"#));
        let call = turn / 2;
        let (role, blocks) = if turn % 2 == 0 {
            let result = format!(r#""tool_use_id":"toolu_bdrk_01{call:022}","content":[{}],"is_error":false"#, text(&prose));
            ("user", [block("tool_result", &result), text(&prose)])
        } else {
            let input = format!(r#"{{"path":"/cliff/layer.txt","lines":[{turn},{}],"query":"older layers"}}"#, turn + 40);
            let call = format!(r#""id":"toolu_bdrk_01{:022}","name":"read_layer","input":{input}"#, call + 1);
            ("assistant", [text(&short), block("tool_use", &call)])
        };
        turns.push(format!(r#"{{"role":"{role}","content":[{},{}]}}"#, blocks[0], blocks[1]));
        size += turns[turn].len();
    }
    let turns = turns.join(",");
    format!(r#"{{"anthropic_version":"bedrock-2023-05-31","max_tokens":4096,"system":{prose},"messages":[{turns}]}}"#)
}
