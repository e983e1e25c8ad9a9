//! What the settings say, one by one, before they are held against each other.

use super::ClientBuilder;
use crate::auth::Profile;
use crate::auth::profile::{FileKind, ProfileFile, Profiles};
use crate::error::{Error, Result};

/// What the settings of a client say, one by one.
#[derive(Debug)]
#[non_exhaustive]
pub struct Survey {
    /// The two AWS files.
    pub files: Vec<AwsFile>,
    /// The AWS profile in force.
    ///
    /// An error where a file is broken, or the profile that was asked for is in neither.
    pub profile: Result<Said>,
    /// The region, if anything says one; of the AWS profile only where that can be read.
    pub region: Option<Said>,
    /// The bundle of certificates that is trusted in place of the system's, if anything names one.
    pub trust: Option<Said>,
}

/// An AWS file.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct AwsFile {
    /// Where it is, or would be.
    pub path: String,
    /// What became of it.
    pub state: FileState,
}

/// What became of an AWS file.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum FileState {
    /// It was read.
    Read,
    /// There is none.
    Absent,
    /// It may not be read, and is passed over.
    Locked,
    /// It cannot be used: why, and in which line.
    Broken(String),
}

/// What is said, and where.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Said {
    /// What.
    pub value: String,
    /// Where: `AWS_REGION`, `the AWS profile`, `the caller`, `the default`.
    pub source: &'static str,
}

impl ClientBuilder {
    /// What the settings say, one by one, before they are held against each other. Nothing is sent, and none of it has to
    /// make sense.
    ///
    /// ```
    /// use outcrop::{Client, Surroundings};
    ///
    /// let world = Surroundings::made_up([("AWS_REGION", "us-east-1"), ("AWS_PROFILE", "work")], []);
    /// let survey = Client::builder().surroundings(world).survey();
    /// assert_eq!(survey.region.map(|region| region.source), Some("AWS_REGION"));
    /// assert!(survey.profile.is_err(), "there is no such profile");
    /// ```
    #[must_use]
    pub fn survey(&self) -> Survey {
        let (config, config_file) = self.aws_file(FileKind::Config);
        let (credentials, credentials_file) = self.aws_file(FileKind::Credentials);
        let files = vec![config_file, credentials_file];
        let broken = files.iter().find_map(|file| match &file.state {
            FileState::Broken(why) => Some(Error::config("read the AWS files", why)),
            _ => None,
        });
        let profiles = Profiles { config, credentials };
        let chosen = Profile::choose(self.auth.as_ref(), self.profile.as_deref(), &self.surroundings, &profiles);
        let name = chosen.as_ref().ok().map(|profile| profile.name.clone());
        let read = Profile { explicit: false, name: name.clone().unwrap_or_default(), unread: None };
        let region = self.find_region(&profiles, &read).map(|(value, source)| Said { value, source });
        let trust = self.bundle(&profiles, &read).map(|(value, source)| Said { value, source });
        let profile = match (broken, chosen) {
            (Some(error), _) | (None, Err(error)) => Err(error),
            (None, Ok(profile)) => Ok(Said { value: profile.name.clone(), source: self.source_of(&profile) }),
        };
        Survey { files, profile, region, trust }
    }

    fn source_of(&self, profile: &Profile) -> &'static str {
        if profile.explicit {
            return "the caller";
        }
        let names = ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"];
        names.into_iter().find(|name| self.surroundings.variable(name).is_some()).unwrap_or("the default")
    }

    /// One of the AWS files, empty where it is of no use, and what became of it.
    fn aws_file(&self, kind: FileKind) -> (ProfileFile, AwsFile) {
        let Some(path) = kind.location(&self.surroundings) else {
            let file = AwsFile { path: "~/.aws (there is no home folder)".to_owned(), state: FileState::Absent };
            return (ProfileFile::empty(kind, ""), file);
        };
        let path_shown = path.display().to_string();
        let (parsed, state) = match ProfileFile::read(kind, &self.surroundings) {
            Ok(parsed) if parsed.unread().is_some() => (parsed, FileState::Locked),
            Ok(parsed) if self.surroundings.is_there(&path) => (parsed, FileState::Read),
            Ok(parsed) => (parsed, FileState::Absent),
            Err(error) => (ProfileFile::empty(kind, &path_shown), FileState::Broken(error.to_string())),
        };
        (parsed, AwsFile { path: path_shown, state })
    }
}
