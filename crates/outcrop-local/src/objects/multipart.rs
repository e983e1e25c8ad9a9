//! Uploads in parts. Parts lie in `.uploads` until they are put together; an upload outlives the server where there is a
//! folder.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http_body::Body;
use md5::{Digest as _, Md5};
use object_store::path::Path;
use object_store::{ObjectStore as _, ObjectStoreExt as _};
use outcrop_wire::account::S3Uri;
use outcrop_wire::account::bucket::{CompletedPart, decode_parts, encode_completed, encode_parts, encode_upload};
use outcrop_wire::fault::Fault;
use serde::{Deserialize, Serialize};

use super::Asked;
use super::body::next;
use super::checksum::{Checksum, Digests, Verified};
use super::heads::Head;
use super::list::modified;
use super::receive::{Received, hex};
use super::refusal::{invalid, malformed, no_such_upload, refusal, stored};
use super::said::Said;
use super::store::path_to_write;
use super::write::Writer;

/// Every part but the last has at least so many bytes.
const LEAST: u64 = 5 * 1024 * 1024;

/// The highest number of a part.
const MOST: u32 = 10_000;

/// What is written down of an upload.
#[derive(Deserialize, Serialize)]
struct Begun {
    bucket: String,
    key: String,
    head: Head,
}

/// What is written down of a part.
#[derive(Deserialize, Serialize)]
struct Part {
    md5: [u8; 16],
    size: u64,
    /// The checksum that came with it: the header, and its value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    checksum: Option<(String, String)>,
}

/// An upload that was begun.
pub(super) struct Upload {
    id: String,
    head: Head,
}

impl Upload {
    /// The upload of a request.
    pub(super) async fn read(asked: &Asked<'_>, id: &str) -> Result<Self, Fault> {
        if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(no_such_upload());
        }
        let begun: Begun = kept(asked, &Path::from_iter([".uploads", id, "upload.json"])).await?;
        let place = asked.place.uri();
        match begun.bucket == place.bucket && begun.key == place.key {
            true => Ok(Upload { id: id.to_owned(), head: begun.head }),
            false => Err(no_such_upload()),
        }
    }

    /// Where the bytes of a part are.
    pub(super) fn path(&self, number: u32) -> Path {
        Path::from_iter([".uploads", &self.id, &format!("{number:05}")])
    }

    fn note(&self, number: u32) -> Path {
        Path::from_iter([".uploads", &self.id, &format!("{number:05}.json")])
    }

    /// Writes down what a part is; its ETag.
    pub(super) async fn keep(
        &self,
        asked: &Asked<'_>,
        number: u32,
        digests: &Digests,
        size: u64,
    ) -> Result<String, Fault> {
        let checksum = digests.checksum.as_ref().map(|(name, sum)| ((*name).to_owned(), sum.clone()));
        keep(asked, &self.note(number), &Part { md5: digests.md5, size, checksum }).await?;
        Ok(etag(&digests.md5))
    }

    /// Forgets it, with its parts.
    async fn remove(&self, asked: &Asked<'_>) {
        let store = asked.local.data.buckets();
        let mut paths = Vec::new();
        let mut stream = store.list(Some(&Path::from_iter([".uploads", &self.id])));
        while let Some(meta) = next(&mut stream).await {
            paths.extend(meta.map(|meta| meta.location));
        }
        for path in paths {
            let _ = store.delete(&path).await;
        }
        if let Some(folder) = asked.local.data.folder() {
            let _ = std::fs::remove_dir(folder.join(".uploads").join(&self.id));
        }
    }
}

/// `CreateMultipartUpload`.
pub(super) async fn create(asked: &Asked<'_>) -> Result<Said, Fault> {
    let S3Uri { bucket, key } = asked.place.uri();
    path_to_write(&asked.place.uri())?;
    let id = format!("{:032x}", asked.local.random().u128(..));
    let begun = Begun { bucket: bucket.clone(), key: key.clone(), head: Head::of(&asked.head.headers) };
    keep(asked, &Path::from_iter([".uploads", &id, "upload.json"]), &begun).await?;
    Ok(Said::xml(encode_upload(&bucket, &key, &id)))
}

