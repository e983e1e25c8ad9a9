//! Lists: `ListBuckets`, `ListObjectsV2`, and `ListObjects` as it was before.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use object_store::ObjectMeta;
use outcrop_wire::account::S3Uri;
use outcrop_wire::account::bucket::{Listed, ObjectPage, PageStart, encode_buckets};
use outcrop_wire::fault::Fault;
use outcrop_wire::sigv4::AmzTime;

use super::Asked;
use super::heads::Head;
use super::refusal::invalid;
use super::said::Said;

/// The most keys and common prefixes of a page.
const MOST: usize = 1000;

/// `ListBuckets`, all on one page.
pub(super) fn buckets(asked: &Asked<'_>) -> Said {
    let all = asked.buckets.all();
    let rows: Vec<(&str, String, &str)> = all
        .iter()
        .map(|(name, kept)| {
            let created = kept.as_ref().map_or(0, |kept| kept.created);
            let region = kept.as_ref().map_or(asked.region, |kept| &kept.region);
            (name.as_str(), iso(created), region)
        })
        .collect();
    let rows = rows.iter().map(|(name, created, region)| (*name, created.as_str(), *region));
    Said::xml(encode_buckets(&asked.local.account.id, rows))
}

/// `ListObjectsV2`, `ListObjects`.
pub(super) async fn objects(asked: &Asked<'_>, bucket: &str) -> Result<Said, Fault> {
    let is_v2 = match asked.parameter("list-type") {
        None => false,
        Some("2") => true,
        Some(_) => return Err(invalid("Invalid List Type specified in Request")),
    };
    let text = |name: &str| asked.parameter(name).filter(|text| !text.is_empty()).map(str::to_owned);
    let max_keys = match asked.parameter("max-keys") {
        None | Some("") => MOST,
        Some(number) => {
            let number = number.parse::<u32>().ok().filter(|number| *number <= i32::MAX as u32);
            number.ok_or_else(|| invalid("Provided max-keys not an integer or within integer range"))? as usize
        }
    };
    let url_encoded = match asked.parameter("encoding-type") {
        None | Some("") => false,
        Some("url") => true,
        Some(_) => return Err(invalid("Invalid Encoding Method specified in Request")),
    };
    let start = match is_v2 {
        true => PageStart::V2 { continuation_token: text("continuation-token"), start_after: text("start-after") },
        false => PageStart::V1 { marker: text("marker").unwrap_or_default() },
    };
    let after = match &start {
        PageStart::V2 { continuation_token: Some(token), .. } => {
            token_read(token).ok_or_else(|| invalid("The continuation token provided is incorrect"))?
        }
        PageStart::V2 { start_after, .. } => start_after.clone().unwrap_or_default(),
        PageStart::V1 { marker } => marker.clone(),
    };
    let mut page = ObjectPage {
        bucket: bucket.to_owned(),
        prefix: text("prefix").unwrap_or_default(),
        delimiter: text("delimiter").unwrap_or_default(),
        max_keys,
        url_encoded,
        asked: start,
        ..ObjectPage::default()
    };
    let all = asked.buckets.list(&S3Uri { bucket: bucket.to_owned(), key: page.prefix.clone() }).await?;
    // What was said last: a key, or a common prefix, behind which everything that begins so is passed over.
    let mut last = after;
    let most = max_keys.min(MOST);
    for object in all {
        let rest = &object.key[page.prefix.len()..];
        let group = (!page.delimiter.is_empty())
            .then(|| rest.find(&page.delimiter))
            .flatten()
            .map(|end| object.key[..page.prefix.len() + end + page.delimiter.len()].to_owned());
        let name = group.as_deref().unwrap_or(&object.key);
        if name <= last.as_str() {
            continue;
        }
        if page.objects.len() + page.common_prefixes.len() == most {
            page.next = Some(if is_v2 { token(&last) } else { last.clone() }).filter(|_| most > 0);
            break;
        }
        last = name.to_owned();
        match group {
            Some(group) => page.common_prefixes.push(group),
            None => {
                let place = S3Uri { bucket: bucket.to_owned(), key: object.key };
                let head = Head::read(asked.buckets, &place, &object.meta).await;
                page.objects.push(Listed {
                    key: place.key,
                    last_modified: modified(&object.meta),
                    etag: head.etag,
                    size: object.meta.size,
                });
            }
        }
    }
    Ok(Said::xml(page.encode()))
}

/// When an object was written, as documents say it.
pub(super) fn modified(meta: &ObjectMeta) -> String {
    iso(meta.last_modified.timestamp())
}

/// `2026-03-01T12:00:00.000Z`.
pub(super) fn iso(seconds: i64) -> String {
    let text = AmzTime::from_unix(seconds).iso();
    format!("{}.000Z", text.trim_end_matches('Z'))
}

/// Opaque, as S3's own.
fn token(last: &str) -> String {
    format!("1{}", URL_SAFE_NO_PAD.encode(last))
}

fn token_read(token: &str) -> Option<String> {
    String::from_utf8(URL_SAFE_NO_PAD.decode(token.strip_prefix('1')?).ok()?).ok()
}
