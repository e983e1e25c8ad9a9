//! Server-sent events: bytes -> events, and events -> bytes.
//!
//! Facts: recorded streams of Anthropic's own API; nobody has recorded one of Bedrock's.

use std::ops::RangeInclusive;

use super::error::word;
use crate::dialect::StreamError;
use crate::fault::{Fault, Origin};
use crate::messages::{ApiError, ErrorEvent, Event};
use crate::sse::{SseDecoder, SseEvent};

/// The event that ends a complete stream.
const END: &str = "message_stop";

/// Bytes of a streamed answer -> events.
#[derive(Debug, Default)]
pub struct EventDecoder {
    events: SseDecoder,
    /// Bytes taken.
    taken: u64,
    seen: u64,
    /// `message_stop` came.
    ended: bool,
    /// An error was handed out: nothing follows.
    failed: bool,
}

impl EventDecoder {
    /// Takes the next bytes, cut anywhere.
    pub fn push(&mut self, bytes: &[u8]) {
        self.taken += bytes.len() as u64;
        self.events.push(bytes);
    }

    /// The next event; `None` when more bytes are needed.
    ///
    /// # Errors
    /// An error event, an event that is too long, or data that is no event.
    pub fn next_event(&mut self) -> Result<Option<Event>, StreamError> {
        if self.failed {
            return Ok(None);
        }
        let outcome = self.read_event();
        self.failed = outcome.is_err();
        outcome
    }

    fn read_event(&mut self) -> Result<Option<Event>, StreamError> {
        let SseEvent { name, data } = loop {
            match self.events.next_event().map_err(|error| StreamError::Payload(error.to_string()))? {
                None => return Ok(None),
                // A mark of other APIs, which streams that passed a gateway may hold. It ends nothing.
                Some(event) if event.data == "[DONE]" => {}
                Some(event) => break event,
            }
        };
        let origin = if self.seen == 0 { Origin::FirstFrame } else { Origin::MidStream };
        self.seen += 1;
        let event = Event::decode(data.as_bytes());
        if name == "error" && !matches!(event, Ok(Event::Error(_))) {
            // Said by its name alone, in whatever form.
            return Err(StreamError::Fault(Fault::from_exception("api_error", data.as_bytes(), origin)));
        }
        match event.map_err(|error| StreamError::Payload(error.to_string()))? {
            Event::Error(error) => Err(StreamError::Fault(Fault::from_anthropic(&error.error, origin))),
            Event::Other(mut other) if other.kind.is_empty() => {
                // An event that has its type in its name only: handed on with it.
                other.kind = name;
                Ok(Some(Event::Other(other)))
            }
            event => {
                self.ended |= matches!(event, Event::MessageStop(_));
                Ok(Some(event))
            }
        }
    }

    /// Says whether the body may end here. What was begun after the last event counts for nothing.
    ///
    /// # Errors
    /// When it ends before `message_stop`.
    pub fn finish(&self) -> Result<(), StreamError> {
        match self.ended && !self.failed {
            true => Ok(()),
            false => Err(StreamError::Cut { expected: END, after: self.taken }),
        }
    }
}

/// Events -> bytes of a streamed answer.
#[derive(Debug, Default)]
pub struct EventEncoder {
    json: Vec<u8>,
}

/// How many blanks hide the length of an event in recorded traffic.
pub const PADDING_LENGTH: RangeInclusive<usize> = 0..=15;

/// A ping, to the letter in every recording.
const PING: &[u8] = b"event: ping\ndata: {\"type\": \"ping\"}\n\n";

impl EventEncoder {
    /// Appends an event. `padding` is the number of blanks before its last brace, held below 16; pings have none.
    ///
    /// # Errors
    /// When a value cannot be written as JSON.
    pub fn encode(&mut self, event: &Event, padding: usize, out: &mut Vec<u8>) -> Result<(), serde_json::Error> {
        if let Event::Ping(ping) = event
            && ping.extra.is_empty()
        {
            out.extend_from_slice(PING);
            return Ok(());
        }
        self.json.clear();
        serde_json::to_writer(&mut self.json, event)?;
        // Outside of strings a line's end is a blank, and inside of them there is none.
        self.json.iter_mut().filter(|byte| matches!(byte, b'\n' | b'\r')).for_each(|byte| *byte = b' ');
        let kind = event.kind();
        if !kind.is_empty() && !kind.contains(['\n', '\r', '\0']) {
            out.extend_from_slice(b"event: ");
            out.extend_from_slice(kind.as_bytes());
            out.push(b'\n');
        }
        out.extend_from_slice(b"data: ");
        let braceless = self.json.strip_suffix(b"}").unwrap_or(&self.json);
        out.extend_from_slice(braceless);
        out.resize(out.len() + padding.min(*PADDING_LENGTH.end()), b' ');
        out.extend_from_slice(b"}\n\n");
        Ok(())
    }

