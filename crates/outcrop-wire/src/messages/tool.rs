//! Tools that the model may call, and which it must.

mod anthropic;
mod choice;

use std::borrow::Cow;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, Serializer};

pub use self::anthropic::{
    AdvisorTool, ComputerTool, Family, PlainTool, TextEditorTool, Toolset, UserLocation, VERSIONS, Version,
    WebFetchTool, WebSearchTool,
};
pub use self::choice::{AnyChoice, AutoChoice, NoChoice, ToolByName, ToolChoice};
use super::CacheControl;
use crate::early::{EarlyMembers, TEXTS, read_to_type};
use crate::json::Json;
use crate::record::{Other, Record, record};

/// A tool of a request.
#[derive(Clone, Debug, PartialEq)]
pub enum Tool {
    /// A tool of the caller's own.
    Custom(CustomTool),
    /// A shell.
    Bash(PlainTool),
    /// A text editor.
    TextEditor(Box<TextEditorTool>),
    /// Screen, mouse and keyboard.
    Computer(Box<ComputerTool>),
    /// A folder of memories.
    Memory(PlainTool),
    /// Finds tools whose loading was deferred.
    ToolSearch(PlainTool),
    /// Web search.
    WebSearch(Box<WebSearchTool>),
    /// Web fetch.
    WebFetch(Box<WebFetchTool>),
    /// Code, run at the service.
    CodeExecution(PlainTool),
    /// Another model's advice.
    Advisor(Box<AdvisorTool>),
    /// Several tools under one `type`.
    Toolset(Box<Toolset>),
    /// One whose `type` is not known here.
    Other(Other),
}

record! {
    /// A tool of the caller's own.
    #[derive(Default)]
    pub struct CustomTool {
        /// `custom`, or nothing.
        optional kind("type"): String,
        /// 1 to 64 of `A-Z a-z 0-9 _ -`.
        required name: String,
        /// What it does and when to use it.
        optional description: String,
        /// JSON Schema of its arguments.
        required input_schema: Json,
        /// Caches all tools up to here.
        optional cache_control: CacheControl,
        /// Whether the arguments must match the schema exactly.
        optional strict: bool,
        /// Whether the arguments are streamed before they are known to be JSON. Bedrock has a beta for it instead.
        optional eager_input_streaming: bool,
        /// Arguments as they may be (beta `tool-examples-2025-10-29` on Bedrock).
        optional input_examples: Vec<Json>,
        /// Whether it is only loaded once a tool search finds it.
        optional defer_loading: bool,
        /// Who may call it: `direct`, or code that runs at the service.
        optional allowed_callers: Vec<String>,
    }
}

impl CustomTool {
    /// A tool of the caller's own.
    pub fn new(name: impl Into<String>, description: impl Into<String>, input_schema: Json) -> Self {
        CustomTool { name: name.into(), description: Some(description.into()), input_schema, ..CustomTool::default() }
    }

    /// The arguments must match the schema exactly; its objects need `additionalProperties: false`.
    #[must_use]
    pub fn strict(mut self, strict: bool) -> Self {
        self.strict = Some(strict);
        self
    }

    /// Caches all tools up to here.
    #[must_use]
    pub fn cache(mut self, lifetime: impl Into<CacheControl>) -> Self {
        self.cache_control = Some(lifetime.into());
        self
    }

    /// Shows the model arguments as they may be.
    #[must_use]
    pub fn example(mut self, input: Json) -> Self {
        self.input_examples.get_or_insert_default().push(input);
        self
    }
}

impl From<CustomTool> for Tool {
    fn from(tool: CustomTool) -> Self {
        Tool::Custom(tool)
    }
}

impl Tool {
    /// A tool of the caller's own.
    pub fn new(name: impl Into<String>, description: impl Into<String>, input_schema: Json) -> Self {
        Tool::Custom(CustomTool::new(name, description, input_schema))
    }

    /// A shell that the caller runs (`bash_20250124`).
    #[must_use]
    pub fn bash() -> Self {
        Tool::Bash(plain("bash_20250124"))
    }

    /// A text editor that the caller runs (`text_editor_20250728`).
    #[must_use]
    pub fn text_editor() -> Self {
        let PlainTool { kind, name, .. } = plain("text_editor_20250728");
        Tool::TextEditor(Box::new(TextEditorTool { kind, name, ..TextEditorTool::default() }))
    }

    /// Screen, mouse and keyboard of so many pixels, which the caller works (`computer_20251124`).
    #[must_use]
    pub fn computer(display_width_px: u32, display_height_px: u32) -> Self {
        let PlainTool { kind, name, .. } = plain("computer_20251124");
        Tool::Computer(Box::new(ComputerTool {
            kind,
            name,
            display_width_px,
            display_height_px,
            ..ComputerTool::default()
        }))
    }

    /// A folder of memories that the caller keeps (`memory_20250818`).
    #[must_use]
    pub fn memory() -> Self {
        Tool::Memory(plain("memory_20250818"))
    }

    /// Finds deferred tools by regular expression (`tool_search_tool_regex_20251119`).
    #[must_use]
    pub fn tool_search() -> Self {
        Tool::ToolSearch(plain("tool_search_tool_regex_20251119"))
    }

