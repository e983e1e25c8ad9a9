//! What of a request counts: the part that `CountTokens` takes.

use super::{ConverseRequest, Message, SystemContentBlock, ToolConfig};
use crate::json::Json;
use crate::model::ModelId;
use crate::record::record;

record! {
    /// What of a Converse request counts: `input.converse` of `CountTokens`.
    #[derive(Default)]
    pub struct ConverseTokens {
        /// The conversation.
        optional messages: Vec<Message>,
        /// The system prompt.
        optional system: Vec<SystemContentBlock>,
        /// The tools.
        optional tool_config("toolConfig"): ToolConfig,
        /// What Converse has no member for.
        optional additional_model_request_fields("additionalModelRequestFields"): Json,
    }
}

impl From<ConverseRequest> for ConverseTokens {
    fn from(request: ConverseRequest) -> Self {
        ConverseTokens {
            messages: Some(request.messages),
            system: request.system,
            tool_config: request.tool_config,
            additional_model_request_fields: request.additional_model_request_fields,
            extra: Default::default(),
        }
    }
}

impl ConverseTokens {
    /// The request to `model` that would be counted so.
    #[must_use]
    pub fn into_request(self, model: impl Into<ModelId>) -> ConverseRequest {
        ConverseRequest {
            messages: self.messages.unwrap_or_default(),
            system: self.system,
            tool_config: self.tool_config,
            additional_model_request_fields: self.additional_model_request_fields,
            extra: self.extra,
            ..ConverseRequest::new(model)
        }
    }
}
