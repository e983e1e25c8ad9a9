//! Tokens, estimated: four characters each. An estimate, not Claude's tokenizer.

use outcrop_wire::catalogue::PdfView;
use outcrop_wire::messages::PlainText;
use outcrop_wire::messages::{
    Block, DocumentBlock, ImageBlock, ImageSource, MediaSource, MessageRequest, ResultBlock, ResultContent,
    SourceBlock, SourceContent, SystemBlock, Tool,
};

use super::prompt::Prompt;
use super::shelf::Shelf;

/// Characters a token.
const WIDTH: usize = 4;

/// Pixels a token, and what a picture is made smaller to before it is looked at: tokens, and pixels of the longer side
/// (platform.claude.com, vision). The most also stands for pictures that are not there to be measured.
const PIXELS: u64 = 750;
const PICTURE: u64 = 1600;
const LONGER_SIDE: u64 = 1568;

/// A page is looked at as a picture besides its text, where it is seen: about 7,000 tokens for three pages, and 1,000 for
/// their text alone (platform.claude.com, PDF support).
const PAGE: u64 = 1500;
const PAGE_TEXT: u64 = 333;
/// A page of a PDF that cannot be read is taken for so many bytes.
const PAGE_BYTES: u64 = 50_000;

/// What wraps each turn.
pub(super) const TURN: u64 = 4;

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
pub(crate) fn of_request(request: &MessageRequest, uncited: PdfView) -> u64 {
    Prompt::new(request, uncited).tokens()
}

pub(super) fn of_system(block: &SystemBlock) -> u64 {
    match block {
        SystemBlock::Text(block) => of(&block.text),
        SystemBlock::Other(_) => 0,
    }
}

pub(super) fn of_tool(tool: &Tool) -> u64 {
    match tool {
        Tool::Custom(tool) => {
            of(&tool.name) + of(tool.description.as_deref().unwrap_or_default()) + of(tool.input_schema.text())
        }
        other => of(other.kind()),
    }
}

pub(super) fn of_block(block: &Block, shelf: &Shelf<'_>) -> u64 {
    match block {
        Block::Text(block) => of(&block.text),
        Block::Image(image) => of_image(image, shelf),
        Block::Document(document) => of_document(document, shelf),
        Block::ToolUse(call) => of(&call.name) + of(call.input.text()),
        Block::ToolResult(result) => match &result.content {
            None => 0,
            Some(ResultContent::Text(text)) => of(text),
            Some(ResultContent::Blocks(blocks)) => blocks
                .iter()
                .map(|block| match block {
                    ResultBlock::Text(block) => of(&block.text),
                    ResultBlock::Image(image) => of_image(image, shelf),
                    ResultBlock::Document(document) => of_document(document, shelf),
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

fn of_image(image: &ImageBlock, shelf: &Shelf<'_>) -> u64 {
    let ImageSource::Base64(source) = &image.source else { return PICTURE };
    shelf.picture(source).map_or(PICTURE, |picture| of_pixels(picture.width, picture.height))
}

fn of_pixels(width: u64, height: u64) -> u64 {
    let longer = width.max(height).max(1);
    let (width, height) = match longer > LONGER_SIDE {
        true => (width * LONGER_SIDE / longer, height * LONGER_SIDE / longer),
        false => (width, height),
    };
    (width * height).div_ceil(PIXELS).clamp(1, PICTURE)
}

fn of_document(document: &DocumentBlock, shelf: &Shelf<'_>) -> u64 {
    let words = of(document.title.as_deref().unwrap_or_default()) + of(document.context.as_deref().unwrap_or_default());
    words
        + match &document.source {
            MediaSource::Base64(source) => {
                let (seen, unread) = match shelf.view(document) {
                    PdfView::Text => (0, PAGE_TEXT),
                    PdfView::Pages => (PAGE, PAGE),
                };
                match shelf.pdf(source) {
                    Some(pdf) => pdf.pages.iter().map(|text| seen + of(text)).sum(),
                    None => (source.data.len() as u64 * 3 / 4).div_ceil(PAGE_BYTES) * unread,
                }
            }
            MediaSource::Text(source) => of(&source.data),
            MediaSource::Content(source) => match &source.content {
                SourceContent::Text(text) => of(text),
                SourceContent::Blocks(blocks) => blocks
                    .iter()
                    .map(|block| match block {
                        SourceBlock::Text(block) => of(&block.text),
                        SourceBlock::Image(image) => of_image(image, shelf),
                        SourceBlock::Other(_) => 0,
                    })
                    .sum(),
            },
            _ => PAGE,
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

    #[test]
    fn pictures_cost_by_their_pixels_up_to_what_they_are_made_smaller_to() {
        for (width, height, tokens) in [(200, 200, 54), (1000, 1000, 1334), (1568, 100, 210), (3136, 200, 210)] {
            assert_eq!(of_pixels(width, height), tokens, "{width} x {height}");
        }
        assert_eq!(of_pixels(8000, 8000), PICTURE);
        assert_eq!((of_pixels(0, 0), of_pixels(1, 1)), (1, 1));
    }
}
