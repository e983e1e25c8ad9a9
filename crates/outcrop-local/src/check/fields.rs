//! Members that are not taken, at every level, and nulls where a value is wanted.
//!
//! The words are quoted: `messages.0.bogus: Extra inputs are not permitted` (measured on the API, 2026-08),
//! `tools.19.custom.cache_control.ephemeral.scope: ...`, `context_management: ...` (AWS, InvokeModel).

use outcrop_wire::Extra;
use outcrop_wire::catalogue::Capabilities;
use outcrop_wire::messages::{
    AnyChoice, AutoChoice, Base64Source, Block, CacheControl, CharLocation, Citation, CitationsConfig,
    ContentBlockLocation, ContentSource, CustomTool, DocumentBlock, ImageBlock, ImageSource, JsonSchemaFormat,
    MediaSource, MessageRequest, Metadata, NoChoice, OutputConfig, OutputFormat, PageLocation, PlainText,
    RedactedThinkingBlock, SearchResultBlock, SearchResultLocation, System, SystemBlock, TextBlock, TextSource,
    Thinking, ThinkingBlock, Tool, ToolByName, ToolChoice, ToolResultBlock, ToolUseBlock, Turn,
    WebSearchResultLocation,
};
use outcrop_wire::surface::{Place as Travels, SurfaceRow};

use super::betas::given;
use super::place::Place;
use super::walk::{self, Seen};
use super::{Verdict, refuse, tags};

/// Members that are known and may not be null, with what they should be (measured on the API, 2026-08). All others may.
const NOT_NULL: [(&str, &str); 15] = [
    ("content", "a valid list"),
    ("description", "a valid string"),
    ("disable_parallel_tool_use", "a valid boolean"),
    ("enabled", "a valid boolean"),
    ("is_error", "a valid boolean"),
    ("output_config", "a valid dictionary"),
    ("signature", "a valid string"),
    ("strict", "a valid boolean"),
    ("system", "a valid list"),
    ("temperature", "a valid number"),
    ("thinking", "a valid dictionary"),
    ("tool_choice", "a valid dictionary"),
    ("tools", "a valid list"),
    ("top_k", "a valid integer"),
    ("top_p", "a valid number"),
];

/// Members of a turn that want a beta (official Python SDK 2.12).
const CLEAR_AT: &str = "mid-conversation-system-clear-at-2026-08-21";
const TURN_CONFIG: &str = "mid-conversation-output-config-2026-07-01";

/// In the order in which the API looks (measured, 2026-08): unknown names at the top come last.
pub(super) fn check(request: &MessageRequest, row: &SurfaceRow, accepts: &Capabilities<'_>) -> Verdict {
    tool_choice(request.tool_choice.as_ref())?;
    tools(request.tools.as_deref().unwrap_or_default())?;
    turns(request, accepts)?;
    system(request)?;
    thinking(request.thinking.as_ref())?;
    output_config(request.output_config.as_ref())?;
    if let Some(metadata) = &request.metadata {
        only(&metadata.extra, Metadata::MEMBERS, &Place::ROOT.member("metadata"))?;
    }
    top(request, row, accepts)
}

fn top(request: &MessageRequest, row: &SurfaceRow, accepts: &Capabilities<'_>) -> Verdict {
    // What travels in path or headers is no member of the body; one that has it too said so in its bytes.
    let places = [
        (row.stream, "stream"),
        (row.model, "model"),
        (row.version, "anthropic_version"),
        (row.betas, "anthropic_beta"),
    ];
    for (_, name) in places.iter().filter(|(place, _)| !matches!(place, Travels::Body(_))) {
        if request.extra.value(name).is_some() || (*name == "stream" && request.stream.is_some()) {
            return extra(name);
        }
    }
    // Of Anthropic's own API, not of Bedrock (platform.claude.com, Claude on Amazon Bedrock).
    let automatic = ("cache_control", request.cache_control.is_some());
    let automatic = Some(automatic).filter(|_| !accepts.automatic_cache());
    let elsewhere = || automatic.into_iter().chain(request.uncommon_members());
    control(request.cache_control.as_ref().filter(|_| automatic.is_none()), &Place::ROOT)?;
    if let Some((name, _)) = elsewhere().find(|(_, given)| *given) {
        return extra(name);
    }
    // Even a null is a member that is there.
    if let Some((name, _)) = request.extra.iter().find(|(name, _)| elsewhere().any(|(known, _)| known == *name)) {
        return extra(name);
    }
    only(&request.extra, MessageRequest::MEMBERS, &Place::ROOT)
}

/// Names what is not taken.
pub(super) fn extra(place: impl std::fmt::Display) -> Verdict {
    refuse(format_args!("{place}: Extra inputs are not permitted"))
}

