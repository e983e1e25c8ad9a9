//! What web search and web fetch gave back.

use super::super::DocumentBlock;
use super::ToolFailure;
use crate::record::{record, union};

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
