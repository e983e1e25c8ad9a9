//! An answer's head and body, as recorded traffic has them. They differ by operation.

use std::borrow::Cow;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::SystemTime;

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, DATE, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use http_body::{Body, Frame, SizeHint};
use outcrop_wire::account::query::ANSWER_TYPE;
use outcrop_wire::dialect::FaultAnswer;
use outcrop_wire::dialect::invoke::encode_fault;
use outcrop_wire::fault::Fault;

use crate::cut::Line;
use crate::engine::UpstreamBody;
use crate::events::EventBody;
use crate::invocation_log::Telling;

/// What goes out: a whole body, a part of one, events as they come due, or what comes from elsewhere.
pub(crate) enum Answer {
    Whole(Option<Bytes>),
    /// The beginning of a body; then the line is cut.
    Part(Option<Bytes>, Line),
    Events(Box<EventBody>),
    /// As it comes from elsewhere. What breaks there breaks here.
    Relayed(UpstreamBody, Line),
    /// One that the log hears while it goes out.
    Logged(Box<Answer>, Telling),
}

/// What every answer says.
#[derive(Clone, Copy)]
pub(crate) struct About<'a> {
    pub(crate) request_id: &'a str,
    pub(crate) now: SystemTime,
    /// Whether the connection stays; HTTP/2 says nothing of its connections in answers.
    pub(crate) keeps_open: Option<bool>,
}

/// A head with what every answer carries, in the order of recorded answers. A body whose length is not known comes in
/// chunks.
fn head(status: u16, content_type: &'static str, length: Option<usize>, about: &About<'_>) -> http::response::Builder {
    let mut head = Response::builder()
        .status(StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR))
        .header(DATE, httpdate::fmt_http_date(about.now))
        .header(CONTENT_TYPE, content_type);
    match (length, about.keeps_open) {
        (Some(length), _) => head = head.header(CONTENT_LENGTH, length),
        (None, Some(_)) => head = head.header(TRANSFER_ENCODING, "chunked"),
        (None, None) => {}
    }
    if let Some(connection) = connection(about) {
        head = head.header(CONNECTION, connection);
    }
    head.header("x-amzn-requestid", about.request_id)
}

fn connection(about: &About<'_>) -> Option<HeaderValue> {
    about.keeps_open.map(|stays| HeaderValue::from_static(if stays { "keep-alive" } else { "close" }))
}

/// What is said at once: a message, or a count of tokens.
pub(crate) fn whole(body: Vec<u8>, about: &About<'_>) -> Response<Answer> {
    whole_as(200, body, about)
}

/// JSON with the status of a success of its operation.
pub(crate) fn whole_as(status: u16, body: Vec<u8>, about: &About<'_>) -> Response<Answer> {
    let builder = head(status, "application/json", Some(body.len()), about);
    finish(builder, Answer::Whole(Some(body.into())))
}

/// An answer of the query protocol.
pub(crate) fn xml(status: u16, body: String, about: &About<'_>) -> Response<Answer> {
    let builder = head(status, ANSWER_TYPE, Some(body.len()), about);
    finish(builder, Answer::Whole(Some(body.into())))
}

/// A streamed message.
pub(crate) fn stream(events: EventBody, content_type: &'static str, about: &About<'_>) -> Response<Answer> {
    finish(head(200, content_type, None, about), Answer::Events(Box::new(events)))
}

