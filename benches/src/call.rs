//! The one call that every contender makes, and what it must have read at the end.

use std::error::Error;
use std::fmt;

/// Any error; only [`NotMeasuredYet`] is told apart from the others.
pub type Failure = Box<dyn Error>;

pub const REGION: &str = "us-east-1";
pub const ACCESS_KEY_ID: &str = "AKIDEXAMPLE";
pub const SECRET_ACCESS_KEY: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
pub const MODEL_ID: &str = "global.anthropic.claude-sonnet-4-5-20250929-v1:0";

/// The same id as one path segment of a request target.
pub const MODEL_ID_IN_PATH: &str = "global.anthropic.claude-sonnet-4-5-20250929-v1%3A0";

pub const MAX_TOKENS: u32 = 256;
pub const SYSTEM: &str = "You are a patient assistant. Answer in the language of the question, in at most three \
                          sentences, and say so when you do not know the answer.";
pub const USER: &str = "Hello";

/// The request body, as InvokeModel takes it. The peers send these bytes as they are; ours encodes a typed request
/// that means the same, in every call.
pub const REQUEST_BODY: &str = concat!(
    r#"{"anthropic_version":"bedrock-2023-05-31","max_tokens":256,"#,
    r#""system":"You are a patient assistant. Answer in the language of the question, in at most three "#,
    r#"sentences, and say so when you do not know the answer.","#,
    r#""messages":[{"role":"user","content":[{"type":"text","text":"Hello"}]}]}"#,
);

/// One way of making the call.
///
/// Each contender is opened and called inside a `current_thread` runtime of its own, which lives as long as it does, so
/// that its connection stays open from round to round.
#[allow(async_fn_in_trait, reason = "no caller needs the futures to be Send: every runtime has one thread")]
pub trait Contender {
    /// InvokeModel, read to the end and parsed.
    async fn unary(&self) -> Result<Answer, Failure>;

    /// InvokeModelWithResponseStream, every event parsed and its text appended.
    async fn stream(&self) -> Result<Answer, Failure>;
}

/// What a contender read. It is compared with what the upstream sent, after every call.
#[derive(Debug, PartialEq)]
pub struct Answer {
    pub text: String,
    pub output_tokens: u64,
}

/// The error of a contender that is not there yet: its figures stay empty and the run goes on.
#[derive(Debug)]
pub struct NotMeasuredYet;

impl fmt::Display for NotMeasuredYet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("not measured yet")
    }
}

impl Error for NotMeasuredYet {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn request_body_says_what_the_constants_say() {
        let body: serde_json::Value = serde_json::from_str(REQUEST_BODY).unwrap();
        assert_eq!(body["max_tokens"], MAX_TOKENS);
        assert_eq!(body["system"], SYSTEM);
        assert_eq!(body["messages"][0]["content"][0]["text"], USER);
    }
}
