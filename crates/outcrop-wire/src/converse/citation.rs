//! Citations: where in the sources a piece of text comes from.

use crate::keyed::keyed;
use crate::record::record;

record! {
    /// Text with its citations.
    #[derive(Default)]
    sorted pub struct CitationsContentBlock {
        /// What it cites.
        optional citations: Vec<Citation>,
        /// What the model says.
        optional content: Vec<PlainText>,
    }
}

keyed! {
    /// A block that is always text.
    pub enum PlainText {
        /// Text.
        Text(String) = "text",
    }
}

record! {
    /// One citation; in a stream it comes as one piece, before the text of its block.
    #[derive(Default)]
    sorted pub struct Citation {
        /// Where in the source.
        optional location: CitationLocation,
        /// The source of a search result.
        optional source: String,
        /// The text cited.
        optional source_content("sourceContent"): Vec<PlainText>,
        /// The title of the source.
        optional title: String,
    }
}

keyed! {
    /// Where in the source something stands.
    pub enum CitationLocation {
        /// A page of the web.
        Web(WebLocation) = "web",
        /// Characters of a document, 0-based, the end not among them.
        DocumentChar(DocumentLocation) = "documentChar",
        /// Pages of a document, 1-based, the end not among them.
        DocumentPage(DocumentLocation) = "documentPage",
        /// Blocks of a document, 0-based, the end not among them.
        DocumentChunk(DocumentLocation) = "documentChunk",
        /// Blocks of a search result, 0-based, the end not among them.
        SearchResult(SearchResultLocation) = "searchResultLocation",
    }
}

record! {
    /// A page of the web.
    #[derive(Default)]
    sorted pub struct WebLocation {
        /// Its host.
        optional domain: String,
        /// Its address.
        optional url: String,
    }
}

record! {
    /// A piece of a document of the request.
    #[derive(Default)]
    sorted pub struct DocumentLocation {
        /// Which document of the request, 0-based.
        optional document_index("documentIndex"): u32,
        /// The end, not part of it.
        optional end: u64,
        /// The start.
        optional start: u64,
    }
}

record! {
    /// A piece of a search result of the request.
    #[derive(Default)]
    sorted pub struct SearchResultLocation {
        /// The end, not part of it.
        optional end: u64,
        /// Which search result of the request, 0-based.
        optional search_result_index("searchResultIndex"): u32,
        /// The start.
        optional start: u64,
    }
}

impl PlainText {
    /// Text.
    pub fn text(text: impl Into<String>) -> Self {
        PlainText::Text(text.into())
    }

    /// The text.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            PlainText::Text(text) => Some(text),
            PlainText::Other(_) => None,
        }
    }
}

impl DocumentLocation {
    /// A piece of the document of that index.
    #[must_use]
    pub fn new(document_index: u32, start: u64, end: u64) -> Self {
        DocumentLocation {
            document_index: Some(document_index),
            end: Some(end),
            start: Some(start),
            extra: Default::default(),
        }
    }
}

impl SearchResultLocation {
    /// A piece of the search result of that index.
    #[must_use]
    pub fn new(search_result_index: u32, start: u64, end: u64) -> Self {
        SearchResultLocation {
            end: Some(end),
            search_result_index: Some(search_result_index),
            start: Some(start),
            extra: Default::default(),
        }
    }
}
