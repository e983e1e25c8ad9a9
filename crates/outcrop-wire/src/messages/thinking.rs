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
    }
}

open_enum! {
    /// What of the thinking is shown.
    pub enum Display {
        /// A summary.
        Summarized = "summarized",
        /// Nothing but the signature.
        Omitted = "omitted",
    }
}

record! {
    /// Think up to a budget.
    pub struct Enabled {
        /// Tokens; at least 1024 and less than `max_tokens`.
        required budget_tokens: u32,
        /// What of it is shown.
        optional display: Display,
    }
}

record! {
    /// The model decides how much to think.
    pub struct Adaptive {
        /// What of it is shown.
        optional display: Display,
    }
}

record! {
    /// Do not think.
    pub struct Disabled {}
}

impl Thinking {
    /// Think up to `tokens`.
    #[must_use]
    pub fn budget(tokens: u32) -> Self {
        Thinking::Enabled(Enabled { budget_tokens: tokens, display: None, extra: Default::default() })
    }

    /// The model decides.
    #[must_use]
    pub fn adaptive() -> Self {
        Thinking::Adaptive(Adaptive { display: None, extra: Default::default() })
    }

    /// Do not think.
    #[must_use]
    pub fn disabled() -> Self {
        Thinking::Disabled(Disabled { extra: Default::default() })
    }
}