/// `UploadPart`.
pub(super) async fn part<B>(asked: &Asked<'_>, id: &str, body: Received<'_, B>) -> Result<Said, Fault>
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let upload = Upload::read(asked, id).await?;
    let number = number(asked)?;
    let writer = Writer::at(asked.buckets, &asked.place.uri(), upload.path(number));
    let (mut writer, digests) = body.write_to(writer).await?;
    let size = writer.size();
    writer.close().await?;
    let etag = upload.keep(asked, number, &digests, size).await?;
    let said = Said::nothing(200).with("etag", &etag);
    Ok(match digests.checksum {
        Some((name, sum)) => said.with(name, &sum),
        None => said,
    })
}

/// `CompleteMultipartUpload`.
pub(super) async fn complete<B>(asked: &Asked<'_>, id: &str, body: Received<'_, B>) -> Result<Said, Fault>
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let upload = Upload::read(asked, id).await?;
    let named = decode_parts(&body.whole().await?).map_err(malformed)?;
    if !named.is_sorted_by(|a, b| a.number < b.number) {
        let words = "The list of parts was not in ascending order. Parts must be ordered by part number.";
        return Err(refusal("InvalidPartOrder", 400, words));
    }
    let parts = found(asked, &upload, &named).await?;
    let place = asked.place.uri();
    let mut writer = Writer::new(asked.buckets, &place)?;
    let head = match put_together(asked, &upload, &parts, &mut writer).await {
        Ok(checksum) => upload.head.clone().verified(checksum),
        Err(fault) => {
            writer.abort().await;
            return Err(fault);
        }
    };
    let mut sums = Md5::new();
    parts.iter().for_each(|(_, part)| sums.update(part.md5));
    let tag = format!("\"{}-{}\"", hex(&sums.finalize()), named.len());
    let (_, tag) = writer.finish_as(head, tag).await?;
    upload.remove(asked).await;
    let location = format!("https://{}.s3.{}.amazonaws.com/{}", place.bucket, asked.region, place.key);
    Ok(Said::xml(encode_completed(&location, &place.bucket, &place.key, &tag)))
}

/// The parts that a request names, as they were uploaded, with their numbers.
async fn found(asked: &Asked<'_>, upload: &Upload, named: &[CompletedPart]) -> Result<Vec<(u32, Part)>, Fault> {
    let mut parts = Vec::with_capacity(named.len());
    for (at, part) in named.iter().enumerate() {
        let missing = || {
            let words = "One or more of the specified parts could not be found.  The part may not have been uploaded, \
                         or the specified entity tag may not match the part's entity tag.";
            refusal("InvalidPart", 400, words)
        };
        let found: Part = kept(asked, &upload.note(part.number)).await.map_err(|_| missing())?;
        let differs = |(algorithm, sum): &(String, String)| {
            let known = found.checksum.as_ref().filter(|(name, _)| name.ends_with(&format!("-{algorithm}")));
            known.is_some_and(|(_, known)| known != sum)
        };
        if part.etag.trim_matches('"') != hex(&found.md5) || part.checksums.iter().any(differs) {
            return Err(missing());
        }
        if found.size < LEAST && at + 1 < named.len() {
            let words = "Your proposed upload is smaller than the minimum allowed size";
            return Err(refusal("EntityTooSmall", 400, words));
        }
        parts.push((part.number, found));
    }
    Ok(parts)
}

