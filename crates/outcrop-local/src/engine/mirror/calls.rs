//! Which tools the mirror calls, and with what. Forced, it calls what it must; else those that the user's words name, as
//! often as they name them; and where they name none, those that the system prompt names. What a harness puts beside the
//! user's words tells of its tools, and asks for none.

use std::borrow::Cow;
use std::collections::HashSet;

use outcrop_wire::Json;
use outcrop_wire::messages::server::{ToolReference, ToolSearchContent};
use outcrop_wire::messages::{
    Block, Content, MessageRequest, ResultBlock, ResultContent, Role, System, SystemBlock, Tool, ToolChoice,
};
use serde_json::json;

use crate::engine::instance;

/// However often a tool is named, it is called so many times at most.
const OFTEN: usize = 16;

/// What is to be called.
#[derive(Debug, Default)]
pub(super) struct Calls<'a> {
    /// Whether a call is all that may be said.
    pub(super) forced: bool,
    /// Whose words name the tools.
    pub(super) named_by: &'static str,
    /// Comes first, where a tool has to be found before it can be called.
    pub(super) search: Option<Search<'a>>,
    pub(super) calls: Vec<Call<'a>>,
}

/// A call.
#[derive(Debug)]
pub(super) struct Call<'a> {
    pub(super) name: Cow<'a, str>,
    pub(super) input: Json,
}

/// A search for deferred tools, which runs at the service.
#[derive(Debug)]
pub(super) struct Search<'a> {
    pub(super) name: &'a str,
    pub(super) input: Json,
    /// The tools it finds.
    pub(super) found: Vec<String>,
}

/// What a request asks to be called.
pub(super) fn wanted<'a>(request: &'a MessageRequest, asked: &str) -> Calls<'a> {
    let tools = request.tools.as_deref().unwrap_or_default();
    let (only, forced, one) = match &request.tool_choice {
        None => (None, false, false),
        Some(ToolChoice::Auto(choice)) => (None, false, choice.disable_parallel_tool_use == Some(true)),
        Some(ToolChoice::Any(choice)) => (None, true, choice.disable_parallel_tool_use == Some(true)),
        Some(ToolChoice::Tool(choice)) => (Some(choice.name.as_str()), true, true),
        Some(_) => return Calls::default(),
    };
    if !forced && has_results(request) {
        return Calls::default();
    }
    let own = without_reminders(asked);
    let has_reminders = matches!(own, Cow::Owned(_));
    let asked = own.to_ascii_lowercase();
    let callable = || tools.iter().filter(|tool| is_callable(tool)).filter_map(|tool| Some((tool, tool.name()?)));
    let mut named: Vec<_> = match only {
        Some(only) => callable().filter(|(_, name)| name == only).map(|found| (0, found)).collect(),
        None => {
            let places = |found: (_, Cow<'a, str>)| {
                places_of(&asked, &found.1, OFTEN).into_iter().map(move |at| (at, found.clone()))
            };
            callable().flat_map(places).collect()
        }
    };
    let mut named_by = "the text";
    if named.is_empty() && !forced && !has_reminders {
        named_by = "the system prompt";
        let told = system(request);
        named.extend(callable().filter_map(|found| Some((place_of(&told, &found.1)?, found))));
    }
    // In the order of the words.
    named.sort_by_key(|(place, _)| *place);
    if named.is_empty() && forced {
        named.extend(callable().find(|(tool, _)| !is_deferred(tool)).map(|found| (0, found)));
    }
    if one {
        named.truncate(1);
    }
    let mut hidden: Vec<String> = named
        .iter()
        .filter(|(_, (tool, name))| is_deferred(tool) && !was_found(request, name))
        .map(|(_, (_, name))| name.clone().into_owned())
        .collect();
    let mut seen = HashSet::new();
    hidden.retain(|name| seen.insert(name.clone()));
    let search = tools.iter().find_map(|tool| match tool {
        Tool::ToolSearch(search) if !forced => Some(search.name.as_str()),
        _ => None,
    });
    let search = search.and_then(|name| {
        // Named itself, it looks for all there is to find.
        let found = match hidden.is_empty() && place_of(&asked, name).is_some() {
            true => callable().filter(|(tool, _)| is_deferred(tool)).map(|(_, name)| name.into_owned()).collect(),
            false => hidden,
        };
        // As recorded: one kind takes a `pattern`, the other a `query`.
        let input = match name.ends_with("_regex") {
            true => json!({"pattern": found.join("|")}),
            false => json!({"query": found.join(" ")}),
        };
        (!found.is_empty()).then(|| Search { name, input: input.into(), found })
    });
    let calls = named.into_iter().map(|(_, (tool, name))| Call { name, input: input_of(tool) }).collect();
    Calls { forced, named_by, search, calls }
}

