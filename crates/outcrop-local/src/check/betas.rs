//! Beta flags: those that the model takes, and what may only be said with one.

use outcrop_wire::catalogue::Capabilities;
use outcrop_wire::fault::Fault;
use outcrop_wire::messages::MessageRequest;

use super::fields::extra;
use super::manner::{GROWN, NATIVE, WITHDRAWN};
use super::{Verdict, invalid};

/// Quoted from AWS (InvokeModel; vercel/ai issue 13992, BerriAI/litellm issue 19877).
const INVALID: &str = "invalid beta flag";

/// The flag of task budgets, whatever its day.
const TASK_BUDGETS: &str = "task-budgets-";

/// Whether a flag that begins so was given.
pub(super) fn given(request: &MessageRequest, prefix: &str) -> bool {
    request.betas.iter().flatten().any(|beta| beta.starts_with(prefix))
}

/// Each flag is one that the model takes. Flags of what AWS withdrew, and of what the model does without a flag today,
/// pass with a warning where it is not strict.
pub(super) fn check(request: &MessageRequest, accepts: &Capabilities<'_>, strict: bool) -> Result<Vec<String>, Fault> {
    let mut warnings = Vec::new();
    for beta in request.betas.iter().flatten() {
        warnings.extend(one(beta, accepts, strict)?);
    }
    Ok(warnings)
}

fn one(beta: &str, accepts: &Capabilities<'_>, strict: bool) -> Result<Option<String>, Fault> {
    let name = || accepts.model().map_or("this model", |model| model.name());
    let refusal = || invalid(INVALID);
    if accepts.window_beta().is_some_and(|row| row.value == beta) {
        let (Some(now), Some(then)) = (accepts.context_window(), accepts.window_beta_size()) else { return Ok(None) };
        if now >= then {
            return Ok(None);
        }
        let model = name();
        let warning =
            || format!("{beta}: AWS documents a window of {now} tokens for {model} today and may answer `{INVALID}`");
        return WITHDRAWN.judge(strict, warning, refusal);
    }
    if accepts.beta(beta) != Some(false) {
        return Ok(None);
    }
    if GROWN.iter().any(|grown| grown.flag == beta && (grown.has)(accepts)) {
        let warning = || format!("{beta}: {} does that without a flag, and AWS may answer `{INVALID}`", name());
        return NATIVE.judge(strict, warning, refusal);
    }
    Err(refusal())
}

/// What wants a flag has it.
pub(super) fn check_gated(request: &MessageRequest) -> Verdict {
    // Remembered: as every member that wants a beta.
    let budget = request.output_config.as_ref().and_then(|config| config.task_budget.as_ref());
    if budget.is_some() && !given(request, TASK_BUDGETS) {
        return extra("output_config.task_budget");
    }
    Ok(())
}
