//! The types that are known, where a `type` says what something is.
//!
//! Types: the official Python SDK 2.12, less what is not on Bedrock (platform.claude.com, Claude on Amazon Bedrock: tools
//! that run at the service but for tool search, MCP, containers). Words: quoted from the API and from AWS.

use std::fmt::Display;

use outcrop_wire::catalogue::Capabilities;
use outcrop_wire::messages::{MessageRequest, Role};

use super::betas::given;
use super::{Verdict, refuse};

/// A type, and what it wants: a beta flag that begins so, or a turn of the system.
pub(super) type Tag = (&'static str, Wants);

/// What has to be there.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Wants {
    Nothing,
    Beta(&'static str),
    SystemTurn,
}

/// Blocks of turns; what a search of the web found, where there is such a tool (platform.claude.com, Claude in Amazon
/// Bedrock: on Mantle).
pub(super) fn blocks(accepts: &Capabilities<'_>) -> Vec<Tag> {
    let searches = accepts.lists("tools", "web_search_20250305") == Some(true);
    let found = Some(("web_search_tool_result", Wants::Nothing)).filter(|_| searches);
    BLOCKS.into_iter().chain(found).collect()
}

/// On every surface, in the order of the alphabet.
const BLOCKS: [Tag; 13] = [
    ("compaction", Wants::Beta("compact-")),
    ("document", Wants::Nothing),
    ("image", Wants::Nothing),
    ("redacted_thinking", Wants::Nothing),
    ("search_result", Wants::Nothing),
    ("server_tool_use", Wants::Nothing),
    ("text", Wants::Nothing),
    ("thinking", Wants::Nothing),
    ("tool_addition", Wants::SystemTurn),
    ("tool_removal", Wants::SystemTurn),
    ("tool_result", Wants::Nothing),
    ("tool_search_tool_result", Wants::Nothing),
    ("tool_use", Wants::Nothing),
];

/// Blocks of a tool's result. That `tool_reference` wants its beta is quoted from gateways in front of Bedrock, 2026.
pub(super) const RESULT_BLOCKS: [Tag; 5] = [
    ("document", Wants::Nothing),
    ("image", Wants::Nothing),
    ("search_result", Wants::Nothing),
    ("text", Wants::Nothing),
    ("tool_reference", Wants::Beta("tool-search-tool-")),
];

/// Blocks of a document.
pub(super) const SOURCE_BLOCKS: [Tag; 2] = [("image", Wants::Nothing), ("text", Wants::Nothing)];

/// Texts of a search result.
pub(super) const TEXTS: [Tag; 1] = [("text", Wants::Nothing)];

/// Citations.
pub(super) const CITATIONS: [Tag; 5] = [
    ("char_location", Wants::Nothing),
    ("content_block_location", Wants::Nothing),
    ("page_location", Wants::Nothing),
    ("search_result_location", Wants::Nothing),
    ("web_search_result_location", Wants::Nothing),
];

/// Edits of the context (betas: AWS's list; the official Python SDK 2.12).
pub(super) const EDITS: [Tag; 3] = [
    ("clear_thinking_20251015", Wants::Beta("context-management-")),
    ("clear_tool_uses_20250919", Wants::Beta("context-management-")),
    ("compact_20260112", Wants::Beta("compact-")),
];

/// Whether `kind` is among `tags` in this request; `role` is that of the turn, where it stands in one.
pub(super) fn known(
    tags: &[Tag],
    kind: &str,
    request: &MessageRequest,
    role: Option<&Role>,
    place: impl Display,
) -> Verdict {
    let holds = |wants: Wants| match wants {
        Wants::Nothing => true,
        Wants::Beta(prefix) => given(request, prefix),
        Wants::SystemTurn => role == Some(&Role::System),
    };
    if tags.iter().any(|(tag, wants)| *tag == kind && holds(*wants)) {
        return Ok(());
    }
    let expected: Vec<&str> = tags.iter().filter(|(_, wants)| holds(*wants)).map(|(tag, _)| *tag).collect();
    unknown(kind, &expected, place)
}

/// Says that `kind` is none of those that are expected.
pub(super) fn unknown(kind: &str, expected: &[&str], place: impl Display) -> Verdict {
    if kind.is_empty() {
        return refuse(format_args!("{place}.type: Field required"));
    }
    refuse(format_args!(
        "{place}: Input tag '{kind}' found using 'type' does not match any of the expected tags: {}",
        list(expected.iter().copied())
    ))
}

/// `'a', 'b'`, as the API lists what it expects.
pub(super) fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(|name| format!("'{name}'")).collect::<Vec<_>>().join(", ")
}
