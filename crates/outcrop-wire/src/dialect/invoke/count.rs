//! A count of tokens, both halves: a body in base64 inside a small JSON object, and a number.
//!
//! Facts: botocore service model bedrock-runtime 2023-09-30, `CountTokens`; recorded (pydantic-ai).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::converse::ConverseTokens;
use crate::json;
use crate::messages::TokenCount;
use crate::record::record;

record! {
    /// The request.
    pub struct CountRequest {
        /// What is counted.
        required input: CountInput,
    }
}

record! {
    /// What is counted: one of these.
    pub struct CountInput {
        /// A body of InvokeModel.
        optional invoke_model("invokeModel"): InvokeBody,
        /// A request of Converse.
        optional converse: ConverseTokens,
    }
}

record! {
    /// A body of InvokeModel.
    pub struct InvokeBody {
        /// In base64.
        required body: String,
    }
}

record! {
    /// The answer.
    pub struct CountAnswer {
        /// Tokens.
        required input_tokens("inputTokens"): u64,
    }
}

/// The body that asks for the tokens of `body`.
#[must_use]
pub fn encode_count_request(body: &[u8]) -> Vec<u8> {
    let mut out = br#"{"input":{"invokeModel":{"body":""#.to_vec();
    out.extend_from_slice(STANDARD.encode(body).as_bytes());
    out.extend_from_slice(br#""}}}"#);
    out
}

/// The body whose tokens are asked for; none where it is a Converse request.
///
/// # Errors
/// When it is no such request, or its body is not base64.
pub fn decode_count_request(bytes: &[u8]) -> Result<Option<Vec<u8>>, serde_json::Error> {
    let request: CountRequest = json::decode(bytes)?;
    let Some(invoke) = request.input.invoke_model else {
        return match request.input.converse {
            Some(_) => Ok(None),
            None => Err(serde::de::Error::custom("input: neither `invokeModel` nor `converse`")),
        };
    };
    let body = STANDARD.decode(invoke.body);
    body.map(Some).map_err(|_| serde::de::Error::custom("input.invokeModel.body: not base64"))
}

/// The answer as bytes.
#[must_use]
pub fn encode_count_answer(count: &TokenCount) -> Vec<u8> {
    format!(r#"{{"inputTokens":{}}}"#, count.input_tokens).into_bytes()
}

/// The answer of bytes.
///
/// # Errors
/// When it is no such answer.
pub fn decode_count_answer(bytes: &[u8]) -> Result<TokenCount, serde_json::Error> {
    let answer: CountAnswer = json::decode(bytes)?;
    Ok(TokenCount { input_tokens: answer.input_tokens, extra: answer.extra, ..TokenCount::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        let asked = encode_count_request(b"{\"max_tokens\":1}");
        assert_eq!(decode_count_request(&asked).expect("fits").as_deref(), Some(&b"{\"max_tokens\":1}"[..]));
        assert_eq!(decode_count_request(br#"{"input":{"converse":{"messages":[]}}}"#).expect("fits"), None);
        assert!(decode_count_request(br#"{"input":{}}"#).is_err());
        assert!(decode_count_request(br#"{"input":{"invokeModel":{"body":"!"}}}"#).is_err());
        let count = TokenCount { input_tokens: 18, ..TokenCount::default() };
        assert_eq!(decode_count_answer(&encode_count_answer(&count)).expect("fits"), count);
    }
}
