//! How a command ends: the exit codes, and what is said on failure.

use outcrop::{Attempt, Error, Kind, Message};

/// How a command fails. What each means, and when, stands in `TABLE`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Exit {
    Failed = 1,
    Usage = 2,
    Busy = 3,
    Denied = 4,
    Cut = 5,
    /// Of many, some failed.
    Partly = 6,
    /// What a shell reports of a program that SIGINT ends.
    Stopped = 130,
}

/// An exit code: which errors have it, and what it tells a script.
struct Row {
    exit: Exit,
    when: fn(&Error) -> bool,
    means: &'static str,
}

/// The last row that fits counts.
const TABLE: [Row; 7] = [
    Row { exit: Exit::Failed, when: |_| true, means: "it failed otherwise: trying again is not likely to help" },
    Row {
        exit: Exit::Usage,
        when: |error| matches!(error.kind(), Kind::Config | Kind::Credentials | Kind::Invalid),
        means: "the command line, a setting or a file is wrong, missing or out of reach; nothing was sent",
    },
    Row {
        exit: Exit::Busy,
        when: Error::is_retryable,
        means: "Bedrock is busy or cannot be reached: the same command may succeed later",
    },
    Row {
        exit: Exit::Denied,
        when: Error::is_denied,
        means: "AWS refuses who calls: wrong or expired keys or login, no permission, no access to the model",
    },
    Row {
        exit: Exit::Cut,
        when: |error| error.partial().is_some(),
        means: "the answer broke off: what was printed of it is a part",
    },
    Row {
        exit: Exit::Partly,
        when: |_| false,
        means: "many requests were asked, and some of them failed or have no result; the others are there",
    },
    Row { exit: Exit::Stopped, when: |_| false, means: "it was stopped by Ctrl-C" },
];

/// The codes, for `outcrop --help`.
pub(crate) fn help() -> String {
    let mut help = "Exit codes:\n  0    it worked; a warning says where an answer is cut short or refused\n".to_owned();
    for Row { exit, means, .. } in &TABLE {
        help.push_str(&format!("  {:<3}  {means}\n", *exit as u8));
    }
    help
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
    /// What came of an answer before it broke off.
    pub(crate) partial: Option<Box<Message>>,
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
            partial: None,
            silent: false,
        }
    }

    pub(crate) fn usage(text: impl Into<String>) -> Self {
        Failure { exit: Exit::Usage, ..Failure::new(text) }
    }

    /// Somebody stopped it.
    pub(crate) fn stopped(text: impl Into<String>) -> Self {
        Failure { exit: Exit::Stopped, ..Failure::new(text) }
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let row = TABLE.iter().rev().find(|row| (row.when)(&error));
        Failure {
            exit: row.map_or(Exit::Failed, |row| row.exit),
            text: match error.attempts().len() {
                0 | 1 => in_flags(&error.to_string()),
                tries => in_flags(&format!("{error} (after {tries} attempts)")),
            },
            hint: error.hint().map(in_flags),
            request_id: error.request_id().map(str::to_owned),
            attempts: error.attempts().iter().zip(1..).map(|(attempt, number)| line(attempt, number)).collect(),
            partial: error.partial().cloned().map(Box::new),
            silent: false,
        }
    }
}

/// What the library calls a switch, and how it is typed here.
const FLAGS: [(&str, &str); 14] = [
    ("the explicit setting, AWS_REGION", "--region, AWS_REGION"),
    ("`endpoint_url` of the caller", "--endpoint-url"),
    ("`mantle_url` of the caller", "--mantle-url"),
    ("none, as the caller asks", "none: requests go unsigned"),
    ("keys from the caller", "keys of the local Bedrock"),
    (": from the caller", ": from the command line (--region, --local)"),
    ("ask fewer as calls: `Jobs::run`", "outcrop batch run asks fewer as calls"),
    ("list the jobs: they tell their ids", "outcrop batch list tells the ids of the jobs"),
    ("have a job of Converse: `converse_records`", "--converse makes one"),
    ("wait until it has ended", "outcrop batch status tells how far it is"),
    ("`context_1m()` (`--1m`)", "`--1m`"),
    ("`context_1m()`", "`--1m`"),
    ("leave out context_1m", "leave out --1m"),
    ("leave out strict", "leave out --strict"),
];

/// What the library says, in the words of this program.
pub(crate) fn in_flags(text: &str) -> String {
    FLAGS.iter().fold(text.to_owned(), |text, (word, flag)| text.replace(word, flag))
}

/// A try of a call, for people.
pub(crate) fn line(attempt: &Attempt, number: usize) -> String {
    let outcome = attempt.failure.as_deref().unwrap_or("answered");
    let target = &attempt.target;
    let region = target.region.as_deref().map(|region| format!(" in {region}")).unwrap_or_default();
    let account = target.account.as_deref().map(|name| format!(" as {name}")).unwrap_or_default();
    let place = format!("{} by {}{region}{account}", target.model.id, target.surface);
    format!("attempt {number}: {outcome}, after {:.1?} ({place})", attempt.duration)
}

/// Writing to standard output failed. A reader that has gone (`| head`) is no failure.
impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        let silent = error.kind() == std::io::ErrorKind::BrokenPipe;
        Failure { silent, ..Failure::new(format!("cannot write the output: {error}")) }
    }
}
