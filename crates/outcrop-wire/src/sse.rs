//! Server-sent events: push bytes, pull events. No I/O.
//!
//! Lines end with LF, CR or CRLF, a byte-order mark may come first, and bytes may be cut anywhere (WHATWG HTML, server-sent
//! events). Anthropic's own API streams so, and gateways before Bedrock do.

use std::fmt;

use memchr::memchr2;

/// The longest event: as long as the longest frame of an event stream.
const LIMIT: usize = 24 * 1024 * 1024;

/// Bytes -> events.
#[derive(Debug)]
pub struct SseDecoder {
    /// What was pushed and not yet read.
    buffer: Vec<u8>,
    /// Bytes of `buffer` that are read.
    read: usize,
    /// Bytes of `buffer` that hold no end of a line.
    searched: usize,
    unfinished: Unfinished,
    /// Whether a line feed belongs to the carriage return before it.
    after_return: bool,
    /// Whether the first bytes are behind us.
    begun: bool,
    limit: usize,
}

/// An event.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct SseEvent {
    /// Its name; empty where none was given.
    pub name: String,
    /// Its data, lines joined by line feeds.
    pub data: String,
}

/// An event that has not ended.
#[derive(Debug, Default)]
struct Unfinished {
    event: SseEvent,
    has_data: bool,
}

/// An event is longer than is taken.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SseTooLong {
    /// The most bytes.
    pub limit: usize,
}

impl fmt::Display for SseTooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an event is longer than {} bytes", self.limit)
    }
}

impl std::error::Error for SseTooLong {}

impl Default for SseDecoder {
    fn default() -> Self {
        SseDecoder::with_limit(LIMIT)
    }
}

impl SseDecoder {
    /// One that takes events of at most `limit` bytes.
    #[must_use]
    pub fn with_limit(limit: usize) -> Self {
        SseDecoder {
            buffer: Vec::new(),
            read: 0,
            searched: 0,
            unfinished: Unfinished::default(),
            after_return: false,
            begun: false,
            limit,
        }
    }

    /// Takes the next bytes, cut anywhere.
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.drain(..self.read);
        self.searched -= self.read;
        self.read = 0;
        self.buffer.extend_from_slice(bytes);
    }

    /// The next event; `None` when more bytes are needed. Bytes that are no UTF-8 become replacement characters.
    ///
    /// # Errors
    /// When an event is too long; nothing follows then.
    pub fn next_event(&mut self) -> Result<Option<SseEvent>, SseTooLong> {
        if !self.begun && !self.begin() {
            return Ok(None);
        }
        loop {
            if self.after_return && self.read < self.buffer.len() {
                self.after_return = false;
                if self.buffer[self.read] == b'\n' {
                    self.read += 1;
                    self.searched = self.searched.max(self.read);
                }
            }
            let Some(found) = memchr2(b'\n', b'\r', &self.buffer[self.searched..]) else {
                self.searched = self.buffer.len();
                return self.within(self.buffer.len() - self.read).map(|()| None);
            };
            let end = self.searched + found;
            self.within(end - self.read)?;
            self.after_return = self.buffer[end] == b'\r';
            let line = self.read..end;
            self.read = end + 1;
            self.searched = self.read;
            if line.is_empty() {
                if let Some(event) = self.unfinished.complete() {
                    return Ok(Some(event));
                }
            } else {
                self.unfinished.field(&String::from_utf8_lossy(&self.buffer[line]));
            }
        }
    }

    /// Whether an event was begun and not ended: what came of it is lost.
    #[must_use]
    pub fn is_inside_event(&self) -> bool {
        self.unfinished.has_data || !self.unfinished.event.name.is_empty() || self.read < self.buffer.len()
    }

    /// Skips a byte-order mark; not ready while the bytes may still become one.
    fn begin(&mut self) -> bool {
        const MARK: &[u8] = b"\xEF\xBB\xBF";
        if self.buffer.len() < MARK.len() && MARK.starts_with(&self.buffer) {
            return false;
        }
        if self.buffer.starts_with(MARK) {
            self.read = MARK.len();
            self.searched = MARK.len();
        }
        self.begun = true;
        true
    }

    fn within(&self, more: usize) -> Result<(), SseTooLong> {
        let SseEvent { name, data } = &self.unfinished.event;
        match name.len() + data.len() + more > self.limit {
            true => Err(SseTooLong { limit: self.limit }),
            false => Ok(()),
        }
    }
}

impl Unfinished {
    /// One line that is not empty: a comment, or a field with its value.
    fn field(&mut self, line: &str) {
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut self.event.name),
            "data" => {
                if self.has_data {
                    self.event.data.push('\n');
                }
                self.event.data.push_str(value);
                self.has_data = true;
            }
            // Comments, `id` and `retry`: nothing here resumes a stream.
            _ => {}
        }
    }

    fn complete(&mut self) -> Option<SseEvent> {
        let event = std::mem::take(&mut self.event);
        std::mem::take(&mut self.has_data).then_some(event)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(cuts: &[&[u8]]) -> Vec<(String, String)> {
        let mut decoder = SseDecoder::default();
        let mut events = Vec::new();
        for cut in cuts {
            decoder.push(cut);
            while let Some(event) = decoder.next_event().expect("short") {
                events.push((event.name, event.data));
            }
        }
        events
    }

    #[test]
    fn lines_end_in_three_ways_and_bytes_are_cut_anywhere() {
        let text = "\u{feff}event: a\r\ndata: {\"x\":1}\r\n\r\n: hi\ndata:one\ndata: two\n\nevent: b\rdata\r\rid: 7\nnobody: x\n\ndata: ü\n\n";
        let expected = [("a", "{\"x\":1}"), ("", "one\ntwo"), ("b", ""), ("", "ü")]
            .map(|(name, data)| (name.to_owned(), data.to_owned()));
        assert_eq!(events(&[text.as_bytes()]), expected);
        assert_eq!(events(&text.as_bytes().chunks(1).collect::<Vec<_>>()), expected);
        for cut in 0..text.len() {
            let (head, tail) = text.as_bytes().split_at(cut);
            assert_eq!(events(&[head, tail]), expected, "cut at {cut}");
        }
    }

    #[test]
    fn what_is_not_ended_is_no_event_and_what_is_too_long_an_error() {
        let mut decoder = SseDecoder::with_limit(20);
        decoder.push(b"data: begun");
        assert_eq!(decoder.next_event(), Ok(None));
        assert!(decoder.is_inside_event());
        decoder.push(b" and never ended by a line");
        assert_eq!(decoder.next_event(), Err(SseTooLong { limit: 20 }));
        let mut many = SseDecoder::with_limit(20);
        many.push(b"data: 0123456789\ndata: 0123456789\n\n");
        assert!(many.next_event().is_err());
    }
}