/// What no field took is refused; so is a null where a value is wanted.
pub(super) fn only(extra_members: &Extra, known: &[&str], place: &Place<'_>) -> Verdict {
    for (name, value) in extra_members.iter() {
        if !known.contains(&name) {
            return extra(place.member(name));
        }
        let wanted = NOT_NULL.iter().find(|(known, _)| *known == name).filter(|_| value.is_null());
        if let Some((_, expected)) = wanted {
            return refuse(format_args!("{}: Input should be {expected}", place.member(name)));
        }
    }
    Ok(())
}

fn tool_choice(choice: Option<&ToolChoice>) -> Verdict {
    let place = Place::ROOT.member("tool_choice");
    match choice {
        None => Ok(()),
        Some(ToolChoice::Auto(choice)) => only(&choice.extra, AutoChoice::MEMBERS, &place.member("auto")),
        Some(ToolChoice::Any(choice)) => only(&choice.extra, AnyChoice::MEMBERS, &place.member("any")),
        Some(ToolChoice::Tool(choice)) => only(&choice.extra, ToolByName::MEMBERS, &place.member("tool")),
        Some(ToolChoice::None(choice)) => only(&choice.extra, NoChoice::MEMBERS, &place.member("none")),
        Some(ToolChoice::Other(other)) => tags::unknown(&other.kind, &["any", "auto", "none", "tool"], place),
    }
}

fn tools(tools: &[Tool]) -> Verdict {
    let place = Place::ROOT.member("tools");
    for (index, tool) in tools.iter().enumerate() {
        let place = place.item(index);
        let own = place.member(tool.kind());
        control(tool.checkpoint(), &own)?;
        match tool {
            Tool::Custom(tool) => only(&tool.extra, CustomTool::MEMBERS, &own)?,
            Tool::Bash(tool) | Tool::Memory(tool) | Tool::ToolSearch(tool) => {
                only(&tool.extra, outcrop_wire::messages::PlainTool::MEMBERS, &own)?;
            }
            Tool::TextEditor(tool) => only(&tool.extra, outcrop_wire::messages::TextEditorTool::MEMBERS, &own)?,
            Tool::Computer(tool) => only(&tool.extra, outcrop_wire::messages::ComputerTool::MEMBERS, &own)?,
            // Refused for their kind, or not known here.
            _ => {}
        }
    }
    Ok(())
}

fn system(request: &MessageRequest) -> Verdict {
    let Some(System::Blocks(blocks)) = &request.system else { return Ok(()) };
    let place = Place::ROOT.member("system");
    for (index, block) in blocks.iter().enumerate() {
        let place = place.item(index);
        match block {
            SystemBlock::Text(block) => text(block, &place, request)?,
            SystemBlock::Other(other) => tags::unknown(&other.kind, &["text"], place)?,
        }
    }
    Ok(())
}

fn thinking(thinking: Option<&Thinking>) -> Verdict {
    let place = Place::ROOT.member("thinking");
    let (own, extra_members, binding) = match thinking {
        Some(Thinking::Enabled(thinking)) => ("enabled", &thinking.extra, thinking.block_binding.is_some()),
        Some(Thinking::Adaptive(thinking)) => ("adaptive", &thinking.extra, thinking.block_binding.is_some()),
        Some(Thinking::Disabled(thinking)) => ("disabled", &thinking.extra, false),
        _ => return Ok(()),
    };
    let own = place.member(own);
    // Quoted from AWS (BerriAI/litellm issue 41203).
    if binding {
        return extra(own.member("block_binding"));
    }
    only(extra_members, &["display", "block_binding"], &own)
}

fn output_config(config: Option<&OutputConfig>) -> Verdict {
    let Some(config) = config else { return Ok(()) };
    let place = Place::ROOT.member("output_config");
    only(&config.extra, OutputConfig::MEMBERS, &place)?;
    let format = place.member("format");
    match &config.format {
        None => Ok(()),
        Some(OutputFormat::JsonSchema(schema)) => {
            only(&schema.extra, JsonSchemaFormat::MEMBERS, &format.member("json_schema"))
        }
        Some(OutputFormat::Other(other)) => tags::unknown(&other.kind, &["json_schema"], format),
    }
}

