//! Events of Messages -> events of Converse: starts that say nothing are left out, and the counts come last.

use std::collections::VecDeque;

use crate::converse::{
    ContentBlock, ContentBlockDelta, ContentBlockStart, ConverseEvent, MessageStartEvent, MessageStopEvent,
    MetadataEvent, ReasoningContentBlock, ReasoningDelta, ToolUseBlock, ToolUseDelta, ToolUseStart,
};
use crate::convert::losses::{EVENT, REPLY_MEMBER, STOP_REASON};
use crate::convert::message::{Answered, tier};
use crate::convert::place::Place;
use crate::convert::{Loss, ToConverse, stop_reason};
use crate::json::{Extra, Json};
use crate::messages::{Block, Delta, Event, InvocationMetrics, Message, MessageDelta, Usage};

/// Makes a stream of Converse of one of Messages: push each event, pull until `None`.
///
/// An `error` event is none of a stream of Converse: it travels as an exception, which the dialect writes.
#[derive(Debug, Default)]
pub struct StreamToConverse {
    conversion: ToConverse,
    ready: VecDeque<ConverseEvent>,
    /// Index in Messages -> index in Converse; none for a block that is left out.
    blocks: Vec<(u32, Option<u32>)>,
    /// Blocks that began for Converse: the index of the next.
    begun: u32,
    usage: Usage,
    /// Unknown members of the reply.
    extra: Extra,
    metrics: Option<InvocationMetrics>,
}

