//! A count of tokens, both halves: a request without what only an answer needs, and a number.
//!
//! Facts: captured (`AnthropicBedrockMantle` 2.12), recorded on Anthropic's own API, and the parameters of
//! `messages.count_tokens` in the official Python SDK 2.12.

use crate::edit::{Edit, splice};
use crate::json::{self, Json};
use crate::messages::TokenCount;

/// Members of a request that no count has: they say how to answer.
pub const NOT_COUNTED: [&str; 11] = [
    "container",
    "diagnostics",
    "inference_geo",
    "max_tokens",
    "metadata",
    "service_tier",
    "stop_sequences",
    "stream",
    "temperature",
    "top_k",
    "top_p",
];

/// The body that asks for the tokens of `body`, that of a request.
///
/// # Errors
/// When `body` is no object.
pub fn encode_count_request(body: &[u8]) -> Result<Vec<u8>, serde_json::Error> {
    splice(body, &NOT_COUNTED.map(Edit::drop))
}

/// The body whose tokens are asked for, as a request's: `max_tokens`, which every request has and no count, is 1.
///
/// # Errors
/// When it is no object.
pub fn decode_count_request(bytes: &[u8]) -> Result<Vec<u8>, serde_json::Error> {
    splice(bytes, &[Edit::set("max_tokens", Json::of(&1)?)])
}

/// The answer as bytes.
///
/// # Errors
/// When a value cannot be written as JSON.
pub fn encode_count_answer(count: &TokenCount) -> Result<Vec<u8>, serde_json::Error> {
    serde_json::to_vec(count)
}

/// The answer of bytes.
///
/// # Errors
/// When it is no such answer.
pub fn decode_count_answer(bytes: &[u8]) -> Result<TokenCount, serde_json::Error> {
    json::decode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        let body = br#"{"stream":true,"max_tokens":9,"model":"m","messages":[ {"role":"user","content":"hi"} ]}"#;
        let asked = encode_count_request(body).expect("an object");
        assert_eq!(String::from_utf8_lossy(&asked), r#"{"model":"m","messages":[ {"role":"user","content":"hi"} ]}"#);
        let counted = decode_count_request(&asked).expect("an object");
        assert!(crate::dialect::messages::decode_request(Default::default(), &counted).is_ok());
        assert!(decode_count_request(b"[]").is_err());
        let count = TokenCount { input_tokens: 8, ..TokenCount::default() };
        let answer = encode_count_answer(&count).expect("encodes");
        assert_eq!(answer, br#"{"input_tokens":8}"#);
        assert_eq!(decode_count_answer(&answer).expect("decodes"), count);
    }
}
