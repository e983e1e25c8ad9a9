//! How bytes are spoken: each dialect with both halves, the client's (encode a request, decode an answer) and the
//! server's (decode a request, encode an answer).

pub mod converse;
pub mod invoke;
pub mod messages;
mod padding;

use std::fmt;

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
}

impl EventDecoder {
    /// The decoder of a dialect.
    #[must_use]
    pub fn new(dialect: Dialect) -> Self {
        match dialect {
            // No caller reads the others yet: a plan for their surfaces is refused.
            Dialect::Invoke | Dialect::Converse | Dialect::Messages => {
                EventDecoder::Invoke(invoke::EventDecoder::default())
            }
        }
    }

    /// Takes the next bytes, cut anywhere.
    pub fn push(&mut self, bytes: &[u8]) {
        match self {
            EventDecoder::Invoke(decoder) => decoder.push(bytes),
        }
    }

    /// The next event; `None` when more bytes are needed.
    ///
    /// # Errors
    /// When the service reports a fault or the bytes make no sense; nothing follows then.
    pub fn next_event(&mut self) -> Result<Option<Event>, StreamError> {
        match self {
            EventDecoder::Invoke(decoder) => decoder.next_event(),
        }
    }

    /// Says whether the body may end here.
    ///
    /// # Errors
    /// When it ends inside a frame or before the last event.
    pub fn finish(&self) -> Result<(), StreamError> {
        match self {
            EventDecoder::Invoke(decoder) => decoder.finish(),
        }
    }
}
