//! How calls are spoken here: a file for each dialect, and here the choice among them.
//!
//! The forms of bodies, events and errors stand in wire. What a server adds to them is here: what a body says of its
//! call, which request it is, and with which head an answer goes out, whole, event by event, as a count or as a fault.

mod invoke;
mod messages;

use std::borrow::Cow;

use http::{HeaderMap, Response};
use outcrop_wire::dialect::EventEncoder;
use outcrop_wire::fault::Fault;
use outcrop_wire::messages::{Event, Message, MessageRequest, TokenCount};
use outcrop_wire::route::Call;
use outcrop_wire::surface::{Dialect, Surface};

use crate::answer::{About, Answer};
use crate::events::EventBody;

/// Takes up what the body says of its call, where the path does not: the model, and whether the reply is streamed.
pub(crate) fn take_up(call: &mut Call, body: &[u8]) {
    match call.surface.row().dialect {
        Dialect::Messages => messages::take_up(call, body),
        Dialect::Invoke | Dialect::Converse => {}
    }
}

/// The body whose tokens are asked for by a count.
///
/// # Errors
/// When it is no such body, in AWS's words.
pub(crate) fn counted<'a>(surface: Surface, body: &'a [u8]) -> Result<Cow<'a, [u8]>, Fault> {
    match surface.row().dialect {
        Dialect::Messages => messages::counted(body),
        Dialect::Invoke | Dialect::Converse => invoke::counted(body),
    }
}

/// The request of a body; of a count it is the body that [`counted`] gives.
///
/// # Errors
/// When it is none.
pub(crate) fn request(call: &Call, headers: &HeaderMap, body: &[u8]) -> Result<MessageRequest, serde_json::Error> {
    match call.surface.row().dialect {
        Dialect::Messages => messages::request(call, headers, body),
        Dialect::Invoke | Dialect::Converse => invoke::request(call, body),
    }
}

/// What a whole message is sent as. `latency` is how long it took, milliseconds.
pub(crate) fn message(
    surface: Surface,
    message: &Message,
    latency: u64,
    about: &About<'_>,
) -> Result<Response<Answer>, serde_json::Error> {
    match surface.row().dialect {
        Dialect::Messages => messages::message(message, about),
        Dialect::Invoke | Dialect::Converse => invoke::message(message, latency, about),
    }
}

/// The events that a message is streamed as, and what writes them.
pub(crate) fn events(surface: Surface, message: &Message, latency: u64) -> Vec<Event> {
    match surface.row().dialect {
        Dialect::Messages => messages::events(message),
        Dialect::Invoke | Dialect::Converse => invoke::events(message, latency),
    }
}

/// What writes events.
pub(crate) fn encoder(surface: Surface) -> EventEncoder {
    EventEncoder::new(surface.row().dialect)
}

/// What a streamed message is sent as.
pub(crate) fn stream(surface: Surface, events: EventBody, about: &About<'_>) -> Response<Answer> {
    let content_type = surface.row().stream_content_type;
    match surface.row().dialect {
        Dialect::Messages => messages::stream(events, content_type, about),
        Dialect::Invoke | Dialect::Converse => invoke::stream(events, content_type, about),
    }
}

/// What a count of tokens is sent as.
pub(crate) fn count(
    surface: Surface,
    count: &TokenCount,
    about: &About<'_>,
) -> Result<Response<Answer>, serde_json::Error> {
    match surface.row().dialect {
        Dialect::Messages => messages::count(count, about),
        Dialect::Invoke | Dialect::Converse => Ok(invoke::count(count, about)),
    }
}

/// What a fault is sent as, where it is the whole answer.
pub(crate) fn refusal(surface: Surface, fault: &Fault, about: &About<'_>) -> Response<Answer> {
    match surface.row().dialect {
        Dialect::Messages => messages::refusal(fault, about),
        Dialect::Invoke | Dialect::Converse => invoke::refusal(fault, about),
    }
}
