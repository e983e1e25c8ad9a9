//! Images and documents for a request: from files, bytes, readers and texts. What a file is, its bytes say; no name is
//! believed.

mod document;
mod image;
mod load;
mod search_result;

use std::path::Path;

use outcrop_wire::messages::{Block, Content, ImageSource, MediaSource, ResultBlock, UnfitBytes};
use outcrop_wire::sniff::sniff;
use tokio::io::AsyncRead;

pub use self::document::Document;
pub use self::image::Image;
pub(crate) use self::load::LARGEST_FILE;
pub use self::search_result::SearchResult;
use crate::error::Result;

const TAKEN: &str = "taken are images (JPEG, PNG, GIF, WebP), PDF and text in UTF-8";

/// A file of any kind that a model takes: an [`Image`] or a [`Document`], whichever its bytes are.
///
/// ```
/// use outcrop::{Block, Media};
///
/// let media = Media::bytes(b"%PDF-1.7 ...")?;
/// assert!(matches!(Block::from(media), Block::Document(_)));
/// # Ok::<(), outcrop::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub enum Media {
    /// A JPEG, PNG, GIF or WebP image.
    Image(Image),
    /// A PDF, or plain text.
    Document(Document),
}

impl Media {
    /// What a file holds.
    ///
    /// # Errors
    /// When it cannot be read, is empty, too large for any request, or of a kind that no model takes.
    pub async fn file(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        Media::made(&load::name(path), load::file(path).await?)
    }

    /// What some bytes are.
    ///
    /// # Errors
    /// As [`Media::file`].
    pub fn bytes(bytes: impl AsRef<[u8]>) -> Result<Self> {
        Media::made("a file", bytes)
    }

    /// What a reader gives, to its end.
    ///
    /// # Errors
    /// As [`Media::file`].
    pub async fn reader(reader: impl AsyncRead + Unpin) -> Result<Self> {
        Media::made("a file", load::reader(reader).await?)
    }

    /// What a reader of the standard library gives, to its end. Blocks until it is there.
    ///
    /// # Errors
    /// As [`Media::file`].
    pub fn std_reader(reader: impl std::io::Read) -> Result<Self> {
        Media::made("a file", load::std_reader(reader)?)
    }

    fn made(what: &str, bytes: impl AsRef<[u8]>) -> Result<Self> {
        let bytes = bytes.as_ref();
        load::fits(what, bytes)?;
        let made = match sniff(bytes) {
            Ok(format) if format.is_image() => ImageSource::from_bytes(bytes).map(|source| Image::of(source).into()),
            Ok(_) => MediaSource::from_bytes(bytes).map(|source| Document::of(source).into()),
            Err(foreign) => Err(UnfitBytes::Foreign(foreign, TAKEN)),
        };
        made.map_err(|unfit| load::refused(what, &unfit))
    }
}

impl From<Image> for Media {
    fn from(image: Image) -> Self {
        Media::Image(image)
    }
}

impl From<Document> for Media {
    fn from(document: Document) -> Self {
        Media::Document(document)
    }
}

impl From<Media> for Block {
    fn from(media: Media) -> Self {
        match media {
            Media::Image(image) => image.into(),
            Media::Document(document) => document.into(),
        }
    }
}

impl From<Media> for ResultBlock {
    fn from(media: Media) -> Self {
        match media {
            Media::Image(image) => image.into(),
            Media::Document(document) => document.into(),
        }
    }
}

impl From<Media> for Content {
    fn from(media: Media) -> Self {
        Block::from(media).into()
    }
}

/// Where a builder may stand: as a block of a turn, of a tool's result, or as a whole turn.
macro_rules! stands_as {
    ($builder:ident($inner:ty)) => {
        impl From<$builder> for $inner {
            fn from(builder: $builder) -> Self {
                builder.0
            }
        }

        impl From<$builder> for Block {
            fn from(builder: $builder) -> Self {
                builder.0.into()
            }
        }

        impl From<$builder> for ResultBlock {
            fn from(builder: $builder) -> Self {
                builder.0.into()
            }
        }

        impl From<$builder> for Content {
            fn from(builder: $builder) -> Self {
                Block::from(builder).into()
            }
        }
    };
}
use stands_as;
