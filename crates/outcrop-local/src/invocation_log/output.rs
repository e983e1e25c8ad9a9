//! The bytes of an answer -> what the log has of it: a body, or the code of what went wrong, or both.

use outcrop_wire::converse::{ConverseAccumulator, ConverseResponse};
use outcrop_wire::dialect::converse::{ConverseEventDecoder, encode_converse_response};
use outcrop_wire::dialect::{EventDecoder, StreamError};
use outcrop_wire::fault::Fault;
use outcrop_wire::surface::Dialect;
use outcrop_wire::{Extra, Json};

use super::told::{Head, Told};

/// What came of a call.
#[derive(Debug, Default)]
pub(super) struct Output {
    pub(super) body: Option<Json>,
    pub(super) error: Option<String>,
}

impl Output {
    /// Of a call that may have ended before it was answered.
    pub(super) fn of(told: &Told) -> Self {
        let Some(head) = &told.answer else { return Output::default() };
        let dialect = told.incoming.call.surface.row().dialect;
        if !(200..300).contains(&head.status) {
            return Output { body: None, error: Some(error(head, &told.pieces.concat())) };
        }
        match (head.is_stream(), dialect) {
            (true, Dialect::Converse) => added_up(told),
            (true, Dialect::Invoke | Dialect::Messages) => listed(told, dialect),
            // What was cut is no JSON, and not there.
            (false, Dialect::Converse) => {
                let body = whole(told);
                Output { body: body.as_ref().and_then(in_order).or(body), error: None }
            }
            (false, _) => Output { body: whole(told), error: None },
        }
    }
}

impl Head {
    fn is_stream(&self) -> bool {
        let content_type = self.content_type.as_ref().and_then(|value| value.to_str().ok()).unwrap_or_default();
        ["application/vnd.amazon.eventstream", "text/event-stream"].iter().any(|kind| content_type.starts_with(kind))
    }
}

fn error(head: &Head, body: &[u8]) -> String {
    let error_type = head.error_type.as_ref().and_then(|value| value.to_str().ok());
    Fault::from_http(head.status, error_type, body).aws_code().to_owned()
}

fn whole(told: &Told) -> Option<Json> {
    let text = match told.pieces.as_slice() {
        [body] => std::str::from_utf8(body).ok()?.to_owned(),
        pieces => String::from_utf8(pieces.concat()).ok()?,
    };
    Json::from_text(text).ok()
}

/// The events of a stream as a list, up to where it broke off.
fn listed(told: &Told, dialect: Dialect) -> Output {
    let mut decoder = EventDecoder::new(dialect);
    let mut events = Vec::new();
    let mut failed = None;
    'pieces: for piece in &told.pieces {
        decoder.push(piece);
        loop {
            match decoder.next_event() {
                Ok(Some(event)) => events.extend(Json::of(&event).ok()),
                Ok(None) => break,
                Err(error) => {
                    failed = code(&error);
                    break 'pieces;
                }
            }
        }
    }
    Output {
        body: Some(events).filter(|events| !events.is_empty()).and_then(|list| Json::of(&list).ok()),
        error: failed,
    }
}

/// The events of a stream of Converse as the answer that they add up to.
fn added_up(told: &Told) -> Output {
    let mut decoder = ConverseEventDecoder::default();
    let mut sum = ConverseAccumulator::new();
    let mut failed = None;
    'pieces: for piece in &told.pieces {
        decoder.push(piece);
        loop {
            match decoder.next_event() {
                // What does not fit changes nothing.
                Ok(Some(event)) => {
                    let _ = sum.push(&event);
                }
                Ok(None) => break,
                Err(error) => {
                    failed = code(&error);
                    break 'pieces;
                }
            }
        }
    }
    let encoded = |response: ConverseResponse| encode_converse_response(&response).ok();
    let body = sum.into_response().and_then(encoded).and_then(|text| String::from_utf8(text).ok());
    let body = body.and_then(|text| Json::from_text(text).ok());
    Output { body: body.as_ref().and_then(in_order).or(body), error: failed }
}

/// The code of a fault that ended a stream; a stream that is cut has none.
fn code(error: &StreamError) -> Option<String> {
    match error {
        StreamError::Fault(fault) => Some(fault.aws_code().to_owned()),
        _ => None,
    }
}

/// An answer of Converse with its members as a published record has them; those of the wire are sorted.
fn in_order(body: &Json) -> Option<Json> {
    let mut members: Extra = body.parse().ok()?;
    let mut output: Extra = members.take("output")?.parse().ok()?;
    if let Some(message) = output.take("message") {
        let message: Extra = message.parse().ok()?;
        output.set("message", Json::of(&first(message, &["role", "content"])).ok()?);
    }
    members.set("output", Json::of(&output).ok()?);
    Json::of(&first(members, &["output", "stopReason", "metrics", "usage"])).ok()
}

/// The members with these first, in this order.
fn first(mut members: Extra, names: &[&str]) -> Extra {
    let mut ordered = Extra::new();
    for name in names {
        if let Some(value) = members.take(name) {
            ordered.set(*name, value);
        }
    }
    members.iter().for_each(|(name, value)| ordered.set(name, value.clone()));
    ordered
}
