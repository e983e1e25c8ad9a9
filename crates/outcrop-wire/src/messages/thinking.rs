//! How much the model may think before it answers.

use crate::record::{open_enum, record, union};

union! {
    /// The thinking setting of a request.
    pub enum Thinking {
        /// Think up to a budget (Claude 3.7 to 4.6).
        Enabled(Enabled) = "enabled",
        /// The model decides (4.6 and later).
        Adaptive(Adaptive) = "adaptive",
        /// Do not think.
        Disabled(Disabled) = "disabled",
        /// Think between tool calls only.
        BetweenTools(BetweenTools) = "between_tools",
    }
}

open_enum! {
    /// What of the thinking is shown.
    pub enum Display {
        /// A summary.
        Summarized = "summarized",
        /// Nothing but the signature.
        Omitted = "omitted",
        /// Progress, as it thinks (beta `thinking-display-updates-2026-08-18`).
        Updates = "updates",
    }
}

record! {
    /// Think up to a budget.
    pub struct Enabled {
        /// Tokens; at least 1024 and less than `max_tokens`.
        required budget_tokens: u32,
        /// What of it is shown.
        optional display: Display,
        /// What becomes of blocks that belong elsewhere.
        optional block_binding: BlockBinding,
    }
}

record! {
    /// The model decides how much to think.
    #[derive(Default)]
    pub struct Adaptive {
        /// What of it is shown.
        optional display: Display,
        /// What becomes of blocks that belong elsewhere.
        optional block_binding: BlockBinding,
    }
}

record! {
    /// Do not think.
    pub struct Disabled {}
}

record! {
    /// Think between tool calls only.
    pub struct BetweenTools {}
}

record! {
    /// What becomes of thinking blocks whose model or prefix is another one (beta
    /// `thinking-binding-controls-2026-08-01`).
    pub struct BlockBinding {
        /// `error` or `drop_block`.
        optional prefix_mismatch_behavior: String,
    }
}

impl Thinking {
    /// Think up to `tokens`.
    #[must_use]
    pub fn budget(tokens: u32) -> Self {
        Thinking::Enabled(Enabled {
            budget_tokens: tokens,
            display: None,
            block_binding: None,
            extra: Default::default(),
        })
    }

    /// The model decides.
    #[must_use]
    pub fn adaptive() -> Self {
        Thinking::Adaptive(Adaptive::default())
    }

    /// What of the thinking is shown.
    #[must_use]
    pub fn display(mut self, display: Display) -> Self {
        match &mut self {
            Thinking::Enabled(enabled) => enabled.display = Some(display),
            Thinking::Adaptive(adaptive) => adaptive.display = Some(display),
            Thinking::Disabled(_) | Thinking::BetweenTools(_) | Thinking::Other(_) => {}
        }
        self
    }

    /// Think between tool calls only.
    #[must_use]
    pub fn between_tools() -> Self {
        Thinking::BetweenTools(BetweenTools { extra: Default::default() })
    }

    /// Do not think.
    #[must_use]
    pub fn disabled() -> Self {
        Thinking::Disabled(Disabled { extra: Default::default() })
    }
}
