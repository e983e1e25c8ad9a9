//! The rule of thinking: the kind that a model does not take becomes the one it does.

use outcrop_wire::Json;
use outcrop_wire::edit::Edit;
use outcrop_wire::messages::{Display, Thinking, ToolChoice};

use super::draft::{Draft, refuse};
use super::{Change, Refusal};

/// The smallest budget (Messages API reference).
const LEAST_BUDGET: u32 = 1024;

/// The beta flag under which a budget may be larger than `max_tokens`.
const INTERLEAVED: &str = "interleaved-thinking-2025-05-14";

pub(super) fn rule(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    let needs = draft.needs;
    let Some(thinking) = &needs.thinking else { return Ok(()) };
    let kind = thinking.kind();
    let taken = draft.accepts.thinking();
    if taken.as_ref().is_none_or(|taken| taken.contains(&kind)) {
        return match thinking {
            Thinking::Enabled(enabled) => budget(draft, enabled.budget_tokens, thinking),
            _ => Ok(()),
        };
    }
    let taken = taken.unwrap_or_default();
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

/// The budget is within what may be generated, and no tool is forced.
fn budget(draft: &mut Draft<'_>, budget: u32, thinking: &Thinking) -> Result<(), Refusal> {
    let asked = draft.needs.max_tokens;
    // Between calls of tools the budget is that of the whole turn (platform.claude.com, interleaved thinking).
    if draft.betas.iter().any(|beta| beta == INTERLEAVED) {
        return Ok(());
    }
    if budget >= asked {
        return Err(refuse(
            format!("max_tokens is {asked}, and the thinking budget {budget}: nothing would be left for the answer"),
            "set max_tokens above the budget: thinking counts as output",
        ));
    }
    if budget < LEAST_BUDGET {
        return Err(refuse(
            format!("the thinking budget is {budget}, and the smallest is {LEAST_BUDGET}"),
            "raise the budget, or leave out thinking",
        ));
    }
    if matches!(draft.needs.tool_choice, Some(ToolChoice::Any(_) | ToolChoice::Tool(_))) {
        return Err(refuse(
            "a tool cannot be forced while the model thinks to a budget",
            "leave out thinking, or set tool_choice to auto",
        ));
    }
    // What may be generated was made less.
    let most = draft.accepts.max_output().and_then(|most| u32::try_from(most).ok()).unwrap_or(u32::MAX);
    if budget >= most {
        let instead = with_display(Thinking::budget(most / 2), thinking);
        let reason = format!("thinking: a budget of {budget} made {}, half of what is generated at most", most / 2);
        let value = Json::of(&instead).unwrap_or_default();
        draft.edit("thinking", Change::Translated, Edit::set("thinking", value), reason);
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