/// Writes the parts one after the other. The checksum that the request has is that of the whole object, or that of the
/// checksums of its parts with their count (`base64-3`).
async fn put_together(
    asked: &Asked<'_>,
    upload: &Upload,
    parts: &[(u32, Part)],
    writer: &mut Writer<'_>,
) -> Result<Option<Verified>, Fault> {
    let mut checksum = Checksum::of(&asked.head.headers)?;
    let count = checksum.as_ref().and_then(Checksum::parts);
    if let Some(checksum) = checksum.as_ref().filter(|_| count.is_some_and(|count| *count != parts.len().to_string())) {
        return Err(checksum.bad());
    }
    let is_of_parts = count.is_some();
    for (number, part) in parts {
        if let Some(checksum) = checksum.as_mut().filter(|_| is_of_parts) {
            let own = part.checksum.as_ref().filter(|(name, _)| name == checksum.name());
            let own = own.and_then(|(_, sum)| STANDARD.decode(sum).ok());
            checksum.update(&own.ok_or_else(|| checksum.bad())?);
        }
        let found = asked.local.data.buckets().get(&upload.path(*number)).await;
        let mut stream = found.map_err(|error| stored(error, &asked.place.uri()))?.into_stream();
        while let Some(data) = next(&mut stream).await {
            let data = data.map_err(|error| stored(error, &asked.place.uri()))?;
            if let Some(checksum) = checksum.as_mut().filter(|_| !is_of_parts) {
                checksum.update(&data);
            }
            writer.write(data).await?;
        }
    }
    checksum.map(Checksum::verified).transpose()
}

/// `AbortMultipartUpload`.
pub(super) async fn abort(asked: &Asked<'_>, id: &str) -> Result<Said, Fault> {
    Upload::read(asked, id).await?.remove(asked).await;
    Ok(Said::nothing(204))
}

/// `ListParts`.
pub(super) async fn list(asked: &Asked<'_>, id: &str) -> Result<Said, Fault> {
    let upload = Upload::read(asked, id).await?;
    let place = asked.place.uri();
    let mut stream = asked.local.data.buckets().list(Some(&Path::from_iter([".uploads", id])));
    let mut parts = Vec::new();
    while let Some(meta) = next(&mut stream).await {
        let meta = meta.map_err(|error| stored(error, &place))?;
        let number = meta.location.filename().and_then(|name| name.parse::<u32>().ok());
        let Some(number) = number else { continue };
        // A part whose note is not there yet is still being written.
        if let Ok(part) = kept::<Part>(asked, &upload.note(number)).await {
            parts.push((number, modified(&meta), etag(&part.md5), part.size));
        }
    }
    parts.sort_unstable_by_key(|(number, ..)| *number);
    Ok(Said::xml(encode_parts(&place.bucket, &place.key, id, &parts)))
}

/// The number of the part of a request.
pub(super) fn number(asked: &Asked<'_>) -> Result<u32, Fault> {
    let number = asked.parameter("partNumber").and_then(|number| number.parse::<u32>().ok());
    let number = number.filter(|number| (1..=MOST).contains(number));
    number.ok_or_else(|| invalid(format!("Part number must be an integer between 1 and {MOST}, inclusive")))
}

fn etag(md5: &[u8; 16]) -> String {
    format!("\"{}\"", hex(md5))
}

async fn kept<T: for<'a> Deserialize<'a>>(asked: &Asked<'_>, path: &Path) -> Result<T, Fault> {
    let found = asked.local.data.buckets().get(path).await.map_err(|_| no_such_upload())?;
    let text = found.bytes().await.map_err(|_| no_such_upload())?;
    serde_json::from_slice(&text).map_err(|_| no_such_upload())
}

async fn keep(asked: &Asked<'_>, path: &Path, value: &impl Serialize) -> Result<(), Fault> {
    let text = serde_json::to_vec(value).map_err(|error| refusal("InternalError", 500, error.to_string()))?;
    let put = asked.local.data.buckets().put(path, text.into()).await;
    put.map(|_| ()).map_err(|error| stored(error, &asked.place.uri()))
}
