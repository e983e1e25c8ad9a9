//! Content blocks. One type for both directions, so that a reply goes back into the next request as it is.

use super::server::{
    AdvisorToolResultBlock, BashCodeExecutionToolResultBlock, CodeExecutionToolResultBlock, ContainerUploadBlock,
    McpToolListingBlock, McpToolResultBlock, McpToolUseBlock, ServerToolUseBlock,
    TextEditorCodeExecutionToolResultBlock, ToolCaller, ToolReferenceBlock, ToolSearchToolResultBlock,
    WebFetchToolResultBlock, WebSearchToolResultBlock,
};
use super::{
    BrowserStateBlock, CacheControl, Citation, CitationsConfig, CompactionBlock, FallbackBlock, ImageSource,
    MediaSource, SearchResultBlock, ToolAdditionBlock, ToolRemovalBlock,
};
use crate::json::Json;
use crate::record::{record, text_or_list, union};

text_or_list! {
    /// The content of a turn: one string, or blocks.
    pub enum Content of Block;
}

text_or_list! {
    /// The content of a tool result: one string, or blocks.
    pub enum ResultContent of ResultBlock;
}

union! {
    /// One block of a turn or of a reply.
    pub enum Block early(ALL) {
        /// Text.
        Text(TextBlock) = "text",
        /// An image (request only).
        Image(ImageBlock) = "image",
        /// A document: PDF, plain text or blocks (request only).
        Document(DocumentBlock) = "document",
        /// The model calls a tool.
        ToolUse(ToolUseBlock) = "tool_use",
        /// What the tool gave back (request only).
        ToolResult(ToolResultBlock) = "tool_result",
        /// The model's thinking, signed.
        Thinking(ThinkingBlock) = "thinking",
        /// Thinking that is kept from the reader; to be sent back as it is.
        RedactedThinking(RedactedThinkingBlock) = "redacted_thinking",
        /// A search result of the caller's own (request only).
        SearchResult(Box<SearchResultBlock>) = "search_result",
        /// The model calls a tool that runs at the service.
        ServerToolUse(ServerToolUseBlock) = "server_tool_use",
        /// What a web search found.
        WebSearchToolResult(Box<WebSearchToolResultBlock>) = "web_search_tool_result",
        /// What was fetched.
        WebFetchToolResult(Box<WebFetchToolResultBlock>) = "web_fetch_tool_result",
        /// What code gave out.
        CodeExecutionToolResult(Box<CodeExecutionToolResultBlock>) = "code_execution_tool_result",
        /// What a shell command gave out.
        BashCodeExecutionToolResult(Box<BashCodeExecutionToolResultBlock>) = "bash_code_execution_tool_result",
        /// What the text editor did.
        TextEditorCodeExecutionToolResult(Box<TextEditorCodeExecutionToolResultBlock>) =
            "text_editor_code_execution_tool_result",
        /// Which tools were found.
        ToolSearchToolResult(Box<ToolSearchToolResultBlock>) = "tool_search_tool_result",
        /// What the advisor said.
        AdvisorToolResult(Box<AdvisorToolResultBlock>) = "advisor_tool_result",
        /// The model calls a tool of an MCP server.
        McpToolUse(Box<McpToolUseBlock>) = "mcp_tool_use",
        /// What a tool of an MCP server gave back.
        McpToolResult(Box<McpToolResultBlock>) = "mcp_tool_result",
        /// A file put into the container.
        ContainerUpload(ContainerUploadBlock) = "container_upload",
        /// A conversation, made short.
        Compaction(Box<CompactionBlock>) = "compaction",
        /// Another model went on.
        Fallback(Box<FallbackBlock>) = "fallback",
        /// The tools of an MCP server.
        McpToolListing(Box<McpToolListingBlock>) = "mcp_tool_listing",
        /// From here on there is one more tool (system turns only).
        ToolAddition(ToolAdditionBlock) = "tool_addition",
        /// From here on there is one tool less (system turns only).
        ToolRemoval(ToolRemovalBlock) = "tool_removal",
    }
}

union! {
    /// What may stand inside a tool result. A type of its own, so that nesting is bounded.
    pub enum ResultBlock early(TEXTS_AND_SOURCES) {
        /// Text.
        Text(TextBlock) = "text",
        /// An image.
        Image(ImageBlock) = "image",
        /// A document.
        Document(DocumentBlock) = "document",
        /// A search result.
        SearchResult(Box<SearchResultBlock>) = "search_result",
        /// A tool that is there to be called.
        ToolReference(ToolReferenceBlock) = "tool_reference",
        /// The tabs of a browser.
        BrowserState(BrowserStateBlock) = "browser_state",
    }
}

record! {
    /// Text, with what it cites.
    pub struct TextBlock {
        /// The text.
        required text: String,
        /// Where it comes from.
        optional citations: Vec<Citation>,
        /// Caches everything up to here.
        optional cache_control: CacheControl,
    }
}

record! {
    /// An image: JPEG, PNG, GIF or WebP.
    pub struct ImageBlock {
        /// Its bytes. Bedrock takes base64 only.
        required source: ImageSource,
        /// What may be done to it.
        optional transformations: ImageTransformations,
        /// Caches everything up to here.
        optional cache_control: CacheControl,
    }
}

