//! What is answered, and how that goes over the wire: whole, slowly, broken off, or as a fault.

use std::time::Duration;

use outcrop_wire::Json;
use outcrop_wire::fault::{Fault, Origin};
use outcrop_wire::messages::{Block, Message, StopReason, ThinkingBlock, TokenCount, ToolUseBlock, Usage};
use outcrop_wire::surface::Delivery;

use crate::cache::Input;
use crate::engine::fill;
use crate::recorded::Recorded;

/// An answer, and how it goes over the wire.
///
/// ```
/// use std::time::Duration;
/// use outcrop_local::{Break, Reply};
///
/// let slow = Reply::text("It rains.").pace(Duration::from_millis(20));
/// let broken = Reply::text("It rains.").breaks(Break::cut(3));
/// let refused = Reply::error("ThrottlingException", "Too many requests, please wait before trying again.");
/// # let _ = (slow, broken, refused);
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Reply {
    pub(crate) what: What,
    pub(crate) delay: Duration,
    pub(crate) pace: Option<Duration>,
    pub(crate) breach: Option<Break>,
}

#[derive(Clone, Debug)]
pub(crate) enum What {
    /// Streamed or whole, as was asked.
    Message(Box<Message>),
    /// A count of tokens.
    Counted(TokenCount),
    /// An HTTP answer that is no success.
    Fault(Fault),
    /// As it was recorded, to the byte.
    Recorded(Box<Recorded>),
}

/// Where a stream goes wrong, and how: after so many events, and at the latest at its end.
///
/// A whole answer has no events. There a cut comes in the middle of the body, a fault is an HTTP answer, and a bad
/// checksum does nothing; nor does it in a stream of server-sent events, which have none.
#[derive(Clone, Debug, PartialEq)]
pub struct Break {
    pub(crate) after: usize,
    pub(crate) how: How,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum How {
    Cut,
    CutInside,
    BadCrc,
    /// Says so in a frame, and ends.
    Fault(Fault, Framed),
}

/// How a fault is said inside a stream.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Framed {
    /// A frame with `:exception-type`, as AWS sends its modelled exceptions.
    #[default]
    Exception,
    /// A frame with `:error-code` and `:error-message`, as AWS sends what is not modelled.
    Error,
    /// A chunk that holds Anthropic's `error` event, as some inference profiles send it. A stream of server-sent events
    /// has this form alone, whichever is asked for.
    Event,
}

impl Break {
    /// The connection closes between two events.
    #[must_use]
    pub fn cut(after: usize) -> Self {
        Break { after, how: How::Cut }
    }

    /// The connection closes in the middle of the frame of the next event.
    #[must_use]
    pub fn cut_inside(after: usize) -> Self {
        Break { after, how: How::CutInside }
    }

    /// The frame of the next event has a checksum that does not fit.
    #[must_use]
    pub fn bad_crc(after: usize) -> Self {
        Break { after, how: How::BadCrc }
    }

    /// The same, framed as `of` makes of how it is framed.
    pub(crate) fn framed(self, of: impl FnOnce(Framed) -> Framed) -> Self {
        match self.how {
            How::Fault(fault, framed) => Break { how: How::Fault(fault, of(framed)), ..self },
            how => Break { how, ..self },
        }
    }

    /// A fault, framed as `framed` says; nothing follows it.
    #[must_use]
    pub fn fault(after: usize, fault: Fault, framed: Framed) -> Self {
        Break { after, how: How::Fault(fault, framed) }
    }
}

impl Reply {
    fn new(what: What) -> Self {
        Reply { what, delay: Duration::ZERO, pace: None, breach: None }
    }

    fn of(blocks: Vec<Block>) -> Self {
        Reply::message(Message { content: blocks, ..Message::default() })
    }

