//! Where the program keeps what is its user's.

use std::path::{Path, PathBuf};
use std::{fs, io};

use outcrop::Surroundings;

/// The folder for data of ours (XDG Base Directory Specification); none where the user has no home.
pub(crate) fn folder(surroundings: &Surroundings) -> Option<PathBuf> {
    let named = surroundings.variable("XDG_DATA_HOME").map(PathBuf::from);
    // What is not absolute is to be ignored, the specification says.
    let named = named.filter(|path| path.is_absolute());
    let data = named.or_else(|| Some(surroundings.home()?.join(".local").join("share")));
    data.map(|data| data.join("outcrop"))
}

/// Makes a folder that only its owner can look into.
pub(crate) fn private_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}
