//! The lines of a job while they are collected: in memory, or in a file that nobody else can open once they are many.

use std::io::{self, BufRead as _, BufReader, Read, Seek as _, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tempfile::SpooledTempFile;

use crate::error::{Error, Kind, Result};

/// What is kept in memory; what is longer goes to a file.
const IN_MEMORY: usize = 4 * 1024 * 1024;

/// Lines, one behind the other.
#[derive(Debug)]
pub(super) struct Spool {
    lines: Arc<Mutex<SpooledTempFile>>,
    bytes: u64,
}

impl Spool {
    pub(super) fn new() -> Self {
        Spool { lines: Arc::new(Mutex::new(SpooledTempFile::new(IN_MEMORY))), bytes: 0 }
    }

    /// How many bytes there are.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Adds a line, with its end.
    pub(super) fn push(&mut self, line: &str) -> io::Result<()> {
        held(&self.lines).write_all(line.as_bytes())?;
        self.bytes += line.len() as u64;
        Ok(())
    }

    pub(super) fn write_to(&self, out: &mut impl Write) -> io::Result<u64> {
        let mut lines = held(&self.lines);
        lines.rewind()?;
        let copied = io::copy(&mut *lines, out);
        // What is added later stands behind.
        lines.seek(io::SeekFrom::End(0))?;
        copied
    }

    /// The lines from a byte on, at most so many bytes of them; none at the end.
    pub(super) async fn chunk(&self, from: u64, most: usize) -> Result<Bytes> {
        let chunk = self.read(move |lines| {
            lines.seek(io::SeekFrom::Start(from))?;
            let mut chunk = Vec::with_capacity(most);
            lines.take(most as u64).read_to_end(&mut chunk)?;
            Ok(chunk)
        });
        chunk.await.map(Bytes::from)
    }

    /// The line that begins at a byte, with its end; none behind the last.
    pub(super) async fn line(&self, from: u64) -> Result<Option<String>> {
        let line = self.read(move |lines| {
            lines.seek(io::SeekFrom::Start(from))?;
            let mut line = String::new();
            BufReader::new(lines).read_line(&mut line)?;
            Ok(line)
        });
        Ok(Some(line.await?).filter(|line| !line.is_empty()))
    }

    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&mut SpooledTempFile) -> io::Result<T> + Send + 'static,
    ) -> Result<T> {
        let lines = Arc::clone(&self.lines);
        let read = tokio::task::spawn_blocking(move || {
            let mut lines = held(&lines);
            let read = read(&mut lines);
            // What is added later stands behind.
            lines.seek(io::SeekFrom::End(0))?;
            read
        });
        let read = read.await.map_err(io::Error::other).and_then(|read| read);
        read.map_err(|error| Error::new(Kind::Invalid, "read the records that were collected", error.to_string()))
    }
}

fn held(lines: &Mutex<SpooledTempFile>) -> MutexGuard<'_, SpooledTempFile> {
    lines.lock().unwrap_or_else(PoisonError::into_inner)
}
