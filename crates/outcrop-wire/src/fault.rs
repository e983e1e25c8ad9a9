//! One thing that went wrong on the wire, and the one table that says what each code means.
//!
//! Decoders give a [`Fault`], encoders write it; status, stream name, Anthropic's word and whether a retry helps stand
//! in [`FAULTS`] and nowhere else.

use serde::Deserialize;

use crate::json::Json;
use crate::messages::ApiError;

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
    /// The status the model's own server gave, where AWS passes it on.
    pub original_status: Option<u16>,
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

/// How well a row is known.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Evidence {
    /// Seen in recorded traffic.
    Recorded,
    /// In AWS's service model or documentation.
    Documented,
    /// Widely seen, no first-hand source here.
    Remembered,
}

/// What a code means.
#[derive(Debug)]
pub struct FaultRow {
    /// AWS's code.
    pub code: &'static str,
    /// Its status.
    pub status: u16,
    /// Anthropic's word for it.
    pub anthropic: &'static str,
    /// Whether a retry helps.
    pub advice: Advice,
    /// The tail of `x-amzn-errortype`: who at AWS speaks.
    pub speaker: Speaker,
    /// How well the row is known.
    pub evidence: Evidence,
}

/// Who at AWS speaks: the service, or the layer before it that checks signatures.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Speaker {
    /// `.../com.amazon.bedrock/`
    Service,
    /// `.../com.amazon.coral.service/`
    Front,
}

impl Speaker {
    fn suffix(self) -> &'static str {
        match self {
            Speaker::Service => ":http://internal.amazon.com/coral/com.amazon.bedrock/",
            Speaker::Front => ":http://internal.amazon.com/coral/com.amazon.coral.service/",
        }
    }
}

macro_rules! faults {
    ($($code:literal $status:literal $anthropic:literal $advice:ident $speaker:ident $evidence:ident;)*) => {
        /// Every code known, one row each. The first row of a status is what stands for that status.
        pub static FAULTS: &[FaultRow] = &[$(FaultRow {
            code: $code, status: $status, anthropic: $anthropic,
            advice: Advice::$advice, speaker: Speaker::$speaker, evidence: Evidence::$evidence,
        },)*];
    };
}

#[rustfmt::skip]
faults! {
    "ValidationException"                400 "invalid_request_error" No                 Service Recorded;
    "ServiceQuotaExceededException"      400 "rate_limit_error"      No                 Service Documented;
    "ConflictException"                  400 "conflict_error"        No                 Service Documented;
    "IncompleteSignatureException"       400 "authentication_error"  No                 Front   Remembered;
    "AccessDeniedException"              403 "permission_error"      No                 Service Recorded;
    "UnrecognizedClientException"        403 "authentication_error"  No                 Front   Recorded;
    "InvalidSignatureException"          403 "authentication_error"  MendClock          Front   Recorded;
    "ExpiredTokenException"              403 "authentication_error"  RefreshCredentials Front   Recorded;
    "MissingAuthenticationTokenException" 403 "authentication_error" No                 Front   Remembered;
    "ResourceNotFoundException"          404 "not_found_error"       No                 Service Documented;
    "UnknownOperationException"          404 "not_found_error"       No                 Front   Recorded;
    "ModelTimeoutException"              408 "timeout_error"         Wait               Service Documented;
    "RequestEntityTooLargeException"     413 "request_too_large"     No                 Front   Documented;
    "ModelErrorException"                424 "api_error"             No                 Service Documented;
    "ModelStreamErrorException"          424 "api_error"             No                 Service Documented;
    "ThrottlingException"                429 "rate_limit_error"      Throttle           Service Documented;
    "ModelNotReadyException"             429 "overloaded_error"      Throttle           Service Documented;
    "InternalServerException"            500 "api_error"             Wait               Service Documented;
    "ServiceUnavailableException"        503 "overloaded_error"      Throttle           Service Documented;
}

