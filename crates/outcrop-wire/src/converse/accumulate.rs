//! Events -> the answer they add up to. Pure: feed it from anywhere.

use std::collections::BTreeMap;
use std::fmt;

use super::{
    Citation, CitationsContentBlock, ContentBlock, ContentBlockDelta, ContentBlockStart, ConverseEvent, ConverseOutput,
    ConverseResponse, ImageBlock, ImageDelta, ImageSource, Message, MessageStopEvent, MetadataEvent, PlainText,
    ReasoningContentBlock, ReasoningDelta, ReasoningTextBlock, Role, StopReason, ToolResultBlock, ToolResultContent,
    ToolResultDelta, ToolUseBlock,
};
use crate::json::{Extra, Json};

/// Adds the events of a streamed answer up.
#[derive(Clone, Debug, Default)]
pub struct ConverseAccumulator {
    role: Option<Role>,
    /// Blocks by their index: Claude's need not begin with an event of their own.
    blocks: BTreeMap<u32, Growing>,
    stop: Option<MessageStopEvent>,
    metadata: Option<MetadataEvent>,
}

/// A block that has not come to its end.
#[derive(Clone, Debug)]
enum Growing {
    Text { text: String, citations: Vec<Citation> },
    ToolUse { call: ToolUseBlock, input: String },
    Other(Box<ContentBlock>),
}

/// An event came where it has no place.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MisplacedEvent {
    /// The event.
    pub kind: String,
    /// Why it has no place there.
    pub why: &'static str,
}

impl fmt::Display for MisplacedEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "event `{}`: {}", self.kind, self.why)
    }
}

impl std::error::Error for MisplacedEvent {}

impl ConverseAccumulator {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        ConverseAccumulator::default()
    }

    /// Adds an event. Events and deltas that are not known here change nothing.
    ///
    /// # Errors
    /// When the event does not fit what came before. The answer so far stays as it was.
    pub fn push(&mut self, event: &ConverseEvent) -> Result<(), MisplacedEvent> {
        let misplaced = |why| Err(MisplacedEvent { kind: event.kind().to_owned(), why });
        match event {
            ConverseEvent::Other(_) => return Ok(()),
            ConverseEvent::MessageStart(start) => {
                if self.role.is_some() {
                    return misplaced("the answer began before");
                }
                self.role = Some(start.role.clone());
                return Ok(());
            }
            _ if self.role.is_none() => return misplaced("the answer has not begun"),
            _ => {}
        }
        match event {
            ConverseEvent::ContentBlockStart(event) => {
                if self.blocks.contains_key(&event.content_block_index) {
                    return misplaced("a block of that index began before");
                }
                self.blocks.insert(event.content_block_index, Growing::started(&event.start));
            }
            ConverseEvent::ContentBlockDelta(event) => match self.blocks.entry(event.content_block_index) {
                std::collections::btree_map::Entry::Occupied(mut block) => block.get_mut().grow(&event.delta),
                std::collections::btree_map::Entry::Vacant(place) => {
                    if let Some(mut block) = Growing::of(&event.delta) {
                        block.grow(&event.delta);
                        place.insert(block);
                    }
                }
            },
            ConverseEvent::MessageStop(stop) => self.stop = Some((**stop).clone()),
            ConverseEvent::Metadata(metadata) => self.metadata = Some((**metadata).clone()),
            ConverseEvent::ContentBlockStop(_) | ConverseEvent::MessageStart(_) | ConverseEvent::Other(_) => {}
        }
        Ok(())
    }

    /// Whether the last event came.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.stop.is_some() && self.metadata.is_some()
    }

    /// The answer so far; none before it began. Where it did not come to its end, its stop reason is empty.
    #[must_use]
    pub fn into_response(self) -> Option<ConverseResponse> {
        let message = Message {
            content: self.blocks.into_values().map(Growing::into_block).collect(),
            role: self.role?,
            extra: Extra::new(),
        };
        let (stop_reason, fields, mut extra) = match self.stop {
            Some(stop) => (stop.stop_reason, stop.additional_model_response_fields, stop.extra),
            None => (StopReason::Other(String::new()), None, Extra::new()),
        };
        let metadata = self.metadata.unwrap_or_default();
        extra.update(metadata.extra.iter());
        Some(ConverseResponse {
            additional_model_response_fields: fields,
            metrics: metadata.metrics,
            output: ConverseOutput::Message(message),
            performance_config: metadata.performance_config,
            service_tier: metadata.service_tier,
            stop_reason,
            trace: metadata.trace,
            usage: metadata.usage,
            extra,
        })
    }
}

impl Growing {
    /// A block that begins with an event of its own.
    fn started(start: &ContentBlockStart) -> Self {
        let block = match start {
            ContentBlockStart::ToolUse(start) => {
                let call = ToolUseBlock {
                    input: Json::empty_object(),
                    name: start.name.clone(),
                    tool_use_id: start.tool_use_id.clone(),
                    kind: start.kind.clone(),
                    extra: start.extra.clone(),
                };
                return Growing::ToolUse { call, input: String::new() };
            }
            ContentBlockStart::ToolResult(start) => ContentBlock::ToolResult(ToolResultBlock {
                content: Vec::new(),
                status: start.status.clone(),
                tool_use_id: start.tool_use_id.clone(),
                kind: start.kind.clone(),
                extra: start.extra.clone(),
            }),
            ContentBlockStart::Image(start) => ContentBlock::Image(ImageBlock {
                extra: start.extra.clone(),
                ..ImageBlock::base64(start.format.clone(), String::new())
            }),
            ContentBlockStart::Other(members) => ContentBlock::Other(members.clone()),
        };
        Growing::Other(Box::new(block))
    }

