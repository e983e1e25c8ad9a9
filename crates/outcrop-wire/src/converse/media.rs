//! Images and documents, and where their bytes come from.

use super::{CitationsConfig, PlainText};
use crate::keyed::keyed;
use crate::messages::{ImageSource as MessagesImage, UnfitBytes};
use crate::record::{open_enum, record};

record! {
    /// An image.
    sorted pub struct ImageBlock {
        /// Why there is none, where the model was to make one.
        optional error: ImageError,
        /// Its format.
        required format: ImageFormat,
        /// Its bytes.
        required source: ImageSource,
    }
}

record! {
    /// Why an image was not made.
    #[derive(Default)]
    sorted pub struct ImageError {
        /// For a person.
        optional message: String,
    }
}

open_enum! {
    /// Formats of images.
    pub enum ImageFormat {
        /// PNG.
        Png = "png",
        /// JPEG.
        Jpeg = "jpeg",
        /// GIF.
        Gif = "gif",
        /// WebP.
        Webp = "webp",
    }
}

keyed! {
    /// Where the bytes of an image come from.
    pub enum ImageSource {
        /// Here they are, in base64. At most 3.75 MB of an image.
        Bytes(String) = "bytes",
        /// They lie in S3. Claude does not take it.
        S3Location(S3Location) = "s3Location",
    }
}

record! {
    /// A place in S3.
    sorted pub struct S3Location {
        /// The account that owns the bucket, where it is another one.
        optional bucket_owner("bucketOwner"): String,
        /// `s3://bucket/key`
        required uri: String,
    }
}

record! {
    /// A document. At most five a message, each at most 4.5 MB, and some text beside them.
    sorted pub struct DocumentBlock {
        /// Whether it is to be cited. Of a PDF this also decides whether the model sees its pages: as documented it is
        /// given extracted text only where citations are off.
        optional citations: CitationsConfig,
        /// What the model should know about it.
        optional context: String,
        /// Its format; `txt` where it is absent.
        optional format: DocumentFormat,
        /// Its name, of no other document of the request: 1 to 200 letters, alphanumeric, single spaces, hyphens,
        /// parentheses, square brackets; underscores are taken too.
        required name: String,
        /// What is in it.
        required source: DocumentSource,
    }
}

open_enum! {
    /// Formats of documents.
    pub enum DocumentFormat {
        /// PDF.
        Pdf = "pdf",
        /// Comma-separated values.
        Csv = "csv",
        /// Word, the old format.
        Doc = "doc",
        /// Word.
        Docx = "docx",
        /// Excel, the old format.
        Xls = "xls",
        /// Excel.
        Xlsx = "xlsx",
        /// HTML.
        Html = "html",
        /// Plain text.
        Txt = "txt",
        /// Markdown.
        Md = "md",
    }
}

keyed! {
    /// Where a document comes from.
    pub enum DocumentSource {
        /// Its bytes, in base64.
        Bytes(String) = "bytes",
        /// It lies in S3.
        S3Location(S3Location) = "s3Location",
        /// Its text. AWS takes it only where citations are on; without them text goes as bytes.
        Text(String) = "text",
        /// Blocks of text, to be cited one by one; only where citations are on.
        Content(Vec<DocumentContent>) = "content",
    }
}

/// A block of a document.
pub type DocumentContent = PlainText;

impl ImageBlock {
    /// An image whose bytes are base64 already.
    pub fn base64(format: ImageFormat, data: impl Into<String>) -> Self {
        ImageBlock { error: None, format, source: ImageSource::Bytes(data.into()), extra: Default::default() }
    }

    /// An image from its bytes; which kind it is, they say themselves.
    ///
    /// # Errors
    /// When they are no JPEG, PNG, GIF or WebP image.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, UnfitBytes> {
        match MessagesImage::from_bytes(bytes)? {
            MessagesImage::Base64(source) => {
                let format = source.media_type.trim_start_matches("image/");
                Ok(ImageBlock::base64(ImageFormat::from(format), source.data))
            }
            // Bytes become base64 and nothing else.
            _ => Err(UnfitBytes::Empty),
        }
    }
}

impl DocumentBlock {
    /// A document whose bytes are base64 already.
    pub fn base64(format: DocumentFormat, name: impl Into<String>, data: impl Into<String>) -> Self {
        DocumentBlock::new(Some(format), name, DocumentSource::Bytes(data.into()))
    }

    /// A document from its bytes.
    pub fn from_bytes(format: DocumentFormat, name: impl Into<String>, bytes: &[u8]) -> Self {
        DocumentBlock::base64(format, name, base64_simd::STANDARD.encode_to_string(bytes))
    }

    /// A plain text, as bytes: AWS takes `text` only where citations are on.
    pub fn plain_text(name: impl Into<String>, text: impl AsRef<str>) -> Self {
        DocumentBlock::from_bytes(DocumentFormat::Txt, name, text.as_ref().as_bytes())
    }

    /// A document.
    pub fn new(format: Option<DocumentFormat>, name: impl Into<String>, source: DocumentSource) -> Self {
        DocumentBlock { citations: None, context: None, format, name: name.into(), source, extra: Default::default() }
    }

    /// Has it cited or not; see `citations`.
    #[must_use]
    pub fn citations(mut self, enabled: bool) -> Self {
        self.citations = Some(CitationsConfig::new(enabled));
        self
    }

    /// Tells the model about it.
    #[must_use]
    pub fn context(mut self, context: impl Into<String>) -> Self {
        self.context = Some(context.into());
        self
    }
}
