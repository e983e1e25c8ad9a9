//! Whether the model must call a tool.

use crate::record::{record, union};

union! {
    /// Whether the model must call a tool.
    pub enum ToolChoice {
        /// As it sees fit.
        Auto(AutoChoice) = "auto",
        /// Some tool.
        Any(AnyChoice) = "any",
        /// This tool.
        Tool(ToolByName) = "tool",
        /// No tool.
        None(NoChoice) = "none",
    }
}

record! {
    /// `auto`.
    pub struct AutoChoice {
        /// At most one call.
        optional disable_parallel_tool_use: bool,
    }
}
record! {
    /// `any`.
    pub struct AnyChoice {
        /// Exactly one call.
        optional disable_parallel_tool_use: bool,
    }
}

record! {
    /// `tool`.
    pub struct ToolByName {
        /// The tool to call.
        required name: String,
        /// Exactly one call.
        optional disable_parallel_tool_use: bool,
    }
}
record! {
    /// `none`.
    pub struct NoChoice {}
}

impl ToolChoice {
    /// As the model sees fit.
    #[must_use]
    pub fn auto() -> Self {
        AutoChoice { disable_parallel_tool_use: None, extra: Default::default() }.into()
    }

    /// Some tool.
    #[must_use]
    pub fn any() -> Self {
        AnyChoice { disable_parallel_tool_use: None, extra: Default::default() }.into()
    }

    /// This tool.
    pub fn tool(name: impl Into<String>) -> Self {
        ToolByName { name: name.into(), disable_parallel_tool_use: None, extra: Default::default() }.into()
    }

    /// Whether several tools may be called at once; they may until told otherwise.
    #[must_use]
    pub fn parallel(mut self, parallel: bool) -> Self {
        match &mut self {
            ToolChoice::Auto(choice) => choice.disable_parallel_tool_use = Some(!parallel),
            ToolChoice::Any(choice) => choice.disable_parallel_tool_use = Some(!parallel),
            ToolChoice::Tool(choice) => choice.disable_parallel_tool_use = Some(!parallel),
            ToolChoice::None(_) | ToolChoice::Other(_) => {}
        }
        self
    }

    /// No tool.
    #[must_use]
    pub fn none() -> Self {
        NoChoice { extra: Default::default() }.into()
    }
}
