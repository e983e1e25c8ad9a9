//! What S3 says: a status, headers and a body, and how they go out.

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use outcrop_wire::account::bucket::{ANSWER_TYPE, REGION_HEADER, encode_fault};
use outcrop_wire::fault::Fault;

use super::body::ObjectBody;
use crate::answer::{self, About, Answer};
use crate::cut::Line;

/// What is said.
pub(super) struct Said {
    status: u16,
    headers: HeaderMap,
    content: Content,
}

enum Content {
    Nothing,
    Whole(Bytes),
    /// An object, of so many bytes.
    Object(u64, ObjectBody, Line),
}

impl Said {
    /// A status alone.
    pub(super) fn nothing(status: u16) -> Self {
        Said { status, headers: HeaderMap::new(), content: Content::Nothing }
    }

    /// A document.
    pub(super) fn xml(text: String) -> Self {
        let content = Content::Whole(text.into());
        Said { content, ..Said::nothing(200) }.with("content-type", ANSWER_TYPE)
    }

    /// A text that somebody left here.
    pub(super) fn text(text: String, content_type: &str) -> Self {
        Said { content: Content::Whole(text.into()), ..Said::nothing(200) }.with("content-type", content_type)
    }

    /// An object, or a part of it.
    pub(super) fn object(status: u16, length: u64, body: ObjectBody, line: Line) -> Self {
        Said { content: Content::Object(length, body, line), ..Said::nothing(status) }
    }

    pub(super) fn refusal(fault: &Fault, path: &str, request_id: &str) -> Self {
        let region = fault.details.value("region").and_then(|region| region.parse::<String>().ok());
        let status = fault.status;
        // It has no body (RFC 9110, 15.4.5).
        let said = match status {
            304 => Said::nothing(304),
            _ => Said { status, ..Said::xml(encode_fault(fault, path, request_id)) },
        };
        match region {
            Some(region) => said.with(REGION_HEADER, &region),
            None => said,
        }
    }

    /// One more header. What no header may hold is left out.
    pub(super) fn with(mut self, name: &str, value: &str) -> Self {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(value)) {
            self.headers.insert(name, value);
        }
        self
    }

    /// The checksum of what was written, or is given, where there is one.
    pub(super) fn with_checksum(self, checksum: Option<(impl AsRef<str>, String)>) -> Self {
        let Some((name, sum)) = checksum else { return self };
        // Of an upload in parts it may be that of their checksums, and says of how many.
        let kind = if sum.contains('-') { "COMPOSITE" } else { "FULL_OBJECT" };
        self.with(name.as_ref(), &sum).with("x-amz-checksum-type", kind)
    }

    /// The response; to `HEAD` without its body.
    pub(super) fn response(mut self, is_head: bool, about: &About<'_>) -> Response<Answer> {
        for (name, value) in [("server", "AmazonS3"), ("x-amz-request-id", about.request_id)] {
            self = self.with(name, value);
        }
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let (length, body) = match self.content {
            // There is none to say the length of.
            Content::Nothing if matches!(self.status, 204 | 304) => (None, Answer::Whole(None)),
            Content::Nothing => (Some(0), Answer::Whole(None)),
            Content::Whole(bytes) => (Some(bytes.len()), Answer::Whole(Some(bytes))),
            Content::Object(length, body, line) => {
                (usize::try_from(length).ok(), Answer::Relayed(Box::pin(body), line))
            }
        };
        let body = if is_head { Answer::Whole(None) } else { body };
        if self.status >= 300 && is_head {
            self.headers.remove(CONTENT_TYPE);
            self.headers.remove(CONTENT_LENGTH);
            return answer::given(status, &self.headers, body, None, about);
        }
        answer::given(status, &self.headers, body, length, about)
    }
}
