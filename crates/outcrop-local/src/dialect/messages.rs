//! Anthropic's own Messages API, on the runtime host and on Mantle: the body names the model and says whether it is
//! streamed, headers the version and the beta flags, and every answer its request by `request-id`.
//!
//! The forms are those of recorded first-party traffic, but for ids, which are Bedrock's. What AWS really sends is not
//! recorded anywhere we know: not the value of `request-id`, which here repeats `x-amzn-requestid`, nor the exact bodies
//! and statuses of errors. None of InvokeModel's headers with tokens and latency is documented here.

use std::borrow::Cow;

use http::header::{CACHE_CONTROL, HeaderMap};
use http::{HeaderValue, Response};
use outcrop_wire::Extra;
use outcrop_wire::dialect::messages::{
    Head, NOT_COUNTED, Outline, decode_count_request, decode_request, encode_count_answer, encode_fault,
    encode_response,
};
use outcrop_wire::fault::Fault;
use outcrop_wire::messages::{Event, Message, MessageRequest, Ping, TokenCount};
use outcrop_wire::replay::{Replay, replay};
use outcrop_wire::route::Call;
use outcrop_wire::surface::{Delivery, Place};

use crate::answer::{self, About, Answer};
use crate::check::{invalid, malformed};
use crate::events::EventBody;

/// The event before which a ping comes in most recorded streams.
const PING: usize = 2;

pub(super) fn take_up(call: &mut Call, body: &[u8]) {
    let outline = Outline::read(body);
    if outline.stream && call.delivery == Delivery::Unary {
        call.delivery = Delivery::Stream;
    }
    call.model = Some(outline.model);
}

/// What says how to answer is no member of a count. Remembered: the words are those for every member that is not taken.
pub(super) fn counted(body: &[u8]) -> Result<Cow<'_, [u8]>, Fault> {
    let members: Extra = serde_json::from_slice(body).map_err(|error| malformed(body, &error))?;
    if let Some((name, _)) = members.iter().find(|(name, _)| NOT_COUNTED.contains(name)) {
        return Err(invalid(format!("{name}: Extra inputs are not permitted")));
    }
    decode_count_request(body).map(Cow::Owned).map_err(|error| malformed(body, &error))
}

pub(super) fn request(call: &Call, headers: &HeaderMap, body: &[u8]) -> Result<MessageRequest, serde_json::Error> {
    let row = call.surface.row();
    let values = |place: Place| {
        let name = match place {
            Place::Header(name) => Some(name),
            _ => None,
        };
        name.into_iter().flat_map(|name| headers.get_all(name)).filter_map(|value| value.to_str().ok())
    };
    decode_request(Head::read(values(row.version).next(), values(row.betas)), body)
}

pub(super) fn message(message: &Message, about: &About<'_>) -> Result<Response<Answer>, serde_json::Error> {
    Ok(named(answer::whole(encode_response(message)?, about), about))
}

pub(super) fn events(message: &Message) -> Vec<Event> {
    let mut events = replay(message, &Replay::default());
    let ping = if message.content.is_empty() { 1 } else { PING };
    events.insert(ping, Event::Ping(Ping { extra: Default::default() }));
    events
}

pub(super) fn stream(events: EventBody, content_type: &'static str, about: &About<'_>) -> Response<Answer> {
    let mut response = named(answer::stream(events, content_type, about), about);
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

pub(super) fn count(count: &TokenCount, about: &About<'_>) -> Result<Response<Answer>, serde_json::Error> {
    Ok(named(answer::whole(encode_count_answer(count)?, about), about))
}

pub(super) fn refusal(fault: &Fault, about: &About<'_>) -> Response<Answer> {
    named(answer::failed(encode_fault(fault, about.request_id), about), about)
}

fn named(mut response: Response<Answer>, about: &About<'_>) -> Response<Answer> {
    answer::set_header(&mut response, "request-id", about.request_id);
    response
}
