//! Where the bytes of an image or a document come from.

use std::fmt;

use super::{ImageBlock, TextBlock};
use crate::record::{record, text_or_list, union};
use crate::sniff::{Foreign, Format, sniff};

union! {
    /// The source of an image. Bedrock takes `base64`. A type of its own: an image holds no document, so nothing nests
    /// without end.
    pub enum ImageSource {
        /// Bytes in base64.
        Base64(Base64Source) = "base64",
        /// Fetched by the service.
        Url(UrlSource) = "url",
        /// Uploaded before.
        File(FileSource) = "file",
    }
}

union! {
    /// The source of a document. Bedrock takes `base64`, `text` and `content`; `url` and `file` belong to Anthropic's
    /// own API.
    pub enum MediaSource {
        /// Bytes in base64.
        Base64(Base64Source) = "base64",
        /// Plain text.
        Text(TextSource) = "text",
        /// Text and image blocks.
        Content(ContentSource) = "content",
        /// Fetched by the service.
        Url(UrlSource) = "url",
        /// Uploaded before.
        File(FileSource) = "file",
    }
}

text_or_list! {
    /// The content of a document made of blocks.
    pub enum SourceContent of SourceBlock;
}

union! {
    /// What may stand inside a document.
    pub enum SourceBlock {
        /// Text.
        Text(TextBlock) = "text",
        /// An image.
        Image(ImageBlock) = "image",
    }
}

record! {
    /// Bytes in base64.
    pub struct Base64Source {
        /// `image/png`, `application/pdf`, ...
        required media_type: String,
        /// The bytes, standard base64 with padding.
        required data: String,
    }
}

record! {
    /// Plain text.
    pub struct TextSource {
        /// `text/plain`.
        required media_type: String,
        /// The text.
        required data: String,
    }
}

record! {
    /// Text and image blocks.
    pub struct ContentSource {
        /// The blocks.
        required content: SourceContent,
    }
}

record! {
    /// A source the service fetches.
    pub struct UrlSource {
        /// Where it is.
        required url: String,
    }
}

record! {
    /// A source uploaded before.
    pub struct FileSource {
        /// Its id.
        required file_id: String,
    }
}

/// Bytes that an image or a document cannot be made of.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum UnfitBytes {
    /// There are none.
    Empty,
    /// They are a file that is taken, but not here.
    Misplaced(Format, Taken),
    /// They are a file that is not taken anywhere.
    Foreign(Foreign, Taken),
}

/// What is taken in some place, for people.
pub type Taken = &'static str;

const IMAGES: Taken = "an image is taken as JPEG, PNG, GIF or WebP";
const DOCUMENTS: Taken = "a document is taken as PDF or as text in UTF-8";

impl UnfitBytes {
    /// What to do about it, where there is a way.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            UnfitBytes::Foreign(foreign, _) => foreign.hint,
            UnfitBytes::Empty | UnfitBytes::Misplaced(..) => None,
        }
    }
}

impl fmt::Display for UnfitBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            UnfitBytes::Empty => f.write_str("it is empty"),
            UnfitBytes::Misplaced(format, taken) => write!(f, "it is {format}; {taken}"),
            UnfitBytes::Foreign(foreign, taken) => write!(f, "it is {}; {taken}", foreign.what),
        }
    }
}

impl std::error::Error for UnfitBytes {}

impl ImageSource {
    /// An image from its bytes; which kind it is, they say themselves.
    ///
    /// # Errors
    /// When they are no JPEG, PNG, GIF or WebP image.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, UnfitBytes> {
        match sniff(bytes) {
            _ if bytes.is_empty() => Err(UnfitBytes::Empty),
            Ok(format) if format.is_image() => Ok(ImageSource::base64(format.media_type(), encoded(bytes))),
            Ok(format) => Err(UnfitBytes::Misplaced(format, IMAGES)),
            Err(foreign) => Err(UnfitBytes::Foreign(foreign, IMAGES)),
        }
    }

    /// Bytes that are base64 already.
    pub fn base64(media_type: impl Into<String>, data: impl Into<String>) -> Self {
        ImageSource::Base64(Base64Source {
            media_type: media_type.into(),
            data: data.into(),
            extra: Default::default(),
        })
    }

    /// An image that the service is to fetch.
    pub fn url(url: impl Into<String>) -> Self {
        ImageSource::Url(UrlSource { url: url.into(), extra: Default::default() })
    }

    /// An image that was uploaded before.
    pub fn file(file_id: impl Into<String>) -> Self {
        ImageSource::File(FileSource { file_id: file_id.into(), extra: Default::default() })
    }
}

