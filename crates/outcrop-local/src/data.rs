//! What outlives a call: what was set up in the account, and its buckets. In memory, or in a folder.

pub(crate) mod access;
mod job;
mod kept;
mod log_group;
mod profile;

use std::fmt;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use object_store::ObjectStore;
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use outcrop_wire::fault::{Fault, Origin};

pub(crate) use self::job::KeptJob;
use self::kept::Kept;
pub(crate) use self::kept::Regional;
pub(crate) use self::log_group::{Events, HeldEvent, KeptGroup, KeptStream};
pub(crate) use self::profile::OwnProfile;

/// The file of a folder that holds what was set up. No bucket has a name that begins with a dot.
const FILE: &str = ".account.json";

/// What a local Bedrock keeps.
pub struct Data {
    kept: RwLock<Kept>,
    file: Option<PathBuf>,
    buckets: Arc<dyn ObjectStore>,
    /// Events of log groups: in memory, always.
    pub(crate) events: Events,
}

impl Data {
    /// In memory: gone with the server.
    #[must_use]
    pub fn memory() -> Self {
        Data { kept: RwLock::default(), file: None, buckets: Arc::new(InMemory::new()), events: Events::default() }
    }

    /// In a folder, which is made where there is none. What was set up is in its file `.account.json`, rewritten whole with
    /// each change; `s3://bucket/key` is its file `bucket/key`. Two servers must not share one.
    ///
    /// # Errors
    /// When the folder cannot be made, read or written, or its file is not one of ours.
    pub fn open(folder: impl AsRef<Path>) -> Result<Self, DataError> {
        let folder = folder.as_ref();
        let failed = |what: &Path, why: String| DataError { what: what.to_owned(), why };
        std::fs::create_dir_all(folder).map_err(|error| failed(folder, error.to_string()))?;
        let file = folder.join(FILE);
        let kept = match std::fs::read(&file) {
            Ok(text) => serde_json::from_slice(&text).map_err(|error| failed(&file, error.to_string()))?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Kept::default(),
            Err(error) => return Err(failed(&file, error.to_string())),
        };
        // Told now, not with the first change.
        tempfile::NamedTempFile::new_in(folder).map_err(|error| failed(folder, error.to_string()))?;
        let buckets = LocalFileSystem::new_with_prefix(folder).map_err(|error| failed(folder, error.to_string()))?;
        Ok(Data { kept: RwLock::new(kept), file: Some(file), buckets: Arc::new(buckets), events: Events::default() })
    }

    /// Looks at what was set up.
    pub(crate) fn read<T>(&self, look: impl FnOnce(&Kept) -> T) -> T {
        look(&self.kept.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes what was set up, all of it or nothing: it counts once it is written down.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut Kept) -> Result<T, Fault>) -> Result<T, Fault> {
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        let mut changed = kept.clone();
        let outcome = change(&mut changed)?;
        if let Some(file) = &self.file {
            write(file, &changed).map_err(|error| {
                let why = format!("outcrop local: cannot write {}: {error}", file.display());
                Fault::new("InternalServerException", why, Origin::Http)
            })?;
        }
        *kept = changed;
        Ok(outcome)
    }

    /// The folder, where it is kept in one.
    pub(crate) fn folder(&self) -> Option<&Path> {
        self.file.as_ref()?.parent()
    }

    /// The objects of every bucket: the path is `bucket/key`.
    pub(crate) fn buckets(&self) -> &Arc<dyn ObjectStore> {
        &self.buckets
    }
}

/// Whole, or not at all.
fn write(file: &Path, kept: &Kept) -> std::io::Result<()> {
    let mut new = tempfile::NamedTempFile::new_in(file.parent().unwrap_or(Path::new(".")))?;
    serde_json::to_writer_pretty(&mut new, kept)?;
    new.write_all(b"\n")?;
    new.persist(file)?;
    Ok(())
}

impl Default for Data {
    fn default() -> Self {
        Data::memory()
    }
}

impl fmt::Debug for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Data").field("file", &self.file).finish_non_exhaustive()
    }
}

/// Why the folder of a local Bedrock cannot be used.
#[derive(Debug)]
pub struct DataError {
    what: PathBuf,
    why: String,
}

impl fmt::Display for DataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.what.display(), self.why)
    }
}

impl std::error::Error for DataError {}
