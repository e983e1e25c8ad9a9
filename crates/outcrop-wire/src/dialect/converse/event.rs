//! Streams in the words of Messages: frames of Converse -> events, and events -> those frames.

use super::frames::Read;
use super::{ConverseEventDecoder, ConverseEventEncoder};
use crate::convert::{Identity, Loss, StreamToConverse, StreamToMessages};
use crate::dialect::StreamError;
use crate::fault::Fault;
use crate::messages::Event;

/// Bytes of a streamed answer -> events.
#[derive(Debug, Default)]
pub struct EventDecoder {
    frames: ConverseEventDecoder,
    stream: StreamToMessages,
}

impl EventDecoder {
    /// Sets the id and model of the reply, which Converse does not say; to be done before the first event.
    pub fn identify(&mut self, identity: Identity) {
        self.stream.identify(identity);
    }

    /// Takes the next bytes, cut anywhere.
    pub fn push(&mut self, bytes: &[u8]) {
        self.frames.push(bytes);
    }

    /// The next event; `None` when more bytes are needed.
    ///
    /// # Errors
    /// An exception or error frame, a frame that is broken, or a payload that is none; nothing follows then.
    pub fn next_event(&mut self) -> Result<Option<Event>, StreamError> {
        loop {
            if let Some(event) = self.stream.next_event() {
                return Ok(Some(event));
            }
            let event = match self.frames.next_read()? {
                None => return Ok(None),
                Some(Read::Text(index, piece, text)) => self.stream.pass_text(index, piece, text),
                Some(Read::Event(event)) => self.stream.pass(*event),
            };
            if event.is_some() {
                return Ok(event);
            }
        }
    }

    /// Says whether the body may end here.
    ///
    /// # Errors
    /// When it ends inside a frame, or before `messageStop` and `metadata` came.
    pub fn finish(&self) -> Result<(), StreamError> {
        self.frames.finish()
    }

    /// What was lost so far.
    #[must_use]
    pub fn losses(&self) -> &[Loss] {
        self.stream.losses()
    }
}

/// Events -> bytes of a streamed answer.
#[derive(Debug)]
pub struct EventEncoder {
    stream: StreamToConverse,
    frames: ConverseEventEncoder,
}

impl Default for EventEncoder {
    fn default() -> Self {
        EventEncoder { stream: StreamToConverse::new(), frames: ConverseEventEncoder::default() }
    }
}

impl EventEncoder {
    /// Appends the frames of an event: none, one or a few. `padding` is the length of `p`, held between 2 and 61.
    ///
    /// # Errors
    /// When a value cannot be written as JSON.
    pub fn encode(&mut self, event: &Event, padding: usize, out: &mut Vec<u8>) -> Result<(), serde_json::Error> {
        self.stream.push(event.clone());
        while let Some(event) = self.stream.next_event() {
            self.frames.encode(&event, padding, out)?;
        }
        Ok(())
    }

    /// Appends an exception; nothing may follow.
    pub fn encode_fault(&mut self, fault: &Fault, out: &mut Vec<u8>) {
        self.frames.encode_fault(fault, out);
    }

    /// What was lost so far.
    #[must_use]
    pub fn losses(&self) -> &[Loss] {
        self.stream.losses()
    }
}
