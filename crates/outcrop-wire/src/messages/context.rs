//! Context management: what the service takes out of a long conversation before the model sees it, and what it did.
//!
//! Betas `context-management-2025-06-27` and `compact-2026-01-12`. Shapes: the official Python SDK 2.12, `types/beta`.

use crate::json::Json;
use crate::record::{record, union};

record! {
    /// What is to be taken out of a long conversation.
    #[derive(Default)]
    pub struct ContextManagement {
        /// In this order.
        optional edits: Vec<ContextEdit>,
    }
}

union! {
    /// One way to make a conversation shorter.
    pub enum ContextEdit {
        /// Old tool results go.
        ClearToolUses(ClearToolUses) = "clear_tool_uses_20250919",
        /// Old thinking goes.
        ClearThinking(ClearThinking) = "clear_thinking_20251015",
        /// All of it becomes a summary.
        Compact(Compact) = "compact_20260112",
    }
}

record! {
    /// Old tool results go.
    #[derive(Default)]
    pub struct ClearToolUses {
        /// Not worth it below this.
        optional clear_at_least: Amount,
        /// Whether the arguments go too: a bool, or the names of the tools.
        optional clear_tool_inputs: Json,
        /// Tools that are left alone.
        optional exclude_tools: Vec<String>,
        /// How many of the newest stay.
        optional keep: Amount,
        /// From when on.
        optional trigger: Amount,
    }
}

record! {
    /// Old thinking goes.
    #[derive(Default)]
    pub struct ClearThinking {
        /// How many of the newest turns keep theirs: `"all"`, or an [`Amount`].
        optional keep: Json,
    }
}

record! {
    /// The conversation becomes a summary.
    #[derive(Default)]
    pub struct Compact {
        /// What the summary should hold.
        optional instructions: String,
        /// Whether the turn ends after it, with the stop reason `compaction`.
        optional pause_after_compaction: bool,
        /// From when on.
        optional trigger: Amount,
    }
}

record! {
    /// So many of something: `input_tokens`, `tool_uses`, `thinking_turns`.
    pub struct Amount {
        /// Of what.
        required kind("type"): String,
        /// How many.
        optional value: u64,
    }
}

impl Amount {
    /// Tokens of input.
    #[must_use]
    pub fn input_tokens(value: u64) -> Self {
        Amount { kind: "input_tokens".to_owned(), value: Some(value), extra: Default::default() }
    }

    /// Tool calls and their results.
    #[must_use]
    pub fn tool_uses(value: u64) -> Self {
        Amount { kind: "tool_uses".to_owned(), value: Some(value), extra: Default::default() }
    }
}

record! {
    /// What was taken out.
    #[derive(Default)]
    pub struct AppliedContext {
        /// One for each edit that did something.
        default applied_edits: Vec<AppliedEdit>,
    }
}

union! {
    /// What one edit took out.
    pub enum AppliedEdit {
        /// Old tool results.
        ClearToolUses(ClearedToolUses) = "clear_tool_uses_20250919",
        /// Old thinking.
        ClearThinking(ClearedThinking) = "clear_thinking_20251015",
    }
}

record! {
    /// Old tool results went.
    pub struct ClearedToolUses {
        /// Tokens saved.
        required cleared_input_tokens: u64,
        /// Results that went.
        required cleared_tool_uses: u64,
    }
}

record! {
    /// Old thinking went.
    pub struct ClearedThinking {
        /// Tokens saved.
        required cleared_input_tokens: u64,
        /// Turns that lost theirs.
        required cleared_thinking_turns: u64,
    }
}
