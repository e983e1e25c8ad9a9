//! Files and folders that are named -> blocks of a question.

use std::path::{Path, PathBuf};

use outcrop::Block;
use outcrop::wire::messages::{DocumentBlock, MediaSource};

use crate::exit::Failure;
use crate::printer::Printer;
use crate::question::{LONGEST, standard_input_bytes};

/// Reads each path in order: a file, every file below a folder (sorted by path, hidden ones left out), or `-`.
///
/// What a file is, its content says. One that is named must be text, an image or a PDF; below a folder others are
/// skipped, and that is told.
pub(crate) async fn read(paths: &[PathBuf], printer: &Printer) -> Result<Vec<Block>, Failure> {
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
                printer.warning(&format!("{} holds no file, hidden ones aside", path.display()));
            }
        } else {
            files.push(File::Named(path.clone()));
        }
    }
    let many = files.len() > 1;
    let mut total: u64 = 0;
    let mut blocks = Vec::new();
    for file in files {
        let name = file.name();
        let bytes = match &file {
            File::Input => standard_input_bytes(printer).await?,
            File::Named(path) | File::Found(path) => bytes(path)?,
        };
        total += bytes.len() as u64;
        if total > LONGEST {
            return Err(Failure::usage(format!(
                "cannot attach {name}: with it the files have more than {LONGEST} bytes, more than a request may have"
            ))
            .hint("name fewer files, or smaller folders"));
        }
        if bytes.trim_ascii().is_empty() {
            match file {
                File::Found(_) => printer.note(&format!("skipped {name}: it is empty")),
                _ => return Err(Failure::usage(format!("cannot attach {name}: it is empty"))),
            }
            continue;
        }
        match (block(&name, bytes), &file) {
            (Ok(block), _) => {
                // Documents have a title; an image among others is told by the line before it.
                if many && matches!(block, Block::Image(_)) {
                    blocks.push(Block::text(format!("{name}:")));
                }
                blocks.push(block);
            }
            (Err(why), File::Found(_)) => printer.note(&format!("skipped {name}: {why}")),
            (Err(why), _) => return Err(Failure::usage(format!("cannot attach {name}: {why}"))),
        }
    }
    Ok(blocks)
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

fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    let cannot = |why: String| Failure::usage(format!("cannot read {}: {why}", path.display()));
    let size = std::fs::metadata(path).map_err(|error| cannot(error.to_string()))?.len();
    if size > LONGEST {
        return Err(cannot(format!("it has {size} bytes, and a request may have {LONGEST}")));
    }
    std::fs::read(path).map_err(|error| cannot(error.to_string()))
}

/// The block of one file, by its content.
fn block(name: &str, bytes: Vec<u8>) -> Result<Block, String> {
    match String::from_utf8(bytes) {
        Ok(text) if !text.contains('\0') => {
            let mut document = DocumentBlock::new(MediaSource::plain_text(text));
            document.title = Some(name.to_owned());
            Ok(Block::Document(document))
        }
        _ => Err("it is neither text nor an image (JPEG, PNG, GIF, WebP) nor a PDF".to_owned()),
    }
}
