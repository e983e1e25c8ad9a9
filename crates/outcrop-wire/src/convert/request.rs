//! Requests, each way: the system prompt, the turns, and the rest (see `settings.rs`).

use super::losses::{BLOCK, CITED_TEXT, EMPTIED_TURN, FOREIGN, GUARDED, LONE_CHECKPOINT, SETTING};
use super::place::Place;
use super::{Converted, Loss, ToConverse, ToMessages, kept};
use crate::converse::{self, CachePointBlock, ContentBlock, ConverseRequest, SystemContentBlock};
use crate::messages::{Content, MessageRequest, System, SystemBlock, TextBlock, Turn};

/// The request as one of Converse.
#[must_use]
pub fn request_to_converse(mut request: MessageRequest) -> Converted<ConverseRequest> {
    let turns = std::mem::take(&mut request.messages);
    let mut conversion = RequestToConverse::default();
    let messages = turns.into_iter().filter_map(|turn| conversion.turn(turn)).collect();
    let rest = conversion.rest(request);
    Converted { value: ConverseRequest { messages, ..rest }, losses: conversion.into_losses() }
}

/// A request on its way to Converse, turn by turn: a long conversation need not be there twice.
#[derive(Debug, Default)]
pub(crate) struct RequestToConverse {
    conversion: ToConverse,
    turns: usize,
}

impl RequestToConverse {
    /// The next turn; `None` where nothing of it can be said.
    pub(crate) fn turn(&mut self, turn: Turn) -> Option<converse::Message> {
        let Turn { role, content, clear_at, output_config, extra } = turn;
        let turns = Place::of("messages");
        let place = turns.item(self.turns);
        self.turns += 1;
        let conversion = &mut self.conversion;
        for (name, given) in [("clear_at", clear_at.is_some()), ("output_config", output_config.is_some())] {
            if given {
                conversion.losses.add(&SETTING, &place.member(name));
            }
        }
        conversion.losses.unknown(&extra, &place);
        let content = match content {
            Content::Text(text) => vec![ContentBlock::Text(text)],
            Content::Blocks(blocks) if blocks.is_empty() => Vec::new(),
            Content::Blocks(blocks) => {
                let content = conversion.blocks(blocks, &place.member("content"));
                if content.is_empty() {
                    conversion.losses.add(&EMPTIED_TURN, &place);
                    return None;
                }
                content
            }
        };
        Some(converse::Message { content, role, extra: Default::default() })
    }

    /// Everything but the turns.
    pub(crate) fn rest(&mut self, mut request: MessageRequest) -> ConverseRequest {
        let system = request.system.take().map(|system| self.conversion.system(system));
        ConverseRequest { system, ..self.conversion.settings(request) }
    }

    /// What was lost.
    pub(crate) fn into_losses(self) -> Vec<Loss> {
        self.conversion.losses.0
    }
}

impl ToConverse {
    fn system(&mut self, system: System) -> Vec<SystemContentBlock> {
        let blocks = match system {
            System::Text(text) => return vec![SystemContentBlock::Text(text)],
            System::Blocks(blocks) => blocks,
        };
        let at = Place::of("system");
        let mut converted = Vec::with_capacity(blocks.len() + 1);
        for (index, block) in blocks.into_iter().enumerate() {
            let place = at.item(index);
            match block {
                SystemBlock::Text(TextBlock { text, citations, cache_control, extra }) => {
                    self.losses.unknown(&extra, &place);
                    if citations.is_some_and(|citations| !citations.is_empty()) {
                        self.losses.add(&CITED_TEXT, &place.member("citations"));
                    }
                    converted.push(SystemContentBlock::Text(text));
                    if let Some(control) = cache_control {
                        let point = self.cache_point(control, &place.member("cache_control"));
                        converted.push(SystemContentBlock::CachePoint(point));
                    }
                }
                SystemBlock::Other(other) if other.kind.is_empty() => {
                    converted.push(kept::restored_or(&other, SystemContentBlock::Other));
                }
                SystemBlock::Other(_) => self.losses.add(&BLOCK, &place),
            }
        }
        converted
    }
}

/// The request as one of Messages.
#[must_use]
pub fn request_from_converse(mut request: ConverseRequest) -> Converted<MessageRequest> {
    let mut conversion = ToMessages::default();
    let at = Place::of("messages");
    let messages = std::mem::take(&mut request.messages).into_iter().enumerate();
    let turns = messages
        .map(|(index, message)| {
            let converse::Message { content, role, extra } = message;
            let place = at.item(index);
            conversion.losses.foreign(&extra, &place);
            let content = Content::Blocks(conversion.blocks(content, &place.member("content")));
            Turn { role, content, clear_at: None, output_config: None, extra: Default::default() }
        })
        .collect();
    let system = request.system.take().map(|system| conversion.system(system));
    let rest = conversion.settings(request);
    Converted { value: MessageRequest { messages: turns, system, ..rest }, losses: conversion.losses.0 }
}

impl ToMessages {
    fn system(&mut self, system: Vec<SystemContentBlock>) -> System {
        let at = Place::of("system");
        let mut converted: Vec<SystemBlock> = Vec::with_capacity(system.len());
        for (index, block) in system.into_iter().enumerate() {
            let place = at.item(index);
            let row = match &block {
                SystemContentBlock::Text(_) => None,
                SystemContentBlock::GuardContent(_) => Some(&GUARDED),
                SystemContentBlock::CachePoint(_) => Some(&LONE_CHECKPOINT),
                SystemContentBlock::Other(_) => Some(&FOREIGN),
            };
            match block {
                SystemContentBlock::Text(text) => converted.push(SystemBlock::Text(TextBlock::new(text))),
                SystemContentBlock::CachePoint(point)
                    if point.kind == CachePointBlock::default().kind
                        && let Some(free @ None) = converted.last_mut().and_then(SystemBlock::checkpoint_mut) =>
                {
                    *free = Some(self.cache_control(point, &place));
                }
                block => {
                    if let Some(row) = row {
                        self.losses.add(row, &place);
                    }
                    converted.push(SystemBlock::Other(kept::keep(&block)));
                }
            }
        }
        System::Blocks(converted)
    }
}
