//! One thing that went wrong on the wire, and the one table that says what each code means.
//!
//! Decoders give a [`Fault`], encoders write it; status, stream name, Anthropic's word and whether a retry helps stand
//! in [`FAULTS`] and nowhere else.

mod body;
mod denial;
mod quota;
mod table;

use crate::json::{Extra, Json};
use crate::messages::ApiError;
use crate::record::Other;

pub use denial::Denial;
pub use quota::Quota;
pub use table::{Evidence, FAULTS, FaultRow, QUERY_CODES, Speaker, row};

use body::{Body, bare_code};
use table::ANTHROPIC;

/// One thing that went wrong on the wire.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// AWS's code (`ThrottlingException`), or Anthropic's where only that was given.
    pub code: String,
    /// The HTTP status; for faults inside a stream, the status the code has outside.
    pub status: u16,
    /// For a person.
    pub message: String,
    /// Where it was met.
    pub origin: Origin,
    /// What else the body said: `originalStatusCode`, `resourceName`, ...
    pub details: Extra,
}

/// Where a fault was met.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Origin {
    /// An HTTP answer that is not a success.
    Http,
    /// The first frame of a stream: nothing was handed out yet.
    FirstFrame,
    /// A later frame of a stream.
    MidStream,
    /// The body of a 200, as AWS answers for operations it does not know.
    BodyOf200,
}

/// Whether the same request may succeed later.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Advice {
    /// No.
    No,
    /// Yes, after a while.
    Wait,
    /// Yes, after a longer while: too much was asked for.
    Throttle,
    /// Once, after new credentials were fetched.
    RefreshCredentials,
    /// Once, after the clock was put right, if the message is about time.
    MendClock,
}

/// The member of Anthropic's envelope, and of a fault's details, that names the request.
pub(crate) const REQUEST_ID: &str = "request_id";

/// Statuses without a code of their own that are worth another try, as the official SDKs have them.
const RETRIED_STATUSES: [u16; 2] = [408, 409];

/// Anthropic's word for an error of which the HTTP status alone is known: `rate_limit_error` for 429.
#[must_use]
pub fn anthropic_kind(status: u16) -> &'static str {
    let row = table::ANTHROPIC.iter().find(|(_, of, _)| *of == status);
    match (row, status) {
        (Some((word, ..)), _) => word,
        (None, 503) => "overloaded_error",
        (None, 400..500) => "invalid_request_error",
        (None, _) => "api_error",
    }
}

impl Fault {
    /// A fault of a code of the table.
    pub fn new(code: &str, message: impl Into<String>, origin: Origin) -> Self {
        let status = row(code).map_or(500, |row| row.status);
        let code = row(code).map_or(code, |row| row.code).to_owned();
        Fault { code, status, message: message.into(), origin, details: Extra::new() }
    }

    /// Reads a failed HTTP answer. `error_type` is the header `x-amzn-errortype`.
    ///
    /// The code is the header up to its first `:` and after any `#`; else the body's `code` or `__type`. The message is
    /// `message` or `Message`. Anthropic's envelope and bodies that are not JSON are read too.
    #[must_use]
    pub fn from_http(status: u16, error_type: Option<&str>, body: &[u8]) -> Self {
        let mut body = Body::read(body);
        let code = error_type.map(bare_code).filter(|code| !code.is_empty()).map(str::to_owned);
        let code = code.or_else(|| body.code.take()).or_else(|| body.envelope.as_ref().map(|error| error.kind.clone()));
        let code = code.unwrap_or_else(|| match FAULTS.iter().find(|row| row.status == status) {
            Some(row) => row.code.to_owned(),
            None => status.to_string(),
        });
        Fault {
            code: row(&code).map_or(code.as_str(), |row| row.code).to_owned(),
            status,
            message: body.message(),
            origin: Origin::Http,
            details: body.details,
        }
    }