/// Whether the caller runs it. What runs at the service does not run here.
fn is_callable(tool: &Tool) -> bool {
    matches!(
        tool,
        Tool::Custom(_) | Tool::Bash(_) | Tool::TextEditor(_) | Tool::Computer(_) | Tool::Memory(_) | Tool::Other(_)
    )
}

/// The smallest arguments a tool takes. Those of Anthropic-defined tools only look: their callers may really run them
/// (shapes: platform.claude.com, bash, text editor, computer use and memory tools; the memory helper of the official
/// SDKs).
fn input_of(tool: &Tool) -> Json {
    match tool {
        Tool::Custom(tool) => instance::instance(&tool.input_schema),
        Tool::Bash(_) => json!({"command": "pwd"}).into(),
        Tool::TextEditor(_) => json!({"command": "view", "path": "."}).into(),
        Tool::Computer(_) => json!({"action": "screenshot"}).into(),
        Tool::Memory(_) => json!({"command": "view", "path": "/memories"}).into(),
        _ => Json::empty_object(),
    }
}

fn is_deferred(tool: &Tool) -> bool {
    match tool {
        Tool::Custom(tool) => tool.defer_loading == Some(true),
        _ => false,
    }
}

/// Whether an earlier search found the tool: one at the service, or one of the caller's own.
fn was_found(request: &MessageRequest, name: &str) -> bool {
    request.blocks().any(|block| match block {
        Block::ToolSearchToolResult(result) => match &result.content {
            ToolSearchContent::Found(found) => found.tool_references.iter().any(|reference| match reference {
                ToolReference::Named(tool) => tool.tool_name == name,
                ToolReference::Other(_) => false,
            }),
            _ => false,
        },
        Block::ToolResult(result) => match &result.content {
            Some(ResultContent::Blocks(blocks)) => {
                blocks.iter().any(|block| matches!(block, ResultBlock::ToolReference(tool) if tool.tool_name == name))
            }
            _ => false,
        },
        _ => false,
    })
}

/// Whether the user's last turn brings results of tools: those are answered in words.
pub(super) fn has_results(request: &MessageRequest) -> bool {
    match request.messages.iter().rfind(|turn| turn.role == Role::User).map(|turn| &turn.content) {
        Some(Content::Blocks(blocks)) => blocks.iter().any(|block| matches!(block, Block::ToolResult(_))),
        _ => false,
    }
}

/// The user's own words. Claude Code has `<system-reminder>`s before them, which name its tools, as its system prompt
/// does: one that starts an agent at each mention would never end, for an agent is told the same.
fn without_reminders(asked: &str) -> Cow<'_, str> {
    let (mut own, mut rest) = (String::new(), asked);
    while let Some((before, after)) = rest.split_once("<system-reminder>")
        && let Some((_, after)) = after.split_once("</system-reminder>")
    {
        own.push_str(before);
        own.push('\n');
        rest = after;
    }
    if own.is_empty() { Cow::Borrowed(asked) } else { Cow::Owned(own + rest) }
}

/// The system prompt in words, in lower case.
fn system(request: &MessageRequest) -> String {
    match &request.system {
        None => String::new(),
        Some(System::Text(text)) => text.to_ascii_lowercase(),
        Some(System::Blocks(blocks)) => {
            let texts = blocks.iter().filter_map(|block| match block {
                SystemBlock::Text(block) => Some(block.text.to_ascii_lowercase()),
                SystemBlock::Other(_) => None,
            });
            texts.collect::<Vec<_>>().join("\n")
        }
    }
}

fn place_of(text: &str, name: &str) -> Option<usize> {
    places_of(text, name, 1).first().copied()
}

/// Where `name`, in whatever case, stands in `text` as a word of its own, at most so often; `text` is in lower case.
fn places_of(text: &str, name: &str, most: usize) -> Vec<usize> {
    let part = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '-';
    let name = name.to_ascii_lowercase();
    if name.is_empty() {
        return Vec::new();
    }
    text.match_indices(&name)
        .map(|(at, _)| at)
        .filter(|at| !text[..*at].ends_with(part) && !text[at + name.len()..].starts_with(part))
        .take(most)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tool_is_named_by_a_word() {
        for (text, place) in [
            ("use get_weather now", Some(4)),
            ("get_weather?", Some(0)),
            ("forget_weather, then get_weather!", Some(21)),
            ("get_weather_2 or my-get_weather", None),
            ("the weather", None),
            ("", None),
        ] {
            assert_eq!(place_of(text, "Get_Weather"), place, "{text}");
        }
    }
}
