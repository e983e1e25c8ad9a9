//! Bytes in any cuts -> frames.

use std::fmt;

use super::{CRC, Frame, Headers, PRELUDE};

/// How long the parts of a frame may be.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of headers.
    pub headers: usize,
    /// Bytes of payload.
    pub payload: usize,
}

/// What botocore enforces.
impl Default for Limits {
    fn default() -> Self {
        Limits { headers: 128 * 1024, payload: 24 * 1024 * 1024 }
    }
}

/// Why bytes are no frame.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum FrameError {
    /// The first checksum does not fit the lengths.
    PreludeChecksum {
        /// What the frame says.
        expected: u32,
        /// What its bytes give.
        found: u32,
    },
    /// The last checksum does not fit the frame.
    MessageChecksum {
        /// What the frame says.
        expected: u32,
        /// What its bytes give.
        found: u32,
    },
    /// The lengths do not fit one another.
    Lengths {
        /// Bytes of the frame.
        total: u32,
        /// Bytes of its headers.
        headers: u32,
    },
    /// The headers are longer than allowed.
    HeadersTooLong {
        /// Their length.
        length: usize,
        /// The limit.
        limit: usize,
    },
    /// The payload is longer than allowed.
    PayloadTooLong {
        /// Its length.
        length: usize,
        /// The limit.
        limit: usize,
    },
    /// A header cannot be read.
    Header {
        /// Where in the headers.
        at: usize,
    },
    /// A header stands twice.
    DuplicateHeader {
        /// Where in the headers.
        at: usize,
    },
    /// There are more headers than any frame has.
    TooManyHeaders {
        /// How many there may be.
        limit: usize,
    },
    /// The stream ends inside a frame.
    Cut {
        /// Bytes of the unfinished frame.
        held: usize,
        /// Bytes of the stream before that frame.
        before: u64,
    },
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FrameError::PreludeChecksum { expected, found } => {
                write!(f, "prelude checksum mismatch: frame says {expected:#010x}, its bytes give {found:#010x}")
            }
            FrameError::MessageChecksum { expected, found } => {
                write!(f, "message checksum mismatch: frame says {expected:#010x}, its bytes give {found:#010x}")
            }
            FrameError::Lengths { total, headers } => {
                write!(f, "a frame of {total} bytes cannot hold {headers} bytes of headers")
            }
            FrameError::HeadersTooLong { length, limit } => {
                write!(f, "headers of {length} bytes are over the limit of {limit}")
            }
            FrameError::PayloadTooLong { length, limit } => {
                write!(f, "payload of {length} bytes is over the limit of {limit}")
            }
            FrameError::Header { at } => write!(f, "malformed header at byte {at} of the headers"),
            FrameError::DuplicateHeader { at } => write!(f, "duplicate header at byte {at} of the headers"),
            FrameError::TooManyHeaders { limit } => write!(f, "more than {limit} headers"),
            FrameError::Cut { held, before } => {
                write!(f, "the stream ends inside a frame, after {held} of its bytes and {before} before it")
            }
        }
    }
}

impl std::error::Error for FrameError {}

/// Push bytes, pull frames.
#[derive(Debug, Default)]
pub struct Decoder {
    buffer: Vec<u8>,
    /// Where the next frame begins; what is before was handed out.
    start: usize,
    /// Bytes of all frames that were handed out.
    handed_out: u64,
    limits: Limits,
    failed: Option<FrameError>,
    /// Header bytes that were checked last: nearly every frame of a stream has the same.
    checked: Vec<u8>,
}

impl Decoder {
    /// A decoder with these limits.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Decoder { limits, ..Decoder::default() }
    }

    /// Takes the next bytes, cut anywhere.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.start == self.buffer.len() {
            self.buffer.clear();
            self.start = 0;
        } else if self.start > 0 && self.buffer.len() + bytes.len() > self.buffer.capacity() {
            self.buffer.drain(..self.start);
            self.start = 0;
        }
        self.buffer.extend_from_slice(bytes);
    }

    /// The next whole frame; `None` when more bytes are needed.
    ///
    /// # Errors
    /// When the bytes are no frame. The decoder cannot find its way again: every later call gives the same error.
    pub fn next_frame(&mut self) -> Result<Option<Frame<'_>>, FrameError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let length = match self.whole_frame() {
            Ok(Some(length)) => length,
            Ok(None) => return Ok(None),
            Err(error) => {
                self.failed = Some(error);
                return Err(error);
            }
        };
        let frame = &self.buffer[self.start..self.start + length];
        self.start += length;
        self.handed_out += length as u64;
        let (headers, payload) = frame[PRELUDE..length - CRC].split_at(word(frame, 4) as usize);
        if headers == self.checked {
            return Ok(Some(Frame { headers: Headers::checked(headers), payload }));
        }
        match Headers::check(headers) {
            Ok(checked) => {
                self.checked.clear();
                self.checked.extend_from_slice(headers);
                Ok(Some(Frame { headers: checked, payload }))
            }
            Err(error) => {
                self.failed = Some(error);
                Err(error)
            }
        }
    }

    /// Says whether the stream may end here.
    ///
    /// # Errors
    /// When it ends inside a frame.
    pub fn finish(&self) -> Result<(), FrameError> {
        match self.failed {
            Some(error) => Err(error),
            None if self.start == self.buffer.len() => Ok(()),
            None => Err(FrameError::Cut { held: self.buffer.len() - self.start, before: self.handed_out }),
        }
    }

    /// Bytes of all frames that were handed out.
    #[must_use]
    pub fn handed_out(&self) -> u64 {
        self.handed_out
    }

    /// Length of the frame at the front when all of it is here and its checksums hold.
    fn whole_frame(&self) -> Result<Option<usize>, FrameError> {
        let held = &self.buffer[self.start..];
        if held.len() < PRELUDE {
            return Ok(None);
        }
        let (total, headers, expected) = (word(held, 0), word(held, 4), word(held, 8));
        let found = crc32fast::hash(&held[..8]);
        if expected != found {
            return Err(FrameError::PreludeChecksum { expected, found });
        }
        // Lengths are trusted only after their checksum, and bounded before anything waits for that many bytes.
        let (length, headers_length) = (total as usize, headers as usize);
        let Some(payload) = length.checked_sub(PRELUDE + CRC).and_then(|rest| rest.checked_sub(headers_length)) else {
            return Err(FrameError::Lengths { total, headers });
        };
        if headers_length > self.limits.headers {
            return Err(FrameError::HeadersTooLong { length: headers_length, limit: self.limits.headers });
        }
        if payload > self.limits.payload {
            return Err(FrameError::PayloadTooLong { length: payload, limit: self.limits.payload });
        }
        if held.len() < length {
            return Ok(None);
        }
        let expected = word(held, length - CRC);
        let found = crc32fast::hash(&held[..length - CRC]);
        if expected != found {
            return Err(FrameError::MessageChecksum { expected, found });
        }
        Ok(Some(length))
    }
}

/// The big-endian word at `at`; the caller has checked that it is there.
fn word(bytes: &[u8], at: usize) -> u32 {
    bytes[at..at + 4].iter().fold(0, |word, byte| word << 8 | u32::from(*byte))
}
