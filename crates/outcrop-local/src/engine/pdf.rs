//! A PDF -> its title, its pages and their text. What comes in may be anything; what cannot be read says why.

use std::panic::{AssertUnwindSafe, catch_unwind};

use lopdf::{Document, LoadOptions, Object};

/// What one stream of the file may unpack to, bytes.
const UNPACKED: usize = 16 << 20;

/// No model takes a file of more pages (platform.claude.com, PDF support); such a file's are counted and not read.
const PAGES: usize = 600;

/// Text is read until there is so much of it, bytes.
const TEXT: usize = 8 << 20;

/// A PDF that was read.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Pdf {
    /// As the file itself says.
    pub(super) title: Option<String>,
    /// The text of each page, empty where it has none (or none was read).
    pub(super) pages: Vec<String>,
}

/// Reads a PDF.
pub(super) fn read(bytes: &[u8]) -> Result<Pdf, String> {
    // The parser has never been seen to panic; a stranger's file is no place to find out.
    catch_unwind(AssertUnwindSafe(|| parse(bytes))).unwrap_or_else(|_| Err("the parser gave up".to_owned()))
}

fn parse(bytes: &[u8]) -> Result<Pdf, String> {
    let options = LoadOptions { max_decompressed_size: Some(UNPACKED), ..LoadOptions::default() };
    let document = Document::load_mem_with_options(bytes, options).map_err(|error| error.to_string())?;
    if document.is_encrypted() {
        return Err("it is encrypted".to_owned());
    }
    let numbers: Vec<u32> = document.get_pages().into_keys().collect();
    if numbers.is_empty() {
        return Err("it has no pages".to_owned());
    }
    let mut left = if numbers.len() > PAGES { 0 } else { TEXT };
    let read = |number| {
        let text = if left > 0 { page_text(&document, number, left) } else { String::new() };
        left = left.saturating_sub(text.len());
        text
    };
    let pages = numbers.into_iter().map(read).collect();
    Ok(Pdf { title: title(&document), pages })
}

/// The text of a page as it is drawn: a piece without a blank at its end goes on in the next.
fn page_text(document: &Document, number: u32, most: usize) -> String {
    let mut text = String::new();
    for piece in document.extract_text_chunks_with_limit(&[number], UNPACKED).into_iter().flatten() {
        text.push_str(&piece);
        if text.len() >= most {
            let end = (0..=most).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
            text.truncate(end);
            break;
        }
    }
    let lines: Vec<String> = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    lines.join("\n").trim().to_owned()
}

fn title(document: &Document) -> Option<String> {
    let (_, information) = document.dereference(document.trailer.get(b"Info").ok()?).ok()?;
    let (_, title) = document.dereference(information.as_dict().ok()?.get(b"Title").ok()?).ok()?;
    let Object::String(..) = title else { return None };
    let title = lopdf::decode_text_string(title).ok()?;
    Some(title.trim().to_owned()).filter(|title| !title.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_pdf_says_why() {
        for bytes in [
            &b""[..],
            b"hello",
            b"%PDF-1.4\n%%EOF",
            b"%PDF-1.4\n1 0 obj\n<</Type/Catalog>>\nendobj\ntrailer<</Root 1 0 R>>\n%%EOF",
        ] {
            assert!(read(bytes).is_err_and(|why| !why.is_empty()));
        }
        let deep = [&b"%PDF-1.4\n1 0 obj\n"[..], &b"[".repeat(200_000), b"\nendobj\n%%EOF"].concat();
        assert!(read(&deep).is_err());
    }
}
