//! Stream events, as they follow one another in a streamed reply.

use super::{
    AppliedContext, Block, Container, Delta, InputTransformation, Message, StopDetails, StopReason, UsageDelta,
};
use crate::json::{self, Extra};
use crate::record::{Other, record, union};

union! {
    /// One event of a streamed reply.
    pub enum Event {
        /// The reply begins: everything but its content.
        MessageStart(Box<MessageStart>) = "message_start",
        /// A block begins.
        ContentBlockStart(Box<ContentBlockStart>) = "content_block_start",
        /// A block grows.
        ContentBlockDelta(ContentBlockDelta) = "content_block_delta",
        /// A block is complete.
        ContentBlockStop(ContentBlockStop) = "content_block_stop",
        /// Stop reason and usage.
        MessageDelta(Box<MessageDelta>) = "message_delta",
        /// The reply is complete.
        MessageStop(Box<MessageStop>) = "message_stop",
        /// Nothing: keeps the connection alive.
        Ping(Ping) = "ping",
        /// The reply failed.
        Error(Box<ErrorEvent>) = "error",
    }
}

record! {
    /// The reply begins.
    pub struct MessageStart {
        /// Everything but content, stop reason and final usage.
        required message: Message,
    }
}

record! {
    /// A block begins.
    pub struct ContentBlockStart {
        /// Its place in the reply's content.
        required index: u32,
        /// The block, empty where deltas will fill it.
        required content_block: Block,
    }
}

record! {
    /// A block grows.
    pub struct ContentBlockDelta {
        /// Which block.
        required index: u32,
        /// By what.
        required delta: Delta,
    }
}

record! {
    /// A block is complete.
    pub struct ContentBlockStop {
        /// Which block.
        required index: u32,
    }
}

record! {
    /// Stop reason and usage.
    #[derive(Default)]
    pub struct MessageDelta {
        /// What changes in the message.
        required delta: MessageChange,
        /// Totals so far.
        optional usage: UsageDelta,
        /// What was taken out of the conversation before the model saw it.
        lenient context_management: AppliedContext,
        /// Blocks of the request that did not reach the model as they were.
        lenient input_transformations: Vec<InputTransformation>,
    }
}

record! {
    /// What changes in the message at its end.
    #[derive(Default)]
    pub struct MessageChange {
        /// Why it stopped.
        nullable stop_reason: StopReason,
        /// Which stop sequence was written.
        nullable stop_sequence: String,
        /// More about why it stopped.
        lenient stop_details: StopDetails,
        /// The container that code ran in.
        lenient container: Container,
    }
}

record! {
    /// The reply is complete.
    pub struct MessageStop {
        /// Bedrock's own counts. Some fronts send them in an event of their own without a `type` instead.
        optional metrics("amazon-bedrock-invocationMetrics"): InvocationMetrics,
    }
}

record! {
    /// Nothing.
    pub struct Ping {}
}

record! {
    /// The reply failed.
    pub struct ErrorEvent {
        /// How.
        required error: ApiError,
    }
}

record! {
    /// An error in Anthropic's envelope.
    pub struct ApiError {
        /// `overloaded_error`, ...
        required kind("type"): String,
        /// For a person.
        required message: String,
    }
}

record! {
    /// Bedrock's own counts at the end of a stream. They may differ from `usage`: six of 53 recorded streams do.
    pub struct InvocationMetrics {
        /// Input tokens.
        optional input_token_count("inputTokenCount"): u64,
        /// Output tokens.
        optional output_token_count("outputTokenCount"): u64,
        /// Milliseconds from request to end.
        optional invocation_latency("invocationLatency"): u64,
        /// Milliseconds from request to first byte.
        optional first_byte_latency("firstByteLatency"): u64,
        /// Tokens read from the cache; only where caching was used.
        optional cache_read_input_token_count("cacheReadInputTokenCount"): u64,
        /// Tokens written to the cache; only where caching was used.
        optional cache_write_input_token_count("cacheWriteInputTokenCount"): u64,
    }
}

