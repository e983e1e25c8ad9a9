//! What outlives a call: what was set up in the account, and its buckets. In memory, or in a folder.

pub(crate) mod access;
mod events;
mod folder;
mod job;
mod kept;
mod log_group;
mod profile;

use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use object_store::ObjectStore;
use object_store::memory::InMemory;
use outcrop_wire::fault::{Fault, Origin};

pub(crate) use self::events::{Events, HeldEvent};
pub use self::folder::DataError;
use self::folder::Folder;
pub(crate) use self::job::KeptJob;
use self::kept::Kept;
pub(crate) use self::kept::Regional;
pub(crate) use self::log_group::{KeptGroup, KeptStream};
pub(crate) use self::profile::OwnProfile;

/// The folder with the events of log groups. No bucket has a name that begins with a dot.
const EVENTS: &str = ".events";

/// What a local Bedrock keeps.
pub struct Data {
    kept: RwLock<Kept>,
    /// Held by who changes it. Whoever reads meanwhile, as every call does, does not wait for a disk.
    changing: Mutex<()>,
    folder: Option<Folder>,
    buckets: Arc<dyn ObjectStore>,
    /// Events of log groups.
    pub(crate) events: Events,
}

impl Data {
    /// In memory: gone with the server.
    #[must_use]
    pub fn memory() -> Self {
        Data::of(Kept::default(), None, Arc::new(InMemory::new()))
    }

    /// In a folder, which is made where there is none. What was set up is in its file `.account.json`, rewritten whole with
    /// each change; `s3://bucket/key` is its file `bucket/key`, and events of log groups are in files below `.events`. The
    /// folder is locked as long as this lives: a second server is refused. The lock ends with the process, also with one
    /// that is killed.
    ///
    /// # Errors
    /// When the folder cannot be made, read or written, another server uses it, or its file is damaged: that is left as
    /// it is ([`DataError::hint`] says what to do).
    pub fn open(folder: impl AsRef<Path>) -> Result<Self, DataError> {
        let (folder, kept) = Folder::open(folder.as_ref())?;
        let buckets = Arc::new(folder.buckets()?);
        Ok(Data::of(kept, Some(folder), buckets))
    }

    fn of(kept: Kept, folder: Option<Folder>, buckets: Arc<dyn ObjectStore>) -> Self {
        let (kept, changing) = (RwLock::new(kept), Mutex::default());
        let events = match &folder {
            Some(folder) => Events::in_folder(folder.path().join(EVENTS)),
            None => Events::memory(),
        };
        Data { kept, changing, folder, buckets, events }
    }

    /// Looks at what was set up.
    pub(crate) fn read<T>(&self, look: impl FnOnce(&Kept) -> T) -> T {
        look(&self.kept.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes what was set up, all of it or nothing: it counts once it is written down.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut Kept) -> Result<T, Fault>) -> Result<T, Fault> {
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut changed = self.read(Kept::clone);
        let outcome = change(&mut changed)?;
        if let Some(folder) = &self.folder {
            folder
                .write(&changed)
                .map_err(|why| Fault::new("InternalServerException", format!("outcrop local: {why}"), Origin::Http))?;
        }
        *self.kept.write().unwrap_or_else(PoisonError::into_inner) = changed;
        Ok(outcome)
    }

    /// The folder, where it is kept in one.
    pub(crate) fn folder(&self) -> Option<&Path> {
        self.folder.as_ref().map(Folder::path)
    }

    /// The objects of every bucket: the path is `bucket/key`.
    pub(crate) fn buckets(&self) -> &Arc<dyn ObjectStore> {
        &self.buckets
    }
}

impl Default for Data {
    fn default() -> Self {
        Data::memory()
    }
}

impl fmt::Debug for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Data").field("folder", &self.folder()).finish_non_exhaustive()
    }
}
