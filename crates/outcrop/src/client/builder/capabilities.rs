//! Rows of the caller's own for the capability table: from a file, before those that came with this version.

use std::path::{Path, PathBuf};

use outcrop_wire::catalogue::{Capability, Catalogue};

use super::ClientBuilder;
use crate::error::{Error, Result};

/// The variable that names the file.
const FILE: &str = "OUTCROP_CAPABILITIES";

impl ClientBuilder {
    /// A file of capability rows that stand before those of the built-in table: a JSON list of objects with `model`,
    /// `surface`, `key`, `value`, and if need be `since`, `until` and `source`, as the rows of the table have them.
    /// `OUTCROP_CAPABILITIES` names one too.
    #[must_use]
    pub fn capabilities_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.capabilities_file = Some(path.into());
        self
    }

    /// The table, and where rows of the caller's own come from.
    pub(super) fn find_catalogue(&self) -> Result<(Catalogue, Option<String>)> {
        let built_in = Catalogue::built_in();
        let (path, source) = match &self.capabilities_file {
            Some(path) => (path.clone(), "the builder"),
            None => match self.surroundings.variable(FILE).filter(|path| !path.is_empty()) {
                Some(path) => (PathBuf::from(path), FILE),
                None => return Ok((built_in, None)),
            },
        };
        let catalogue = self.read_rows(&path).and_then(|rows| built_in.with_capabilities(rows));
        let catalogue =
            catalogue.map_err(|why| Error::config(format!("read the capabilities in {}", path.display()), why))?;
        Ok((catalogue, Some(format!("capabilities: {}, from {source}", path.display()))))
    }

    fn read_rows(&self, path: &Path) -> std::result::Result<Vec<Capability>, String> {
        let text = self.surroundings.read(path).map_err(|error| error.to_string())?;
        serde_json::from_str(&text).map_err(|error| error.to_string())
    }
}
