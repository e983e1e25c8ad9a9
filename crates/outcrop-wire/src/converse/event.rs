//! Stream events, as they follow one another in a streamed answer.
//!
//! As JSON an event has boto3's form, `{"contentBlockDelta": {...}}`; on the wire its name is a header of the frame and
//! only the inner object is payload.

use super::{
    Citation, ImageFormat, ImageSource, Metrics, PerformanceConfig, Role, ServiceTier, StopReason, TokenUsage,
    ToolStatus,
};
use crate::json::{self, Extra, Json};
use crate::keyed::keyed;
use crate::record::record;

keyed! {
    /// One event of a streamed answer.
    pub enum ConverseEvent {
        /// The answer begins.
        MessageStart(MessageStartEvent) = "messageStart",
        /// A block begins. Claude's text, thoughts and citations begin with their first delta instead.
        ContentBlockStart(ContentBlockStartEvent) = "contentBlockStart",
        /// A block grows.
        ContentBlockDelta(ContentBlockDeltaEvent) = "contentBlockDelta",
        /// A block is complete.
        ContentBlockStop(ContentBlockStopEvent) = "contentBlockStop",
        /// The answer is complete but for its counts.
        MessageStop(Box<MessageStopEvent>) = "messageStop",
        /// Counts: the last event.
        Metadata(Box<MetadataEvent>) = "metadata",
    }
}

record! {
    /// The answer begins.
    sorted pub struct MessageStartEvent {
        /// Who speaks: `assistant`.
        required role: Role,
    }
}

record! {
    /// A block begins.
    sorted pub struct ContentBlockStartEvent {
        /// Its place in the message's content.
        required content_block_index("contentBlockIndex"): u32,
        /// What it is.
        required start: ContentBlockStart,
    }
}

keyed! {
    /// What a block is, before its deltas fill it.
    pub enum ContentBlockStart {
        /// A tool call.
        ToolUse(ToolUseStart) = "toolUse",
        /// What a tool of the service gave.
        ToolResult(ToolResultStart) = "toolResult",
        /// An image.
        Image(ImageStart) = "image",
    }
}

record! {
    /// A tool call begins.
    sorted pub struct ToolUseStart {
        /// Which tool.
        required name: String,
        /// The call's id.
        required tool_use_id("toolUseId"): String,
        /// As in [`ToolUseBlock`](super::ToolUseBlock).
        optional kind("type"): String,
    }
}

record! {
    /// What a tool of the service gave begins.
    sorted pub struct ToolResultStart {
        /// How it did.
        optional status: ToolStatus,
        /// The id of the call.
        required tool_use_id("toolUseId"): String,
        /// The kind of call it answers.
        optional kind("type"): String,
    }
}

record! {
    /// An image begins.
    sorted pub struct ImageStart {
        /// Its format.
        required format: ImageFormat,
    }
}

record! {
    /// A block grows.
    sorted pub struct ContentBlockDeltaEvent {
        /// Which block.
        required content_block_index("contentBlockIndex"): u32,
        /// By what.
        required delta: ContentBlockDelta,
    }
}

keyed! {
    /// What a block grows by.
    pub enum ContentBlockDelta {
        /// Text.
        Text(String) = "text",
        /// A piece of a tool's arguments.
        ToolUse(ToolUseDelta) = "toolUse",
        /// A piece of a thought.
        ReasoningContent(ReasoningDelta) = "reasoningContent",
        /// A citation; the text it belongs to follows.
        Citation(Box<Citation>) = "citation",
        /// A piece of what a tool of the service gave.
        ToolResult(Vec<ToolResultDelta>) = "toolResult",
        /// A piece of an image.
        Image(ImageDelta) = "image",
    }
}

record! {
    /// A piece of a tool's arguments.
    sorted pub struct ToolUseDelta {
        /// A piece of JSON text; the first one is often empty.
        required input: String,
    }
}

keyed! {
    /// A piece of a thought.
    pub enum ReasoningDelta {
        /// Words.
        Text(String) = "text",
        /// The proof that the model wrote it, whole.
        Signature(String) = "signature",
        /// Hidden: base64, to be sent back as it came.
        RedactedContent(String) = "redactedContent",
    }
}

keyed! {
    /// A piece of what a tool of the service gave.
    pub enum ToolResultDelta {
        /// Text.
        Text(String) = "text",
        /// Any JSON.
        Json(Json) = "json",
    }
}

record! {
    /// A piece of an image.
    #[derive(Default)]
    sorted pub struct ImageDelta {
        /// Why there is none.
        optional error: super::ImageError,
        /// Its bytes.
        optional source: ImageSource,
    }
}

record! {
    /// A block is complete.
    sorted pub struct ContentBlockStopEvent {
        /// Which block.
        required content_block_index("contentBlockIndex"): u32,
    }
}

record! {
    /// The answer is complete but for its counts.
    sorted pub struct MessageStopEvent {
        /// What `additionalModelResponseFieldPaths` asked for; in a stream `/delta/stop_sequence` is the path of a
        /// stop sequence, and it nests so here.
        optional additional_model_response_fields("additionalModelResponseFields"): Json,
        /// Why the model stopped.
        required stop_reason("stopReason"): StopReason,
    }
}

