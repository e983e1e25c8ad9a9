//! Events of Converse -> events of Messages: block starts are made up, and the end is held until the counts come.

use std::collections::VecDeque;

use crate::converse::{
    ContentBlockDelta, ContentBlockStart, ConverseAccumulator, ConverseEvent, ConverseOutput, MessageStopEvent,
    MetadataEvent, ReasoningDelta, ToolUseDelta,
};
use crate::convert::losses::FOREIGN_EVENT;
use crate::convert::message::{Ending, invocation_metrics};
use crate::convert::place::Place;
use crate::convert::{Identity, Loss, ToMessages, kept, stop_reason};
use crate::json::{Extra, Json};
use crate::messages::{
    Block, ContentBlockDelta as Growth, ContentBlockStart as Start, ContentBlockStop as Stop, Delta, Event, Message,
    MessageChange, MessageDelta, MessageStart, MessageStop, ServerToolUseBlock, ThinkingBlock, ToolUseBlock, Usage,
    UsageDelta,
};
use crate::record::Other;

/// Makes a stream of Messages of one of Converse: push each event, pull until `None`.
///
/// Text, thoughts and calls pass through piece by piece. What comes in pieces that Messages has no delta for, redacted
/// thoughts and results of the service's own tools say, is handed on whole at the end of its block.
#[derive(Debug, Default)]
pub struct StreamToMessages {
    conversion: ToMessages,
    identity: Identity,
    ready: VecDeque<Event>,
    /// In the order of their first sign.
    blocks: Vec<Growing>,
    /// Blocks that began for Messages: the index of the next.
    begun: u32,
    stop: Option<MessageStopEvent>,
    metadata: Option<MetadataEvent>,
}

/// A block that began.
#[derive(Debug)]
struct Growing {
    /// Its index in Converse.
    index: u32,
    /// Its index in Messages; of no meaning while it is gathered.
    at: u32,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Text,
    /// With its signature, which Messages has whole.
    Thinking(Option<String>),
    Call,
    /// Handed on whole.
    Gathered(Box<ConverseAccumulator>),
    Ended,
}

/// What a piece of text is a piece of.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Piece {
    /// Text.
    Text,
    /// The arguments of a call.
    Input,
    /// A thought.
    Thought,
}

impl Piece {
    /// The growth of Converse that it is.
    pub(crate) fn delta(self, text: String) -> ContentBlockDelta {
        match self {
            Piece::Text => ContentBlockDelta::Text(text),
            Piece::Input => ContentBlockDelta::ToolUse(ToolUseDelta { input: text, extra: Extra::new() }),
            Piece::Thought => ContentBlockDelta::ReasoningContent(ReasoningDelta::Text(text)),
        }
    }
}

impl StreamToMessages {
    /// A stream whose reply has this id and model.
    #[must_use]
    pub fn new(identity: Identity) -> Self {
        StreamToMessages { identity, ..StreamToMessages::default() }
    }

    /// Sets id and model; to be done before the first event.
    pub fn identify(&mut self, identity: Identity) {
        self.identity = identity;
    }

    /// Takes the next event.
    pub fn push(&mut self, event: ConverseEvent) {
        match event {
            ConverseEvent::ContentBlockDelta(event) => {
                let grown = self.grow(event.content_block_index, event.delta);
                self.ready.extend(grown);
            }
            ConverseEvent::ContentBlockStart(event) => self.begin(event.content_block_index, event.start),
            ConverseEvent::ContentBlockStop(event) => self.end(event.content_block_index),
            ConverseEvent::MessageStart(event) => {
                self.conversion.identity(&self.identity);
                let Identity { id, model } = std::mem::take(&mut self.identity);
                let message = Message { id, model, role: event.role, ..Message::default() };
                self.ready.push_back(Event::MessageStart(Box::new(MessageStart { message, extra: Extra::new() })));
            }
            ConverseEvent::MessageStop(event) => {
                self.stop = Some(*event);
                self.close();
            }
            ConverseEvent::Metadata(event) => {
                self.metadata = Some(*event);
                self.close();
            }
            ConverseEvent::Other(members) => {
                // One member: the event's name.
                for (name, payload) in members.iter() {
                    let members = payload.parse::<Extra>().unwrap_or_else(|_| members.clone());
                    self.ready.push_back(Event::Other(Other { kind: name.to_owned(), members }));
                }
            }
        }
    }

    /// Takes an event where none is ready, and gives the first that comes of it: nearly every event is one event.
    pub(crate) fn pass(&mut self, event: ConverseEvent) -> Option<Event> {
        match event {
            ConverseEvent::ContentBlockDelta(event) => match self.grow(event.content_block_index, event.delta) {
                Some(grown) if self.ready.is_empty() => return Some(grown),
                grown => self.ready.extend(grown),
            },
            event => self.push(event),
        }
        self.next_event()
    }

