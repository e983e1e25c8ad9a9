//! A whole answer: bytes -> message, and message -> bytes. Its headers repeat no counts.

use crate::messages::Message;

/// Decodes the body of a whole answer.
///
/// # Errors
/// When it is no message.
pub fn decode_response(body: &[u8]) -> Result<Message, serde_json::Error> {
    Message::decode(body)
}

/// The body of a whole answer.
///
/// # Errors
/// When a value cannot be written as JSON.
pub fn encode_response(message: &Message) -> Result<Vec<u8>, serde_json::Error> {
    serde_json::to_vec(message)
}
