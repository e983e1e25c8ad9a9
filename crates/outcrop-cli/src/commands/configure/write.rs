//! The AWS files, each written whole or not at all, readable by its owner alone.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use outcrop::Surroundings;
use outcrop::auth::profile::{FileKind, ProfileFile, Profiles};
use tempfile::NamedTempFile;

use crate::data::private_folder;
use crate::exit::Failure;

/// So many links lead from a name to its file at most.
const MOST_LINKS: usize = 40;

/// Writes those that have changed, and gives their paths. Both are on disk under other names before one takes its own: a
/// disk that is full or may not be written changes nothing.
pub(super) fn files(before: &Profiles, after: &Profiles, world: &Surroundings) -> Result<Vec<PathBuf>, Failure> {
    let pairs = [(&before.credentials, &after.credentials), (&before.config, &after.config)];
    let mut staged = Vec::new();
    for (before, after) in pairs.into_iter().filter(|(before, after)| before != after) {
        let path = path(after.kind(), world)?;
        let unmade = |error: io::Error| cannot(&path, after.kind(), &error);
        let target = target(&path).map_err(unmade)?;
        staged.push((before, stage(&target, after).map_err(unmade)?, path, target));
    }
    let mut written = Vec::new();
    for (before, file, path, target) in staged {
        let now = ProfileFile::read(before.kind(), world);
        if now.as_ref() != Ok(before) {
            let text = format!("cannot write AWS file {}: another program has changed it meanwhile", path.display());
            return Err(Failure::new(text).hint("the same command may succeed now"));
        }
        file.persist(&target).map_err(|error| cannot(&path, before.kind(), &error.error))?;
        written.push(path);
    }
    Ok(written)
}

fn path(kind: FileKind, world: &Surroundings) -> Result<PathBuf, Failure> {
    kind.location(world).ok_or_else(|| {
        Failure::usage("cannot find the AWS files: HOME is not set").hint(format!("set HOME, or {}", kind.variable()))
    })
}

/// The file behind the links of a name, which stay.
fn target(path: &Path) -> io::Result<PathBuf> {
    let mut at = path.to_owned();
    for _ in 0..MOST_LINKS {
        match fs::symlink_metadata(&at) {
            Ok(found) if found.is_symlink() => at = at.parent().unwrap_or(Path::new("")).join(fs::read_link(&at)?),
            _ => return Ok(at),
        }
    }
    Err(io::Error::other("too many symbolic links"))
}

/// The text on disk, beside the file that it will be: with mode 0600, and of the same owner where that may be.
fn stage(target: &Path, file: &ProfileFile) -> io::Result<NamedTempFile> {
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    private_folder(folder)?;
    let mut staged = tempfile::Builder::new().prefix(".aws-").tempfile_in(folder)?;
    staged.write_all(file.to_string().as_bytes())?;
    keep_owner(target, staged.path());
    staged.as_file().sync_all()?;
    Ok(staged)
}

/// What a superuser writes for somebody stays theirs; where it cannot, there is nothing to keep.
#[cfg(unix)]
fn keep_owner(target: &Path, staged: &Path) {
    use std::os::unix::fs::{MetadataExt as _, chown};
    if let (Ok(old), Ok(new)) = (fs::metadata(target), fs::metadata(staged))
        && (old.uid(), old.gid()) != (new.uid(), new.gid())
    {
        let _ = chown(staged, Some(old.uid()), Some(old.gid()));
    }
}

#[cfg(not(unix))]
fn keep_owner(_: &Path, _: &Path) {}

fn cannot(path: &Path, kind: FileKind, error: &io::Error) -> Failure {
    let text = format!("cannot write AWS file {}: {error}", path.display());
    let hint = format!("nothing was changed; {} names a file in a folder that can be written", kind.variable());
    Failure::usage(text).hint(hint)
}
