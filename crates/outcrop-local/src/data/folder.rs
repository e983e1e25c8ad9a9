//! The folder of a local Bedrock: one server's at a time, and its file, which is read once and rewritten whole.

use std::fmt;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use object_store::local::LocalFileSystem;

use super::kept::Kept;

/// The file of a folder that holds what was set up. No bucket has a name that begins with a dot.
const FILE: &str = ".account.json";

/// The file that whoever uses the folder has locked. The lock ends with the process, however that ends: the file stays,
/// and means nothing by itself.
const LOCK: &str = ".lock";

/// A folder that no other server uses.
pub(super) struct Folder {
    path: PathBuf,
    file: PathBuf,
    _lock: File,
}

impl Folder {
    /// Makes it where there is none, locks it, and reads what was set up in it. Nothing that is there is written over.
    pub(super) fn open(path: &Path) -> Result<(Self, Kept), DataError> {
        let unusable = |error: io::Error| DataError { what: path.to_owned(), why: Why::Unusable(error.to_string()) };
        std::fs::create_dir_all(path).map_err(unusable)?;
        let lock = lock(path)?;
        let file = path.join(FILE);
        let kept = match std::fs::read(&file) {
            // A list would be read as an object without members.
            Ok(text) if text.trim_ascii_start().starts_with(b"[") => {
                return Err(DataError { what: file, why: Why::Damaged("it is a list".to_owned()) });
            }
            Ok(text) => serde_json::from_slice(&text)
                .map_err(|error| DataError { what: file.clone(), why: Why::Damaged(error.to_string()) })?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Kept::default(),
            Err(error) => return Err(DataError { what: file, why: Why::Unusable(error.to_string()) }),
        };
        // Told now, not with the first change.
        tempfile::NamedTempFile::new_in(path).map_err(unusable)?;
        Ok((Folder { path: path.to_owned(), file, _lock: lock }, kept))
    }

    /// The objects of its buckets: each folder in it is one.
    pub(super) fn buckets(&self) -> Result<LocalFileSystem, DataError> {
        LocalFileSystem::new_with_prefix(&self.path)
            .map_err(|error| DataError { what: self.path.clone(), why: Why::Unusable(error.to_string()) })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes down what is set up: whole, or not at all.
    pub(super) fn write(&self, kept: &Kept) -> Result<(), String> {
        let write = || {
            let mut new = tempfile::NamedTempFile::new_in(&self.path)?;
            serde_json::to_writer_pretty(&mut new, kept)?;
            new.write_all(b"\n")?;
            // A machine that stops now must not leave an empty file in the place of a good one.
            new.as_file().sync_all()?;
            new.persist(&self.file)?;
            Ok(())
        };
        write().map_err(|error: io::Error| format!("cannot write {}: {error}", self.file.display()))
    }
}

/// Locks a folder, and notes in it who did.
fn lock(folder: &Path) -> Result<File, DataError> {
    let path = folder.join(LOCK);
    let unusable = |error: io::Error| DataError { what: path.clone(), why: Why::Unusable(error.to_string()) };
    let mut options = OpenOptions::new();
    // Not emptied: another server may have written its number there.
    let options = options.read(true).write(true).create(true).truncate(false);
    let mut file = options.open(&path).map_err(unusable)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            // Where a lock keeps readers out too, nobody is named.
            let mut holder = String::new();
            let read = file.read_to_string(&mut holder).ok();
            let holder = read.and_then(|_| holder.trim().parse().ok());
            return Err(DataError { what: folder.to_owned(), why: Why::Busy(holder) });
        }
        // Some network folders have no locks: there nothing can be told.
        Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {}
        Err(TryLockError::Error(error)) => return Err(unusable(error)),
    }
    // For people alone.
    let noted = file.set_len(0).and_then(|()| file.rewind()).and_then(|()| writeln!(file, "{}", std::process::id()));
    noted.map_err(unusable)?;
    Ok(file)
}

/// Why the folder of a local Bedrock cannot be used.
#[derive(Debug)]
pub struct DataError {
    what: PathBuf,
    why: Why,
}

#[derive(Debug)]
enum Why {
    /// Another server uses it: its process, where that is known.
    Busy(Option<u32>),
    /// What is in the file is none of ours.
    Damaged(String),
    /// The system refuses it.
    Unusable(String),
}

impl DataError {
    /// What can be done about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self.why {
            Why::Busy(_) => "stop that server, or name another folder: two would overwrite what the other sets up",
            Why::Damaged(_) => {
                "mend the file, or move it away: without it a new account begins, and the buckets stay. A later version \
                 of this program may have written it"
            }
            Why::Unusable(_) => "name a folder that can be read and written",
        }
    }
}

impl fmt::Display for DataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.what.display())?;
        match &self.why {
            Why::Busy(None) => f.write_str("another local Bedrock uses this folder"),
            Why::Busy(Some(process)) => write!(f, "another local Bedrock uses this folder (process {process})"),
            Why::Damaged(why) => write!(f, "it does not hold what a local Bedrock keeps: {why}"),
            Why::Unusable(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for DataError {}
