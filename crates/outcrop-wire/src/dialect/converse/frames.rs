//! Events as payloads: frames -> events of Converse, and those events -> frames.

use serde::ser::{SerializeMap, Serializer};

use crate::converse::ConverseEvent;
use crate::convert::Piece;
use crate::dialect::StreamError;
use crate::dialect::padding::padding;
use crate::eventstream::{self, Decoder, Kind};
use crate::fault::{Fault, Origin};
use crate::json::{self, Extra, Json};
use crate::record::{Other, Record};

/// Bytes of a streamed answer -> events, as a state machine: push, pull until `None`, and finish at the end of the body.
#[derive(Debug, Default)]
pub struct ConverseEventDecoder {
    frames: Decoder,
    seen: u64,
    /// `messageStop` came.
    stopped: bool,
    /// `metadata` came.
    counted: bool,
    /// An error was handed out: nothing follows.
    failed: bool,
}

impl ConverseEventDecoder {
    /// Takes the next bytes, cut anywhere.
    pub fn push(&mut self, bytes: &[u8]) {
        self.frames.push(bytes);
    }

    /// The next event; `None` when more bytes are needed.
    ///
    /// # Errors
    /// An exception or error frame, a frame that is broken, or a payload that is none; nothing follows then.
    pub fn next_event(&mut self) -> Result<Option<ConverseEvent>, StreamError> {
        Ok(self.next_read()?.map(Read::into_event))
    }

    /// The same, with what nearly every event is in few bytes.
    pub(crate) fn next_read(&mut self) -> Result<Option<Read>, StreamError> {
        if self.failed {
            return Ok(None);
        }
        let outcome = self.read_event();
        self.failed = outcome.is_err();
        outcome
    }

    fn read_event(&mut self) -> Result<Option<Read>, StreamError> {
        let Some(frame) = self.frames.next_frame()? else { return Ok(None) };
        let origin = if self.seen == 0 { Origin::FirstFrame } else { Origin::MidStream };
        self.seen += 1;
        // Nearly every frame adds to a block, and those have the same header bytes.
        let name = match if frame.headers.bytes() == GROWTH { Kind::Event("contentBlockDelta") } else { frame.kind() } {
            Kind::Event(name) => name,
            Kind::Exception(kind) => {
                return Err(StreamError::Fault(Fault::from_exception(kind, frame.payload, origin)));
            }
            Kind::Error(code, message) => return Err(StreamError::Fault(Fault::new(code, message, origin))),
            Kind::Other(_) => "",
        };
        match name {
            "contentBlockDelta" => {
                if let Some(grown) = growth(frame.payload) {
                    return Ok(Some(grown));
                }
            }
            "messageStop" => self.stopped = true,
            "metadata" => self.counted = true,
            _ => {}
        }
        let payload = if frame.payload.is_empty() { b"{}" } else { frame.payload };
        let event = ConverseEvent::decode(name, payload).and_then(unpadded);
        event
            .map(|event| Some(Read::Event(Box::new(event))))
            .map_err(|error| StreamError::Payload(format!("`{name}`: {error}")))
    }

    /// Says whether the body may end here.
    ///
    /// # Errors
    /// When it ends inside a frame, or before `messageStop` and `metadata` came.
    pub fn finish(&self) -> Result<(), StreamError> {
        self.frames.finish()?;
        let expected = match (self.stopped, self.counted) {
            (true, true) if !self.failed => return Ok(()),
            (false, true) => "messageStop",
            _ => "metadata",
        };
        Err(StreamError::Cut { expected, after: self.frames.handed_out() })
    }
}

/// The headers of an event that adds to a block, as AWS sends them.
const GROWTH: &[u8] =
    b"\x0b:event-type\x07\0\x11contentBlockDelta\x0d:content-type\x07\0\x10application/json\x0d:message-type\x07\0\x05event";

/// What was read: a piece of text for a block, as nearly always, or any event.
pub(crate) enum Read {
    Text(u32, Piece, String),
    Event(Box<ConverseEvent>),
}

impl Read {
    fn into_event(self) -> ConverseEvent {
        match self {
            Read::Text(index, piece, text) => ConverseEvent::delta(index, piece.delta(text)),
            Read::Event(event) => *event,
        }
    }
}

/// A kind of growth: its payload to the letter before its text and after, and what it is a piece of.
type Growth = (&'static [u8], &'static [u8], Piece);

