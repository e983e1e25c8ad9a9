//! Where the files of a job lie: in a bucket, in a folder, or in any other store of objects.

use std::sync::Arc;

use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt as _};
use outcrop_wire::account::S3Uri;
use outcrop_wire::account::bucket::S3UriError;

use super::lines::Lines;
use crate::client::Client;
use crate::error::{Error, Kind, Result};
use crate::objects;

/// A folder of a bucket or of this machine, or a file there.
#[derive(Clone, Debug)]
pub struct BatchFiles {
    pub(super) store: Arc<dyn ObjectStore>,
    /// What the keys begin with.
    pub(super) prefix: String,
    /// For people: what stands before a key.
    root: String,
}

impl BatchFiles {
    /// What lies below `prefix` in any store.
    #[must_use]
    pub fn new(store: Arc<dyn ObjectStore>, prefix: impl Into<String>) -> Self {
        BatchFiles { root: store.to_string(), store, prefix: prefix.into() }
    }

    /// A folder of this machine, or a file: results that were copied there, or requests.
    ///
    /// # Errors
    /// When it is not there.
    pub fn folder(path: impl AsRef<std::path::Path>) -> Result<Self> {
        let path = path.as_ref();
        let wrong = |why: String| Error::new(Kind::Invalid, format!("read {}", path.display()), why);
        let whole = path.canonicalize().map_err(|error| wrong(error.to_string()))?;
        let (folder, prefix) = match (whole.is_dir(), whole.parent(), whole.file_name().and_then(|name| name.to_str()))
        {
            (false, Some(parent), Some(name)) => (parent, name),
            _ => (&*whole, ""),
        };
        let store = LocalFileSystem::new_with_prefix(folder).map_err(|error| wrong(error.to_string()))?;
        let root = format!("{}{}", folder.display(), std::path::MAIN_SEPARATOR);
        Ok(BatchFiles { store: Arc::new(store), prefix: prefix.to_owned(), root })
    }

    /// `s3://bucket/key`, with the credentials of a client.
    ///
    /// # Errors
    /// When it is no place in a bucket, or the bucket cannot be reached.
    pub fn s3(client: &Client, uri: &str) -> Result<Self> {
        let uri: S3Uri = uri.parse().map_err(|error: S3UriError| {
            Error::new(Kind::Invalid, format!("read {uri}"), error.to_string())
                .with_hint("name a folder: s3://bucket/folder/")
        })?;
        BatchFiles::bucket(client, client.region(), &uri.bucket, &uri.key)
    }

    pub(super) fn bucket(client: &Client, region: Option<&str>, bucket: &str, prefix: &str) -> Result<Self> {
        let store = match region {
            Some(region) => client.objects_in(region, bucket),
            None => client.objects(bucket),
        };
        let store = store?;
        Ok(BatchFiles { store, prefix: prefix.to_owned(), root: format!("s3://{bucket}/") })
    }

    /// A key, for people.
    pub(super) fn shown(&self, key: &str) -> String {
        format!("{}{key}", self.root)
    }

    /// Every file here whose name ends so, by name, with its size.
    pub(super) async fn list(&self, ending: &str) -> Result<Vec<(String, u64)>> {
        // A store looks into folders; a prefix may end within a name.
        let folder = self.prefix.rfind('/').map_or("", |slash| &self.prefix[..slash]);
        let folder = (!folder.is_empty()).then(|| Path::from(folder));
        let mut listing = self.store.list(folder.as_ref());
        let mut found = Vec::new();
        loop {
            let next = std::future::poll_fn(|context| listing.as_mut().poll_next(context)).await;
            match next.transpose() {
                Ok(None) => break,
                Ok(Some(ObjectMeta { location, size, .. })) => {
                    let key = location.as_ref();
                    if key.starts_with(&self.prefix) && key.ends_with(ending) {
                        found.push((key.to_owned(), size));
                    }
                }
                Err(error) => return Err(objects::error(format!("list {}", self.shown(&self.prefix)), &error)),
            }
        }
        found.sort();
        Ok(found)
    }

    /// A file, line by line.
    pub(super) async fn lines(&self, key: &str) -> Result<Lines> {
        let doing = format!("read {}", self.shown(key));
        let answer = self.store.get(&Path::from(key)).await.map_err(|error| objects::error(&*doing, &error))?;
        Ok(Lines::new(answer.into_stream(), doing))
    }

    /// A small file whole; `None` where there is none.
    pub(super) async fn small(&self, key: &str) -> Result<Option<bytes::Bytes>> {
        let doing = format!("read {}", self.shown(key));
        match self.store.get(&Path::from(key)).await {
            Ok(answer) => answer.bytes().await.map(Some).map_err(|error| objects::error(doing, &error)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(objects::error(doing, &error)),
        }
    }
}
