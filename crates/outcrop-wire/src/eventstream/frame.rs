//! One frame: its headers, read in place, and its payload.

use super::FrameError;

/// A frame, borrowed from the decoder.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frame<'a> {
    /// Its headers.
    pub headers: Headers<'a>,
    /// Its payload.
    pub payload: &'a [u8],
}

/// AWS sends three; each is compared with those before it.
const MOST_HEADERS: usize = 64;

/// What a frame is, by its `:message-type`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind<'a> {
    /// An event of this `:event-type`.
    Event(&'a str),
    /// A modelled exception of this `:exception-type`; the payload says more.
    Exception(&'a str),
    /// An unmodelled error: `:error-code` and `:error-message`; no payload.
    Error(&'a str, &'a str),
    /// Another or no `:message-type`.
    Other(Option<&'a str>),
}

impl<'a> Frame<'a> {
    /// What this frame is. To be asked before the payload is read: an exception's payload is no event.
    #[must_use]
    pub fn kind(&self) -> Kind<'a> {
        let (mut message, mut event, mut exception, mut code, mut text) = (None, "", "", "", "");
        for (name, value) in self.headers {
            let HeaderValue::Text(value) = value else { continue };
            match name {
                ":message-type" => message = Some(value),
                ":event-type" => event = value,
                ":exception-type" => exception = value,
                ":error-code" => code = value,
                ":error-message" => text = value,
                _ => {}
            }
        }
        match message {
            Some("event") => Kind::Event(event),
            Some("exception") => Kind::Exception(exception),
            Some("error") => Kind::Error(code, text),
            other => Kind::Other(other),
        }
    }
}

/// The headers of a frame, checked when the frame was decoded and read in place: no allocation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Headers<'a>(&'a [u8]);

/// The value of a header.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum HeaderValue<'a> {
    /// Types 0 and 1.
    Bool(bool),
    /// Type 2.
    I8(i8),
    /// Type 3.
    I16(i16),
    /// Type 4.
    I32(i32),
    /// Type 5.
    I64(i64),
    /// Type 6.
    Bytes(&'a [u8]),
    /// Type 7, the only one Bedrock uses.
    Text(&'a str),
    /// Type 8: milliseconds since 1970.
    Timestamp(i64),
    /// Type 9.
    Uuid([u8; 16]),
}

impl<'a> Headers<'a> {
    /// Checks every header: lengths, types, UTF-8, no name twice.
    pub(super) fn check(bytes: &'a [u8]) -> Result<Self, FrameError> {
        let mut rest = bytes;
        let mut count = 0;
        while !rest.is_empty() {
            let at = bytes.len() - rest.len();
            count += 1;
            if count > MOST_HEADERS {
                return Err(FrameError::TooManyHeaders { limit: MOST_HEADERS });
            }
            let (name, _, after) = read(rest).ok_or(FrameError::Header { at })?;
            if Headers(&bytes[..at]).into_iter().any(|(earlier, _)| earlier == name) {
                return Err(FrameError::DuplicateHeader { at });
            }
            rest = after;
        }
        Ok(Headers(bytes))
    }

    /// Headers that were checked before: those of the frame before had the same bytes.
    pub(super) fn checked(bytes: &'a [u8]) -> Self {
        Headers(bytes)
    }

    /// The headers as they are on the wire. Frames of one kind have the same bytes, so they can be told by comparing.
    #[must_use]
    pub fn bytes(&self) -> &'a [u8] {
        self.0
    }

    /// The value of the header `name`.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<HeaderValue<'a>> {
        self.into_iter().find(|(key, _)| *key == name).map(|(_, value)| value)
    }
}

impl<'a> IntoIterator for Headers<'a> {
    type Item = (&'a str, HeaderValue<'a>);
    type IntoIter = HeaderIter<'a>;

    fn into_iter(self) -> HeaderIter<'a> {
        HeaderIter(self.0)
    }
}

/// Walks the headers in wire order.
#[derive(Clone, Debug)]
pub struct HeaderIter<'a>(&'a [u8]);

impl<'a> Iterator for HeaderIter<'a> {
    type Item = (&'a str, HeaderValue<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let (name, value, rest) = read(self.0)?;
        self.0 = rest;
        Some((name, value))
    }
}

/// One header from the front of `bytes`, and the rest.
fn read(bytes: &[u8]) -> Option<(&str, HeaderValue<'_>, &[u8])> {
    let (&length, rest) = bytes.split_first()?;
    let (name, rest) = rest.split_at_checked(length.into())?;
    if name.is_empty() {
        return None;
    }
    let name = std::str::from_utf8(name).ok()?;
    let (&kind, rest) = rest.split_first()?;
    let (value, rest) = match kind {
        0 => (HeaderValue::Bool(true), rest),
        1 => (HeaderValue::Bool(false), rest),
        2 => fixed(rest).map(|(bytes, rest)| (HeaderValue::I8(i8::from_be_bytes(bytes)), rest))?,
        3 => fixed(rest).map(|(bytes, rest)| (HeaderValue::I16(i16::from_be_bytes(bytes)), rest))?,
        4 => fixed(rest).map(|(bytes, rest)| (HeaderValue::I32(i32::from_be_bytes(bytes)), rest))?,
        5 => fixed(rest).map(|(bytes, rest)| (HeaderValue::I64(i64::from_be_bytes(bytes)), rest))?,
        6 | 7 => {
            let (length, rest) = fixed(rest)?;
            let (value, rest) = rest.split_at_checked(u16::from_be_bytes(length).into())?;
            match kind {
                6 => (HeaderValue::Bytes(value), rest),
                _ => (HeaderValue::Text(std::str::from_utf8(value).ok()?), rest),
            }
        }
        8 => fixed(rest).map(|(bytes, rest)| (HeaderValue::Timestamp(i64::from_be_bytes(bytes)), rest))?,
        9 => fixed(rest).map(|(bytes, rest)| (HeaderValue::Uuid(bytes), rest))?,
        _ => return None,
    };
    Some((name, value, rest))
}

fn fixed<const N: usize>(bytes: &[u8]) -> Option<([u8; N], &[u8])> {
    let (value, rest) = bytes.split_first_chunk::<N>()?;
    Some((*value, rest))
}
