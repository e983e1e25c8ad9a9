//! What a model would have received, for a person to read.

use std::collections::HashMap;
use std::fmt::Write as _;

use outcrop_wire::catalogue::PdfView;
use outcrop_wire::messages::{
    Base64Source, Block, Content, DocumentBlock, ImageBlock, ImageSource, MediaSource, MessageRequest, ResultBlock,
    ResultContent, Role, SearchResultBlock, SourceBlock, SourceContent, System, Turn,
};

use crate::engine::Ask;
use crate::engine::prompt::Media;
use crate::engine::shelf::{self, Shelf};

/// The first line of every answer.
const WHO: &str = "This is Outcrop's local engine, not Claude. It received:";

/// So much of a document's text is shown, characters.
const SHOWN: usize = 60;

pub(super) fn describe(ask: &Ask<'_>) -> String {
    let request = ask.request;
    let mut text = format!("{WHO}\n\n");
    let last = request.messages.iter().rposition(|turn| turn.role == Role::User);
    if let Some(last) = last {
        let lines = Lines { callers: callers(request), shelf: &ask.prompt.shelf };
        text.push_str(&lines.turn(&request.messages[last]));
        let earlier: Vec<String> = Media::all(&request.messages[..last]).map(|media| lines.media(media)).collect();
        if !earlier.is_empty() {
            text.push_str("\n\nEarlier turns hold:\n");
            text.push_str(&earlier.join("\n"));
        }
    }
    let turns = request.messages.len();
    // Writing to a String does not fail.
    let _ = write!(
        text,
        "\n\nModel {}, scope {}, region {}, {turns} {}, at most {} tokens",
        ask.model.name(),
        ask.scope,
        ask.region,
        if turns == 1 { "turn" } else { "turns" },
        request.max_tokens
    );
    match &request.system {
        None => {}
        Some(System::Text(system)) => drop(write!(text, ", a system prompt of {} characters", system.chars().count())),
        Some(System::Blocks(blocks)) => drop(write!(text, ", a system prompt of {} blocks", blocks.len())),
    }
    if let Some(tools) = request.tools.as_deref().filter(|tools| !tools.is_empty()) {
        let names: Vec<_> = tools.iter().map(|tool| tool.name().unwrap_or_else(|| tool.kind().into())).collect();
        let _ = write!(text, ", tools {}", names.join(", "));
    }
    text.push('.');
    text
}

fn callers(request: &MessageRequest) -> HashMap<&str, &str> {
    let calls = request.blocks().filter_map(|block| match block {
        Block::ToolUse(call) => Some((call.id.as_str(), call.name.as_str())),
        _ => None,
    });
    calls.collect()
}

/// Writes one line for each thing received.
struct Lines<'r> {
    /// The tool of each call, by its id.
    callers: HashMap<&'r str, &'r str>,
    shelf: &'r Shelf<'r>,
}

