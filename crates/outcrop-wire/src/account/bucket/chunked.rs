//! Takes a body of `aws-chunked` apart, as it comes: data, the ends of chunks with their signatures, trailers.
//!
//! Source: Amazon S3 API reference, "Transferring payload in multiple chunks", and what botocore 1.44.5 sends.

use std::fmt;

/// The longest line: the head of a chunk, or a trailer.
const LONGEST_LINE: usize = 1024;

/// The most trailers.
const MOST_TRAILERS: usize = 16;

/// What comes next in such a body.
#[derive(Debug, PartialEq)]
pub enum Piece<'a> {
    /// A part of the data of the chunk.
    Data(&'a [u8]),
    /// The data of a chunk has ended, whose head had this signature. The last chunk has no data.
    ChunkEnd(Option<String>),
    /// A trailer: its name in small letters, and its value.
    Trailer(String, String),
    /// The body has ended.
    End,
}

/// Reads a body of `aws-chunked`.
#[derive(Debug)]
pub struct Chunked {
    state: State,
    line: Vec<u8>,
    signature: Option<String>,
    trailers: usize,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    /// In the line before the data.
    Head,
    /// In the data, of which so much is left.
    Data(u64),
    /// In the line feed after the data.
    AfterData,
    Trailers,
    Ended,
}

/// Why it is no such body.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ChunkedError(&'static str);

impl Chunked {
    /// A reader at the beginning of a body.
    #[must_use]
    pub fn new() -> Self {
        Chunked { state: State::Head, line: Vec::new(), signature: None, trailers: 0 }
    }

    /// The next piece of `input`, which loses what was read; `None` when there must be more input.
    ///
    /// # Errors
    /// When it is no such body. Bytes after its end are an error too.
    pub fn next<'a>(&mut self, input: &mut &'a [u8]) -> Result<Option<Piece<'a>>, ChunkedError> {
        loop {
            match self.state {
                State::Head => {
                    let Some(line) = self.line(input)? else { return Ok(None) };
                    let (size, rest) = line.split_once(';').unwrap_or((&line, ""));
                    let digits = !size.is_empty() && size.bytes().all(|byte| byte.is_ascii_hexdigit());
                    let size = u64::from_str_radix(size, 16).ok().filter(|_| digits);
                    let size = size.ok_or(ChunkedError("the head of a chunk has no length"))?;
                    self.signature = rest.strip_prefix("chunk-signature=").map(str::to_owned);
                    if size > 0 {
                        self.state = State::Data(size);
                        continue;
                    }
                    self.state = State::Trailers;
                    return Ok(Some(Piece::ChunkEnd(self.signature.take())));
                }
                State::Data(left) => {
                    if input.is_empty() {
                        return Ok(None);
                    }
                    let count = usize::try_from(left).unwrap_or(usize::MAX).min(input.len());
                    let (data, rest) = input.split_at(count);
                    *input = rest;
                    let left = left - count as u64;
                    self.state = if left == 0 { State::AfterData } else { State::Data(left) };
                    return Ok(Some(Piece::Data(data)));
                }
                State::AfterData => {
                    let Some(line) = self.line(input)? else { return Ok(None) };
                    if !line.is_empty() {
                        return Err(ChunkedError("a chunk is longer than its head says"));
                    }
                    self.state = State::Head;
                    return Ok(Some(Piece::ChunkEnd(self.signature.take())));
                }
                State::Trailers => {
                    let Some(line) = self.line(input)? else { return Ok(None) };
                    if line.is_empty() {
                        self.state = State::Ended;
                        return Ok(Some(Piece::End));
                    }
                    self.trailers += 1;
                    let pair = line.split_once(':').filter(|_| self.trailers <= MOST_TRAILERS);
                    let (name, value) = pair.ok_or(ChunkedError("what follows the last chunk is no trailer"))?;
                    return Ok(Some(Piece::Trailer(name.trim().to_ascii_lowercase(), value.trim().to_owned())));
                }
                State::Ended if input.iter().all(|byte| matches!(byte, b'\r' | b'\n')) => {
                    *input = &[];
                    return Ok(None);
                }
                State::Ended => return Err(ChunkedError("something follows its end")),
            }
        }
    }

    /// Whether the body may end here. Some clients leave the last line feed out.
    #[must_use]
    pub fn may_end(&self) -> bool {
        self.state == State::Ended || (self.state == State::Trailers && self.line.is_empty())
    }

    /// A line, once it is there to its end.
    fn line(&mut self, input: &mut &[u8]) -> Result<Option<String>, ChunkedError> {
        let end = input.iter().position(|byte| *byte == b'\n');
        let (part, rest) = input.split_at(end.map_or(input.len(), |end| end + 1));
        if self.line.len() + part.len() > LONGEST_LINE {
            return Err(ChunkedError("a line of it is too long"));
        }
        self.line.extend_from_slice(part);
        *input = rest;
        if end.is_none() {
            return Ok(None);
        }
        let line = std::mem::take(&mut self.line);
        let text = std::str::from_utf8(&line).ok().and_then(|line| line.strip_suffix("\r\n"));
        text.map(|text| Some(text.to_owned())).ok_or(ChunkedError("a line of it has no carriage return, or is no text"))
    }
}