    /// The name the model calls it by; tool sets have none.
    #[must_use]
    pub fn name(&self) -> Option<Cow<'_, str>> {
        let name = match self {
            Tool::Custom(tool) => &tool.name,
            Tool::Bash(tool) | Tool::Memory(tool) | Tool::ToolSearch(tool) | Tool::CodeExecution(tool) => &tool.name,
            Tool::TextEditor(tool) => &tool.name,
            Tool::Computer(tool) => &tool.name,
            Tool::WebSearch(tool) => &tool.name,
            Tool::WebFetch(tool) => &tool.name,
            Tool::Advisor(tool) => &tool.name,
            Tool::Toolset(_) => return None,
            Tool::Other(other) => return other.members.value("name")?.parse().ok().map(Cow::Owned),
        };
        Some(Cow::Borrowed(name))
    }

    /// The `type`: `custom` where none was given.
    #[must_use]
    pub fn kind(&self) -> &str {
        match self {
            Tool::Custom(_) => "custom",
            Tool::Bash(tool) | Tool::Memory(tool) | Tool::ToolSearch(tool) | Tool::CodeExecution(tool) => &tool.kind,
            Tool::TextEditor(tool) => &tool.kind,
            Tool::Computer(tool) => &tool.kind,
            Tool::WebSearch(tool) => &tool.kind,
            Tool::WebFetch(tool) => &tool.kind,
            Tool::Advisor(tool) => &tool.kind,
            Tool::Toolset(tool) => &tool.kind,
            Tool::Other(other) => &other.kind,
        }
    }

    /// The rest of a tool whose `type` is of a family.
    fn decode_family<'de, A: MapAccess<'de>>(
        version: &Version,
        early: EarlyMembers,
        map: &mut A,
    ) -> Result<Self, A::Error> {
        let kind = version.kind.to_owned();
        macro_rules! family {
            ($record:ty) => {{
                let mut tool = <$record>::decode_members(early, map)?;
                tool.kind = kind;
                tool
            }};
        }
        Ok(match version.family {
            Family::Bash => Tool::Bash(family!(PlainTool)),
            Family::Memory => Tool::Memory(family!(PlainTool)),
            Family::ToolSearch => Tool::ToolSearch(family!(PlainTool)),
            Family::CodeExecution => Tool::CodeExecution(family!(PlainTool)),
            Family::TextEditor => Tool::TextEditor(Box::new(family!(TextEditorTool))),
            Family::Computer => Tool::Computer(Box::new(family!(ComputerTool))),
            Family::WebSearch => Tool::WebSearch(Box::new(family!(WebSearchTool))),
            Family::WebFetch => Tool::WebFetch(Box::new(family!(WebFetchTool))),
            Family::Advisor => Tool::Advisor(Box::new(family!(AdvisorTool))),
            Family::McpToolset | Family::ComputerToolset | Family::BrowserToolset => {
                Tool::Toolset(Box::new(family!(Toolset)))
            }
        })
    }
}

fn plain(kind: &str) -> PlainTool {
    let name = Version::of(kind).map_or("", |version| version.name);
    PlainTool { kind: kind.to_owned(), name: name.to_owned(), ..PlainTool::default() }
}

impl Serialize for Tool {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Tool::Custom(tool) => tool.serialize(serializer),
            Tool::Bash(tool) | Tool::Memory(tool) | Tool::ToolSearch(tool) | Tool::CodeExecution(tool) => {
                tool.serialize(serializer)
            }
            Tool::TextEditor(tool) => tool.serialize(serializer),
            Tool::Computer(tool) => tool.serialize(serializer),
            Tool::WebSearch(tool) => tool.serialize(serializer),
            Tool::WebFetch(tool) => tool.serialize(serializer),
            Tool::Advisor(tool) => tool.serialize(serializer),
            Tool::Toolset(tool) => tool.serialize(serializer),
            Tool::Other(other) => other.serialize(serializer),
        }
    }
}

/// Not by `union!`: here a missing or null `type` means `custom`, and a family has many types.
impl<'de> Deserialize<'de> for Tool {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ToolVisitor;
        impl<'de> Visitor<'de> for ToolVisitor {
            type Value = Tool;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a tool")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Tool, A::Error> {
                let mut early = EarlyMembers::default();
                let kind = match read_to_type(&mut map, &mut early, TEXTS)? {
                    true => Some(map.next_value::<Option<String>>()?),
                    false => None,
                };
                if let Some(Some(kind)) = &kind
                    && kind != "custom"
                {
                    return match Version::of(kind) {
                        Some(version) => Tool::decode_family(version, early, &mut map),
                        None => Other::decode_tagged(kind.clone(), early, &mut map).map(Tool::Other),
                    };
                }
                let mut tool = CustomTool::decode_members(early, &mut map)?;
                if kind.is_some() && tool.kind.is_some() {
                    return Err(serde::de::Error::duplicate_field("type"));
                }
                match kind {
                    Some(Some(kind)) => tool.kind = Some(kind),
                    Some(None) => tool.extra.push("type", Json::null()),
                    None => {}
                }
                Ok(Tool::Custom(tool))
            }
        }
        deserializer.deserialize_map(ToolVisitor)
    }
}