    /// The block that such a delta begins; none where it cannot be told.
    fn of(delta: &ContentBlockDelta) -> Option<Self> {
        let thought = match delta {
            ContentBlockDelta::Text(_) | ContentBlockDelta::Citation(_) => {
                return Some(Growing::Text { text: String::new(), citations: Vec::new() });
            }
            ContentBlockDelta::Other(members) => {
                return Some(Growing::Other(Box::new(ContentBlock::Other(members.clone()))));
            }
            ContentBlockDelta::ReasoningContent(ReasoningDelta::RedactedContent(_)) => {
                ReasoningContentBlock::RedactedContent(String::new())
            }
            ContentBlockDelta::ReasoningContent(ReasoningDelta::Other(members)) => {
                ReasoningContentBlock::Other(members.clone())
            }
            ContentBlockDelta::ReasoningContent(_) => ReasoningContentBlock::ReasoningText(ReasoningTextBlock {
                signature: None,
                text: String::new(),
                extra: Extra::new(),
            }),
            ContentBlockDelta::ToolUse(_) | ContentBlockDelta::ToolResult(_) | ContentBlockDelta::Image(_) => {
                return None;
            }
        };
        Some(Growing::Other(Box::new(ContentBlock::ReasoningContent(thought))))
    }

    fn grow(&mut self, delta: &ContentBlockDelta) {
        match (self, delta) {
            (Growing::Text { text, .. }, ContentBlockDelta::Text(more)) => text.push_str(more),
            (Growing::Text { citations, .. }, ContentBlockDelta::Citation(citation)) => {
                citations.push((**citation).clone());
            }
            (Growing::ToolUse { input, .. }, ContentBlockDelta::ToolUse(more)) => input.push_str(&more.input),
            (Growing::Other(block), delta) => grow_other(block, delta),
            _ => {}
        }
    }

    fn into_block(self) -> ContentBlock {
        match self {
            Growing::Text { text, citations } if citations.is_empty() => ContentBlock::Text(text),
            Growing::Text { text, citations } => ContentBlock::CitationsContent(CitationsContentBlock {
                citations: Some(citations),
                content: Some(vec![PlainText::Text(text)]),
                extra: Extra::new(),
            }),
            Growing::ToolUse { mut call, input } => {
                // Arguments that were cut short are kept as the text they are.
                call.input = match input.trim().is_empty() {
                    true => Json::empty_object(),
                    false => Json::from_text(input.clone()).or_else(|_| Json::of(&input)).unwrap_or_default(),
                };
                ContentBlock::ToolUse(call)
            }
            Growing::Other(block) => *block,
        }
    }
}

/// Thoughts, and what the service's own tools give.
fn grow_other(block: &mut ContentBlock, delta: &ContentBlockDelta) {
    match (block, delta) {
        (ContentBlock::ReasoningContent(thought), ContentBlockDelta::ReasoningContent(more)) => match (thought, more) {
            (ReasoningContentBlock::ReasoningText(thought), ReasoningDelta::Text(more)) => thought.text.push_str(more),
            (ReasoningContentBlock::ReasoningText(thought), ReasoningDelta::Signature(signature)) => {
                thought.signature.get_or_insert_default().push_str(signature);
            }
            (ReasoningContentBlock::RedactedContent(hidden), ReasoningDelta::RedactedContent(more)) => {
                append_base64(hidden, more);
            }
            _ => {}
        },
        (ContentBlock::ToolResult(result), ContentBlockDelta::ToolResult(more)) => {
            result.content.extend(more.iter().map(|piece| match piece {
                ToolResultDelta::Text(text) => ToolResultContent::Text(text.clone()),
                ToolResultDelta::Json(json) => ToolResultContent::Json(json.clone()),
                ToolResultDelta::Other(members) => ToolResultContent::Other(members.clone()),
            }));
        }
        (ContentBlock::Image(image), ContentBlockDelta::Image(ImageDelta { error, source, .. })) => {
            if error.is_some() {
                image.error.clone_from(error);
            }
            match (&mut image.source, source) {
                (ImageSource::Bytes(bytes), Some(ImageSource::Bytes(more))) => append_base64(bytes, more),
                (place, Some(source)) => *place = source.clone(),
                (_, None) => {}
            }
        }
        (ContentBlock::Other(members), ContentBlockDelta::Other(more)) => members.update(more.iter()),
        _ => {}
    }
}

/// Each piece is base64 of its own: one that does not end on a whole group is joined by its bytes.
fn append_base64(held: &mut String, more: &str) {
    if held.len().is_multiple_of(4) && !held.ends_with('=') {
        held.push_str(more);
        return;
    }
    let decode = |text: &str| base64_simd::STANDARD.decode_to_vec(text);
    match (decode(held), decode(more)) {
        (Ok(mut bytes), Ok(rest)) => {
            bytes.extend_from_slice(&rest);
            *held = base64_simd::STANDARD.encode_to_string(bytes);
        }
        _ => held.push_str(more),
    }
}
