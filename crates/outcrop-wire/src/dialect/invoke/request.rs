//! A request: typed -> body, and body -> typed.

use crate::edit::{Edit, encode_edited};
use crate::json::{self, Json};
use crate::messages::MessageRequest;
use crate::model::ModelId;

/// The body of a request with `edits` applied. What the path carries is among the edits.
///
/// # Errors
/// When a number is not finite: JSON has none, and `null` is refused by the models.
pub fn encode_request(request: &MessageRequest, edits: &[Edit]) -> Result<Vec<u8>, serde_json::Error> {
    for (name, value) in [("temperature", request.temperature), ("top_p", request.top_p)] {
        if value.is_some_and(|value| !value.is_finite()) {
            return Err(serde::ser::Error::custom(format_args!("{name} is not a finite number")));
        }
    }
    encode_edited(request, edits)
}

/// Decodes a body; the model comes from the path.
///
/// # Errors
/// When the body is not JSON, or no request.
pub fn decode_request(model: ModelId, body: &[u8]) -> Result<MessageRequest, serde_json::Error> {
    let mut request: MessageRequest = json::decode(body)?;
    if !request.model.as_str().is_empty() {
        // The path decides; that the body had one too must not be lost on who checks it.
        request.extra.set("model", Json::of(&request.model).unwrap_or_default());
    }
    request.model = model;
    Ok(request)
}
