//! Calls of tools and their results: each call has one result, in the turn right after it, before anything else.

use std::collections::HashSet;

use outcrop_wire::fault::Fault;
use outcrop_wire::messages::{Block, MessageRequest, Role, Turn};

use super::turns::{Run, runs};
use super::{Verdict, refuse};

/// The most characters of a tool's name in a call (quoted from the API: `String should have at most 200 characters`).
const LONGEST_NAME: usize = 200;

pub(super) fn check(request: &MessageRequest) -> Verdict {
    let mut ids = HashSet::new();
    let mut open = Open::default();
    for run in runs(&request.messages) {
        match run.role() {
            Role::Assistant => {
                open.answered_by(&HashSet::new())?;
                open = calls(&run, &mut ids)?;
            }
            Role::User => {
                results(&run, &open)?;
                open = Open::default();
            }
            _ => open.answered_by(&HashSet::new())?,
        }
    }
    open.answered_by(&HashSet::new())
}

/// The calls that want a result.
#[derive(Default)]
struct Open<'a> {
    /// The number of the turn that makes them.
    turn: usize,
    ids: Vec<&'a str>,
}

impl Open<'_> {
    /// Quoted from AWS (Converse and InvokeModel).
    fn answered_by(&self, results: &HashSet<&str>) -> Verdict {
        let missing: Vec<&str> = self.ids.iter().filter(|id| !results.contains(*id)).copied().collect();
        if missing.is_empty() {
            return Ok(());
        }
        refuse(format_args!(
            "messages.{}: `tool_use` ids were found without `tool_result` blocks immediately after: {}. Each `tool_use` \
             block must have a corresponding `tool_result` block in the next message.",
            self.turn,
            missing.join(", ")
        ))
    }
}

/// The calls of a run of the model's turns.
fn calls<'a>(run: &Run<'a>, ids: &mut HashSet<&'a str>) -> Result<Open<'a>, Fault> {
    let turn = run.number;
    let mut open = Open { turn, ids: Vec::new() };
    for (index, block) in run.blocks() {
        match block {
            Block::ToolUse(call) => {
                let place = || format!("messages.{turn}.content.{index}.tool_use");
                is_id(&call.id, || format!("{}.id", place()))?;
                // Quoted from the API.
                if call.name.is_empty() {
                    refuse(format_args!("{}.name: String should have at least 1 character", place()))?;
                }
                if call.name.chars().count() > LONGEST_NAME {
                    refuse(format_args!("{}.name: String should have at most {LONGEST_NAME} characters", place()))?;
                }
                if !call.input.text().starts_with('{') {
                    refuse(format_args!("{}.input: Input should be a valid dictionary", place()))?;
                }
                // Quoted from the API: `messages.3.content.1: `tool_use` ids must be unique`.
                if !ids.insert(&call.id) {
                    refuse(format_args!("messages.{turn}.content.{index}: `tool_use` ids must be unique"))?;
                }
                open.ids.push(&call.id);
            }
            Block::ToolResult(_) => {
                // Quoted from the API.
                refuse(format_args!("messages.{turn}: `tool_result` blocks can only be in `user` messages"))?;
            }
            _ => {}
        }
    }
    Ok(open)
}

/// The results in a run of the user's turns; `open` are the calls that want one.
fn results(run: &Run<'_>, open: &Open<'_>) -> Verdict {
    let turn = run.number;
    let mut first = HashSet::new();
    for (at, (index, block)) in run.blocks().enumerate() {
        match block {
            // Not after a turn that is a string.
            Block::ToolResult(result) if at == index => {
                first.insert(result.tool_use_id.as_str());
            }
            _ => break,
        }
    }
    open.answered_by(&first)?;
    let called: HashSet<&str> = open.ids.iter().copied().collect();
    let mut seen = HashSet::new();
    for (index, block) in run.blocks() {
        match block {
            Block::ToolResult(result) => {
                let id = result.tool_use_id.as_str();
                let place = || format!("messages.{turn}.content.{index}");
                is_id(id, || format!("{}.tool_result.tool_use_id", place()))?;
                if !called.contains(id) {
                    // Recorded: first-party, 2026-02.
                    return refuse(format_args!(
                        "{}: unexpected `tool_use_id` found in `tool_result` blocks: {id}. Each `tool_result` block must \
                         have a corresponding `tool_use` block in the previous message.",
                        place()
                    ));
                }
                if !seen.insert(id) {
                    // Quoted from the API: `messages.60.content.1: each tool_use must have a single result. ...`.
                    return refuse(format_args!(
                        "{}: each tool_use must have a single result. Found multiple `tool_result` blocks with id: {id}",
                        place()
                    ));
                }
            }
            Block::ToolUse(_) => {
                // Quoted from the API.
                return refuse(format_args!("messages.{turn}: `tool_use` blocks can only be in `assistant` messages"));
            }
            Block::Thinking(_) | Block::RedactedThinking(_) => {
                // Quoted from the API.
                return refuse(format_args!(
                    "messages.{turn}.content: thinking blocks may only be in `assistant` messages"
                ));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Quoted from the API: `messages.1.content.0.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'`.
fn is_id(id: &str, place: impl Fn() -> String) -> Verdict {
    if !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')) {
        return Ok(());
    }
    refuse(format_args!("{}: String should match pattern '^[a-zA-Z0-9_-]+$'", place()))
}

/// Whether the conversation stands inside a loop of tool calls: its last turns answer some.
pub(super) fn in_loop(turns: &[Turn]) -> bool {
    turns.last().is_some_and(|turn| {
        turn.role == Role::User
            && super::walk::blocks(&turn.content).iter().any(|block| matches!(block, Block::ToolResult(_)))
    })
}
