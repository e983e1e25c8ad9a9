//! The images and PDFs of a request, each read once however often it is asked about.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use outcrop_wire::catalogue::PdfView;
use outcrop_wire::messages::{Base64Source, DocumentBlock, ImageSource, MediaSource, SourceBlock, SourceContent};
use outcrop_wire::sniff::{Format, sniff};

use super::pdf::{self, Pdf};
use super::picture::{self, Picture};
use super::prompt::Media;

/// What base64 bytes turned out to be.
#[derive(Clone, Debug)]
pub(super) struct Reading {
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

/// Readings by their base64, and what is seen of the PDFs among them.
#[derive(Debug)]
pub(super) struct Shelf<'a> {
    readings: HashMap<&'a str, Reading>,
    uncited: PdfView,
}

impl<'a> Shelf<'a> {
    /// Reads all there is. `uncited` is what is seen of a PDF that is not to be cited.
    pub(super) fn of(media: impl Iterator<Item = Media<'a>>, uncited: PdfView) -> Self {
        let mut shelf = Shelf { readings: HashMap::new(), uncited };
        for media in media {
            match media {
                Media::Image(image) => shelf.put_image(&image.source),
                Media::Document(document) => match &document.source {
                    MediaSource::Base64(source) => shelf.put(source),
                    MediaSource::Content(source) => {
                        let SourceContent::Blocks(blocks) = &source.content else { continue };
                        for block in blocks {
                            if let SourceBlock::Image(image) = block {
                                shelf.put_image(&image.source);
                            }
                        }
                    }
                    _ => {}
                },
                Media::SearchResult(_) => {}
            }
        }
        shelf
    }

    fn put_image(&mut self, source: &'a ImageSource) {
        if let ImageSource::Base64(source) = source {
            self.put(source);
        }
    }

    fn put(&mut self, source: &'a Base64Source) {
        self.readings.entry(&source.data).or_insert_with(|| Reading::of(source));
    }

    /// What is seen of a PDF.
    pub(super) fn view(&self, document: &DocumentBlock) -> PdfView {
        match document.citations.as_ref().is_some_and(|citations| citations.enabled == Some(true)) {
            true => PdfView::Pages,
            false => self.uncited,
        }
    }

    /// Whether some PDFs are seen otherwise than others.
    pub(super) fn views_differ(&self) -> bool {
        self.uncited != PdfView::Pages
    }

    /// What a source holds.
    pub(super) fn reading(&self, source: &Base64Source) -> Option<&Reading> {
        self.readings.get(source.data.as_str())
    }

    pub(super) fn picture(&self, source: &Base64Source) -> Option<&Picture> {
        match &self.reading(source)?.content {
            Content::Picture(picture) => Some(picture),
            _ => None,
        }
    }

    pub(super) fn pdf(&self, source: &Base64Source) -> Option<&Pdf> {
        match &self.reading(source)?.content {
            Content::Pdf(pdf) => Some(pdf),
            _ => None,
        }
    }
}

impl Reading {
    fn of(source: &Base64Source) -> Reading {
        let Ok(bytes) = STANDARD.decode(source.data.as_bytes()) else {
            return Reading { bytes: None, content: Content::Unread("not base64".to_owned()) };
        };
        let content = match sniff(&bytes) {
            Ok(Format::Pdf) => {
                pdf::read(&bytes).map_or_else(|why| Content::Unread(format!("it cannot be read: {why}")), Content::Pdf)
            }
            Ok(format) if format.is_image() => picture::read(format, &bytes)
                .map_or_else(|| Content::Unread(format!("{format} whose size cannot be read")), Content::Picture),
            Ok(format) => Content::Unread(format!("really {format}")),
            Err(foreign) => Content::Unread(format!("really {}", foreign.what)),
        };
        Reading { bytes: Some(bytes.len()), content }
    }
}
