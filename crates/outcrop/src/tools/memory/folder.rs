//! Memories as files below one folder, and nowhere else.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::text;
use crate::tools::ToolError;

/// Where memories are, for the model.
const ROOT: &str = "/memories";

/// Memories of the model as files of UTF-8 below a folder. Nothing outside of it is read or written: `..` is refused, and
/// so is whatever a symbolic link leads out of it. Files are replaced whole or not at all. Folders and files that are made
/// are for their owner alone.
///
/// ```no_run
/// # async fn run(client: outcrop::Client) -> Result<(), Box<dyn std::error::Error>> {
/// let memory = outcrop::tools::MemoryFolder::open("memory")?;
/// let call = client.message("sonnet").user("I like quartz. Remember it.");
/// let run = call.run(memory.tool()).await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct MemoryFolder {
    /// Without symbolic links.
    root: PathBuf,
    /// One command at a time: an edit reads, and then writes.
    turn: Arc<Mutex<()>>,
}

type Said = Result<String, ToolError>;

impl MemoryFolder {
    /// The folder that is `/memories` to the model. It is made when it is not there.
    ///
    /// # Errors
    /// When it cannot be made, or is no folder.
    pub fn open(folder: impl AsRef<Path>) -> io::Result<Self> {
        make_folders(folder.as_ref())?;
        let root = folder.as_ref().canonicalize()?;
        if !root.is_dir() {
            return Err(ErrorKind::NotADirectory.into());
        }
        Ok(MemoryFolder { root, turn: Arc::default() })
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The file behind a path of the model's. It need not exist.
    fn resolve(&self, path: &str) -> Result<PathBuf, ToolError> {
        let escape = || ToolError::new(format!("Path {path} would escape {ROOT} directory"));
        let rest = path.strip_prefix(ROOT).filter(|rest| rest.is_empty() || rest.starts_with('/'));
        let Some(rest) = rest else {
            return Err(ToolError::new(format!("Path must start with {ROOT}, got: {path}")));
        };
        let mut file = self.root.clone();
        for part in rest.split('/').filter(|part| !part.is_empty()) {
            // One plain name: no `..`, no drive, no separator of another system.
            let mut components = Path::new(part).components();
            match (components.next(), components.next()) {
                (Some(Component::Normal(name)), None) if name == part && !part.contains(['\0', '\\']) => {
                    file.push(name)
                }
                _ => return Err(escape()),
            }
        }
        // What is there must lead to where it seems to be; a link that leads nowhere is there too.
        let there = file.ancestors().find(|ancestor| fs::symlink_metadata(ancestor).is_ok());
        match there.map(Path::canonicalize) {
            Some(Ok(real)) if real.starts_with(&self.root) => Ok(file),
            _ => Err(ToolError::new(format!("Path {path} would escape {ROOT} directory via symlink"))),
        }
    }

    pub(super) fn view(&self, path: &str, range: Option<(i64, i64)>) -> Said {
        let file = self.resolve(path)?;
        let about = fs::metadata(&file).map_err(|error| missing_or(&error, path))?;
        if !about.is_dir() {
            return Ok(text::numbered(path, &self.read(path, &file)?, range));
        }
        let header =
            format!("Here're the files and directories up to 2 levels deep in {path}, excluding hidden items:");
        let mut lines = vec![header, format!("{}\t{path}", text::size(about.len()))];
        self.list(&file, path.trim_end_matches('/'), 2, &mut lines);
        Ok(lines.join("\n"))
    }

    /// What is in a folder, as many levels deep. What cannot be looked at, or leads out, is left out.
    fn list(&self, folder: &Path, path: &str, levels: usize, lines: &mut Vec<String>) {
        let Ok(entries) = fs::read_dir(folder) else { return };
        let mut names: Vec<String> =
            entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()).collect();
        names.sort_unstable();
        for name in names.iter().filter(|name| !name.starts_with('.')) {
            let (file, path) = (folder.join(name), format!("{path}/{name}"));
            let inside = file.canonicalize().is_ok_and(|real| real.starts_with(&self.root));
            let Some(about) = inside.then(|| fs::metadata(&file).ok()).flatten() else { continue };
            if about.is_dir() {
                lines.push(format!("{}\t{path}/", text::size(about.len())));
                if levels > 1 {
                    self.list(&file, &path, levels - 1, lines);
                }
            } else if about.is_file() {
                lines.push(format!("{}\t{path}", text::size(about.len())));
            }
        }
    }

