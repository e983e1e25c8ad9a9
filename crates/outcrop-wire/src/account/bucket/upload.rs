//! Uploads in parts, copies and removals of several objects: their documents.

use std::fmt::Write as _;

use super::super::xml::{Element, put};
use super::{DECLARATION, DocumentError, NAMESPACE, read};

/// A part that completes an upload.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CompletedPart {
    /// From 1 to 10,000.
    pub number: u32,
    /// With or without its quotation marks.
    pub etag: String,
    /// Its checksums, by their algorithms as S3's headers spell them: `crc32`, `sha1`.
    pub checksums: Vec<(String, String)>,
}

/// The answer to `CreateMultipartUpload`.
#[must_use]
pub fn encode_upload(bucket: &str, key: &str, upload_id: &str) -> String {
    let mut out = format!("{DECLARATION}<InitiateMultipartUploadResult xmlns=\"{NAMESPACE}\">");
    put(&mut out, "Bucket", bucket);
    put(&mut out, "Key", key);
    put(&mut out, "UploadId", upload_id);
    out.push_str("</InitiateMultipartUploadResult>");
    out
}

/// The answer to `CompleteMultipartUpload`.
#[must_use]
pub fn encode_completed(location: &str, bucket: &str, key: &str, etag: &str) -> String {
    let mut out = format!("{DECLARATION}<CompleteMultipartUploadResult xmlns=\"{NAMESPACE}\">");
    put(&mut out, "Location", location);
    put(&mut out, "Bucket", bucket);
    put(&mut out, "Key", key);
    put(&mut out, "ETag", etag);
    out.push_str("</CompleteMultipartUploadResult>");
    out
}

/// The parts that a request to complete an upload names, in its order.
///
/// # Errors
/// When it is no such document, or names no part.
pub fn decode_parts(body: &[u8]) -> Result<Vec<CompletedPart>, DocumentError> {
    let root = read(body, "CompleteMultipartUpload")?;
    let part = |part: &Element| {
        let number = part.text_of("PartNumber").and_then(|number| number.parse().ok());
        let etag = part.text_of("ETag").map(str::to_owned);
        let named = part.elements().filter_map(|child| Some((child.name().strip_prefix("Checksum")?, child.text())));
        let checksums = named.map(|(name, sum)| (name.to_ascii_lowercase(), sum.trim().to_owned())).collect();
        Some(CompletedPart { number: number?, etag: etag?, checksums })
    };
    let parts: Option<Vec<CompletedPart>> = root.children("Part").map(part).collect();
    parts.filter(|parts| !parts.is_empty()).ok_or_else(|| DocumentError("a part has no number or no ETag".to_owned()))
}

/// The answer to `ListParts`: numbers, times, ETags and sizes, all on one page.
#[must_use]
pub fn encode_parts(bucket: &str, key: &str, upload_id: &str, parts: &[(u32, String, String, u64)]) -> String {
    let mut out = format!("{DECLARATION}<ListPartsResult xmlns=\"{NAMESPACE}\">");
    put(&mut out, "Bucket", bucket);
    put(&mut out, "Key", key);
    put(&mut out, "UploadId", upload_id);
    put(&mut out, "MaxParts", &parts.len().max(1000).to_string());
    put(&mut out, "IsTruncated", "false");
    for (number, modified, etag, size) in parts {
        let _ = write!(out, "<Part><PartNumber>{number}</PartNumber>");
        put(&mut out, "LastModified", modified);
        put(&mut out, "ETag", etag);
        let _ = write!(out, "<Size>{size}</Size></Part>");
    }
    out.push_str("</ListPartsResult>");
    out
}

/// The answer to `CopyObject`, or to `UploadPartCopy` under the name of that.
#[must_use]
pub fn encode_copied(name: &str, modified: &str, etag: &str) -> String {
    let mut out = format!("{DECLARATION}<{name} xmlns=\"{NAMESPACE}\">");
    put(&mut out, "LastModified", modified);
    put(&mut out, "ETag", etag);
    let _ = write!(out, "</{name}>");
    out
}

/// The keys that a request to remove several objects names, and whether nothing is to be said of those that are gone.
///
/// # Errors
/// When it is no such document.
pub fn decode_removal(body: &[u8]) -> Result<(Vec<String>, bool), DocumentError> {
    let root = read(body, "Delete")?;
    // A key may begin or end with white space.
    let key = |object: &Element| object.child("Key").map(|key| key.text().to_owned());
    let keys: Option<Vec<String>> = root.children("Object").map(key).collect();
    let keys = keys.filter(|keys| !keys.is_empty()).ok_or_else(|| DocumentError("an object has no key".to_owned()))?;
    Ok((keys, root.text_of("Quiet") == Some("true")))
}

/// The answer to it: the keys that are gone, and those that are not, with code and message.
#[must_use]
pub fn encode_removed(removed: &[String], failed: &[(String, String, String)]) -> String {
    let mut out = format!("{DECLARATION}<DeleteResult xmlns=\"{NAMESPACE}\">");
    for key in removed {
        out.push_str("<Deleted>");
        put(&mut out, "Key", key);
        out.push_str("</Deleted>");
    }
    for (key, code, message) in failed {
        out.push_str("<Error>");
        put(&mut out, "Key", key);
        put(&mut out, "Code", code);
        put(&mut out, "Message", message);
        out.push_str("</Error>");
    }
    out.push_str("</DeleteResult>");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_read_and_others_refused() {
        let body = b"<CompleteMultipartUpload xmlns='x'><Part><ETag>\"a\"</ETag><PartNumber>2</PartNumber>\
            <ChecksumCRC32>x</ChecksumCRC32></Part></CompleteMultipartUpload>";
        let checksums = vec![("crc32".to_owned(), "x".to_owned())];
        assert_eq!(decode_parts(body), Ok(vec![CompletedPart { number: 2, etag: "\"a\"".to_owned(), checksums }]));
        let body =
            b"<Delete><Object><Key> a&amp;b</Key></Object><Object><Key>c</Key></Object><Quiet>true</Quiet></Delete>";
        assert_eq!(decode_removal(body), Ok((vec![" a&b".to_owned(), "c".to_owned()], true)));
        for wrong in ["", "<Delete/>", "<Delete><Object/></Delete>", "<Other><Object><Key>a</Key></Object></Other>"] {
            assert!(decode_removal(wrong.as_bytes()).is_err() && decode_parts(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }
}
