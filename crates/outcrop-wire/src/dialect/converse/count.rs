//! The request for a count of the tokens of a Converse request. (The answer is that of every count.)

use crate::converse::ConverseTokens;
use crate::dialect::invoke::CountRequest;
use crate::json;

/// The body that asks for the tokens of a request.
///
/// # Errors
/// When a value cannot be written as JSON.
pub fn encode_converse_count(tokens: &ConverseTokens) -> Result<Vec<u8>, serde_json::Error> {
    // Around the conversation, of which no second copy is made.
    let mut body = br#"{"input":{"converse":"#.to_vec();
    serde_json::to_writer(&mut body, tokens)?;
    body.extend_from_slice(b"}}");
    Ok(body)
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