/// Statuses without a code of their own that are worth another try, as the official SDKs have them.
const RETRIED_STATUSES: [u16; 2] = [408, 409];

/// The row of a code, in any spelling: `throttlingException` in streams is `ThrottlingException` in headers.
#[must_use]
pub fn row(code: &str) -> Option<&'static FaultRow> {
    FAULTS.iter().find(|row| row.code.eq_ignore_ascii_case(code))
}

impl Fault {
    /// A fault of a code of the table.
    pub fn new(code: &str, message: impl Into<String>, origin: Origin) -> Self {
        let status = row(code).map_or(500, |row| row.status);
        let code = row(code).map_or(code, |row| row.code).to_owned();
        Fault { code, status, message: message.into(), origin, original_status: None }
    }

    /// Reads a failed HTTP answer. `error_type` is the header `x-amzn-errortype`.
    ///
    /// The code is the header up to its first `:` and after any `#`; else the body's `code` or `__type`. The message is
    /// `message` or `Message`. Anthropic's envelope and bodies that are not JSON are read too.
    #[must_use]
    pub fn from_http(status: u16, error_type: Option<&str>, body: &[u8]) -> Self {
        let body: Body = serde_json::from_slice(body).unwrap_or_else(|_| Body::text(body));
        let envelope = body.error;
        let code = error_type.map(bare_code).filter(|code| !code.is_empty()).map(str::to_owned).or_else(|| {
            let given = body.code.as_ref().and_then(text_of).or_else(|| body.__type.as_ref().and_then(text_of))?;
            Some(bare_code(&given).to_owned())
        });
        let code = code.or_else(|| envelope.as_ref().map(|error| error.kind.clone()));
        let code = code.unwrap_or_else(|| {
            FAULTS.iter().find(|row| row.status == status).map_or_else(|| status.to_string(), |row| row.code.to_owned())
        });
        let message = body.message.as_ref().and_then(text_of).or_else(|| envelope.map(|error| error.message));
        Fault {
            code: row(&code).map_or(code.as_str(), |row| row.code).to_owned(),
            status,
            message: message.unwrap_or_default(),
            origin: Origin::Http,
            original_status: body.original_status_code,
        }
    }

    /// Reads the body of a 200 that is an error: `{"Output":{"__type":"...#UnknownOperationException"},...}`.
    #[must_use]
    pub fn from_body_of_200(body: &[u8]) -> Option<Self> {
        #[derive(Deserialize)]
        struct Whole {
            #[serde(rename = "Output")]
            output: Output,
        }
        #[derive(Deserialize)]
        struct Output {
            __type: String,
            #[serde(default, alias = "Message")]
            message: Option<String>,
        }
        // A reply of a model never begins so; it is not parsed twice.
        if !body.trim_ascii_start().starts_with(b"{\"Output\"") {
            return None;
        }
        let whole: Whole = serde_json::from_slice(body).ok()?;
        let code = bare_code(&whole.output.__type);
        let message = whole.output.message.unwrap_or_else(|| "AWS knows no operation at this path".to_owned());
        Some(Fault::new(code, message, Origin::BodyOf200))
    }

    /// Reads an exception frame: its `:exception-type` and payload.
    #[must_use]
    pub fn from_exception(exception_type: &str, payload: &[u8], origin: Origin) -> Self {
        let body: Body = serde_json::from_slice(payload).unwrap_or_else(|_| Body::text(payload));
        let message = body.message.as_ref().and_then(text_of).unwrap_or_default();
        let mut fault = Fault::new(exception_type, message, origin);
        fault.original_status = body.original_status_code;
        fault
    }

    /// Reads an error event of Anthropic's: `{"type":"overloaded_error","message":"..."}`.
    #[must_use]
    pub fn from_anthropic(error: &ApiError, origin: Origin) -> Self {
        let row = FAULTS.iter().find(|row| row.anthropic == error.kind);
        let status = match row {
            // Anthropic's own status for it, which AWS has no code for.
            Some(_) if error.kind == "overloaded_error" => 529,
            Some(row) => row.status,
            None => 500,
        };
        Fault { code: error.kind.clone(), status, message: error.message.clone(), origin, original_status: None }
    }

