//! Context management: edits that are known, each with its beta.

use outcrop_wire::messages::{ClearThinking, ClearToolUses, Compact, ContextEdit, ContextManagement, MessageRequest};

use super::betas::given;
use super::fields::{extra, only};
use super::place::Place;
use super::{Verdict, tags};

/// Beta flags by what they are for, whatever their day.
const BETAS: [&str; 2] = ["context-management-", "compact-"];

pub(super) fn check(request: &MessageRequest) -> Verdict {
    let Some(context) = &request.context_management else { return Ok(()) };
    let place = Place::ROOT.member("context_management");
    // Quoted from AWS (anthropics/claude-code issue 49548).
    if !BETAS.iter().any(|prefix| given(request, prefix)) {
        return extra(place);
    }
    only(&context.extra, ContextManagement::MEMBERS, &place)?;
    let edits = place.member("edits");
    for (index, edit) in context.edits.iter().flatten().enumerate() {
        let place = edits.item(index);
        tags::known(&tags::EDITS, edit.kind(), request, None, place)?;
        let own = place.member(edit.kind());
        match edit {
            ContextEdit::ClearToolUses(edit) => only(&edit.extra, ClearToolUses::MEMBERS, &own)?,
            ContextEdit::ClearThinking(edit) => only(&edit.extra, ClearThinking::MEMBERS, &own)?,
            ContextEdit::Compact(edit) => only(&edit.extra, Compact::MEMBERS, &own)?,
            ContextEdit::Other(_) => {}
        }
    }
    Ok(())
}
