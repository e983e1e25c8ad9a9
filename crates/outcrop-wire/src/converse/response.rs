//! The answer.

use super::{ContentBlock, Message, PerformanceConfig, Role, ServiceTier, TokenUsage, ToolUseBlock};
use crate::json::{self, Extra, Json};
use crate::keyed::keyed;
use crate::record::{open_enum, record};

record! {
    /// An answer of `Converse`.
    sorted pub struct ConverseResponse {
        /// What `additionalModelResponseFieldPaths` asked for.
        optional additional_model_response_fields("additionalModelResponseFields"): Json,
        /// How long it took.
        default metrics: Metrics,
        /// What was said.
        required output: ConverseOutput,
        /// The speed it was served with.
        lenient performance_config("performanceConfig"): PerformanceConfig,
        /// The capacity that served it.
        lenient service_tier("serviceTier"): ServiceTier,
        /// Why the model stopped.
        required stop_reason("stopReason"): StopReason,
        /// What a guardrail found, and which model a router took.
        optional trace: Json,
        /// Tokens.
        default usage: TokenUsage,
    }
}

keyed! {
    /// What was said.
    pub enum ConverseOutput {
        /// A message.
        Message(Message) = "message",
    }
}

open_enum! {
    /// Why the model stopped.
    pub enum StopReason {
        /// It was done.
        EndTurn = "end_turn",
        /// It calls tools.
        ToolUse = "tool_use",
        /// `maxTokens` was reached.
        MaxTokens = "max_tokens",
        /// A stop sequence was written.
        StopSequence = "stop_sequence",
        /// A guardrail stepped in.
        GuardrailIntervened = "guardrail_intervened",
        /// It declined, or was made to.
        ContentFiltered = "content_filtered",
        /// What it wrote could not be read.
        MalformedModelOutput = "malformed_model_output",
        /// The call it wrote could not be read.
        MalformedToolUse = "malformed_tool_use",
        /// The context window is full.
        ModelContextWindowExceeded = "model_context_window_exceeded",
    }
}

record! {
    /// How long a call took.
    #[derive(Default)]
    sorted pub struct Metrics {
        /// Milliseconds.
        default latency_ms("latencyMs"): u64,
    }
}

impl ConverseResponse {
    /// An answer.
    #[must_use]
    pub fn new(message: Message, stop_reason: StopReason, usage: TokenUsage, latency_ms: u64) -> Self {
        ConverseResponse {
            additional_model_response_fields: None,
            metrics: Metrics { latency_ms, extra: Extra::new() },
            output: ConverseOutput::Message(message),
            performance_config: None,
            service_tier: None,
            stop_reason,
            trace: None,
            usage,
            extra: Extra::new(),
        }
    }

    /// The message, which may go back as it is; none where AWS sends something else one day.
    #[must_use]
    pub fn message(&self) -> Option<&Message> {
        match &self.output {
            ConverseOutput::Message(message) => Some(message),
            ConverseOutput::Other(_) => None,
        }
    }

    /// The blocks of the message.
    #[must_use]
    pub fn content(&self) -> &[ContentBlock] {
        self.message().map_or(&[], |message| &message.content)
    }

    /// All text, blocks joined without separator (citations split one text over several blocks).
    #[must_use]
    pub fn text(&self) -> String {
        self.message().map(Message::text).unwrap_or_default()
    }

    /// The tool calls, in order.
    pub fn tool_uses(&self) -> impl Iterator<Item = &ToolUseBlock> {
        self.content().iter().filter_map(|block| match block {
            ContentBlock::ToolUse(call) => Some(call),
            _ => None,
        })
    }

    /// Decodes an answer; a block whose members do not fit is kept as `Other` rather than losing the answer.
    ///
    /// # Errors
    /// When the text is not a JSON object, or a member other than the message's content does not fit.
    pub fn decode(bytes: &[u8]) -> Result<ConverseResponse, serde_json::Error> {
        json::decode(bytes).or_else(|error| ConverseResponse::decode_forgiving(bytes).ok_or(error))
    }

    fn decode_forgiving(bytes: &[u8]) -> Option<ConverseResponse> {
        let mut whole: Extra = json::decode(bytes).ok()?;
        let mut output: Extra = whole.take("output")?.parse().ok()?;
        let mut message: Extra = output.take("message")?.parse().ok()?;
        let blocks: Vec<Json> = message.take("content")?.parse().ok()?;
        let mut content = Vec::with_capacity(blocks.len());
        for block in blocks {
            content.push(match block.parse::<ContentBlock>() {
                Ok(block) => block,
                Err(_) => ContentBlock::Other(block.parse().ok()?),
            });
        }
        let role: Role = message.take("role")?.parse().ok()?;
        whole.set("output", Json::of(&Extra::new()).ok()?);
        let mut response: ConverseResponse = Json::of(&whole).ok()?.parse().ok()?;
        response.output = ConverseOutput::Message(Message { content, role, extra: message });
        // What stood beside the message makes the output one that is not known here.
        output.is_empty().then_some(response)
    }
}
