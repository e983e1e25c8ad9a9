//! The AWS files `~/.aws/config` and `~/.aws/credentials` together: what a profile says.
//!
//! The rules are those of the AWS SDKs: the reference guide's page "shared config and credentials file format", and the
//! parser cases that the SDKs share (`profile-parser-tests.json` of aws-sdk-rust). Three points go further, as the AWS
//! command line does: profile names may be quoted, an indented comment is a comment (the SDKs glue it to the value
//! above), and a comment may follow a nested value.
//!
//! Files are read through [`Surroundings`](crate::Surroundings), and written by nobody here: [`ProfileFile`] gives the text
//! to write. No error and no `Debug` shows a value that a file holds, except the name of a missing
//! `services` section.

mod broken;
mod edit;
mod file;
mod lines;
mod read;

use std::fmt;

pub(super) use broken::check;
pub use file::{FileKind, ProfileFile, Section};
pub use read::chosen;

use crate::settings::{Origin, Said};

/// The two files together.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Profiles {
    /// `~/.aws/config`.
    pub config: ProfileFile,
    /// `~/.aws/credentials`.
    pub credentials: ProfileFile,
}

impl Profiles {
    /// Whether either file has the profile.
    pub fn exists(&self, name: &str) -> bool {
        self.sections(name).next().is_some()
    }

    /// The names of all profiles, each once, those of the config file first.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for name in self.config.profile_names().chain(self.credentials.profile_names()) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    /// Which of the files are there and cannot be read, and why, for people: `/home/u/.aws/config cannot be read:
    /// Permission denied`.
    pub fn unread(&self) -> Option<String> {
        let files = [&self.config, &self.credentials].into_iter();
        let told: Vec<String> =
            files.filter_map(|file| Some(format!("{} cannot be read: {}", file.path(), file.unread()?))).collect();
        (!told.is_empty()).then(|| told.join("; "))
    }

    /// What may be missed of a profile because it is not seen: a file that is there and cannot be read, or a section of the
    /// config file without the word `profile`.
    pub fn unseen(&self, name: &str) -> Option<Unseen> {
        if let Some(what) = self.unread() {
            let files = [&self.config, &self.credentials].into_iter().filter(|file| file.unread().is_some());
            let paths: Vec<&str> = files.map(ProfileFile::path).collect();
            return Some(Unseen {
                what,
                hint: format!("give yourself the right to read it: chmod u+r {}", paths.join(" ")),
            });
        }
        let (_, line) = self.config.without_prefix().find(|(section, _)| section == name)?;
        Some(Unseen {
            what: format!("line {line} of {} begins a section [{name}], which is no profile there", self.config.path()),
            hint: format!(
                "the config file wants [profile {name}]: write it so in line {line} of {}",
                self.config.path()
            ),
        })
    }

    /// A property of a profile; the credentials file wins over the config file.
    pub fn value(&self, name: &str, key: &str) -> Option<&str> {
        self.sections(name).find_map(|(_, section)| section.value(key))
    }

    /// What the files say of a property of a profile, and where: the first counts. Secrets are told as they are.
    pub(crate) fn said(&self, name: &str, key: &str) -> Vec<Said> {
        [FileKind::Credentials, FileKind::Config].iter().filter_map(|kind| self.said_in(*kind, name, key)).collect()
    }

    /// What one of the files says of a property of a profile. An empty value counts as absent.
    pub(crate) fn said_in(&self, kind: FileKind, name: &str, key: &str) -> Option<Said> {
        let file = match kind {
            FileKind::Config => &self.config,
            FileKind::Credentials => &self.credentials,
        };
        said(file, file.profile(name)?, key)
    }

    /// What an SSO session says of one of its properties.
    pub(crate) fn said_in_session(&self, session: &str, key: &str) -> Option<Said> {
        said(&self.config, self.config.sso_session(session)?, key)
    }

    /// The endpoint that the `services` section of a profile sets for one service, under `service_id_key`
    /// (`bedrock_runtime`, `bedrock`, `sts`). It comes before the profile's own `endpoint_url`. An empty URL counts as
    /// absent.
    ///
    /// # Errors
    ///
    /// When `services` names a section that is not there, as botocore does: a misspelt name would quietly send calls to
    /// another place.
    pub fn services_endpoint_url(&self, name: &str, service_id_key: &str) -> Result<Option<&str>, ProfileError> {
        let present = |url: &&str| !url.is_empty();
        let naming = self.sections(name).find(|(_, section)| section.value("services").is_some());
        if let Some((file, naming)) = naming
            && let Some(services) = naming.value("services").filter(present)
        {
            let Some(section) = self.config.services(services) else {
                return Err(ProfileError {
                    action: Action::Read,
                    path: file.path().to_owned(),
                    line: naming.line_of("services"),
                    what: format!("profile {name:?} uses services {services:?}, and there is no such section"),
                    hint: Some(format!("write a section [services {services}], or name one that is there")),
                });
            };
            return Ok(section.nested(service_id_key, "endpoint_url").filter(present));
        }
        Ok(None)
    }

