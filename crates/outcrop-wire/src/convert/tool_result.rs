//! What tools gave back, and search results, each way.

use super::losses::{BLOCK, CALLER, FOREIGN, FOREIGN_MEMBER, INNER_CHECKPOINT, RESULT_JSON, TOOL_DOCUMENT};
use super::place::Place;
use super::{ToConverse, ToMessages, kept};
use crate::converse::{self, SearchResultText, ToolResultContent, ToolStatus};
use crate::messages::{self, PlainText, ResultBlock, ResultContent};

impl ToConverse {
    pub(super) fn tool_result(
        &mut self,
        result: messages::ToolResultBlock,
        place: &Place<'_>,
    ) -> converse::ToolResultBlock {
        let messages::ToolResultBlock { tool_use_id, content, is_error, toolset_name, cache_control: _, extra } =
            result;
        self.losses.unknown(&extra, place);
        if toolset_name.is_some() {
            self.losses.add(&CALLER, &place.member("toolset_name"));
        }
        let content = match content {
            None => Vec::new(),
            Some(ResultContent::Text(text)) => vec![ToolResultContent::Text(text)],
            Some(ResultContent::Blocks(blocks)) => {
                let at = place.member("content");
                let blocks = blocks.into_iter().enumerate();
                blocks.filter_map(|(index, block)| self.result_block(block, &at.item(index))).collect()
            }
        };
        let status = is_error.map(|failed| if failed { ToolStatus::Error } else { ToolStatus::Success });
        converse::ToolResultBlock { content, status, tool_use_id, kind: None, extra: Default::default() }
    }

    fn result_block(&mut self, block: ResultBlock, place: &Place<'_>) -> Option<ToolResultContent> {
        if !matches!(block, ResultBlock::Text(_)) && block.checkpoint().is_some() {
            self.losses.add(&INNER_CHECKPOINT, &place.member("cache_control"));
        }
        match block {
            ResultBlock::Text(text) => Some(ToolResultContent::Text(self.bare_text(text, place))),
            ResultBlock::Image(image) => self.image(image, place).map(ToolResultContent::Image),
            ResultBlock::Document(document) => {
                let document = self.document(document, place)?;
                self.losses.add(&TOOL_DOCUMENT, place);
                Some(ToolResultContent::Document(Box::new(document)))
            }
            ResultBlock::SearchResult(result) => {
                Some(ToolResultContent::SearchResult(self.search_result(*result, place)))
            }
            ResultBlock::Other(other) if other.kind.is_empty() => {
                Some(kept::restored_or(&other, ToolResultContent::Other))
            }
            ResultBlock::ToolReference(_) | ResultBlock::BrowserState(_) | ResultBlock::Other(_) => {
                self.losses.add(&BLOCK, place);
                None
            }
        }
    }

    pub(super) fn search_result(
        &mut self,
        result: messages::SearchResultBlock,
        place: &Place<'_>,
    ) -> converse::SearchResultBlock {
        let messages::SearchResultBlock { source, title, content, mut citations, cache_control: _, extra } = result;
        self.losses.unknown(&extra, place);
        if let Some(citations) = &mut citations {
            self.losses.unknown(&citations.extra, &place.member("citations"));
            citations.extra = Default::default();
        }
        let at = place.member("content");
        let mut texts = Vec::with_capacity(content.len());
        for (index, block) in content.into_iter().enumerate() {
            match block {
                PlainText::Text(text) => {
                    let text = self.bare_text(text, &at.item(index));
                    texts.push(SearchResultText { text, extra: Default::default() });
                }
                PlainText::Other(_) => self.losses.add(&BLOCK, &at.item(index)),
            }
        }
        converse::SearchResultBlock { citations, content: texts, source, title, extra: Default::default() }
    }
}

impl ToMessages {
    /// The result of a call of the caller's tools.
    pub(super) fn tool_result(
        &mut self,
        result: converse::ToolResultBlock,
        place: &Place<'_>,
    ) -> messages::ToolResultBlock {
        let converse::ToolResultBlock { content, status, tool_use_id, kind: _, extra } = result;
        self.losses.foreign(&extra, place);
        let is_error = match status {
            None => None,
            Some(ToolStatus::Success) => Some(false),
            Some(ToolStatus::Error) => Some(true),
            Some(ToolStatus::Other(_)) => {
                self.losses.add(&FOREIGN_MEMBER, &place.member("status"));
                None
            }
        };
        let at = place.member("content");
        let blocks = content.into_iter().enumerate();
        let blocks: Vec<ResultBlock> = blocks.map(|(index, block)| self.result_block(block, &at.item(index))).collect();
        messages::ToolResultBlock {
            tool_use_id,
            content: (!blocks.is_empty()).then_some(ResultContent::Blocks(blocks)),
            is_error,
            toolset_name: None,
            cache_control: None,
            extra: Default::default(),
        }
    }

    fn result_block(&mut self, block: ToolResultContent, place: &Place<'_>) -> ResultBlock {
        match block {
            ToolResultContent::Text(text) => ResultBlock::Text(messages::TextBlock::new(text)),
            ToolResultContent::Json(json) => {
                self.losses.add(&RESULT_JSON, place);
                ResultBlock::Text(messages::TextBlock::new(json.text()))
            }
            ToolResultContent::Image(image) => ResultBlock::Image(self.image(image, &place.member("image"))),
            ToolResultContent::Document(document) => {
                ResultBlock::Document(self.document(*document, &place.member("document")))
            }
            ToolResultContent::SearchResult(result) => {
                ResultBlock::SearchResult(Box::new(self.search_result(result, &place.member("searchResult"))))
            }
            block @ ToolResultContent::Other(_) => {
                self.losses.add(&FOREIGN, place);
                ResultBlock::Other(kept::keep(&block))
            }
        }
    }

    pub(super) fn search_result(
        &mut self,
        result: converse::SearchResultBlock,
        place: &Place<'_>,
    ) -> messages::SearchResultBlock {
        let converse::SearchResultBlock { citations, content, source, title, extra } = result;
        self.losses.foreign(&extra, place);
        let at = place.member("content");
        let texts = content.into_iter().enumerate().map(|(index, text)| {
            self.losses.foreign(&text.extra, &at.item(index));
            PlainText::Text(messages::TextBlock::new(text.text))
        });
        let content = texts.collect();
        messages::SearchResultBlock {
            source,
            title,
            content,
            citations,
            cache_control: None,
            extra: Default::default(),
        }
    }
}
