//! Where results go: standard output, a file that takes its name once all of it is there, or a device or pipe.

use std::fs::{self, File, Metadata};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::exit::Failure;
use crate::printer::Printer;

/// Where results go. Until it ends, a file of that name is as it was.
pub(super) enum Out {
    Terminal(Printer),
    File(BufWriter<NamedTempFile>, PathBuf),
    /// What is no file is written as it is, never replaced.
    Device(BufWriter<File>, PathBuf),
}

impl Out {
    /// Opens it: a folder that cannot be written is told now, and not when there are results.
    pub(super) fn open(path: Option<&Path>, printer: &Printer) -> Result<Self, Failure> {
        let Some(path) = path.filter(|path| *path != Path::new("-")) else { return Ok(Out::Terminal(*printer)) };
        if path.is_dir() {
            return Err(Failure::usage(format!("cannot write {}: it is a folder", path.display())));
        }
        // Where a link leads, what it leads to is written.
        let path = &path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let there = fs::metadata(path).ok();
        if there.as_ref().is_some_and(|there| !there.is_file()) {
            let device = File::options().write(true).open(path).map_err(|error| unwritable(path, &error))?;
            return Ok(Out::Device(BufWriter::new(device), path.clone()));
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        if !folder.is_dir() {
            let text = format!("cannot write {}: there is no folder {}", path.display(), folder.display());
            return Err(Failure::usage(text));
        }
        let file = beside(folder, there.as_ref()).map_err(|error| unwritable(path, &error))?;
        Ok(Out::File(BufWriter::new(file), path.clone()))
    }

    pub(super) fn put(&mut self, text: &str) -> Result<(), Failure> {
        match self {
            Out::Terminal(printer) => Ok(printer.piece(text)?),
            Out::File(file, path) => file.write_all(text.as_bytes()).map_err(|error| unwritable(path, &error)),
            Out::Device(device, path) => device.write_all(text.as_bytes()).map_err(|error| unwritable(path, &error)),
        }
    }

    /// Has all of it written at once.
    pub(super) fn fill(&mut self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Failure> {
        match self {
            Out::Terminal(_) => {
                let mut out = io::stdout().lock();
                Ok(write(&mut out).and_then(|()| out.flush())?)
            }
            Out::File(file, path) => write(file).map_err(|error| unwritable(path, &error)),
            Out::Device(device, path) => write(device).map_err(|error| unwritable(path, &error)),
        }
    }

    pub(super) fn end(self) -> Result<(), Failure> {
        match self {
            Out::Terminal(_) => Ok(()),
            Out::File(file, path) => {
                let file = file.into_inner().map_err(|error| unwritable(&path, error.error()))?;
                file.persist(&path).map(drop).map_err(|error| unwritable(&path, &error.error))
            }
            Out::Device(mut device, path) => device.flush().map_err(|error| unwritable(&path, &error)),
        }
    }

    /// Whether it is this file that is written.
    pub(super) fn is(&self, file: &Path) -> bool {
        let Out::File(_, path) = self else { return false };
        file.canonicalize().is_ok_and(|file| file == *path)
    }
}

/// A file that has no name yet, with the permissions of what it will replace, or of any new file.
fn beside(folder: &Path, replaced: Option<&Metadata>) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let file = builder.tempfile_in(folder)?;
    if let Some(replaced) = replaced {
        file.as_file().set_permissions(replaced.permissions())?;
    }
    Ok(file)
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure::usage(format!("cannot write {}: {error}", path.display()))
}
