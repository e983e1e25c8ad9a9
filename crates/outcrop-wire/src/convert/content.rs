//! Blocks of a turn or of a reply, each way, and the cache checkpoints between them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::losses::{
    BLOCK, CALLER, CHECKPOINT, FOREIGN, FOREIGN_MEMBER, GUARDED, LONE_CHECKPOINT, REDACTED, UNKNOWN_MEMBER,
};
use super::place::Place;
use super::{ToConverse, ToMessages, kept};
use crate::converse::{
    self, CachePointBlock, CitationsContentBlock, ContentBlock, ReasoningContentBlock, ToolReference,
};
use crate::json::{Extra, Json};
use crate::messages::{self, Block, CacheControl, RedactedThinkingBlock, ServerToolUseBlock, TextBlock, ThinkingBlock};

/// The type of a call of a tool that runs at the service.
const SERVER_TOOL_USE: &str = "server_tool_use";

impl ToConverse {
    /// The blocks; a checkpoint stands after its block.
    pub(super) fn blocks(&mut self, blocks: Vec<Block>, place: &Place<'_>) -> Vec<ContentBlock> {
        let mut converted = Vec::with_capacity(blocks.len() + 1);
        for (at, mut block) in blocks.into_iter().enumerate() {
            let place = place.item(at);
            let checkpoint = block.checkpoint_mut().and_then(Option::take);
            let Some(block) = self.block(block, &place) else { continue };
            converted.push(block);
            if let Some(checkpoint) = checkpoint {
                let point = self.cache_point(checkpoint, &place.member("cache_control"));
                converted.push(ContentBlock::CachePoint(point));
            }
        }
        converted
    }

    /// The block without its checkpoint; `None` where Converse has no such block.
    pub(super) fn block(&mut self, block: Block, place: &Place<'_>) -> Option<ContentBlock> {
        Some(match block {
            Block::Text(block) => self.text(block, place),
            Block::Image(block) => ContentBlock::Image(self.image(block, place)?),
            Block::Document(block) => ContentBlock::Document(Box::new(self.document(block, place)?)),
            Block::ToolUse(call) => {
                let messages::ToolUseBlock { id, name, input, caller, toolset_name, cache_control: _, extra } = call;
                self.call_leftovers(caller.is_some(), toolset_name.is_some(), &extra, place);
                ContentBlock::ToolUse(converse::ToolUseBlock::new(id, name, input))
            }
            Block::ServerToolUse(call) => {
                let ServerToolUseBlock { id, name, input, caller, cache_control: _, extra } = call;
                self.call_leftovers(caller.is_some(), false, &extra, place);
                let kind = Some(SERVER_TOOL_USE.to_owned());
                ContentBlock::ToolUse(converse::ToolUseBlock { kind, ..converse::ToolUseBlock::new(id, name, input) })
            }
            Block::ToolResult(result) => ContentBlock::ToolResult(self.tool_result(result, place)),
            Block::Thinking(ThinkingBlock { thinking, signature, extra }) => {
                self.losses.unknown(&extra, place);
                let text = converse::ReasoningTextBlock { signature, text: thinking, extra: Extra::new() };
                ContentBlock::ReasoningContent(ReasoningContentBlock::ReasoningText(text))
            }
            Block::RedactedThinking(RedactedThinkingBlock { data, extra }) => {
                self.losses.unknown(&extra, place);
                ContentBlock::ReasoningContent(ReasoningContentBlock::RedactedContent(STANDARD.encode(data)))
            }
            Block::SearchResult(result) => ContentBlock::SearchResult(self.search_result(*result, place)),
            Block::ToolAddition(messages::ToolAdditionBlock { tool, cache_control: _, extra }) => {
                self.losses.unknown(&extra, place);
                let tool = self.tool_reference(&tool, place)?;
                ContentBlock::ToolAddition(converse::ToolAdditionBlock { tool, extra: Extra::new() })
            }
            Block::ToolRemoval(messages::ToolRemovalBlock { tool, cache_control: _, extra }) => {
                self.losses.unknown(&extra, place);
                let tool = self.tool_reference(&tool, place)?;
                ContentBlock::ToolRemoval(converse::ToolRemovalBlock { tool, extra: Extra::new() })
            }
            Block::Other(other) if other.kind.is_empty() => kept::restored_or(&other, ContentBlock::Other),
            Block::WebSearchToolResult(_)
            | Block::WebFetchToolResult(_)
            | Block::CodeExecutionToolResult(_)
            | Block::BashCodeExecutionToolResult(_)
            | Block::TextEditorCodeExecutionToolResult(_)
            | Block::ToolSearchToolResult(_)
            | Block::AdvisorToolResult(_)
            | Block::McpToolUse(_)
            | Block::McpToolResult(_)
            | Block::McpToolListing(_)
            | Block::ContainerUpload(_)
            | Block::Compaction(_)
            | Block::Fallback(_)
            | Block::Other(_) => {
                self.losses.add(&BLOCK, place);
                return None;
            }
        })
    }

