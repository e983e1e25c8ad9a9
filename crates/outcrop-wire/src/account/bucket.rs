//! Buckets of S3, as far as logs and batches need them: where an object is, what S3 says and how it says no.
//!
//! Source: botocore service model s3 2006-03-01 and the Amazon S3 API reference. Objects themselves are bytes; what is
//! here is the XML around them, which a server writes and clients read.

mod chunked;
mod fault;
mod lifecycle;
mod listing;
mod region;
mod upload;
mod uri;

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

pub use self::chunked::{Chunked, ChunkedError, Piece};
pub use self::fault::{decode_fault, encode_fault};
pub use self::lifecycle::{LifecycleRule, decode_lifecycle, encode_lifecycle};
pub use self::listing::{Listed, ObjectPage, PageStart, encode_buckets};
pub use self::region::{decode_creation, decode_location, encode_creation, encode_location};
pub use self::upload::{
    CompletedPart, decode_parts, decode_removal, encode_completed, encode_copied, encode_parts, encode_removed,
    encode_upload,
};
pub use self::uri::{S3Uri, S3UriError, is_bucket_name};
use super::xml::Element;

/// The service that signatures are scoped to.
pub const SIGNING_SERVICE: &str = "s3";

/// `Content-Type` of answers.
pub const ANSWER_TYPE: &str = "application/xml";

/// The header that says where a bucket is, also in refusals.
pub const REGION_HEADER: &str = "x-amz-bucket-region";

/// The header with the hash of a body, or with what stands for it.
pub const HASH_HEADER: &str = "x-amz-content-sha256";

/// The header with the SHA-256 of a body, in Base64, which settings of a bucket must come with.
pub const CHECKSUM_HEADER: &str = "x-amz-checksum-sha256";

const NAMESPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";
const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

/// Why a body is not the document that was expected.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DocumentError(String);

impl fmt::Display for DocumentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for DocumentError {}

/// A part of a path as it is without percent-encoding. What is no UTF-8 is replaced.
#[must_use]
pub fn decoded(path: &str) -> String {
    percent_encoding::percent_decode_str(path).decode_utf8_lossy().into_owned()
}

/// The value of [`CHECKSUM_HEADER`].
#[must_use]
pub fn checksum(body: &[u8]) -> String {
    STANDARD.encode(Sha256::digest(body))
}

/// A query as names and values.
#[must_use]
pub fn query(query: &str) -> Vec<(String, String)> {
    super::target::pairs(query)
}

/// A document with this root.
fn read(body: &[u8], name: &str) -> Result<Element, DocumentError> {
    let root = Element::read(body).map_err(|error| DocumentError(error.to_string()))?;
    match root.name() == name {
        true => Ok(root),
        false => Err(DocumentError(format!("it is no {name}, but {}", root.name()))),
    }
}
