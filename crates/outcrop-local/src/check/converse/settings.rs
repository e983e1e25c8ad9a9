//! Settings of a call that are not the model's: how long its answer may be, guardrails, tier and speed.

use outcrop_wire::converse::{ContentBlock, ConverseRequest, SystemContentBlock};
use outcrop_wire::fault::Fault;

use super::Held;
use crate::check::manner::THE_LIMIT;
use crate::check::{handling, invalid};

pub(super) fn check(request: &ConverseRequest, held: &Held<'_>) -> Result<Vec<String>, Fault> {
    let mut warnings = Vec::new();
    let asked = request.inference_config.as_ref().and_then(|config| config.max_tokens).map(u64::from);
    if let (Some(asked), Some(most)) = (asked, held.accepts.max_output()) {
        // Quoted (sigoden/aichat pull request 813 and others). The limit itself is refused too (vertesia/llumiverse pull
        // request 562), which no documentation says.
        let refusal = || {
            invalid(format!(
                "The maximum tokens you requested exceeds the model limit of {most}. Try again with a maximum tokens value \
                 that is lower than {most}."
            ))
        };
        if asked > most {
            return Err(refusal());
        }
        if asked == most {
            let warning =
                || format!("inferenceConfig.maxTokens: AWS has refused {most}, which is the limit itself, on Converse");
            warnings.extend(THE_LIMIT.judge(held.strict, warning, refusal)?);
        }
    }
    if request.prompt_variables.is_some() {
        warnings.push("promptVariables: there are no stored prompts here".to_owned());
    }
    warnings.extend(guardrail(request)?);
    Ok(warnings)
}

/// What is guarded without a guardrail is given as it is.
fn guardrail(request: &ConverseRequest) -> Result<Option<String>, Fault> {
    if let Some(config) = &request.guardrail_config {
        let (identifier, version) = (config.guardrail_identifier.as_deref(), config.guardrail_version.as_deref());
        return handling::guardrail("guardrailConfig: ", identifier, version);
    }
    let guarded = request
        .messages
        .iter()
        .any(|message| message.content.iter().any(|block| matches!(block, ContentBlock::GuardContent(_))))
        || request.system.iter().flatten().any(|block| matches!(block, SystemContentBlock::GuardContent(_)));
    Ok(guarded.then(|| "guardContent: there is no guardrail; it is given to the model as it is".to_owned()))
}
