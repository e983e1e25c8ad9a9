//! One file from the web, over the client's own transport: http and https, a few redirects, limits of length and time.

use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_LENGTH, HOST, LOCATION, USER_AGENT};
use http::{HeaderValue, Method, Request, Response, Uri};
use tokio::time::Instant;

use crate::error::{Error, Kind, Result};
use crate::media::LARGEST_FILE;
use crate::transport::{Body, Transport};

/// How long a server may be silent.
const PATIENCE: Duration = Duration::from_secs(20);

const MOST_REDIRECTS: usize = 5;

/// The most letters of a URL that errors and notes tell.
const MOST_SHOWN: usize = 200;

/// One file, through redirects.
pub(super) async fn fetch(transport: &dyn Transport, url: &str, deadline: Instant) -> Result<Bytes> {
    let mut at = parse(url, url)?;
    for _ in 0..=MOST_REDIRECTS {
        let answer = get(transport, url, &at).await?;
        let status = answer.status();
        if status.is_redirection()
            && let Some(location) = answer.headers().get(LOCATION)
        {
            let location = location.to_str().map_err(|_| failed(url, "it is redirected to what is no URL"))?;
            let next = parse(url, &joined(&at, location))?;
            if at.scheme_str() == Some("https") && next.scheme_str() == Some("http") {
                return Err(failed(url, "it is redirected from https to http"));
            }
            at = next;
            continue;
        }
        if !status.is_success() {
            return Err(failed(url, &format!("the server answered {status}")));
        }
        let length = answer.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
        if length.is_some_and(|length| length > LARGEST_FILE) {
            return Err(too_long(url));
        }
        let mut body = answer.into_body().watched(PATIENCE, Some(deadline));
        let limit = usize::try_from(LARGEST_FILE).unwrap_or(usize::MAX);
        let bytes = body.collect(limit).await.map_err(|error| failed(url, &error.to_string()))?;
        // The first chunk alone may be longer.
        return if bytes.len() as u64 > LARGEST_FILE { Err(too_long(url)) } else { Ok(bytes) };
    }
    Err(failed(url, &format!("it is redirected more than {MOST_REDIRECTS} times")))
}

async fn get(transport: &dyn Transport, url: &str, at: &Uri) -> Result<Response<Body>> {
    let (mut parts, ()) = Request::new(()).into_parts();
    parts.method = Method::GET;
    let host = at.authority().map_or("", |authority| authority.as_str());
    let host = HeaderValue::from_str(host).map_err(|_| failed(url, "its host makes no sense"))?;
    parts.headers.insert(HOST, host);
    parts.headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
    parts.headers.insert(USER_AGENT, HeaderValue::from_static(concat!("outcrop/", env!("CARGO_PKG_VERSION"))));
    parts.uri = at.clone();
    let answer = transport.send(Request::from_parts(parts, Bytes::new())).await;
    answer.map_err(|error| Error::transport(format!("download {}", shown(url)), &error))
}

/// A URL that can be asked for: http or https, with a host, without a user.
fn parse(url: &str, text: &str) -> Result<Uri> {
    let invalid = |why: &str| Error::new(Kind::Invalid, format!("download {}", shown(url)), why);
    let scheme = text.split_once("://").map_or("", |(scheme, _)| scheme);
    if !["http", "https"].iter().any(|taken| scheme.eq_ignore_ascii_case(taken)) {
        return Err(invalid("only http and https can be fetched").with_hint("give its bytes"));
    }
    let uri: Uri =
        text.parse().map_err(|_| invalid("it is no URL; blanks and letters beyond ASCII are to be escaped"))?;
    match uri.authority() {
        Some(authority) if authority.as_str().contains('@') => Err(invalid("a user name in a URL is not taken")),
        Some(authority) if !authority.host().is_empty() => Ok(uri),
        _ => Err(invalid("it names no host")),
    }
}

/// Where a redirect leads to: a whole URL, or a part of one.
fn joined(at: &Uri, location: &str) -> String {
    let (scheme, host) = (at.scheme_str().unwrap_or("https"), at.authority().map_or("", |host| host.as_str()));
    if location.starts_with("//") {
        return format!("{scheme}:{location}");
    }
    if location.starts_with('/') {
        return format!("{scheme}://{host}{location}");
    }
    // A scheme ends at a colon, before which no slash or question mark stands.
    let head = location.split(['/', '?', '#']).next().unwrap_or_default();
    if head.contains(':') {
        return location.to_owned();
    }
    let folder = at.path().rsplit_once('/').map_or("", |(folder, _)| folder);
    format!("{scheme}://{host}{folder}/{location}")
}

/// A URL as errors and notes tell it: what follows a question mark may be a secret, and so may a user name. Of a `data:`
/// URL, which is the file itself, the beginning will do.
pub(super) fn shown(url: &str) -> String {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let plain = match path.split_once("://").and_then(|(scheme, rest)| Some((scheme, rest.split_once('@')?.1))) {
        Some((scheme, rest)) => format!("{scheme}://{rest}"),
        None => path.to_owned(),
    };
    match plain.char_indices().nth(MOST_SHOWN) {
        Some((end, _)) => format!("{}...", &plain[..end]),
        None => plain,
    }
}

pub(super) fn failed(url: &str, why: &str) -> Error {
    Error::new(Kind::Invalid, format!("download {}", shown(url)), why)
}

fn too_long(url: &str) -> Error {
    failed(url, &format!("it is longer than {LARGEST_FILE} bytes, the limit of a file in a request to Bedrock"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_lead_where_they_say() {
        let at: Uri = "https://a.test/x/y?z=1".parse().expect("a URL");
        for (location, expected) in [
            ("https://b.test/q", "https://b.test/q"),
            ("//b.test/q", "https://b.test/q"),
            ("/q?r", "https://a.test/q?r"),
            ("q", "https://a.test/x/q"),
            ("q?u=http://c.test", "https://a.test/x/q?u=http://c.test"),
            ("ftp:q", "ftp:q"),
        ] {
            assert_eq!(joined(&at, location), expected);
        }
    }

    #[test]
    fn what_may_be_secret_is_not_shown() {
        assert_eq!(shown("https://s3.test/a.pdf?X-Amz-Signature=abc#p"), "https://s3.test/a.pdf");
        assert_eq!(shown("https://user:pass@h.test/a"), "https://h.test/a");
        let data = format!("data:image/png;base64,{}", "é".repeat(1_000_000));
        assert_eq!(shown(&data).chars().count(), 203);
    }
}