    fn text(&mut self, block: TextBlock, place: &Place<'_>) -> ContentBlock {
        let TextBlock { text, citations, cache_control: _, extra } = block;
        self.losses.unknown(&extra, place);
        let at = place.member("citations");
        let citations = citations.unwrap_or_default().into_iter().enumerate();
        let citations: Vec<_> =
            citations.filter_map(|(index, citation)| self.citation(citation, &at.item(index))).collect();
        match citations.is_empty() {
            true => ContentBlock::Text(text),
            false => ContentBlock::CitationsContent(CitationsContentBlock {
                citations: Some(citations),
                content: Some(vec![converse::PlainText::Text(text)]),
                extra: Extra::new(),
            }),
        }
    }

    pub(super) fn call_leftovers(&mut self, caller: bool, toolset: bool, extra: &Extra, place: &Place<'_>) {
        for (name, _) in [("caller", caller), ("toolset_name", toolset)].iter().filter(|(_, given)| *given) {
            self.losses.add(&CALLER, &place.member(name));
        }
        self.losses.unknown(extra, place);
    }

    /// The checkpoint as a block of its own.
    pub(super) fn cache_point(&mut self, control: CacheControl, place: &Place<'_>) -> CachePointBlock {
        let CacheControl { kind, ttl, extra } = control;
        if kind != CacheControl::ephemeral().kind || extra.iter().any(|(_, value)| !value.is_null()) {
            self.losses.add(&CHECKPOINT, place);
        }
        CachePointBlock { ttl, ..CachePointBlock::default() }
    }

    fn tool_reference(&mut self, tool: &Json, place: &Place<'_>) -> Option<ToolReference> {
        let Ok(mut members) = tool.parse::<Extra>() else {
            self.losses.add(&BLOCK, place);
            return None;
        };
        let mut text = |name: &str| members.take(name).and_then(|value| value.parse::<Option<String>>().ok().flatten());
        let (name, server_name, kind) = (text("name"), text("server_name"), text("type"));
        for (name, _) in members.iter() {
            self.losses.add(&UNKNOWN_MEMBER, &place.member("tool").member(name));
        }
        Some(ToolReference { name, server_name, kind, extra: Extra::new() })
    }
}

impl ToMessages {
    /// The blocks; a checkpoint goes to the block that it follows.
    pub(super) fn blocks(&mut self, blocks: Vec<ContentBlock>, place: &Place<'_>) -> Vec<Block> {
        let mut converted: Vec<Block> = Vec::with_capacity(blocks.len());
        for (at, block) in blocks.into_iter().enumerate() {
            let place = place.item(at);
            let ContentBlock::CachePoint(point) = block else {
                converted.push(self.block(block, &place));
                continue;
            };
            match converted.last_mut().and_then(Block::checkpoint_mut) {
                Some(free @ None) if point.kind == CachePointBlock::default().kind => {
                    *free = Some(self.cache_control(point, &place));
                }
                _ => {
                    self.losses.add(&LONE_CHECKPOINT, &place);
                    converted.push(Block::Other(kept::keep(&ContentBlock::CachePoint(point))));
                }
            }
        }
        converted
    }

