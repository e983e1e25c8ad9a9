//! Citations: where in the sources a piece of text comes from.

use crate::record::{record, union};

union! {
    /// One citation, by the kind of its location.
    pub enum Citation {
        /// Characters of a plain-text document.
        Char(CharLocation) = "char_location",
        /// Pages of a PDF.
        Page(PageLocation) = "page_location",
        /// Blocks of a document made of blocks.
        ContentBlock(ContentBlockLocation) = "content_block_location",
        /// Blocks of a search result.
        SearchResult(SearchResultLocation) = "search_result_location",
        /// A page found by web search.
        WebSearchResult(WebSearchResultLocation) = "web_search_result_location",
    }
}

record! {
    /// Characters of a plain-text document, from `start_char_index` to before `end_char_index` (0-based).
    pub struct CharLocation {
        /// The text cited.
        required cited_text: String,
        /// Which document of the request, 0-based.
        required document_index: u32,
        /// Its title.
        nullable document_title: String,
        /// Its id, where it was uploaded before.
        lenient file_id: String,
        /// First character.
        required start_char_index: u64,
        /// The character after the last.
        required end_char_index: u64,
    }
}

record! {
    /// Pages of a PDF, from `start_page_number` to before `end_page_number` (1-based).
    pub struct PageLocation {
        /// The text cited.
        required cited_text: String,
        /// Which document of the request, 0-based.
        required document_index: u32,
        /// Its title.
        nullable document_title: String,
        /// Its id, where it was uploaded before.
        lenient file_id: String,
        /// First page.
        required start_page_number: u32,
        /// The page after the last.
        required end_page_number: u32,
    }
}

record! {
    /// Blocks of a document, from `start_block_index` to before `end_block_index` (0-based).
    pub struct ContentBlockLocation {
        /// The text cited.
        required cited_text: String,
        /// Which document of the request, 0-based.
        required document_index: u32,
        /// Its title.
        nullable document_title: String,
        /// Its id, where it was uploaded before.
        lenient file_id: String,
        /// First block.
        required start_block_index: u32,
        /// The block after the last.
        required end_block_index: u32,
    }
}

record! {
    /// Blocks of a search result given in the request.
    pub struct SearchResultLocation {
        /// The text cited.
        required cited_text: String,
        /// Which search result, 0-based.
        required search_result_index: u32,
        /// Its source.
        required source: String,
        /// Its title.
        nullable title: String,
        /// First block.
        required start_block_index: u32,
        /// The block after the last.
        required end_block_index: u32,
    }
}

record! {
    /// A page found by web search.
    pub struct WebSearchResultLocation {
        /// The text cited.
        required cited_text: String,
        /// An opaque reference, to be sent back as it is.
        required encrypted_index: String,
        /// The page's title.
        nullable title: String,
        /// The page.
        required url: String,
    }
}

impl Citation {
    /// The text cited, where the kind is known.
    #[must_use]
    pub fn cited_text(&self) -> Option<&str> {
        match self {
            Citation::Char(location) => Some(&location.cited_text),
            Citation::Page(location) => Some(&location.cited_text),
            Citation::ContentBlock(location) => Some(&location.cited_text),
            Citation::SearchResult(location) => Some(&location.cited_text),
            Citation::WebSearchResult(location) => Some(&location.cited_text),
            Citation::Other(_) => None,
        }
    }
}

record! {
    /// Whether a document is to be cited.
    pub struct CitationsConfig {
        /// On or off.
        optional enabled: bool,
    }
}

impl CitationsConfig {
    /// Citations on or off.
    #[must_use]
    pub fn new(enabled: bool) -> Self {
        CitationsConfig { enabled: Some(enabled), extra: Default::default() }
    }
}
