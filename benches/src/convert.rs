//! Conversion in memory, against what it comes on top of: a request of 200 kB against decoding it, and a stream of
//! Converse against the same stream of InvokeModel.

use std::hint::black_box;

use outcrop::wire::convert::{request_from_converse, request_to_converse};
use outcrop::wire::dialect::{EventDecoder, converse, invoke};
use outcrop::wire::surface::Dialect;
use outcrop::{Accumulator, MessageRequest};

use crate::call::Failure;
use crate::decode::{microseconds, request};
use crate::measure::Settings;
use crate::report::Report;
use crate::upstream::answers::stream_frames;

/// Runs each pair in turn and prints a line a figure.
pub fn convert(settings: &Settings) -> Result<(), Failure> {
    let body = request().into_bytes();
    let typed: MessageRequest = serde_json::from_slice(&body)?;
    let frames = stream_frames();
    let (converse_frames, events) = converse_frames(&frames)?;
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
    println!("request of {} bytes, stream of {events} events; peers: decoding, InvokeModel", body.len());
    let decode = || drop(black_box(serde_json::from_slice::<MessageRequest>(black_box(&body)).expect("a request")));
    // A conversion takes its value: the copy is part of the figure.
    pair("there and back", 500, 3.0, &|| there_and_back(black_box(&typed)), &decode)?;
    pair("body there and back", 500, 6.0, &|| body_there_and_back(black_box(&typed)), &decode)?;
    let stream = |dialect, frames: &[Vec<u8>]| read(dialect, black_box(frames));
    pair(
        "converse stream",
        1000,
        1.0,
        &|| stream(Dialect::Converse, &converse_frames),
        &|| stream(Dialect::Invoke, &frames),
    )?;
    print!("{report}");
    Ok(())
}

fn there_and_back(request: &MessageRequest) {
    let there = request_to_converse(request.clone());
    let back = request_from_converse(there.value);
    assert_eq!(back.value.messages.len(), request.messages.len());
    black_box(back);
}

/// The same through bytes: what a client does, and then a server.
fn body_there_and_back(request: &MessageRequest) {
    let body = converse::encode_request(request, &[]).expect("a body").value;
    let back = converse::decode_request(request.model.clone(), &body).expect("a request");
    assert_eq!(back.value.messages.len(), request.messages.len());
    black_box(back);
}

/// The same events as frames of Converse, and how many events their reader gives.
fn converse_frames(frames: &[Vec<u8>]) -> Result<(Vec<Vec<u8>>, usize), Failure> {
    let (mut decoder, mut encoder) = (invoke::EventDecoder::default(), converse::EventEncoder::default());
    let (mut converted, mut events) = (Vec::new(), 0);
    for frame in frames {
        decoder.push(frame);
        while let Some(event) = decoder.next_event()? {
            let mut frame = Vec::new();
            // As long a padding as the frames of InvokeModel have.
            encoder.encode(&event, 1 + events * 37 % 62, &mut frame)?;
            converted.push(frame);
            events += 1;
        }
    }
    Ok((converted, events))
}

fn read(dialect: Dialect, frames: &[Vec<u8>]) {
    let mut decoder = EventDecoder::new(dialect);
    let mut accumulator = Accumulator::new();
    for frame in frames {
        decoder.push(frame);
        while let Some(event) = decoder.next_event().expect("a good frame") {
            accumulator.push(&event).expect("in order");
        }
    }
    assert!(accumulator.is_complete());
    black_box(accumulator.into_message());
}
