//! The buckets of the account: which there are and where, and their objects, for S3's face and for Bedrock itself.

use std::io;
use std::path::{Path as FilePath, PathBuf};

use bytes::Bytes;
use object_store::ObjectStore as _;
use object_store::path::Path;
use object_store::{GetOptions, GetResult, ObjectMeta, ObjectStoreExt as _};
use outcrop_wire::account::S3Uri;
use outcrop_wire::account::bucket::is_bucket_name;
use outcrop_wire::fault::Fault;

use super::body::next;
use super::heads::Head;
use super::refusal::{elsewhere, invalid, no_such_bucket, no_such_key, refusal, stored};
use super::write::Writer;
use super::{Asked, KeptBucket};
use crate::data::Data;

/// Buckets and their objects.
#[derive(Clone, Copy)]
pub(crate) struct Buckets<'a> {
    pub(super) data: &'a Data,
}

/// An object of a bucket.
pub(crate) struct Object {
    pub(crate) key: String,
    pub(crate) meta: ObjectMeta,
}

#[allow(dead_code, reason = "Bedrock itself writes its log and the output of jobs here")]
impl<'a> Buckets<'a> {
    pub(crate) fn of(data: &'a Data) -> Self {
        Buckets { data }
    }

    /// Whether there is such a bucket: it was made, or is a folder that somebody put there.
    pub(crate) fn exists(self, bucket: &str) -> bool {
        is_bucket_name(bucket)
            && (self.kept(bucket).is_some() || self.folder(bucket).is_some_and(|folder| folder.is_dir()))
    }

    /// Where a bucket is; a folder that somebody put there is in whichever region it is asked.
    pub(crate) fn region(self, bucket: &str) -> Option<String> {
        self.kept(bucket).map(|kept| kept.region)
    }

    /// The policy of a bucket, as it was given: JSON.
    pub(crate) fn policy(self, bucket: &str) -> Option<String> {
        self.kept(bucket)?.policy
    }

    /// Whether a bucket may be used from a region.
    ///
    /// # Errors
    /// S3's refusal: there is no such bucket, or it is in another region, which the fault names (`region`).
    pub(crate) fn check(self, bucket: &str, region: &str) -> Result<(), Fault> {
        if !self.exists(bucket) {
            return Err(no_such_bucket(bucket));
        }
        match self.region(bucket) {
            Some(is_in) if is_in != region => Err(elsewhere(bucket, &is_in)),
            _ => Ok(()),
        }
    }

