//! Events -> the message they add up to. Pure: feed it from anywhere.
//!
//! The rules are those of the official SDKs (Python `accumulate_event`), with their gaps closed: blocks are found by
//! index, unknown blocks and members are kept, and a stream that never began or never ended is told apart.

use std::fmt;

use crate::json::Json;
use crate::messages::{Block, Delta, Event, InvocationMetrics, Message, MessageDelta};

/// Adds events up.
#[derive(Clone, Debug, Default)]
pub struct Accumulator {
    message: Option<Message>,
    /// Text of tool arguments, by block, until they are whole; what never became JSON stays.
    inputs: Vec<(u32, String)>,
    metrics: Option<InvocationMetrics>,
    complete: bool,
}

/// Why an event cannot be added.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum AccumulateError {
    /// The reply has not begun.
    NotStarted(String),
    /// The reply began twice.
    StartedTwice,
    /// A block of that index was expected to begin or to be there.
    NoSuchBlock {
        /// The event's index.
        index: u32,
        /// Blocks so far.
        blocks: usize,
    },
}

impl fmt::Display for AccumulateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AccumulateError::NotStarted(event) => write!(f, "event `{event}` came before `message_start`"),
            AccumulateError::StartedTwice => f.write_str("a second `message_start` came"),
            AccumulateError::NoSuchBlock { index, blocks } => {
                write!(f, "event for block {index}, but the message has {blocks}")
            }
        }
    }
}

impl std::error::Error for AccumulateError {}