    /// Its row in the table; Anthropic's words find theirs too.
    #[must_use]
    pub fn row(&self) -> Option<&'static FaultRow> {
        row(&self.code).or_else(|| FAULTS.iter().find(|row| row.anthropic == self.code))
    }

    /// Whether the same request may succeed later.
    #[must_use]
    pub fn advice(&self) -> Advice {
        match self.row() {
            Some(row) if row.advice == Advice::MendClock && !self.is_about_time() => Advice::No,
            Some(row) => row.advice,
            None if self.status == 429 => Advice::Throttle,
            None if self.status >= 500 || RETRIED_STATUSES.contains(&self.status) => Advice::Wait,
            None => Advice::No,
        }
    }

    /// Whether a signature was refused for its time.
    #[must_use]
    pub fn is_about_time(&self) -> bool {
        self.message.starts_with("Signature expired") || self.message.starts_with("Signature not yet current")
    }

    /// Anthropic's word for it.
    #[must_use]
    pub fn anthropic_kind(&self) -> &str {
        self.row().map_or("api_error", |row| row.anthropic)
    }

    /// The value of `x-amzn-errortype`, with the suffix that recorded answers carry.
    #[must_use]
    pub fn error_type(&self) -> String {
        format!("{}{}", self.code, self.row().map_or(Speaker::Service, |row| row.speaker).suffix())
    }

    /// `:exception-type` of a frame: the code with a small first letter.
    #[must_use]
    pub fn exception_type(&self) -> String {
        let mut letters = self.code.chars();
        letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
    }

    /// The JSON body of an answer or an exception frame.
    #[must_use]
    pub fn body(&self) -> Vec<u8> {
        let mut body = br#"{"message":"#.to_vec();
        // A string always encodes.
        let _ = serde_json::to_writer(&mut body, &self.message);
        body.push(b'}');
        body
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

#[derive(Default, Deserialize)]
struct Body {
    #[serde(default, alias = "Message")]
    message: Option<Json>,
    #[serde(default)]
    code: Option<Json>,
    #[serde(default)]
    __type: Option<Json>,
    #[serde(default)]
    error: Option<ApiError>,
    #[serde(default, rename = "originalStatusCode")]
    original_status_code: Option<u16>,
}

impl Body {
    /// A body that is not JSON, as proxies and balancers send: its first line, cut short.
    fn text(body: &[u8]) -> Self {
        let text: String = String::from_utf8_lossy(body).lines().next().unwrap_or_default().chars().take(300).collect();
        Body { message: Json::of(text.trim()).ok(), ..Body::default() }
    }
}

fn text_of(json: &Json) -> Option<String> {
    json.parse().ok()
}

/// `aws.x#AccessDeniedException:http://x` -> `AccessDeniedException`.
fn bare_code(given: &str) -> &str {
    let code = given.split(':').next().unwrap_or_default();
    code.rsplit('#').next().unwrap_or_default().trim()
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
    fn an_unknown_operation_hides_in_a_200() {
        let body = br#"{"Output":{"__type":"com.amazon.coral.service#UnknownOperationException"},"Version":"1.0"}"#;
        assert_eq!(Fault::from_body_of_200(body).map(|fault| fault.code).as_deref(), Some("UnknownOperationException"));
        assert_eq!(Fault::from_body_of_200(br#"{"model":"x"}"#), None);
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
            let fault = Fault::new(row.code, "a \"quoted\" message", Origin::Http);
            assert_eq!(Fault::from_http(fault.status, Some(&fault.error_type()), &fault.body()), fault);
            let framed = Fault::from_exception(&fault.exception_type(), &fault.body(), Origin::Http);
            assert_eq!(framed, fault);
        }
    }
}
