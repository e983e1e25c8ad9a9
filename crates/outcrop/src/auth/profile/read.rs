//! Where the AWS files are, and what they say, in the world that the program lives in.

use std::io::ErrorKind;
use std::path::PathBuf;

use super::{Action, FileKind, ProfileError, ProfileFile, Profiles};
use crate::settings::{Origin, Said};
use crate::surroundings::Surroundings;

impl FileKind {
    /// The variable that names the file: `AWS_CONFIG_FILE`, `AWS_SHARED_CREDENTIALS_FILE`.
    pub fn variable(self) -> &'static str {
        match self {
            FileKind::Config => "AWS_CONFIG_FILE",
            FileKind::Credentials => "AWS_SHARED_CREDENTIALS_FILE",
        }
    }

    /// Where the file is: what its variable says (`~/` is the home folder), or else its place in `~/.aws`. None where no
    /// variable says where that is.
    pub fn location(self, surroundings: &Surroundings) -> Option<PathBuf> {
        match surroundings.variable(self.variable()) {
            Some(path) => match (path.strip_prefix("~/"), surroundings.home()) {
                (Some(rest), Some(home)) => Some(home.join(rest)),
                _ => Some(PathBuf::from(path)),
            },
            None => surroundings.home().map(|home| home.join(".aws").join(self.name())),
        }
    }

    fn name(self) -> &'static str {
        match self {
            FileKind::Config => "config",
            FileKind::Credentials => "credentials",
        }
    }
}

impl ProfileFile {
    /// The file, as this world has it. One that is not there is empty, and so is one in a home that is not ours.
    ///
    /// # Errors
    ///
    /// What [`ProfileFile::parse`] refuses, and a file that is no text.
    pub fn read(kind: FileKind, surroundings: &Surroundings) -> Result<Self, ProfileError> {
        let Some(path) = kind.location(surroundings) else { return Ok(Self::empty(kind, kind.name())) };
        let shown = path.display().to_string();
        match surroundings.read(&path) {
            Ok(text) => Self::parse(kind, &shown, &text),
            Err(error) => match error.kind() {
                ErrorKind::NotFound | ErrorKind::NotADirectory => Ok(Self::empty(kind, &shown)),
                ErrorKind::PermissionDenied if surroundings.is_there(&path) => {
                    Ok(Self::unreadable(kind, &shown, &error.to_string()))
                }
                ErrorKind::PermissionDenied => Ok(Self::empty(kind, &shown)),
                other => Err(ProfileError {
                    action: Action::Read,
                    path: shown,
                    line: None,
                    what: match other {
                        ErrorKind::InvalidData => "it is no text in UTF-8".to_owned(),
                        _ => error.to_string(),
                    },
                    hint: Some(format!("mend it, or name another file: {}", kind.variable())),
                }),
            },
        }
    }
}

impl Profiles {
    /// Both files, as this world has them.
    ///
    /// # Errors
    ///
    /// As [`ProfileFile::read`].
    pub fn read(surroundings: &Surroundings) -> Result<Self, ProfileError> {
        Ok(Profiles {
            config: ProfileFile::read(FileKind::Config, surroundings)?,
            credentials: ProfileFile::read(FileKind::Credentials, surroundings)?,
        })
    }
}

/// Which AWS profile is named, and by whom: the first counts. Explicit > `AWS_PROFILE` > `AWS_DEFAULT_PROFILE` > `default`.
pub fn chosen(explicit: Option<&str>, surroundings: &Surroundings) -> Vec<Said> {
    let variable =
        |name: &'static str| surroundings.variable(name).map(|value| Said::new(value, Origin::Variable(name)));
    let named = [
        explicit.map(|name| Said::new(name, Origin::Caller)),
        variable("AWS_PROFILE"),
        variable("AWS_DEFAULT_PROFILE"),
    ];
    let mut said: Vec<Said> = named.into_iter().flatten().collect();
    if said.is_empty() {
        said.push(Said::new("default", Origin::Default));
    }
    said
}
