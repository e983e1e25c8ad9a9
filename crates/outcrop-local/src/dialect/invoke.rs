//! InvokeModel: the path says everything but the body, and the heads of answers repeat what the answer cost.

use std::borrow::Cow;

use http::Response;
use outcrop_wire::dialect::invoke::{
    TokenCounts, decode_count_request, decode_request, encode_count_answer, encode_fault, encode_response,
};
use outcrop_wire::fault::Fault;
use outcrop_wire::messages::{Event, InvocationMetrics, Message, MessageRequest, TokenCount};
use outcrop_wire::replay::{Replay, replay};
use outcrop_wire::route::Call;

use crate::answer::{self, About, Answer};
use crate::check::invalid;
use crate::events::EventBody;

pub(super) fn counted(body: &[u8]) -> Result<Cow<'_, [u8]>, Fault> {
    match decode_count_request(body) {
        Ok(Some(body)) => Ok(body.into()),
        // Remembered: as of every union. One of Converse alone is a call of Converse.
        Ok(None) => {
            Err(invalid("CountTokensInput object at input must set one of the following keys: invokeModel, converse."))
        }
        Err(error) => {
            Err(invalid(format!("Malformed input request: {error}, please reformat your input and try again.")))
        }
    }
}

pub(super) fn request(call: &Call, body: &[u8]) -> Result<MessageRequest, serde_json::Error> {
    decode_request(call.model.clone().unwrap_or_default(), body)
}

pub(super) fn message(
    message: &Message,
    latency: u64,
    about: &About<'_>,
) -> Result<Response<Answer>, serde_json::Error> {
    let mut response = answer::whole(encode_response(message)?, about);
    for (name, value) in TokenCounts::new(&message.usage, latency).headers() {
        response.headers_mut().insert(name, value.into());
    }
    Ok(response)
}

pub(super) fn events(message: &Message, latency: u64) -> Vec<Event> {
    let counts = TokenCounts::new(&message.usage, latency);
    let metrics = InvocationMetrics {
        input_token_count: counts.input,
        output_token_count: counts.output,
        invocation_latency: Some(latency),
        first_byte_latency: Some(latency),
        cache_read_input_token_count: counts.cache_read,
        cache_write_input_token_count: counts.cache_write,
        extra: Default::default(),
    };
    replay(message, &Replay { metrics: Some(metrics), piece: None })
}

pub(super) fn stream(events: EventBody, content_type: &'static str, about: &About<'_>) -> Response<Answer> {
    let mut response = answer::stream(events, content_type, about);
    answer::set_header(&mut response, "x-amzn-bedrock-content-type", "application/json");
    response
}

pub(super) fn count(count: &TokenCount, about: &About<'_>) -> Response<Answer> {
    answer::whole(encode_count_answer(count), about)
}

pub(super) fn refusal(fault: &Fault, about: &About<'_>) -> Response<Answer> {
    answer::failed(encode_fault(fault), about)
}
