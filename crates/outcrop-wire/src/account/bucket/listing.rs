//! What is in a bucket, and which buckets there are: the answers to lists.

use std::fmt::Write as _;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::super::xml::put;
use super::{DECLARATION, NAMESPACE};

/// What `encoding-type=url` leaves as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b'/');

/// An object, as a list tells it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Listed {
    /// Its key.
    pub key: String,
    /// When it was written: `2026-03-01T12:00:00.000Z`.
    pub last_modified: String,
    /// With its quotation marks.
    pub etag: String,
    /// In bytes.
    pub size: u64,
}

/// A page of a list of objects (`ListObjectsV2`, and `ListObjects` as it was before).
#[derive(Clone, Debug, Default)]
pub struct ObjectPage {
    /// The bucket.
    pub bucket: String,
    /// What all keys begin with.
    pub prefix: String,
    /// What ends a common prefix.
    pub delimiter: String,
    /// At most so many keys and common prefixes.
    pub max_keys: usize,
    /// Whether keys are percent-encoded.
    pub url_encoded: bool,
    /// The objects.
    pub objects: Vec<Listed>,
    /// What keys that are left out begin with, up to the delimiter.
    pub common_prefixes: Vec<String>,
    /// What the next page begins after; none on the last one.
    pub next: Option<String>,
    /// What this page was asked for with.
    pub asked: PageStart,
}

/// Where a page begins, in the words of either operation.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum PageStart {
    /// `ListObjectsV2`: its token, and the key to begin after.
    V2 {
        /// The token.
        continuation_token: Option<String>,
        /// The key.
        start_after: Option<String>,
    },
    /// `ListObjects`: the key to begin after.
    V1 {
        /// The key.
        marker: String,
    },
}

impl Default for PageStart {
    fn default() -> Self {
        PageStart::V2 { continuation_token: None, start_after: None }
    }
}

impl ObjectPage {
    /// The answer's body.
    #[must_use]
    pub fn encode(&self) -> String {
        let key = |text: &str| match self.url_encoded {
            true => utf8_percent_encode(text, PLAIN).to_string(),
            false => text.to_owned(),
        };
        let mut out = format!("{DECLARATION}<ListBucketResult xmlns=\"{NAMESPACE}\">");
        put(&mut out, "Name", &self.bucket);
        put(&mut out, "Prefix", &key(&self.prefix));
        if !self.delimiter.is_empty() {
            put(&mut out, "Delimiter", &key(&self.delimiter));
        }
        put(&mut out, "MaxKeys", &self.max_keys.to_string());
        if self.url_encoded {
            put(&mut out, "EncodingType", "url");
        }
        match &self.asked {
            PageStart::V2 { continuation_token, start_after } => {
                put(&mut out, "KeyCount", &(self.objects.len() + self.common_prefixes.len()).to_string());
                if let Some(token) = continuation_token {
                    put(&mut out, "ContinuationToken", token);
                }
                if let Some(after) = start_after {
                    put(&mut out, "StartAfter", &key(after));
                }
                if let Some(next) = &self.next {
                    put(&mut out, "NextContinuationToken", next);
                }
            }
            PageStart::V1 { marker } => {
                put(&mut out, "Marker", &key(marker));
                // Without a delimiter, the last key says it.
                if let Some(next) = self.next.as_ref().filter(|_| !self.delimiter.is_empty()) {
                    put(&mut out, "NextMarker", &key(next));
                }
            }
        }
        put(&mut out, "IsTruncated", if self.next.is_some() { "true" } else { "false" });
        for object in &self.objects {
            out.push_str("<Contents>");
            put(&mut out, "Key", &key(&object.key));
            put(&mut out, "LastModified", &object.last_modified);
            put(&mut out, "ETag", &object.etag);
            put(&mut out, "Size", &object.size.to_string());
            put(&mut out, "StorageClass", "STANDARD");
            out.push_str("</Contents>");
        }
        for prefix in &self.common_prefixes {
            out.push_str("<CommonPrefixes>");
            put(&mut out, "Prefix", &key(prefix));
            out.push_str("</CommonPrefixes>");
        }
        out.push_str("</ListBucketResult>");
        out
    }
}

/// The answer to `ListBuckets`: names, with the time each was made and its region. `owner` is an id.
#[must_use]
pub fn encode_buckets<'a>(owner: &str, buckets: impl IntoIterator<Item = (&'a str, &'a str, &'a str)>) -> String {
    let mut out = format!("{DECLARATION}<ListAllMyBucketsResult xmlns=\"{NAMESPACE}\"><Owner>");
    put(&mut out, "ID", owner);
    out.push_str("</Owner><Buckets>");
    for (name, created, region) in buckets {
        out.push_str("<Bucket>");
        put(&mut out, "Name", name);
        put(&mut out, "CreationDate", created);
        put(&mut out, "BucketRegion", region);
        out.push_str("</Bucket>");
    }
    let _ = write!(out, "</Buckets></ListAllMyBucketsResult>");
    out
}