    /// A message. What is empty in it is filled in: model, id, stop reason, the ids of tool calls, the signatures of
    /// thinking, and usage, which is estimated.
    pub fn message(message: Message) -> Self {
        Reply::new(What::Message(Box::new(message)))
    }

    /// Text.
    pub fn text(text: impl Into<String>) -> Self {
        Reply::of(vec![Block::text(text)])
    }

    /// A call of a tool.
    pub fn tool_use(name: impl Into<String>, input: impl Into<Json>) -> Self {
        Reply::of(vec![Block::ToolUse(ToolUseBlock::new("", name, input.into()))])
    }

    /// An HTTP answer with an error of AWS's. The status is the one that `outcrop_wire::fault` has for the code.
    pub fn error(code: &str, message: impl Into<String>) -> Self {
        Reply::fault(Fault::new(code, message, Origin::Http))
    }

    /// An HTTP answer with this fault.
    pub fn fault(fault: Fault) -> Self {
        Reply::new(What::Fault(fault))
    }

    pub(crate) fn counted(count: TokenCount) -> Self {
        Reply::new(What::Counted(count))
    }

    pub(crate) fn recorded(recorded: Recorded) -> Self {
        Reply::new(What::Recorded(Box::new(recorded)))
    }

    /// Thinks first.
    pub fn thinking(self, thinking: impl Into<String>) -> Self {
        let block = ThinkingBlock { thinking: thinking.into(), signature: None, extra: Default::default() };
        self.with(|message| message.content.insert(0, Block::Thinking(block)))
    }

    /// Calls a tool too.
    pub fn and_tool_use(self, name: impl Into<String>, input: impl Into<Json>) -> Self {
        self.with(|message| message.content.push(Block::ToolUse(ToolUseBlock::new("", name, input.into()))))
    }

    /// Why it stopped. Until it is said: `tool_use` where a tool is called, else `end_turn`.
    pub fn stop_reason(self, reason: StopReason) -> Self {
        self.with(|message| message.stop_reason = Some(reason))
    }

    /// What it cost. Estimated until it is said.
    pub fn usage(self, usage: Usage) -> Self {
        self.with(|message| message.usage = usage)
    }

    /// Waits before the first byte.
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// The pause before each event of a stream, in place of the server's.
    pub fn pace(mut self, pace: Duration) -> Self {
        self.pace = Some(pace);
        self
    }

    /// Waits longer than it would.
    pub(crate) fn waits(mut self, delay: Duration, pace: Option<Duration>) -> Self {
        self.delay = self.delay.saturating_add(delay);
        self.pace = pace.or(self.pace);
        self
    }

    /// Goes wrong on its way.
    pub fn breaks(mut self, breach: Break) -> Self {
        self.breach = Some(breach);
        self
    }

    /// Changes the message; a fault has none.
    pub(crate) fn with(mut self, change: impl FnOnce(&mut Message)) -> Self {
        if let What::Message(message) = &mut self.what {
            change(message);
        }
        self
    }

    /// The fault that is the whole answer, as an HTTP error.
    pub(crate) fn refusal(&self, delivery: Delivery) -> Option<&Fault> {
        match (&self.what, &self.breach) {
            (What::Fault(fault), _) => Some(fault),
            (_, Some(Break { how: How::Fault(fault, _), .. })) if delivery != Delivery::Stream => Some(fault),
            _ => None,
        }
    }

    /// Whether it fails before anything is said.
    pub(crate) fn fails_at_once(&self, delivery: Delivery) -> bool {
        let first_frame = matches!(self.breach, Some(Break { after: 0, how: How::Fault(..) }));
        first_frame || self.refusal(delivery).is_some()
    }

    /// Fills in what is empty in its message. `model` is the name that replies carry; `ids` makes ids with the given
    /// prefix.
    pub(crate) fn filled(self, model: &str, input: Option<Input>, ids: &mut dyn FnMut(&str) -> String) -> Self {
        self.with(|message| fill(message, model, input, ids))
    }
}
