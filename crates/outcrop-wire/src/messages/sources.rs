//! Every source of an image or a document in a request, wherever it stands: in a turn, in a tool's result, in a document
//! made of blocks.

use super::{
    Block, Content, DocumentBlock, ImageSource, MediaSource, MessageRequest, ResultBlock, ResultContent, SourceBlock,
    SourceContent,
};

/// A source in a request.
#[derive(Clone, Copy, Debug)]
pub enum Source<'a> {
    /// Of an image.
    Image(&'a ImageSource),
    /// Of a document.
    Document(&'a MediaSource),
}

/// A source in a request, to be changed.
#[derive(Debug)]
pub enum SourceMut<'a> {
    /// Of an image.
    Image(&'a mut ImageSource),
    /// Of a document.
    Document(&'a mut MediaSource),
}

impl Source<'_> {
    /// Where it can be fetched, when that is its kind.
    #[must_use]
    pub fn url(&self) -> Option<&str> {
        match self {
            Source::Image(ImageSource::Url(source)) | Source::Document(MediaSource::Url(source)) => Some(&source.url),
            _ => None,
        }
    }
}

impl MessageRequest {
    /// Visits every source, in order; with it goes its block's place, `messages.0.content.2`.
    pub fn each_source(&self, mut visit: impl FnMut(String, Source<'_>)) {
        for (turn, content) in self.messages.iter().map(|turn| &turn.content).enumerate() {
            let Content::Blocks(blocks) = content else { continue };
            for (at, block) in blocks.iter().enumerate() {
                let place = || format!("messages.{turn}.content.{at}");
                match block {
                    Block::Image(image) => visit(place(), Source::Image(&image.source)),
                    Block::Document(document) => each_of(document, place(), &mut visit),
                    Block::ToolResult(result) => {
                        let Some(ResultContent::Blocks(blocks)) = &result.content else { continue };
                        for (within, block) in blocks.iter().enumerate() {
                            let place = || format!("{}.content.{within}", place());
                            match block {
                                ResultBlock::Image(image) => visit(place(), Source::Image(&image.source)),
                                ResultBlock::Document(document) => each_of(document, place(), &mut visit),
                                _ => {}
                            }
                        }
                    }
                    _ => {}
                }
            }
        }
    }

    /// Visits every source to change it, until one fails.
    ///
    /// # Errors
    /// What the visitor gives.
    pub fn each_source_mut<E>(&mut self, mut visit: impl FnMut(SourceMut<'_>) -> Result<(), E>) -> Result<(), E> {
        for turn in &mut self.messages {
            let Content::Blocks(blocks) = &mut turn.content else { continue };
            for block in blocks {
                match block {
                    Block::Image(image) => visit(SourceMut::Image(&mut image.source))?,
                    Block::Document(document) => each_of_mut(document, &mut visit)?,
                    Block::ToolResult(result) => {
                        let Some(ResultContent::Blocks(blocks)) = &mut result.content else { continue };
                        for block in blocks {
                            match block {
                                ResultBlock::Image(image) => visit(SourceMut::Image(&mut image.source))?,
                                ResultBlock::Document(document) => each_of_mut(document, &mut visit)?,
                                _ => {}
                            }
                        }
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }
}

/// The source of a document, and those of the images in it.
fn each_of(document: &DocumentBlock, place: String, visit: &mut impl FnMut(String, Source<'_>)) {
    visit(place.clone(), Source::Document(&document.source));
    let MediaSource::Content(source) = &document.source else { return };
    let SourceContent::Blocks(blocks) = &source.content else { return };
    for (at, block) in blocks.iter().enumerate() {
        if let SourceBlock::Image(image) = block {
            visit(format!("{place}.source.content.{at}"), Source::Image(&image.source));
        }
    }
}

fn each_of_mut<E>(
    document: &mut DocumentBlock,
    visit: &mut impl FnMut(SourceMut<'_>) -> Result<(), E>,
) -> Result<(), E> {
    visit(SourceMut::Document(&mut document.source))?;
    let MediaSource::Content(source) = &mut document.source else { return Ok(()) };
    let SourceContent::Blocks(blocks) = &mut source.content else { return Ok(()) };
    for block in blocks {
        if let SourceBlock::Image(image) = block {
            visit(SourceMut::Image(&mut image.source))?;
        }
    }
    Ok(())
}
