//! Citations, each way.

use super::losses::{CITATION, CITATION_MEMBER, CITED_PIECES, FOREIGN_MEMBER, PLACELESS, SEARCH_CITATION};
use super::place::Place;
use super::{ToConverse, ToMessages, kept};
use crate::converse::{self, CitationLocation, DocumentLocation, PlainText};
use crate::messages::{CharLocation, Citation, ContentBlockLocation, PageLocation, SearchResultLocation};

impl ToConverse {
    /// The citation; `None` where it cannot be given.
    pub(super) fn citation(&mut self, citation: Citation, place: &Place<'_>) -> Option<converse::Citation> {
        let (location, cited_text, title, source) = match citation {
            Citation::Char(it) => {
                let CharLocation { cited_text, document_index, document_title, file_id, extra, .. } = it;
                self.document_leftovers(file_id.is_some(), &extra, place);
                let location = DocumentLocation::new(document_index, it.start_char_index, it.end_char_index);
                (CitationLocation::DocumentChar(location), cited_text, document_title, None)
            }
            Citation::Page(it) => {
                let PageLocation { cited_text, document_index, document_title, file_id, extra, .. } = it;
                self.document_leftovers(file_id.is_some(), &extra, place);
                let (start, end) = (it.start_page_number.into(), it.end_page_number.into());
                let location = DocumentLocation::new(document_index, start, end);
                (CitationLocation::DocumentPage(location), cited_text, document_title, None)
            }
            Citation::ContentBlock(it) => {
                let ContentBlockLocation { cited_text, document_index, document_title, file_id, extra, .. } = it;
                self.document_leftovers(file_id.is_some(), &extra, place);
                let (start, end) = (it.start_block_index.into(), it.end_block_index.into());
                let location = DocumentLocation::new(document_index, start, end);
                (CitationLocation::DocumentChunk(location), cited_text, document_title, None)
            }
            Citation::SearchResult(_) if !self.reply => {
                self.losses.add(&SEARCH_CITATION, place);
                return None;
            }
            Citation::SearchResult(it) => {
                self.losses.unknown(&it.extra, place);
                let (start, end) = (it.start_block_index.into(), it.end_block_index.into());
                let location = converse::SearchResultLocation::new(it.search_result_index, start, end);
                (CitationLocation::SearchResult(location), it.cited_text, it.title, Some(it.source))
            }
            Citation::WebSearchResult(it) => {
                self.losses.unknown(&it.extra, place);
                self.losses.add(&CITATION_MEMBER, &place.member("encrypted_index"));
                let location = converse::WebLocation { url: Some(it.url), ..converse::WebLocation::default() };
                (CitationLocation::Web(location), it.cited_text, it.title, None)
            }
            Citation::Other(other) => {
                if other.kind.is_empty()
                    && let Some(kept) = kept::restored(&other)
                {
                    return Some(kept);
                }
                self.losses.add(&CITATION, place);
                return None;
            }
        };
        Some(converse::Citation {
            location: Some(location),
            source,
            source_content: Some(vec![PlainText::Text(cited_text)]),
            title,
            extra: Default::default(),
        })
    }

    fn document_leftovers(&mut self, file: bool, extra: &crate::Extra, place: &Place<'_>) {
        self.losses.unknown(extra, place);
        if file {
            self.losses.add(&CITATION_MEMBER, &place.member("file_id"));
        }
    }
}

impl ToMessages {
    /// The citation.
    pub(super) fn citation(&mut self, citation: converse::Citation, place: &Place<'_>) -> Citation {
        match located(&citation) {
            Some(located) => {
                let converse::Citation { source, source_content, extra, .. } = citation;
                self.losses.foreign(&extra, place);
                if source.is_some() && !matches!(located, Citation::SearchResult(_)) {
                    self.losses.add(&FOREIGN_MEMBER, &place.member("source"));
                }
                if source_content.map_or(0, |pieces| pieces.len()) != 1 {
                    self.losses.add(&CITED_PIECES, &place.member("sourceContent"));
                }
                located
            }
            None => {
                self.losses.add(&PLACELESS, place);
                Citation::Other(kept::keep(&citation))
            }
        }
    }

    /// Several texts as one.
    pub(super) fn joined(&mut self, pieces: Vec<PlainText>, place: &Place<'_>) -> String {
        if pieces.len() != 1 || pieces[0].as_text().is_none() {
            self.losses.add(&CITED_PIECES, place);
        }
        let mut pieces = pieces.into_iter().filter_map(|piece| match piece {
            PlainText::Text(text) => Some(text),
            PlainText::Other(_) => None,
        });
        let first = pieces.next().unwrap_or_default();
        pieces.fold(first, |text, piece| text + &piece)
    }
}

/// The citation, where it says all that one of Messages says.
fn located(citation: &converse::Citation) -> Option<Citation> {
    let converse::Citation { location, source, source_content, title, .. } = citation;
    let pieces = source_content.as_deref().unwrap_or_default();
    let cited_text: String = pieces.iter().filter_map(PlainText::as_text).collect();
    let of = |it: &DocumentLocation| {
        let known = it.extra.is_empty();
        known.then_some((it.document_index?, it.start?, it.end?))
    };
    Some(match location.as_ref()? {
        CitationLocation::DocumentChar(it) => {
            let (document_index, start_char_index, end_char_index) = of(it)?;
            Citation::Char(CharLocation {
                cited_text,
                document_index,
                document_title: title.clone(),
                file_id: None,
                start_char_index,
                end_char_index,
                extra: Default::default(),
            })
        }
        CitationLocation::DocumentPage(it) => {
            let (document_index, start, end) = of(it)?;
            Citation::Page(PageLocation {
                cited_text,
                document_index,
                document_title: title.clone(),
                file_id: None,
                start_page_number: u32::try_from(start).ok()?,
                end_page_number: u32::try_from(end).ok()?,
                extra: Default::default(),
            })
        }
        CitationLocation::DocumentChunk(it) => {
            let (document_index, start, end) = of(it)?;
            Citation::ContentBlock(ContentBlockLocation {
                cited_text,
                document_index,
                document_title: title.clone(),
                file_id: None,
                start_block_index: u32::try_from(start).ok()?,
                end_block_index: u32::try_from(end).ok()?,
                extra: Default::default(),
            })
        }
        CitationLocation::SearchResult(it) if it.extra.is_empty() => Citation::SearchResult(SearchResultLocation {
            cited_text,
            search_result_index: it.search_result_index?,
            source: source.clone()?,
            title: title.clone(),
            start_block_index: u32::try_from(it.start?).ok()?,
            end_block_index: u32::try_from(it.end?).ok()?,
            extra: Default::default(),
        }),
        // Messages wants an index of its own for a page of the web, which Converse does not have.
        CitationLocation::SearchResult(_) | CitationLocation::Web(_) | CitationLocation::Other(_) => return None,
    })
}
