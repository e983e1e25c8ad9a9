//! Where a log is read from: its objects, each fetched ahead of its turn, and what is not in their records.

use std::collections::BTreeMap;
use std::path::PathBuf;

use outcrop::bytes::Bytes;
use outcrop::object_store::path::Path;
use outcrop::wire::account::logging::{LogHour, ModelInvocationLog, read_body};
use tokio::task::JoinHandle;

use super::bucket::Bucket;
use super::folder::Folder;
use super::group::Group;
use crate::exit::Failure;

/// Where a log is read from.
pub(super) enum Source {
    Folder(Folder),
    Bucket(Bucket),
    Group(Group),
}

/// An object that holds records.
#[derive(Clone, Debug)]
pub(super) struct Object {
    /// Its name for people.
    pub(super) name: String,
    pub(super) place: Place,
    /// When it was written; none where it lies elsewhere than AWS puts it.
    pub(super) hour: Option<LogHour>,
}

/// Where an object is.
#[derive(Clone, Debug)]
pub(super) enum Place {
    File(PathBuf),
    Key(Path),
    /// It is an event of a log group.
    Event,
}

/// Why an object is not there.
pub(super) enum Lost {
    /// The rest is read.
    Told(String),
    /// So would all others be.
    Everything(Failure),
}

impl Source {
    /// Begins to fetch an object.
    pub(super) fn fetch(&self, object: &Object) -> JoinHandle<Result<Bytes, Lost>> {
        let name = object.name.clone();
        match (self, &object.place) {
            (Source::Bucket(bucket), Place::Key(key)) => {
                let (bucket, key) = (bucket.clone(), key.clone());
                tokio::spawn(async move { bucket.object(&key).await })
            }
            (_, Place::File(path)) => {
                let path = path.clone();
                let read = move || std::fs::read(path).map_err(|error| Lost::Told(format!("{name}: {error}")));
                tokio::task::spawn_blocking(move || read().map(Bytes::from))
            }
            _ => tokio::spawn(async move { Err(Lost::Told(format!("{name}: it is not here"))) }),
        }
    }

    /// Puts the bodies into the record that lie elsewhere. What of them is missing or broken is given.
    pub(super) async fn put_bodies(&self, log: &mut ModelInvocationLog, place: &Place) -> Vec<String> {
        let mut troubles = Vec::new();
        let input = log.input.as_mut().map(|input| (&input.body_path, &mut input.body));
        let output = log.output.as_mut().map(|output| (&output.body_path, &mut output.body));
        for (path, body) in [input, output].into_iter().flatten() {
            if let (Some(path), None) = (path, &body) {
                let read = |bytes: Bytes| read_body(path, &bytes).map_err(|trouble| trouble.to_string());
                match self.bytes(path, place).await.and_then(read) {
                    Ok(found) => *body = Some(found),
                    Err(why) => troubles.push(why),
                }
            }
        }
        troubles
    }

    /// Puts the images and documents into the request that lie elsewhere. What of them is missing is given.
    pub(super) async fn put_media(&self, log: &mut ModelInvocationLog, place: &Place) -> Vec<String> {
        let (mut found, mut troubles) = (BTreeMap::new(), Vec::new());
        for path in log.media_paths() {
            match self.bytes(&path, place).await {
                Ok(bytes) => drop(found.insert(path, bytes)),
                Err(why) => troubles.push(why),
            }
        }
        log.put_media(|path| found.get(path).map(|bytes| bytes.to_vec()));
        troubles
    }

    /// How large the images and documents of the request are that lie elsewhere, by their paths; and what is missing.
    pub(super) async fn media_sizes(
        &self,
        log: &ModelInvocationLog,
        place: &Place,
    ) -> (BTreeMap<String, u64>, Vec<String>) {
        let (mut sizes, mut troubles) = (BTreeMap::new(), Vec::new());
        for path in log.media_paths() {
            let size = match (self, place) {
                (Source::Folder(folder), Place::File(file)) => folder.size(&path, file),
                (Source::Bucket(bucket), Place::Key(key)) => bucket.size(&path, key).await,
                (Source::Group(group), _) => group.size(&path).await,
                _ => Err(format!("{path} is not here")),
            };
            match size {
                Ok(size) => drop(sizes.insert(path, size)),
                Err(why) => troubles.push(why),
            }
        }
        (sizes, troubles)
    }

    async fn bytes(&self, path: &str, place: &Place) -> Result<Bytes, String> {
        match (self, place) {
            (Source::Folder(folder), Place::File(file)) => folder.bytes(path, file).map(Bytes::from),
            (Source::Bucket(bucket), Place::Key(key)) => bucket.bytes(path, key).await,
            (Source::Group(group), _) => group.bytes(path).await,
            _ => Err(format!("{path} is not here")),
        }
    }
}
