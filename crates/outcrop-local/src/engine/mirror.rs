//! The mirror: a deterministic engine that says what a model would have received. It never poses as Claude.

mod calls;
mod citing;
mod describe;
mod draft;

use outcrop_wire::messages::server::{
    ToolReference, ToolReferenceBlock, ToolSearchContent, ToolSearchResult, ToolSearchToolResultBlock,
};
use outcrop_wire::messages::{
    Block, Display, Message, OutputFormat, OutputTokensDetails, Role, ServerToolUseBlock, Thinking, ToolUseBlock,
};

use self::calls::{Calls, Search};
use self::draft::{Draft, Finished, Passage};
use super::{Ask, instance, tokens};

/// What it thinks when it is told to.
const THOUGHT: &str = "The local engine does not think. It lists what it received.";

/// Claude answers this with thinking that is hidden, so that programs can try it (recorded).
const HIDE: &str =
    "ANTHROPIC_MAGIC_STRING_TRIGGER_REDACTED_THINKING_46C9A13E193C177646C7398A98432ECCCE4C1253D5E2D82641AC0E52CC2876CB";

/// Models whose usage says how much was thought, and the tier (recorded on InvokeModel; others do not, or were not seen).
const TELLS_MORE: [&str; 1] = ["claude-opus-4-8"];

pub(super) fn answer(ask: &Ask<'_>, ids: &mut dyn FnMut(&str) -> String) -> Message {
    let request = ask.request;
    let asked = request.last_user_text().unwrap_or_default();
    let mut draft = Draft::new(request.max_tokens, request.stop_sequences.as_deref().unwrap_or_default());
    let calls = calls::wanted(request, &asked);
    think(ask, &asked, calls.forced, &mut draft);
    let schema = request.output_config.as_ref().and_then(|config| match &config.format {
        Some(OutputFormat::JsonSchema(format)) => Some(&format.schema),
        _ => None,
    });
    match schema {
        _ if !calls.calls.is_empty() || calls.search.is_some() => call(calls, &mut draft, ids),
        Some(schema) => draft.say(vec![Passage::plain(instance::instance_as_told(schema).text())]),
        None => {
            let mut passages = vec![Passage::plain(describe::describe(ask))];
            passages.extend(citing::passages(ask.prompt, &asked));
            draft.say(passages);
        }
    }
    let Finished { content, stop_reason, stop_sequence, output_tokens, thinking_tokens } = draft.finish();
    let mut usage = ask.input.usage(output_tokens);
    if TELLS_MORE.contains(&ask.model.name()) {
        usage.output_tokens_details = Some(OutputTokensDetails { thinking_tokens, ..OutputTokensDetails::default() });
        usage.service_tier = Some("standard".to_owned());
    }
    Message {
        model: ask.model.row().reply.to_owned(),
        id: ids("msg_bdrk_"),
        role: Role::Assistant,
        content,
        stop_reason: Some(stop_reason),
        stop_sequence,
        usage,
        ..Message::default()
    }
}

/// Adaptive thinking gives way to a call that is forced; with a budget the two are refused.
fn think(ask: &Ask<'_>, asked: &str, forced: bool, draft: &mut Draft<'_>) {
    let display = match &ask.request.thinking {
        _ if forced => return,
        Some(Thinking::Enabled(thinking)) => thinking.display.as_ref(),
        Some(Thinking::Adaptive(thinking)) => thinking.display.as_ref(),
        Some(Thinking::BetweenTools(_)) if calls::has_results(ask.request) => None,
        _ => return,
    };
    match asked.contains(HIDE) {
        true => draft.think_hidden(THOUGHT),
        false => draft.think(THOUGHT, display != Some(&Display::Omitted)),
    }
}

/// Says what it is about to do, unless calls are all that may come, and does it.
fn call(wanted: Calls<'_>, draft: &mut Draft<'_>, ids: &mut dyn FnMut(&str) -> String) {
    let Calls { forced, named_by, search, calls } = wanted;
    let names: Vec<&str> = calls.iter().map(|call| &*call.name).collect();
    let names = names.join(" and ");
    if let Some(search) = search {
        draft.say(vec![Passage::plain(format!("The local engine searches for tools with {}.", search.name))]);
        let found = format!("It found {}.", search.found.join(" and "));
        add_search(search, draft, ids);
        if calls.is_empty() {
            draft.say(vec![Passage::plain(found)]);
        }
    }
    if !forced && !calls.is_empty() {
        let which = if calls.len() == 1 { "it" } else { "them" };
        let why = format!("The local engine calls {names}: {named_by} asks for {which} by name.");
        draft.say(vec![Passage::plain(why)]);
    }
    for call in calls {
        let cost = tokens::of(&call.name) + tokens::of(call.input.text());
        draft.call(cost, || ToolUseBlock {
            id: ids("toolu_bdrk_"),
            name: call.name.into_owned(),
            input: call.input,
            caller: None,
            toolset_name: None,
            cache_control: None,
            extra: Default::default(),
        });
    }
}

/// A search and what it found, both in the same answer: it runs at the service.
fn add_search(search: Search<'_>, draft: &mut Draft<'_>, ids: &mut dyn FnMut(&str) -> String) {
    let Search { name, input, found } = search;
    let cost = tokens::of(name) + tokens::of(input.text());
    let id = ids("srvtoolu_bdrk_");
    let tool_references = found
        .into_iter()
        .map(|tool_name| {
            ToolReference::Named(ToolReferenceBlock { tool_name, cache_control: None, extra: Default::default() })
        })
        .collect();
    let content = ToolSearchContent::Found(ToolSearchResult { tool_references, extra: Default::default() });
    let result = ToolSearchToolResultBlock {
        tool_use_id: id.clone(),
        content,
        caller: None,
        cache_control: None,
        extra: Default::default(),
    };
    let call = ServerToolUseBlock {
        id,
        name: name.to_owned(),
        input,
        caller: None,
        cache_control: None,
        extra: Default::default(),
    };
    draft.add([Block::ServerToolUse(call), Block::ToolSearchToolResult(Box::new(result))], cost);
}
