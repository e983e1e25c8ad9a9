//! The files of a job: which there are, their lines one by one, and its own lines into others.
//!
//! Nothing holds a whole file: input is read a piece at a time, output goes out in parts.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;

use futures_core::Stream as _;
use object_store::buffered::{BufReader, BufWriter};
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt as _};
use outcrop_wire::account::job::RECORDS;
use outcrop_wire::account::logging::S3Path;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _};

use crate::check::BODY_LIMIT;

/// The longest line: a body may have so many bytes, and little is around it.
const LONGEST_LINE: usize = BODY_LIMIT + 64 * 1024;

/// Bytes of the output that are held until they go out.
const PART: usize = 8 * 1024 * 1024;

/// A file of records.
pub(super) struct File {
    pub(super) key: String,
    pub(super) meta: ObjectMeta,
}

/// The files of an input: the object that it names, or every `.jsonl` in the folder that it names, by key.
pub(super) async fn list(store: &Arc<dyn ObjectStore>, input: &S3Path) -> Result<Vec<File>, String> {
    let cannot = |error: object_store::Error| match error {
        object_store::Error::NotFound { .. } => format!("{input} does not exist"),
        error => format!("cannot read {input}: {error}"),
    };
    if input.key.ends_with(RECORDS) {
        let meta = store.head(&path(&input.bucket, &input.key)?).await.map_err(cannot)?;
        return Ok(vec![File { key: input.key.clone(), meta }]);
    }
    let folder = path(&input.bucket, input.key.trim_end_matches('/'))?;
    let mut list = store.list(Some(&folder));
    let mut files = Vec::new();
    while let Some(meta) = poll_fn(|context| Pin::new(&mut list).poll_next(context)).await {
        let meta = meta.map_err(cannot)?;
        let key = meta.location.as_ref().split_once('/').map_or("", |(_, key)| key).to_owned();
        if key.ends_with(RECORDS) {
            files.push(File { key, meta });
        }
    }
    if files.is_empty() {
        return Err(format!("there is no file {RECORDS} in {input}"));
    }
    files.sort_by(|one, other| one.key.cmp(&other.key));
    Ok(files)
}

/// Where in the store an object lies.
pub(super) fn path(bucket: &str, key: &str) -> Result<Path, String> {
    let path = if key.is_empty() { bucket.to_owned() } else { format!("{bucket}/{key}") };
    Path::parse(&path).map_err(|error| format!("s3://{path} cannot be the name of an object: {error}"))
}

/// The lines of a file that are not blank.
pub(super) struct Lines {
    key: String,
    reader: BufReader,
    line: u64,
}

/// A line, without its end.
pub(super) struct Line {
    /// Which, from 1.
    pub(super) number: u64,
    pub(super) text: Vec<u8>,
}

impl Lines {
    pub(super) fn of(store: &Arc<dyn ObjectStore>, file: &File) -> Self {
        Lines { key: file.key.clone(), reader: BufReader::new(Arc::clone(store), &file.meta), line: 0 }
    }

    /// The next one.
    pub(super) async fn next(&mut self) -> Result<Option<Line>, String> {
        loop {
            self.line += 1;
            let (mut text, mut is_over) = (Vec::new(), false);
            while !is_over {
                let piece = self.reader.fill_buf().await;
                let piece = piece.map_err(|error| format!("cannot read {}, line {}: {error}", self.key, self.line))?;
                let end = piece.iter().position(|byte| *byte == b'\n');
                let (taken, used) = end.map_or((piece, piece.len()), |end| (&piece[..end], end + 1));
                is_over = end.is_some() || piece.is_empty();
                if text.len() + taken.len() > LONGEST_LINE {
                    return Err(format!("{}, line {}: longer than {LONGEST_LINE} bytes", self.key, self.line));
                }
                text.extend_from_slice(taken);
                let file_is_over = used == 0;
                self.reader.consume(used);
                if file_is_over && text.is_empty() {
                    return Ok(None);
                }
            }
            if !text.iter().all(u8::is_ascii_whitespace) {
                return Ok(Some(Line { number: self.line, text }));
            }
        }
    }
}

/// The results of a file of records. There is no such file until there is a result.
pub(super) struct Results {
    writer: BufWriter,
    name: String,
    any: bool,
}

impl Results {
    pub(super) fn new(store: &Arc<dyn ObjectStore>, bucket: &str, key: &str) -> Result<Self, String> {
        let writer = BufWriter::with_capacity(Arc::clone(store), path(bucket, key)?, PART);
        Ok(Results { writer, name: format!("s3://{bucket}/{key}"), any: false })
    }

    pub(super) async fn write(&mut self, line: &str) -> Result<(), String> {
        self.any = true;
        let written = self.writer.write_all(line.as_bytes()).await;
        written.map_err(|error| format!("cannot write {}: {error}", self.name))
    }

    /// Lets it be read.
    pub(super) async fn finish(mut self) -> Result<(), String> {
        if !self.any {
            return Ok(());
        }
        self.writer.shutdown().await.map_err(|error| format!("cannot write {}: {error}", self.name))
    }
}
