//! Records into a bucket: in one piece, or in parts that are read as they are sent.

use object_store::path::Path;
use object_store::{ObjectStoreExt as _, WriteMultipart};

use super::place::BatchFiles;
use super::records::BatchRecords;
use crate::error::{Error, Kind, Result};
use crate::objects;

/// The bytes of a part. S3 takes at least 5 MiB, and at most 10,000 parts (Amazon S3 user guide, multipart upload limits).
const PART: usize = 8 * 1024 * 1024;

/// How many parts are on their way at a time.
const PARTS: usize = 3;

impl BatchRecords {
    /// Puts the lines into a file there, where nothing is yet; [`Jobs::create`](super::Jobs::create) does so by itself.
    ///
    /// # Errors
    /// When there is such a file, or it cannot be written.
    pub async fn upload(&self, files: &BatchFiles, name: &str) -> Result<()> {
        let key = format!("{}{name}", files.prefix);
        let doing = format!("upload the requests to {}", files.shown(&key));
        let store = &files.store;
        let path = Path::parse(&key).map_err(|error| Error::new(Kind::Invalid, &*doing, error.to_string()))?;
        // Who may write but not look is told of nothing here.
        if store.head(&path).await.is_ok() {
            let error = Error::new(Kind::Invalid, doing, "there is an object already, and none is overwritten");
            return Err(error.with_hint("take another name, or a folder: then the object is named after the job"));
        }
        let first = self.lines.chunk(0, PART).await?;
        if first.len() as u64 == self.bytes() {
            return store.put(&path, first.into()).await.map(drop).map_err(|error| objects::error(doing, &error));
        }
        let upload = store.put_multipart(&path).await.map_err(|error| objects::error(&*doing, &error))?;
        let mut writing = WriteMultipart::new_with_chunk_size(upload, PART);
        let (mut sent, mut chunk) = (0, first);
        let outcome = loop {
            if chunk.is_empty() {
                break Ok(());
            }
            sent += chunk.len() as u64;
            writing.put(chunk);
            if let Err(error) = writing.wait_for_capacity(PARTS).await {
                break Err(objects::error(&*doing, &error));
            }
            match self.lines.chunk(sent, PART).await {
                Ok(next) => chunk = next,
                Err(error) => break Err(error),
            }
        };
        match outcome {
            Ok(()) => writing.finish().await.map(drop).map_err(|error| objects::error(doing, &error)),
            Err(error) => {
                // Parts that nobody finishes are paid for.
                let _ = writing.abort().await;
                Err(error)
            }
        }
    }
}
