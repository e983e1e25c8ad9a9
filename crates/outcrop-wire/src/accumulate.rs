//! Events -> the message they add up to. Pure: feed it from anywhere.
//!
//! The rules are those of the official SDKs (Python `accumulate_event`), with their gaps closed: blocks are found by
//! index, unknown blocks and members are kept, and a stream that never began or never ended is told apart.

use crate::json::Json;
use crate::messages::{Block, Delta, Event, InvocationMetrics, Message, MessageDelta};

/// Adds events up.
#[derive(Clone, Debug, Default)]
pub struct Accumulator {
    message: Option<Message>,
    /// Text of tool arguments, by block; parsed when the block stops.
    inputs: Vec<(u32, String)>,
    metrics: Option<InvocationMetrics>,
    complete: bool,
}

/// Why an event cannot be added.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum AccumulateError {
    /// The reply has not begun.
    #[error("event `{0}` came before `message_start`")]
    NotStarted(String),
    /// The reply began twice.
    #[error("a second `message_start` came")]
    StartedTwice,
    /// A block of that index was expected to begin or to be there.
    #[error("event for block {index}, but the message has {blocks}")]
    NoSuchBlock {
        /// The event's index.
        index: u32,
        /// Blocks so far.
        blocks: usize,
    },
    /// Tool arguments are not JSON as a whole.
    #[error("the arguments of the tool call in block {index} are not JSON: {problem}")]
    Input {
        /// The block.
        index: u32,
        /// What is wrong.
        problem: String,
    },
}

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
                    // `server_tool_use` and its kin are `Other` blocks that take arguments too.
                    (Delta::InputJson(delta), Block::ToolUse(_) | Block::Other(_)) => {
                        match self.inputs.last_mut().filter(|(last, _)| *last == index) {
                            Some((_, text)) => text.push_str(&delta.partial_json),
                            None => self.inputs.push((index, delta.partial_json.clone())),
                        }
                    }
                    _ => {}
                }
            }
            Event::ContentBlockStop(stop) => {
                let index = stop.index;
                let Some(block) = message.content.get_mut(index as usize) else {
                    return Err(AccumulateError::NoSuchBlock { index, blocks });
                };
                if let Some(at) = self.inputs.iter().position(|(held, _)| *held == index) {
                    let (_, text) = self.inputs.remove(at);
                    // A call without arguments sends one empty piece: the start's `{}` stands.
                    if !text.trim().is_empty() {
                        let input = Json::from_text(text)
                            .map_err(|error| AccumulateError::Input { index, problem: error.to_string() })?;
                        match block {
                            Block::ToolUse(call) => call.input = input,
                            Block::Other(other) => other.members.set("input", input),
                            _ => {}
                        }
                    }
                }
            }
            Event::MessageDelta(delta) => finish_message(message, delta),
            Event::MessageStop(stop) => {
                self.complete = true;
                self.metrics = stop.metrics.clone().or(self.metrics.take());
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

    /// The text of the arguments of block `index` so far, while they still grow.
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
    if let Some(usage) = &event.usage {
        message.usage.update(usage);
    }
    // `container`, `stop_details`, `context_management` and what else may come.
    for (name, value) in change.extra.iter().chain(event.extra.iter()).filter(|(_, value)| !value.is_null()) {
        message.extra.set(name, value.clone());
    }
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
        assert_eq!(message.extra.value("container").map(Json::text), Some(r#"{"id":"c"}"#));
    }
}
