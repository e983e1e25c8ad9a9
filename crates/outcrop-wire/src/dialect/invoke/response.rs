//! A whole answer: bytes -> message, and message -> bytes.

use crate::messages::{InvocationMetrics, Message, Usage};

/// Decodes the body of a whole answer.
///
/// # Errors
/// When it is no message.
pub fn decode_response(body: &[u8]) -> Result<Message, serde_json::Error> {
    Message::decode(body)
}

/// The body of a whole answer.
///
/// # Errors
/// When a value cannot be written as JSON.
pub fn encode_response(message: &Message) -> Result<Vec<u8>, serde_json::Error> {
    serde_json::to_vec(message)
}

/// What the headers of a whole answer repeat.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct TokenCounts {
    /// `x-amzn-bedrock-input-token-count`
    pub input: Option<u64>,
    /// `x-amzn-bedrock-output-token-count`
    pub output: Option<u64>,
    /// `x-amzn-bedrock-cache-read-input-token-count`; only where caching was used.
    pub cache_read: Option<u64>,
    /// `x-amzn-bedrock-cache-write-input-token-count`; only where caching was used.
    pub cache_write: Option<u64>,
    /// `x-amzn-bedrock-invocation-latency`, milliseconds.
    pub invocation_latency: Option<u64>,
}

/// Header name and the field it fills.
type Column = (&'static str, fn(&mut TokenCounts) -> &mut Option<u64>);

/// In the order of recorded answers.
const COLUMNS: [Column; 5] = [
    ("x-amzn-bedrock-invocation-latency", |counts| &mut counts.invocation_latency),
    ("x-amzn-bedrock-output-token-count", |counts| &mut counts.output),
    ("x-amzn-bedrock-input-token-count", |counts| &mut counts.input),
    ("x-amzn-bedrock-cache-read-input-token-count", |counts| &mut counts.cache_read),
    ("x-amzn-bedrock-cache-write-input-token-count", |counts| &mut counts.cache_write),
];

impl TokenCounts {
    /// What the headers of an answer with this usage say.
    #[must_use]
    pub fn new(usage: &Usage, invocation_latency: u64) -> Self {
        let cached = [usage.cache_creation_input_tokens, usage.cache_read_input_tokens]
            .iter()
            .any(|tokens| tokens.is_some_and(|tokens| tokens > 0));
        TokenCounts {
            input: Some(usage.input_tokens),
            output: Some(usage.output_tokens),
            cache_read: usage.cache_read_input_tokens.filter(|_| cached),
            cache_write: usage.cache_creation_input_tokens.filter(|_| cached),
            invocation_latency: Some(invocation_latency),
        }
    }

    /// What a stream says at its end.
    #[must_use]
    pub fn of(metrics: &InvocationMetrics) -> Self {
        TokenCounts {
            input: metrics.input_token_count,
            output: metrics.output_token_count,
            cache_read: metrics.cache_read_input_token_count,
            cache_write: metrics.cache_write_input_token_count,
            invocation_latency: metrics.invocation_latency,
        }
    }

    /// Reads them from headers.
    #[must_use]
    pub fn read<'a>(header: impl Fn(&str) -> Option<&'a str>) -> Self {
        let mut counts = TokenCounts::default();
        for (name, field) in COLUMNS {
            *field(&mut counts) = header(name).and_then(|value| value.parse().ok());
        }
        counts
    }

    /// Each header there is, name and value.
    pub fn headers(mut self) -> impl Iterator<Item = (&'static str, u64)> {
        COLUMNS.into_iter().filter_map(move |(name, field)| field(&mut self).map(|value| (name, value)))
    }
}
