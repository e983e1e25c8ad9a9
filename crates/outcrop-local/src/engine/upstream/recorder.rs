//! Writes down what passes: one exchange a line, when its last byte has passed.

use std::io::Write;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http::{HeaderMap, Response, StatusCode};
use http_body::{Body, Frame, SizeHint};

use super::{Incoming, UpstreamBody};
use crate::recorded::{self, Recorded};
use crate::server::{Listener, Notice};

/// The longest answer that is written down. A longer one passes and is not recorded.
const MOST: usize = 64 * 1024 * 1024;

/// Where exchanges are written.
pub(crate) struct Recorder {
    out: Mutex<Box<dyn Write + Send>>,
    listener: Option<Listener>,
}

impl Recorder {
    pub(crate) fn new(out: Box<dyn Write + Send>, listener: Option<Listener>) -> Self {
        Recorder { out: Mutex::new(out), listener }
    }

    /// The answer, with its body listened to on its way through.
    pub(super) fn tap(
        recorder: &Arc<Recorder>,
        incoming: &Incoming,
        answer: Response<UpstreamBody>,
        time: &str,
    ) -> Response<UpstreamBody> {
        let (parts, body) = answer.into_parts();
        let length = parts.headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
        let mut tap = Tap {
            length,
            held: Vec::new(),
            exchange: Some(Box::new(Unfinished {
                recorder: Arc::clone(recorder),
                method: incoming.head.method.to_string(),
                path: path(incoming),
                request_headers: incoming.head.headers.clone(),
                request: incoming.body.clone(),
                status: parts.status,
                headers: parts.headers.clone(),
                time: time.to_owned(),
            })),
            body,
        };
        tap.finish_if_over();
        Response::from_parts(parts, Box::pin(tap))
    }

    /// Writes a line and flushes it.
    fn write(&self, mut line: String) {
        line.push('\n');
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = out.write_all(line.as_bytes()).and_then(|()| out.flush()) {
            drop(out);
            self.warn(&format!("an exchange was not recorded: {error}"));
        }
    }

    fn warn(&self, text: &str) {
        if let Some(listener) = &self.listener {
            listener(&Notice::Warning(text));
        }
    }
}

/// The path with the prefix of its surface: played again, it is told by nothing else.
fn path(incoming: &Incoming) -> String {
    let (path, prefix) = (incoming.head.uri.path(), incoming.call.surface.row().prefix);
    match path.starts_with(prefix) {
        true => path.to_owned(),
        false => format!("{prefix}{path}"),
    }
}

/// A body on its way through.
struct Tap {
    body: UpstreamBody,
    held: Vec<u8>,
    /// What the head says.
    length: Option<usize>,
    /// Taken when it is written.
    exchange: Option<Box<Unfinished>>,
}

/// An exchange whose answer has not ended.
struct Unfinished {
    recorder: Arc<Recorder>,
    method: String,
    path: String,
    request_headers: HeaderMap,
    request: Bytes,
    status: StatusCode,
    headers: HeaderMap,
    time: String,
}

impl Unfinished {
    fn write(self, body: Vec<u8>, cut: bool) {
        let Unfinished { recorder, method, path, request_headers, request, status, headers, time } = self;
        let response = Recorded { status, headers, body: body.into(), cut };
        recorder.write(recorded::write(&method, &path, &request_headers, &request, &response, &time));
    }
}

impl Tap {
    fn hear(&mut self, data: &Bytes) {
        let Some(exchange) = &self.exchange else { return };
        if self.held.len() + data.len() > MOST {
            exchange.recorder.warn(&format!("an answer of more than {MOST} bytes was not recorded"));
            self.exchange = None;
            self.held = Vec::new();
        } else {
            self.held.extend_from_slice(data);
        }
    }

    /// Whoever reads may stop at the last byte, without asking whether more comes.
    fn finish_if_over(&mut self) {
        if self.body.is_end_stream() || self.length == Some(self.held.len()) {
            self.finish(false);
        }
    }

    fn finish(&mut self, cut: bool) {
        if let Some(exchange) = self.exchange.take() {
            exchange.write(std::mem::take(&mut self.held), cut);
        }
    }
}

impl Body for Tap {
    type Data = Bytes;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let tap = self.get_mut();
        let frame = ready!(tap.body.as_mut().poll_frame(context));
        match &frame {
            Some(Ok(frame)) => {
                if let Some(data) = frame.data_ref() {
                    tap.hear(data);
                }
                tap.finish_if_over();
            }
            Some(Err(_)) => tap.finish(true),
            None => tap.finish(false),
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        if let Some(exchange) = self.exchange.take() {
            exchange.recorder.warn("an exchange was not recorded: who asked went away before its end");
        }
    }
}
