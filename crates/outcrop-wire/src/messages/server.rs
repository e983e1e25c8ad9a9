//! Blocks of tools that run at the service: the call, and what came of it.
//!
//! Bedrock's InvokeModel runs none of them today; they come in conversations that began elsewhere, and other surfaces
//! have them. Shapes: the official Python SDK 2.12, `types` and `types/beta`.

use super::{CacheControl, DocumentBlock, TextBlock};
use crate::json::Json;
use crate::record::{open_enum, record, text_or_list, union};

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

/// What a web search found, or why it failed.
#[derive(Clone, Debug, PartialEq)]
pub enum WebSearchContent {
    /// Pages.
    Results(Vec<WebSearchItem>),
    /// It failed.
    Failed(WebSearchItem),
}

/// A list of results or one error object: told apart by their JSON kind.
impl<'de> serde::Deserialize<'de> for WebSearchContent {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::Deserialize as _;
        use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
        struct ContentVisitor;
        impl<'de> serde::de::Visitor<'de> for ContentVisitor {
            type Value = WebSearchContent;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a list of results or an error")
            }
            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, seq: A) -> Result<WebSearchContent, A::Error> {
                Vec::<WebSearchItem>::deserialize(SeqAccessDeserializer::new(seq)).map(WebSearchContent::Results)
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(self, map: A) -> Result<WebSearchContent, A::Error> {
                WebSearchItem::deserialize(MapAccessDeserializer::new(map)).map(WebSearchContent::Failed)
            }
        }
        deserializer.deserialize_any(ContentVisitor)
    }
}

impl serde::Serialize for WebSearchContent {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            WebSearchContent::Results(results) => results.serialize(serializer),
            WebSearchContent::Failed(failure) => failure.serialize(serializer),
        }
    }
}

union! {
    /// One result of a web search.
    pub enum WebSearchItem {
        /// A page.
        Result(WebSearchResult) = "web_search_result",
        /// It failed.
        Failed(ToolFailure) = "web_search_tool_result_error",
    }
}

record! {
    /// A page that a web search found.
    pub struct WebSearchResult {
        /// The page.
        required url: String,
        /// Its title.
        required title: String,
        /// Opaque; to be sent back as it is.
        required encrypted_content: String,
        /// How old it is, in words.
        nullable page_age: String,
    }
}

union! {
    /// What was fetched, or why it failed.
    pub enum WebFetchContent {
        /// A document.
        Fetched(WebFetchResult) = "web_fetch_result",
        /// It failed.
        Failed(ToolFailure) = "web_fetch_tool_result_error",
    }
}

union! {
    /// The document of a fetch.
    pub enum FetchedDocument {
        /// The document.
        Document(Box<DocumentBlock>) = "document",
    }
}

record! {
    /// A document that was fetched.
    pub struct WebFetchResult {
        /// Where it was.
        required url: String,
        /// The document.
        required content: FetchedDocument,
        /// When, ISO 8601.
        optional retrieved_at: String,
    }
}

union! {
    /// What code gave out, or why it failed.
    pub enum CodeExecutionContent {
        /// It ran.
        Ran(CodeExecutionResult) = "code_execution_result",
        /// It ran; its output is opaque.
        RanEncrypted(EncryptedCodeExecutionResult) = "encrypted_code_execution_result",
        /// It failed.
        Failed(ToolFailure) = "code_execution_tool_result_error",
    }
}

record! {
    /// What a program gave out.
    pub struct CodeExecutionResult {
        /// Its exit code.
        required return_code: i64,
        /// Its output.
        required stdout: String,
        /// Its error output.
        required stderr: String,
        /// Files it made.
        required content: Vec<ExecutionOutput>,
    }
}

record! {
    /// What a program gave out, opaque.
    pub struct EncryptedCodeExecutionResult {
        /// Its exit code.
        required return_code: i64,
        /// Its output; to be sent back as it is.
        required encrypted_stdout: String,
        /// Its error output.
        required stderr: String,
        /// Files it made.
        required content: Vec<ExecutionOutput>,
    }
}

union! {
    /// A file that a program made.
    pub enum ExecutionOutput {
        /// Of code.
        Code(OutputFile) = "code_execution_output",
        /// Of a shell command.
        Bash(BashOutputFile) = "bash_code_execution_output",
    }
}

record! {
    /// A file that code made.
    pub struct OutputFile {
        /// Its id.
        required file_id: String,
    }
}
record! {
    /// A file that a shell command made.
    pub struct BashOutputFile {
        /// Its id.
        required file_id: String,
    }
}

union! {
    /// What a shell command gave out, or why it failed.
    pub enum BashCodeExecutionContent {
        /// It ran.
        Ran(CodeExecutionResult) = "bash_code_execution_result",
        /// It failed.
        Failed(ToolFailure) = "bash_code_execution_tool_result_error",
    }
}

