//! The request for a count of the tokens of a Converse request. (The answer is that of every count.)

use crate::converse::ConverseTokens;
use crate::dialect::invoke::{CountInput, CountRequest};
use crate::json;

/// The body that asks for the tokens of a request.
///
/// # Errors
/// When a value cannot be written as JSON.
pub fn encode_converse_count(tokens: &ConverseTokens) -> Result<Vec<u8>, serde_json::Error> {
    let input = CountInput { invoke_model: None, converse: Some(tokens.clone()), extra: Default::default() };
    serde_json::to_vec(&CountRequest { input, extra: Default::default() })
}

/// What is asked to be counted; none where it is a body of InvokeModel.
///
/// # Errors
/// When it is no such request.
pub fn decode_converse_count(bytes: &[u8]) -> Result<Option<ConverseTokens>, serde_json::Error> {
    let request: CountRequest = json::decode(bytes)?;
    match (request.input.converse, request.input.invoke_model) {
        (None, None) => Err(serde::de::Error::custom("input: neither `invokeModel` nor `converse`")),
        (converse, _) => Ok(converse),
    }
}
