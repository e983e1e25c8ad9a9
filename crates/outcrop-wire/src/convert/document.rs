//! Documents: their formats, their names, and where they come from, each way.

use std::collections::HashMap;

use super::losses::{
    CITED_TEXT, FOREIGN, FOREIGN_MEMBER, IMAGE_IN_DOCUMENT, INNER_CHECKPOINT, MEDIA_TYPE, NAME, S3, SOURCE, TITLE,
    UNCITED_PIECES,
};
use super::place::Place;
use super::{ToConverse, ToMessages, kept};
use crate::converse::{self, DocumentFormat, PlainText};
use crate::messages::{self, MediaSource, SourceBlock, SourceContent};

/// Letters that the name of a document has at most.
///
/// Facts: recorded (vercel/ai `amazon-bedrock-invalid-document-filenames`).
pub const DOCUMENT_NAME_LENGTH: usize = 200;

/// Documents that a message of Converse has at most.
///
/// Facts: botocore bedrock-runtime, documentation of `ContentBlock`.
pub const DOCUMENTS_PER_MESSAGE: usize = 5;

/// Bytes that a document of Converse has at most: 4.5 MB. AWS's guide exempts the PDFs of newer Claude models.
///
/// Facts: botocore bedrock-runtime, documentation of `DocumentBlock`.
pub const DOCUMENT_BYTES: u64 = 4_500_000;

/// Media types and the formats of Converse.
const FORMATS: [(&str, DocumentFormat); 9] = [
    ("application/pdf", DocumentFormat::Pdf),
    ("text/plain", DocumentFormat::Txt),
    ("text/csv", DocumentFormat::Csv),
    ("text/html", DocumentFormat::Html),
    ("text/markdown", DocumentFormat::Md),
    ("application/msword", DocumentFormat::Doc),
    ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", DocumentFormat::Docx),
    ("application/vnd.ms-excel", DocumentFormat::Xls),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", DocumentFormat::Xlsx),
];

/// Whether Converse takes this as the name of a document: ASCII letters and digits, single spaces, hyphens, parentheses
/// and square brackets, at most 200. Underscores too: AWS does not name them, and takes them (recorded, langchain-aws
/// `company_policy`, ruby-llm `sample_2`).
#[must_use]
pub fn is_document_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= DOCUMENT_NAME_LENGTH && name.bytes().all(is_name_letter) && !name.contains("  ")
}

fn is_name_letter(letter: u8) -> bool {
    letter.is_ascii_alphanumeric() || b" -_()[]".contains(&letter)
}

/// The names of a request's documents: each its own, the same in every request that begins with the same documents.
#[derive(Debug, Default)]
pub struct DocumentNames {
    /// Each with how many documents asked for it: copies are numbered from there.
    taken: HashMap<String, usize>,
    documents: usize,
}

impl DocumentNames {
    /// The name of the next document: its title where that is a name that no earlier one has, or else one like it.
    pub fn next(&mut self, title: Option<&str>) -> String {
        self.documents += 1;
        let wanted = match title {
            Some(title) if is_document_name(title) => title.to_owned(),
            title => {
                // Words stay words: what may not stand in a name becomes one blank.
                let spaced: String = title
                    .unwrap_or("")
                    .chars()
                    .map(|c| if c.is_ascii() && is_name_letter(c as u8) { c } else { ' ' })
                    .collect();
                let words: Vec<&str> = spaced.split(' ').filter(|word| !word.is_empty()).collect();
                let mut name = words.join(" ");
                name.truncate(DOCUMENT_NAME_LENGTH);
                match name.trim_end() {
                    "" => format!("document {}", self.documents),
                    name => name.to_owned(),
                }
            }
        };
        let Some(mut copy) = self.taken.get(&wanted).copied() else {
            self.taken.insert(wanted.clone(), 1);
            return wanted;
        };
        let name = loop {
            copy += 1;
            let suffix = format!(" ({copy})");
            let room = wanted.len().min(DOCUMENT_NAME_LENGTH - suffix.len());
            let name = format!("{}{suffix}", wanted[..room].trim_end());
            if !self.taken.contains_key(&name) {
                break name;
            }
        };
        self.taken.insert(name.clone(), 1);
        self.taken.insert(wanted, copy);
        name
    }
}

