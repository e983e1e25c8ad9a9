//! Images and documents of a call in a few words: what they are, of what format, how large.

use std::collections::BTreeMap;

use outcrop::Json;
use outcrop::wire::Other;
use outcrop::wire::messages::{DocumentBlock, ImageSource, MediaSource};
use serde::Serialize;

/// How large media are that lie in S3, by their paths.
pub(super) type Sizes = BTreeMap<String, u64>;

/// `[image png 12 kB]`
pub(super) fn image(source: &ImageSource, sizes: &Sizes) -> String {
    let what = match source {
        ImageSource::Base64(bytes) => in_record(&bytes.media_type, base64_size(&bytes.data)),
        ImageSource::Other(other) => elsewhere(other, sizes),
        source => format!(", {}", members(source)),
    };
    format!("[image{what}]")
}

/// `[document "r" pdf 120 kB]`
pub(super) fn document(block: &DocumentBlock, sizes: &Sizes) -> String {
    let what = match &block.source {
        MediaSource::Base64(bytes) => in_record(&bytes.media_type, base64_size(&bytes.data)),
        MediaSource::Text(text) => in_record(&text.media_type, text.data.len() as u64),
        MediaSource::Content(_) => " of blocks".to_owned(),
        MediaSource::Other(other) => elsewhere(other, sizes),
        source => format!(", {}", members(source)),
    };
    let title = block.title.as_deref().map(|title| format!(" \"{title}\"")).unwrap_or_default();
    format!("[document{title}{what}]")
}

/// An image or a document that its record keeps in no words of Converse: the format is missing, or the name.
pub(super) fn odd(block: &Other, sizes: &Sizes) -> Option<String> {
    let (kind, media) = ["image", "document"].into_iter().find_map(|kind| Some((kind, block.members.value(kind)?)))?;
    let media = Other { kind: String::new(), members: media.parse().ok()? };
    let name: Option<String> = media.members.value("name").and_then(|name| name.parse().ok());
    let name = name.map(|name| format!(" \"{name}\"")).unwrap_or_default();
    let source = media.members.value("source").and_then(|source| source.parse().ok())?;
    let mut source = Other { kind: String::new(), members: source };
    if let Some(format) = media.members.value("format") {
        source.members.set("format", format.clone());
    }
    Some(format!("[{kind}{name}{}]", elsewhere(&source, sizes)))
}

/// Where something lies, in whichever words.
fn members(source: &impl Serialize) -> String {
    Json::of(source).map(|json| json.to_string()).unwrap_or_default()
}

/// Bytes that are in the record; none where the log is to have none.
fn in_record(media_type: &str, bytes: u64) -> String {
    let format = media_type.rsplit('/').next().unwrap_or(media_type);
    let format = if format == "plain" { "txt" } else { format };
    match bytes {
        0 => format!(" {format}, not logged"),
        bytes => format!(" {format} {}", told(bytes)),
    }
}

/// A source of Converse that Messages has no word for: bytes in S3, or none at all.
fn elsewhere(source: &Other, sizes: &Sizes) -> String {
    let text = |value: Option<&Json>| value.and_then(|value| value.parse::<String>().ok());
    let path = text(source.members.value("s3Uri")).or_else(|| {
        let place: outcrop::wire::Extra = source.members.value("s3Location")?.parse().ok()?;
        text(place.value("uri"))
    });
    let ends =
        path.as_deref().and_then(|path| path.rsplit_once('/')?.1.rsplit_once('.')).map(|(_, end)| end.to_owned());
    let format = text(source.members.value("format")).or(ends).map(|format| format!(" {format}")).unwrap_or_default();
    match path {
        Some(path) => match sizes.get(&path) {
            Some(bytes) => format!("{format} {}", told(*bytes)),
            None => format!("{format}, {path}"),
        },
        None if source.members.iter().all(|(name, _)| name == "format") => format!("{format}, not logged"),
        None => format!(", {}", members(source)),
    }
}

/// `512 B`, `12 kB`, `3.4 MB`
fn told(bytes: u64) -> String {
    match bytes {
        0..1000 => format!("{bytes} B"),
        1000..999_500 => format!("{} kB", (bytes + 500) / 1000),
        _ => {
            let tenths = (bytes + 50_000) / 100_000;
            format!("{}.{} MB", tenths / 10, tenths % 10)
        }
    }
}

/// The bytes that base64 stands for.
fn base64_size(data: &str) -> u64 {
    (data.trim_end_matches('=').len() * 3 / 4) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(json: &str) -> Other {
        Other { kind: String::new(), members: serde_json::from_str(json).expect("members") }
    }

    #[test]
    fn media_are_told_by_format_and_size_or_where_they_lie() {
        let sizes = Sizes::from([("s3://b/k.png".to_owned(), 12_345)]);
        for (json, expected) in [
            (r#"{"s3Uri":"s3://b/k.png","format":"png"}"#, "[image png 12 kB]"),
            (r#"{"s3Uri":"s3://b/k.png"}"#, "[image png 12 kB]"),
            (r#"{"s3Uri":"s3://b/l.png","format":"png"}"#, "[image png, s3://b/l.png]"),
            (r#"{"s3Location":{"uri":"s3://b/k.png"},"format":"png"}"#, "[image png 12 kB]"),
            (r#"{"format":"png"}"#, "[image png, not logged]"),
            (r#"{"new":1}"#, r#"[image, {"new":1}]"#),
        ] {
            assert_eq!(image(&ImageSource::Other(source(json)), &sizes), expected);
        }
        let odd = |json: &str| odd(&source(json), &sizes);
        assert_eq!(odd(r#"{"image":{"source":{"s3Uri":"s3://b/k.png"}}}"#).as_deref(), Some("[image png 12 kB]"));
        let named = odd(r#"{"document":{"name":"r","source":{}}}"#);
        assert_eq!(named.as_deref(), Some(r#"[document "r", not logged]"#));
        assert_eq!(odd(r#"{"video":{}}"#), None);
        assert_eq!(
            [1, 999, 1000, 999_499, 999_500, 4_560_000].map(told),
            ["1 B", "999 B", "1 kB", "999 kB", "1.0 MB", "4.6 MB"]
        );
    }
}
