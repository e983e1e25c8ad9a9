//! What Converse has no member for, and what it has one for all the same.

use outcrop_wire::converse::{ConverseRequest, ToolChoice};
use serde_json::Value;

use crate::check::{Verdict, refuse};

pub(super) fn check(request: &ConverseRequest) -> Verdict {
    let Some(fields) = request.additional_model_request_fields.as_ref().filter(|fields| !fields.is_null()) else {
        return Ok(());
    };
    let Ok(fields @ Value::Object(_)) = fields.parse::<Value>() else {
        // Remembered: as of every value that is to be an object.
        return refuse(
            "The format of the value at additionalModelRequestFields is invalid. Provide a json object for the field and \
             try again.",
        );
    };
    let inference = request.inference_config.as_ref();
    let choice = request.tool_config.as_ref().and_then(|config| config.tool_choice.as_ref());
    let choice = match choice {
        Some(ToolChoice::Auto(_)) => Some("toolConfig.toolChoice.auto"),
        Some(ToolChoice::Any(_)) => Some("toolConfig.toolChoice.any"),
        Some(ToolChoice::Tool(_)) => Some("toolConfig.toolChoice.tool"),
        Some(ToolChoice::Other(_)) | None => None,
    };
    let set = |is: bool, name: &'static str| is.then_some(name);
    // What Converse says already, under the model's name for it. Quoted: `max_tokens` (BerriAI/litellm issue 13841) and
    // `tool_choice/type`; the others are named in the same way.
    let said = [
        ("/max_tokens", set(inference.is_some_and(|config| config.max_tokens.is_some()), "maxTokens")),
        ("/temperature", set(inference.is_some_and(|config| config.temperature.is_some()), "temperature")),
        ("/top_p", set(inference.is_some_and(|config| config.top_p.is_some()), "topP")),
        ("/stop_sequences", set(inference.is_some_and(|config| config.stop_sequences.is_some()), "stopSequences")),
        ("/messages", Some("messages")),
        ("/system", set(request.system.as_ref().is_some_and(|system| !system.is_empty()), "system")),
        ("/tool_choice/type", choice),
        (
            "/output_config/effort",
            set(request.output_config.as_ref().is_some_and(|config| config.effort.is_some()), "outputConfig.effort"),
        ),
        (
            "/output_config/format",
            set(
                request.output_config.as_ref().is_some_and(|config| config.text_format.is_some()),
                "outputConfig.textFormat",
            ),
        ),
    ];
    for (pointer, known) in said {
        if let Some(known) = known
            && fields.pointer(pointer).is_some()
        {
            let name = &pointer[1..];
            return refuse(format_args!(
                "The additional field {name} conflicts with the existing field {known}. Remove {name} and try again."
            ));
        }
    }
    Ok(())
}