impl MediaSource {
    /// A document from its bytes: a PDF, or text in UTF-8; which of the two, they say themselves. A byte-order mark is
    /// left out.
    ///
    /// # Errors
    /// When they are neither.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, UnfitBytes> {
        match sniff(bytes) {
            _ if bytes.is_empty() => Err(UnfitBytes::Empty),
            Ok(Format::Pdf) => Ok(MediaSource::base64(Format::Pdf.media_type(), encoded(bytes))),
            Ok(Format::Text) => {
                let text = String::from_utf8_lossy(bytes);
                let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
                if text.is_empty() { Err(UnfitBytes::Empty) } else { Ok(MediaSource::plain_text(text)) }
            }
            Ok(format) => Err(UnfitBytes::Misplaced(format, DOCUMENTS)),
            Err(foreign) => Err(UnfitBytes::Foreign(foreign, DOCUMENTS)),
        }
    }

    /// Bytes that are base64 already.
    pub fn base64(media_type: impl Into<String>, data: impl Into<String>) -> Self {
        MediaSource::Base64(Base64Source {
            media_type: media_type.into(),
            data: data.into(),
            extra: Default::default(),
        })
    }

    /// Plain text.
    pub fn plain_text(text: impl Into<String>) -> Self {
        MediaSource::Text(TextSource {
            media_type: Format::Text.media_type().to_owned(),
            data: text.into(),
            extra: Default::default(),
        })
    }

    /// Text and image blocks, or one string.
    pub fn content(content: impl Into<SourceContent>) -> Self {
        MediaSource::Content(ContentSource { content: content.into(), extra: Default::default() })
    }

    /// A document that the service is to fetch.
    pub fn url(url: impl Into<String>) -> Self {
        MediaSource::Url(UrlSource { url: url.into(), extra: Default::default() })
    }

    /// A document that was uploaded before.
    pub fn file(file_id: impl Into<String>) -> Self {
        MediaSource::File(FileSource { file_id: file_id.into(), extra: Default::default() })
    }

    /// The same as the source of an image; itself where an image has no such source.
    pub(crate) fn into_image(self) -> Result<ImageSource, Self> {
        match self {
            MediaSource::Base64(source) => Ok(ImageSource::Base64(source)),
            MediaSource::Url(source) => Ok(ImageSource::Url(source)),
            MediaSource::File(source) => Ok(ImageSource::File(source)),
            MediaSource::Other(other) => Ok(ImageSource::Other(other)),
            other => Err(other),
        }
    }
}

impl SourceBlock {
    /// A text block.
    pub fn text(text: impl Into<String>) -> Self {
        SourceBlock::Text(TextBlock::new(text))
    }
}

fn encoded(bytes: &[u8]) -> String {
    base64_simd::STANDARD.encode_to_string(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_say_what_they_are() {
        let png = b"\x89PNG\r\n\x1A\n\0";
        assert_eq!(ImageSource::from_bytes(png), Ok(ImageSource::base64("image/png", "iVBORw0KGgoA")));
        assert_eq!(MediaSource::from_bytes(b"%PDF-"), Ok(MediaSource::base64("application/pdf", "JVBERi0=")));
        assert_eq!(MediaSource::from_bytes("\u{feff}Grüße".as_bytes()), Ok(MediaSource::plain_text("Grüße")));
    }

    #[test]
    fn what_does_not_fit_is_named_with_what_does() {
        for (outcome, text) in [
            (
                ImageSource::from_bytes(b"%PDF-1.7").map(drop),
                "it is a PDF; an image is taken as JPEG, PNG, GIF or WebP",
            ),
            (ImageSource::from_bytes(b"").map(drop), "it is empty"),
            (MediaSource::from_bytes("\u{feff}".as_bytes()).map(drop), "it is empty"),
            (
                MediaSource::from_bytes(b"GIF89a").map(drop),
                "it is a GIF image; a document is taken as PDF or as text in UTF-8",
            ),
        ] {
            assert_eq!(outcome.expect_err(text).to_string(), text);
        }
        let heic = ImageSource::from_bytes(b"\0\0\0\x18ftypheic").expect_err("not taken");
        assert!(heic.to_string().starts_with("it is an HEIC image; ") && heic.hint().is_some());
    }
}
