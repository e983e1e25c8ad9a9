//! The rule of tools: versions, what they need, and whether one may be forced.

use outcrop_wire::Json;
use outcrop_wire::edit::Edit;
use outcrop_wire::messages::ToolChoice;

use super::draft::{Draft, refuse};
use super::needs::ToolNeed;
use super::{Change, Refusal};

pub(super) fn rule(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    let needs = draft.needs;
    for tool in &needs.tools {
        match tool.kind.as_str() {
            "custom" => custom(draft, tool),
            _ => defined(draft, tool)?,
        }
    }
    forced(draft);
    Ok(())
}

/// A tool of the caller's own.
fn custom(draft: &mut Draft<'_>, tool: &ToolNeed) {
    let model = draft.model();
    if tool.strict && draft.accepts.strict_tools() == Some(false) {
        let reason = format!("tool {}: strict left out, {model} does not take it", tool.name);
        draft.edit("tools.strict", Change::Dropped, Edit::within_at("tools", tool.at, Edit::drop("strict")), reason);
    }
    if tool.eager
        && let Some(beta) = draft.accepts.eager_streaming_beta()
    {
        let edit = Edit::within_at("tools", tool.at, Edit::drop("eager_input_streaming"));
        let name = &tool.name;
        if draft.accepts.beta(beta) == Some(false) {
            let reason = format!("tool {name}: eager_input_streaming left out, {model} does not take it");
            draft.edit("tools.eager", Change::Dropped, edit, reason);
        } else {
            let reason = format!("tool {name}: eager_input_streaming is asked for by a beta flag here");
            draft.edit("tools.eager", Change::Translated, edit, reason);
            draft.beta(beta, "it stands for eager_input_streaming");
        }
    }
}

/// A tool that Anthropic defined.
fn defined(draft: &mut Draft<'_>, tool: &ToolNeed) -> Result<(), Refusal> {
    let kind = tool.kind.as_str();
    if draft.accepts.refuses_tool(kind) {
        let taken = draft.accepts.tools().unwrap_or_default().join(", ");
        return Err(refuse(
            format!("a tool of type {kind} cannot be sent on {}: Bedrock has none of that kind", draft.surface()),
            format!("define a tool of your own; of Anthropic's, {} takes {taken}", draft.model()),
        ));
    }
    match draft.accepts.tool(kind) {
        Some((true, Some(beta))) => draft.beta(beta, &format!("tools of type {kind} need it")),
        Some((true, None)) | None => {}
        Some((false, beta)) => match draft.accepts.tool_upgrade(kind) {
            Some(other) => {
                let reason = format!("tool {kind}: sent as {}, which {} takes", other.kind, draft.model());
                let text = |member, text: &str| Edit::set(member, Json::of(text).unwrap_or_default());
                let mut edits = vec![text("type", other.kind)];
                edits.extend(other.name.map(|name| text("name", name)));
                edits.extend(other.without.iter().map(|member| Edit::drop((*member).to_owned())));
                for edit in edits {
                    let edit = Edit::within_at("tools", tool.at, edit);
                    draft.edit("tools.version", Change::Translated, edit, reason.clone());
                }
                if let Some((true, Some(beta))) = draft.accepts.tool(other.kind) {
                    draft.beta(beta, &format!("tools of type {} need it", other.kind));
                }
            }
            None => {
                draft.note(format!("tool {kind}: sent as it is; {} is not known to take it", draft.model()));
                if let Some(beta) = beta {
                    draft.beta(beta, &format!("tools of type {kind} need it"));
                }
            }
        },
    }
    Ok(())
}

/// A model that cannot be forced may still call.
fn forced(draft: &mut Draft<'_>) {
    let parallel = match &draft.needs.tool_choice {
        Some(ToolChoice::Any(choice)) => choice.disable_parallel_tool_use,
        Some(ToolChoice::Tool(choice)) => choice.disable_parallel_tool_use,
        _ => return,
    };
    if draft.accepts.forced_tools() {
        return;
    }
    let mut auto = ToolChoice::auto();
    if let ToolChoice::Auto(auto) = &mut auto {
        auto.disable_parallel_tool_use = parallel;
    }
    let reason = format!("tool_choice: auto, {} cannot be made to call a tool", draft.model());
    let value = Json::of(&auto).unwrap_or_default();
    draft.edit("tool_choice", Change::Translated, Edit::set("tool_choice", value), reason);
}