fn turns(request: &MessageRequest, accepts: &Capabilities<'_>) -> Verdict {
    let kinds = tags::blocks(accepts);
    let messages = Place::ROOT.member("messages");
    for (at, turn) in request.messages.iter().enumerate() {
        let place = messages.item(at);
        only(&turn.extra, Turn::MEMBERS, &place)?;
        if turn.clear_at.is_some() && !given(request, CLEAR_AT) {
            return extra(place.member("clear_at"));
        }
        if turn.output_config.is_some() && !given(request, TURN_CONFIG) {
            return extra(place.member("output_config"));
        }
    }
    for (at, turn) in request.messages.iter().enumerate() {
        let (place, role) = (messages.item(at), Some(&turn.role));
        let content = place.member("content");
        for (index, block) in walk::blocks(&turn.content).iter().enumerate() {
            tags::known(&kinds, block.kind(), request, role, content.item(index))?;
        }
    }
    walk::each(&request.messages, &mut |seen, place| match seen {
        Seen::Text(block) => text(block, &place.member("text"), request),
        Seen::Image(block) => image(block, &place.member("image")),
        Seen::Document(block) => document(block, &place.member("document")),
        Seen::SearchResult(block) => search_result(block, &place.member("search_result"), request),
        Seen::ToolResult(block) => {
            let own = place.member("tool_result");
            only(&block.extra, ToolResultBlock::MEMBERS, &own)?;
            control(block.cache_control.as_ref(), &own)
        }
        Seen::Block(Block::ToolUse(block)) => {
            let own = place.member("tool_use");
            only(&block.extra, ToolUseBlock::MEMBERS, &own)?;
            control(block.cache_control.as_ref(), &own)
        }
        Seen::Block(Block::Thinking(block)) => only(&block.extra, ThinkingBlock::MEMBERS, &place.member("thinking")),
        Seen::Block(Block::RedactedThinking(block)) => {
            only(&block.extra, RedactedThinkingBlock::MEMBERS, &place.member("redacted_thinking"))
        }
        Seen::InResult(block) => tags::known(&tags::RESULT_BLOCKS, block.kind(), request, None, place),
        Seen::InSource(block) => tags::known(&tags::SOURCE_BLOCKS, block.kind(), request, None, place),
        Seen::Block(_) => Ok(()),
    })
}

fn text(block: &TextBlock, own: &Place<'_>, request: &MessageRequest) -> Verdict {
    only(&block.extra, TextBlock::MEMBERS, own)?;
    control(block.cache_control.as_ref(), own)?;
    let citations = own.member("citations");
    for (index, citation) in block.citations.iter().flatten().enumerate() {
        let place = citations.item(index);
        tags::known(&tags::CITATIONS, citation.kind(), request, None, place)?;
        let own = place.member(citation.kind());
        match citation {
            Citation::Char(location) => only(&location.extra, CharLocation::MEMBERS, &own)?,
            Citation::Page(location) => only(&location.extra, PageLocation::MEMBERS, &own)?,
            Citation::ContentBlock(location) => only(&location.extra, ContentBlockLocation::MEMBERS, &own)?,
            Citation::SearchResult(location) => only(&location.extra, SearchResultLocation::MEMBERS, &own)?,
            Citation::WebSearchResult(location) => only(&location.extra, WebSearchResultLocation::MEMBERS, &own)?,
            Citation::Other(_) => {}
        }
    }
    Ok(())
}

fn image(block: &ImageBlock, own: &Place<'_>) -> Verdict {
    only(&block.extra, ImageBlock::MEMBERS, own)?;
    control(block.cache_control.as_ref(), own)?;
    let source = own.member("source");
    match &block.source {
        ImageSource::Base64(bytes) => only(&bytes.extra, Base64Source::MEMBERS, &source.member("base64")),
        ImageSource::Url(_) | ImageSource::File(_) => Ok(()),
        ImageSource::Other(other) => tags::unknown(&other.kind, &["base64", "file", "url"], source),
    }
}

fn document(block: &DocumentBlock, own: &Place<'_>) -> Verdict {
    only(&block.extra, DocumentBlock::MEMBERS, own)?;
    control(block.cache_control.as_ref(), own)?;
    if let Some(citations) = &block.citations {
        only(&citations.extra, CitationsConfig::MEMBERS, &own.member("citations"))?;
    }
    let source = own.member("source");
    match &block.source {
        MediaSource::Base64(bytes) => only(&bytes.extra, Base64Source::MEMBERS, &source.member("base64")),
        MediaSource::Text(text) => only(&text.extra, TextSource::MEMBERS, &source.member("text")),
        MediaSource::Content(content) => only(&content.extra, ContentSource::MEMBERS, &source.member("content")),
        MediaSource::Url(_) | MediaSource::File(_) => Ok(()),
        MediaSource::Other(other) => tags::unknown(&other.kind, &["base64", "content", "file", "text", "url"], source),
    }
}

fn search_result(block: &SearchResultBlock, own: &Place<'_>, request: &MessageRequest) -> Verdict {
    only(&block.extra, SearchResultBlock::MEMBERS, own)?;
    let content = own.member("content");
    for (index, block) in block.content.iter().enumerate() {
        let place = content.item(index);
        match block {
            PlainText::Text(block) => text(block, &place.member("text"), request)?,
            PlainText::Other(other) => tags::known(&tags::TEXTS, &other.kind, request, None, place)?,
        }
    }
    control(block.cache_control.as_ref(), own)
}

/// `own` is the place of the block, its kind included.
fn control(control: Option<&CacheControl>, own: &Place<'_>) -> Verdict {
    let Some(control) = control else { return Ok(()) };
    let place = own.member("cache_control");
    only(&control.extra, CacheControl::MEMBERS, &place.member(&control.kind))
}
