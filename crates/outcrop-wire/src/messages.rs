//! The Anthropic Messages API: the one vocabulary inside Outcrop.
//!
//! Facts: the request and response types of the official SDKs (Python 2.12, TypeScript 1.12) and the AWS user guide
//! page `model-parameters-anthropic-claude-messages`. Whatever is not modelled survives in `extra` and `Other`.

mod cache;
mod checkpoint;
mod citation;
mod container;
mod content;
mod context;
mod conversation;
mod count;
mod delta;
mod event;
mod media;
mod output;
mod request;
mod response;
mod search_result;
pub mod server;
mod sources;
mod thinking;
mod tool;
mod usage;

pub use cache::{CacheControl, Ttl};
pub use citation::{
    CharLocation, Citation, CitationsConfig, ContentBlockLocation, PageLocation, SearchResultLocation,
    WebSearchResultLocation,
};
pub use container::{Container, ContainerChoice, ContainerSetup, Skill};
pub use content::{
    Block, Content, DocumentBlock, ImageBlock, ImageTransformations, RedactedThinkingBlock, ResultBlock, ResultContent,
    TextBlock, ThinkingBlock, ToolResultBlock, ToolUseBlock,
};
pub use context::{
    Amount, AppliedContext, AppliedEdit, ClearThinking, ClearToolUses, ClearedThinking, ClearedToolUses, Compact,
    ContextEdit, ContextManagement,
};
pub use conversation::{
    BrowserStateBlock, BrowserTab, CompactionBlock, FallbackBlock, FallbackModel, FallbackTrigger, ToolAdditionBlock,
    ToolRemovalBlock,
};
pub use count::TokenCount;
pub use delta::{CitationsDelta, CompactionDelta, Delta, InputJsonDelta, SignatureDelta, TextDelta, ThinkingDelta};
pub use event::{
    ApiError, ContentBlockDelta, ContentBlockStart, ContentBlockStop, ErrorEvent, Event, InvocationMetrics,
    MessageChange, MessageDelta, MessageStart, MessageStop, Ping,
};
pub use media::{
    Base64Source, ContentSource, FileSource, ImageSource, MediaSource, SourceBlock, SourceContent, Taken, TextSource,
    UnfitBytes, UrlSource,
};
pub use output::{Effort, JsonSchemaFormat, OutputConfig, OutputFormat, TaskBudget};
pub use request::{CONTEXT_1M, MessageRequest, Metadata, Role, System, SystemBlock, Turn};
pub use response::{CacheMiss, Diagnostics, InputTransformation, Message, StopDetails, StopReason};
pub use search_result::{PlainText, SearchResultBlock};
pub use server::{ServerToolUseBlock, ToolCaller};
pub use sources::{Source, SourceMut};
pub use thinking::{Adaptive, BetweenTools, BlockBinding, Disabled, Display, Enabled, Thinking};
pub use tool::{
    AdvisorTool, AnyChoice, AutoChoice, ComputerTool, CustomTool, Family, NoChoice, PlainTool, TextEditorTool, Tool,
    ToolByName, ToolChoice, Toolset, UserLocation, VERSIONS as TOOL_VERSIONS, Version as ToolVersion, WebFetchTool,
    WebSearchTool,
};
pub use usage::{CacheCreation, Iteration, OutputTokensDetails, ServerToolUsage, Usage, UsageDelta};
