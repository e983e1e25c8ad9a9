//! Images: JPEG, PNG, GIF or WebP.

use std::path::Path;

use outcrop_wire::messages::{Block, CacheControl, Content, ImageBlock, ImageSource, ResultBlock, SourceBlock};
use tokio::io::AsyncRead;

use super::{load, stands_as};
use crate::error::Result;

/// An image for a turn, a tool's result, or a document made of blocks.
///
/// ```no_run
/// use outcrop::{Block, Image};
///
/// # async fn run(client: outcrop::Client) -> outcrop::Result<()> {
/// let photo = Image::file("photo.jpg").await?;
/// let reply = client.message("opus").user([photo.into(), Block::text("What is this?")]).await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Image(pub(super) ImageBlock);

stands_as!(Image(ImageBlock));

impl From<Image> for SourceBlock {
    fn from(image: Image) -> Self {
        image.0.into()
    }
}

impl Image {
    /// A file that is a JPEG, PNG, GIF or WebP image; which of them, its bytes say.
    ///
    /// # Errors
    /// When it cannot be read, is empty, too large for any request, or none of the four.
    pub async fn file(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        Image::made(&load::name(path), load::file(path).await?)
    }

    /// The bytes of an image.
    ///
    /// # Errors
    /// As [`Image::file`].
    pub fn bytes(bytes: impl AsRef<[u8]>) -> Result<Self> {
        Image::made("an image", bytes)
    }

    /// What a reader gives, to its end.
    ///
    /// # Errors
    /// As [`Image::file`].
    pub async fn reader(reader: impl AsyncRead + Unpin) -> Result<Self> {
        Image::made("an image", load::reader(reader).await?)
    }

    /// What a reader of the standard library gives, to its end. Blocks until it is there.
    ///
    /// # Errors
    /// As [`Image::file`].
    pub fn std_reader(reader: impl std::io::Read) -> Result<Self> {
        Image::made("an image", load::std_reader(reader)?)
    }

    /// An image on the web, which the service fetches. Bedrock does not: there, `download_media` lets the client fetch it
    /// before the call.
    pub fn url(url: impl Into<String>) -> Self {
        Image::of(ImageSource::url(url))
    }

    /// An image from any source.
    #[must_use]
    pub fn of(source: ImageSource) -> Self {
        Image(ImageBlock::new(source))
    }

    /// Caches everything up to and including this image, for so long.
    #[must_use]
    pub fn cache(mut self, lifetime: impl Into<CacheControl>) -> Self {
        self.0.cache_control = Some(lifetime.into());
        self
    }

    fn made(what: &str, bytes: impl AsRef<[u8]>) -> Result<Self> {
        load::fits(what, bytes.as_ref())?;
        let source = ImageSource::from_bytes(bytes.as_ref());
        source.map(Image::of).map_err(|unfit| load::refused(what, &unfit))
    }
}
