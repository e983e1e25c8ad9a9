//! What an object is besides its bytes: its ETag, its type, and what its writer noted. Kept beside the objects, in
//! `.heads`; a file that was changed by hand has lost it.

use std::collections::BTreeMap;

use http::HeaderMap;
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStoreExt as _};
use outcrop_wire::account::S3Uri;
use outcrop_wire::sigv4::hash_hex;
use serde::{Deserialize, Serialize};

use super::checksum::Verified;
use super::store::Buckets;

/// The headers that are kept as they came, besides those that begin with `x-amz-meta-`.
const KEPT: [&str; 6] =
    ["cache-control", "content-disposition", "content-encoding", "content-language", "content-type", "expires"];

/// What S3 takes for the type of an object whose writer said none.
const NO_TYPE: &str = "binary/octet-stream";

/// What an object is besides its bytes.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(super) struct Head {
    /// Which writing of the file it belongs to.
    stamp: String,
    /// With its quotation marks.
    pub(super) etag: String,
    /// Headers by name.
    pub(super) headers: BTreeMap<String, String>,
    /// The checksum that its writer sent, and that was right: the header, and its value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) checksum: Option<(String, String)>,
}

impl Head {
    /// Of an object that Bedrock writes.
    pub(super) fn of_type(content_type: &str) -> Self {
        let headers = [("content-type".to_owned(), content_type.to_owned())].into();
        Head { headers, ..Head::default() }
    }

    /// What the headers of a request say.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let is_kept = |name: &str| KEPT.contains(&name) || name.starts_with("x-amz-meta-");
        let pairs = headers.iter().filter(|(name, _)| is_kept(name.as_str()));
        let mut kept: BTreeMap<String, String> = pairs
            .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
            .collect();
        // That is about the way here, not about the object.
        if let Some(encoding) = kept.remove("content-encoding") {
            let parts: Vec<&str> =
                encoding.split(',').map(str::trim).filter(|part| !matches!(*part, "" | "aws-chunked")).collect();
            if !parts.is_empty() {
                kept.insert("content-encoding".to_owned(), parts.join(","));
            }
        }
        kept.entry("content-type".to_owned()).or_insert_with(|| NO_TYPE.to_owned());
        Head { headers: kept, ..Head::default() }
    }

    /// The same of an object with this ETag.
    pub(super) fn named(self, etag: &str) -> Self {
        Head { etag: etag.to_owned(), ..self }
    }

    /// The same of an object that was written with this checksum.
    pub(super) fn verified(self, checksum: Option<Verified>) -> Self {
        Head { checksum: checksum.map(|(name, sum)| (name.to_owned(), sum)), ..self }
    }

    /// That of an object: what was kept, or where the file is another by now, what can be told.
    pub(super) async fn read(buckets: Buckets<'_>, place: &S3Uri, meta: &ObjectMeta) -> Self {
        let stamp = stamp(meta);
        let read = async {
            let found = buckets.data.buckets().get(&path(place)).await.ok()?;
            serde_json::from_slice::<Head>(&found.bytes().await.ok()?).ok()
        };
        read.await.filter(|head| head.stamp == stamp).unwrap_or_else(|| {
            let headers = [("content-type".to_owned(), NO_TYPE.to_owned())].into();
            Head { etag: format!("\"{stamp}\""), stamp, headers, checksum: None }
        })
    }

    /// Keeps it. That it cannot be kept costs the object nothing.
    pub(super) async fn write(mut self, buckets: Buckets<'_>, place: &S3Uri, meta: &ObjectMeta) {
        self.stamp = stamp(meta);
        if let Ok(text) = serde_json::to_vec(&self) {
            let _ = buckets.data.buckets().put(&path(place), text.into()).await;
        }
    }

    pub(super) async fn remove(buckets: Buckets<'_>, place: &S3Uri) {
        let _ = buckets.data.buckets().delete(&path(place)).await;
    }
}

/// Differs with each writing of a file.
fn stamp(meta: &ObjectMeta) -> String {
    let tag: String = meta.e_tag.iter().flat_map(|tag| tag.chars()).filter(char::is_ascii_alphanumeric).collect();
    format!("{tag}-{:x}", meta.size)
}

/// No key is as long as a name of a file may be, and one may begin with another.
fn path(place: &S3Uri) -> Path {
    let hash = hash_hex(place.key.as_bytes());
    Path::from_iter([".heads", &place.bucket, &format!("{}.json", &hash[..40])])
}
