//! The canonical request: what both sides hash.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sha2::{Digest, Sha256};

/// A request as it is signed.
#[derive(Clone, Copy, Debug)]
pub struct Canonical<'a> {
    /// `POST`.
    pub method: &'a str,
    /// The path as it is on the wire, without query.
    pub path: &'a str,
    /// The query as it is on the wire, without `?`.
    pub query: &'a str,
    /// How the service treats the path.
    pub path_style: PathStyle,
    /// Hex SHA-256 of the body, or what stands for it.
    pub payload_hash: &'a str,
}

/// How a service treats the path before it is encoded once more.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum PathStyle {
    /// Dot segments and double slashes are resolved first: Bedrock and nearly every other.
    #[default]
    Normalized,
    /// The path is taken as it is.
    AsIs,
    /// The path is encoded once only, however the client wrote it: S3.
    Once,
}

pub(super) const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
const PATH: &AsciiSet = &UNRESERVED.remove(b'/');

/// Writes the canonical request. `headers` are those to be signed: lower-case names, in any order, one entry a value.
#[must_use]
pub fn canonical_request(request: &Canonical<'_>, headers: &[(&str, &str)]) -> String {
    let mut sorted: Vec<&(&str, &str)> = headers.iter().collect();
    // Stable: values of one name keep their order.
    sorted.sort_by_key(|(name, _)| *name);
    let mut out = String::with_capacity(512);
    out.push_str(request.method);
    out.push('\n');
    out.push_str(&canonical_path(request.path, request.path_style));
    out.push('\n');
    out.push_str(&canonical_query(request.query));
    out.push('\n');
    let mut last = None;
    for (name, value) in &sorted {
        if last == Some(*name) {
            out.pop();
            out.push(',');
        } else {
            out.push_str(name);
            out.push(':');
        }
        push_trimmed(value, &mut out);
        out.push('\n');
        last = Some(*name);
    }
    out.push('\n');
    push_names(&sorted, &mut out);
    out.push('\n');
    out.push_str(request.payload_hash);
    out
}

/// `a;b;c`: each name once, sorted.
pub(super) fn signed_names(headers: &[(&str, &str)]) -> String {
    let mut sorted: Vec<&(&str, &str)> = headers.iter().collect();
    sorted.sort_by_key(|(name, _)| *name);
    let mut out = String::with_capacity(64);
    push_names(&sorted, &mut out);
    out
}

fn push_names(sorted: &[&(&str, &str)], out: &mut String) {
    for (at, (name, _)) in sorted.iter().enumerate() {
        if at > 0 && sorted[at - 1].0 == *name {
            continue;
        }
        if at > 0 {
            out.push(';');
        }
        out.push_str(name);
    }
}

/// Trimmed, and runs of white space made one space.
fn push_trimmed(value: &str, out: &mut String) {
    let mut words = value.split_ascii_whitespace();
    if let Some(first) = words.next() {
        out.push_str(first);
    }
    for word in words {
        out.push(' ');
        out.push_str(word);
    }
}

/// The path, encoded once more than it is on the wire; for S3, once.
#[must_use]
pub fn canonical_path(path: &str, style: PathStyle) -> String {
    let path = if path.is_empty() { "/" } else { path };
    if style == PathStyle::Once {
        let decoded: Vec<u8> = percent_decode_str(path).collect();
        return percent_encoding::percent_encode(&decoded, PATH).to_string();
    }
    let needs_resolving = style == PathStyle::Normalized
        && (path.contains("//") || path.split('/').any(|segment| segment == "." || segment == ".."));
    if needs_resolving { encode_path(&resolve(path)) } else { encode_path(path) }
}

fn encode_path(path: &str) -> String {
    utf8_percent_encode(path, PATH).to_string()
}

/// RFC 3986 dot segments, and empty segments left out; a final slash stays.
fn resolve(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                kept.pop();
            }
            other => kept.push(other),
        }
    }
    let mut out = String::with_capacity(path.len());
    for segment in &kept {
        out.push('/');
        out.push_str(segment);
    }
    if out.is_empty() || path.ends_with('/') {
        out.push('/');
    }
    out
}

/// The query with every key and value encoded once and sorted.
#[must_use]
pub fn canonical_query(query: &str) -> String {
    if query.is_empty() {
        return String::new();
    }
    let encode = |text: &str| -> String {
        let decoded: Vec<u8> = percent_decode_str(text).collect();
        percent_encoding::percent_encode(&decoded, UNRESERVED).to_string()
    };
    let mut pairs: Vec<(String, String)> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (encode(key), encode(value))
        })
        .collect();
    pairs.sort();
    let mut out = String::with_capacity(query.len());
    for (at, (key, value)) in pairs.iter().enumerate() {
        if at > 0 {
            out.push('&');
        }
        out.push_str(key);
        out.push('=');
        out.push_str(value);
    }
    out
}

/// Lower-case hex of the SHA-256 of `bytes`.
#[must_use]
pub fn hash_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

pub(super) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        out.push(DIGITS[usize::from(byte >> 4)] as char);
        out.push(DIGITS[usize::from(byte & 15)] as char);
    }
    out
}
