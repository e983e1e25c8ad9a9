//! The memory tool (`memory_20250818`): its commands, and files in a folder that carry them out.
//!
//! Words and rules are those of the official Python SDK 2.12 (`BetaLocalFilesystemMemoryTool`): the model knows them.

mod folder;
mod text;

use outcrop_wire::messages::Tool;
use outcrop_wire::{Extra, Json};
use serde::de::{Deserialize, DeserializeOwned, Deserializer, Error as _};

pub use self::folder::MemoryFolder;
use super::callable::Callable;
use super::output::ToolResult;

/// What the model asks of its memory. For a store of your own: `Callable::new(Tool::memory(), |command: MemoryCommand| ...)`.
/// Paths begin with `/memories`.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum MemoryCommand {
    /// Shows a file, or what is in a folder.
    View {
        /// Of what.
        path: String,
        /// The first and the last line of a file, from 1; a last of -1 is its end.
        view_range: Option<(i64, i64)>,
    },
    /// Makes a new file.
    Create {
        /// Where.
        path: String,
        /// What is in it.
        file_text: String,
    },
    /// Replaces a text that is there once.
    StrReplace {
        /// In which file.
        path: String,
        /// The text.
        old_str: String,
        /// What takes its place.
        new_str: String,
    },
    /// Inserts a text after a line.
    Insert {
        /// In which file.
        path: String,
        /// After which line; 0 for the beginning.
        insert_line: i64,
        /// The text.
        insert_text: String,
    },
    /// Deletes a file or a folder with all that is in it.
    Delete {
        /// Which.
        path: String,
    },
    /// Gives a file or a folder another name or place.
    Rename {
        /// From.
        old_path: String,
        /// To.
        new_path: String,
    },
}

impl MemoryFolder {
    /// The tool, to be given to a run.
    #[must_use]
    pub fn tool(&self) -> Callable {
        let folder = self.clone();
        Callable::new(Tool::memory(), move |command: MemoryCommand| {
            let folder = folder.clone();
            async move { tokio::task::spawn_blocking(move || folder.carry_out(&command)).await? }
        })
    }

    /// Carries out one command. Blocks while the disk does; commands of clones wait for one another.
    ///
    /// # Errors
    /// What the model is told when it cannot be done.
    pub fn carry_out(&self, command: &MemoryCommand) -> ToolResult {
        let _one_at_a_time = self.lock();
        let said = match command {
            MemoryCommand::View { path, view_range } => self.view(path, *view_range),
            MemoryCommand::Create { path, file_text } => self.create(path, file_text),
            MemoryCommand::StrReplace { path, old_str, new_str } => {
                self.edit(path, |old| text::replaced(path, old, old_str, new_str))
            }
            MemoryCommand::Insert { path, insert_line, insert_text } => {
                self.edit(path, |old| text::inserted(path, old, *insert_line, insert_text))
            }
            MemoryCommand::Delete { path } => self.delete(path),
            MemoryCommand::Rename { old_path, new_path } => self.rename(old_path, new_path),
        };
        said.map(Into::into)
    }
}

/// Told apart by `command`.
impl<'de> Deserialize<'de> for MemoryCommand {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        fn member<T: DeserializeOwned, E: serde::de::Error>(members: &Extra, name: &'static str) -> Result<T, E> {
            let value = members.value(name).ok_or_else(|| E::missing_field(name))?;
            value.parse().map_err(|error| E::custom(format_args!("`{name}`: {error}")))
        }
        let members = Extra::deserialize(deserializer)?;
        let path = |name| member::<String, D::Error>(&members, name);
        let command: String = member(&members, "command")?;
        Ok(match command.as_str() {
            "view" => {
                let range = members.value("view_range").filter(|range| !range.is_null());
                let range = range.map(Json::parse).transpose();
                let view_range = range.map_err(|error| D::Error::custom(format_args!("`view_range`: {error}")))?;
                MemoryCommand::View { path: path("path")?, view_range }
            }
            "create" => MemoryCommand::Create { path: path("path")?, file_text: member(&members, "file_text")? },
            "str_replace" => MemoryCommand::StrReplace {
                path: path("path")?,
                old_str: member(&members, "old_str")?,
                new_str: member(&members, "new_str")?,
            },
            "insert" => MemoryCommand::Insert {
                path: path("path")?,
                insert_line: member(&members, "insert_line")?,
                insert_text: member(&members, "insert_text")?,
            },
            "delete" => MemoryCommand::Delete { path: path("path")? },
            "rename" => MemoryCommand::Rename { old_path: path("old_path")?, new_path: path("new_path")? },
            other => {
                let known = ["view", "create", "str_replace", "insert", "delete", "rename"].join(", ");
                return Err(D::Error::custom(format_args!("`command` is {other}, not one of {known}")));
            }
        })
    }
}
