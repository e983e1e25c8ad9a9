//! What a run tells while it goes on.

use std::time::Duration;

use outcrop_wire::messages::{Event, Message, ToolResultBlock, ToolUseBlock};

use crate::response::Response;

/// Something that happened in a run.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum RunEvent {
    /// An event of a streamed reply.
    Event(Event),
    /// A reply is complete. It is followed by its calls, if it makes any.
    Reply(Box<Response<Message>>),
    /// A tool begins.
    ToolStarted(ToolUseBlock),
    /// A call is answered, whether or not its tool ever began. Each call is, in the order they end.
    ToolFinished(Box<ToolFinished>),
}

/// A call that is answered.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ToolFinished {
    /// The call, as the model made it.
    pub call: ToolUseBlock,
    /// What the model gets.
    pub result: ToolResultBlock,
    /// How it went.
    pub outcome: Outcome,
    /// Whether the result was longer than the limit, and cut.
    pub cut: bool,
    /// How long the tool took.
    pub duration: Duration,
}

/// How a call went. Everything but `Done` is an `is_error` result for the model.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Outcome {
    /// The tool gave a result.
    Done,
    /// The tool gave an error.
    Failed,
    /// The program did not allow the call.
    Denied,
    /// There is no tool of that name.
    Unknown,
    /// The arguments do not fit the tool: where and why.
    BadArguments(String),
    /// The tool took longer than it may.
    TimedOut,
    /// The tool panicked, with this message. The model is not told the message.
    Panicked(String),
}
