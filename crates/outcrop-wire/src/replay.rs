//! A message -> the events that add up to it: the inverse of `accumulate`.

use crate::json::Json;
use crate::messages::{
    Block, ContentBlockDelta, ContentBlockStart, ContentBlockStop, Delta, Event, InvocationMetrics, Message,
    MessageChange, MessageDelta, MessageStart, MessageStop, UsageDelta,
};

/// How a message is cut into events.
#[derive(Clone, Debug, Default)]
pub struct Replay {
    /// Bedrock's own counts, for the last event.
    pub metrics: Option<InvocationMetrics>,
    /// Characters a delta; a word at a time when `None`.
    pub piece: Option<usize>,
}

/// The events of a message, as Bedrock streams it: no pings, output tokens of the start at most 1.
#[must_use]
pub fn replay(message: &Message, how: &Replay) -> Vec<Event> {
    let mut start = message.clone();
    let content = std::mem::take(&mut start.content);
    start.stop_reason = None;
    start.stop_sequence = None;
    start.stop_details = None;
    let (context_management, input_transformations) =
        (start.context_management.take(), start.input_transformations.take());
    start.usage.output_tokens = message.usage.output_tokens.min(1);
    let mut events = vec![Event::MessageStart(Box::new(MessageStart { message: start, extra: Default::default() }))];
    for (index, block) in (0u32..).zip(content) {
        let (content_block, deltas) = unfold(block, how);
        let start = ContentBlockStart { index, content_block, extra: Default::default() };
        events.push(Event::ContentBlockStart(Box::new(start)));
        events.extend(
            deltas
                .into_iter()
                .map(|delta| Event::ContentBlockDelta(ContentBlockDelta { index, delta, extra: Default::default() })),
        );
        events.push(Event::ContentBlockStop(ContentBlockStop { index, extra: Default::default() }));
    }
    events.push(Event::MessageDelta(Box::new(MessageDelta {
        delta: MessageChange {
            stop_reason: message.stop_reason.clone(),
            stop_sequence: message.stop_sequence.clone(),
            stop_details: message.stop_details.clone(),
            ..MessageChange::default()
        },
        usage: Some(UsageDelta { output_tokens: Some(message.usage.output_tokens), ..UsageDelta::default() }),
        context_management,
        input_transformations,
        extra: Default::default(),
    })));
    events.push(Event::MessageStop(Box::new(MessageStop { metrics: how.metrics.clone(), extra: Default::default() })));
    events
}

/// The block as it begins, and what it grows by.
fn unfold(block: Block, how: &Replay) -> (Block, Vec<Delta>) {
    match block {
        Block::Text(mut block) => {
            let text = std::mem::take(&mut block.text);
            // The list begins empty with the block and fills before the text does, as recorded.
            let citations = block.citations.as_mut().map(std::mem::take).unwrap_or_default();
            let deltas =
                citations.into_iter().map(Delta::citation).chain(pieces(&text, how).map(Delta::text)).collect();
            (Block::Text(block), deltas)
        }
        Block::Thinking(mut block) => {
            let thinking = std::mem::take(&mut block.thinking);
            let signature = block.signature.as_mut().map(std::mem::take);
            let deltas = pieces(&thinking, how).map(Delta::thinking).chain(signature.map(Delta::signature)).collect();
            (Block::Thinking(block), deltas)
        }
        mut block => {
            let deltas = block.input_mut().map(|input| unfold_input(input, how)).unwrap_or_default();
            (block, deltas)
        }
    }
}

/// The pieces of a call's arguments; `{}` stays. The first piece is empty in every recorded stream.
fn unfold_input(input: &mut Json, how: &Replay) -> Vec<Delta> {
    let whole = std::mem::take(input);
    std::iter::once("").chain(pieces(whole.text(), how)).map(Delta::input_json).collect()
}

/// Cuts `text` into pieces; every cut is between characters.
fn pieces<'a>(text: &'a str, how: &Replay) -> impl Iterator<Item = &'a str> {
    let size = how.piece;
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = match size {
            Some(size) => rest.char_indices().nth(size.max(1)).map(|(at, _)| at),
            // Up to where the next word's blank begins.
            None => rest.char_indices().skip(1).find(|(_, letter)| letter.is_whitespace()).map(|(at, _)| at),
        };
        let (piece, after) = rest.split_at(end.unwrap_or(rest.len()));
        rest = after;
        Some(piece)
    })
}
