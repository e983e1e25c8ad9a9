//! Every block of a conversation, in order, also those inside tool results and documents, each with its place.

use outcrop_wire::messages::{
    Block, Content, DocumentBlock, ImageBlock, MediaSource, ResultBlock, ResultContent, SearchResultBlock, SourceBlock,
    SourceContent, TextBlock, ToolResultBlock, Turn,
};

use super::Verdict;
use super::place::Place;

/// A block, wherever it stands.
#[derive(Clone, Copy)]
pub(super) enum Seen<'a> {
    Text(&'a TextBlock),
    Image(&'a ImageBlock),
    Document(&'a DocumentBlock),
    SearchResult(&'a SearchResultBlock),
    ToolResult(&'a ToolResultBlock),
    /// Any other block of a tool's result.
    InResult(&'a ResultBlock),
    /// Any other block of a document.
    InSource(&'a SourceBlock),
    /// Any other block of a turn.
    Block(&'a Block),
}

/// The blocks of a turn; one that is a string has none.
pub(super) fn blocks(content: &Content) -> &[Block] {
    match content {
        Content::Text(_) => &[],
        Content::Blocks(blocks) => blocks,
    }
}

/// Shows `visit` every block, the outer one before what is inside it.
pub(super) fn each<'a>(turns: &'a [Turn], visit: &mut impl FnMut(Seen<'a>, &Place<'_>) -> Verdict) -> Verdict {
    let messages = Place::ROOT.member("messages");
    for (at, turn) in turns.iter().enumerate() {
        let turn_place = messages.item(at);
        let content = turn_place.member("content");
        for (index, block) in blocks(&turn.content).iter().enumerate() {
            let place = content.item(index);
            match block {
                Block::Text(block) => visit(Seen::Text(block), &place)?,
                Block::Image(block) => visit(Seen::Image(block), &place)?,
                Block::Document(block) => document(block, &place, visit)?,
                Block::SearchResult(block) => visit(Seen::SearchResult(block), &place)?,
                Block::ToolResult(block) => tool_result(block, &place, visit)?,
                block => visit(Seen::Block(block), &place)?,
            }
        }
    }
    Ok(())
}

fn tool_result<'a>(
    result: &'a ToolResultBlock,
    place: &Place<'_>,
    visit: &mut impl FnMut(Seen<'a>, &Place<'_>) -> Verdict,
) -> Verdict {
    visit(Seen::ToolResult(result), place)?;
    let Some(ResultContent::Blocks(blocks)) = &result.content else { return Ok(()) };
    let kind = place.member("tool_result");
    let content = kind.member("content");
    for (index, block) in blocks.iter().enumerate() {
        let place = content.item(index);
        match block {
            ResultBlock::Text(block) => visit(Seen::Text(block), &place)?,
            ResultBlock::Image(block) => visit(Seen::Image(block), &place)?,
            ResultBlock::Document(block) => document(block, &place, visit)?,
            ResultBlock::SearchResult(block) => visit(Seen::SearchResult(block), &place)?,
            block => visit(Seen::InResult(block), &place)?,
        }
    }
    Ok(())
}

fn document<'a>(
    document: &'a DocumentBlock,
    place: &Place<'_>,
    visit: &mut impl FnMut(Seen<'a>, &Place<'_>) -> Verdict,
) -> Verdict {
    visit(Seen::Document(document), place)?;
    let MediaSource::Content(source) = &document.source else { return Ok(()) };
    let SourceContent::Blocks(blocks) = &source.content else { return Ok(()) };
    let kind = place.member("document");
    let source = kind.member("source");
    let source_kind = source.member("content");
    let content = source_kind.member("content");
    for (index, block) in blocks.iter().enumerate() {
        let place = content.item(index);
        match block {
            SourceBlock::Text(block) => visit(Seen::Text(block), &place)?,
            SourceBlock::Image(block) => visit(Seen::Image(block), &place)?,
            block => visit(Seen::InSource(block), &place)?,
        }
    }
    Ok(())
}