impl Accumulator {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Accumulator::default()
    }

    /// Adds an event. Pings, unknown events and unknown deltas change nothing.
    ///
    /// # Errors
    /// When the event does not fit what came before. The message so far stays as it was.
    pub fn push(&mut self, event: &Event) -> Result<(), AccumulateError> {
        match event {
            Event::MessageStart(start) if self.message.is_none() => {
                self.message = Some(start.message.clone());
                return Ok(());
            }
            Event::MessageStart(_) => return Err(AccumulateError::StartedTwice),
            Event::Ping(_) | Event::Error(_) => return Ok(()),
            Event::Other(_) => {
                self.metrics = event.metrics().or(self.metrics.take());
                return Ok(());
            }
            _ => {}
        }
        let Some(message) = &mut self.message else {
            return Err(AccumulateError::NotStarted(event.kind().to_owned()));
        };
        let blocks = message.content.len();
        match event {
            Event::ContentBlockStart(start) => {
                if start.index as usize != blocks {
                    return Err(AccumulateError::NoSuchBlock { index: start.index, blocks });
                }
                if let Block::Fallback(fallback) = &start.content_block {
                    message.model.clone_from(&fallback.to.model);
                }
                message.content.push(start.content_block.clone());
            }
            Event::ContentBlockDelta(delta) => {
                let index = delta.index;
                let Some(block) = message.content.get_mut(index as usize) else {
                    return Err(AccumulateError::NoSuchBlock { index, blocks });
                };
                match (&delta.delta, block) {
                    (Delta::Text(delta), Block::Text(block)) => block.text.push_str(&delta.text),
                    (Delta::Thinking(delta), Block::Thinking(block)) => block.thinking.push_str(&delta.thinking),
                    (Delta::Signature(delta), Block::Thinking(block)) => {
                        block.signature = Some(delta.signature.clone())
                    }
                    (Delta::Citations(delta), Block::Text(block)) => {
                        block.extra.take("citations");
                        block.citations.get_or_insert_default().push(delta.citation.clone());
                    }
                    // Blocks that are not known here may take arguments too.
                    (
                        Delta::InputJson(delta),
                        Block::ToolUse(_) | Block::ServerToolUse(_) | Block::McpToolUse(_) | Block::Other(_),
                    ) => match self.inputs.iter_mut().find(|(held, _)| *held == index) {
                        Some((_, text)) => text.push_str(&delta.partial_json),
                        None => self.inputs.push((index, delta.partial_json.clone())),
                    },
                    (Delta::Compaction(delta), Block::Compaction(block)) => {
                        // Whole, as the signature is: assigned, not appended.
                        if delta.content.is_some() {
                            block.content.clone_from(&delta.content);
                        }
                        if delta.encrypted_content.is_some() {
                            block.encrypted_content.clone_from(&delta.encrypted_content);
                        }
                        block.extra.update(delta.extra.iter());
                    }
                    // Its start did not fit, and is kept by members.
                    (Delta::Compaction(delta), Block::Other(block)) => {
                        for (name, text) in
                            [("content", &delta.content), ("encrypted_content", &delta.encrypted_content)]
                        {
                            if let Some(value) = text.as_ref().and_then(|text| Json::of(text).ok()) {
                                block.members.set(name, value);
                            }
                        }
                        block.members.update(delta.extra.iter());
                    }
                    (Delta::Signature(delta), Block::Compaction(block)) => {
                        block.signature = Some(delta.signature.clone());
                    }
                    // What may come for blocks not known here: its members are the block's.
                    (Delta::Other(delta), Block::Other(block)) => block.members.update(delta.members.iter()),
                    _ => {}
                }
            }
            Event::ContentBlockStop(stop) => {
                let index = stop.index;
                if index as usize >= blocks {
                    return Err(AccumulateError::NoSuchBlock { index, blocks });
                }
                settle(&mut message.content, &mut self.inputs, |held| held == index);
            }
            Event::MessageDelta(delta) => finish_message(message, delta),
            Event::MessageStop(_) => {
                self.complete = true;
                // A reply that ends inside its arguments may leave out the stop of the block.
                settle(&mut message.content, &mut self.inputs, |_| true);
                self.metrics = event.metrics().or(self.metrics.take());
            }
            _ => {}
        }
        Ok(())
    }

    /// The message so far.
    #[must_use]
    pub fn snapshot(&self) -> Option<&Message> {
        self.message.as_ref()
    }

    /// The text of the arguments of block `index` while they still grow, and of those that ended without being JSON:
    /// a reply that is cut at `max_tokens` may end inside its arguments, and the call's `input` then stays as it began.
    #[must_use]
    pub fn partial_input(&self, index: u32) -> Option<&str> {
        self.inputs.iter().find(|(held, _)| *held == index).map(|(_, text)| text.as_str())
    }

    /// Bedrock's own counts, once they came.
    #[must_use]
    pub fn metrics(&self) -> Option<&InvocationMetrics> {
        self.metrics.as_ref()
    }

    /// Whether `message_stop` came.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    /// The message, complete or not; none when it never began.
    #[must_use]
    pub fn into_message(self) -> Option<Message> {
        self.message
    }
}

fn finish_message(message: &mut Message, event: &MessageDelta) {
    let change = &event.delta;
    message.stop_reason.clone_from(&change.stop_reason);
    message.stop_sequence.clone_from(&change.stop_sequence);
    message.stop_details.clone_from(&change.stop_details);
    if change.container.is_some() {
        message.container.clone_from(&change.container);
    }
    if event.context_management.is_some() {
        message.context_management.clone_from(&event.context_management);
    }
    if event.input_transformations.is_some() {
        message.input_transformations.clone_from(&event.input_transformations);
    }
    if let Some(usage) = &event.usage {
        message.usage.update(usage);
    }
    // What else may come.
    message.extra.update(change.extra.iter().chain(event.extra.iter()).filter(|(_, value)| !value.is_null()));
}