/// A text as the bytes that it is: AWS takes `text` and `content` only where they are to be cited.
///
/// Facts: quoted (maximhq/bifrost issue 7072 and pull request 7079); every recorded `text` is cited.
fn bytes(text: &str) -> converse::DocumentSource {
    converse::DocumentSource::Bytes(base64_simd::STANDARD.encode_to_string(text))
}

/// The text that bytes of plain text are; `None` where they are something else.
fn text(format: Option<&DocumentFormat>, data: &str) -> Option<String> {
    if format.is_some_and(|format| *format != DocumentFormat::Txt) {
        return None;
    }
    String::from_utf8(base64_simd::STANDARD.decode_to_vec(data).ok()?).ok()
}

/// The pieces as one text, a blank line between them; `None` where there are none, or one of them is no text.
fn joined(pieces: &[PlainText]) -> Option<String> {
    let texts: Option<Vec<&str>> = pieces
        .iter()
        .map(|piece| match piece {
            PlainText::Text(text) => Some(text.as_str()),
            PlainText::Other(_) => None,
        })
        .collect();
    texts.filter(|texts| !texts.is_empty()).map(|texts| texts.join("\n\n"))
}

impl ToConverse {
    /// The document; `None` where it comes from a place that Converse does not know.
    pub(super) fn document(
        &mut self,
        document: messages::DocumentBlock,
        place: &Place<'_>,
    ) -> Option<converse::DocumentBlock> {
        let messages::DocumentBlock { source, title, context, mut citations, cache_control: _, extra } = document;
        self.losses.unknown(&extra, place);
        if let Some(citations) = &mut citations {
            self.losses.unknown(&citations.extra, &place.member("citations"));
            citations.extra = Default::default();
        }
        let cited = citations.as_ref().is_some_and(|citations| citations.enabled == Some(true));
        let at = place.member("source");
        let (format, source) = match source {
            MediaSource::Base64(source) => {
                self.losses.unknown(&source.extra, &at);
                let format = self.document_format(&source.media_type, &at);
                (Some(format), converse::DocumentSource::Bytes(source.data))
            }
            MediaSource::Text(source) => {
                self.losses.unknown(&source.extra, &at);
                let format = self.document_format(&source.media_type, &at);
                (Some(format), if cited { converse::DocumentSource::Text(source.data) } else { bytes(&source.data) })
            }
            MediaSource::Content(source) => {
                self.losses.unknown(&source.extra, &at);
                let at = at.member("content");
                let pieces = self.pieces(source.content, &at);
                match joined(&pieces).filter(|_| !cited) {
                    None => (None, converse::DocumentSource::Content(pieces)),
                    Some(text) => {
                        self.losses.add(&UNCITED_PIECES, &at);
                        (Some(DocumentFormat::Txt), bytes(&text))
                    }
                }
            }
            MediaSource::Other(other) if other.kind.is_empty() => {
                // Kept on the way here; its format beside it.
                let mut other = other;
                let format = other.members.take("format").and_then(|format| format.parse().ok());
                (format, kept::restored_or(&other, converse::DocumentSource::Other))
            }
            MediaSource::Url(_) | MediaSource::File(_) | MediaSource::Other(_) => {
                self.losses.add(&SOURCE, &at);
                return None;
            }
        };
        let name = self.names.next(title.as_deref());
        match title.as_deref() {
            Some(title) if title == name => {}
            Some(title) if !title.is_empty() => {
                self.losses.add_made(&TITLE, &place.member("title"), format!("`{name}` in place of `{title}`"));
            }
            _ => self.losses.add(&NAME, place),
        }
        Some(converse::DocumentBlock { citations, context, format, name, source, extra: Default::default() })
    }

    fn document_format(&mut self, media_type: &str, place: &Place<'_>) -> DocumentFormat {
        if let Some((_, format)) = FORMATS.iter().find(|(known, _)| *known == media_type) {
            return format.clone();
        }
        self.losses.add(&MEDIA_TYPE, &place.member("media_type"));
        DocumentFormat::from(media_type.rsplit('/').next().unwrap_or(media_type))
    }

    fn pieces(&mut self, content: SourceContent, place: &Place<'_>) -> Vec<PlainText> {
        let blocks = match content {
            SourceContent::Text(text) => return vec![PlainText::Text(text)],
            SourceContent::Blocks(blocks) => blocks,
        };
        let mut pieces = Vec::with_capacity(blocks.len());
        for (at, block) in blocks.into_iter().enumerate() {
            let place = place.item(at);
            match block {
                SourceBlock::Text(text) => pieces.push(PlainText::Text(self.bare_text(text, &place))),
                SourceBlock::Other(other) if other.kind.is_empty() => {
                    pieces.push(kept::restored_or(&other, PlainText::Other))
                }
                SourceBlock::Image(_) | SourceBlock::Other(_) => self.losses.add(&IMAGE_IN_DOCUMENT, &place),
            }
        }
        pieces
    }