    /// Reads the body of a 200 that is an error: `{"Output":{"__type":"...#UnknownOperationException"},...}`, or
    /// Anthropic's envelope, as gateways send it.
    #[must_use]
    pub fn from_body_of_200(body: &[u8]) -> Option<Self> {
        // A reply is longer than such an answer, or has neither of these members: it is not parsed twice.
        let names = |member: &[u8]| memchr::memmem::find(body, member).is_some();
        if body.len() > 4096 || !(names(b"\"__type\"") || names(b"\"error\"")) {
            return None;
        }
        let whole: Other = serde_json::from_slice(body).ok()?;
        if whole.kind == "error" {
            let error: ApiError = whole.members.value("error")?.parse().ok()?;
            return Some(Fault::from_anthropic(&error, Origin::BodyOf200));
        }
        let output: Other = whole.members.value("Output")?.parse().ok()?;
        let text = |name: &str| -> Option<String> { output.members.value(name)?.parse().ok() };
        let code = text("__type")?;
        let message = text("message").or_else(|| text("Message"));
        let message = message.unwrap_or_else(|| "AWS knows no operation at this path".to_owned());
        Some(Fault::new(bare_code(&code), message, Origin::BodyOf200))
    }

    /// Reads an exception frame: its `:exception-type` and payload.
    #[must_use]
    pub fn from_exception(exception_type: &str, payload: &[u8], origin: Origin) -> Self {
        let body = Body::read(payload);
        let mut fault = Fault::new(exception_type, body.message(), origin);
        fault.details = body.details;
        fault
    }

    /// Reads an error event of Anthropic's: `{"type":"overloaded_error","message":"..."}`.
    #[must_use]
    pub fn from_anthropic(error: &ApiError, origin: Origin) -> Self {
        let known = ANTHROPIC.iter().find(|(kind, ..)| *kind == error.kind);
        Fault {
            code: error.kind.clone(),
            status: known.map_or(500, |(_, status, _)| *status),
            message: error.message.clone(),
            origin,
            details: error.extra.clone(),
        }
    }

    /// The status the model's own server gave, where AWS passes it on.
    #[must_use]
    pub fn original_status(&self) -> Option<u16> {
        self.details.value("originalStatusCode")?.parse().ok()
    }