impl Default for Chunked {
    fn default() -> Self {
        Chunked::new()
    }
}

impl fmt::Display for ChunkedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for ChunkedError {}

#[cfg(test)]
mod tests {
    use super::*;

    /// Data, signatures and trailers of a body that comes in pieces of `size`.
    fn read(body: &[u8], size: usize) -> Result<(Vec<u8>, Vec<String>, bool), ChunkedError> {
        let (mut reader, mut data, mut said) = (Chunked::new(), Vec::new(), Vec::new());
        for mut input in body.chunks(size) {
            while let Some(piece) = reader.next(&mut input)? {
                match piece {
                    Piece::Data(part) => data.extend_from_slice(part),
                    Piece::ChunkEnd(signature) => said.push(signature.unwrap_or_default()),
                    Piece::Trailer(name, value) => said.push(format!("{name}={value}")),
                    Piece::End => said.push("end".to_owned()),
                }
            }
        }
        Ok((data, said, reader.may_end()))
    }

    #[test]
    fn a_body_is_the_same_in_any_pieces() {
        let body = b"5;chunk-signature=aa\r\nhello\r\nA;chunk-signature=bb\r\n, world\r\n!\r\n0;chunk-signature=cc\r\n\
            X-Amz-Checksum-Crc32: abc=\r\n\r\n";
        let said = ["aa", "bb", "cc", "x-amz-checksum-crc32=abc=", "end"].map(str::to_owned).to_vec();
        for size in 1..=body.len() {
            assert_eq!(read(body, size), Ok((b"hello, world\r\n!".to_vec(), said.clone(), true)), "{size}");
        }
        assert_eq!(read(b"0\r\n\r\n", 9), Ok((Vec::new(), vec![String::new(), "end".to_owned()], true)));
    }

    #[test]
    fn what_is_no_such_body_is_refused() {
        for body in ["\r\n", "x\r\n", "+1\r\na\r\n", "1\r\nab\r\n", "1\na", "0\r\nnothing\r\n", "0\r\n\r\nmore"] {
            assert!(read(body.as_bytes(), 99).is_err(), "{body:?}");
        }
        assert!(read("f".repeat(LONGEST_LINE + 1).as_bytes(), 7).is_err());
        assert!(read(format!("0\r\n{}", "a:b\r\n".repeat(MOST_TRAILERS + 1)).as_bytes(), 99).is_err());
        for short in ["", "5\r\nhel", "5\r\nhello\r\n", "0\r\na:b"] {
            assert_eq!(read(short.as_bytes(), 99).map(|(.., may_end)| may_end), Ok(false), "{short:?}");
        }
    }
}
