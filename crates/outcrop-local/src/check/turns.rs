//! The turns: who speaks when, that something is said, and how the last one ends.

use outcrop_wire::catalogue::Capabilities;
use outcrop_wire::messages::{Block, Content, MessageRequest, Role, System, SystemBlock, TextBlock, Turn};

use super::place::Place;
use super::walk::blocks;
use super::{Verdict, refuse};

/// Quoted from the API (measured, 2026-08).
const NO_TURN: &str = "messages: at least one message is required";

/// Quoted from the API (langchain users and others).
const FIRST: &str = "messages: first message must use the \"user\" role";

/// Quoted from AWS (2025 and 2026), for models without turns of the system.
const NO_SYSTEM: &str = "messages: Unexpected role \"system\". The Messages API accepts a top-level `system` parameter, \
                         not \"system\" as an input message role.";

/// Quoted from AWS (vertesia/llumiverse pull request 562).
const NO_PREFILL: &str =
    "This model does not support assistant message prefill. The conversation must end with a user message.";

/// Quoted from AWS (Converse, `global.` Sonnet 4).
const TRAILING: &str = "messages: final assistant content cannot end with trailing whitespace";

/// Turns of one role in a row. Those of user and model are made one before anything is said about them, and are numbered
/// so, they and their blocks (recorded: `messages.0.content.1` for the first block of a second turn of the user).
pub(super) struct Run<'a> {
    pub(super) number: usize,
    pub(super) turns: &'a [Turn],
}

pub(super) fn runs(turns: &[Turn]) -> impl DoubleEndedIterator<Item = Run<'_>> {
    let mut next = 0;
    let runs: Vec<Run<'_>> = turns
        .chunk_by(|a, b| a.role == b.role)
        .map(|turns| {
            let number = next;
            next += if turns[0].role == Role::System { turns.len() } else { 1 };
            Run { number, turns }
        })
        .collect();
    runs.into_iter()
}

impl<'a> Run<'a> {
    pub(super) fn role(&self) -> &'a Role {
        &self.turns[0].role
    }

    /// Each block and its number; a turn that is a string has none, and counts as one.
    pub(super) fn blocks(&self) -> impl Iterator<Item = (usize, &'a Block)> {
        let mut next = 0;
        self.turns.iter().flat_map(move |turn| {
            let first = next;
            next += match &turn.content {
                Content::Text(text) => usize::from(!text.is_empty()),
                Content::Blocks(blocks) => blocks.len(),
            };
            blocks(&turn.content).iter().enumerate().map(move |(index, block)| (first + index, block))
        })
    }

    /// The last block; nothing where the run ends with a string.
    fn end(&self) -> Option<&'a Block> {
        blocks(&self.turns.last()?.content).last()
    }

    fn is_empty(&self) -> bool {
        self.turns.iter().all(|turn| is_empty(&turn.content))
    }
}

fn is_empty(content: &Content) -> bool {
    match content {
        Content::Text(text) => text.is_empty(),
        Content::Blocks(blocks) => blocks.is_empty(),
    }
}

/// A call that the service runs, or its result.
fn is_of_the_service(block: &Block) -> bool {
    matches!(block, Block::ServerToolUse(_) | Block::ToolSearchToolResult(_))
}

fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}

/// Roles, empty turns and empty texts.
pub(super) fn check(request: &MessageRequest, accepts: &Capabilities<'_>) -> Verdict {
    roles(&request.messages, accepts)?;
    system(request.system.as_ref())?;
    let mut runs = runs(&request.messages).peekable();
    while let Some(run) = runs.next() {
        match run.role() {
            // Quoted from the API (measured, 2026-08); turns of one role in a row are looked at together.
            Role::User if run.is_empty() => {
                return refuse(format_args!("messages.{}: user messages must have non-empty content", run.number));
            }
            // Quoted from the API.
            Role::Assistant if run.is_empty() && runs.peek().is_some() => {
                return refuse(format_args!(
                    "messages.{}: all messages must have non-empty content except for the optional final assistant \
                     message",
                    run.number
                ));
            }
            _ => {}
        }
    }
    // Texts inside tool results may be empty (quoted: validated against the API).
    let messages = Place::ROOT.member("messages");
    for (at, turn) in request.messages.iter().enumerate() {
        match &turn.content {
            Content::Text(text) if text.is_empty() => {}
            Content::Text(text) => said(text, "messages")?,
            Content::Blocks(blocks) => {
                let turn = messages.item(at);
                let content = turn.member("content");
                for (index, block) in blocks.iter().enumerate() {
                    let Block::Text(block) = block else { continue };
                    text(block, &content.item(index))?;
                }
            }
        }
    }
    Ok(())
}

fn roles(turns: &[Turn], accepts: &Capabilities<'_>) -> Verdict {
    let Some(first) = turns.first() else { return refuse(NO_TURN) };
    // Quoted from the API (measured, 2026-08).
    if let Some(role) = turns.iter().find_map(|turn| match &turn.role {
        Role::Other(role) => Some(role),
        _ => None,
    }) {
        return refuse(format_args!(
            "messages: Unexpected role \"{role}\". Allowed roles are \"user\" or \"assistant\""
        ));
    }
    if accepts.system_turns() == Some(false) && turns.iter().any(|turn| turn.role == Role::System) {
        return refuse(NO_SYSTEM);
    }
    if first.role == Role::Assistant {
        return refuse(FIRST);
    }
    let mut runs = runs(turns).peekable();
    while let Some(run) = runs.next() {
        if *run.role() == Role::System {
            system_turns(&run, runs.peek().map(Run::role))?;
        }
    }
    Ok(())
}

