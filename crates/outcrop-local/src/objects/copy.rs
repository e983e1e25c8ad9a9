//! Objects copied inside: `CopyObject`, and `UploadPartCopy`.

use object_store::GetOptions;
use outcrop_wire::account::S3Uri;
use outcrop_wire::account::bucket::{decoded, encode_copied};
use outcrop_wire::fault::Fault;

use super::Asked;
use super::body::next;
use super::checksum::Digests;
use super::heads::Head;
use super::list::modified;
use super::multipart::{self, Upload};
use super::refusal::{invalid, refusal, stored};
use super::said::Said;
use super::write::Writer;

/// `CopyObject`. What the object is besides its bytes comes along, or is said anew (`REPLACE`).
pub(super) async fn object(asked: &Asked<'_>) -> Result<Said, Fault> {
    let (source, place) = (source(asked)?, asked.place.uri());
    let meta = asked.buckets.meta(&source).await?;
    let mut head = Head::read(asked.buckets, &source, &meta).await;
    let replaces = asked.header("x-amz-metadata-directive").is_some_and(|said| said.eq_ignore_ascii_case("REPLACE"));
    if source == place && !replaces {
        let words = "This copy request is illegal because it is trying to copy an object to itself without changing \
                     the object's metadata, storage class, website redirect location or encryption attributes.";
        return Err(refusal("InvalidRequest", 400, words));
    }
    let etag = std::mem::take(&mut head.etag);
    let head = if replaces { Head::of(&asked.head.headers) } else { head };
    let mut writer = Writer::new(asked.buckets, &place)?;
    copied(asked, &source, None, &mut writer).await?;
    let (meta, etag) = writer.finish_as(head, etag).await?;
    Ok(Said::xml(encode_copied("CopyObjectResult", &modified(&meta), &etag)))
}

/// `UploadPartCopy`.
pub(super) async fn part(asked: &Asked<'_>, id: &str) -> Result<Said, Fault> {
    let source = source(asked)?;
    let upload = Upload::read(asked, id).await?;
    let number = multipart::number(asked)?;
    let range = match asked.header("x-amz-copy-source-range") {
        None => None,
        Some(range) => {
            let pair = range.strip_prefix("bytes=").and_then(|range| range.split_once('-'));
            let pair = pair.and_then(|(first, last)| Some((first.parse::<u64>().ok()?, last.parse::<u64>().ok()?)));
            let size = asked.buckets.meta(&source).await?.size;
            let pair = pair.filter(|(first, last)| first <= last && *last < size);
            Some(pair.ok_or_else(|| invalid("The x-amz-copy-source-range value must be of the form bytes=first-last"))?)
        }
    };
    let mut writer = Writer::at(asked.buckets, &asked.place.uri(), upload.path(number));
    let md5 = copied(asked, &source, range, &mut writer).await?;
    let meta = writer.close().await?;
    let etag = upload.keep(asked, number, &Digests { md5, checksum: None }, meta.size).await?;
    Ok(Said::xml(encode_copied("CopyPartResult", &modified(&meta), &etag)))
}

/// Where the copy comes from: `bucket/key`, percent-encoded.
fn source(asked: &Asked<'_>) -> Result<S3Uri, Fault> {
    let said = asked.header("x-amz-copy-source").unwrap_or_default();
    let wrong = || invalid("Copy Source must mention the source bucket and key: sourcebucket/sourcekey");
    let path = said.split_once("?versionId=").map_or(said, |(path, _)| path);
    let (bucket, key) = path.trim_start_matches('/').split_once('/').ok_or_else(wrong)?;
    let source = S3Uri { bucket: decoded(bucket), key: decoded(key) };
    if source.key.is_empty() {
        return Err(wrong());
    }
    // S3 copies from other regions too.
    match asked.buckets.exists(&source.bucket) {
        true => asked.is_ours("x-amz-source-expected-bucket-owner").map(|()| source),
        false => Err(super::refusal::no_such_bucket(&source.bucket)),
    }
}

/// The bytes from the first to the last of `range`, or all. Their MD5.
async fn copied(
    asked: &Asked<'_>,
    source: &S3Uri,
    range: Option<(u64, u64)>,
    writer: &mut Writer<'_>,
) -> Result<[u8; 16], Fault> {
    use md5::{Digest as _, Md5};
    let range = range.map(|(first, last)| (first..last + 1).into());
    let found = asked.buckets.open(source, GetOptions { range, ..GetOptions::default() }).await?;
    let mut stream = found.into_stream();
    let mut md5 = Md5::new();
    while let Some(data) = next(&mut stream).await {
        let data = data.map_err(|error| stored(error, source))?;
        md5.update(&data);
        writer.write(data).await?;
    }
    Ok(md5.finalize().into())
}