impl Lines<'_> {
    fn turn(&self, turn: &Turn) -> String {
        match &turn.content {
            Content::Text(said) => said.clone(),
            Content::Blocks(blocks) => blocks.iter().map(|block| self.block(block)).collect::<Vec<_>>().join("\n"),
        }
    }

    fn block(&self, block: &Block) -> String {
        match block {
            Block::Text(block) => block.text.clone(),
            Block::Image(image) => self.image(image),
            Block::Document(document) => self.document(document),
            Block::SearchResult(result) => search_result(result),
            Block::ToolUse(call) => format!("[call of {} with {}]", call.name, call.input),
            Block::ToolResult(result) => {
                let content = match &result.content {
                    None => String::new(),
                    Some(ResultContent::Text(text)) => text.clone(),
                    Some(ResultContent::Blocks(blocks)) => {
                        blocks.iter().map(|block| self.result(block)).collect::<Vec<_>>().join("\n")
                    }
                };
                let failed = if result.is_error == Some(true) { ", failed" } else { "" };
                format!("[result of {}{failed}] {content}", self.caller(&result.tool_use_id))
            }
            Block::Thinking(block) => format!("[thinking of {} characters]", block.thinking.chars().count()),
            Block::RedactedThinking(_) => "[redacted thinking]".to_owned(),
            other => format!("[block of type {}]", other.kind()),
        }
    }

    /// The tool that a result comes from, or the call's id where the call is not in the conversation.
    fn caller<'b>(&'b self, id: &'b str) -> &'b str {
        self.callers.get(id).copied().unwrap_or(id)
    }

    fn result(&self, block: &ResultBlock) -> String {
        match block {
            ResultBlock::Text(block) => block.text.clone(),
            ResultBlock::Image(image) => self.image(image),
            ResultBlock::Document(document) => self.document(document),
            ResultBlock::SearchResult(result) => search_result(result),
            other => format!("[block of type {}]", other.kind()),
        }
    }

    fn media(&self, media: Media<'_>) -> String {
        match media {
            Media::Image(image) => self.image(image),
            Media::Document(document) => self.document(document),
            Media::SearchResult(result) => search_result(result),
        }
    }

    fn image(&self, image: &ImageBlock) -> String {
        match &image.source {
            ImageSource::Base64(source) => format!("[image, {}]", self.bytes(source, "")),
            other => format!("[image, source {}]", other.kind()),
        }
    }

    fn document(&self, document: &DocumentBlock) -> String {
        let title = document.title.as_deref().map(|title| format!(" \"{title}\"")).unwrap_or_default();
        let source = match &document.source {
            MediaSource::Base64(source) => {
                let seen = match self.shelf.view(document) {
                    _ if !self.shelf.views_differ() => "",
                    PdfView::Text => ", text only",
                    PdfView::Pages => ", pages seen",
                };
                self.bytes(source, seen)
            }
            MediaSource::Text(source) => format!(
                "{}, {}{}",
                source.media_type,
                counted(source.data.chars().count(), "character"),
                begins(&source.data)
            ),
            MediaSource::Content(source) => match &source.content {
                SourceContent::Text(text) => format!("1 block{}", begins(text)),
                SourceContent::Blocks(blocks) => {
                    let text = blocks.iter().find_map(|block| match block {
                        SourceBlock::Text(block) => Some(block.text.as_str()),
                        _ => None,
                    });
                    format!("{}{}", counted(blocks.len(), "block"), begins(text.unwrap_or_default()))
                }
            },
            other => format!("source {}", other.kind()),
        };
        format!("[document{title}, {source}]")
    }

    /// What base64 bytes really are, whatever their media type says; `seen` is what is seen of a PDF.
    fn bytes(&self, source: &Base64Source, seen: &str) -> String {
        let Some(reading) = self.shelf.reading(source) else { return source.media_type.clone() };
        let Some(bytes) = reading.bytes else { return format!("{}, not base64", source.media_type) };
        let bytes = counted(bytes, "byte");
        match &reading.content {
            shelf::Content::Picture(picture) => {
                let said = match source.media_type == picture.format.media_type() {
                    true => String::new(),
                    false => format!(" (sent as {})", source.media_type),
                };
                format!("{}{said}, {} x {} pixels, {bytes}", picture.format.media_type(), picture.width, picture.height)
            }
            shelf::Content::Pdf(pdf) => {
                let title = pdf.title.as_deref().map(|title| format!(", titled \"{title}\"")).unwrap_or_default();
                let text = pdf.pages.iter().find(|page| !page.is_empty());
                let begins = text.map_or_else(|| ", no text".to_owned(), |text| begins(text));
                format!("PDF, {}{seen}{title}, {bytes}{begins}", counted(pdf.pages.len(), "page"))
            }
            shelf::Content::Unread(why) => format!("{}, {bytes}, {why}", source.media_type),
        }
    }
}

fn search_result(result: &SearchResultBlock) -> String {
    format!("[search result \"{}\", {}, {}]", result.title, result.source, counted(result.content.len(), "block"))
}

/// `1 page`, `2 pages`.
fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// The first words of a text.
fn begins(text: &str) -> String {
    let mut words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if words.is_empty() {
        return String::new();
    }
    if let Some((end, _)) = words.char_indices().nth(SHOWN) {
        words.truncate(end);
        words.push('…');
    }
    format!(": {words}")
}
