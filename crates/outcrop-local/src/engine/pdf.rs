//! A PDF -> its title, its pages and their text. What comes in may be anything; what cannot be read says why.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use lopdf::{Dictionary, Document, LoadOptions, Object, ObjectId};

/// What one stream of the file may unpack to, what is drawn on one page, and what is drawn on all, with their fonts,
/// bytes: a page that draws more is not read, and past the whole none is. What is drawn takes many times its size while
/// it is read, and small files may say the same page a thousand times.
const UNPACKED: usize = 16 << 20;
const DRAWN: usize = 4 << 20;
const DRAWN_IN_ALL: usize = 64 << 20;

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
    let numbers = document.get_pages();
    if numbers.is_empty() {
        return Err("it has no pages".to_owned());
    }
    let mut left = if numbers.len() > PAGES { 0 } else { TEXT };
    let (mut drawn, mut fonts) = (0, HashMap::new());
    let read = |(number, page)| {
        let cost = if left > 0 { cost_of(&document, page, &mut fonts) } else { 0 };
        drawn += cost;
        let text = match left > 0 && cost < DRAWN && drawn <= DRAWN_IN_ALL {
            true => page_text(&document, number, left),
            false => String::new(),
        };
        left = if drawn <= DRAWN_IN_ALL { left.saturating_sub(text.len()) } else { 0 };
        text
    };
    let pages = numbers.into_iter().map(read).collect();
    Ok(Pdf { title: title(&document), pages })
}

/// What a page and its fonts unpack to; `DRAWN` or more where that is too much. `fonts` are those that were seen.
fn cost_of(document: &Document, page: ObjectId, fonts: &mut HashMap<*const Dictionary, usize>) -> usize {
    let size = |unpacked: lopdf::Result<Vec<u8>>| unpacked.map_or(DRAWN, |bytes| bytes.len());
    let mut cost = size(document.get_page_content_with_limit(page, DRAWN));
    for font in document.get_page_fonts(page).unwrap_or_default().into_values() {
        // Each page reads its fonts again.
        cost += *fonts.entry(std::ptr::from_ref(font)).or_insert_with(|| {
            let map = font.get_deref(b"ToUnicode", document).and_then(Object::as_stream);
            map.map_or(0, |map| size(map.decompressed_content_with_limit(DRAWN)))
        });
    }
    cost
}

/// The text of a page as it is drawn: a piece without a blank at its end goes on in the next.
fn page_text(document: &Document, number: u32, most: usize) -> String {
    let mut text = String::new();
    for piece in document.extract_text_chunks_with_limit(&[number], DRAWN).into_iter().flatten() {
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
    }

    /// A file whose pages, as many as said, draw the same.
    fn file(count: usize, content: &[u8]) -> Vec<u8> {
        let kids: Vec<String> = (0..count).map(|at| format!("{} 0 R", 5 + at)).collect();
        let mut objects = vec![
            b"<</Type/Catalog/Pages 2 0 R>>".to_vec(),
            format!("<</Type/Pages/Count {count}/Kids[{}]>>", kids.join(" ")).into_bytes(),
            b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_vec(),
            [format!("<</Length {}>>\nstream\n", content.len()).as_bytes(), content, b"\nendstream"].concat(),
        ];
        let page = b"<</Type/Page/Parent 2 0 R/Resources<</Font<</F 3 0 R>>>>/Contents 4 0 R>>";
        objects.resize(4 + count, page.to_vec());
        let (mut file, mut table) = (b"%PDF-1.4\n".to_vec(), format!("xref\n0 {}\n0000000000 65535 f \n", 5 + count));
        for (object, number) in objects.iter().zip(1..) {
            table.push_str(&format!("{:010} 00000 n \n", file.len()));
            file.extend_from_slice(format!("{number} 0 obj\n").as_bytes());
            file.extend_from_slice(object);
            file.extend_from_slice(b"\nendobj\n");
        }
        let start = file.len();
        let end = format!("{table}trailer\n<</Size {}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF", 5 + count);
        file.extend_from_slice(end.as_bytes());
        file
    }

    #[test]
    fn pages_are_read_until_too_much_was_drawn() {
        let draw = |filling: usize| [b"BT /F 12 Tf (Hi) Tj ET ".to_vec(), vec![b' '; filling]].concat();
        let texts = |count, filling| {
            let pdf = read(&file(count, &draw(filling))).expect("a PDF");
            assert_eq!(pdf.pages.len(), count);
            pdf.pages.iter().filter(|page| *page == "Hi").count()
        };
        assert_eq!(texts(3, 0), 3);
        assert_eq!(texts(1, DRAWN), 0, "one page that draws too much");
        assert_eq!(texts(40, DRAWN / 2), 31, "pages that draw too much together");
    }

    #[test]
    fn deep_nesting_is_refused() {
        let deep = [&b"%PDF-1.4\n1 0 obj\n"[..], &b"[".repeat(200_000), b"\nendobj\n%%EOF"].concat();
        assert!(read(&deep).is_err());
    }
}