/// Makes arguments that are whole the input of their calls.
fn settle(content: &mut [Block], inputs: &mut Vec<(u32, String)>, which: impl Fn(u32) -> bool) {
    inputs.retain(|(index, text)| {
        if !which(*index) {
            return true;
        }
        // A call without arguments sends one empty piece: the start's `{}` stands.
        if text.trim().is_empty() {
            return false;
        }
        let Ok(input) = Json::from_text(text.clone()) else { return true };
        match content.get_mut(*index as usize) {
            Some(Block::Other(other)) => other.members.set("input", input),
            Some(block) => {
                if let Some(held) = block.input_mut() {
                    *held = input;
                }
            }
            None => {}
        }
        false
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(text: &str) -> Event {
        serde_json::from_str(text).expect("an event")
    }

    #[test]
    fn events_out_of_order_are_refused_and_change_nothing() {
        let mut accumulator = Accumulator::new();
        let delta = event(r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"x"}}"#);
        assert_eq!(accumulator.push(&delta), Err(AccumulateError::NotStarted("content_block_delta".into())));
        let start = event(
            r#"{"type":"message_start","message":{"id":"m","type":"message","role":"assistant","model":"c","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":1}}}"#,
        );
        accumulator.push(&start).expect("the first");
        assert_eq!(accumulator.push(&start), Err(AccumulateError::StartedTwice));
        assert_eq!(accumulator.push(&delta), Err(AccumulateError::NoSuchBlock { index: 0, blocks: 0 }));
        assert!(!accumulator.is_complete());
    }

    #[test]
    fn arguments_may_interleave_and_end_early() {
        let mut accumulator = Accumulator::new();
        let mut push = |text: &str| accumulator.push(&event(text)).expect("in order");
        push(
            r#"{"type":"message_start","message":{"id":"m","type":"message","role":"assistant","model":"c","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":1}}}"#,
        );
        for index in 0..3 {
            push(&format!(
                r#"{{"type":"content_block_start","index":{index},"content_block":{{"type":"tool_use","id":"t{index}","name":"n","input":{{}}}}}}"#
            ));
            push(&format!(
                r#"{{"type":"content_block_delta","index":{index},"delta":{{"type":"input_json_delta","partial_json":""}}}}"#
            ));
        }
        for (index, piece) in [(0, r#"{\"a\":"#), (1, r#"{\"b\":"#), (0, "1}"), (1, "2}"), (2, r#"{\"cut"#)] {
            push(&format!(
                r#"{{"type":"content_block_delta","index":{index},"delta":{{"type":"input_json_delta","partial_json":"{piece}"}}}}"#
            ));
        }
        push(r#"{"type":"content_block_stop","index":0}"#);
        push(
            r#"{"type":"message_delta","delta":{"stop_reason":"max_tokens","stop_sequence":null},"usage":{"output_tokens":5}}"#,
        );
        push(r#"{"type":"message_stop"}"#);
        assert_eq!(accumulator.partial_input(2), Some(r#"{"cut"#));
        let message = accumulator.into_message().expect("begun");
        let inputs: Vec<&str> = message.tool_uses().map(|call| call.input.text()).collect();
        assert_eq!(inputs, [r#"{"a":1}"#, r#"{"b":2}"#, "{}"]);
    }

    #[test]
    fn usage_is_replaced_never_added() {
        let mut accumulator = Accumulator::new();
        for text in [
            r#"{"type":"message_start","message":{"id":"m","type":"message","role":"assistant","model":"c","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":7,"output_tokens":3}}}"#,
            r#"{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null,"container":{"id":"c"}},"usage":{"output_tokens":5,"input_tokens":null}}"#,
            r#"{"type":"message_stop"}"#,
            r#"{"amazon-bedrock-invocationMetrics":{"inputTokenCount":7}}"#,
        ] {
            accumulator.push(&event(text)).expect("in order");
        }
        assert_eq!(accumulator.metrics().and_then(|metrics| metrics.input_token_count), Some(7));
        let message = accumulator.into_message().expect("begun");
        assert_eq!((message.usage.input_tokens, message.usage.output_tokens), (7, 5));
        assert_eq!(message.container.map(|container| container.id).as_deref(), Some("c"));
    }
}
