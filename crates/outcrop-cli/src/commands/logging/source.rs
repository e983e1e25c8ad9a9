//! Where a log is read from: its objects, each fetched ahead of its turn, and the bodies that are not in their record.

use std::path::PathBuf;

use outcrop::Json;
use outcrop::bytes::Bytes;
use outcrop::object_store::path::Path;
use outcrop::wire::account::logging::{LogHour, ModelInvocationLog};
use tokio::task::JoinHandle;

use super::bucket::Bucket;
use super::folder::Folder;
use crate::exit::Failure;

/// Where a log is read from.
pub(super) enum Source {
    Folder(Folder),
    Bucket(Bucket),
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
}

/// Why an object or a body is not there.
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
            (Source::Folder(_), Place::Key(_)) => {
                tokio::spawn(async move { Err(Lost::Told(format!("{name}: it is in no folder"))) })
            }
        }
    }

    /// The record with the bodies that lie elsewhere; what of them is missing or broken is told.
    pub(super) async fn whole(
        &self,
        mut log: ModelInvocationLog,
        object: &Object,
    ) -> Result<(ModelInvocationLog, Vec<String>), Failure> {
        let mut troubles = Vec::new();
        let input = log.input.as_mut().map(|input| (&input.body_path, &mut input.body));
        let output = log.output.as_mut().map(|output| (&output.body_path, &mut output.body));
        for (path, body) in [input, output].into_iter().flatten() {
            if let (Some(path), None) = (path, &body) {
                match self.body(path, object).await {
                    Ok(found) => *body = Some(found),
                    Err(Lost::Told(why)) => troubles.push(why),
                    Err(Lost::Everything(failure)) => return Err(failure),
                }
            }
        }
        Ok((log, troubles))
    }

    async fn body(&self, path: &str, object: &Object) -> Result<Json, Lost> {
        match (self, &object.place) {
            (Source::Folder(folder), Place::File(file)) => folder.body(path, file).map_err(Lost::Told),
            (Source::Bucket(bucket), Place::Key(key)) => bucket.body(path, key).await,
            _ => Err(Lost::Told(format!("{path} is not there"))),
        }
    }
}
