//! Buckets of S3, as far as logs and batches need them: where an object is, and how S3 says no.
//!
//! Source: botocore service model s3 2006-03-01 and the Amazon S3 API reference.

mod fault;
mod uri;

pub use fault::{decode_fault, encode_fault};
pub use uri::{S3Uri, S3UriError, is_bucket_name};

/// The service that signatures are scoped to.
pub const SIGNING_SERVICE: &str = "s3";

/// `Content-Type` of answers.
pub const ANSWER_TYPE: &str = "application/xml";

/// The header that says where a bucket is, also in refusals.
pub const REGION_HEADER: &str = "x-amz-bucket-region";

/// The header with the hash of a body, or with what stands for it.
pub const HASH_HEADER: &str = "x-amz-content-sha256";

/// A part of a path as it is without percent-encoding. What is no UTF-8 is replaced.
#[must_use]
pub fn decoded(path: &str) -> String {
    percent_encoding::percent_decode_str(path).decode_utf8_lossy().into_owned()
}
