//! What a check finds.

use outcrop::{Error, Kind};
use serde_json::Value;

use crate::exit::{Exit, Failure};

/// How it stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Status {
    Pass,
    Warn,
    Fail,
    /// It was not looked at, or cannot be known.
    Skip,
}

impl Status {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Status::Pass => "pass",
            Status::Warn => "warn",
            Status::Fail => "fail",
            Status::Skip => "skip",
        }
    }
}

/// What a check finds. No secret is in it.
#[derive(Debug)]
pub(super) struct Finding {
    pub(super) status: Status,
    /// One line.
    pub(super) found: String,
    /// What to do about it, each in one line.
    pub(super) mends: Vec<String>,
    /// A statement for an IAM policy, to paste.
    pub(super) policy: Option<Box<Value>>,
    /// The same for programs, and more.
    pub(super) facts: Vec<(&'static str, Value)>,
    /// How the program ends because of it.
    pub(super) exit: Exit,
}

impl Finding {
    fn new(status: Status, found: impl Into<String>) -> Self {
        let found = found.into();
        Finding { status, found, mends: Vec::new(), policy: None, facts: Vec::new(), exit: Exit::Failed }
    }

    pub(super) fn pass(found: impl Into<String>) -> Self {
        Finding::new(Status::Pass, found)
    }

    pub(super) fn warn(found: impl Into<String>) -> Self {
        Finding::new(Status::Warn, found)
    }

    pub(super) fn fail(exit: Exit, found: impl Into<String>) -> Self {
        Finding { exit, ..Finding::new(Status::Fail, found) }
    }

    pub(super) fn skip(why: impl Into<String>) -> Self {
        Finding::new(Status::Skip, why)
    }

    /// A failure, in the words of the error.
    pub(super) fn error(error: Error) -> Self {
        Finding::trouble(Status::Fail, error)
    }

    /// Settings that make no client.
    pub(super) fn failure(failure: Failure) -> Self {
        Finding::fail(failure.exit, failure.text).mends(failure.hint)
    }

    /// Something that calls may do without.
    pub(super) fn doubt(error: Error) -> Self {
        Finding::trouble(Status::Warn, error)
    }

    fn trouble(status: Status, error: Error) -> Self {
        let code = error.aws_code().map(str::to_owned);
        let failure = Failure::from(error);
        Finding { exit: failure.exit, ..Finding::new(status, failure.text) }
            .mends(failure.hint)
            .fact("code", code)
            .fact("request_id", failure.request_id)
    }

    /// What to do about it; nothing, where nothing is said.
    pub(super) fn mends(mut self, how: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.mends.extend(how.into_iter().map(Into::into));
        self
    }

    pub(super) fn mend(self, how: impl Into<String>) -> Self {
        self.mends([how])
    }

    /// This in place of what is said of what to do about it.
    pub(super) fn only(mut self, how: impl Into<String>) -> Self {
        self.mends = vec![how.into()];
        self
    }

    /// This, where nothing is said of what to do about it.
    pub(super) fn or_mend(self, how: impl Into<String>) -> Self {
        if self.mends.is_empty() { self.mend(how) } else { self }
    }

    pub(super) fn map_mends(mut self, change: impl Fn(&str) -> String) -> Self {
        self.mends.iter_mut().for_each(|mend| *mend = change(mend));
        self
    }

    /// The same in other words.
    pub(super) fn found(mut self, found: impl Into<String>) -> Self {
        self.found = found.into();
        self
    }

    pub(super) fn exits(self, exit: Exit) -> Self {
        Finding { exit, ..self }
    }

    pub(super) fn policy(mut self, statement: Value) -> Self {
        self.policy = Some(Box::new(statement));
        self
    }

    /// A fact for programs, if there is one.
    pub(super) fn fact(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        let value = value.into();
        if !value.is_null() {
            self.facts.push((name, value));
        }
        self
    }
}

/// Whether an error says only that this is no host of the service: gateways have calls of models and little else. What
/// speaks as AWS does names the request.
pub(super) fn is_absent(error: &Error) -> bool {
    let nothing_there = error.request_id().is_none() && matches!(error.status(), Some(404 | 405));
    let not_built = error.status() == Some(501) || error.aws_code() == Some("UnknownOperationException");
    error.kind() == Kind::Decode || nothing_there || not_built
}
