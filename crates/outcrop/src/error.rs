//! The one error of the SDK: what was being done, to what, why it failed, and what helps.

use std::fmt;
use std::time::Duration;

use outcrop_wire::accumulate::AccumulateError;
use outcrop_wire::dialect::StreamError;
use outcrop_wire::fault::{Advice, Fault};
use outcrop_wire::messages::Message;

use crate::auth::CredentialsError;
use crate::call::Attempt;
use crate::transport::TransportError;

/// What goes wrong in this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a call failed. One pointer wide.
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    kind: Kind,
    /// What was being done, to what.
    doing: String,
    /// Why it failed.
    why: String,
    hint: Option<String>,
    fault: Option<Fault>,
    request_id: Option<String>,
    retry_after: Option<Duration>,
    partial: Option<Message>,
    attempts: Vec<Attempt>,
    /// What gives credentials asks for a login.
    ended: bool,
}

/// The kinds of errors.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Kind {
    /// A setting is missing or wrong; nothing was sent.
    Config,
    /// There are no credentials, or they cannot be fetched; nothing was sent.
    Credentials,
    /// The request cannot be sent as it is; nothing was sent.
    Invalid,
    /// No connection.
    Connect,
    /// Too long without a byte, or altogether.
    Timeout,
    /// The connection broke, or the stream ended before its last event.
    Interrupted,
    /// The service answered with an error.
    Service,
    /// The answer cannot be understood.
    Decode,
    /// A middleware stopped it.
    Stopped,
    /// What is asked for is not there yet.
    Unfinished,
}

impl Error {
    pub(crate) fn new(kind: Kind, doing: impl Into<String>, why: impl Into<String>) -> Self {
        Error(Box::new(Inner {
            kind,
            doing: doing.into(),
            why: why.into(),
            hint: None,
            fault: None,
            request_id: None,
            retry_after: None,
            partial: None,
            attempts: Vec::new(),
            ended: false,
        }))
    }

    /// For a middleware that does not let a call go on: why.
    pub fn stopped(why: impl fmt::Display) -> Self {
        Error::new(Kind::Stopped, "make the call", format!("stopped by middleware: {why}"))
    }

    pub(crate) fn config(doing: impl Into<String>, why: impl Into<String>) -> Self {
        Error::new(Kind::Config, doing, why)
    }

    pub(crate) fn credentials(error: CredentialsError) -> Self {
        let mut out = Error::new(Kind::Credentials, "find AWS credentials", error.what);
        (out.0.hint, out.0.ended) = (error.hint, error.ended);
        out
    }

    pub(crate) fn fault(doing: impl Into<String>, fault: Fault) -> Self {
        let mut out = Error::new(Kind::Service, doing, fault.to_string());
        out.0.hint = hint_for(&fault).map(str::to_owned);
        out.0.fault = Some(fault);
        out
    }

    pub(crate) fn transport(doing: impl Into<String>, error: &TransportError) -> Self {
        let kind = match error {
            TransportError::Connect(_) => Kind::Connect,
            TransportError::Timeout(_) => Kind::Timeout,
            TransportError::Broken(_) => Kind::Interrupted,
            TransportError::TooLong(_) => Kind::Decode,
        };
        let mut out = Error::new(kind, doing, error.to_string());
        if matches!(kind, Kind::Connect | Kind::Interrupted) {
            let row = CONNECT_HINTS.iter().find(|(part, _)| out.0.why.contains(part));
            out.0.hint = row.map(|(_, hint)| (*hint).to_owned());
        }
        out
    }

    pub(crate) fn stream(doing: impl Into<String>, error: StreamError) -> Self {
        match error {
            StreamError::Fault(fault) => Error::fault(doing, fault),
            StreamError::Cut { .. } => Error::new(Kind::Interrupted, doing, error.to_string()),
            StreamError::Frame(outcrop_wire::eventstream::FrameError::Cut { .. }) => {
                Error::new(Kind::Interrupted, doing, error.to_string())
            }
            other => Error::new(Kind::Decode, doing, other.to_string()),
        }
    }

    pub(crate) fn accumulate(doing: impl Into<String>, error: &AccumulateError) -> Self {
        Error::new(Kind::Decode, doing, error.to_string())
    }

    /// Why it failed, alone.
    pub(crate) fn why(&self) -> &str {
        &self.0.why
    }

    /// The same error, to be told again.
    pub(crate) fn again(&self) -> Self {
        Error(self.0.clone())
    }

    pub(crate) fn with_doing(mut self, doing: &str) -> Self {
        self.0.doing = doing.to_owned();
        self
    }

    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    pub(crate) fn with_request_id(mut self, request_id: Option<String>) -> Self {
        self.0.request_id = request_id;
        self
    }

