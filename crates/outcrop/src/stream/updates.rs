//! A streamed reply as it grows: each event with what it adds up to so far.

use outcrop_wire::messages::{Block, Citation, ContentBlockDelta, Delta, Event, Message};
use outcrop_wire::partial::PartialJson;

use super::MessageStream;
use crate::error::Result;
use crate::response::Meta;

/// The events of a streamed reply, each with what it adds up to so far.
///
/// Nothing is copied for it: what is so far is borrowed until the next update is asked for.
///
/// ```no_run
/// use outcrop::Update;
///
/// # async fn run(client: outcrop::Client) -> outcrop::Result<()> {
/// let mut updates = client.message("opus").user("Book a flight").stream().await?.with_snapshots();
/// while let Some(update) = updates.next().await {
///     match update? {
///         Update::Text { snapshot, .. } => println!("{snapshot}"),
///         Update::Input { snapshot, .. } => println!("{:?}", snapshot.so_far()),
///         Update::BlockStop { block, .. } => println!("{block:?}"),
///         _ => {}
///     }
/// }
/// let message = updates.into_inner().finish().await?;
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct Updates {
    stream: MessageStream,
    /// The arguments of calls, by block.
    inputs: Vec<(u32, PartialJson)>,
}

/// One event, and what it adds up to. An event that has a form of its own here does not come as [`Update::Event`], too.
#[derive(Debug)]
#[non_exhaustive]
pub enum Update<'a> {
    /// Text grew.
    Text {
        /// Which block.
        index: u32,
        /// By what.
        delta: String,
        /// The text of the block so far.
        snapshot: &'a str,
    },
    /// Thinking grew.
    Thinking {
        /// Which block.
        index: u32,
        /// By what.
        delta: String,
        /// The thinking of the block so far.
        snapshot: &'a str,
    },
    /// Thinking was signed.
    Signature {
        /// Which block.
        index: u32,
        /// The whole signature.
        signature: String,
    },
    /// A citation was added.
    Citation {
        /// Which block.
        index: u32,
        /// The citation.
        citation: Box<Citation>,
        /// The citations of the block so far, this one last.
        snapshot: &'a [Citation],
    },
    /// The arguments of a call grew.
    Input {
        /// Which block.
        index: u32,
        /// By what text; the first piece is often empty.
        delta: String,
        /// The arguments so far; `snapshot.so_far()` is a whole JSON value at any moment.
        snapshot: &'a PartialJson,
    },
    /// A block is whole.
    BlockStop {
        /// Which block.
        index: u32,
        /// All of it.
        block: &'a Block,
    },
    /// The reply is whole.
    MessageStop {
        /// All of it.
        message: &'a Message,
    },
    /// Any other event, as it came.
    Event(Event),
}

impl Updates {
    pub(super) fn new(stream: MessageStream) -> Self {
        Updates { stream, inputs: Vec::new() }
    }

    /// The next update; `None` at the end.
    ///
    /// # Errors
    /// As the stream: one error, which holds the message as far as it came, then nothing.
    pub async fn next(&mut self) -> Option<Result<Update<'_>>> {
        match self.stream.next().await? {
            Ok(event) => Some(Ok(self.update(event))),
            Err(error) => Some(Err(error)),
        }
    }

    /// The message so far.
    #[must_use]
    pub fn snapshot(&self) -> Option<&Message> {
        self.stream.snapshot()
    }

    /// What is known about the call so far.
    #[must_use]
    pub fn meta(&self) -> &Meta {
        self.stream.meta()
    }

    /// Back to the stream, to read the rest or the whole message.
    #[must_use]
    pub fn into_inner(self) -> MessageStream {
        self.stream
    }

    fn update(&mut self, event: Event) -> Update<'_> {
        let Some(message) = self.stream.snapshot() else { return Update::Event(event) };
        let block = |index: u32| message.content.get(index as usize);
        match event {
            Event::ContentBlockDelta(event) => {
                let index = event.index;
                match (event.delta, block(index)) {
                    (Delta::Text(delta), Some(Block::Text(block))) => {
                        Update::Text { index, delta: delta.text, snapshot: &block.text }
                    }
                    (Delta::Thinking(delta), Some(Block::Thinking(block))) => {
                        Update::Thinking { index, delta: delta.thinking, snapshot: &block.thinking }
                    }
                    (Delta::Signature(delta), Some(Block::Thinking(_))) => {
                        Update::Signature { index, signature: delta.signature }
                    }
                    (Delta::Citations(delta), Some(Block::Text(block))) => Update::Citation {
                        index,
                        citation: Box::new(delta.citation),
                        snapshot: block.citations.as_deref().unwrap_or_default(),
                    },
                    (Delta::InputJson(delta), _) => {
                        let at = self.inputs.iter().position(|(known, _)| *known == index);
                        let at = at.unwrap_or_else(|| {
                            self.inputs.push((index, PartialJson::new()));
                            self.inputs.len() - 1
                        });
                        let snapshot = &mut self.inputs[at].1;
                        snapshot.push(&delta.partial_json);
                        Update::Input { index, delta: delta.partial_json, snapshot }
                    }
                    (delta, _) => {
                        Update::Event(Event::ContentBlockDelta(ContentBlockDelta { index, delta, extra: event.extra }))
                    }
                }
            }
            Event::ContentBlockStop(stop) => match block(stop.index) {
                Some(block) => Update::BlockStop { index: stop.index, block },
                None => Update::Event(Event::ContentBlockStop(stop)),
            },
            Event::MessageStop(_) => Update::MessageStop { message },
            event => Update::Event(event),
        }
    }
}
