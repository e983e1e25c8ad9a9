//! Sentences of the cited sources, each with the place it stands at.
//!
//! Places as recorded answers have them: characters and blocks from 0, pages from 1, ends exclusive; a sentence is cited
//! with the blanks behind it; a document's index counts every document of the request.

use std::collections::HashSet;

use outcrop_wire::messages::PlainText;
use outcrop_wire::messages::{
    CharLocation, Citation, CitationsConfig, ContentBlockLocation, DocumentBlock, MediaSource, PageLocation,
    SearchResultBlock, SearchResultLocation, SourceBlock, SourceContent,
};

use super::draft::Passage;
use crate::engine::prompt::{Media, Prompt};
use crate::engine::shelf::Shelf;

/// Shorter words say nothing about what a sentence is about,
const WORD: usize = 3;

/// and neither do these.
const SMALL: [&str; 30] = [
    "all", "and", "any", "are", "but", "can", "did", "does", "for", "from", "had", "has", "have", "her", "his", "how",
    "its", "not", "one", "our", "that", "the", "this", "was", "were", "what", "who", "why", "with", "you",
];

/// A passage for each source that is to be cited, with text between them.
pub(super) fn passages(prompt: &Prompt<'_>, asked: &str) -> Vec<Passage> {
    let asked = words(asked);
    let (mut documents, mut results) = (0, 0);
    let mut passages = Vec::new();
    for media in Media::all(&prompt.request.messages) {
        let (name, citation) = match media {
            Media::Image(_) => continue,
            Media::Document(document) => {
                let index = documents;
                documents += 1;
                (format!("document {index}"), cite_document(document, index, &asked, &prompt.shelf))
            }
            Media::SearchResult(result) => {
                let index = results;
                results += 1;
                (format!("search result {index}"), cite_result(result, index, &asked))
            }
        };
        let Some(citation) = citation else { continue };
        let text = citation.cited_text().unwrap_or_default().trim().to_owned();
        passages.push(Passage::plain(format!("\n\nFrom {name}: ")));
        passages.push(Passage { text, citations: Some(vec![citation]) });
    }
    passages
}

fn is_on(citations: Option<&CitationsConfig>) -> bool {
    citations.is_some_and(|citations| citations.enabled == Some(true))
}

fn cite_document(
    document: &DocumentBlock,
    document_index: u32,
    asked: &HashSet<String>,
    shelf: &Shelf<'_>,
) -> Option<Citation> {
    if !is_on(document.citations.as_ref()) {
        return None;
    }
    let document_title = document.title.clone();
    match &document.source {
        MediaSource::Text(source) => {
            let sentence = likeliest(sentences(&source.data).into_iter().map(|it| (it, ())), asked)?.0;
            let start = source.data[..sentence.at].chars().count() as u64;
            Some(Citation::Char(CharLocation {
                cited_text: sentence.text.to_owned(),
                document_index,
                document_title,
                file_id: None,
                start_char_index: start,
                end_char_index: start + sentence.text.chars().count() as u64,
                extra: Default::default(),
            }))
        }
        MediaSource::Base64(source) => {
            let pages = (1..).zip(&shelf.pdf(source)?.pages);
            let all = pages.flat_map(|(number, page)| sentences(page).into_iter().map(move |it| (it, number)));
            let (sentence, number) = likeliest(all, asked)?;
            Some(Citation::Page(PageLocation {
                cited_text: sentence.text.to_owned(),
                document_index,
                document_title,
                file_id: None,
                start_page_number: number,
                end_page_number: number + 1,
                extra: Default::default(),
            }))
        }
        MediaSource::Content(source) => {
            let blocks = match &source.content {
                SourceContent::Text(text) => vec![(Sentence::whole(text), 0)],
                SourceContent::Blocks(blocks) => (0..)
                    .zip(blocks)
                    .filter_map(|(at, block)| match block {
                        SourceBlock::Text(block) => Some((Sentence::whole(&block.text), at)),
                        _ => None,
                    })
                    .collect(),
            };
            let (block, index) = likeliest(blocks.into_iter(), asked)?;
            Some(Citation::ContentBlock(ContentBlockLocation {
                cited_text: block.text.to_owned(),
                document_index,
                document_title,
                file_id: None,
                start_block_index: index,
                end_block_index: index + 1,
                extra: Default::default(),
            }))
        }
        _ => None,
    }
}

