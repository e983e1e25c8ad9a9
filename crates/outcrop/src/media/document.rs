//! Documents: PDF, plain text, or blocks of text and images.

use std::path::Path;

use outcrop_wire::messages::{
    Block, CacheControl, CitationsConfig, Content, DocumentBlock, MediaSource, ResultBlock, SourceContent, UnfitBytes,
};
use outcrop_wire::sniff::{Format, sniff};
use tokio::io::AsyncRead;

use super::{load, stands_as};
use crate::error::Result;

/// A document for a turn or a tool's result.
///
/// ```no_run
/// use outcrop::{Block, Document, Ttl};
///
/// # async fn run(client: outcrop::Client) -> outcrop::Result<()> {
/// let report = Document::pdf_file("report.pdf").await?.title("Q3").citations(true).cache(Ttl::OneHour);
/// let reply = client.message("opus").user([report.into(), Block::text("What was the revenue?")]).await?;
/// for citation in reply.citations() {
///     println!("{:?}", citation.cited_text());
/// }
/// # Ok(()) }
/// ```
///
/// Citations are given for all documents of a request or for none. In a PDF they name pages, in plain text characters,
/// in blocks blocks.
#[derive(Clone, Debug, PartialEq)]
pub struct Document(pub(super) DocumentBlock);

stands_as!(Document(DocumentBlock));

impl Document {
    /// A file that is a PDF, or text in UTF-8; which of the two, its bytes say.
    ///
    /// # Errors
    /// When it cannot be read, is empty, too large for any request, or neither of the two.
    pub async fn file(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        Document::made(&load::name(path), load::file(path).await?)
    }

    /// A file that has to be a PDF.
    ///
    /// # Errors
    /// When it cannot be read, is too large for any request, or no PDF.
    pub async fn pdf_file(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        Document::only_pdf(&load::name(path), load::file(path).await?)
    }

    /// The bytes of a PDF.
    ///
    /// # Errors
    /// When they are too many for any request, or no PDF.
    pub fn pdf(bytes: impl AsRef<[u8]>) -> Result<Self> {
        Document::only_pdf("a PDF", bytes)
    }

    /// What a reader gives, to its end: a PDF, or text in UTF-8.
    ///
    /// # Errors
    /// As [`Document::file`].
    pub async fn reader(reader: impl AsyncRead + Unpin) -> Result<Self> {
        Document::made("a document", load::reader(reader).await?)
    }

    /// What a reader of the standard library gives, to its end. Blocks until it is there.
    ///
    /// # Errors
    /// As [`Document::file`].
    pub fn std_reader(reader: impl std::io::Read) -> Result<Self> {
        Document::made("a document", load::std_reader(reader)?)
    }

    /// Plain text. Citations name its characters.
    pub fn text(text: impl Into<String>) -> Self {
        Document::of(MediaSource::plain_text(text))
    }

    /// Blocks of text and images. Citations name whole blocks, so that the caller says where one ends.
    pub fn blocks(blocks: impl Into<SourceContent>) -> Self {
        Document::of(MediaSource::content(blocks))
    }

    /// A document on the web, which the service fetches. Bedrock does not: there, `download_media` lets the client fetch
    /// it before the call.
    pub fn url(url: impl Into<String>) -> Self {
        Document::of(MediaSource::url(url))
    }

    /// A document from any source.
    #[must_use]
    pub fn of(source: MediaSource) -> Self {
        Document(DocumentBlock::new(source))
    }

    /// A title, shown to the model and named in citations.
    #[must_use]
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.0.title = Some(title.into());
        self
    }

    /// What the model should know about the document; it is not cited from.
    #[must_use]
    pub fn context(mut self, context: impl Into<String>) -> Self {
        self.0.context = Some(context.into());
        self
    }

    /// Whether it is to be cited.
    #[must_use]
    pub fn citations(mut self, enabled: bool) -> Self {
        self.0.citations = Some(CitationsConfig::new(enabled));
        self
    }

    /// Caches everything up to and including this document, for so long.
    #[must_use]
    pub fn cache(mut self, lifetime: impl Into<CacheControl>) -> Self {
        self.0.cache_control = Some(lifetime.into());
        self
    }

    fn made(what: &str, bytes: impl AsRef<[u8]>) -> Result<Self> {
        load::fits(what, bytes.as_ref())?;
        let source = MediaSource::from_bytes(bytes.as_ref());
        source.map(Document::of).map_err(|unfit| load::refused(what, &unfit))
    }

    fn only_pdf(what: &str, bytes: impl AsRef<[u8]>) -> Result<Self> {
        const TAKEN: &str = "a PDF was asked for";
        let bytes = bytes.as_ref();
        let unfit = match sniff(bytes) {
            Ok(Format::Pdf) => return Document::made(what, bytes),
            _ if bytes.is_empty() => UnfitBytes::Empty,
            Ok(format) => UnfitBytes::Misplaced(format, TAKEN),
            Err(foreign) => UnfitBytes::Foreign(foreign, TAKEN),
        };
        Err(load::refused(what, &unfit))
    }
}
