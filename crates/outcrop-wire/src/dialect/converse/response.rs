//! A whole answer in the words of Messages: bytes -> message, and message -> bytes.

use super::{decode_converse_response, encode_converse_response};
use crate::convert::{Converted, Identity, message_from_converse, message_to_converse};
use crate::messages::Message;

/// Decodes the body of a whole answer; who answered, Converse does not say.
///
/// # Errors
/// When it is no answer.
pub fn decode_response(body: &[u8], identity: &Identity) -> Result<Converted<Message>, serde_json::Error> {
    decode_converse_response(body).map(|response| message_from_converse(response, identity))
}

/// The body of a whole answer, its members in the order of the alphabet.
///
/// # Errors
/// When a value cannot be written as JSON.
pub fn encode_response(message: &Message) -> Result<Converted<Vec<u8>>, serde_json::Error> {
    let Converted { value, losses } = message_to_converse(message.clone());
    Ok(Converted { value: encode_converse_response(&value)?, losses })
}
