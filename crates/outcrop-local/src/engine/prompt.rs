//! A request as a model reads it: its pieces in order, tools first, then system, then messages.

use outcrop_wire::catalogue::PdfView;
use outcrop_wire::messages::{
    Base64Source, Block, CacheControl, CitationsConfig, Content, DocumentBlock, ImageBlock, MessageRequest,
    ResultBlock, ResultContent, Role, SearchResultBlock, System, SystemBlock, TextBlock, Tool, Turn,
};
use serde::Serialize;

use super::shelf::Shelf;
use super::tokens;

/// A request, with what was read of its images and documents.
#[derive(Debug)]
pub(crate) struct Prompt<'a> {
    pub(crate) request: &'a MessageRequest,
    pub(super) shelf: Shelf<'a>,
}

/// One piece: a tool, a block of the system prompt, or a block of a turn.
#[derive(Clone, Debug)]
pub(crate) struct Piece<'a> {
    pub(crate) tokens: u64,
    pub(crate) what: What<'a>,
}

/// What a piece is.
#[derive(Clone, Debug)]
pub(crate) enum What<'a> {
    Tool(&'a Tool),
    System(Part<'a, SystemBlock>),
    Said(&'a Role, Part<'a, Block>),
}

/// A string stands for one text block, as the Messages API has it.
#[derive(Clone, Debug)]
pub(crate) enum Part<'a, B> {
    Text(&'a str),
    Block(&'a B),
}

impl<'a> Prompt<'a> {
    /// `uncited` is what is seen of a PDF that is not to be cited.
    pub(crate) fn new(request: &'a MessageRequest, uncited: PdfView) -> Self {
        Prompt { request, shelf: Shelf::of(Media::all(&request.messages), uncited) }
    }

    /// Tokens of the whole.
    pub(crate) fn tokens(&self) -> u64 {
        self.pieces().map(|piece| piece.tokens).sum()
    }

    /// The size in pixels of an image, where it can be read.
    pub(crate) fn picture_size(&self, source: &Base64Source) -> Option<(u64, u64)> {
        self.shelf.picture(source).map(|picture| (picture.width, picture.height))
    }

    /// The pages of a PDF, where it can be read.
    pub(crate) fn pdf_pages(&self, source: &Base64Source) -> Option<usize> {
        self.shelf.pdf(source).map(|pdf| pdf.pages.len())
    }

    /// Whether some document or search result is to be cited.
    pub(crate) fn cites(&self) -> bool {
        let on = |citations: &Option<CitationsConfig>| {
            citations.as_ref().is_some_and(|citations| citations.enabled == Some(true))
        };
        Media::all(&self.request.messages).any(|media| match media {
            Media::Image(_) => false,
            Media::Document(document) => on(&document.citations),
            Media::SearchResult(result) => on(&result.citations),
        })
    }

    /// Whether there is some image.
    pub(crate) fn has_images(&self) -> bool {
        Media::all(&self.request.messages).any(|media| matches!(media, Media::Image(_)))
    }

    /// Every piece, in order.
    pub(crate) fn pieces(&self) -> impl Iterator<Item = Piece<'a>> {
        let tools = self
            .request
            .tools
            .iter()
            .flatten()
            .map(|tool| Piece { tokens: tokens::of_tool(tool), what: What::Tool(tool) });
        let (text, blocks) = match &self.request.system {
            None => (None, &[][..]),
            Some(System::Text(text)) => (Some(text.as_str()), &[][..]),
            Some(System::Blocks(blocks)) => (None, &blocks[..]),
        };
        let text = text.map(|text| (tokens::of(text), Part::Text(text)));
        let blocks = blocks.iter().map(|block| (tokens::of_system(block), Part::Block(block)));
        let system = text.into_iter().chain(blocks).map(|(tokens, part)| Piece { tokens, what: What::System(part) });
        let messages = self.request.messages.iter().flat_map(|turn| {
            let (text, blocks) = match &turn.content {
                Content::Text(text) => (Some(text.as_str()), &[][..]),
                Content::Blocks(blocks) => (None, &blocks[..]),
            };
            let text = text.map(|text| (tokens::of(text), Part::Text(text)));
            let blocks = blocks.iter().map(|block| (tokens::of_block(block, &self.shelf), Part::Block(block)));
            // What wraps the turn goes with its first block.
            let wraps = std::iter::once(tokens::TURN).chain(std::iter::repeat(0));
            let parts = text.into_iter().chain(blocks).zip(wraps);
            parts.map(|((tokens, part), wrap)| Piece { tokens: tokens + wrap, what: What::Said(&turn.role, part) })
        });
        tools.chain(system).chain(messages)
    }
}

/// A block that stands for something outside the conversation.
#[derive(Clone, Copy, Debug)]
pub(super) enum Media<'a> {
    Image(&'a ImageBlock),
    Document(&'a DocumentBlock),
    SearchResult(&'a SearchResultBlock),
}

impl<'a> Media<'a> {
    /// Of every block of `turns` and what stands inside tool results, in order.
    pub(super) fn all(turns: &'a [Turn]) -> impl Iterator<Item = Self> {
        turns
            .iter()
            .flat_map(|turn| match &turn.content {
                Content::Text(_) => &[][..],
                Content::Blocks(blocks) => blocks,
            })
            .flat_map(|block| {
                let inside = match block {
                    Block::ToolResult(result) => match &result.content {
                        Some(ResultContent::Blocks(blocks)) => &blocks[..],
                        _ => &[],
                    },
                    _ => &[],
                };
                Media::of(block).into_iter().chain(inside.iter().filter_map(Media::inside))
            })
    }

    fn of(block: &'a Block) -> Option<Self> {
        Some(match block {
            Block::Image(image) => Media::Image(image),
            Block::Document(document) => Media::Document(document),
            Block::SearchResult(result) => Media::SearchResult(result),
            _ => return None,
        })
    }

    fn inside(block: &'a ResultBlock) -> Option<Self> {
        Some(match block {
            ResultBlock::Image(image) => Media::Image(image),
            ResultBlock::Document(document) => Media::Document(document),
            ResultBlock::SearchResult(result) => Media::SearchResult(result),
            _ => return None,
        })
    }
}

impl What<'_> {
    /// Whether a checkpoint may end with this: thinking and empty texts take none.
    pub(crate) fn is_cacheable(&self) -> bool {
        match self {
            What::System(Part::Text(text)) | What::Said(_, Part::Text(text)) => !text.is_empty(),
            What::System(Part::Block(SystemBlock::Text(block))) => !block.text.is_empty(),
            What::Said(_, Part::Block(block)) => match block {
                Block::Text(block) => !block.text.is_empty(),
                Block::Thinking(_) | Block::RedactedThinking(_) => false,
                _ => true,
            },
            What::Tool(_) | What::System(Part::Block(SystemBlock::Other(_))) => true,
        }
    }

    /// The cache checkpoint that ends with this piece; one inside a tool result stands for the whole of it.
    pub(crate) fn checkpoint(&self) -> Option<CacheControl> {
        match self {
            What::Tool(Tool::Other(other)) => other.members.value("cache_control")?.parse().ok(),
            What::Tool(tool) => tool.checkpoint().cloned(),
            What::System(Part::Block(block)) => block.checkpoint().cloned(),
            What::Said(_, Part::Block(block)) => match (block, block.checkpoint()) {
                (Block::ToolResult(result), None) => match &result.content {
                    Some(ResultContent::Blocks(blocks)) => {
                        blocks.iter().rev().find_map(ResultBlock::checkpoint).cloned()
                    }
                    _ => None,
                },
                (_, checkpoint) => checkpoint.cloned(),
            },
            What::System(Part::Text(_)) | What::Said(_, Part::Text(_)) => None,
        }
    }

    /// What must be the same for the piece to be the same, checkpoints aside: a kind and bytes.
    pub(crate) fn identity(&self) -> (&'static str, Vec<u8>) {
        let plain = self.checkpoint().is_none();
        match self {
            What::Tool(tool) if plain && !matches!(tool, Tool::Other(_)) => ("tool", bytes(tool)),
            What::Tool(tool) => {
                let mut tool = (*tool).clone();
                tool.checkpoint_mut().map(Option::take);
                if let Tool::Other(other) = &mut tool {
                    other.members.take("cache_control");
                }
                ("tool", bytes(&tool))
            }
            What::System(Part::Text(text)) => ("system", bytes(&SystemBlock::Text(TextBlock::new(*text)))),
            What::System(Part::Block(block)) if plain => ("system", bytes(block)),
            What::System(Part::Block(block)) => {
                let mut block = (*block).clone();
                block.checkpoint_mut().map(Option::take);
                ("system", bytes(&block))
            }
            What::Said(role, Part::Text(text)) => (speaker(role), bytes(&Block::text(*text))),
            What::Said(role, Part::Block(block)) if plain => (speaker(role), bytes(block)),
            What::Said(role, Part::Block(block)) => {
                let mut block = (*block).clone();
                block.checkpoint_mut().map(Option::take);
                if let Block::ToolResult(result) = &mut block
                    && let Some(ResultContent::Blocks(blocks)) = &mut result.content
                {
                    blocks.iter_mut().filter_map(ResultBlock::checkpoint_mut).for_each(|place| *place = None);
                }
                (speaker(role), bytes(&block))
            }
        }
    }
}

fn bytes(value: &impl Serialize) -> Vec<u8> {
    // Wire values always encode.
    serde_json::to_vec(value).unwrap_or_default()
}

fn speaker(role: &Role) -> &'static str {
    match role {
        Role::Assistant => "assistant",
        Role::System => "instructions",
        _ => "user",
    }
}
