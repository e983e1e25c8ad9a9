//! Blocks of tools that run at the service: the call, and what came of it.
//!
//! Bedrock's InvokeModel runs none of them today; they come in conversations that began elsewhere, and other surfaces
//! have them. Shapes: the official Python SDK 2.12, `types` and `types/beta`.

mod execution;
mod mcp;
mod web;

use super::CacheControl;
use crate::json::Json;
use crate::record::{open_enum, record, union};

pub use self::execution::{
    BashCodeExecutionContent, BashOutputFile, CodeExecutionContent, CodeExecutionResult, CreateResult,
    EncryptedCodeExecutionResult, ExecutionOutput, OutputFile, ReplaceResult, TextEditorCodeExecutionContent,
    ViewResult,
};
pub use self::mcp::{McpContent, McpTool, McpToolListingBlock, McpToolResultBlock, McpToolUseBlock};
pub use self::web::{
    FetchedDocument, WebFetchContent, WebFetchResult, WebSearchContent, WebSearchItem, WebSearchResult,
};

record! {
    /// A call of a tool that runs at the service.
    pub struct ServerToolUseBlock {
        /// Names the call; the result refers to it.
        required id: String,
        /// `web_search`, `code_execution`, ...
        required name: String,
        /// The arguments, as the model wrote them.
        required input: Json,
        /// Who called, where it was not the model itself.
        lenient caller: ToolCaller,
        /// Caches everything up to here.
        optional cache_control: CacheControl,
    }
}

record! {
    /// Who called a tool.
    pub struct ToolCaller {
        /// `direct`, or the version of code execution that ran the calling code.
        required kind("type"): String,
        /// The call of that code.
        optional tool_id: String,
    }
}

open_enum! {
    /// Why a tool at the service failed.
    pub enum ServerToolError {
        /// The arguments make no sense.
        InvalidToolInput = "invalid_tool_input",
        /// The tool is not there now.
        Unavailable = "unavailable",
        /// It was used as often as allowed.
        MaxUsesExceeded = "max_uses_exceeded",
        /// Too many requests.
        TooManyRequests = "too_many_requests",
        /// The query is too long.
        QueryTooLong = "query_too_long",
        /// The request is too large.
        RequestTooLarge = "request_too_large",
        /// It took too long.
        ExecutionTimeExceeded = "execution_time_exceeded",
        /// The output is too large.
        OutputFileTooLarge = "output_file_too_large",
        /// The file is not there.
        FileNotFound = "file_not_found",
        /// The address is too long.
        UrlTooLong = "url_too_long",
        /// The address may not be fetched.
        UrlNotAllowed = "url_not_allowed",
        /// The address was not named before.
        UrlNotInPriorContext = "url_not_in_prior_context",
        /// The address cannot be fetched.
        UrlNotAccessible = "url_not_accessible",
        /// The content is of another type.
        UnsupportedContentType = "unsupported_content_type",
        /// The content is too large.
        ContentTooLarge = "content_too_large",
    }
}

record! {
    /// A tool at the service failed.
    pub struct ToolFailure {
        /// Why.
        required error_code: ServerToolError,
        /// For a person.
        optional error_message: String,
    }
}

/// Declares the result block of a server tool: whose call it answers, and what came of it.
macro_rules! result_block {
    ($(#[$meta:meta])* $name:ident, $content:ty) => {
        record! {
            $(#[$meta])*
            pub struct $name {
                /// The call that this answers.
                required tool_use_id: String,
                /// What came of it.
                required content: $content,
                /// Who called, where it was not the model itself.
                lenient caller: ToolCaller,
                /// Caches everything up to here.
                optional cache_control: CacheControl,
            }
        }
    };
}

result_block!(
    /// What a web search found.
    WebSearchToolResultBlock,
    WebSearchContent
);
result_block!(
    /// What was fetched.
    WebFetchToolResultBlock,
    WebFetchContent
);
result_block!(
    /// What code gave out.
    CodeExecutionToolResultBlock,
    CodeExecutionContent
);
result_block!(
    /// What a shell command gave out.
    BashCodeExecutionToolResultBlock,
    BashCodeExecutionContent
);
result_block!(
    /// What the text editor did.
    TextEditorCodeExecutionToolResultBlock,
    TextEditorCodeExecutionContent
);
result_block!(
    /// Which tools were found.
    ToolSearchToolResultBlock,
    ToolSearchContent
);
result_block!(
    /// What the advisor said.
    AdvisorToolResultBlock,
    AdvisorContent
);

union! {
    /// Which tools were found, or why the search failed.
    pub enum ToolSearchContent {
        /// Tools.
        Found(ToolSearchResult) = "tool_search_tool_search_result",
        /// It failed.
        Failed(ToolFailure) = "tool_search_tool_result_error",
    }
}

record! {
    /// Tools that were found.
    pub struct ToolSearchResult {
        /// Which.
        required tool_references: Vec<ToolReference>,
    }
}

union! {
    /// A tool, by name.
    pub enum ToolReference {
        /// A tool, by name.
        Named(ToolReferenceBlock) = "tool_reference",
    }
}

record! {
    /// A tool, by name.
    pub struct ToolReferenceBlock {
        /// Its name.
        required tool_name: String,
        /// Caches everything up to here.
        optional cache_control: CacheControl,
    }
}

union! {
    /// What the advisor said, or why it did not.
    pub enum AdvisorContent {
        /// Its words.
        Said(AdvisorResult) = "advisor_result",
        /// Its words, opaque.
        Redacted(AdvisorRedactedResult) = "advisor_redacted_result",
        /// It failed.
        Failed(ToolFailure) = "advisor_tool_result_error",
    }
}

record! {
    /// What the advisor said.
    pub struct AdvisorResult {
        /// Its words.
        required text: String,
        /// Why it stopped.
        optional stop_reason: String,
    }
}

record! {
    /// What the advisor said, opaque.
    pub struct AdvisorRedactedResult {
        /// To be sent back as it is.
        required encrypted_content: String,
        /// Why it stopped.
        optional stop_reason: String,
    }
}

record! {
    /// A file put into the container.
    pub struct ContainerUploadBlock {
        /// Its id.
        required file_id: String,
        /// Caches everything up to here.
        optional cache_control: CacheControl,
    }
}
