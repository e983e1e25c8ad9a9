//! How calls are spoken here: a file for each dialect, and here the choice among them.
//!
//! The forms of bodies, events and errors stand in wire. What a server adds to them is here: what a body says of its
//! call, which request it is, and with which head an answer goes out, whole, event by event, as a count or as a fault.

mod converse;
mod invoke;
mod messages;

use std::borrow::Cow;

use http::{HeaderMap, Response};
use outcrop_wire::dialect::EventEncoder;
use outcrop_wire::fault::Fault;
use outcrop_wire::messages::{Message, MessageRequest, TokenCount};
use outcrop_wire::route::Call;
use outcrop_wire::surface::{Dialect, Surface};

use crate::answer::{About, Answer};
use crate::events::{EventBody, Source};
use crate::reply::Framed;

pub(crate) use self::converse::Wishes;

/// Takes up what the body says of its call, where the path does not: the model, and whether the reply is streamed.
pub(crate) fn take_up(call: &mut Call, body: &[u8]) {
    match call.surface.row().dialect {
        Dialect::Messages => messages::take_up(call, body),
        Dialect::Invoke => converse::take_up(call, body),
        Dialect::Converse => {}
    }
}

/// The body whose tokens are asked for by a count.
///
/// # Errors
/// When it is no such body, in AWS's words.
pub(crate) fn counted<'a>(surface: Surface, body: &'a [u8]) -> Result<Cow<'a, [u8]>, Fault> {
    match surface.row().dialect {
        Dialect::Messages => messages::counted(body),
        Dialect::Invoke => invoke::counted(body),
        Dialect::Converse => converse::counted(body),
    }
}

/// The request of a body; of a count it is the body that [`counted`] gives.
///
/// # Errors
/// When it is none.
pub(crate) fn request(call: &Call, headers: &HeaderMap, body: &[u8]) -> Result<MessageRequest, serde_json::Error> {
    match call.surface.row().dialect {
        Dialect::Messages => messages::request(call, headers, body),
        Dialect::Invoke => invoke::request(call, body),
        Dialect::Converse => converse::request(call, body),
    }
}

/// What a whole message is sent as. `latency` is how long it took, milliseconds.
pub(crate) fn message(
    surface: Surface,
    message: &Message,
    latency: u64,
    wishes: &Wishes,
    about: &About<'_>,
) -> Result<Response<Answer>, serde_json::Error> {
    match surface.row().dialect {
        Dialect::Messages => messages::message(message, about),
        Dialect::Invoke => invoke::message(message, latency, about),
        Dialect::Converse => converse::message(message, latency, wishes, about),
    }
}

/// The events that a message is streamed as.
pub(crate) fn events(surface: Surface, message: &Message, latency: u64, wishes: &Wishes) -> Source {
    match surface.row().dialect {
        Dialect::Messages => Source::Events(messages::events(message).into_iter()),
        Dialect::Invoke => Source::Events(invoke::events(message, latency).into_iter()),
        Dialect::Converse => converse::events(message, latency, wishes),
    }
}

/// What the answer to a call is to say besides, where the call is not checked.
pub(crate) fn wishes(surface: Surface, body: &[u8]) -> Wishes {
    match surface.row().dialect {
        Dialect::Converse => converse::wishes(body),
        Dialect::Invoke | Dialect::Messages => Wishes::default(),
    }
}

/// How a fault is framed in a stream: not every dialect has every way.
pub(crate) fn framed(surface: Surface, framed: Framed) -> Framed {
    match (surface.row().dialect, framed) {
        // An event of Anthropic's has no place among those of Converse.
        (Dialect::Converse, Framed::Event) => Framed::Exception,
        (_, framed) => framed,
    }
}

/// What an id begins with that begins with `prefix` on InvokeModel.
pub(crate) fn id_prefix(surface: Surface, prefix: &str) -> String {
    match (surface.row().dialect, prefix) {
        // Recorded: `tooluse_W9DaUFg4Tj2cRPpndqxWSg`.
        (Dialect::Converse, "toolu_bdrk_") => "tooluse_".to_owned(),
        _ => format!("{prefix}01"),
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
        Dialect::Invoke => invoke::stream(events, content_type, about),
        Dialect::Converse => converse::stream(events, content_type, about),
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
        Dialect::Invoke => Ok(invoke::count(count, about)),
        Dialect::Converse => Ok(converse::count(count, about)),
    }
}

/// What a fault is sent as, where it is the whole answer.
pub(crate) fn refusal(surface: Surface, fault: &Fault, about: &About<'_>) -> Response<Answer> {
    match surface.row().dialect {
        Dialect::Messages => messages::refusal(fault, about),
        Dialect::Invoke => invoke::refusal(fault, about),
        Dialect::Converse => converse::refusal(fault, about),
    }
}
