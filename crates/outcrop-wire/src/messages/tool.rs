//! Tools that the model may call, and which it must.

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, Serializer};

use super::CacheControl;
use crate::early::{EarlyMembers, TEXTS, read_to_type};
use crate::json::Json;
use crate::record::{Other, Record, record, union};

/// A tool of a request.
#[derive(Clone, Debug, PartialEq)]
pub enum Tool {
    /// A tool of the caller's own.
    Custom(CustomTool),
    /// One that Anthropic defined, by its versioned type (`bash_20250124`, ...).
    Other(Other),
}

record! {
    /// A tool of the caller's own.
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
    }
}

impl Tool {
    /// A tool of the caller's own.
    pub fn new(name: impl Into<String>, description: impl Into<String>, input_schema: Json) -> Self {
        Tool::Custom(CustomTool {
            kind: None,
            name: name.into(),
            description: Some(description.into()),
            input_schema,
            cache_control: None,
            strict: None,
            extra: Default::default(),
        })
    }

    /// The name the model calls it by; Anthropic-defined tools may have none.
    #[must_use]
    pub fn name(&self) -> Option<String> {
        match self {
            Tool::Custom(tool) => Some(tool.name.clone()),
            Tool::Other(other) => other.members.value("name")?.parse().ok(),
        }
    }

    /// The `type`: `custom` where none was given.
    #[must_use]
    pub fn kind(&self) -> &str {
        match self {
            Tool::Custom(_) => "custom",
            Tool::Other(other) => &other.kind,
        }
    }
}

impl Serialize for Tool {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Tool::Custom(tool) => tool.serialize(serializer),
            Tool::Other(other) => other.serialize(serializer),
        }
    }
}

/// Not by `union!`: here a missing or null `type` means `custom`.
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
                    return Other::decode_tagged(kind.clone(), early, &mut map).map(Tool::Other);
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

    /// No tool.
    #[must_use]
    pub fn none() -> Self {
        NoChoice { extra: Default::default() }.into()
    }
}
