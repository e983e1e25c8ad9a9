//! The lines of a file, as it comes.

use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use futures_core::stream::BoxStream;
use std::pin::Pin;

use crate::error::{Error, Kind, Result};
use crate::objects;

/// The longest line: a request of 25 MB and its answer, with room to spare.
const LONGEST: usize = 128 * 1024 * 1024;

type Chunks = BoxStream<'static, object_store::Result<Bytes>>;

/// The lines of a file, as it comes.
pub(super) struct Lines {
    chunks: Chunks,
    /// What has come and was not handed out.
    held: BytesMut,
    /// As far as no line ends in it.
    searched: usize,
    number: u64,
    over: bool,
    doing: String,
}

/// A line.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Line {
    /// From 1.
    pub(super) number: u64,
    /// Without its end.
    pub(super) text: Bytes,
    /// Whether it has an end: the last one may be cut off.
    pub(super) ended: bool,
}

impl Lines {
    pub(super) fn new(chunks: Chunks, doing: String) -> Self {
        Lines { chunks, held: BytesMut::new(), searched: 0, number: 0, over: false, doing }
    }

    /// The next line that holds something; `None` at the end, and after an error.
    ///
    /// # Errors
    /// When the file cannot be read on, or a line is longer than any.
    pub(super) async fn next(&mut self) -> Result<Option<Line>> {
        loop {
            let outcome = self.line().await;
            match outcome {
                Ok(Some(line)) if line.text.trim_ascii().is_empty() => {}
                Err(error) => {
                    self.over = true;
                    self.held.clear();
                    return Err(error);
                }
                outcome => return outcome,
            }
        }
    }

    async fn line(&mut self) -> Result<Option<Line>> {
        loop {
            if let Some(at) = memchr::memchr(b'\n', &self.held[self.searched..]) {
                let text = self.held.split_to(self.searched + at + 1).freeze();
                self.searched = 0;
                self.number += 1;
                return Ok(Some(Line { number: self.number, text: text.slice(..text.len() - 1), ended: true }));
            }
            self.searched = self.held.len();
            if self.over {
                let text = self.held.split().freeze();
                self.searched = 0;
                self.number += 1;
                return Ok((!text.is_empty()).then_some(Line { number: self.number, text, ended: false }));
            }
            if self.held.len() > LONGEST {
                let why = format!("line {} is longer than {LONGEST} bytes", self.number + 1);
                return Err(Error::new(Kind::Decode, &*self.doing, why));
            }
            let chunks = &mut self.chunks;
            match std::future::poll_fn(|context| Pin::new(&mut *chunks).poll_next(context)).await {
                Some(Ok(chunk)) => self.held.extend_from_slice(&chunk),
                Some(Err(error)) => return Err(objects::error(&*self.doing, &error)),
                None => self.over = true,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::task::{Context, Poll};

    use super::*;

    struct Chunked(VecDeque<&'static [u8]>);

    impl Stream for Chunked {
        type Item = object_store::Result<Bytes>;

        fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
            Poll::Ready(self.0.pop_front().map(|chunk| Ok(Bytes::from_static(chunk))))
        }
    }

    async fn lines(chunks: &[&'static [u8]]) -> Vec<(u64, String, bool)> {
        let mut lines = Lines::new(Box::pin(Chunked(chunks.iter().copied().collect())), String::new());
        let mut found = Vec::new();
        while let Some(line) = lines.next().await.expect("a file") {
            found.push((line.number, String::from_utf8_lossy(&line.text).into_owned(), line.ended));
        }
        found
    }

    #[tokio::test]
    async fn lines_are_whole_wherever_the_file_is_cut() {
        let text: &[u8] = b"one\n\r\n\ntwo\nthree";
        let whole = [(1, "one".to_owned(), true), (4, "two".to_owned(), true), (5, "three".to_owned(), false)];
        for cut in 0..=text.len() {
            let (before, after) = text.split_at(cut);
            assert_eq!(lines(&[before, b"", after]).await, whole, "{cut}");
        }
        assert_eq!(lines(&[b"", b"\n"]).await, []);
    }
}