    pub(crate) fn with_retry_after(mut self, retry_after: Option<Duration>) -> Self {
        self.0.retry_after = retry_after;
        self
    }

    pub(crate) fn with_partial(mut self, partial: Option<Message>) -> Self {
        self.0.partial = partial;
        self
    }

    pub(crate) fn with_attempts(mut self, attempts: Vec<Attempt>) -> Self {
        self.0.attempts = attempts;
        self
    }

    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// The message as far as it came, when a stream was cut.
    #[must_use]
    pub fn partial(&self) -> Option<&Message> {
        self.0.partial.as_ref()
    }

    /// Each try, in order.
    #[must_use]
    pub fn attempts(&self) -> &[Attempt] {
        &self.0.attempts
    }

    /// What the service said, when it did.
    #[must_use]
    pub fn service_fault(&self) -> Option<&Fault> {
        self.0.fault.as_ref()
    }

    /// The HTTP status; inside a stream, the one its code has outside.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.0.fault.as_ref().map(|fault| fault.status)
    }

    /// AWS's code: `ThrottlingException`.
    #[must_use]
    pub fn aws_code(&self) -> Option<&str> {
        self.0.fault.as_ref().map(|fault| fault.code.as_str())
    }

    /// The service's own words.
    #[must_use]
    pub fn service_message(&self) -> Option<&str> {
        self.0.fault.as_ref().map(|fault| fault.message.as_str())
    }

    /// AWS's id of the last try that got an answer.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// How long the service asked to wait.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    /// Whether too much was asked for.
    #[must_use]
    pub fn is_throttled(&self) -> bool {
        self.0.fault.as_ref().is_some_and(|fault| fault.advice() == Advice::Throttle)
    }

    /// Whether the same call may succeed later. A stream that was cut after its first event counts: what was handed out
    /// is gone, but a new call may go through.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match &self.0.fault {
            Some(fault) => matches!(fault.advice(), Advice::Wait | Advice::Throttle),
            None => matches!(self.0.kind, Kind::Connect | Kind::Timeout | Kind::Interrupted | Kind::Unfinished),
        }
    }

    /// Whether AWS does not let the caller in: credentials are wrong or have ended, a permission is missing, or the model is
    /// not open to the account, be it that Anthropic's use-case form is missing or that less data is kept than the model asks
    /// for.
    #[must_use]
    pub fn is_denied(&self) -> bool {
        let closed = |text: &str| [NO_FORM, NO_RETENTION].iter().any(|part| text.contains(part));
        let closed = self.service_message().is_some_and(closed);
        self.0.ended || closed || matches!(self.status(), Some(401 | 403))
    }

    /// Whether the input is longer than the model's window.
    #[must_use]
    pub fn is_context_overflow(&self) -> bool {
        self.service_message().is_some_and(|text| {
            text.contains("Input is too long for requested model") || text.contains("prompt is too long")
        })
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot {}: {}", self.0.doing, self.0.why)
    }
}

/// What `fn main() -> Result<()>` shows: the text, the request id, the hint. `{:#?}` shows the tries too.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !f.alternate() {
            write!(f, "{self}")?;
            if let Some(request_id) = &self.0.request_id {
                write!(f, "\nrequest id: {request_id}")?;
            }
            if let Some(hint) = &self.0.hint {
                write!(f, "\nhint: {hint}")?;
            }
            return Ok(());
        }
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("text", &format_args!("{self}"))
            .field("request_id", &self.0.request_id)
            .field("hint", &self.0.hint)
            .field("attempts", &self.0.attempts)
            .finish_non_exhaustive()
    }
}

impl std::error::Error for Error {}

