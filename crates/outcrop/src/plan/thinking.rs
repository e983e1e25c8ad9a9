//! The rule of thinking: the kind that a model does not take becomes the one it does.

use outcrop_wire::Json;
use outcrop_wire::edit::Edit;
use outcrop_wire::messages::{Display, Thinking};

use super::draft::Draft;
use super::{Change, Refusal};

/// The smallest budget (Messages API reference).
const LEAST_BUDGET: u32 = 1024;

pub(super) fn rule(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    let (Some(thinking), Some(taken)) = (&draft.needs.thinking, draft.accepts.thinking()) else { return Ok(()) };
    let kind = thinking.kind();
    if taken.contains(&kind) {
        return Ok(());
    }
    let model = draft.model();
    let instead = match thinking {
        Thinking::Disabled(_) => None,
        _ if taken.contains(&"adaptive") => Some(with_display(Thinking::adaptive(), thinking)),
        // Half of what may be generated, so that there is room for the answer.
        _ if taken.contains(&"enabled") && draft.needs.max_tokens / 2 >= LEAST_BUDGET => {
            Some(with_display(Thinking::budget(draft.needs.max_tokens / 2), thinking))
        }
        _ => None,
    };
    match instead {
        Some(instead) => {
            let reason = format!("thinking: {kind} made {}, which {model} takes", instead.kind());
            let value = Json::of(&instead).unwrap_or_default();
            draft.edit("thinking", Change::Translated, Edit::set("thinking", value), reason);
        }
        None => {
            let why = match thinking {
                Thinking::Disabled(_) => "always thinks",
                _ => "does not take it, or max_tokens leaves no room",
            };
            let reason = format!("thinking: {kind} left out, {model} {why}");
            draft.edit("thinking", Change::Dropped, Edit::drop("thinking"), reason);
        }
    }
    Ok(())
}

/// What of the thinking is shown stays.
fn with_display(instead: Thinking, given: &Thinking) -> Thinking {
    let display: Option<Display> = match given {
        Thinking::Enabled(enabled) => enabled.display.clone(),
        Thinking::Adaptive(adaptive) => adaptive.display.clone(),
        _ => None,
    };
    match display {
        Some(display) => instead.display(display),
        None => instead,
    }
}