/// Quoted from the API (measured on Sonnet 5, 2026-08), words and order.
fn system_turns(run: &Run<'_>, next: Option<&Role>) -> Verdict {
    const DIRECTIVE: &str = "the directive-only form (content: [] with output_config) is accepted at any position";
    let last = run.number + run.turns.len() - 1;
    for (at, turn) in (run.number..).zip(run.turns) {
        let directs = turn.output_config.is_some();
        if is_empty(&turn.content) && !directs {
            return refuse(format_args!("messages.{at}: system content must contain at least one block"));
        }
        let fits =
            |block: &Block| matches!(block, Block::Text(_)) || matches!(block.kind(), "tool_addition" | "tool_removal");
        if !blocks(&turn.content).iter().all(fits) {
            return refuse(format_args!(
                "messages.{at}: role 'system' supports text, tool_addition, and tool_removal blocks only"
            ));
        }
    }
    let directs_only = run.turns.iter().all(|turn| is_empty(&turn.content));
    if run.number == 0 && !directs_only {
        return refuse(format_args!(
            "messages.0: use the top-level 'system' parameter for the initial system prompt; {DIRECTIVE}"
        ));
    }
    if !directs_only && next.is_some_and(|next| *next != Role::Assistant) {
        return refuse(format_args!(
            "messages.{last}: role 'system' must precede an 'assistant' message or end the array; {DIRECTIVE}"
        ));
    }
    for (at, turn) in (run.number..).zip(run.turns) {
        let blank = match &turn.content {
            Content::Text(text) => !text.is_empty() && is_blank(text),
            Content::Blocks(blocks) => blocks.iter().filter_map(Block::as_text).any(is_blank),
        };
        if blank {
            return refuse(format_args!("messages.{at}: system text blocks must contain non-whitespace text"));
        }
    }
    Ok(())
}

/// An empty string is no system prompt; an empty block is a mistake.
fn system(system: Option<&System>) -> Verdict {
    match system {
        None => Ok(()),
        Some(System::Text(text)) if text.is_empty() => Ok(()),
        Some(System::Text(text)) => said(text, "system"),
        Some(System::Blocks(blocks)) => blocks.iter().enumerate().try_for_each(|(index, block)| match block {
            SystemBlock::Text(block) if block.text.is_empty() && block.cache_control.is_some() => {
                refuse(format_args!("system.{index}: cache_control cannot be set for empty text blocks"))
            }
            SystemBlock::Text(block) => said(&block.text, "system"),
            SystemBlock::Other(_) => Ok(()),
        }),
    }
}

fn text(block: &TextBlock, place: &Place<'_>) -> Verdict {
    if block.text.is_empty() && block.cache_control.is_some() {
        // Quoted from the API: `messages.29.content.0.text: cache_control cannot be set for empty text blocks`.
        return refuse(format_args!("{place}.text: cache_control cannot be set for empty text blocks"));
    }
    said(&block.text, "messages")
}

/// Quoted from AWS (InvokeModel, for `messages` and for `system`).
fn said(text: &str, place: &str) -> Verdict {
    if text.is_empty() {
        return refuse(format_args!("{place}: text content blocks must be non-empty"));
    }
    if is_blank(text) {
        return refuse(format_args!("{place}: text content blocks must contain non-whitespace text"));
    }
    Ok(())
}

/// How turns of the model end, and whether the last turn may be one.
pub(super) fn check_ends(turns: &[Turn], accepts: &Capabilities<'_>) -> Verdict {
    for run in runs(turns).filter(|run| *run.role() == Role::Assistant) {
        // Quoted from the API (2026): `messages.2: The final block in an assistant message cannot be `thinking`.`
        if let Some(block @ (Block::Thinking(_) | Block::RedactedThinking(_))) = run.end() {
            return refuse(format_args!(
                "messages.{}: The final block in an assistant message cannot be `{}`.",
                run.number,
                block.kind()
            ));
        }
    }
    let Some(run) = runs(turns).next_back().filter(|run| *run.role() == Role::Assistant) else { return Ok(()) };
    // Quoted from the API (measured, 2026-08): a last turn that says nothing is no prefill. Nor is one that was paused
    // inside the work of the service, which comes back as it is to be gone on with (platform.claude.com, `pause_turn`).
    if run.is_empty() || run.end().is_some_and(is_of_the_service) {
        return Ok(());
    }
    if !accepts.prefill() {
        return refuse(NO_PREFILL);
    }
    let end = match run.turns.last().map(|turn| &turn.content) {
        Some(Content::Text(text)) => Some(text.as_str()),
        Some(Content::Blocks(blocks)) => blocks.last().and_then(Block::as_text),
        None => None,
    };
    match end {
        Some(text) if text.ends_with(char::is_whitespace) => refuse(TRAILING),
        _ => Ok(()),
    }
}