    /// The keys written in a profile, from the first file that has any of the pair: credentials, then config. The files
    /// are not mixed, as botocore does not: the halves of two pairs would only be refused by AWS. An empty value counts
    /// as absent.
    ///
    /// # Errors
    ///
    /// When a file has half of a pair; the message names the missing key and the file.
    pub fn static_keys(&self, name: &str) -> Result<Option<StaticKeys>, ProfileError> {
        for (file, section) in self.sections(name) {
            let present = |key| section.value(key).filter(|value| !value.is_empty());
            let (there, missing) = match (present(ACCESS_KEY_ID), present(SECRET_ACCESS_KEY)) {
                (None, None) => continue,
                (Some(access_key_id), Some(secret_access_key)) => {
                    return Ok(Some(StaticKeys {
                        access_key_id: access_key_id.to_owned(),
                        secret_access_key: secret_access_key.to_owned(),
                        session_token: present(SESSION_TOKEN).map(str::to_owned),
                    }));
                }
                (Some(_), None) => (ACCESS_KEY_ID, SECRET_ACCESS_KEY),
                (None, Some(_)) => (SECRET_ACCESS_KEY, ACCESS_KEY_ID),
            };
            return Err(ProfileError {
                action: Action::Read,
                path: file.path().to_owned(),
                line: section.line_of(there),
                what: format!("profile {name:?} has {there} but no {missing}"),
                hint: Some(format!("write {missing} beside it, or remove {there}")),
            });
        }
        Ok(None)
    }

    /// The sections of a profile, the one that counts first: that of the credentials file.
    pub fn sections(&self, name: &str) -> impl Iterator<Item = (&ProfileFile, Section<'_>)> {
        let files = [&self.credentials, &self.config].into_iter();
        files.filter_map(move |file| Some((file, file.profile(name)?)))
    }
}

/// What may be missed because it is not seen.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Unseen {
    /// What is there, and why it does not count.
    pub what: String,
    /// What to do about it.
    pub hint: String,
}

fn said(file: &ProfileFile, section: Section<'_>, key: &str) -> Option<Said> {
    let value = section.value(key)?.trim();
    let line = section.line_of(key)?;
    let origin = Origin::File { path: file.path().to_owned(), line, section: section.title() };
    (!value.is_empty()).then(|| Said::new(value, origin))
}

/// Keys written in a profile. `Debug` hides all three.
#[derive(Clone, Eq, PartialEq)]
pub struct StaticKeys {
    /// `aws_access_key_id`.
    pub access_key_id: String,
    /// `aws_secret_access_key`.
    pub secret_access_key: String,
    /// `aws_session_token`, which temporary keys have.
    pub session_token: Option<String>,
}

impl fmt::Debug for StaticKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The id is no secret, but pasting the pair in the wrong order is a common mistake.
        f.debug_struct("StaticKeys")
            .field("access_key_id", &"******")
            .field("secret_access_key", &"******")
            .field("session_token", &self.session_token.as_ref().map(|_| "******"))
            .finish()
    }
}

/// Why an AWS file cannot be used: `cannot read AWS file /home/u/.aws/config, line 3: ...`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ProfileError {
    /// What was being done.
    pub action: Action,
    /// The file, as the caller named it.
    pub path: String,
    /// The line, counted from 1, where one is to blame.
    pub line: Option<usize>,
    /// Why it failed, without any value from the file.
    pub what: String,
    /// What to do next.
    pub hint: Option<String>,
}

impl fmt::Display for ProfileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ProfileError { action, path, line, what, .. } = self;
        write!(f, "cannot {action} AWS file {path}")?;
        if let Some(line) = line {
            write!(f, ", line {line}")?;
        }
        write!(f, ": {what}")
    }
}

impl std::error::Error for ProfileError {}

/// What was being done to an AWS file.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Action {
    /// Finding out what it says.
    Read,
    /// Setting a property in it.
    Edit,
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Read => "read",
            Self::Edit => "edit",
        })
    }
}

const ACCESS_KEY_ID: &str = "aws_access_key_id";
const SECRET_ACCESS_KEY: &str = "aws_secret_access_key";
const SESSION_TOKEN: &str = "aws_session_token";

#[cfg(test)]
mod tests;
