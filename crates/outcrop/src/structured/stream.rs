//! A value while it is written: the events of its reply, the value so far, and the whole at the end.

use std::fmt;
use std::marker::PhantomData;

use outcrop_wire::messages::{Block, Event};
use outcrop_wire::partial::PartialJson;
use outcrop_wire::{Extra, Json};
use serde::de::DeserializeOwned;

use super::ask::Asked;
use super::{Mode, Parsed, root};
use crate::error::Result;
use crate::stream::MessageStream;

/// A reply that holds a value, event by event.
pub struct ParsedStream<T> {
    stream: MessageStream,
    asked: Asked,
    value: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned> ParsedStream<T> {
    pub(super) fn new(stream: MessageStream, asked: Asked) -> Self {
        ParsedStream { stream, asked, value: PhantomData }
    }

    /// The next event; `None` at the end. Events may be left to [`ParsedStream::finish`].
    pub async fn next(&mut self) -> Option<Result<Event>> {
        self.stream.next().await
    }

    /// How the value is asked for.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.asked.mode
    }

    /// The value as far as it is written, made whole: what is unfinished is left out. It need not fit the type yet, so
    /// it is JSON. Reads from its beginning each time.
    #[must_use]
    pub fn so_far(&self) -> Option<Json> {
        let message = self.stream.snapshot()?;
        if self.asked.mode == Mode::Native {
            return PartialJson::of(&message.text()).so_far();
        }
        let input = self.growing().and_then(|text| PartialJson::of(text).so_far());
        let input = input
            .or_else(|| message.tool_uses().find(|call| call.name == self.asked.tool).map(|call| call.input.clone()));
        match self.asked.wrapped {
            true => input?.parse::<Extra>().ok()?.take(root::MEMBER),
            false => input,
        }
    }

    /// The arguments of the tool as far as they are text.
    fn growing(&self) -> Option<&str> {
        let blocks = &self.stream.snapshot()?.content;
        let at =
            blocks.iter().position(|block| matches!(block, Block::ToolUse(call) if call.name == self.asked.tool))?;
        self.stream.partial_input(u32::try_from(at).ok()?)
    }

    /// Reads to the end and gives the value, or why there is none.
    ///
    /// # Errors
    /// The first error of the stream, with the message as far as it came.
    pub async fn finish(mut self) -> Result<Parsed<T>> {
        while let Some(event) = self.next().await {
            event?;
        }
        // Arguments that were cut are not in the message.
        let cut = self.growing().map(str::to_owned);
        let reply = self.stream.finish().await?;
        Ok(self.asked.parsed(reply, cut.as_deref()))
    }
}

impl<T> fmt::Debug for ParsedStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ParsedStream").field("mode", &self.asked.mode).finish_non_exhaustive()
    }
}
