//! Where each setting of a client is said, and which of several counts: [`ClientBuilder::settings`].
//!
//! [`ClientBuilder::settings`]: crate::ClientBuilder::settings

use std::fmt;

/// A setting, and everything that says it.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Setting {
    /// What it is: `region`, `access key`.
    pub name: &'static str,
    /// Who says it, in the order in which they count. Empty where nobody does.
    pub said: Vec<Said>,
}

impl Setting {
    /// The one that counts, where one does.
    #[must_use]
    pub fn counting(&self) -> Option<&Said> {
        self.said.iter().find(|said| said.overridden_by.is_none())
    }

    /// Of these the first counts, and overrides the others.
    pub(crate) fn first_counts(name: &'static str, mut said: Vec<Said>) -> Self {
        if let Some((first, others)) = said.split_first_mut() {
            others.iter_mut().for_each(|other| other.overridden_by = Some(first.origin.clone()));
        }
        Setting { name, said }
    }
}

/// What one place says of a setting.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Said {
    /// What it says; of a secret, stars and at most its last four letters.
    pub value: String,
    /// Where it is said.
    pub origin: Origin,
    /// What counts in its place. None where it counts itself.
    pub overridden_by: Option<Origin>,
}

impl Said {
    pub(crate) fn new(value: impl Into<String>, origin: Origin) -> Self {
        Said { value: value.into(), origin, overridden_by: None }
    }
}

/// Where a setting is said.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Origin {
    /// In code, or on the command line of a program.
    Caller,
    /// By a variable of this name.
    Variable(&'static str),
    /// In an AWS file.
    File {
        /// The file.
        path: String,
        /// The line, counted from 1.
        line: usize,
        /// What stands between the brackets of the section: `profile work`.
        section: String,
    },
    /// Nowhere: it is so until something else is said.
    Default,
}

impl Origin {
    /// In a word or two.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Origin::Caller => "the caller",
            Origin::Variable(name) => name,
            Origin::File { .. } => "the AWS profile",
            Origin::Default => "the default",
        }
    }
}

/// `AWS_REGION`; `/home/u/.aws/config:3 [profile work]`.
impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::File { path, line, section } => write!(f, "{path}:{line} [{section}]"),
            other => f.write_str(other.word()),
        }
    }
}

/// A secret, or a key's id, as people may see it: stars, and its last four letters where it is long enough that these do
/// not tell it. As the AWS command line shows them.
///
/// ```
/// assert_eq!(outcrop::settings::masked("AKIAIOSFODNN7EXAMPLE"), "****************MPLE");
/// assert_eq!(outcrop::settings::masked("short"), "****************");
/// ```
#[must_use]
pub fn masked(secret: &str) -> String {
    let last = match secret.char_indices().nth_back(3) {
        Some((at, _)) if secret.chars().count() >= 16 => &secret[at..],
        _ => "",
    };
    format!("****************{last}")
}