    /// Appends an error event; nothing may follow. Its words are Anthropic's.
    pub fn encode_fault(&mut self, fault: &Fault, out: &mut Vec<u8>) {
        let error =
            ApiError { kind: word(fault).to_owned(), message: fault.message.clone(), extra: fault.details.clone() };
        let event = Event::Error(Box::new(ErrorEvent { error, extra: Default::default() }));
        // Texts and JSON members always encode.
        let _ = self.encode(&event, 0, out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> (Vec<Event>, Result<(), StreamError>) {
        let mut decoder = EventDecoder::default();
        decoder.push(bytes);
        let mut events = Vec::new();
        loop {
            match decoder.next_event() {
                Ok(Some(event)) => events.push(event),
                Ok(None) => return (events, decoder.finish()),
                Err(error) => return (events, Err(error)),
            }
        }
    }

    fn fault(bytes: &[u8]) -> Option<Fault> {
        match read(bytes).1 {
            Err(StreamError::Fault(fault)) => Some(fault),
            _ => None,
        }
    }

    #[test]
    fn events_are_written_as_recorded() {
        let stop = Event::decode(br#"{"type":"content_block_stop","index":0}"#).expect("an event");
        let ping = Event::decode(br#"{"type":"ping"}"#).expect("an event");
        let lines = Event::decode(b"{\"type\":\"beam\",\"at\":{\"x\":\n1}}").expect("an event");
        let mut out = Vec::new();
        let mut encoder = EventEncoder::default();
        for (event, padding) in [(&stop, 2), (&ping, 9), (&stop, 99), (&lines, 0)] {
            encoder.encode(event, padding, &mut out).expect("encodes");
        }
        assert_eq!(
            String::from_utf8_lossy(&out),
            concat!(
                "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0  }\n\n",
                "event: ping\ndata: {\"type\": \"ping\"}\n\n",
                "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0               }\n\n",
                "event: beam\ndata: {\"type\":\"beam\",\"at\":{\"x\": 1}}\n\n",
            )
        );
        assert_eq!(read(&out).0, [stop.clone(), ping, stop, lines]);
    }

    #[test]
    fn an_error_says_where_it_was_met() {
        let error = b"event: error\ndata: {\"type\": \"error\", \"error\": {\"type\": \"overloaded_error\", \"message\": \"Overloaded\"}}\n\n";
        let first = fault(error).expect("a fault");
        assert_eq!((first.code.as_str(), first.status, first.origin), ("overloaded_error", 529, Origin::FirstFrame));
        let late = [&b"event: ping\ndata: {\"type\": \"ping\"}\n\n"[..], error].concat();
        assert_eq!(fault(&late).map(|fault| fault.origin), Some(Origin::MidStream));
        let mut again = Vec::new();
        EventEncoder::default().encode_fault(&first, &mut again);
        assert_eq!(fault(&again), Some(first));
        // An error by its name alone.
        let named = fault(b"event: error\ndata: {\"message\":\"gone\"}\n\n").expect("a fault");
        assert_eq!((named.message.as_str(), named.status), ("gone", 500));
        assert_eq!(fault(b"event: error\ndata: gone\n\n").map(|fault| fault.message).as_deref(), Some("gone"));
    }

    #[test]
    fn a_stream_that_ends_early_is_cut() {
        let (events, end) = read(b"event: ping\ndata: {\"type\": \"ping\"}\n\nevent: message_stop\ndata: {\"type\"");
        assert_eq!(events.len(), 1);
        assert!(matches!(end, Err(StreamError::Cut { expected: END, after: 69 })), "{end:?}");
        assert!(read(b"event: message_stop\ndata: {\"type\":\"message_stop\"}\n\ndata: [DONE]\n\nevent: x").1.is_ok());
        assert!(matches!(read(b"data: none\n\n").1, Err(StreamError::Payload(_))));
        let (events, _) = read(b"event: beam\ndata: {\"beams\":2}\n\n");
        assert_eq!(events[0].kind(), "beam");
    }
}