    /// The same for a piece of text.
    pub(crate) fn pass_text(&mut self, index: u32, piece: Piece, text: String) -> Option<Event> {
        let (at, delta) = match (piece, self.blocks.last()) {
            (Piece::Text, Some(Growing { index: held, at, kind: Kind::Text })) if *held == index => {
                (*at, Delta::text(text))
            }
            (Piece::Input, Some(Growing { index: held, at, kind: Kind::Call })) if *held == index => {
                (*at, Delta::input_json(text))
            }
            (Piece::Thought, Some(Growing { index: held, at, kind: Kind::Thinking(_) })) if *held == index => {
                (*at, Delta::thinking(text))
            }
            _ => return self.pass(ConverseEvent::delta(index, piece.delta(text))),
        };
        Some(Event::ContentBlockDelta(Growth { index: at, delta, extra: Extra::new() }))
    }

    /// The next event; `None` when another has to be pushed first.
    pub fn next_event(&mut self) -> Option<Event> {
        self.ready.pop_front()
    }

    /// What was lost so far.
    #[must_use]
    pub fn losses(&self) -> &[Loss] {
        &self.conversion.losses.0
    }

    fn begin(&mut self, index: u32, start: ContentBlockStart) {
        if self.blocks.iter().any(|block| block.index == index) {
            return self.misfit("contentBlockStart");
        }
        match start {
            ContentBlockStart::ToolUse(call) if matches!(call.kind.as_deref(), None | Some("tool_use")) => {
                self.conversion.losses.foreign(&call.extra, &Place::of("start"));
                let call = ToolUseBlock::new(call.tool_use_id, call.name, Json::empty_object());
                self.start(index, Kind::Call, Block::ToolUse(call));
            }
            ContentBlockStart::ToolUse(call) if call.kind.as_deref() == Some("server_tool_use") => {
                self.conversion.losses.foreign(&call.extra, &Place::of("start"));
                let call = ServerToolUseBlock {
                    id: call.tool_use_id,
                    name: call.name,
                    input: Json::empty_object(),
                    caller: None,
                    cache_control: None,
                    extra: Extra::new(),
                };
                self.start(index, Kind::Call, Block::ServerToolUse(call));
            }
            start => self.gather(index, ConverseEvent::start(index, start)),
        }
    }

    /// The growth as Messages has it; it comes after what is ready.
    fn grow(&mut self, index: u32, delta: ContentBlockDelta) -> Option<Event> {
        let Some(place) = self.blocks.iter().rposition(|block| block.index == index) else {
            return self.begin_with(index, delta);
        };
        let Growing { at, kind, .. } = &mut self.blocks[place];
        let delta = match (kind, delta) {
            (Kind::Text, ContentBlockDelta::Text(text)) => Delta::text(text),
            (Kind::Call, ContentBlockDelta::ToolUse(more)) => Delta::input_json(more.input),
            (Kind::Thinking(_), ContentBlockDelta::ReasoningContent(ReasoningDelta::Text(text))) => {
                Delta::thinking(text)
            }
            (Kind::Thinking(held), ContentBlockDelta::ReasoningContent(ReasoningDelta::Signature(more))) => {
                held.get_or_insert_default().push_str(&more);
                return None;
            }
            (Kind::Text, ContentBlockDelta::Citation(citation)) => {
                Delta::citation(self.conversion.citation(*citation, &Place::of("citation")))
            }
            (Kind::Gathered(gathered), delta) => {
                // It began, so it takes any delta.
                let _ = gathered.push(&ConverseEvent::delta(index, delta));
                return None;
            }
            _ => {
                self.misfit("contentBlockDelta");
                return None;
            }
        };
        Some(Event::ContentBlockDelta(Growth { index: *at, delta, extra: Extra::new() }))
    }

    /// A block whose first sign is a delta: Claude's text and thoughts.
    fn begin_with(&mut self, index: u32, delta: ContentBlockDelta) -> Option<Event> {
        match &delta {
            ContentBlockDelta::Text(_) | ContentBlockDelta::Citation(_) => {
                self.start(index, Kind::Text, Block::text(""));
            }
            ContentBlockDelta::ReasoningContent(ReasoningDelta::Text(_) | ReasoningDelta::Signature(_)) => {
                let block = ThinkingBlock { thinking: String::new(), signature: None, extra: Extra::new() };
                self.start(index, Kind::Thinking(None), Block::Thinking(block));
            }
            ContentBlockDelta::ReasoningContent(_) | ContentBlockDelta::Other(_) => {
                self.gather(index, ConverseEvent::delta(index, delta));
                return None;
            }
            ContentBlockDelta::ToolUse(_) | ContentBlockDelta::ToolResult(_) | ContentBlockDelta::Image(_) => {
                self.misfit("contentBlockDelta");
                return None;
            }
        }
        self.grow(index, delta)
    }