/// Headers that belong to a connection, that we decide, or that are nobody else's business.
const OURS: [&str; 10] = [
    "connection",
    "content-length",
    "date",
    "keep-alive",
    "proxy-authenticate",
    "set-cookie",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// An answer that was given elsewhere or before, with the headers that it had then.
pub(crate) fn given(
    status: StatusCode,
    headers: &HeaderMap,
    answer: Answer,
    length: Option<usize>,
    about: &About<'_>,
) -> Response<Answer> {
    let mut response = Response::new(answer);
    *response.status_mut() = status;
    let out = response.headers_mut();
    for (name, value) in headers.iter().filter(|(name, _)| !OURS.contains(&name.as_str())) {
        out.append(name, value.clone());
    }
    if !out.contains_key("x-amzn-requestid") {
        out.insert("x-amzn-requestid", text(about.request_id));
    }
    out.insert(DATE, text(&httpdate::fmt_http_date(about.now)));
    if let Some(connection) = connection(about) {
        out.insert(CONNECTION, connection);
    }
    if let Some(length) = length {
        out.insert(CONTENT_LENGTH, length.into());
    }
    response
}

/// Ids and dates are made of visible characters.
fn text(value: &str) -> HeaderValue {
    HeaderValue::from_str(value).unwrap_or_else(|_| HeaderValue::from_static(""))
}

/// A whole answer whose connection breaks: in the middle of its body.
pub(crate) fn cut(response: Response<Answer>, line: &Line) -> Response<Answer> {
    response.map(|answer| match answer {
        Answer::Whole(Some(body)) => Answer::Part(Some(body.slice(..body.len() / 2)), line.clone()),
        other => other,
    })
}

/// A refusal, as its dialect has it.
pub(crate) fn failed(answer: FaultAnswer, about: &About<'_>) -> Response<Answer> {
    let mut builder = head(answer.status, "application/json", Some(answer.body.len()), about);
    for (name, value) in answer.headers {
        builder = builder.header(name, value);
    }
    finish(builder, Answer::Whole(Some(answer.body.into())))
}

/// What is said to a request that is no call: nobody's dialect is spoken.
pub(crate) fn no_operation(fault: &Fault, about: &About<'_>) -> Response<Answer> {
    failed(encode_fault(fault), about)
}

fn finish(builder: http::response::Builder, answer: Answer) -> Response<Answer> {
    // Every header value above is made of visible characters, so the builder cannot fail.
    builder.body(answer).unwrap_or_else(|_| Response::new(Answer::Whole(None)))
}

/// So many warnings are told, each with so many letters: clients take a hundred headers (Python's `http.client`), or some
/// kilobytes of them.
const MOST_WARNINGS: usize = 16;
const LONGEST_WARNING: usize = 500;

/// What is said of warnings, which a long request may have by the thousand.
pub(crate) fn told(warnings: &[String]) -> impl Iterator<Item = Cow<'_, str>> {
    let short = |warning: &String| warning.chars().take(LONGEST_WARNING).collect::<String>();
    let more = warnings.len().saturating_sub(MOST_WARNINGS);
    let first = warnings.iter().take(MOST_WARNINGS).map(move |warning| match warning.len() > LONGEST_WARNING {
        true => Cow::Owned(short(warning)),
        false => Cow::Borrowed(warning.as_str()),
    });
    first.chain((more > 0).then(|| Cow::Owned(format!("and {more} more warnings"))))
}

/// Sets a header whose value may hold what a header cannot: such characters become `?`.
pub(crate) fn set_header(response: &mut Response<Answer>, name: &'static str, value: &str) {
    let value: String = value.chars().map(|letter| if (' '..='~').contains(&letter) { letter } else { '?' }).collect();
    if let Ok(value) = HeaderValue::from_str(&value) {
        response.headers_mut().append(name, value);
    }
}

impl Body for Answer {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match self.get_mut() {
            Answer::Whole(body) => {
                Poll::Ready(body.take().filter(|body| !body.is_empty()).map(|body| Ok(Frame::data(body))))
            }
            Answer::Part(body, line) => match body.take() {
                Some(body) => Poll::Ready(Some(Ok(Frame::data(body)))),
                None => {
                    line.cut();
                    Poll::Pending
                }
            },
            Answer::Events(body) => body.poll_event(context).map(|bytes| bytes.map(|bytes| Ok(Frame::data(bytes)))),
            Answer::Relayed(body, line) => match std::task::ready!(body.as_mut().poll_frame(context)) {
                Some(Err(_)) => {
                    line.cut();
                    Poll::Pending
                }
                Some(Ok(frame)) => Poll::Ready(Some(Ok(frame))),
                None => Poll::Ready(None),
            },
            Answer::Logged(answer, telling) => {
                let frame = std::task::ready!(Pin::new(&mut **answer).poll_frame(context));
                if let Some(Ok(frame)) = &frame
                    && let Some(piece) = frame.data_ref()
                {
                    telling.piece(piece);
                }
                Poll::Ready(frame)
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Answer::Whole(body) => body.as_ref().is_none_or(Bytes::is_empty),
            Answer::Part(..) => false,
            Answer::Events(body) => body.is_over(),
            Answer::Relayed(body, _) => body.is_end_stream(),
            Answer::Logged(answer, _) => answer.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Answer::Whole(body) => SizeHint::with_exact(body.as_ref().map_or(0, |body| body.len() as u64)),
            Answer::Part(..) | Answer::Events(_) => SizeHint::default(),
            Answer::Relayed(body, _) => body.size_hint(),
            Answer::Logged(answer, _) => answer.size_hint(),
        }
    }
}
