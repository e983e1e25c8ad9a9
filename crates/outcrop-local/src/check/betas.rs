//! Beta flags: those that the model takes, and what may only be said with one.

use outcrop_wire::catalogue::Capabilities;
use outcrop_wire::fault::Fault;
use outcrop_wire::messages::MessageRequest;

use super::fields::extra;
use super::{Verdict, invalid};

/// Quoted from AWS (InvokeModel; vercel/ai issue 13992, BerriAI/litellm issue 19877).
const INVALID: &str = "invalid beta flag";

/// The flag of task budgets, whatever its day.
const TASK_BUDGETS: &str = "task-budgets-";

/// Whether a flag that begins so was given.
pub(super) fn given(request: &MessageRequest, prefix: &str) -> bool {
    request.betas.iter().flatten().any(|beta| beta.starts_with(prefix))
}

/// Each flag is one that the model takes. The flag of the larger window is taken, with a warning, where it was given to
/// the model and AWS has withdrawn it since.
pub(super) fn check(
    request: &MessageRequest,
    accepts: &Capabilities<'_>,
    strict: bool,
) -> Result<Option<String>, Fault> {
    let mut warning = None;
    for beta in request.betas.iter().flatten() {
        if accepts.window_beta().is_some_and(|row| row.value == *beta) {
            let (Some(now), Some(then)) = (accepts.context_window(), accepts.window_beta_size()) else { continue };
            if now >= then {
                continue;
            }
            if strict {
                return Err(invalid(INVALID));
            }
            warning = Some(format!(
                "{beta}: AWS documents a window of {now} tokens for {} today and may answer `{INVALID}`",
                accepts.model().map_or("this model", |model| model.name())
            ));
        } else if accepts.beta(beta) == Some(false) {
            return Err(invalid(INVALID));
        }
    }
    Ok(warning)
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