record! {
    /// Counts: the last event.
    #[derive(Default)]
    sorted pub struct MetadataEvent {
        /// How long it took.
        default metrics: Metrics,
        /// The speed it was served with.
        lenient performance_config("performanceConfig"): PerformanceConfig,
        /// The capacity that served it.
        lenient service_tier("serviceTier"): ServiceTier,
        /// What a guardrail found, and which model a router took.
        optional trace: Json,
        /// Tokens.
        default usage: TokenUsage,
    }
}

impl ConverseEvent {
    /// The answer of the model begins.
    #[must_use]
    pub fn message_start() -> Self {
        ConverseEvent::MessageStart(MessageStartEvent { role: Role::Assistant, extra: Extra::new() })
    }

    /// A block begins.
    #[must_use]
    pub fn start(content_block_index: u32, start: ContentBlockStart) -> Self {
        ConverseEvent::ContentBlockStart(ContentBlockStartEvent { content_block_index, start, extra: Extra::new() })
    }

    /// A block grows.
    #[must_use]
    pub fn delta(content_block_index: u32, delta: ContentBlockDelta) -> Self {
        ConverseEvent::ContentBlockDelta(ContentBlockDeltaEvent { content_block_index, delta, extra: Extra::new() })
    }

    /// A block is complete.
    #[must_use]
    pub fn stop(content_block_index: u32) -> Self {
        ConverseEvent::ContentBlockStop(ContentBlockStopEvent { content_block_index, extra: Extra::new() })
    }

    /// The answer is complete but for its counts.
    #[must_use]
    pub fn message_stop(stop_reason: StopReason) -> Self {
        let stop = MessageStopEvent { additional_model_response_fields: None, stop_reason, extra: Extra::new() };
        ConverseEvent::MessageStop(Box::new(stop))
    }

    /// Counts: the last event.
    #[must_use]
    pub fn metadata(usage: TokenUsage, latency_ms: u64) -> Self {
        let metrics = Metrics { latency_ms, extra: Extra::new() };
        ConverseEvent::Metadata(Box::new(MetadataEvent { metrics, usage, ..MetadataEvent::default() }))
    }

    /// The text that a text delta adds.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            ConverseEvent::ContentBlockDelta(ContentBlockDeltaEvent {
                delta: ContentBlockDelta::Text(text), ..
            }) => Some(text),
            _ => None,
        }
    }

    /// Decodes the event `name` of its payload. What does not fit is kept as `Other` at the innermost place there is, a
    /// delta say, so that no stream is lost to one member.
    ///
    /// # Errors
    /// When the payload is not a JSON object.
    pub fn decode(name: &str, payload: &[u8]) -> Result<ConverseEvent, serde_json::Error> {
        let event = match name {
            "contentBlockDelta" => json::decode(payload).map(ConverseEvent::ContentBlockDelta),
            "contentBlockStart" => json::decode(payload).map(ConverseEvent::ContentBlockStart),
            "contentBlockStop" => json::decode(payload).map(ConverseEvent::ContentBlockStop),
            "messageStart" => json::decode(payload).map(ConverseEvent::MessageStart),
            "messageStop" => json::decode(payload).map(ConverseEvent::MessageStop),
            "metadata" => json::decode(payload).map(ConverseEvent::Metadata),
            _ => json::decode(payload).and_then(|members| other(name, &members)),
        };
        event.or_else(|_| json::decode(payload).and_then(|members| forgiving(name, members)))
    }

    /// The members of the event that no field names.
    pub(crate) fn extra_mut(&mut self) -> &mut Extra {
        match self {
            ConverseEvent::MessageStart(event) => &mut event.extra,
            ConverseEvent::ContentBlockStart(event) => &mut event.extra,
            ConverseEvent::ContentBlockDelta(event) => &mut event.extra,
            ConverseEvent::ContentBlockStop(event) => &mut event.extra,
            ConverseEvent::MessageStop(event) => &mut event.extra,
            ConverseEvent::Metadata(event) => &mut event.extra,
            ConverseEvent::Other(members) => members,
        }
    }
}

/// An event that is not known here, under its name.
fn other(name: &str, members: &Extra) -> Result<ConverseEvent, serde_json::Error> {
    Ok(ConverseEvent::Other([(name, Json::of(members)?)].into_iter().collect()))
}

/// The event as far as its members fit.
fn forgiving(name: &str, mut members: Extra) -> Result<ConverseEvent, serde_json::Error> {
    let index = members.value("contentBlockIndex").and_then(|index| index.parse::<u32>().ok());
    let inner = |member: &str| members.value(member).and_then(|inner| inner.parse::<Extra>().ok());
    let fitted = match (name, index) {
        ("contentBlockStart", Some(index)) => {
            inner("start").map(|start| ConverseEvent::start(index, ContentBlockStart::Other(start)))
        }
        ("contentBlockDelta", Some(index)) => {
            inner("delta").map(|delta| ConverseEvent::delta(index, ContentBlockDelta::Other(delta)))
        }
        _ => None,
    };
    let Some(mut event) = fitted else { return other(name, &members) };
    for member in ["contentBlockIndex", "start", "delta"] {
        // Of a delta `start` is not a member, and the other way round.
        let known = !matches!((name, member), ("contentBlockStart", "delta") | ("contentBlockDelta", "start"));
        if known {
            members.take(member);
        }
    }
    *event.extra_mut() = members;
    Ok(event)
}