    /// The row of its code, if that is one of AWS's.
    #[must_use]
    pub fn row(&self) -> Option<&'static FaultRow> {
        row(&self.code)
    }

    /// The code that AWS has for it, where its word is Anthropic's or it has none that is known.
    #[must_use]
    pub fn aws_code(&self) -> &str {
        self.written_row().map_or(&self.code, |row| row.code)
    }

    /// The row it is written as: its own; that of Anthropic's word; that of its status; or an internal error's.
    fn written_row(&self) -> Option<&'static FaultRow> {
        let word = || ANTHROPIC.iter().find(|(kind, ..)| *kind == self.code).and_then(|(.., code)| row(code));
        let status = || FAULTS.iter().find(|row| row.status == self.status);
        self.row().or_else(word).or_else(status).or_else(|| row("InternalServerException"))
    }

    /// Whether the same request may succeed later.
    #[must_use]
    pub fn advice(&self) -> Advice {
        match self.row() {
            Some(row) if row.advice == Advice::MendClock && !self.is_about_time() => Advice::No,
            _ if self.is_about_api_key() => Advice::RefreshCredentials,
            Some(row) => row.advice,
            // Anthropic's envelope has one word for all of these; AWS's sentences tell them apart.
            None if self.code == "authentication_error" && self.is_about_time() => Advice::MendClock,
            None if self.code == "authentication_error" && self.is_about_expiry() => Advice::RefreshCredentials,
            None if [429, 503, 529].contains(&self.status) => Advice::Throttle,
            None if self.status >= 500 || RETRIED_STATUSES.contains(&self.status) => Advice::Wait,
            None => Advice::No,
        }
    }

    /// Whether a signature was refused for its time.
    #[must_use]
    pub fn is_about_time(&self) -> bool {
        const WORDS: [&str; 3] =
            ["Signature expired", "Signature not yet current", "The difference between the request time"];
        WORDS.iter().any(|words| self.message.starts_with(words))
    }

    /// Whether a Bedrock API key was refused: wrong, expired, or of another region. In the front's words for the runtime
    /// (seen in public reports), and in those of Mantle (`invalid_api_key`, the same).
    #[must_use]
    pub fn is_about_api_key(&self) -> bool {
        self.message.starts_with("Authentication failed: Please make sure your API Key")
            || self.code == "invalid_api_key"
    }

    /// Whether credentials were refused because they ended.
    fn is_about_expiry(&self) -> bool {
        self.message.starts_with("The security token included in the request is expired")
    }

    /// Anthropic's word for it.
    #[must_use]
    pub fn anthropic_kind(&self) -> &str {
        if let Some(row) = self.row() {
            return row.anthropic;
        }
        let word = ANTHROPIC.iter().find(|(kind, ..)| *kind == self.code);
        let known = word.or_else(|| ANTHROPIC.iter().find(|(_, status, _)| *status == self.status));
        known.map_or("api_error", |(kind, ..)| *kind)
    }

    /// The status of an answer in Anthropic's words: that of its word where the code is one of AWS's, else its own.
    #[must_use]
    pub fn anthropic_status(&self) -> u16 {
        let word = self.row().and_then(|row| ANTHROPIC.iter().find(|(kind, ..)| *kind == row.anthropic));
        word.map_or(self.status, |(_, status, _)| *status)
    }

    /// The value of `x-amzn-errortype`, with the suffix that recorded answers carry. One of AWS's codes, or at least an
    /// exception's name: others may hold what no header may.
    #[must_use]
    pub fn error_type(&self) -> String {
        // An exception's name may be newer than the table; a name of letters is safe in a header.
        if self.row().is_none()
            && self.code.ends_with("Exception")
            && self.code.bytes().all(|byte| byte.is_ascii_alphabetic())
        {
            return format!("{}{}", self.code, Speaker::Service.suffix());
        }
        self.written_row().map_or_else(String::new, |row| format!("{}{}", row.code, row.speaker.suffix()))
    }

    /// `:exception-type` of a frame: one of AWS's codes with a small first letter.
    #[must_use]
    pub fn exception_type(&self) -> String {
        let mut letters = self.written_row().map_or("", |row| row.code).chars();
        letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
    }

    /// The JSON body of an answer or an exception frame.
    #[must_use]
    pub fn body(&self) -> Vec<u8> {
        let mut members = Extra::new();
        members.push("message", Json::of(&self.message).unwrap_or_else(|_| Json::null()));
        members.update(self.details.iter());
        // JSON members always encode.
        serde_json::to_vec(&Other { kind: String::new(), members }).unwrap_or_default()
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.message.is_empty() {
            true => write!(f, "{} ({})", self.code, self.status),
            false => write!(f, "{} ({}): {}", self.code, self.status, self.message),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_spelling_of_an_error() {
        let cases: [(u16, Option<&str>, &str, &str, &str); 7] = [
            (
                400,
                Some("ValidationException:http://internal.amazon.com/coral/com.amazon.bedrock/"),
                r#"{"message":"m"}"#,
                "ValidationException",
                "m",
            ),
            (403, Some("aws.x#AccessDeniedException:http://x"), r#"{"Message":"m"}"#, "AccessDeniedException", "m"),
            (
                400,
                None,
                r#"{"__type":"com.amazon.coral.validate#ValidationException","message":"m"}"#,
                "ValidationException",
                "m",
            ),
            (429, None, r#"{"message":"Too many requests"}"#, "ThrottlingException", "Too many requests"),
            (
                400,
                None,
                r#"{"type":"error","error":{"type":"invalid_request_error","message":"invalid beta flag"}}"#,
                "invalid_request_error",
                "invalid beta flag",
            ),
            (502, None, "<html>\nBad gateway", "502", "<html>"),
            (503, None, "", "ServiceUnavailableException", ""),
        ];
        for (status, header, body, code, message) in cases {
            let fault = Fault::from_http(status, header, body.as_bytes());
            assert_eq!((fault.code.as_str(), fault.message.as_str(), fault.status), (code, message, status), "{body}");
        }
    }

    #[test]
    fn anthropics_words_have_their_own_meaning() {
        for (kind, status, advice, written) in [
            ("rate_limit_error", 429, Advice::Throttle, "throttlingException"),
            ("overloaded_error", 529, Advice::Throttle, "serviceUnavailableException"),
            ("api_error", 500, Advice::Wait, "internalServerException"),
            ("billing_error", 402, Advice::No, "accessDeniedException"),
            ("brand_new_error\r\n", 500, Advice::Wait, "internalServerException"),
        ] {
            let error = ApiError { kind: kind.into(), message: "m".into(), extra: Extra::new() };
            let fault = Fault::from_anthropic(&error, Origin::FirstFrame);
            assert_eq!(
                (fault.status, fault.advice(), fault.exception_type().as_str()),
                (status, advice, written),
                "{kind}"
            );
        }
        let answer = br#"{"error":{"type":"billing_error","message":"m"}}"#;
        assert_eq!(Fault::from_http(429, None, answer).advice(), Advice::Throttle);
    }

    #[test]
    fn one_odd_member_does_not_hide_the_others() {
        for (body, code, message) in [
            (r#"{"message":null,"Message":"Authentication failed"}"#, "ThrottlingException", "Authentication failed"),
            (r#"{"message":"Too many","error":"x"}"#, "ThrottlingException", "Too many"),
            (r#"{"__type":"a#ValidationException","message":"m","error":{"message":"x"}}"#, "ValidationException", "m"),
            (r#"{"message":"m","originalStatusCode":"500"}"#, "ThrottlingException", "m"),
        ] {
            let fault = Fault::from_http(429, None, body.as_bytes());
            assert_eq!((fault.code.as_str(), fault.message.as_str()), (code, message), "{body}");
        }
    }

    #[test]
    fn an_unknown_operation_hides_in_a_200() {
        let body = br#"{"Output":{"__type":"com.amazon.coral.service#UnknownOperationException"},"Version":"1.0"}"#;
        assert_eq!(Fault::from_body_of_200(body).map(|fault| fault.code).as_deref(), Some("UnknownOperationException"));
        let body = br#"{"type":"error","error":{"type":"overloaded_error","message":"m"}}"#;
        assert_eq!(Fault::from_body_of_200(body).map(|fault| fault.status), Some(529));
        assert_eq!(Fault::from_body_of_200(br#"{"model":"x","error":1}"#), None);
    }

    #[test]
    fn says_what_may_be_tried_again() {
        let advice = |code: &str, message: &str| Fault::new(code, message, Origin::FirstFrame).advice();
        assert_eq!(advice("throttlingException", ""), Advice::Throttle);
        assert_eq!(advice("InvalidSignatureException", "Signature expired: ..."), Advice::MendClock);
        assert_eq!(advice("InvalidSignatureException", "The request signature we calculated"), Advice::No);
        assert_eq!(advice("ExpiredTokenException", ""), Advice::RefreshCredentials);
        assert_eq!(Fault::from_http(502, None, b"").advice(), Advice::Wait);
        assert_eq!(Fault::from_http(418, None, b"").advice(), Advice::No);
    }

    #[test]
    fn writes_what_it_reads() {
        for row in FAULTS {
            let mut fault = Fault::new(row.code, "a \"quoted\" message", Origin::Http);
            fault.details.set("originalStatusCode", Json::of(&503).expect("a number"));
            assert_eq!(Fault::from_http(fault.status, Some(&fault.error_type()), &fault.body()), fault);
            let framed = Fault::from_exception(&fault.exception_type(), &fault.body(), Origin::Http);
            assert_eq!(framed, fault);
        }
    }
}
