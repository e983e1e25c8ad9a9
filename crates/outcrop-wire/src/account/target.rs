//! The query of a request: names and values, escaped as AWS's clients write them.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// Everything but the unreserved characters.
const VALUE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Pairs as a query, without its question mark.
pub(super) fn query<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut query = String::new();
    for (name, value) in pairs {
        if !query.is_empty() {
            query.push('&');
        }
        query.push_str(name);
        query.push('=');
        query.extend(utf8_percent_encode(value, VALUE));
    }
    query
}

/// A query or a form as pairs. What is no UTF-8 is replaced.
pub(super) fn pairs(query: &str) -> Vec<(String, String)> {
    let decoded = |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
    let parts = query.split('&').filter(|part| !part.is_empty());
    parts
        .map(|part| part.split_once('=').unwrap_or((part, "")))
        .map(|(name, value)| (decoded(name), decoded(value)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_read_as_they_are_written() {
        let written = query([("a", "x y&z"), ("b", "2026-01-02T03:04:05Z")]);
        assert_eq!(written, "a=x%20y%26z&b=2026-01-02T03%3A04%3A05Z");
        let read = pairs(&written);
        assert_eq!(read[0], ("a".to_owned(), "x y&z".to_owned()));
        assert_eq!(pairs("c=1+2&&d")[1], ("d".to_owned(), String::new()));
    }
}
