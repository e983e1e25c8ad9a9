//! Tokens, estimated: four characters each. An estimate, not Claude's tokenizer.

use outcrop_wire::messages::server::PlainText;
use outcrop_wire::messages::{
    Block, Content, MediaSource, MessageRequest, ResultBlock, ResultContent, System, SystemBlock, Tool,
};

/// Characters a token.
const WIDTH: usize = 4;
/// Around what an image of a megapixel costs (platform.claude.com, vision).
const IMAGE: u64 = 1600;
/// What wraps each turn.
const TURN: u64 = 4;

/// Tokens of a text.
pub(super) fn of(text: &str) -> u64 {
    text.chars().count().div_ceil(WIDTH) as u64
}

/// The longest prefix of at most `tokens`; `None` when all of it fits.
pub(super) fn prefix(text: &str, tokens: u32) -> Option<&str> {
    let (end, _) = text.char_indices().nth((tokens as usize).saturating_mul(WIDTH))?;
    Some(&text[..end])
}

/// Tokens of a request.
pub(crate) fn of_request(request: &MessageRequest) -> u64 {
    let system = match &request.system {
        None => 0,
        Some(System::Text(text)) => of(text),
        Some(System::Blocks(blocks)) => blocks
            .iter()
            .map(|block| match block {
                SystemBlock::Text(block) => of(&block.text),
                SystemBlock::Other(_) => 0,
            })
            .sum(),
    };
    let tools: u64 = request
        .tools
        .iter()
        .flatten()
        .map(|tool| match tool {
            Tool::Custom(tool) => {
                of(&tool.name) + of(tool.description.as_deref().unwrap_or_default()) + of(tool.input_schema.text())
            }
            other => of(other.kind()),
        })
        .sum();
    let turns: u64 = request
        .messages
        .iter()
        .map(|turn| {
            TURN + match &turn.content {
                Content::Text(text) => of(text),
                Content::Blocks(blocks) => blocks.iter().map(of_block).sum(),
            }
        })
        .sum();
    system + tools + turns
}

fn of_block(block: &Block) -> u64 {
    match block {
        Block::Text(block) => of(&block.text),
        Block::Image(_) => IMAGE,
        Block::Document(document) => of_source(&document.source),
        Block::ToolUse(call) => of(&call.name) + of(call.input.text()),
        Block::ToolResult(result) => match &result.content {
            None => 0,
            Some(ResultContent::Text(text)) => of(text),
            Some(ResultContent::Blocks(blocks)) => blocks
                .iter()
                .map(|block| match block {
                    ResultBlock::Text(block) => of(&block.text),
                    ResultBlock::Image(_) => IMAGE,
                    ResultBlock::Document(document) => of_source(&document.source),
                    ResultBlock::SearchResult(result) => of_texts(&result.content),
                    _ => 0,
                })
                .sum(),
        },
        Block::SearchResult(result) => of_texts(&result.content),
        // Thinking is not counted again, and what runs at the service does not run here.
        _ => 0,
    }
}

fn of_texts(blocks: &[PlainText]) -> u64 {
    blocks
        .iter()
        .map(|block| match block {
            PlainText::Text(block) => of(&block.text),
            PlainText::Other(_) => 0,
        })
        .sum()
}

/// A page of a PDF is near 50 kB and 1,500 tokens; text is text.
fn of_source(source: &MediaSource) -> u64 {
    match source {
        MediaSource::Base64(source) => (source.data.len() as u64 * 3 / 4).div_ceil(50_000) * 1500,
        MediaSource::Text(source) => of(&source.data),
        _ => IMAGE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_has_as_many_tokens_as_asked_for() {
        assert_eq!(prefix("Grüße, Welt", 2), Some("Grüße, W"));
        assert_eq!(prefix("12345678", 2), None);
        assert_eq!(of("123456789"), 3);
    }
}
