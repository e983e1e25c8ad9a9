//! Writes an object as it comes: it is there whole, or not at all.

use bytes::{Bytes, BytesMut};
use md5::{Digest as _, Md5};
use object_store::path::Path;
use object_store::{MultipartUpload, ObjectMeta, ObjectStoreExt as _};
use outcrop_wire::account::S3Uri;
use outcrop_wire::fault::Fault;

use super::heads::Head;
use super::receive::hex;
use super::refusal::stored;
use super::store::{Buckets, path_to_write};

/// So many bytes are written at once; what is shorter is held.
const PIECE: usize = 1024 * 1024;

/// An object that is being written.
pub(super) struct Writer<'a> {
    buckets: Buckets<'a>,
    place: S3Uri,
    path: Path,
    held: BytesMut,
    upload: Option<Box<dyn MultipartUpload>>,
    size: u64,
}

impl<'a> Writer<'a> {
    pub(super) fn new(buckets: Buckets<'a>, place: &S3Uri) -> Result<Self, Fault> {
        Ok(Writer::at(buckets, place, path_to_write(place)?))
    }

    /// Somewhere else than where the place is.
    pub(super) fn at(buckets: Buckets<'a>, place: &S3Uri, path: Path) -> Self {
        Writer { buckets, place: place.clone(), path, held: BytesMut::new(), upload: None, size: 0 }
    }

    pub(super) async fn write(&mut self, data: Bytes) -> Result<(), Fault> {
        self.size += data.len() as u64;
        self.held.extend_from_slice(&data);
        match self.held.len() >= PIECE {
            true => self.flush().await,
            false => Ok(()),
        }
    }

    async fn flush(&mut self) -> Result<(), Fault> {
        let failed = |error| stored(error, &self.place);
        let upload = match &mut self.upload {
            Some(upload) => upload,
            None => {
                let begun = self.buckets.data.buckets().put_multipart(&self.path).await.map_err(failed)?;
                self.upload.insert(begun)
            }
        };
        let data = self.held.split().freeze();
        upload.put_part(data.into()).await.map_err(failed)
    }

    /// The object is whole: what is known of it now. `md5` is that of its bytes.
    pub(super) async fn finish(self, head: Head, md5: &[u8; 16]) -> Result<(ObjectMeta, String), Fault> {
        self.finish_as(head, format!("\"{}\"", hex(md5))).await
    }

    /// The same, with an ETag.
    pub(super) async fn finish_as(mut self, head: Head, etag: String) -> Result<(ObjectMeta, String), Fault> {
        let (buckets, place) = (self.buckets, self.place.clone());
        let meta = self.close().await?;
        head.named(&etag).write(buckets, &place, &meta).await;
        Ok((meta, etag))
    }

    /// The bytes are whole, and nothing is kept besides.
    pub(super) async fn close(&mut self) -> Result<ObjectMeta, Fault> {
        let store = self.buckets.data.buckets();
        if self.upload.is_some() && !self.held.is_empty() {
            self.flush().await?;
        }
        let failed = |error| stored(error, &self.place);
        match self.upload.take() {
            Some(mut upload) => upload.complete().await.map(|_| ()).map_err(failed)?,
            None => store.put(&self.path, self.held.split().freeze().into()).await.map(|_| ()).map_err(failed)?,
        }
        store.head(&self.path).await.map_err(failed)
    }

    /// It is not to be.
    pub(super) async fn abort(mut self) {
        if let Some(mut upload) = self.upload.take() {
            // What was staged is nobody's.
            let _ = upload.abort().await;
        }
    }

    pub(super) fn size(&self) -> u64 {
        self.size
    }
}

pub(super) fn md5(bytes: &[u8]) -> [u8; 16] {
    Md5::digest(bytes).into()
}