union! {
    /// What the text editor did, or why it failed.
    pub enum TextEditorCodeExecutionContent {
        /// It showed a file.
        Viewed(ViewResult) = "text_editor_code_execution_view_result",
        /// It wrote a file.
        Created(CreateResult) = "text_editor_code_execution_create_result",
        /// It replaced text.
        Replaced(ReplaceResult) = "text_editor_code_execution_str_replace_result",
        /// It failed.
        Failed(ToolFailure) = "text_editor_code_execution_tool_result_error",
    }
}

record! {
    /// A file that was shown.
    pub struct ViewResult {
        /// Its text, or what stands for it.
        required content: String,
        /// `text`, `image`, `pdf`.
        required file_type: String,
        /// Lines shown.
        nullable num_lines: u64,
        /// The first of them.
        nullable start_line: u64,
        /// Lines there are.
        nullable total_lines: u64,
    }
}

record! {
    /// A file that was written.
    pub struct CreateResult {
        /// Whether it was there before.
        required is_file_update: bool,
    }
}

record! {
    /// Text that was replaced.
    pub struct ReplaceResult {
        /// The lines, as a difference.
        nullable lines: Vec<String>,
        /// Lines now.
        nullable new_lines: u64,
        /// Where they begin.
        nullable new_start: u64,
        /// Lines before.
        nullable old_lines: u64,
        /// Where they began.
        nullable old_start: u64,
    }
}

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
    /// A call of a tool of an MCP server.
    pub struct McpToolUseBlock {
        /// Names the call.
        required id: String,
        /// The tool.
        required name: String,
        /// The server.
        required server_name: String,
        /// The arguments, as the model wrote them.
        required input: Json,
        /// Caches everything up to here.
        optional cache_control: CacheControl,
    }
}

text_or_list! {
    /// What an MCP tool gave back: one string, or texts.
    pub enum McpContent of PlainText;
}

union! {
    /// A block that is always text.
    pub enum PlainText {
        /// Text.
        Text(TextBlock) = "text",
    }
}

record! {
    /// What a tool of an MCP server gave back.
    pub struct McpToolResultBlock {
        /// The call that this answers.
        required tool_use_id: String,
        /// What came of it.
        optional content: McpContent,
        /// Whether it failed.
        optional is_error: bool,
        /// Caches everything up to here.
        optional cache_control: CacheControl,
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

record! {
    /// A conversation, made short.
    pub struct CompactionBlock {
        /// The summary.
        nullable content: String,
        /// The summary, opaque.
        optional encrypted_content: String,
        /// Proves that it is unchanged.
        optional signature: String,
        /// Tools that came and went in it.
        optional tool_changes: Vec<Json>,
        /// Caches everything up to here.
        optional cache_control: CacheControl,
    }
}

record! {
    /// Another model went on.
    pub struct FallbackBlock {
        /// The model that stopped.
        required from: FallbackModel,
        /// The model that went on.
        required to: FallbackModel,
        /// Why: a refusal today.
        lenient trigger: FallbackTrigger,
    }
}

record! {
    /// A model of a fallback.
    pub struct FallbackModel {
        /// Its name.
        required model: String,
    }
}

record! {
    /// Why another model went on.
    pub struct FallbackTrigger {
        /// `refusal`.
        required kind("type"): String,
        /// What it was about.
        optional category: String,
    }
}

record! {
    /// The tools of an MCP server.
    pub struct McpToolListingBlock {
        /// The server.
        required mcp_server_name: String,
        /// Its tools.
        required tools: Vec<McpTool>,
    }
}

record! {
    /// A tool of an MCP server.
    pub struct McpTool {
        /// Its name.
        required name: String,
        /// What it does.
        optional description: String,
        /// JSON Schema of its arguments.
        required input_schema: Json,
    }
}

record! {
    /// From here on there is one more tool (beta `mid-conversation-tool-changes-2026-07-01`).
    pub struct ToolAdditionBlock {
        /// A reference, or a definition.
        required tool: Json,
        /// Caches everything up to here.
        optional cache_control: CacheControl,
    }
}

record! {
    /// From here on there is one tool less.
    pub struct ToolRemovalBlock {
        /// A reference.
        required tool: Json,
        /// Caches everything up to here.
        optional cache_control: CacheControl,
    }
}

record! {
    /// The tabs of a browser.
    pub struct BrowserStateBlock {
        /// Open ones.
        required tabs: Vec<BrowserTab>,
        /// What happened since.
        optional state_changes: Vec<Json>,
        /// Caches everything up to here.
        optional cache_control: CacheControl,
    }
}

record! {
    /// A tab of a browser.
    pub struct BrowserTab {
        /// Its id.
        required tab_id: String,
        /// Its title.
        required title: String,
        /// Where it is.
        required url: String,
        /// Whether it is the one in front.
        optional active: bool,
    }
}

record! {
    /// A search result of the caller's own, to be cited from.
    pub struct SearchResultBlock {
        /// Where it comes from.
        required source: String,
        /// Its title.
        required title: String,
        /// Its texts.
        required content: Vec<PlainText>,
        /// Whether it is to be cited.
        optional citations: super::CitationsConfig,
        /// Caches everything up to here.
        optional cache_control: CacheControl,
    }
}
