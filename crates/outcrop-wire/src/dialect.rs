//! How bytes are spoken: each dialect with both halves, the client's (encode a request, decode an answer) and the
//! server's (decode a request, encode an answer).

mod answer;
pub mod converse;
pub mod invoke;
pub mod messages;
mod padding;

pub use answer::FaultAnswer;

use std::fmt;
use std::ops::RangeInclusive;

use crate::convert::Identity;
use crate::eventstream::FrameError;
use crate::fault::Fault;
use crate::messages::Event;
use crate::surface::Dialect;

/// Why a stream gave no further event.
#[derive(Debug)]
#[non_exhaustive]
pub enum StreamError {
    /// The service said so.
    Fault(Fault),
    /// The bytes are no frames.
    Frame(FrameError),
    /// A frame's payload is not what its dialect says.
    Payload(String),
    /// The stream ended before its last event.
    Cut {
        /// The event that ends a complete stream.
        expected: &'static str,
        /// Bytes of the stream.
        after: u64,
    },
}

impl fmt::Display for StreamError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StreamError::Fault(fault) => fault.fmt(f),
            StreamError::Frame(error) => error.fmt(f),
            StreamError::Payload(why) => write!(f, "cannot read the payload of an event: {why}"),
            StreamError::Cut { expected, after } => {
                write!(f, "the stream ended after {after} bytes, before `{expected}`")
            }
        }
    }
}

impl std::error::Error for StreamError {}

impl From<FrameError> for StreamError {
    fn from(error: FrameError) -> Self {
        StreamError::Frame(error)
    }
}

/// Bytes of a streamed answer -> events, as a state machine: push, pull until `None`, and finish at the end of the body.
#[derive(Debug)]
#[non_exhaustive]
pub enum EventDecoder {
    /// Of the invoke dialect.
    Invoke(invoke::EventDecoder),
    /// Of the converse dialect. Boxed: it keeps what it knows of each block.
    Converse(Box<converse::EventDecoder>),
    /// Of Anthropic's own API.
    Messages(messages::EventDecoder),
}

impl EventDecoder {
    /// The decoder of a dialect.
    #[must_use]
    pub fn new(dialect: Dialect) -> Self {
        match dialect {
            Dialect::Invoke => EventDecoder::Invoke(invoke::EventDecoder::default()),
            Dialect::Converse => EventDecoder::Converse(Box::default()),
            Dialect::Messages => EventDecoder::Messages(messages::EventDecoder::default()),
        }
    }

    /// Sets the id and model of the reply where the dialect does not say them; to be done before the first event.
    #[must_use]
    pub fn identified(mut self, identity: Identity) -> Self {
        match &mut self {
            EventDecoder::Invoke(_) | EventDecoder::Messages(_) => {}
            EventDecoder::Converse(decoder) => decoder.identify(identity),
        }
        self
    }

    /// Takes the next bytes, cut anywhere.
    pub fn push(&mut self, bytes: &[u8]) {
        match self {
            EventDecoder::Invoke(decoder) => decoder.push(bytes),
            EventDecoder::Converse(decoder) => decoder.push(bytes),
            EventDecoder::Messages(decoder) => decoder.push(bytes),
        }
    }

    /// The next event; `None` when more bytes are needed.
    ///
    /// # Errors
    /// When the service reports a fault or the bytes make no sense; nothing follows then.
    pub fn next_event(&mut self) -> Result<Option<Event>, StreamError> {
        match self {
            EventDecoder::Invoke(decoder) => decoder.next_event(),
            EventDecoder::Converse(decoder) => decoder.next_event(),
            EventDecoder::Messages(decoder) => decoder.next_event(),
        }
    }

    /// Says whether the body may end here.
    ///
    /// # Errors
    /// When it ends inside a frame or before the last event.
    pub fn finish(&self) -> Result<(), StreamError> {
        match self {
            EventDecoder::Invoke(decoder) => decoder.finish(),
            EventDecoder::Converse(decoder) => decoder.finish(),
            EventDecoder::Messages(decoder) => decoder.finish(),
        }
    }
}

/// Events -> bytes of a streamed answer. An event may be no bytes at all, where the dialect has nothing to say for it.
#[derive(Debug)]
#[non_exhaustive]
pub enum EventEncoder {
    /// Of the invoke dialect.
    Invoke(invoke::EventEncoder),
    /// Of the converse dialect. Boxed: it keeps the counts until the end.
    Converse(Box<converse::EventEncoder>),
    /// Of Anthropic's own API.
    Messages(messages::EventEncoder),
}

impl EventEncoder {
    /// The encoder of a dialect.
    #[must_use]
    pub fn new(dialect: Dialect) -> Self {
        match dialect {
            Dialect::Invoke => EventEncoder::Invoke(invoke::EventEncoder::default()),
            Dialect::Converse => EventEncoder::Converse(Box::default()),
            Dialect::Messages => EventEncoder::Messages(messages::EventEncoder::default()),
        }
    }

    /// How long what hides the length of an event may be.
    #[must_use]
    pub fn padding(&self) -> RangeInclusive<usize> {
        match self {
            EventEncoder::Invoke(_) | EventEncoder::Converse(_) => padding::PADDING_LENGTH,
            EventEncoder::Messages(_) => messages::PADDING_LENGTH,
        }
    }

    /// Appends an event, with so much that hides its length.
    ///
    /// # Errors
    /// When a value cannot be written as JSON.
    pub fn encode(&mut self, event: &Event, padding: usize, out: &mut Vec<u8>) -> Result<(), serde_json::Error> {
        match self {
            EventEncoder::Invoke(encoder) => encoder.encode(event, padding, out),
            EventEncoder::Converse(encoder) => encoder.encode(event, padding, out),
            EventEncoder::Messages(encoder) => encoder.encode(event, padding, out),
        }
    }

    /// Appends a fault, as the dialect says one in a stream; nothing may follow.
    pub fn encode_fault(&mut self, fault: &Fault, out: &mut Vec<u8>) {
        match self {
            EventEncoder::Invoke(encoder) => encoder.encode_fault(fault, out),
            EventEncoder::Converse(encoder) => encoder.encode_fault(fault, out),
            EventEncoder::Messages(encoder) => encoder.encode_fault(fault, out),
        }
    }
}
