//! Spans of calls, as OpenTelemetry's conventions for generative AI name them (feature `opentelemetry`).
//!
//! Every call of the Messages API that is sent is one span of kind client, `chat <model>` or `count_tokens <model>`, from
//! its first try until its answer, whole or streamed, has ended, failed or been dropped; what goes through
//! [`Client::raw`](crate::Client::raw) is the caller's own to tell. Attributes are those of the conventions of `gen_ai`
//! (1.42 and the repository they moved to since): what was asked (`gen_ai.request.*`), who answered (`gen_ai.response.*`), tokens with
//! those of the cache (`gen_ai.usage.*`; `input_tokens` counts all of them), `aws.request_id`, `server.address`,
//! `server.port`, and `error.type`: AWS's code (`ThrottlingException`) or one of `config`, `credentials`, `invalid`,
//! `connect`, `timeout`, `interrupted`, `service`, `decode`, `stopped`. `outcrop.attempts` counts tries.
//!
//! What is said, by either side, is left out unless it is asked for: [`Telemetry::with_content`], or
//! `OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT` = `true`, `SPAN_ONLY` or `SPAN_AND_EVENT`. Images and documents
//! are left out even then; their places are kept.
//!
//! Spans go to the global tracer provider, or to one that the client is given. The API crate `opentelemetry` is used
//! rather than `tracing`: lists (`gen_ai.response.finish_reasons`), the kind of a span and its status have no form of
//! their own there. Spans of `tracing-opentelemetry` are parents of these, and these are parents of whatever middleware
//! begins.

#[cfg(feature = "opentelemetry")]
mod content;
#[cfg(feature = "opentelemetry")]
mod span;

#[cfg(feature = "opentelemetry")]
pub use span::Telemetry;
#[cfg(feature = "opentelemetry")]
pub(crate) use span::{Asked, Span};

#[cfg(not(feature = "opentelemetry"))]
pub(crate) use off::{Asked, Span};

/// Without the feature: the same names, and nothing behind them.
#[cfg(not(feature = "opentelemetry"))]
mod off {
    use outcrop_wire::converse::{ConverseRequest, ConverseResponse};
    use outcrop_wire::messages::{Message, MessageRequest};

    use crate::call::Prepared;
    use crate::client::Inner;
    use crate::error::Error;
    use crate::response::Meta;

    #[derive(Clone, Debug)]
    pub(crate) struct Asked;

    impl Asked {
        pub(crate) fn of(_: &Inner, _: &MessageRequest) -> Self {
            Asked
        }

        pub(crate) fn of_converse(_: &Inner, _: &ConverseRequest) -> Self {
            Asked
        }
    }

    pub(crate) struct Span;

    impl Span {
        pub(crate) fn none() -> Self {
            Span
        }

        pub(crate) fn begin(_: &Inner, _: &Prepared) -> Self {
            Span
        }

        pub(crate) fn within<F: Future>(&self, future: F) -> F {
            future
        }

        pub(crate) fn answered(&mut self, _: &Meta) {}

        pub(crate) fn replied(&mut self, _: &Message) {}

        pub(crate) fn conversed(&mut self, _: &ConverseResponse) {}

        pub(crate) fn counted(&mut self, _: u64) {}

        pub(crate) fn failed(&mut self, _: &Error) {}

        pub(crate) fn end(&mut self) {}
    }
}
