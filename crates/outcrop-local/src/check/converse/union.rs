//! Unions: exactly one member, and one that Claude takes.

use std::fmt::Display;

use outcrop_wire::Extra;
use outcrop_wire::converse::{
    ContentBlock, ConverseRequest, DocumentBlock, DocumentContent, DocumentSource, GuardContentBlock, ImageBlock,
    ImageSource, InputSchema, OutputStructure, ReasoningContentBlock, SystemContentBlock, Tool, ToolChoice,
    ToolResultContent,
};

use crate::check::place::Place;
use crate::check::{Verdict, refuse};

/// The members of a content block, in the order in which AWS lists them (quoted, 2025; those after them remembered).
const BLOCKS: [&str; 14] = [
    "text",
    "image",
    "toolUse",
    "toolResult",
    "document",
    "video",
    "cachePoint",
    "reasoningContent",
    "citationsContent",
    "searchResult",
    "guardContent",
    "audio",
    "toolAddition",
    "toolRemoval",
];

/// Of what a tool gave.
const PIECES: [&str; 6] = ["json", "text", "image", "document", "video", "searchResult"];

/// What Claude does not take (recorded for video, remembered for audio).
const FOREIGN: [&str; 2] = ["video", "audio"];

pub(super) fn check(request: &ConverseRequest) -> Verdict {
    let system = Place::ROOT.member("system");
    for (at, block) in request.system.iter().flatten().enumerate() {
        let place = system.item(at);
        match block {
            SystemContentBlock::Other(members) => one("SystemContentBlock", members, SystemContentBlock::KINDS, place)?,
            SystemContentBlock::GuardContent(block) => guard(block, &place.member("guardContent"))?,
            _ => {}
        }
    }
    let messages = Place::ROOT.member("messages");
    for (at, message) in request.messages.iter().enumerate() {
        let place = messages.item(at);
        let content = place.member("content");
        for (index, block) in message.content.iter().enumerate() {
            of_block(block, &content.item(index))?;
        }
    }
    tools(request)?;
    let format = request.output_config.as_ref().and_then(|config| config.text_format.as_ref());
    match format.map(|format| &format.structure) {
        Some(OutputStructure::Other(members)) => {
            let place = "outputConfig.textFormat.structure";
            one("OutputFormatStructure", members, OutputStructure::KINDS, place)
        }
        _ => Ok(()),
    }
}

fn of_block(block: &ContentBlock, place: &Place<'_>) -> Verdict {
    match block {
        ContentBlock::Image(block) => image(block, &place.member("image")),
        ContentBlock::Document(block) => document(block, &place.member("document")),
        ContentBlock::GuardContent(block) => guard(block, &place.member("guardContent")),
        ContentBlock::ReasoningContent(ReasoningContentBlock::Other(members)) => {
            one("ReasoningContentBlock", members, ReasoningContentBlock::KINDS, place.member("reasoningContent"))
        }
        ContentBlock::ToolResult(block) => {
            let own = place.member("toolResult");
            let content = own.member("content");
            block.content.iter().enumerate().try_for_each(|(index, piece)| {
                let place = content.item(index);
                match piece {
                    ToolResultContent::Image(block) => image(block, &place.member("image")),
                    ToolResultContent::Document(block) => document(block, &place.member("document")),
                    ToolResultContent::Other(members) => one("ToolResultContentBlock", members, &PIECES, place),
                    _ => Ok(()),
                }
            })
        }
        ContentBlock::Other(members) => one("ContentBlock", members, &BLOCKS, place),
        _ => Ok(()),
    }
}

fn image(block: &ImageBlock, place: &Place<'_>) -> Verdict {
    match &block.source {
        ImageSource::Other(members) => one("ImageSource", members, ImageSource::KINDS, place.member("source")),
        _ => Ok(()),
    }
}

fn document(block: &DocumentBlock, place: &Place<'_>) -> Verdict {
    let source = place.member("source");
    match &block.source {
        DocumentSource::Other(members) => one("DocumentSource", members, DocumentSource::KINDS, source),
        DocumentSource::Content(pieces) => {
            let content = source.member("content");
            pieces.iter().enumerate().try_for_each(|(index, piece)| match piece {
                DocumentContent::Other(members) => {
                    one("DocumentContentBlock", members, DocumentContent::KINDS, content.item(index))
                }
                DocumentContent::Text(_) => Ok(()),
            })
        }
        _ => Ok(()),
    }
}

fn guard(block: &GuardContentBlock, place: &Place<'_>) -> Verdict {
    match block {
        GuardContentBlock::Other(members) => {
            one("GuardrailConverseContentBlock", members, GuardContentBlock::KINDS, place)
        }
        _ => Ok(()),
    }
}

fn tools(request: &ConverseRequest) -> Verdict {
    let Some(config) = &request.tool_config else { return Ok(()) };
    let place = Place::ROOT.member("toolConfig");
    let tools = place.member("tools");
    for (index, tool) in config.tools.iter().enumerate() {
        let place = tools.item(index);
        match tool {
            Tool::Other(members) => one("Tool", members, Tool::KINDS, place)?,
            Tool::ToolSpec(tool) => {
                if let InputSchema::Other(members) = &tool.input_schema {
                    let own = place.member("toolSpec");
                    one("ToolInputSchema", members, InputSchema::KINDS, own.member("inputSchema"))?;
                }
            }
            Tool::SystemTool(_) | Tool::CachePoint(_) => {}
        }
    }
    match &config.tool_choice {
        Some(ToolChoice::Other(members)) => one("ToolChoice", members, ToolChoice::KINDS, place.member("toolChoice")),
        _ => Ok(()),
    }
}

/// The members of a union that is none of those known here: none that AWS knows, several, or one that is not for Claude.
fn one(name: &str, members: &Extra, known: &[&str], place: impl Display) -> Verdict {
    let set = members.iter().filter(|(name, value)| known.contains(name) && !value.is_null());
    let set: Vec<&str> = set.map(|(name, _)| name).collect();
    match set[..] {
        // Recorded (Sonnet 4.5, video).
        [kind] if FOREIGN.contains(&kind) => refuse(format_args!(
            "This model doesn't support the {kind} content block that you provided. Update the content block and try again."
        )),
        [_] => Ok(()),
        // Quoted for none of them; what AWS says to several is not known.
        _ => {
            let known = known.join(", ");
            refuse(format_args!("{name} object at {place} must set one of the following keys: {known}."))
        }
    }
}
