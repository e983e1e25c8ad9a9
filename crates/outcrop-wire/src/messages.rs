//! The Anthropic Messages API: the one vocabulary inside Outcrop.
//!
//! Facts: the request and response types of the official SDKs (Python 2.12, TypeScript 1.12) and the AWS user guide
//! page `model-parameters-anthropic-claude-messages`. Whatever is not modelled survives in `extra` and `Other`.

mod cache;
mod citation;
mod content;
mod delta;
mod event;
mod media;
mod request;
mod response;
pub mod server;
mod thinking;
mod tool;
mod usage;

pub use cache::{CacheControl, Ttl};
pub use citation::{
    CharLocation, Citation, CitationsConfig, ContentBlockLocation, PageLocation, SearchResultLocation,
    WebSearchResultLocation,
};
pub use content::{
    Block, Content, DocumentBlock, ImageBlock, RedactedThinkingBlock, ResultBlock, ResultContent, TextBlock,
    ThinkingBlock, ToolResultBlock, ToolUseBlock,
};
pub use delta::{CitationsDelta, CompactionDelta, Delta, InputJsonDelta, SignatureDelta, TextDelta, ThinkingDelta};
pub use event::{
    ApiError, ContentBlockDelta, ContentBlockStart, ContentBlockStop, ErrorEvent, Event, InvocationMetrics,
    MessageChange, MessageDelta, MessageStart, MessageStop, Ping,
};
pub use media::{
    Base64Source, ContentSource, FileSource, ImageSource, MediaSource, SourceBlock, SourceContent, TextSource,
    UrlSource,
};
pub use request::{MessageRequest, Metadata, Role, System, SystemBlock, Turn};
pub use response::{Container, Message, StopDetails, StopReason};
pub use server::{SearchResultBlock, ServerToolUseBlock};
pub use thinking::{Adaptive, Disabled, Display, Enabled, Thinking};
pub use tool::{AnyChoice, AutoChoice, CustomTool, NoChoice, Tool, ToolByName, ToolChoice};
pub use usage::{CacheCreation, OutputTokensDetails, ServerToolUsage, Usage, UsageDelta};
