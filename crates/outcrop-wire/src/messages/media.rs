//! Where the bytes of an image or a document come from.

use super::{ImageBlock, TextBlock};
use crate::record::{record, text_or_list, union};

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

impl ImageSource {
    /// Bytes that are base64 already.
    pub fn base64(media_type: impl Into<String>, data: impl Into<String>) -> Self {
        ImageSource::Base64(Base64Source {
            media_type: media_type.into(),
            data: data.into(),
            extra: Default::default(),
        })
    }
}

impl MediaSource {
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
            media_type: "text/plain".to_owned(),
            data: text.into(),
            extra: Default::default(),
        })
    }
}