impl Event {
    /// Bedrock's own counts, from either of the two places where they appear: the last event, or an event of their
    /// own that has no `type`.
    #[must_use]
    pub fn metrics(&self) -> Option<InvocationMetrics> {
        match self {
            Event::MessageStop(stop) => stop.metrics.clone(),
            Event::Other(other) => other.members.value("amazon-bedrock-invocationMetrics")?.parse().ok(),
            _ => None,
        }
    }

    /// Decodes an event. What does not fit is kept as `Other` at the innermost place there is, a block or a delta say,
    /// so that no stream is lost to one member.
    ///
    /// # Errors
    /// When the text is not a JSON object.
    pub fn decode(bytes: &[u8]) -> Result<Event, serde_json::Error> {
        if let Some(event) = growth(bytes) {
            return Ok(event);
        }
        json::decode(bytes).or_else(|_| json::decode(bytes).map(forgiving))
    }
}

/// The event as far as its members fit.
fn forgiving(whole: Other) -> Event {
    let index = whole.members.value("index").and_then(|index| index.parse().ok());
    let inner = |member: &str| -> Option<Other> { whole.members.value(member)?.parse().ok() };
    let but = |member: &str| -> Extra {
        let members = whole.members.iter().filter(|(name, _)| *name != member && *name != "index");
        members.map(|(name, value)| (name, value.clone())).collect()
    };
    let fitted = match whole.kind.as_str() {
        "message_start" => whole.members.value("message").and_then(|message| {
            let message = Message::decode(message.text().as_bytes()).ok()?;
            Some(Event::MessageStart(Box::new(MessageStart { message, extra: but("message") })))
        }),
        "content_block_start" => index.zip(inner("content_block")).map(|(index, block)| {
            let (content_block, extra) = (Block::Other(block), but("content_block"));
            Event::ContentBlockStart(Box::new(ContentBlockStart { index, content_block, extra }))
        }),
        "content_block_delta" => index.zip(inner("delta")).map(|(index, delta)| {
            Event::ContentBlockDelta(ContentBlockDelta { index, delta: Delta::Other(delta), extra: but("delta") })
        }),
        // Counts that do not fit stay where they are, unread: the end of the message counts for more.
        "message_delta" => whole
            .members
            .value("delta")
            .and_then(|delta| delta.parse().ok())
            .map(|delta| MessageDelta { delta, extra: but("delta"), ..MessageDelta::default() })
            .map(|delta| Event::MessageDelta(Box::new(delta))),
        "message_stop" => {
            Some(Event::MessageStop(Box::new(MessageStop { metrics: None, extra: whole.members.clone() })))
        }
        _ => None,
    };
    fitted.unwrap_or(Event::Other(whole))
}

/// How the bytes of nearly every event of a stream begin, to the letter, in all recorded traffic.
const GROWTH: &[u8] = br#"{"type":"content_block_delta","index":"#;

/// A kind of growth, to the letter up to its text.
type Growth = (&'static [u8], fn(String) -> Delta);

const GROWTHS: [Growth; 3] = [
    (br#","delta":{"type":"text_delta","text":"#, |text| Delta::text(text)),
    (br#","delta":{"type":"input_json_delta","partial_json":"#, |text| Delta::input_json(text)),
    (br#","delta":{"type":"thinking_delta","thinking":"#, |text| Delta::thinking(text)),
];

/// The short way for an event that adds text to a block and has the recorded form to the letter: one comparison for
/// what is always the same, and only the text is decoded. Anything else, a new member say, takes the long way.
fn growth(bytes: &[u8]) -> Option<Event> {
    let rest = bytes.strip_prefix(GROWTH)?;
    let digits = rest.iter().position(|byte| *byte == b',')?;
    let index = std::str::from_utf8(&rest[..digits]).ok()?.parse().ok()?;
    let (rest, make) = GROWTHS.iter().find_map(|(start, make)| Some((rest[digits..].strip_prefix(*start)?, make)))?;
    // One whole JSON string and nothing else, or it is another form after all.
    let text: String = json::decode(rest.strip_suffix(b"}}")?).ok()?;
    Some(Event::ContentBlockDelta(ContentBlockDelta { index, delta: make(text), extra: Default::default() }))
}
