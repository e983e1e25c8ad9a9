//! Where results go: standard output, or a file that takes its name once all of it is there.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::exit::Failure;
use crate::printer::Printer;

/// Where results go. Until it ends, a file of that name is as it was.
pub(super) enum Out {
    Terminal(Printer),
    File(BufWriter<NamedTempFile>, PathBuf),
}

impl Out {
    /// Opens it: a folder that cannot be written is told now, and not when there are results.
    pub(super) fn open(path: Option<&Path>, printer: &Printer) -> Result<Self, Failure> {
        let Some(path) = path.filter(|path| *path != Path::new("-")) else { return Ok(Out::Terminal(*printer)) };
        if path.is_dir() {
            return Err(Failure::usage(format!("cannot write {}: it is a folder", path.display())));
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        if !folder.is_dir() {
            let text = format!("cannot write {}: there is no folder {}", path.display(), folder.display());
            return Err(Failure::usage(text));
        }
        let file = NamedTempFile::new_in(folder).map_err(|error| unwritable(path, &error))?;
        Ok(Out::File(BufWriter::new(file), path.to_owned()))
    }

    pub(super) fn put(&mut self, text: &str) -> Result<(), Failure> {
        match self {
            Out::Terminal(printer) => Ok(printer.piece(text)?),
            Out::File(file, path) => file.write_all(text.as_bytes()).map_err(|error| unwritable(path, &error)),
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
        }
    }

    pub(super) fn end(self) -> Result<(), Failure> {
        let Out::File(file, path) = self else { return Ok(()) };
        let file = file.into_inner().map_err(|error| unwritable(&path, error.error()))?;
        file.persist(&path).map(drop).map_err(|error| unwritable(&path, &error.error))
    }
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure::usage(format!("cannot write {}: {error}", path.display()))
}