    pub(super) fn create(&self, path: &str, content: &str) -> Said {
        let file = self.resolve(path)?;
        if fs::symlink_metadata(&file).is_ok() {
            return Err(ToolError::new(format!("File {path} already exists")));
        }
        file.parent().map_or(Ok(()), make_folders)?;
        write(&file, content)?;
        Ok(format!("File created successfully at: {path}"))
    }

    /// Reads, changes and writes a file.
    pub(super) fn edit(&self, path: &str, change: impl FnOnce(&str) -> Result<(String, String), ToolError>) -> Said {
        let file = self.resolve(path)?;
        let about = fs::metadata(&file).map_err(|error| missing_or(&error, path))?;
        if !about.is_file() {
            return Err(ToolError::new(format!("The path {path} is not a file.")));
        }
        let (content, said) = change(&self.read(path, &file)?)?;
        // A link stays one: what it leads to is written.
        write(&file.canonicalize()?, &content)?;
        Ok(said)
    }

    pub(super) fn delete(&self, path: &str) -> Said {
        let file = self.resolve(path)?;
        if file == self.root {
            return Err(ToolError::new(format!("Cannot delete the {ROOT} directory itself")));
        }
        // Of a link the link goes, not what it leads to.
        let about = fs::symlink_metadata(&file);
        let about = about.map_err(|_| ToolError::new(format!("The path {path} does not exist")))?;
        if about.is_dir() { fs::remove_dir_all(&file) } else { fs::remove_file(&file) }?;
        Ok(format!("Successfully deleted {path}"))
    }

    pub(super) fn rename(&self, old: &str, new: &str) -> Said {
        let (from, to) = (self.resolve(old)?, self.resolve(new)?);
        if from == self.root {
            return Err(ToolError::new(format!("Cannot rename the {ROOT} directory itself")));
        }
        if fs::symlink_metadata(&from).is_err() {
            return Err(ToolError::new(format!("The path {old} does not exist")));
        }
        if fs::symlink_metadata(&to).is_ok() {
            return Err(ToolError::new(format!("The destination {new} already exists")));
        }
        if to.starts_with(&from) {
            return Err(ToolError::new(format!("Cannot move {old} into itself")));
        }
        to.parent().map_or(Ok(()), make_folders)?;
        fs::rename(&from, &to)?;
        Ok(format!("Successfully renamed {old} to {new}"))
    }

    fn read(&self, path: &str, file: &Path) -> Said {
        if !fs::metadata(file)?.is_file() {
            return Err(ToolError::new(format!("Unsupported file type for {path}")));
        }
        fs::read_to_string(file).map_err(|error| match error.kind() {
            ErrorKind::InvalidData => ToolError::new(format!("The file {path} is not text in UTF-8")),
            _ => missing_or(&error, path),
        })
    }
}

fn missing_or(error: &io::Error, path: &str) -> ToolError {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => {
            ToolError::new(format!("The path {path} does not exist. Please provide a valid path."))
        }
        _ => ToolError::new(format!("Cannot read {path}: {error}")),
    }
}

/// Makes a folder and those above it that are missing.
fn make_folders(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Writes a file beside, and puts it in its place.
fn write(file: &Path, content: &str) -> io::Result<()> {
    let folder = file.parent().ok_or(ErrorKind::InvalidInput)?;
    let beside = folder.join(format!(".tmp-{}-{:016x}", std::process::id(), fastrand::u64(..)));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(&beside).and_then(|mut out| {
        out.write_all(content.as_bytes())?;
        out.sync_all()
    });
    let done = written.and_then(|()| fs::rename(&beside, file));
    if done.is_err() {
        let _ = fs::remove_file(&beside);
    }
    done
}
