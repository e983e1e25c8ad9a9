//! How a command ends: the exit codes, and what is said on failure.

use outcrop::{Attempt, Error, Kind};

/// The exit codes there are.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Exit {
    /// A call was made and failed.
    Failed = 1,
    /// Usage or configuration: nothing was sent.
    Usage = 2,
}

/// Why a command failed.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    /// One line: what was being done, to what, and why it failed.
    pub(crate) text: String,
    pub(crate) hint: Option<String>,
    pub(crate) request_id: Option<String>,
    /// Each try of a call, for who wants to know.
    pub(crate) attempts: Vec<String>,
    /// Nobody listens any more: nothing is said, and it counts as success.
    pub(crate) silent: bool,
}

impl Failure {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Failure {
            exit: Exit::Failed,
            text: text.into(),
            hint: None,
            request_id: None,
            attempts: Vec::new(),
            silent: false,
        }
    }

    pub(crate) fn usage(text: impl Into<String>) -> Self {
        Failure { exit: Exit::Usage, ..Failure::new(text) }
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let exit = match error.kind() {
            Kind::Config | Kind::Credentials | Kind::Invalid => Exit::Usage,
            _ => Exit::Failed,
        };
        Failure {
            exit,
            text: match error.attempts().len() {
                0 | 1 => error.to_string(),
                tries => format!("{error} (after {tries} attempts)"),
            },
            hint: error.hint().map(str::to_owned),
            request_id: error.request_id().map(str::to_owned),
            attempts: error.attempts().iter().zip(1..).map(|(attempt, number)| line(attempt, number)).collect(),
            silent: false,
        }
    }
}

/// A try of a call, for people.
pub(crate) fn line(attempt: &Attempt, number: usize) -> String {
    let outcome = attempt.failure.as_deref().unwrap_or("answered");
    format!("attempt {number}: {outcome}, after {:.1?}", attempt.duration)
}

/// Writing to standard output failed. A reader that has gone (`| head`) is no failure.
impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        let silent = error.kind() == std::io::ErrorKind::BrokenPipe;
        Failure { silent, ..Failure::new(format!("cannot write the output: {error}")) }
    }
}