impl StreamToConverse {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        StreamToConverse {
            conversion: ToConverse { reply: true, ..ToConverse::default() },
            ..StreamToConverse::default()
        }
    }

    /// Takes the next event.
    pub fn push(&mut self, event: Event) {
        match event {
            Event::ContentBlockDelta(event) => self.grow(event.index, event.delta),
            Event::ContentBlockStart(event) => self.begin(event.index, event.content_block),
            Event::ContentBlockStop(event) => {
                if let Some(index) = self.index(event.index) {
                    self.ready.push_back(ConverseEvent::stop(index));
                }
            }
            Event::MessageStart(start) => {
                let Message { role, content, usage, extra, .. } = start.message;
                if !content.is_empty() {
                    self.conversion.losses.add(&EVENT, &Place::of("message_start"));
                }
                (self.usage, self.extra) = (usage, extra);
                self.ready.push_back(ConverseEvent::MessageStart(MessageStartEvent { role, extra: Extra::new() }));
            }
            Event::MessageDelta(delta) => self.stop(*delta),
            Event::MessageStop(stop) => {
                self.metrics = stop.metrics.or(self.metrics.take());
                self.close();
            }
            Event::Other(_) => match event.metrics() {
                Some(metrics) => self.metrics = Some(metrics),
                None => self.conversion.losses.add(&EVENT, &Place::of(event.kind())),
            },
            Event::Error(_) => self.conversion.losses.add(&EVENT, &Place::of("error")),
            Event::Ping(_) => {}
        }
    }

    /// The next event; `None` when another has to be pushed first.
    pub fn next_event(&mut self) -> Option<ConverseEvent> {
        self.ready.pop_front()
    }

    /// What was lost so far.
    #[must_use]
    pub fn losses(&self) -> &[Loss] {
        &self.conversion.losses.0
    }

    fn index(&self, index: u32) -> Option<u32> {
        self.blocks.iter().rev().find(|(held, _)| *held == index).and_then(|(_, converse)| *converse)
    }

    fn begin(&mut self, index: u32, block: Block) {
        let converse = self.begun;
        let content = Place::of("content");
        let place = content.item(index as usize);
        let said = self.conversion.block(block, &place);
        let deltas = match said {
            Some(ContentBlock::Text(text)) => unless_empty(text, ContentBlockDelta::Text),
            Some(ContentBlock::CitationsContent(block)) => {
                let texts = block.content.unwrap_or_default().into_iter();
                let text: String = texts.filter_map(|text| text.as_text().map(str::to_owned)).collect();
                let citations = block.citations.unwrap_or_default().into_iter();
                let citations = citations.map(|citation| ContentBlockDelta::Citation(Box::new(citation)));
                citations.chain(unless_empty(text, ContentBlockDelta::Text)).collect()
            }
            Some(ContentBlock::ReasoningContent(ReasoningContentBlock::ReasoningText(thought))) => {
                let reasoning =
                    |make: fn(String) -> ReasoningDelta| move |text| ContentBlockDelta::ReasoningContent(make(text));
                let mut deltas = unless_empty(thought.text, reasoning(ReasoningDelta::Text));
                deltas
                    .extend(unless_empty(thought.signature.unwrap_or_default(), reasoning(ReasoningDelta::Signature)));
                deltas
            }
            Some(ContentBlock::ReasoningContent(ReasoningContentBlock::RedactedContent(content))) => {
                vec![ContentBlockDelta::ReasoningContent(ReasoningDelta::RedactedContent(content))]
            }
            Some(ContentBlock::ToolUse(ToolUseBlock { input, name, tool_use_id, kind, extra: _ })) => {
                let start = ToolUseStart { name, tool_use_id, kind, extra: Extra::new() };
                self.ready.push_back(ConverseEvent::start(converse, ContentBlockStart::ToolUse(start)));
                match input.text() {
                    "{}" => Vec::new(),
                    input => vec![arguments(input.to_owned())],
                }
            }
            Some(_) => {
                self.conversion.losses.add(&EVENT, &place);
                return self.blocks.push((index, None));
            }
            // Its loss is noted.
            None => return self.blocks.push((index, None)),
        };
        self.begun = converse.saturating_add(1);
        self.blocks.push((index, Some(converse)));
        self.ready.extend(deltas.into_iter().map(|delta| ConverseEvent::delta(converse, delta)));
    }

    fn grow(&mut self, index: u32, delta: Delta) {
        let Some(converse) = self.index(index) else { return };
        let content = Place::of("content");
        let place = content.item(index as usize);
        let delta = match delta {
            Delta::Text(delta) => {
                self.conversion.losses.unknown(&delta.extra, &place);
                ContentBlockDelta::Text(delta.text)
            }
            Delta::InputJson(delta) => {
                self.conversion.losses.unknown(&delta.extra, &place);
                arguments(delta.partial_json)
            }
            Delta::Thinking(delta) => {
                self.conversion.losses.unknown(&delta.extra, &place);
                ContentBlockDelta::ReasoningContent(ReasoningDelta::Text(delta.thinking))
            }
            Delta::Signature(delta) => {
                self.conversion.losses.unknown(&delta.extra, &place);
                ContentBlockDelta::ReasoningContent(ReasoningDelta::Signature(delta.signature))
            }
            Delta::Citations(delta) => {
                self.conversion.losses.unknown(&delta.extra, &place);
                match self.conversion.citation(delta.citation, &place.member("citations")) {
                    Some(citation) => ContentBlockDelta::Citation(Box::new(citation)),
                    None => return,
                }
            }
            Delta::Compaction(_) | Delta::Other(_) => return self.conversion.losses.add(&EVENT, &place),
        };
        self.ready.push_back(ConverseEvent::delta(converse, delta));
    }

    /// Stop reason and usage: the reason goes on, the counts wait.
    fn stop(&mut self, event: MessageDelta) {
        let MessageDelta { delta, usage, context_management, input_transformations, extra } = event;
        if let Some(usage) = &usage {
            self.usage.update(usage);
        }
        let others = [
            ("stop_details", delta.stop_details.is_some()),
            ("container", delta.container.is_some()),
            ("context_management", context_management.is_some()),
            ("input_transformations", input_transformations.is_some()),
        ];
        for (name, _) in others.iter().filter(|(_, given)| *given) {
            self.conversion.losses.add(&REPLY_MEMBER, &Place::of(name));
        }
        self.extra.update(extra.iter().chain(delta.extra.iter()));
        let (stop_reason, same) = stop_reason::to_converse(delta.stop_reason);
        if !same {
            self.conversion.losses.add(&STOP_REASON, &Place::of("stop_reason"));
        }
        let fields = delta.stop_sequence.and_then(|stop| {
            let stop: Extra = [("stop_sequence", Json::of(&stop).ok()?)].into_iter().collect();
            let nested: Extra = [("delta", Json::of(&stop).ok()?)].into_iter().collect();
            Json::of(&nested).ok()
        });
        let stop = MessageStopEvent { additional_model_response_fields: fields, stop_reason, extra: Extra::new() };
        self.ready.push_back(ConverseEvent::MessageStop(Box::new(stop)));
    }

    fn close(&mut self) {
        let usage = std::mem::take(&mut self.usage);
        let service_tier = usage.service_tier.as_deref().map(tier);
        let usage = self.conversion.usage(usage, &Place::of("usage"));
        let extra = std::mem::take(&mut self.extra);
        let Answered { metrics: mut took, performance_config, trace, fields: _, output: _ } =
            self.conversion.answered(extra);
        if let Some(latency) = self.metrics.take().and_then(|metrics| metrics.invocation_latency) {
            took.latency_ms = latency;
        }
        let metadata =
            MetadataEvent { metrics: took, performance_config, service_tier, trace, usage, extra: Extra::new() };
        self.ready.push_back(ConverseEvent::Metadata(Box::new(metadata)));
    }
}

fn arguments(input: String) -> ContentBlockDelta {
    ContentBlockDelta::ToolUse(ToolUseDelta { input, extra: Extra::new() })
}

fn unless_empty(text: String, make: impl FnOnce(String) -> ContentBlockDelta) -> Vec<ContentBlockDelta> {
    if text.is_empty() { Vec::new() } else { vec![make(text)] }
}
