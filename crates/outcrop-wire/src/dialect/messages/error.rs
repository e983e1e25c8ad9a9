//! A failed answer in Anthropic's envelope: `{"type":"error","error":{"type":"...","message":"..."},"request_id":"..."}`.
//! (The other half is `Fault::from_http`.)
//!
//! Recorded on Anthropic's own API. That the runtime host and Mantle answer in the same form is documented, their exact
//! bodies and statuses are not confirmed.

use crate::dialect::FaultAnswer;
use crate::fault::{Fault, REQUEST_ID};
use crate::json::{Extra, Json};
use crate::record::Other;

/// The answer with this fault. Where it names no request of its own, `request_id` is the one it names.
#[must_use]
pub fn encode_fault(fault: &Fault, request_id: &str) -> FaultAnswer {
    let mut error = Extra::new();
    error.set("message", Json::of(&fault.message).unwrap_or_else(|_| Json::null()));
    error.update(fault.details.iter().filter(|(name, _)| *name != REQUEST_ID));
    let error = Other { kind: word(fault).to_owned(), members: error };
    let own = fault.details.value(REQUEST_ID).cloned();
    let mut members = Extra::new();
    members.set("error", Json::of(&error).unwrap_or_else(|_| Json::null()));
    members.set(REQUEST_ID, own.or_else(|| Json::of(&request_id).ok()).unwrap_or_else(Json::null));
    let whole = Other { kind: "error".to_owned(), members };
    FaultAnswer {
        status: fault.anthropic_status(),
        headers: Vec::new(),
        // JSON members always encode.
        body: serde_json::to_vec(&whole).unwrap_or_default(),
    }
}

/// Anthropic's word for a fault; one that is newer than the table stays as it is.
pub(super) fn word(fault: &Fault) -> &str {
    let is_word = |letter: u8| letter.is_ascii_lowercase() || letter == b'_';
    match fault.code.contains('_') && fault.code.bytes().all(is_word) {
        true => &fault.code,
        false => fault.anthropic_kind(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::{FAULTS, Origin};

    #[test]
    fn what_is_recorded_comes_back() {
        let body = r#"{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"},"request_id":"req_1"}"#;
        let fault = Fault::from_http(401, None, body.as_bytes());
        assert_eq!((fault.code.as_str(), fault.message.as_str()), ("authentication_error", "invalid x-api-key"));
        let answer = encode_fault(&fault, "another");
        assert_eq!((answer.status, String::from_utf8_lossy(&answer.body).as_ref()), (401, body));
        let odd = r#"{"type":"error","error":{"type":"brand_new_error","message":"m","details":{"n":1.50}},"request_id":"r"}"#;
        assert_eq!(
            encode_fault(&Fault::from_http(418, None, odd.as_bytes()), ""),
            FaultAnswer { status: 418, headers: Vec::new(), body: odd.into() }
        );
    }

    #[test]
    fn what_helps_is_still_known() {
        use crate::fault::Advice;
        for (code, message) in [
            ("ExpiredTokenException", "The security token included in the request is expired"),
            ("InvalidSignatureException", "Signature expired: 20250130T203827Z is now earlier than 20250130T204131Z"),
            ("InvalidSignatureException", "The request signature we calculated does not match"),
            ("ThrottlingException", "Too many requests"),
            ("ServiceUnavailableException", "gone"),
        ] {
            let fault = Fault::new(code, message, Origin::Http);
            let answer = encode_fault(&fault, "r");
            let again = Fault::from_http(answer.status, None, &answer.body);
            assert_eq!(again.advice(), fault.advice(), "{code}: {message}");
        }
        assert_eq!(
            Fault::from_http(
                401,
                None,
                br#"{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}}"#
            )
            .advice(),
            Advice::No
        );
    }

    #[test]
    fn faults_of_aws_are_said_in_anthropics_words() {
        let status = |code: &str| encode_fault(&Fault::new(code, "m", Origin::Http), "r").status;
        assert_eq!(status("ValidationException"), 400);
        assert_eq!(status("UnrecognizedClientException"), 401);
        assert_eq!(status("ServiceQuotaExceededException"), 429);
        assert_eq!(status("ServiceUnavailableException"), 529);
        for row in FAULTS {
            let answer = encode_fault(&Fault::new(row.code, "m", Origin::Http), "r");
            let again = Fault::from_http(answer.status, None, &answer.body);
            assert_eq!((again.code.as_str(), again.status), (row.anthropic, answer.status));
            assert_eq!(encode_fault(&again, "r"), answer);
        }
    }
}
