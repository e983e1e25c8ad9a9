//! The shapes of AWS's own Converse API, as far as Claude takes or gives them.
//!
//! Facts: botocore 1.44.5, service model bedrock-runtime 2023-09-30 (`Converse`, `ConverseStream`, `CountTokens`), and
//! recorded traffic where it says more. What is not modelled, video and audio say, survives in `extra` and `Other`.
//! Bytes of media are their base64 text, as they travel.
//!
//! AWS writes the members of its answers in the order of the alphabet, and so do these types: what may stand in an
//! answer has its fields in that order.

mod accumulate;
mod citation;
mod content;
mod count;
mod event;
mod guard;
mod media;
mod message;
mod output;
mod request;
mod response;
mod tool;
mod tool_result;
mod usage;

pub use crate::messages::{CitationsConfig, Effort, Role, Ttl};
pub use accumulate::{ConverseAccumulator, MisplacedEvent};
pub use citation::{
    Citation, CitationLocation, CitationsContentBlock, DocumentLocation, PlainText, SearchResultLocation, WebLocation,
};
pub use content::{
    CachePointBlock, ContentBlock, ReasoningContentBlock, ReasoningTextBlock, SearchResultBlock, SearchResultText,
    ToolAdditionBlock, ToolReference, ToolRemovalBlock, ToolUseBlock,
};
pub use count::ConverseTokens;
pub use event::{
    ContentBlockDelta, ContentBlockDeltaEvent, ContentBlockStart, ContentBlockStartEvent, ContentBlockStopEvent,
    ConverseEvent, ImageDelta, ImageStart, MessageStartEvent, MessageStopEvent, MetadataEvent, ReasoningDelta,
    ToolResultDelta, ToolResultStart, ToolUseDelta, ToolUseStart,
};
pub use guard::{GuardContentBlock, GuardImageBlock, GuardQualifier, GuardTextBlock};
pub use media::{
    DocumentBlock, DocumentContent, DocumentFormat, DocumentSource, ImageBlock, ImageError, ImageFormat, ImageSource,
    S3Location,
};
pub use message::{Content, Message};
pub use output::{JsonSchema, OutputConfig, OutputStructure, TextFormat};
pub use request::{
    ConverseRequest, GuardrailConfig, GuardrailTrace, InferenceConfig, Latency, PerformanceConfig, PromptVariable,
    ServiceTier, StreamProcessing, SystemContentBlock, Tier,
};
pub use response::{ConverseOutput, ConverseResponse, Metrics, StopReason};
pub use tool::{
    AnyToolChoice, AutoToolChoice, InputSchema, SpecificToolChoice, SystemTool, Tool, ToolChoice, ToolConfig, ToolSpec,
};
pub use tool_result::{ToolResultBlock, ToolResultContent, ToolStatus};
pub use usage::{CacheDetail, TokenUsage};