    /// The text of a block in a place where Converse has nothing but text.
    pub(super) fn bare_text(&mut self, block: messages::TextBlock, place: &Place<'_>) -> String {
        let messages::TextBlock { text, citations, cache_control, extra } = block;
        self.losses.unknown(&extra, place);
        if cache_control.is_some() {
            self.losses.add(&INNER_CHECKPOINT, &place.member("cache_control"));
        }
        if citations.is_some_and(|citations| !citations.is_empty()) {
            self.losses.add(&CITED_TEXT, &place.member("citations"));
        }
        text
    }
}

impl ToMessages {
    /// The document; its name is its title.
    pub(super) fn document(&mut self, document: converse::DocumentBlock, place: &Place<'_>) -> messages::DocumentBlock {
        let converse::DocumentBlock { citations, context, format, name, source, extra } = document;
        self.losses.foreign(&extra, place);
        let media_type = |format: Option<DocumentFormat>| -> String {
            let format = format.unwrap_or(DocumentFormat::Txt);
            let known = FORMATS.iter().find(|(_, known)| *known == format);
            known.map_or_else(|| format!("application/{format}"), |(media_type, _)| (*media_type).to_owned())
        };
        let at = place.member("source");
        let source = match source {
            converse::DocumentSource::Bytes(data) => match text(format.as_ref(), &data) {
                Some(text) => MediaSource::plain_text(text),
                None => MediaSource::base64(media_type(format), data),
            },
            converse::DocumentSource::Text(data) => MediaSource::Text(messages::TextSource {
                media_type: media_type(format),
                data,
                extra: Default::default(),
            }),
            converse::DocumentSource::Content(pieces) => {
                if format.is_some_and(|format| format != DocumentFormat::Txt) {
                    self.losses.add(&FOREIGN_MEMBER, &place.member("format"));
                }
                let blocks = pieces.into_iter().enumerate().map(|(index, piece)| match piece {
                    PlainText::Text(text) => SourceBlock::text(text),
                    PlainText::Other(_) => {
                        self.losses.add(&FOREIGN, &at.member("content").item(index));
                        SourceBlock::Other(kept::keep(&piece))
                    }
                });
                MediaSource::content(blocks.collect::<Vec<_>>())
            }
            source @ (converse::DocumentSource::S3Location(_) | converse::DocumentSource::Other(_)) => {
                self.losses.add(&S3, &at);
                let mut other = kept::keep(&source);
                if let Some(format) = format.and_then(|format| crate::Json::of(&format).ok()) {
                    other.members.set("format", format);
                }
                MediaSource::Other(other)
            }
        };
        messages::DocumentBlock {
            source,
            title: Some(name),
            context,
            citations,
            cache_control: None,
            extra: Default::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_names_and_none_comes_twice() {
        let mut names = DocumentNames::default();
        let long = "x".repeat(300);
        let titles = [
            Some("Report 2026"),
            Some("Report 2026"),
            Some("John's report"),
            Some("a&b"),
            None,
            Some("\u{e9}\u{4e2d}"),
            Some("a  b\tc"),
            Some("document 5"),
            Some(&*long),
            Some(&*long),
            Some("Report 2026 (2)"),
            Some(""),
        ];
        let found: Vec<String> = titles.iter().map(|title| names.next(*title)).collect();
        assert_eq!(
            found[..8],
            [
                "Report 2026",
                "Report 2026 (2)",
                "John s report",
                "a b",
                "document 5",
                "document 6",
                "a b c",
                "document 5 (2)",
            ]
        );
        assert_eq!((found[8].len(), found[9].len()), (200, 200));
        assert_eq!(found[10..], ["Report 2026 (2) (2)", "document 12"]);
        assert!(found.iter().all(|name| is_document_name(name)));
        assert!(is_document_name("company_policy"));
        // Recorded refusals.
        for name in ["John's report", "invoice #123", "a&b", "report,2026", "caf\u{e9}", "a  b", "a\tb", "a.pdf", ""] {
            assert!(!is_document_name(name), "{name}");
        }
    }
}
