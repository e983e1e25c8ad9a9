//! Objects given and taken: `GetObject`, `HeadObject`, `PutObject`.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::Method;
use http_body::Body;
use object_store::{GetOptions, ObjectMeta};
use outcrop_wire::fault::Fault;

use super::Asked;
use super::body::ObjectBody;
use super::heads::Head;
use super::receive::Received;
use super::refusal::{precondition_failed, refusal};
use super::said::Said;
use super::write::Writer;

/// What a query may put in the place of a header.
const OVERRIDES: [(&str, &str); 6] = [
    ("response-cache-control", "cache-control"),
    ("response-content-disposition", "content-disposition"),
    ("response-content-encoding", "content-encoding"),
    ("response-content-language", "content-language"),
    ("response-content-type", "content-type"),
    ("response-expires", "expires"),
];

/// `GetObject`, and `HeadObject`.
pub(super) async fn get(asked: &Asked<'_>) -> Result<Said, Fault> {
    let place = asked.place.uri();
    let meta = asked.buckets.meta(&place).await?;
    let head = Head::read(asked.buckets, &place, &meta).await;
    let modified = modified(&meta);
    conditions(asked, Some((&head.etag, modified)))?;
    let range = asked.header("range").and_then(Range::parse);
    let part = match range {
        Some(range) => Some(
            range
                .of(meta.size)
                .ok_or_else(|| refusal("InvalidRange", 416, "The requested range is not satisfiable"))?,
        ),
        None => None,
    };
    let (begin, end) = part.unwrap_or((0, meta.size));
    let mut said = if asked.head.method == Method::HEAD {
        let nothing = ObjectBody::new(Box::pin(Nothing));
        Said::object(200, end - begin, nothing, asked.line.clone())
    } else {
        let options = GetOptions { range: part.map(|(begin, end)| (begin..end).into()), ..GetOptions::default() };
        let found = asked.buckets.open(&place, options).await?;
        let status = if part.is_some() { 206 } else { 200 };
        Said::object(status, end - begin, ObjectBody::new(found.into_stream()), asked.line.clone())
    };
    if part.is_some() {
        said = said.with("content-range", &format!("bytes {begin}-{}/{}", end - 1, meta.size));
    }
    for (name, value) in &head.headers {
        said = said.with(name, value);
    }
    // The checksum is that of the whole object.
    if part.is_none() && asked.header("x-amz-checksum-mode").is_some_and(|mode| mode.eq_ignore_ascii_case("ENABLED")) {
        said = said.with_checksum(head.checksum);
    }
    for (parameter, name) in OVERRIDES {
        if let Some(value) = asked.parameter(parameter) {
            said = said.with(name, value);
        }
    }
    let last_modified = httpdate::fmt_http_date(modified);
    Ok(said.with("etag", &head.etag).with("last-modified", &last_modified).with("accept-ranges", "bytes"))
}

/// `PutObject`.
pub(super) async fn put<B>(asked: &Asked<'_>, body: Received<'_, B>) -> Result<Said, Fault>
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let place = asked.place.uri();
    if asked.header("if-none-match").is_some() || asked.header("if-match").is_some() {
        match asked.buckets.meta(&place).await {
            Ok(meta) => {
                let head = Head::read(asked.buckets, &place, &meta).await;
                conditions(asked, Some((&head.etag, modified(&meta)))).map_err(|_| precondition_failed())?;
            }
            Err(fault) if fault.status == 404 && asked.header("if-match").is_none() => {}
            Err(fault) => return Err(fault),
        }
    }
    let (writer, digests) = body.write_to(Writer::new(asked.buckets, &place)?).await?;
    let head = Head::of(&asked.head.headers).verified(digests.checksum.clone());
    let (_, etag) = writer.finish(head, &digests.md5).await?;
    Ok(Said::nothing(200).with("etag", &etag).with_checksum(digests.checksum))
}

/// Whether an object may be given, or written, under the conditions of a request (RFC 9110, 13.2.2).
fn conditions(asked: &Asked<'_>, object: Option<(&str, SystemTime)>) -> Result<(), Fault> {
    let Some((etag, modified)) = object else { return Ok(()) };
    let bare = etag.trim_matches('"');
    let names = |list: &str| list.split(',').map(str::trim).any(|tag| tag == "*" || tag.trim_matches('"') == bare);
    let date = |name: &str| asked.header(name).and_then(|date| httpdate::parse_http_date(date).ok());
    // Dates have no parts of seconds.
    let seconds = |time: SystemTime| time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
    match (asked.header("if-match"), date("if-unmodified-since")) {
        (Some(list), _) if !names(list) => return Err(precondition_failed()),
        (None, Some(since)) if seconds(modified) > seconds(since) => return Err(precondition_failed()),
        _ => {}
    }
    let unchanged = match (asked.header("if-none-match"), date("if-modified-since")) {
        (Some(list), _) => names(list),
        (None, Some(since)) => seconds(modified) <= seconds(since),
        (None, None) => false,
    };
    match unchanged {
        true => Err(refusal("NotModified", 304, "Not Modified")),
        false => Ok(()),
    }
}

/// When an object was written.
fn modified(meta: &ObjectMeta) -> SystemTime {
    let seconds = u64::try_from(meta.last_modified.timestamp()).unwrap_or_default();
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

/// The part of an object that is asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Range {
    /// From a byte on, up to and with another.
    From(u64, Option<u64>),
    /// The last bytes.
    Last(u64),
}

impl Range {
    /// Another unit, several ranges and nonsense are passed over (RFC 9110, 14.2).
    fn parse(text: &str) -> Option<Self> {
        let (first, last) = text.trim().strip_prefix("bytes=")?.split_once('-')?;
        let number = |text: &str| text.trim().parse::<u64>().ok();
        match (first.trim(), last.trim()) {
            ("", last) => number(last).map(Range::Last),
            (first, "") => number(first).map(|first| Range::From(first, None)),
            (first, last) => {
                let (first, last) = (number(first)?, number(last)?);
                (first <= last).then_some(Range::From(first, Some(last)))
            }
        }
    }

    /// Where it begins and before what it ends; none where the object has nothing of it.
    fn of(self, size: u64) -> Option<(u64, u64)> {
        let (begin, end) = match self {
            Range::From(first, last) => (first, last.map_or(size, |last| size.min(last.saturating_add(1)))),
            Range::Last(count) => (size.saturating_sub(count), size),
        };
        (begin < end).then_some((begin, end))
    }
}

/// A stream of nothing.
struct Nothing;

impl futures_core::Stream for Nothing {
    type Item = object_store::Result<Bytes>;

    fn poll_next(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        std::task::Poll::Ready(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_what_they_say() {
        for (text, of_ten) in [
            ("bytes=0-3", Some(Some((0, 4)))),
            ("bytes=3-", Some(Some((3, 10)))),
            ("bytes=-4", Some(Some((6, 10)))),
            ("bytes=-99", Some(Some((0, 10)))),
            ("bytes=8-99", Some(Some((8, 10)))),
            ("bytes=10-", Some(None)),
            ("bytes=-0", Some(None)),
            ("bytes=4-3", None),
            ("bytes=0-1,3-4", None),
            ("lines=0-1", None),
        ] {
            assert_eq!(Range::parse(text).map(|range| range.of(10)), of_ten, "{text}");
        }
        assert_eq!(Range::parse(&format!("bytes=0-{}", u64::MAX)).and_then(|range| range.of(2)), Some((0, 2)));
    }
}