/// What helps against a fault: a part of its message, or else its code, and the advice. The first row that fits.
const HINTS: &[(&str, &str, &str)] = &[
    (
        "ValidationException",
        "on-demand throughput",
        "this model is served through inference profiles: put a scope before the id, `global.` or `us.`",
    ),
    ("ValidationException", "model identifier is invalid", BAD_MODEL),
    // Its form is told there, which helps nobody.
    ("ValidationException", "at 'modelId", BAD_MODEL),
    (
        "ValidationException",
        "invalid beta flag",
        "the model does not take a beta flag of the request; if it is that of `context_1m()` (`--1m`), leave it out or \
         take a model whose window is a million tokens by itself",
    ),
    (
        "ValidationException",
        "assistant message prefill",
        "end the conversation with a turn of the user; `parse` and output_format give an answer its form",
    ),
    (
        "ValidationException",
        "deprecated for this model",
        "leave the sampling parameter out; the model id is not one that the capability table knows",
    ),
    (
        "ValidationException",
        "Extra inputs are not permitted",
        "the model on this surface does not take the member that the message names",
    ),
    (
        "ValidationException",
        "too long",
        "shorten the conversation, or take a model with a larger window: `context_1m()` says which have one",
    ),
    (
        "ValidationException",
        NO_RETENTION,
        "the model asks for more data retention than the account allows in this region: \
         `outcrop models access retention aws_review`, where that is agreed",
    ),
    ("ValidationException", "Invalid API version", "leave `anthropic_version` out: the right one is chosen by model"),
    (
        "AccessDeniedException",
        "don't have access to the model",
        "ask for access to the model: `outcrop models access request MODEL`, or the Bedrock console",
    ),
    (
        "AccessDeniedException",
        "not authorized to perform",
        "the caller's IAM policy lacks the action that the message names",
    ),
    ("AccessDeniedException", "API Key", "the Bedrock API key is wrong, expired, or of another region"),
    (
        "ResourceNotFoundException",
        NO_FORM,
        "submit the Anthropic use-case form: `outcrop models access request MODEL`, or the Bedrock console",
    ),
    (
        "ResourceNotFoundException",
        "end of its life",
        "the model is retired: choose a newer one, as `outcrop models` lists them",
    ),
    // Anthropic has one word for all of these.
    ("UnrecognizedClientException", "Signature expired", "set the clock of this machine"),
    ("UnrecognizedClientException", "not yet current", "set the clock of this machine"),
    ("UnrecognizedClientException", "The request signature we calculated", BAD_SIGNATURE),
    ("UnrecognizedClientException", "scoped to a valid region", BAD_REGION),
    ("UnrecognizedClientException", "", "the access key is unknown, or its session token is missing or of another key"),
    ("InvalidSignatureException", "Signature expired", "set the clock of this machine"),
    ("InvalidSignatureException", "not yet current", "set the clock of this machine"),
    ("InvalidSignatureException", "scoped to a valid region", BAD_REGION),
    ("InvalidSignatureException", "", BAD_SIGNATURE),
    ("ExpiredTokenException", "", "the session has ended: log in again"),
    ("MissingAuthenticationTokenException", "", "the request carried no credentials"),
    ("UnknownOperationException", "", "the endpoint URL is not one of bedrock-runtime, or a proxy changed the path"),
    ("ThrottlingException", "per day", "the day's quota is used up: ask AWS for more, or use another scope"),
    (
        "ServiceUnavailableException",
        "",
        "AWS is busy: try again later, or have other regions or scopes to fail over to",
    ),
    ("InternalServerException", "", "it may pass: try again; AWS support asks for the request id"),
    ("ModelTimeoutException", "", "ask for less at a time, or stream the reply"),
    ("ThrottlingException", "", "wait, ask for fewer tokens at a time, or use a wider scope"),
];

const BAD_MODEL: &str = "check the model id and that the region offers it";

const BAD_REGION: &str = "check the region: it is none that the endpoint answers for";

/// What AWS says of models while the account has not sent Anthropic's form (404, ResourceNotFoundException).
const NO_FORM: &str = "use case details";

/// What AWS says of models that ask for more data retention than the account allows (400, ValidationException).
const NO_RETENTION: &str = "data retention mode";

const BAD_SIGNATURE: &str =
    "check the secret access key; a proxy that changes the path or headers breaks signatures too";

const CUT: &str =
    "the connection was cut while the answer came: try again; a proxy on the way may limit how long one lasts";

/// What helps where there is no connection, or no more: a part of the reason, and the advice. The first row that fits.
const CONNECT_HINTS: &[(&str, &str)] = &[
    (
        "cannot connect: proxy ",
        "HTTPS_PROXY, HTTP_PROXY and ALL_PROXY name the proxy; a host in NO_PROXY is called without one",
    ),
    (
        "dns error",
        "check the host's name, which comes from the region or the endpoint URL, and the connection to the network",
    ),
    (
        "invalid peer certificate",
        "a proxy that looks into TLS? AWS_CA_BUNDLE names a file of the certificates to trust in place of the system's",
    ),
    ("InvalidContentType", "what listens there may speak http, not https"),
    ("unexpected EOF", CUT),
    ("end of file before", CUT),
    ("Connection refused", "nothing listens there; is it the right port, and is the server running?"),
];

fn hint_for(fault: &Fault) -> Option<&'static str> {
    let fault_code = fault.aws_code();
    HINTS.iter().find(|(code, part, _)| *code == fault_code && fault.message.contains(part)).map(|(_, _, hint)| *hint)
}