record! {
    /// What may be done to an image.
    pub struct ImageTransformations {
        /// `downsize` or `error`.
        optional oversized_image: String,
    }
}

record! {
    /// A document.
    pub struct DocumentBlock {
        /// Its bytes, text or blocks.
        required source: MediaSource,
        /// A title, shown to the model and named in citations.
        optional title: String,
        /// What the model should know about it; not cited from.
        optional context: String,
        /// Whether it is to be cited.
        optional citations: CitationsConfig,
        /// Caches everything up to here.
        optional cache_control: CacheControl,
    }
}

record! {
    /// A call of a tool by the model.
    pub struct ToolUseBlock {
        /// Names the call; the result refers to it. `toolu_bdrk_...` on InvokeModel.
        required id: String,
        /// The tool.
        required name: String,
        /// The arguments, as the model wrote them.
        required input: Json,
        /// Who called, where it was not the model itself.
        lenient caller: ToolCaller,
        /// The tool set it belongs to.
        optional toolset_name: String,
        /// Caches everything up to here.
        optional cache_control: CacheControl,
    }
}

record! {
    /// What a tool gave back.
    pub struct ToolResultBlock {
        /// The call that this answers.
        required tool_use_id: String,
        /// What the model is to see; nothing when absent.
        optional content: ResultContent,
        /// Whether the tool failed.
        optional is_error: bool,
        /// The tool set it belongs to.
        optional toolset_name: String,
        /// Caches everything up to here.
        optional cache_control: CacheControl,
    }
}

record! {
    /// The model's thinking.
    pub struct ThinkingBlock {
        /// The thinking, or a summary of it, or nothing.
        required thinking: String,
        /// Proves that the block is unchanged when it is sent back.
        optional signature: String,
    }
}

record! {
    /// Thinking kept from the reader.
    pub struct RedactedThinkingBlock {
        /// Opaque; to be sent back as it is.
        required data: String,
    }
}

impl ToolUseBlock {
    /// A call of a tool.
    pub fn new(id: impl Into<String>, name: impl Into<String>, input: Json) -> Self {
        ToolUseBlock {
            id: id.into(),
            name: name.into(),
            input,
            caller: None,
            toolset_name: None,
            cache_control: None,
            extra: Default::default(),
        }
    }
}

impl Block {
    /// The arguments, where it is a call of a tool: they come in pieces.
    pub(crate) fn input_mut(&mut self) -> Option<&mut Json> {
        match self {
            Block::ToolUse(call) => Some(&mut call.input),
            Block::ServerToolUse(call) => Some(&mut call.input),
            Block::McpToolUse(call) => Some(&mut call.input),
            _ => None,
        }
    }

    /// A text block.
    pub fn text(text: impl Into<String>) -> Self {
        Block::Text(TextBlock::new(text))
    }

    /// A result of a tool call.
    pub fn tool_result(tool_use_id: impl Into<String>, content: impl Into<ResultContent>) -> Self {
        Block::ToolResult(ToolResultBlock {
            tool_use_id: tool_use_id.into(),
            content: Some(content.into()),
            is_error: None,
            toolset_name: None,
            cache_control: None,
            extra: Default::default(),
        })
    }

    /// The text, if this is a text block.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Block::Text(block) => Some(&block.text),
            _ => None,
        }
    }
}

impl TextBlock {
    /// Text without citations or checkpoint.
    pub fn new(text: impl Into<String>) -> Self {
        TextBlock { text: text.into(), citations: None, cache_control: None, extra: Default::default() }
    }

    /// Caches everything up to and including this block.
    #[must_use]
    pub fn cache(mut self, cache_control: impl Into<CacheControl>) -> Self {
        self.cache_control = Some(cache_control.into());
        self
    }
}

impl ImageBlock {
    /// An image without checkpoint.
    #[must_use]
    pub fn new(source: ImageSource) -> Self {
        ImageBlock { source, transformations: None, cache_control: None, extra: Default::default() }
    }
}

impl DocumentBlock {
    /// A document without title, context or citations.
    #[must_use]
    pub fn new(source: MediaSource) -> Self {
        DocumentBlock {
            source,
            title: None,
            context: None,
            citations: None,
            cache_control: None,
            extra: Default::default(),
        }
    }
}

impl Content {
    /// The blocks; a string is one text block.
    #[must_use]
    pub fn into_blocks(self) -> Vec<Block> {
        match self {
            Content::Text(text) => vec![Block::text(text)],
            Content::Blocks(blocks) => blocks,
        }
    }

    /// All text of it, text blocks joined without separator.
    #[must_use]
    pub fn text(&self) -> std::borrow::Cow<'_, str> {
        match self {
            Content::Text(text) => text.into(),
            Content::Blocks(blocks) => blocks.iter().filter_map(Block::as_text).collect::<String>().into(),
        }
    }
}

impl From<Block> for Content {
    fn from(block: Block) -> Self {
        Content::Blocks(vec![block])
    }
}
