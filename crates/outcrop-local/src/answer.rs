//! An answer's head and body, as recorded traffic has them. They differ by operation.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, DATE};
use http::{HeaderValue, Response, StatusCode};
use http_body::{Body, Frame, SizeHint};
use outcrop_wire::dialect::invoke::{EventEncoder, TokenCounts, encode_fault};
use outcrop_wire::fault::Fault;
use outcrop_wire::messages::Event;
use tokio::time::Sleep;

/// What goes out: a whole body, or events as they come due.
pub(crate) enum Answer {
    Whole(Option<Bytes>),
    Events(Box<EventBody>),
}

/// What every answer says.
#[derive(Clone, Copy)]
pub(crate) struct About<'a> {
    pub(crate) request_id: &'a str,
    pub(crate) now: SystemTime,
    /// Whether the connection stays.
    pub(crate) keeps_open: bool,
}

/// A head with what every answer carries.
fn head(status: u16, content_type: &'static str, about: &About<'_>) -> http::response::Builder {
    Response::builder()
        .status(StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR))
        .header(DATE, httpdate::fmt_http_date(about.now))
        .header(CONTENT_TYPE, content_type)
        .header(CONNECTION, if about.keeps_open { "keep-alive" } else { "close" })
        .header("x-amzn-requestid", about.request_id)
}

/// A whole message.
pub(crate) fn message(body: Vec<u8>, counts: TokenCounts, about: &About<'_>) -> Response<Answer> {
    let mut builder = head(200, "application/json", about).header(CONTENT_LENGTH, body.len());
    for (name, value) in counts.headers() {
        builder = builder.header(name, value);
    }
    finish(builder, Answer::Whole(Some(body.into())))
}

/// A streamed message.
pub(crate) fn stream(events: EventBody, content_type: &'static str, about: &About<'_>) -> Response<Answer> {
    let builder = head(200, content_type, about).header("x-amzn-bedrock-content-type", "application/json");
    finish(builder, Answer::Events(Box::new(events)))
}

/// A refusal.
pub(crate) fn refusal(fault: &Fault, about: &About<'_>) -> Response<Answer> {
    let answer = encode_fault(fault);
    let mut builder = head(answer.status, "application/json", about).header(CONTENT_LENGTH, answer.body.len());
    for (name, value) in answer.headers {
        builder = builder.header(name, value);
    }
    finish(builder, Answer::Whole(Some(answer.body.into())))
}

/// A refusal as services of the query protocol say it (AWS STS API reference, common errors).
pub(crate) fn query_refusal(fault: &Fault, about: &About<'_>) -> Response<Answer> {
    let body = format!(
        "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type><Code>{}</Code>\
         <Message>{}</Message></Error><RequestId>{}</RequestId></ErrorResponse>",
        fault.code, fault.message, about.request_id
    );
    let builder = head(fault.status, "text/xml", about).header(CONTENT_LENGTH, body.len());
    finish(builder, Answer::Whole(Some(body.into())))
}

fn finish(builder: http::response::Builder, answer: Answer) -> Response<Answer> {
    // Every header value above is made of visible characters, so the builder cannot fail.
    builder.body(answer).unwrap_or_else(|_| Response::new(Answer::Whole(None)))
}

/// Sets a header whose value may hold what a header cannot: such characters become `?`.
pub(crate) fn set_header(response: &mut Response<Answer>, name: &'static str, value: &str) {
    let value: String = value.chars().map(|letter| if (' '..='~').contains(&letter) { letter } else { '?' }).collect();
    if let Ok(value) = HeaderValue::from_str(&value) {
        response.headers_mut().append(name, value);
    }
}

/// Events, one chunk a frame, at a pace.
pub(crate) struct EventBody {
    events: std::vec::IntoIter<Event>,
    encoder: EventEncoder,
    random: fastrand::Rng,
    pace: Duration,
    due: Option<Pin<Box<Sleep>>>,
}

impl EventBody {
    pub(crate) fn new(events: Vec<Event>, pace: Duration, random: fastrand::Rng) -> Self {
        EventBody { events: events.into_iter(), encoder: EventEncoder::default(), random, pace, due: None }
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
            Answer::Events(body) => body.poll_event(context).map(|bytes| bytes.map(|bytes| Ok(Frame::data(bytes)))),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Answer::Whole(body) => body.as_ref().is_none_or(Bytes::is_empty),
            Answer::Events(body) => body.events.as_slice().is_empty(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Answer::Whole(body) => SizeHint::with_exact(body.as_ref().map_or(0, |body| body.len() as u64)),
            Answer::Events(_) => SizeHint::default(),
        }
    }
}

impl EventBody {
    fn poll_event(&mut self, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if self.pace > Duration::ZERO {
            let due = self.due.get_or_insert_with(|| Box::pin(tokio::time::sleep(self.pace)));
            std::task::ready!(due.as_mut().poll(context));
            self.due = None;
        }
        let Some(event) = self.events.next() else { return Poll::Ready(None) };
        let mut frame = Vec::with_capacity(256);
        let padding = self.random.usize(2..62);
        match self.encoder.encode(&event, padding, &mut frame) {
            Ok(()) => Poll::Ready(Some(frame.into())),
            // The engine's values always encode; if one did not, the stream ends short and the client says so.
            Err(_) => Poll::Ready(None),
        }
    }
}