const GROWTHS: [Growth; 3] = [
    (br#"{"text":"#, b"}", Piece::Text),
    (br#"{"toolUse":{"input":"#, b"}}", Piece::Input),
    (br#"{"reasoningContent":{"text":"#, b"}}", Piece::Thought),
];

/// The short way for an event that adds text to a block and has the recorded form to the letter: only the text is
/// decoded. Anything else, a new member say, takes the long way.
fn growth(payload: &[u8]) -> Option<Read> {
    let rest = payload.strip_prefix(br#"{"contentBlockIndex":"#)?;
    let digits = rest.iter().position(|byte| *byte == b',')?;
    let index = std::str::from_utf8(&rest[..digits]).ok()?.parse().ok()?;
    let rest = without_padding(rest[digits..].strip_prefix(br#","delta":"#)?)?;
    let (text, piece) = GROWTHS
        .iter()
        .find_map(|(start, end, piece)| Some((rest.strip_prefix(*start)?.strip_suffix(*end)?, *piece)))?;
    // One whole JSON string and nothing else, or it is another form after all.
    let text: String = json::decode(text).ok()?;
    Some(Read::Text(index, piece, text))
}

/// The name of the padding.
const PADDING: &str = "p";

/// The event without its padding.
fn unpadded(mut event: ConverseEvent) -> Result<ConverseEvent, serde_json::Error> {
    if let ConverseEvent::Other(members) = &event
        && let Some((name, mut payload)) =
            members.iter().next().and_then(|(name, payload)| Some((name, payload.parse::<Extra>().ok()?)))
    {
        payload.take(PADDING);
        return Ok(ConverseEvent::Other([(name, Json::of(&payload)?)].into_iter().collect()));
    }
    event.extra_mut().take(PADDING);
    Ok(event)
}

/// What stands before `,"p":"..."}`, or before the last brace where there is no padding.
fn without_padding(rest: &[u8]) -> Option<&[u8]> {
    let Some(padded) = rest.strip_suffix(b"\"}") else { return rest.strip_suffix(b"}") };
    // Padding holds neither quote nor backslash, so the last quote begins it.
    let quote = memchr::memrchr2(b'"', b'\\', padded)?;
    padded[..=quote].strip_suffix(br#","p":""#)
}

/// Events -> bytes of a streamed answer.
#[derive(Debug, Default)]
pub struct ConverseEventEncoder {
    json: Vec<u8>,
}

impl ConverseEventEncoder {
    /// Appends the frame of an event, its members in the order of the alphabet. `length` is that of its padding, held
    /// between 2 and 61.
    ///
    /// # Errors
    /// When a value cannot be written as JSON.
    pub fn encode(&mut self, event: &ConverseEvent, length: usize, out: &mut Vec<u8>) -> Result<(), serde_json::Error> {
        self.json.clear();
        encode_payload(event, length, &mut self.json)?;
        eventstream::encode_event(event.kind(), |out| out.extend_from_slice(&self.json), out);
        Ok(())
    }

    /// Appends an exception; nothing may follow.
    pub fn encode_fault(&mut self, fault: &Fault, out: &mut Vec<u8>) {
        let body = fault.body();
        eventstream::encode_exception(&fault.exception_type(), |out| out.extend_from_slice(&body), out);
    }
}

fn encode_payload(event: &ConverseEvent, length: usize, out: &mut Vec<u8>) -> Result<(), serde_json::Error> {
    match event {
        ConverseEvent::MessageStart(event) => padded(event, length, out),
        ConverseEvent::ContentBlockStart(event) => padded(event, length, out),
        ConverseEvent::ContentBlockDelta(event) => padded(event, length, out),
        ConverseEvent::ContentBlockStop(event) => padded(event, length, out),
        ConverseEvent::MessageStop(event) => padded(event, length, out),
        ConverseEvent::Metadata(event) => padded(event, length, out),
        ConverseEvent::Other(members) => {
            // The payload of an event is an object; what else stands there is written as it is.
            let Some((_, payload)) = members.iter().next() else { return padded(&Other::default(), length, out) };
            match payload.parse::<Extra>() {
                Ok(payload) => padded(&Other { kind: String::new(), members: in_order(&payload) }, length, out),
                Err(_) => {
                    out.extend_from_slice(payload.text().as_bytes());
                    Ok(())
                }
            }
        }
    }
}

fn in_order(members: &Extra) -> Extra {
    let mut sorted = Extra::new();
    for (name, value) in members.sorted(|_| true) {
        sorted.push(name, value.clone());
    }
    sorted
}

/// The members of an event with its padding in its place among them.
fn padded(event: &impl Record, length: usize, out: &mut Vec<u8>) -> Result<(), serde_json::Error> {
    let mut serializer = serde_json::Serializer::new(out);
    let mut map = serializer.serialize_map(None)?;
    event.encode_members(&mut map, |name| name < PADDING)?;
    map.serialize_entry(PADDING, padding(length))?;
    event.encode_members(&mut map, |name| name > PADDING)?;
    map.end()
}
