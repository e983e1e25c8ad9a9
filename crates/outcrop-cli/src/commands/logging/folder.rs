//! A folder laid out as a bucket with a log: its objects, and the bodies beside them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use outcrop::wire::account::logging::{LogHour, LogKey, LogRole, S3Path};

use super::source::{Object, Place};
use crate::exit::Failure;

/// The objects of a folder that hold records.
pub(super) struct Folder {
    root: PathBuf,
    /// In the order of their hours.
    pub(super) objects: Vec<Object>,
    /// What of the folder could not be looked into.
    pub(super) troubles: Vec<String>,
}

impl Folder {
    /// Looks for objects; `place` may be one itself.
    pub(super) fn open(place: &Path) -> Result<Self, Failure> {
        let told = place.display();
        let unreadable = |error: io::Error| Failure::usage(format!("cannot read the log in {told}: {error}"));
        let root = fs::canonicalize(place).map_err(unreadable)?;
        let mut folder = Folder { objects: Vec::new(), troubles: Vec::new(), root: root.clone() };
        if !fs::metadata(&root).map_err(unreadable)?.is_dir() {
            folder.objects.push(Object { name: told.to_string(), hour: hour(&root), place: Place::File(root.clone()) });
            folder.root = root.parent().unwrap_or(&root).to_owned();
            return Ok(folder);
        }
        // That the folder itself cannot be read is no trouble of a part of it.
        fs::read_dir(&root).map_err(unreadable)?;
        folder.walk();
        folder.objects.sort_by(|a, b| (a.hour, &a.name).cmp(&(b.hour, &b.name)));
        Ok(folder)
    }

    /// Links to folders are not followed: they may lead back.
    fn walk(&mut self) {
        let mut folders = vec![self.root.clone()];
        while let Some(folder) = folders.pop() {
            let entries = fs::read_dir(&folder).and_then(|entries| entries.collect::<Result<Vec<_>, _>>());
            let entries = match entries {
                Ok(entries) => entries,
                Err(error) => {
                    self.troubles.push(format!("{}: {error}", self.name(&folder)));
                    continue;
                }
            };
            for entry in entries {
                // What is hidden is nobody's log: the local Bedrock keeps an account so.
                if entry.file_name().as_encoded_bytes().starts_with(b".") {
                    continue;
                }
                let path = entry.path();
                if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                    folders.push(path);
                } else if LogRole::of(&as_key(&path)) == LogRole::Records && !path.is_dir() {
                    self.objects.push(Object { name: self.name(&path), hour: hour(&path), place: Place::File(path) });
                }
            }
        }
    }

    fn name(&self, path: &Path) -> String {
        as_key(path.strip_prefix(&self.root).unwrap_or(path))
    }

    /// What lies at `path`, which names a bucket: that may be a folder here, or this folder, or lost, where only a part of
    /// the bucket was copied. Then it lies beside the object as it did there.
    pub(super) fn bytes(&self, path: &str, object: &Path) -> Result<Vec<u8>, String> {
        let file = self.find(path, object)?;
        fs::read(&file).map_err(|error| format!("{}: {error}", self.name(&file)))
    }

    /// How many bytes it has.
    pub(super) fn size(&self, path: &str, object: &Path) -> Result<u64, String> {
        let file = self.find(path, object)?;
        fs::metadata(&file).map(|meta| meta.len()).map_err(|error| format!("{}: {error}", self.name(&file)))
    }

    fn find(&self, path: &str, object: &Path) -> Result<PathBuf, String> {
        let S3Path { bucket, key } = S3Path::parse(path).ok_or_else(|| format!("{path} is no path in S3"))?;
        if key.split('/').any(|part| matches!(part, "" | "." | "..")) {
            return Err(format!("{path} leads out of its bucket"));
        }
        let (_, name) = key.rsplit_once('/').unwrap_or(("", &key));
        let beside = object.parent().unwrap_or(&self.root).join("data").join(name);
        let places = [self.root.join(&bucket).join(&key), self.root.join(&key), beside];
        places.into_iter().find(|place| place.is_file()).ok_or_else(|| format!("{path} is not in this folder"))
    }
}

fn hour(path: &Path) -> Option<LogHour> {
    LogKey::parse(&as_key(path))?.hour
}

/// A path as S3 writes one.
fn as_key(path: &Path) -> String {
    let path = path.to_string_lossy();
    if std::path::MAIN_SEPARATOR == '/' { path.into_owned() } else { path.replace(std::path::MAIN_SEPARATOR, "/") }
}
