//! What a tool gave.

use super::{ContentBlock, DocumentBlock, ImageBlock, SearchResultBlock};
use crate::json::Json;
use crate::keyed::keyed;
use crate::record::{open_enum, record};

record! {
    /// What a tool gave.
    sorted pub struct ToolResultBlock {
        /// What it gave.
        required content: Vec<ToolResultContent>,
        /// Whether it went well; Claude takes it.
        optional status: ToolStatus,
        /// The id of the call.
        required tool_use_id("toolUseId"): String,
        /// The kind of call it answers, where it is not the caller's.
        optional kind("type"): String,
    }
}

keyed! {
    /// A piece of what a tool gave.
    pub enum ToolResultContent {
        /// A JSON object: AWS takes nothing else, an array or a number goes as text.
        Json(Json) = "json",
        /// Text.
        Text(String) = "text",
        /// An image.
        Image(ImageBlock) = "image",
        /// A document.
        Document(Box<DocumentBlock>) = "document",
        /// A search result, to be cited from.
        SearchResult(SearchResultBlock) = "searchResult",
    }
}

open_enum! {
    /// How a tool did.
    pub enum ToolStatus {
        /// It gave what was asked for.
        Success = "success",
        /// It failed.
        Error = "error",
    }
}

impl ToolResultBlock {
    /// What the tool gave for the call of that id.
    pub fn new(tool_use_id: impl Into<String>, content: impl Into<Vec<ToolResultContent>>) -> Self {
        ToolResultBlock {
            content: content.into(),
            status: None,
            tool_use_id: tool_use_id.into(),
            kind: None,
            extra: Default::default(),
        }
    }

    /// Says how the tool did.
    #[must_use]
    pub fn status(mut self, status: ToolStatus) -> Self {
        self.status = Some(status);
        self
    }
}

impl ContentBlock {
    /// What a tool gave, as text.
    pub fn tool_result(tool_use_id: impl Into<String>, text: impl Into<String>) -> Self {
        ToolResultBlock::new(tool_use_id, [ToolResultContent::Text(text.into())]).into()
    }
}
