//! Bodies in AWS's own shapes: typed -> bytes, and bytes -> typed.

use crate::converse::{ConverseRequest, ConverseResponse};
use crate::json::{self, Json};
use crate::model::ModelId;

/// The body of a request; the model travels in the path.
///
/// # Errors
/// When a number is not finite: JSON has none, and `null` would mean that nothing was said.
pub fn encode_converse_request(request: &ConverseRequest) -> Result<Vec<u8>, serde_json::Error> {
    if let Some(config) = &request.inference_config {
        for (name, value) in [("temperature", config.temperature), ("topP", config.top_p)] {
            if value.is_some_and(|value| !value.is_finite()) {
                return Err(serde::ser::Error::custom(format_args!("inferenceConfig.{name} is not a finite number")));
            }
        }
    }
    serde_json::to_vec(request)
}

/// Decodes a body; the model comes from the path.
///
/// # Errors
/// When the body is not JSON, or no request.
pub fn decode_converse_request(model: ModelId, body: &[u8]) -> Result<ConverseRequest, serde_json::Error> {
    let mut request: ConverseRequest = json::decode(body)?;
    if !request.model.as_str().is_empty() {
        // That the body named a model too is not lost.
        request.extra.set("modelId", Json::of(&request.model)?);
    }
    request.model = model;
    Ok(request)
}

/// The body of a whole answer, its members in the order of the alphabet, as AWS writes them.
///
/// # Errors
/// When a value cannot be written as JSON.
pub fn encode_converse_response(response: &ConverseResponse) -> Result<Vec<u8>, serde_json::Error> {
    serde_json::to_vec(response)
}

/// Decodes the body of a whole answer.
///
/// # Errors
/// When it is no answer.
pub fn decode_converse_response(body: &[u8]) -> Result<ConverseResponse, serde_json::Error> {
    ConverseResponse::decode(body)
}