    fn start(&mut self, index: u32, kind: Kind, content_block: Block) {
        let at = self.begun;
        self.begun = self.begun.saturating_add(1);
        self.blocks.push(Growing { index, at, kind });
        let start = Start { index: at, content_block, extra: Extra::new() };
        self.ready.push_back(Event::ContentBlockStart(Box::new(start)));
    }

    fn gather(&mut self, index: u32, first: ConverseEvent) {
        let mut gathered = ConverseAccumulator::new();
        for event in [ConverseEvent::message_start(), first] {
            // In this order they fit.
            let _ = gathered.push(&event);
        }
        self.blocks.push(Growing { index, at: 0, kind: Kind::Gathered(Box::new(gathered)) });
    }

    fn end(&mut self, index: u32) {
        // A block that said nothing is none.
        if let Some(place) = self.blocks.iter().rposition(|block| block.index == index) {
            self.end_at(place);
        }
    }

    fn end_at(&mut self, place: usize) {
        let Growing { at, kind, .. } = &mut self.blocks[place];
        let mut at = *at;
        match std::mem::replace(kind, Kind::Ended) {
            Kind::Ended => return,
            Kind::Thinking(Some(signature)) => {
                let event = Growth { index: at, delta: Delta::signature(signature), extra: Extra::new() };
                self.ready.push_back(Event::ContentBlockDelta(event));
            }
            Kind::Gathered(gathered) => {
                let said = gathered.into_response().and_then(|response| match response.output {
                    ConverseOutput::Message(message) => message.content.into_iter().next(),
                    ConverseOutput::Other(_) => None,
                });
                let block = match said {
                    Some(block) => self.conversion.block(block, &Place::of("contentBlockStop")),
                    None => Block::Other(kept::keep(&Extra::new())),
                };
                at = self.begun;
                self.begun = self.begun.saturating_add(1);
                let start = Start { index: at, content_block: block, extra: Extra::new() };
                self.ready.push_back(Event::ContentBlockStart(Box::new(start)));
            }
            Kind::Text | Kind::Call | Kind::Thinking(None) => {}
        }
        self.ready.push_back(Event::ContentBlockStop(Stop { index: at, extra: Extra::new() }));
    }

    /// The end, once all of it is known.
    fn close(&mut self) {
        for place in 0..self.blocks.len() {
            self.end_at(place);
        }
        let (Some(_), Some(_)) = (&self.stop, &self.metadata) else { return };
        let (Some(stop), Some(metadata)) = (self.stop.take(), self.metadata.take()) else { return };
        let MessageStopEvent { additional_model_response_fields, stop_reason, extra } = stop;
        self.conversion.losses.foreign(&extra, &Place::of("messageStop"));
        let MetadataEvent { metrics, performance_config, service_tier, trace, usage, extra } = metadata;
        self.conversion.losses.foreign(&extra, &Place::of("metadata"));
        let Ending { stop_sequence, extra } =
            self.conversion.ending(additional_model_response_fields, trace, performance_config);
        let Usage {
            input_tokens,
            cache_creation_input_tokens,
            cache_read_input_tokens,
            cache_creation,
            output_tokens,
            ..
        } = self.conversion.usage(usage, &Place::of("usage"));
        let mut usage = UsageDelta {
            input_tokens: Some(input_tokens),
            cache_creation_input_tokens,
            cache_read_input_tokens,
            output_tokens: Some(output_tokens),
            service_tier: service_tier.map(|tier| tier.tier.as_str().to_owned()),
            ..UsageDelta::default()
        };
        if let Some(split) = cache_creation.and_then(|split| Json::of(&split).ok()) {
            usage.extra.set("cache_creation", split);
        }
        let delta = MessageChange {
            stop_reason: Some(stop_reason::to_messages(stop_reason)),
            stop_sequence,
            ..MessageChange::default()
        };
        let delta = MessageDelta { delta, usage: Some(usage), extra, ..MessageDelta::default() };
        self.ready.push_back(Event::MessageDelta(Box::new(delta)));
        let metrics = Some(invocation_metrics(&metrics));
        self.ready.push_back(Event::MessageStop(Box::new(MessageStop { metrics, extra: Extra::new() })));
    }

    fn misfit(&mut self, event: &str) {
        self.conversion.losses.add(&FOREIGN_EVENT, &Place::of(event));
    }
}
