//! Reads a small XML document: names and texts of its elements, which is all that the query protocol and S3
//! have.
//!
//! Strict: one root, tags that match, no document type, no entities but XML's own. Attributes and namespaces mean
//! nothing there and are passed over.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

use quick_xml::escape::{escape, resolve_predefined_entity};
use quick_xml::events::Event;
use quick_xml::reader::Reader;

/// Deeper than any answer of the query protocol.
const DEEPEST: usize = 32;

/// An element.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Element {
    name: String,
    children: Vec<Element>,
    text: String,
}

/// Why it is no such document.
#[derive(Debug, PartialEq)]
pub(super) struct XmlError(String);

impl fmt::Display for XmlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Element {
    /// Reads a document.
    pub(super) fn read(document: &[u8]) -> Result<Element, XmlError> {
        let document = std::str::from_utf8(document).map_err(|_| wrong("it is not UTF-8"))?;
        let mut reader = Reader::from_str(document);
        let mut open: Vec<Element> = Vec::new();
        let mut root = None;
        loop {
            match reader.read_event().map_err(|error| wrong(error.to_string()))? {
                Event::Start(_) | Event::Empty(_) if root.is_some() => return Err(wrong("it has more than one root")),
                Event::Start(_) if open.len() == DEEPEST => {
                    return Err(wrong(format!("it is deeper than {DEEPEST} elements")));
                }
                Event::Start(tag) => open.push(Element::named(tag.local_name().as_ref())),
                Event::Empty(tag) => close(Element::named(tag.local_name().as_ref()), &mut open, &mut root),
                // The reader has seen to it that the names match.
                Event::End(_) => match open.pop() {
                    Some(element) => close(element, &mut open, &mut root),
                    None => return Err(wrong("a tag ends that did not begin")),
                },
                Event::Text(text) => add(&mut open, &text)?,
                Event::CData(text) => add(&mut open, &text)?,
                Event::GeneralRef(name) => {
                    let letter = name.resolve_char_ref().map_err(|error| wrong(error.to_string()))?;
                    match letter {
                        Some(letter) => add(&mut open, letter.encode_utf8(&mut [0; 4]))?,
                        None => match resolve_predefined_entity(&name) {
                            Some(text) => add(&mut open, text)?,
                            None => return Err(wrong(format!("nothing is known of the entity `{}`", &*name))),
                        },
                    }
                }
                Event::DocType(_) => return Err(wrong("it has a document type")),
                Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
                Event::Eof => break,
            }
        }
        match root {
            Some(root) if open.is_empty() => Ok(root),
            _ => Err(wrong("it ends before its root does")),
        }
    }

    fn named(name: &str) -> Self {
        Element { name: name.to_owned(), ..Element::default() }
    }

    /// Its name, without a namespace's prefix.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The first child of this name.
    pub(super) fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }

    /// Its children of this name.
    pub(super) fn children<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// All its children.
    pub(super) fn elements(&self) -> impl Iterator<Item = &Element> {
        self.children.iter()
    }

    /// Its own text.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The text of the first child of this name.
    pub(super) fn text_of(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| child.text.trim())
    }
}

/// An element that holds a text.
pub(super) fn put(out: &mut String, name: &str, text: &str) {
    // Writing to a String does not fail.
    let _ = write!(out, "<{name}>{}</{name}>", escaped(text));
}

/// A text as it stands between tags.
pub(super) fn escaped(text: &str) -> Cow<'_, str> {
    escape(text)
}

fn close(element: Element, open: &mut [Element], root: &mut Option<Element>) {
    match open.last_mut() {
        Some(parent) => parent.children.push(element),
        None => *root = Some(element),
    }
}

fn add(open: &mut [Element], text: &str) -> Result<(), XmlError> {
    match open.last_mut() {
        Some(element) => element.text.push_str(text),
        None if text.trim().is_empty() => {}
        None => return Err(wrong("it has text outside of its root")),
    }
    Ok(())
}

fn wrong(why: impl Into<String>) -> XmlError {
    XmlError(why.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_texts_are_read() {
        let document =
            b"<?xml version=\"1.0\"?>\n<!-- hello --><a:r xmlns:a='u'>\n <b>x &amp; &#60;y&#x3e;</b><c/><b>2</b>\
            <d><![CDATA[<z>]]></d></a:r>\n";
        let root = Element::read(document).expect("a document");
        assert_eq!(root.name(), "r");
        assert_eq!(root.text_of("b"), Some("x & <y>"));
        assert_eq!((root.text_of("c"), root.text_of("d"), root.text_of("e")), (Some(""), Some("<z>"), None));
        assert_eq!(escaped("a<b&\"c\"").as_ref(), "a&lt;b&amp;&quot;c&quot;");
    }

    #[test]
    fn what_is_no_such_document_is_refused() {
        let deep = "<a>".repeat(DEEPEST + 1);
        for document in [
            "",
            "text",
            "<a>",
            "<a></b>",
            "</a>",
            "<a/><b/>",
            "<a/>text",
            "<a>&secret;</a>",
            "<a>&#0;</a>",
            "<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>",
            "{\"message\":\"no\"}",
            "<a><b></a></b>",
            &deep,
        ] {
            assert!(Element::read(document.as_bytes()).is_err(), "{document}");
        }
        assert!(Element::read(b"<a>\xff</a>").is_err());
    }
}
