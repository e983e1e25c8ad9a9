//! The reply.

use super::{AppliedContext, Block, Citation, Container, Role, ToolUseBlock, Usage};
use crate::json;
use crate::record::{Other, open_enum, record};

open_enum! {
    /// Why the model stopped.
    pub enum StopReason {
        /// It was done.
        EndTurn = "end_turn",
        /// `max_tokens` was reached.
        MaxTokens = "max_tokens",
        /// A stop sequence was written.
        StopSequence = "stop_sequence",
        /// It calls tools.
        ToolUse = "tool_use",
        /// A long turn was paused; send it back to go on.
        PauseTurn = "pause_turn",
        /// It declined.
        Refusal = "refusal",
        /// The context window is full.
        ModelContextWindowExceeded = "model_context_window_exceeded",
        /// The conversation was made short, and nothing else was asked for.
        Compaction = "compaction",
    }
}

record! {
    /// A reply of the model. Member order as recent recorded answers have it.
    pub struct Message {
        /// The first-party name (`claude-sonnet-4-5-20250929`), not the Bedrock id.
        default model: String,
        /// `msg_bdrk_...` on Bedrock.
        default id: String,
        /// `message`.
        default kind("type"): String,
        /// `assistant`.
        required role: Role,
        /// What was said.
        default content: Vec<Block>,
        /// Why it stopped; none while it streams.
        nullable stop_reason: StopReason,
        /// Which stop sequence was written.
        nullable stop_sequence: String,
        /// More about why it stopped.
        lenient stop_details: StopDetails,
        /// The container that code ran in.
        lenient container: Container,
        /// What was taken out of the conversation before the model saw it.
        lenient context_management: AppliedContext,
        /// Why the cache was missed, where that was asked for.
        lenient diagnostics: Diagnostics,
        /// Blocks of the request that did not reach the model as they were.
        lenient input_transformations: Vec<InputTransformation>,
        /// Tokens.
        default usage: Usage,
    }
}

record! {
    /// More about why the model stopped; today only of refusals.
    pub struct StopDetails {
        /// `refusal`.
        default kind("type"): String,
        /// What it was about: `cyber`, `bio`, ...
        optional category: String,
        /// For a person.
        optional explanation: String,
        /// A model that may answer.
        optional recommended_model: String,
        /// To be sent with the next request.
        optional fallback_credit_token: String,
        /// Whether it covers a prefill.
        optional fallback_has_prefill_claim: bool,
    }
}

record! {
    /// What a request was compared with.
    #[derive(Default)]
    pub struct Diagnostics {
        /// Why the cache was missed.
        optional cache_miss_reason: CacheMiss,
    }
}

record! {
    /// Why the cache was missed.
    pub struct CacheMiss {
        /// `model_changed`, `system_changed`, `tools_changed`, `messages_changed`, `previous_message_not_found`,
        /// `unavailable`.
        required kind("type"): String,
        /// What that cost.
        optional cache_missed_input_tokens: u64,
    }
}

record! {
    /// A block of the request that did not reach the model as it was.
    pub struct InputTransformation {
        /// `thinking_dropped`, `thinking_mismatch_allowed`.
        required kind("type"): String,
        /// Which block.
        required path: String,
        /// Why.
        required reason: String,
    }
}

impl Default for Message {
    fn default() -> Self {
        Message {
            model: String::new(),
            id: String::new(),
            kind: "message".to_owned(),
            role: Role::Assistant,
            content: Vec::new(),
            stop_reason: None,
            stop_sequence: None,
            stop_details: None,
            container: None,
            context_management: None,
            diagnostics: None,
            input_transformations: None,
            usage: Usage::default(),
            extra: Default::default(),
        }
    }
}

impl Message {
    /// All text, blocks joined without separator (citations split one text over several blocks).
    #[must_use]
    pub fn text(&self) -> String {
        self.content.iter().filter_map(Block::as_text).collect()
    }

    /// The tool calls, in order.
    pub fn tool_uses(&self) -> impl Iterator<Item = &ToolUseBlock> {
        self.content.iter().filter_map(|block| match block {
            Block::ToolUse(call) => Some(call),
            _ => None,
        })
    }

    /// All thinking that is shown, joined.
    #[must_use]
    pub fn thinking(&self) -> String {
        self.content
            .iter()
            .filter_map(|block| match block {
                Block::Thinking(block) => Some(block.thinking.as_str()),
                _ => None,
            })
            .collect()
    }

    /// Every citation, in order.
    pub fn citations(&self) -> impl Iterator<Item = &Citation> {
        self.content
            .iter()
            .filter_map(|block| match block {
                Block::Text(block) => block.citations.as_deref(),
                _ => None,
            })
            .flatten()
    }

    /// Decodes a reply; a block whose members do not fit its type is kept as `Other` rather than losing the reply.
    ///
    /// # Errors
    /// When the text is not a JSON object, or a member other than `content` does not fit.
    pub fn decode(bytes: &[u8]) -> Result<Message, serde_json::Error> {
        json::decode(bytes).or_else(|error| Message::decode_forgiving(bytes).ok_or(error))
    }

    fn decode_forgiving(bytes: &[u8]) -> Option<Message> {
        let mut whole: Other = serde_json::from_slice(bytes).ok()?;
        let blocks: Vec<crate::json::Json> = whole.members.take("content")?.parse().ok()?;
        let mut content = Vec::with_capacity(blocks.len());
        for block in blocks {
            content.push(match block.parse::<Block>() {
                Ok(block) => block,
                Err(_) => Block::Other(block.parse().ok()?),
            });
        }
        let mut message: Message = serde_json::from_slice(&serde_json::to_vec(&whole).ok()?).ok()?;
        message.content = content;
        Some(message)
    }
}