fn cite_result(result: &SearchResultBlock, index: u32, asked: &HashSet<String>) -> Option<Citation> {
    if !is_on(result.citations.as_ref()) {
        return None;
    }
    let blocks = (0..).zip(&result.content).filter_map(|(at, block)| match block {
        PlainText::Text(block) => Some((Sentence::whole(&block.text), at)),
        PlainText::Other(_) => None,
    });
    let (block, at) = likeliest(blocks, asked)?;
    Some(Citation::SearchResult(SearchResultLocation {
        cited_text: block.text.to_owned(),
        search_result_index: index,
        source: result.source.clone(),
        title: Some(result.title.clone()),
        start_block_index: at,
        end_block_index: at + 1,
        extra: Default::default(),
    }))
}

/// A piece of a text, and the byte it begins at.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Sentence<'a> {
    at: usize,
    text: &'a str,
}

impl<'a> Sentence<'a> {
    fn whole(text: &'a str) -> Self {
        Sentence { at: 0, text }
    }
}

/// The one that shares most words with what was asked, the first of equals; none of blanks alone.
fn likeliest<'a, P>(
    pieces: impl Iterator<Item = (Sentence<'a>, P)>,
    asked: &HashSet<String>,
) -> Option<(Sentence<'a>, P)> {
    let mut best = None;
    for (sentence, place) in pieces.filter(|(sentence, _)| !sentence.text.trim().is_empty()) {
        let shared = words(sentence.text).intersection(asked).count();
        if best.as_ref().is_none_or(|(most, _, _)| shared > *most) {
            best = Some((shared, sentence, place));
        }
    }
    best.map(|(_, sentence, place)| (sentence, place))
}

fn words(text: &str) -> HashSet<String> {
    text.split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| word.chars().count() >= WORD)
        .map(str::to_lowercase)
        .filter(|word| !SMALL.contains(&word.as_str()))
        .collect()
}

/// A text cut into sentences: after `.`, `!` or `?` with blanks behind, and at empty lines. Nothing is lost between them.
fn sentences(text: &str) -> Vec<Sentence<'_>> {
    let mut sentences = Vec::new();
    let (mut at, mut ends, mut lines) = (0, false, 0);
    for (here, letter) in text.char_indices() {
        if letter.is_whitespace() {
            lines += usize::from(letter == '\n');
            continue;
        }
        let after_blank = text[..here].ends_with(char::is_whitespace);
        if after_blank && (ends || lines > 1) && here > at {
            sentences.push(Sentence { at, text: &text[at..here] });
            at = here;
        }
        lines = 0;
        ends = match letter {
            '.' | '!' | '?' => true,
            // Quotes and brackets close with the sentence.
            '"' | '\'' | ')' | ']' | '”' | '’' => ends && !after_blank,
            _ => false,
        };
    }
    if at < text.len() {
        sentences.push(Sentence { at, text: &text[at..] });
    }
    sentences
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_the_text_cut_and_nothing_else() {
        for (text, expected) in [
            ("One. Two!  Three", vec!["One. ", "Two!  ", "Three"]),
            ("Version 1.5 is out.\n", vec!["Version 1.5 is out.\n"]),
            ("He said \"no.\" She left.", vec!["He said \"no.\" ", "She left."]),
            ("Title\n\nBody text\ngoes on. End", vec!["Title\n\n", "Body text\ngoes on. ", "End"]),
            ("Größe? Ja.", vec!["Größe? ", "Ja."]),
            ("", vec![]),
        ] {
            let found = sentences(text);
            assert_eq!(found.iter().map(|it| it.text).collect::<Vec<_>>(), expected);
            assert!(found.iter().all(|it| text[it.at..].starts_with(it.text)));
            assert_eq!(found.iter().map(|it| it.text).collect::<String>(), text);
        }
    }

    #[test]
    fn the_sentence_that_was_asked_about_is_cited() {
        let text = "Ruby is red. Python was made by Guido. Rust is safe.";
        let pieces = || sentences(text).into_iter().map(|it| (it, ()));
        let cited = |asked| likeliest(pieces(), &words(asked)).map(|(it, ())| it.text);
        assert_eq!(cited("Who made Python?"), Some("Python was made by Guido. "));
        assert_eq!(cited("The red one"), Some("Ruby is red. "));
        assert_eq!(cited("Why was it made by him"), Some("Python was made by Guido. "));
        let short = sentences("The sun and the sea. The GDP of Oslo.").into_iter().map(|it| (it, ()));
        assert_eq!(likeliest(short, &words("What are the and GDP?")).map(|(it, ())| it.at), Some(21));
        assert_eq!(cited("Hello"), Some("Ruby is red. "));
        assert_eq!(likeliest(sentences(" \n ").into_iter().map(|it| (it, ())), &words("x")), None);
    }
}
