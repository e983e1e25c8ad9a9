//! Tools: what the model may call, and whether it must.

use super::CachePointBlock;
use crate::json::Json;
use crate::keyed::keyed;
use crate::record::record;

record! {
    /// The tools of a request.
    #[derive(Default)]
    pub struct ToolConfig {
        /// The tools, at least one.
        required tools: Vec<Tool>,
        /// Whether one must be called; `auto` when absent.
        optional tool_choice("toolChoice"): ToolChoice,
    }
}

keyed! {
    /// A tool.
    pub enum Tool {
        /// One of the caller's own.
        ToolSpec(ToolSpec) = "toolSpec",
        /// One of the service's own. Not with Claude.
        SystemTool(SystemTool) = "systemTool",
        /// A cache checkpoint: the tools before it are cached.
        CachePoint(CachePointBlock) = "cachePoint",
    }
}

record! {
    /// A tool of the caller's own.
    pub struct ToolSpec {
        /// Its name, 1 to 64 letters of `a-zA-Z0-9_-`.
        required name: String,
        /// What it does; not empty.
        optional description: String,
        /// What it takes.
        required input_schema("inputSchema"): InputSchema,
        /// Whether arguments must match the schema; then every object of it needs `additionalProperties: false`.
        optional strict: bool,
    }
}

keyed! {
    /// What a tool takes.
    pub enum InputSchema {
        /// JSON Schema.
        Json(Json) = "json",
    }
}

record! {
    /// A tool of the service's own.
    pub struct SystemTool {
        /// Its name.
        required name: String,
    }
}

keyed! {
    /// Whether a tool must be called.
    pub enum ToolChoice {
        /// The model's to say.
        Auto(AutoToolChoice) = "auto",
        /// Some tool.
        Any(AnyToolChoice) = "any",
        /// This tool.
        Tool(SpecificToolChoice) = "tool",
    }
}

record! {
    /// The model's to say.
    #[derive(Default)]
    pub struct AutoToolChoice {}
}

record! {
    /// Some tool.
    #[derive(Default)]
    pub struct AnyToolChoice {}
}

record! {
    /// This tool.
    pub struct SpecificToolChoice {
        /// Its name.
        required name: String,
    }
}

impl ToolSpec {
    /// A tool whose arguments are described by a JSON Schema.
    pub fn new(name: impl Into<String>, schema: Json) -> Self {
        ToolSpec {
            name: name.into(),
            description: None,
            input_schema: InputSchema::Json(schema),
            strict: None,
            extra: Default::default(),
        }
    }

    /// Says what it does.
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Has arguments match the schema.
    #[must_use]
    pub fn strict(mut self, strict: bool) -> Self {
        self.strict = Some(strict);
        self
    }
}

impl From<ToolSpec> for Tool {
    fn from(tool: ToolSpec) -> Self {
        Tool::ToolSpec(tool)
    }
}

impl From<CachePointBlock> for Tool {
    fn from(point: CachePointBlock) -> Self {
        Tool::CachePoint(point)
    }
}

impl ToolChoice {
    /// The model's to say.
    #[must_use]
    pub fn auto() -> Self {
        ToolChoice::Auto(AutoToolChoice::default())
    }

    /// Some tool.
    #[must_use]
    pub fn any() -> Self {
        ToolChoice::Any(AnyToolChoice::default())
    }

    /// This tool.
    pub fn tool(name: impl Into<String>) -> Self {
        ToolChoice::Tool(SpecificToolChoice { name: name.into(), extra: Default::default() })
    }
}
