//! The body of a streamed answer: one chunk an event, at a pace, and broken where it is to break.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use outcrop_wire::converse::ConverseEvent;
use outcrop_wire::dialect::EventEncoder;
use outcrop_wire::dialect::converse::ConverseEventEncoder;
use outcrop_wire::eventstream::{self, HeaderValue};
use outcrop_wire::fault::Fault;
use outcrop_wire::messages::{ApiError, ErrorEvent, Event};
use tokio::time::Sleep;

use crate::cut::Line;
use crate::reply::{Break, Framed, How};

/// Events, each due after the pause of its stream.
pub(crate) struct EventBody {
    source: Source,
    encoder: EventEncoder,
    random: fastrand::Rng,
    pace: Duration,
    due: Option<Pin<Box<Sleep>>>,
    breach: Option<Break>,
    sent: usize,
    line: Line,
    cut: bool,
}

/// Where the frames come from.
pub(crate) enum Source {
    Events(std::vec::IntoIter<Event>),
    Converse(std::vec::IntoIter<ConverseEvent>, ConverseEventEncoder),
    /// Bytes as they were recorded, cut between frames.
    Frames(Bytes),
}

impl Source {
    fn is_over(&self) -> bool {
        match self {
            Source::Events(events) => events.as_slice().is_empty(),
            Source::Converse(events, _) => events.as_slice().is_empty(),
            Source::Frames(bytes) => bytes.is_empty(),
        }
    }
}

impl EventBody {
    pub(crate) fn new(
        source: Source,
        encoder: EventEncoder,
        pace: Duration,
        breach: Option<Break>,
        random: fastrand::Rng,
        line: Line,
    ) -> Self {
        EventBody { source, encoder, random, pace, due: None, breach, sent: 0, line, cut: false }
    }

    pub(crate) fn is_over(&self) -> bool {
        self.source.is_over() && self.breach.is_none() && !self.cut
    }

    pub(crate) fn poll_event(&mut self, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if self.cut {
            self.line.cut();
            return Poll::Pending;
        }
        if self.pace > Duration::ZERO && !self.is_over() {
            let due = self.due.get_or_insert_with(|| Box::pin(tokio::time::sleep(self.pace)));
            std::task::ready!(due.as_mut().poll(context));
            self.due = None;
        }
        let (sent, over) = (self.sent, self.source.is_over());
        let Some(breach) = self.breach.take_if(|breach| sent >= breach.after || over) else {
            return Poll::Ready(self.next_frame());
        };
        match breach.how {
            // Server-sent events have no checksum: nothing is wrong with them.
            How::BadCrc if self.is_text() => Poll::Ready(self.next_frame()),
            How::BadCrc => Poll::Ready(self.next_frame().map(|frame| {
                let mut frame = Vec::from(frame);
                if let Some(last) = frame.last_mut() {
                    *last ^= 0xff;
                }
                frame.into()
            })),
            How::Fault(fault, framed) => {
                self.source = Source::Frames(Bytes::new());
                Poll::Ready(Some(self.encode_fault(&fault, framed)))
            }
            How::Cut => {
                self.cut = true;
                self.poll_event(context)
            }
            How::CutInside => {
                self.cut = true;
                match self.next_frame() {
                    Some(frame) => Poll::Ready(Some(frame.slice(..frame.len() / 2))),
                    None => self.poll_event(context),
                }
            }
        }
    }

    fn next_frame(&mut self) -> Option<Bytes> {
        self.sent += 1;
        let is_text = self.is_text();
        match &mut self.source {
            Source::Events(events) => loop {
                let event = events.next()?;
                // What hides an event's length, as recorded traffic has it.
                let padding = self.random.usize(self.encoder.padding());
                let mut frame = Vec::with_capacity(256);
                // The engine's values always encode; if one did not, the stream ends short and the client says so.
                self.encoder.encode(&event, padding, &mut frame).ok()?;
                // A dialect may have nothing to say for an event.
                if !frame.is_empty() {
                    return Some(frame.into());
                }
            },
            Source::Converse(events, encoder) => {
                let event = events.next()?;
                let padding = self.random.usize(self.encoder.padding());
                let mut frame = Vec::with_capacity(256);
                encoder.encode(&event, padding, &mut frame).ok()?;
                Some(frame.into())
            }
            Source::Frames(bytes) if bytes.is_empty() => None,
            Source::Frames(bytes) => {
                let length = if is_text { text_length(bytes) } else { frame_length(bytes) };
                // What is no frame goes out in one piece.
                let length = length.filter(|length| *length <= bytes.len()).unwrap_or(bytes.len());
                Some(bytes.split_to(length))
            }
        }
    }

    /// Whether these are server-sent events.
    fn is_text(&self) -> bool {
        matches!(self.encoder, EventEncoder::Messages(_))
    }

    fn encode_fault(&mut self, fault: &Fault, framed: Framed) -> Bytes {
        let mut frame = Vec::new();
        match framed {
            // Server-sent events have one form for a fault.
            _ if self.is_text() => self.encoder.encode_fault(fault, &mut frame),
            Framed::Exception => self.encoder.encode_fault(fault, &mut frame),
            Framed::Error => {
                let headers = [
                    (":error-code", HeaderValue::Text(&fault.code)),
                    (":error-message", HeaderValue::Text(&fault.message)),
                    (":message-type", HeaderValue::Text("error")),
                ];
                eventstream::encode(headers, |_| {}, &mut frame);
            }
            Framed::Event => {
                let error = ApiError {
                    kind: fault.anthropic_kind().to_owned(),
                    message: fault.message.clone(),
                    extra: Default::default(),
                };
                let event = Event::Error(Box::new(ErrorEvent { error, extra: Default::default() }));
                let padding = self.random.usize(self.encoder.padding());
                // Two texts always encode.
                let _ = self.encoder.encode(&event, padding, &mut frame);
            }
        }
        frame.into()
    }
}

/// A frame begins with its length.
fn frame_length(bytes: &[u8]) -> Option<usize> {
    let length = u32::from_be_bytes(*bytes.first_chunk()?) as usize;
    (length >= 16).then_some(length)
}

/// A server-sent event ends with an empty line.
fn text_length(bytes: &[u8]) -> Option<usize> {
    let ends = |at: usize| {
        let rest = &bytes[at + 1..];
        [&b"\n"[..], b"\r\n"].into_iter().find(|end| rest.starts_with(end)).map(|end| at + 1 + end.len())
    };
    (0..bytes.len()).filter(|at| bytes[*at] == b'\n').find_map(ends)
}
