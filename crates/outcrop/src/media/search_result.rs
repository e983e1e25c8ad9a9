//! Search results of the caller's own, to be cited from.

use outcrop_wire::messages::PlainText;
use outcrop_wire::messages::{
    Block, CacheControl, CitationsConfig, Content, ResultBlock, SearchResultBlock, TextBlock,
};

use super::stands_as;

/// A search result for a turn or a tool's result. Citations name its source and its texts.
///
/// ```
/// use outcrop::{Block, SearchResult};
///
/// let result = SearchResult::new("https://example.com/quartz", "Quartz").text("Quartz is hard.").citations(true);
/// assert_eq!(Block::from(result).kind(), "search_result");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct SearchResult(Box<SearchResultBlock>);

stands_as!(SearchResult(Box<SearchResultBlock>));

impl SearchResult {
    /// A result without text yet; `source` is a URL or any other name of where it comes from.
    pub fn new(source: impl Into<String>, title: impl Into<String>) -> Self {
        SearchResult(Box::new(SearchResultBlock {
            source: source.into(),
            title: title.into(),
            content: Vec::new(),
            citations: None,
            cache_control: None,
            extra: Default::default(),
        }))
    }

    /// Adds a text; a citation names one or several of them whole.
    #[must_use]
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.0.content.push(PlainText::Text(TextBlock::new(text)));
        self
    }

    /// Whether it is to be cited.
    #[must_use]
    pub fn citations(mut self, enabled: bool) -> Self {
        self.0.citations = Some(CitationsConfig::new(enabled));
        self
    }

    /// Caches everything up to and including this result, for so long.
    #[must_use]
    pub fn cache(mut self, lifetime: impl Into<CacheControl>) -> Self {
        self.0.cache_control = Some(lifetime.into());
        self
    }
}
