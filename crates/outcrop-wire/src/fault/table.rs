//! What each code means: one row each, and Anthropic's words beside them.

use super::Advice;

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
    pub(super) fn suffix(self) -> &'static str {
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
    "TooManyTagsException"               400 "invalid_request_error" No                 Service Documented;
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

/// Anthropic's words for errors, with their status and the code AWS has for them (platform.claude.com, errors).
#[rustfmt::skip]
pub(super) const ANTHROPIC: [(&str, u16, &str); 11] = [
    ("invalid_request_error", 400, "ValidationException"),
    ("authentication_error",  401, "UnrecognizedClientException"),
    ("billing_error",         402, "AccessDeniedException"),
    ("permission_error",      403, "AccessDeniedException"),
    ("not_found_error",       404, "ResourceNotFoundException"),
    ("conflict_error",        409, "ConflictException"),
    ("request_too_large",     413, "RequestEntityTooLargeException"),
    ("rate_limit_error",      429, "ThrottlingException"),
    ("api_error",             500, "InternalServerException"),
    ("timeout_error",         504, "ModelTimeoutException"),
    ("overloaded_error",      529, "ServiceUnavailableException"),
];

/// What services of the query protocol, such as STS, call codes of the table (AWS STS API reference, common errors).
#[rustfmt::skip]
pub const QUERY_CODES: &[(&str, &str)] = &[
    ("ValidationError",           "ValidationException"),
    ("IncompleteSignature",       "IncompleteSignatureException"),
    ("AccessDenied",              "AccessDeniedException"),
    ("InvalidClientTokenId",      "UnrecognizedClientException"),
    ("SignatureDoesNotMatch",     "InvalidSignatureException"),
    ("ExpiredToken",              "ExpiredTokenException"),
    ("MissingAuthenticationToken", "MissingAuthenticationTokenException"),
    ("Throttling",                "ThrottlingException"),
    ("InternalFailure",           "InternalServerException"),
    ("ServiceUnavailable",        "ServiceUnavailableException"),
];

/// What S3 calls codes of the table, besides those (Amazon S3 API reference, error responses).
#[rustfmt::skip]
const S3_CODES: &[(&str, &str)] = &[
    ("InvalidAccessKeyId",   "UnrecognizedClientException"),
    ("RequestTimeTooSkewed", "InvalidSignatureException"),
    ("SlowDown",             "ThrottlingException"),
    ("InternalError",        "InternalServerException"),
];

/// The row of a code, in any spelling: `throttlingException` in streams is `ThrottlingException` in headers, STS says
/// `Throttling`, and S3 `SlowDown`.
#[must_use]
pub fn row(code: &str) -> Option<&'static FaultRow> {
    let query = QUERY_CODES.iter().chain(S3_CODES).find(|(query, _)| query.eq_ignore_ascii_case(code));
    let code = query.map_or(code, |(_, code)| code);
    FAULTS.iter().find(|row| row.code.eq_ignore_ascii_case(code))
}
