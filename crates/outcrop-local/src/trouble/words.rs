//! The words of faults: what AWS usually says with a code, short names for what happens most, and where a code stands.

use outcrop_wire::fault::{Fault, Origin, row};
use outcrop_wire::surface::Dialect;

/// What AWS says. Where that comes from stands beside it in the table.
struct Said {
    /// A short name, or the code itself.
    name: &'static str,
    code: &'static str,
    message: &'static str,
    /// The model of the service knows it as an exception in streams (botocore, bedrock-runtime 2023-09-30,
    /// `ResponseStream`).
    in_streams: bool,
}

macro_rules! said {
    ($($name:literal $code:ident $place:ident $message:literal $source:literal;)*) => {
        const SAID: &[Said] = &[$(Said {
            name: $name, code: stringify!($code), message: $message, in_streams: said!(@ $place),
        },)*];
    };
    (@ streams) => { true };
    (@ http) => { false };
}

const BUSY: &str = "ThrottlingException";

#[rustfmt::skip]
said! {
    "throttle" ThrottlingException streams "Too many requests, please wait before trying again." "quoted from AWS (lobehub issue 3994)";
    "tokens" ThrottlingException streams "Too many tokens, please wait before trying again." "quoted from AWS (claude-code issue 1466)";
    "tokens-a-day" ThrottlingException streams "Too many tokens per day, please wait before trying again." "quoted from AWS in public logs (Sonnet 4.5 and 4.6, August 2026)";
    "overload" ServiceUnavailableException streams "Bedrock is unable to process your request." "quoted from AWS (foundation-model-benchmarking-tool issue 247)";
    "timeout" ModelTimeoutException streams "The request took too long to process. Processing time exceeded the model timeout length." "botocore service model";
    "error" InternalServerException streams "The system encountered an unexpected error during processing. Try your request again." "remembered";
    "ModelStreamErrorException" ModelStreamErrorException streams "The system encountered an unexpected error during processing. Try your request again." "remembered";
    "ModelErrorException" ModelErrorException http "The request failed due to an error while processing the model." "botocore service model";
    "ModelNotReadyException" ModelNotReadyException http "The model specified in the request is not ready to serve inference requests. The AWS SDK will automatically retry the operation up to 5 times." "botocore service model";
    "ValidationException" ValidationException streams "The input fails to satisfy the constraints specified by Amazon Bedrock." "botocore service model";
    "ServiceQuotaExceededException" ServiceQuotaExceededException http "Your request exceeds the service quota for your account." "botocore service model";
    "ConflictException" ConflictException http "Error occurred because of a conflict while performing an operation." "botocore service model";
    "AccessDeniedException" AccessDeniedException http "You don't have access to the model with the specified model ID." "quoted from AWS (strands-agents issue 38)";
    "ResourceNotFoundException" ResourceNotFoundException http "The specified resource ARN was not found." "botocore service model";
    "UnrecognizedClientException" UnrecognizedClientException http "The security token included in the request is invalid." "recorded";
    "ExpiredTokenException" ExpiredTokenException http "The security token included in the request is expired" "recorded";
    "MissingAuthenticationTokenException" MissingAuthenticationTokenException http "Missing Authentication Token" "remembered";
    "RequestEntityTooLargeException" RequestEntityTooLargeException http "Problems with the request at the HTTP level. The request entity is too large." "remembered";
}

/// The fault of a short name or a code, with AWS's usual message; `None` where it is neither.
pub(super) fn fault(name: &str, origin: Origin) -> Option<Fault> {
    // In the middle of a stream AWS has an exception of its own for what nobody expected.
    let name = if name == "error" && origin == Origin::MidStream { "ModelStreamErrorException" } else { name };
    let said = SAID.iter().find(|said| said.name == name || said.code.eq_ignore_ascii_case(name));
    match (said, row(name)) {
        (Some(said), _) => Some(Fault::new(said.code, said.message, origin)),
        (None, Some(row)) => Some(Fault::new(row.code, "outcrop local: as asked", origin)),
        (None, None) => None,
    }
}

/// Of what too much was asked.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Much {
    Requests,
    Tokens,
    TokensADay,
}

/// What a server says that is asked too often, and too much.
pub(crate) fn too_many(much: Much) -> Fault {
    let name = match much {
        Much::Requests => "throttle",
        Much::Tokens => "tokens",
        Much::TokensADay => "tokens-a-day",
    };
    fault(name, Origin::Http).unwrap_or_else(|| Fault::new(BUSY, "", Origin::Http))
}

/// Whether streams of a dialect have it as an exception. Those of Converse lack one (botocore, `ConverseStreamOutput`);
/// server-sent events have an event for every fault.
pub(super) fn in_streams(fault: &Fault, dialect: Dialect) -> bool {
    match dialect {
        Dialect::Messages => true,
        Dialect::Converse if fault.code == "ModelTimeoutException" => false,
        Dialect::Converse | Dialect::Invoke => SAID.iter().any(|said| said.code == fault.code && said.in_streams),
    }
}

/// Whether it stands nowhere else (botocore: an operation's errors name it for streams alone).
pub(super) fn only_in_streams(fault: &Fault) -> bool {
    fault.code == "ModelStreamErrorException"
}

/// The short names.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    SAID.iter().map(|said| said.name).filter(|name| name.starts_with(char::is_lowercase))
}

#[cfg(test)]
mod tests {
    use super::*;
    use outcrop_wire::fault::FAULTS;

    #[test]
    fn every_code_of_the_table_can_be_said() {
        for known in FAULTS {
            let fault = fault(known.code, Origin::Http).expect(known.code);
            assert_eq!((fault.code.as_str(), fault.status), (known.code, known.status));
            assert!(!fault.message.is_empty());
        }
        assert!(SAID.iter().all(|said| row(said.code).is_some()));
        assert_eq!(fault("nonsense", Origin::Http), None);
        assert_eq!(too_many(Much::Tokens).message, "Too many tokens, please wait before trying again.");
    }
}
