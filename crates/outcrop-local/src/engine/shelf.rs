//! The images and PDFs of a request, each read once however often it is asked about.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use outcrop_wire::messages::Base64Source;

use super::pdf::{self, Pdf};
use super::picture::{self, Picture};

/// What base64 bytes turned out to be.
#[derive(Clone, Debug)]
pub(crate) struct Reading {
    /// Their number; `None` when they are not base64.
    pub(super) bytes: Option<usize>,
    pub(super) content: Content,
}

#[derive(Clone, Debug)]
pub(super) enum Content {
    Picture(Picture),
    Pdf(Pdf),
    /// Neither, and why.
    Unread(String),
}

/// Readings by their base64.
#[derive(Debug, Default)]
pub(crate) struct Shelf<'a>(RefCell<HashMap<&'a str, Rc<Reading>>>);

impl<'a> Shelf<'a> {
    /// What a source holds.
    pub(super) fn reading(&self, source: &'a Base64Source) -> Rc<Reading> {
        if let Some(known) = self.0.borrow().get(source.data.as_str()) {
            return Rc::clone(known);
        }
        let reading = Rc::new(Reading::of(source));
        self.0.borrow_mut().insert(&source.data, Rc::clone(&reading));
        reading
    }
}

impl Reading {
    fn of(source: &Base64Source) -> Reading {
        let Ok(bytes) = STANDARD.decode(source.data.as_bytes()) else {
            return Reading { bytes: None, content: Content::Unread("it is not base64".to_owned()) };
        };
        let content = match picture::read(&bytes) {
            Some(picture) => Content::Picture(picture),
            None if source.media_type.starts_with("image/") => {
                Content::Unread("it is no PNG, JPEG, GIF or WebP".to_owned())
            }
            None => pdf::read(&bytes).map_or_else(Content::Unread, Content::Pdf),
        };
        Reading { bytes: Some(bytes.len()), content }
    }

    pub(super) fn picture(&self) -> Option<&Picture> {
        match &self.content {
            Content::Picture(picture) => Some(picture),
            _ => None,
        }
    }

    pub(super) fn pdf(&self) -> Option<&Pdf> {
        match &self.content {
            Content::Pdf(pdf) => Some(pdf),
            _ => None,
        }
    }
}
