//! Files and folders that are named -> blocks of a question.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use outcrop::wire::convert::DocumentNames;
use outcrop::wire::sniff::sniff;
use outcrop::{Block, Client, Media, Surface};

use crate::exit::Failure;
use crate::printer::Printer;
use crate::question::{LONGEST, standard_input_bytes};

/// Reads each path in order: a file, every file below a folder (sorted by path, hidden ones left out), or `-`.
///
/// What a file is, its content says. One that is named must be text, an image or a PDF; below a folder others are
/// skipped, and that is told. A document is called by its path, over Converse by a name like it that Converse takes.
pub(crate) async fn read(paths: &[PathBuf], client: &Client, printer: &Printer) -> Result<Vec<Block>, Failure> {
    let mut files = Vec::new();
    for path in paths {
        if path == Path::new("-") {
            if files.iter().any(|file| matches!(file, File::Input)) {
                return Err(Failure::usage("cannot read standard input twice: `-f -` was given twice"));
            }
            files.push(File::Input);
        } else if path.is_dir() {
            let before = files.len();
            walk(path, &mut files)?;
            if files.len() == before {
                return Err(Failure::usage(format!("folder {} holds no file, hidden ones aside", path.display())));
            }
        } else {
            files.push(File::Named(path.clone()));
        }
    }
    let many = files.len() > 1;
    let mut total: u64 = 0;
    let mut blocks = Vec::new();
    let mut names = (client.surface() == Some(Surface::Converse)).then(DocumentNames::default);
    for file in files {
        let name = file.name();
        let media = match &file {
            File::Input => {
                let bytes = standard_input_bytes(printer).await?;
                total += bytes.len() as u64;
                Media::bytes(bytes).map_err(|error| {
                    let why = error.to_string();
                    let why = why.trim_start_matches("cannot send a file: ");
                    Failure { text: format!("cannot attach standard input: {why}"), ..error.into() }
                })?
            }
            File::Named(path) | File::Found(path) => {
                let size = size(path)?;
                if let File::Found(path) = &file
                    && let Some(why) = foreign(path, size)?
                {
                    printer.note(&format!("skipped {name}: it is {why}"));
                    continue;
                }
                total += size;
                within(total, &name)?;
                Media::file(path).await?
            }
        };
        within(total, &name)?;
        match media {
            Media::Document(document) => {
                let title = names.as_mut().map(|names| names.next(Some(&name)));
                blocks.push(document.title(title.unwrap_or(name)).into());
            }
            // A document has a title; an image among others is told by the line before it.
            Media::Image(image) => {
                if many {
                    blocks.push(Block::text(format!("{name}:")));
                }
                blocks.push(image.into());
            }
        }
    }
    Ok(blocks)
}

/// Whether a request could hold so many bytes.
fn within(total: u64, name: &str) -> Result<(), Failure> {
    match total <= LONGEST {
        true => Ok(()),
        false => Err(Failure::usage(format!(
            "cannot attach {name}: with it the files have more than {LONGEST} bytes, more than a request may have"
        ))
        .hint("name fewer files, or smaller folders")),
    }
}

/// What a file below a folder is, when no model takes it.
fn foreign(path: &Path, size: u64) -> Result<Option<&'static str>, Failure> {
    // The head of a film says enough.
    let most = if size > LONGEST { 4096 } else { LONGEST };
    let mut bytes = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(most).read_to_end(&mut bytes));
    read.map_err(|error| cannot_read(path, &error))?;
    Ok(match sniff(&bytes) {
        _ if bytes.trim_ascii().is_empty() => Some("empty"),
        Ok(_) => None,
        Err(foreign) => Some(foreign.what),
    })
}

enum File {
    /// Standard input.
    Input,
    /// Named by the user.
    Named(PathBuf),
    /// Found below a folder.
    Found(PathBuf),
}

impl File {
    fn name(&self) -> String {
        match self {
            File::Input => "standard input".to_owned(),
            File::Named(path) | File::Found(path) => path.display().to_string(),
        }
    }
}

/// Every file below a folder, sorted. Links to folders are not followed: they may lead round in circles.
fn walk(folder: &Path, files: &mut Vec<File>) -> Result<(), Failure> {
    let cannot = |error: std::io::Error| Failure::usage(format!("cannot read folder {}: {error}", folder.display()));
    let mut entries = std::fs::read_dir(folder).map_err(cannot)?.collect::<Result<Vec<_>, _>>().map_err(cannot)?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        if entry.file_name().as_encoded_bytes().starts_with(b".") {
            continue;
        }
        let kind = entry.file_type().map_err(cannot)?;
        let path = entry.path();
        if kind.is_dir() {
            walk(&path, files)?;
        } else if kind.is_file() || (kind.is_symlink() && path.is_file()) {
            files.push(File::Found(path));
        }
    }
    Ok(())
}

fn size(path: &Path) -> Result<u64, Failure> {
    std::fs::metadata(path).map(|file| file.len()).map_err(|error| cannot_read(path, &error))
}

fn cannot_read(path: &Path, error: &std::io::Error) -> Failure {
    let why = match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
        _ => error.to_string(),
    };
    Failure::usage(format!("cannot read `{}`: {why}", path.display()))
}
