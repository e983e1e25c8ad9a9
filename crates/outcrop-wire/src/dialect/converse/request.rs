//! A request and a count in the words of Messages: typed request -> body of Converse, and back.

use super::{decode_converse_count, decode_converse_request, encode_converse_count};
use crate::converse::ConverseTokens;
use crate::convert::{Converted, RequestToConverse, request_from_converse, request_to_converse};
use crate::edit::{Edit, Edited, edited};
use crate::messages::MessageRequest;
use crate::model::ModelId;

/// The body of a request with `edits` applied, as edits of a body of Messages. The conversation is converted turn by
/// turn, so that no second copy of it is made.
///
/// # Errors
/// When a number is not finite: JSON has none, and `null` would mean that nothing was said.
pub fn encode_request(request: &MessageRequest, edits: &[Edit]) -> Result<Converted<Vec<u8>>, serde_json::Error> {
    let Edited { rest, turns } = edited(request, edits)?;
    for (name, value) in [("temperature", rest.temperature), ("top_p", rest.top_p)] {
        if value.is_some_and(|value| !value.is_finite()) {
            return Err(serde::ser::Error::custom(format_args!("{name} is not a finite number")));
        }
    }
    let mut conversion = RequestToConverse::default();
    let mut body = Vec::with_capacity(512);
    body.extend_from_slice(br#"{"messages":["#);
    let start = body.len();
    for turn in turns.iter() {
        if let Some(message) = conversion.turn(turn.clone()) {
            if body.len() > start {
                body.push(b',');
            }
            serde_json::to_writer(&mut body, &message)?;
        }
    }
    let rest = serde_json::to_vec(&conversion.rest(rest))?;
    // The rest is an object that begins with the messages it does not have.
    let rest = rest.strip_prefix(br#"{"messages":["#).ok_or_else(|| serde::ser::Error::custom("no messages"))?;
    body.extend_from_slice(rest);
    Ok(Converted { value: body, losses: conversion.into_losses() })
}

/// Decodes a body; the model comes from the path.
///
/// # Errors
/// When the body is not JSON, or no request.
pub fn decode_request(model: ModelId, body: &[u8]) -> Result<Converted<MessageRequest>, serde_json::Error> {
    decode_converse_request(model, body).map(request_from_converse)
}

/// The body that asks for the tokens of a request with `edits` applied.
///
/// # Errors
/// When a value cannot be written as JSON.
pub fn encode_count_request(request: &MessageRequest, edits: &[Edit]) -> Result<Converted<Vec<u8>>, serde_json::Error> {
    let Edited { rest, turns } = edited(request, edits)?;
    let converted = request_to_converse(MessageRequest { messages: turns.into_owned(), ..rest });
    let body = encode_converse_count(&ConverseTokens::from(converted.value))?;
    Ok(Converted { value: body, losses: converted.losses })
}

/// The request whose tokens are asked for; none where it is a body of InvokeModel. A count says no limit of output, so
/// one is made up.
///
/// # Errors
/// When it is no such request.
pub fn decode_count_request(
    model: ModelId,
    body: &[u8],
) -> Result<Option<Converted<MessageRequest>>, serde_json::Error> {
    let tokens = decode_converse_count(body)?;
    Ok(tokens.map(|tokens| request_from_converse(tokens.into_request(model))))
}
