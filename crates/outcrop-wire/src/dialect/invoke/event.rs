//! Events inside chunks: frames -> events, and events -> frames.

use std::borrow::Cow;

use crate::dialect::StreamError;
use crate::dialect::padding::padding;
use crate::eventstream::{self, Decoder, Kind};
use crate::fault::{Fault, Origin};
use crate::messages::Event;
use crate::surface::Surface;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Bytes of a streamed answer -> events.
#[derive(Debug, Default)]
pub struct EventDecoder {
    frames: Decoder,
    /// The event's JSON, decoded from base64; kept to be filled again.
    scratch: Vec<u8>,
    seen: u64,
    /// `message_stop` came.
    ended: bool,
    /// An error was handed out: nothing follows.
    failed: bool,
}

impl EventDecoder {
    /// Takes the next bytes, cut anywhere.
    pub fn push(&mut self, bytes: &[u8]) {
        self.frames.push(bytes);
    }

    /// The next event; `None` when more bytes are needed.
    ///
    /// # Errors
    /// An exception or error frame, an error event, a frame that is broken, or a payload that is none.
    pub fn next_event(&mut self) -> Result<Option<Event>, StreamError> {
        if self.failed {
            return Ok(None);
        }
        let outcome = self.read_event();
        self.failed = outcome.is_err();
        outcome
    }

    fn read_event(&mut self) -> Result<Option<Event>, StreamError> {
        let Some(frame) = self.frames.next_frame()? else { return Ok(None) };
        let origin = if self.seen == 0 { Origin::FirstFrame } else { Origin::MidStream };
        self.seen += 1;
        // A chunk's headers are always the same bytes; only other frames are looked at header by header.
        match if frame.headers.bytes() == CHUNK { Kind::Event("chunk") } else { frame.kind() } {
            Kind::Event("chunk") => {}
            Kind::Exception(kind) => {
                return Err(StreamError::Fault(Fault::from_exception(kind, frame.payload, origin)));
            }
            Kind::Error(code, message) => return Err(StreamError::Fault(Fault::new(code, message, origin))),
            // Another event type AWS may add: handed on as it is, with its name.
            Kind::Event(name) => return other_event(name, frame.payload).map(Some),
            Kind::Other(_) => return other_event("", frame.payload).map(Some),
        }
        let chunk = read_chunk(frame.payload)?;
        self.scratch.clear();
        base64_simd::STANDARD
            .decode_append(&*chunk, &mut self.scratch)
            .map_err(|error| StreamError::Payload(format!("`bytes` is not base64: {error}")))?;
        let event = Event::decode(&self.scratch).map_err(|error| StreamError::Payload(error.to_string()))?;
        match &event {
            Event::Error(error) => Err(StreamError::Fault(Fault::from_anthropic(&error.error, origin))),
            Event::MessageStop(_) => {
                self.ended = true;
                Ok(Some(event))
            }
            _ => Ok(Some(event)),
        }
    }

    /// Says whether the body may end here.
    ///
    /// # Errors
    /// When it ends inside a frame or before `message_stop`.
    pub fn finish(&self) -> Result<(), StreamError> {
        self.frames.finish()?;
        match self.ended && !self.failed {
            true => Ok(()),
            false => Err(StreamError::Cut {
                expected: Surface::InvokeModel.row().end_of_stream,
                after: self.frames.handed_out(),
            }),
        }
    }
}

/// The headers of a chunk, as AWS sends them.
const CHUNK: &[u8] =
    b"\x0b:event-type\x07\0\x05chunk\x0d:content-type\x07\0\x10application/json\x0d:message-type\x07\0\x05event";

/// The base64 text of a chunk's payload, `{"bytes":"...","p":"..."}`; `p` is padding.
///
/// # Errors
/// When the payload is something else.
pub fn read_chunk(payload: &[u8]) -> Result<Cow<'_, [u8]>, StreamError> {
    // As every recorded chunk begins; base64 holds neither quote nor backslash, so the next quote ends it, and what is
    // no base64 the decoder refuses.
    if let Some(rest) = payload.strip_prefix(br#"{"bytes":""#)
        && let Some(end) = memchr::memchr2(b'"', b'\\', rest)
        && rest[end] == b'"'
    {
        return Ok(Cow::Borrowed(&rest[..end]));
    }
    let chunk: crate::Other =
        serde_json::from_slice(payload).map_err(|error| StreamError::Payload(error.to_string()))?;
    let bytes = chunk.members.value("bytes").and_then(|bytes| bytes.parse::<String>().ok());
    match bytes {
        Some(bytes) => Ok(Cow::Owned(bytes.into_bytes())),
        None => Err(StreamError::Payload("a chunk without `bytes`".to_owned())),
    }
}

fn other_event(name: &str, payload: &[u8]) -> Result<Event, StreamError> {
    let mut other: crate::Other = match payload {
        [] => crate::Other::default(),
        payload => serde_json::from_slice(payload).map_err(|error| StreamError::Payload(error.to_string()))?,
    };
    if other.kind.is_empty() {
        other.kind = name.to_owned();
    }
    Ok(Event::Other(other))
}

/// Events -> bytes of a streamed answer.
#[derive(Debug, Default)]
pub struct EventEncoder {
    json: Vec<u8>,
}

impl EventEncoder {
    /// Appends the chunk of an event. `length` is that of the padding, held between 2 and 61.
    ///
    /// # Errors
    /// When a value cannot be written as JSON.
    pub fn encode(&mut self, event: &Event, length: usize, out: &mut Vec<u8>) -> Result<(), serde_json::Error> {
        self.json.clear();
        serde_json::to_writer(&mut self.json, event)?;
        let payload = |out: &mut Vec<u8>| {
            out.extend_from_slice(br#"{"bytes":""#);
            let start = out.len();
            out.resize(start + self.json.len().div_ceil(3) * 4, 0);
            // The room is exactly what base64 needs.
            let written = STANDARD.encode_slice(&self.json, &mut out[start..]).unwrap_or(0);
            out.truncate(start + written);
            out.extend_from_slice(br#"","p":""#);
            out.extend_from_slice(padding(length).as_bytes());
            out.extend_from_slice(br#""}"#);
        };
        eventstream::encode_event("chunk", payload, out);
        Ok(())
    }

    /// Appends an exception; nothing may follow.
    pub fn encode_fault(&mut self, fault: &Fault, out: &mut Vec<u8>) {
        let body = fault.body();
        eventstream::encode_exception(&fault.exception_type(), |out| out.extend_from_slice(&body), out);
    }
}