    /// The bucket of a request, which there is in its region.
    pub(super) fn here<'b>(self, asked: &Asked<'b>) -> Result<&'b str, Fault> {
        let bucket = asked.place.bucket.as_deref().unwrap_or_default();
        self.check(bucket, asked.region)?;
        asked.is_ours("x-amz-expected-bucket-owner").map(|()| bucket)
    }

    /// Writes an object, whole, as Bedrock does. That the bucket is there and takes it is the caller's matter.
    ///
    /// # Errors
    /// When it cannot be kept: a key that no file can have, a disk that is full.
    pub(crate) async fn put(self, place: &S3Uri, bytes: Bytes, content_type: &str) -> Result<(), Fault> {
        let head = Head::of_type(content_type);
        let mut writer = Writer::new(self, place)?;
        let md5 = super::write::md5(&bytes);
        writer.write(bytes).await?;
        writer.finish(head, &md5).await.map(|_| ())
    }

    /// Reads an object, whole.
    ///
    /// # Errors
    /// When there is none, or it cannot be read.
    pub(crate) async fn get(self, place: &S3Uri) -> Result<Bytes, Fault> {
        let found = self.open(place, GetOptions::default()).await?;
        found.bytes().await.map_err(|error| stored(error, place))
    }

    /// Reads an object, or a part of it, as it comes.
    pub(crate) async fn open(self, place: &S3Uri, options: GetOptions) -> Result<GetResult, Fault> {
        let path = path(place).ok_or_else(|| no_such_key(&place.key))?;
        self.data.buckets().get_opts(&path, options).await.map_err(|error| stored(error, place))
    }

    /// What is known of an object.
    pub(crate) async fn meta(self, place: &S3Uri) -> Result<ObjectMeta, Fault> {
        let path = path(place).ok_or_else(|| no_such_key(&place.key))?;
        self.data.buckets().head(&path).await.map_err(|error| stored(error, place))
    }

    /// Removes an object; one that is not there is gone as well.
    pub(crate) async fn remove(self, place: &S3Uri) -> Result<(), Fault> {
        let Some(path) = path(place) else { return Ok(()) };
        match self.data.buckets().delete(&path).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => {
                Head::remove(self, place).await;
                Ok(())
            }
            Err(error) => Err(stored(error, place)),
        }
    }

    /// The objects whose keys begin with that of `place`, in the order of their keys.
    ///
    /// # Errors
    /// When they cannot be read.
    pub(crate) async fn list(self, place: &S3Uri) -> Result<Vec<Object>, Fault> {
        // The store knows folders alone.
        let folder = place.key.rsplit_once('/').map_or("", |(folder, _)| folder);
        let folder = match folder {
            "" => Path::parse(&place.bucket).ok(),
            folder => path(&S3Uri { bucket: place.bucket.clone(), key: folder.to_owned() }),
        };
        let Some(folder) = folder else { return Ok(Vec::new()) };
        let mut stream = self.data.buckets().list(Some(&folder));
        let mut objects = Vec::new();
        while let Some(meta) = next(&mut stream).await {
            let meta = match meta {
                Ok(meta) => meta,
                Err(object_store::Error::NotFound { .. }) => continue,
                Err(error) => return Err(stored(error, place)),
            };
            let key = meta.location.as_ref().strip_prefix(&place.bucket).and_then(|rest| rest.strip_prefix('/'));
            if let Some(key) = key.filter(|key| key.starts_with(&place.key)) {
                objects.push(Object { key: key.to_owned(), meta });
            }
        }
        objects.sort_unstable_by(|a, b| a.key.cmp(&b.key));
        Ok(objects)
    }

    /// The buckets there are, by name, with the region of those that have one.
    pub(super) fn all(self) -> Vec<(String, Option<KeptBucket>)> {
        let mut all: Vec<_> = self
            .data
            .read(|kept| kept.buckets.iter().map(|(name, bucket)| (name.clone(), Some(bucket.clone()))).collect());
        let entries = self.data.folder().and_then(|folder| std::fs::read_dir(folder).ok());
        for entry in entries.into_iter().flatten().flatten() {
            let name = entry.file_name().into_string().unwrap_or_default();
            if is_bucket_name(&name) && entry.path().is_dir() && !all.iter().any(|(known, _)| *known == name) {
                all.push((name, None));
            }
        }
        all.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        all
    }

    /// What was set up for a bucket.
    pub(super) fn kept(self, bucket: &str) -> Option<KeptBucket> {
        self.data.read(|kept| kept.buckets.get(bucket).cloned())
    }

    /// Changes what was set up for a bucket.
    pub(super) fn change(self, bucket: &str, region: &str, change: impl FnOnce(&mut KeptBucket)) -> Result<(), Fault> {
        self.data.change(|kept| {
            let found = kept.buckets.entry(bucket.to_owned());
            change(found.or_insert_with(|| KeptBucket { region: region.to_owned(), ..KeptBucket::default() }));
            Ok(())
        })
    }

    /// Makes the folder of a bucket, where there are folders.
    pub(super) fn make_folder(self, bucket: &str) -> Result<(), Fault> {
        let Some(folder) = self.folder(bucket) else { return Ok(()) };
        std::fs::create_dir_all(&folder).map_err(|error| {
            refusal("InternalError", 500, format!("outcrop local cannot make {}: {error}", folder.display()))
        })
    }

    /// Removes the folder of a bucket and the empty folders in it; nothing else.
    pub(super) fn remove_folder(self, bucket: &str) -> Result<(), Fault> {
        let Some(folder) = self.folder(bucket) else { return Ok(()) };
        match remove_empty(&folder) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(_) => Err(not_empty()),
        }
    }

    fn folder(self, bucket: &str) -> Option<PathBuf> {
        Some(self.data.folder()?.join(bucket))
    }
}

pub(super) fn not_empty() -> Fault {
    refusal("BucketNotEmpty", 409, "The bucket you tried to delete is not empty")
}

/// The path of an object; none where no file can have such a key.
pub(super) fn path(place: &S3Uri) -> Option<Path> {
    // The parser would pass over slashes at either end.
    let odd = place.key.split('/').any(|part| part.is_empty() || part == "." || part == "..");
    if odd || !is_bucket_name(&place.bucket) {
        return None;
    }
    Path::parse(format!("{}/{}", place.bucket, place.key)).ok()
}

/// The same for an object that is to be written.
pub(super) fn path_to_write(place: &S3Uri) -> Result<Path, Fault> {
    if place.key.len() > 1024 {
        return Err(refusal("KeyTooLongError", 400, "Your key is too long"));
    }
    path(place).ok_or_else(|| {
        let key = &place.key;
        invalid(format!("outcrop local keeps objects as files, and none can be called {key:?}: a part of it is empty, `.` or `..`, or it holds control characters"))
    })
}

fn remove_empty(folder: &FilePath) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if !entry.file_type()?.is_dir() {
            return Err(io::ErrorKind::DirectoryNotEmpty.into());
        }
        remove_empty(&entry.path())?;
    }
    std::fs::remove_dir(folder)
}
