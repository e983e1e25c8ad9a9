//! Blocks: what a message consists of.

use super::{
    CitationsConfig, CitationsContentBlock, DocumentBlock, GuardContentBlock, ImageBlock, PlainText, ToolResultBlock,
    Ttl,
};
use crate::json::Json;
use crate::keyed::keyed;
use crate::record::record;

keyed! {
    /// A block of a message.
    pub enum ContentBlock {
        /// Text.
        Text(String) = "text",
        /// An image.
        Image(ImageBlock) = "image",
        /// A document.
        Document(Box<DocumentBlock>) = "document",
        /// The model calls a tool.
        ToolUse(ToolUseBlock) = "toolUse",
        /// What a tool gave.
        ToolResult(ToolResultBlock) = "toolResult",
        /// What a guardrail is to look at.
        GuardContent(GuardContentBlock) = "guardContent",
        /// A cache checkpoint: everything before it is cached.
        CachePoint(CachePointBlock) = "cachePoint",
        /// What the model thought.
        ReasoningContent(ReasoningContentBlock) = "reasoningContent",
        /// Text with its citations.
        CitationsContent(CitationsContentBlock) = "citationsContent",
        /// A search result of the caller's own, to be cited from.
        SearchResult(SearchResultBlock) = "searchResult",
        /// In a system message: a tool is there from here on.
        ToolAddition(ToolAdditionBlock) = "toolAddition",
        /// In a system message: a tool is gone from here on.
        ToolRemoval(ToolRemovalBlock) = "toolRemoval",
    }
}

record! {
    /// The model calls a tool.
    sorted pub struct ToolUseBlock {
        /// The arguments.
        required input: Json,
        /// Which tool, 1 to 64 letters of `a-zA-Z0-9_-`.
        required name: String,
        /// The call's id, 1 to 64 letters of `a-zA-Z0-9_.:-`; `tooluse_...` in answers.
        required tool_use_id("toolUseId"): String,
        /// `server_tool_use`. Answers of Haiku 4.5, Sonnet 4.5 and later have `tool_use` here, which the service model
        /// does not know.
        optional kind("type"): String,
    }
}

record! {
    /// A cache checkpoint: everything before it is cached. At most four a request.
    sorted pub struct CachePointBlock {
        /// How long; five minutes when absent.
        optional ttl: Ttl,
        /// Always `default` today.
        required kind("type"): String,
    }
}

keyed! {
    /// What the model thought.
    pub enum ReasoningContentBlock {
        /// In words.
        ReasoningText(ReasoningTextBlock) = "reasoningText",
        /// Hidden: base64 of opaque bytes, to be sent back as they came. (Of Claude these are the text of
        /// `redacted_thinking.data`, base64 itself.)
        RedactedContent(String) = "redactedContent",
    }
}

record! {
    /// What the model thought, in words.
    sorted pub struct ReasoningTextBlock {
        /// Proves that the model wrote it; a thought is sent back with it.
        optional signature: String,
        /// The thought.
        required text: String,
    }
}

record! {
    /// A search result of the caller's own, to be cited from.
    sorted pub struct SearchResultBlock {
        /// Whether it is to be cited.
        optional citations: CitationsConfig,
        /// Its texts.
        required content: Vec<SearchResultText>,
        /// Where it comes from.
        required source: String,
        /// Its title.
        required title: String,
    }
}

record! {
    /// A text of a search result.
    sorted pub struct SearchResultText {
        /// The text.
        required text: String,
    }
}

record! {
    /// In a system message: a tool is there from here on.
    sorted pub struct ToolAdditionBlock {
        /// Which.
        required tool: ToolReference,
    }
}

record! {
    /// In a system message: a tool is gone from here on.
    sorted pub struct ToolRemovalBlock {
        /// Which.
        required tool: ToolReference,
    }
}

record! {
    /// A tool by its name.
    #[derive(Default)]
    sorted pub struct ToolReference {
        /// Its name, 1 to 128 letters.
        optional name: String,
        /// The server it belongs to.
        optional server_name("serverName"): String,
        /// Its kind.
        optional kind("type"): String,
    }
}

impl ContentBlock {
    /// Text.
    pub fn text(text: impl Into<String>) -> Self {
        ContentBlock::Text(text.into())
    }

    /// A checkpoint of five minutes after what comes before.
    #[must_use]
    pub fn cache_point() -> Self {
        ContentBlock::CachePoint(CachePointBlock::default())
    }

    /// A thought that goes back with its signature.
    pub fn reasoning(text: impl Into<String>, signature: impl Into<String>) -> Self {
        let (text, signature) = (text.into(), Some(signature.into()));
        let block = ReasoningTextBlock { signature, text, extra: Default::default() };
        ContentBlock::ReasoningContent(ReasoningContentBlock::ReasoningText(block))
    }

    /// The text of a text block.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            ContentBlock::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Every text that the model says in this block: its text, or the texts of its cited content.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        let cited = match self {
            ContentBlock::CitationsContent(block) => block.content.as_deref().unwrap_or_default(),
            _ => &[],
        };
        self.as_text().into_iter().chain(cited.iter().filter_map(PlainText::as_text))
    }
}

impl ToolUseBlock {
    /// A call.
    pub fn new(tool_use_id: impl Into<String>, name: impl Into<String>, input: Json) -> Self {
        ToolUseBlock {
            input,
            name: name.into(),
            tool_use_id: tool_use_id.into(),
            kind: None,
            extra: Default::default(),
        }
    }
}

/// A checkpoint of five minutes.
impl Default for CachePointBlock {
    fn default() -> Self {
        CachePointBlock { ttl: None, kind: "default".to_owned(), extra: Default::default() }
    }
}

impl CachePointBlock {
    /// A checkpoint that lives for `ttl`.
    #[must_use]
    pub fn lasting(ttl: Ttl) -> Self {
        CachePointBlock { ttl: Some(ttl), ..CachePointBlock::default() }
    }
}

impl SearchResultBlock {
    /// A search result that is not to be cited; `citations` switches that on.
    pub fn new(
        source: impl Into<String>,
        title: impl Into<String>,
        texts: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        let text = |text: String| SearchResultText { text, extra: Default::default() };
        SearchResultBlock {
            citations: None,
            content: texts.into_iter().map(Into::into).map(text).collect(),
            source: source.into(),
            title: title.into(),
            extra: Default::default(),
        }
    }
}

impl From<ImageBlock> for ContentBlock {
    fn from(block: ImageBlock) -> Self {
        ContentBlock::Image(block)
    }
}

impl From<DocumentBlock> for ContentBlock {
    fn from(block: DocumentBlock) -> Self {
        ContentBlock::Document(Box::new(block))
    }
}

impl From<ToolUseBlock> for ContentBlock {
    fn from(block: ToolUseBlock) -> Self {
        ContentBlock::ToolUse(block)
    }
}

impl From<ToolResultBlock> for ContentBlock {
    fn from(block: ToolResultBlock) -> Self {
        ContentBlock::ToolResult(block)
    }
}

impl From<CachePointBlock> for ContentBlock {
    fn from(block: CachePointBlock) -> Self {
        ContentBlock::CachePoint(block)
    }
}

impl From<SearchResultBlock> for ContentBlock {
    fn from(block: SearchResultBlock) -> Self {
        ContentBlock::SearchResult(block)
    }
}