    /// The block.
    pub(super) fn block(&mut self, block: ContentBlock, place: &Place<'_>) -> Block {
        match block {
            ContentBlock::Text(text) => Block::text(text),
            ContentBlock::Image(image) => Block::Image(self.image(image, &place.member("image"))),
            ContentBlock::Document(document) => Block::Document(self.document(*document, &place.member("document"))),
            ContentBlock::ToolUse(call) if matches!(call.kind.as_deref(), None | Some("tool_use")) => {
                self.losses.foreign(&call.extra, &place.member("toolUse"));
                Block::ToolUse(messages::ToolUseBlock::new(call.tool_use_id, call.name, call.input))
            }
            ContentBlock::ToolUse(call) if call.kind.as_deref() == Some(SERVER_TOOL_USE) => {
                self.losses.foreign(&call.extra, &place.member("toolUse"));
                Block::ServerToolUse(ServerToolUseBlock {
                    id: call.tool_use_id,
                    name: call.name,
                    input: call.input,
                    caller: None,
                    cache_control: None,
                    extra: Extra::new(),
                })
            }
            ContentBlock::ToolResult(result) if result.kind.is_none() => {
                Block::ToolResult(self.tool_result(result, &place.member("toolResult")))
            }
            ContentBlock::ReasoningContent(ReasoningContentBlock::ReasoningText(text)) => {
                self.losses.foreign(&text.extra, &place.member("reasoningContent").member("reasoningText"));
                let (thinking, signature) = (text.text, text.signature);
                Block::Thinking(ThinkingBlock { thinking, signature, extra: Extra::new() })
            }
            ContentBlock::ReasoningContent(ReasoningContentBlock::RedactedContent(content)) => {
                Block::RedactedThinking(self.redacted(content, &place.member("reasoningContent")))
            }
            ContentBlock::CitationsContent(CitationsContentBlock { citations, content, extra }) => {
                let place = place.member("citationsContent");
                self.losses.foreign(&extra, &place);
                let text = self.joined(content.unwrap_or_default(), &place.member("content"));
                let at = place.member("citations");
                let citations = citations.filter(|citations| !citations.is_empty()).map(|citations| {
                    let citations = citations.into_iter().enumerate();
                    citations.map(|(index, citation)| self.citation(citation, &at.item(index))).collect()
                });
                Block::Text(TextBlock { citations, ..TextBlock::new(text) })
            }
            ContentBlock::SearchResult(result) => {
                let place = place.member("searchResult");
                Block::SearchResult(Box::new(self.search_result(result, &place)))
            }
            ContentBlock::ToolAddition(block) => {
                let place = place.member("toolAddition");
                self.losses.foreign(&block.extra, &place);
                let tool = self.tool_reference(block.tool, &place);
                Block::ToolAddition(messages::ToolAdditionBlock { tool, cache_control: None, extra: Extra::new() })
            }
            ContentBlock::ToolRemoval(block) => {
                let place = place.member("toolRemoval");
                self.losses.foreign(&block.extra, &place);
                let tool = self.tool_reference(block.tool, &place);
                Block::ToolRemoval(messages::ToolRemovalBlock { tool, cache_control: None, extra: Extra::new() })
            }
            ContentBlock::GuardContent(_) => {
                self.losses.add(&GUARDED, place);
                Block::Other(kept::keep(&block))
            }
            // A hand that wrote both vocabularies at once: `{"type": "text", "text": "..."}`.
            ContentBlock::Other(mut members) if members.value("type").is_some() => {
                members.take("type");
                match Json::of(&members).and_then(|json| json.parse()) {
                    Ok(ContentBlock::Other(_)) | Err(_) => self.foreign_block(&members, place),
                    Ok(block) => {
                        self.losses.add(&FOREIGN_MEMBER, &place.member("type"));
                        self.block(block, place)
                    }
                }
            }
            block @ (ContentBlock::ToolUse(_)
            | ContentBlock::ToolResult(_)
            | ContentBlock::ReasoningContent(_)
            | ContentBlock::CachePoint(_)
            | ContentBlock::Other(_)) => self.foreign_block(&block, place),
        }
    }

    fn foreign_block<T: serde::Serialize>(&mut self, block: &T, place: &Place<'_>) -> Block {
        self.losses.add(&FOREIGN, place);
        Block::Other(kept::keep(block))
    }

    pub(super) fn redacted(&mut self, content: String, place: &Place<'_>) -> RedactedThinkingBlock {
        let text = STANDARD.decode(&content).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let data = text.unwrap_or_else(|| {
            self.losses.add(&REDACTED, place);
            content
        });
        RedactedThinkingBlock { data, extra: Extra::new() }
    }

    /// The cache point as the member of the block before it.
    pub(super) fn cache_control(&mut self, point: CachePointBlock, place: &Place<'_>) -> CacheControl {
        self.losses.foreign(&point.extra, place);
        CacheControl { ttl: point.ttl, ..CacheControl::ephemeral() }
    }

    fn tool_reference(&mut self, tool: ToolReference, place: &Place<'_>) -> Json {
        let ToolReference { name, server_name, kind, extra } = tool;
        self.losses.foreign(&extra, &place.member("tool"));
        let members = [("type", kind), ("name", name), ("server_name", server_name)];
        let members = members.into_iter().filter_map(|(name, text)| Some((name, Json::of(&text?).ok()?)));
        Json::of(&members.collect::<Extra>()).unwrap_or_default()
    }
}
