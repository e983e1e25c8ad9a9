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

/// Where and why a body is no request.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {source}")]
pub struct RequestError {
    /// The member, `messages[0].content`; `.` for the whole.
    pub path: String,
    /// What is wrong with it.
    pub source: serde_json::Error,
}

/// Decodes a body; the model comes from the path.
///
/// # Errors
/// With the place of the mistake. A good body pays nothing for that: the path is looked for in a second pass.
pub fn decode_request(model: ModelId, body: &[u8]) -> Result<MessageRequest, RequestError> {
    let decoded: Result<MessageRequest, _> = json::decode(body);
    let mut request = decoded.map_err(|error| {
        let mut reader = serde_json::Deserializer::from_slice(body);
        let traced: Result<MessageRequest, _> = serde_path_to_error::deserialize(&mut reader);
        match traced {
            Err(traced) => RequestError { path: traced.path().to_string(), source: traced.into_inner() },
            Ok(_) => RequestError { path: ".".to_owned(), source: error },
        }
    })?;
    if !request.model.as_str().is_empty() {
        // The path decides; that the body had one too must not be lost on who checks it.
        request.extra.set("model", Json::of(&request.model).unwrap_or_default());
    }
    request.model = model;
    Ok(request)
}
