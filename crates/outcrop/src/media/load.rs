//! Bytes from files and readers, no more than a request can hold.

use std::io::{self, Read as _};
use std::path::Path;

use outcrop_wire::messages::UnfitBytes;
use tokio::io::{AsyncRead, AsyncReadExt as _};

use crate::error::{Error, Kind, Result};

/// No body is longer (the modelled maximum of `InvokeModel`'s body, botocore service model bedrock-runtime), so no file
/// in it is. What a model takes besides is checked when the request is planned.
const LARGEST_BODY: u64 = 25_000_000;

/// Base64 makes four bytes of three.
pub(crate) const LARGEST_FILE: u64 = LARGEST_BODY / 4 * 3;

/// How a file is called in errors.
pub(super) fn name(path: &Path) -> String {
    format!("`{}`", path.display())
}

/// The bytes of a file.
pub(super) async fn file(path: &Path) -> Result<Vec<u8>> {
    let name = name(path);
    let metadata = tokio::fs::metadata(path).await.map_err(|error| unread(&name, &error))?;
    if metadata.is_dir() {
        let error = Error::new(Kind::Invalid, format!("read {name}"), "it is a directory, not a file");
        return Err(error.with_hint("name the files in it one by one"));
    }
    if metadata.len() > LARGEST_FILE {
        return Err(too_large(&name, &format!("{} bytes long", metadata.len())));
    }
    let file = tokio::fs::File::open(path).await.map_err(|error| unread(&name, &error))?;
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or_default() + 1);
    // What it grows by meanwhile is not followed without end.
    let read = file.take(LARGEST_FILE + 1).read_to_end(&mut bytes).await;
    read.map_err(|error| unread(&name, &error))?;
    Ok(bytes)
}

/// What a reader gives.
pub(super) async fn reader(reader: impl AsyncRead + Unpin) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = reader.take(LARGEST_FILE + 1).read_to_end(&mut bytes).await;
    read.map_err(|error| unread("a file", &error))?;
    Ok(bytes)
}

/// What a reader of the standard library gives.
pub(super) fn std_reader(reader: impl io::Read) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = reader.take(LARGEST_FILE + 1).read_to_end(&mut bytes);
    read.map_err(|error| unread("a file", &error))?;
    Ok(bytes)
}

/// Whether any request could hold these bytes.
pub(super) fn fits(what: &str, bytes: &[u8]) -> Result<()> {
    match bytes.len() as u64 {
        length if length <= LARGEST_FILE => Ok(()),
        // A reader may hold more than was read of it.
        _ => Err(too_large(what, &format!("longer than {LARGEST_FILE} bytes"))),
    }
}

/// The bytes are not what is taken.
pub(super) fn refused(what: &str, unfit: &UnfitBytes) -> Error {
    let error = Error::new(Kind::Invalid, format!("send {what}"), unfit.to_string());
    match unfit.hint() {
        Some(hint) => error.with_hint(hint),
        None => error,
    }
}

fn unread(name: &str, error: &io::Error) -> Error {
    let why = match error.kind() {
        io::ErrorKind::NotFound => "there is no such file".to_owned(),
        _ => error.to_string(),
    };
    Error::new(Kind::Invalid, format!("read {name}"), why)
}

fn too_large(what: &str, length: &str) -> Error {
    let why = format!(
        "it is {length}; the limit is {LARGEST_FILE} bytes a file, which are {LARGEST_BODY} bytes of base64, the most \
         that a request to Bedrock can hold"
    );
    Error::new(Kind::Invalid, format!("send {what}"), why).with_hint("split it, or make its images smaller")
}
