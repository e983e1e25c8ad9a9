//! Cases of images, documents, search results, and citations.

use outcrop::wire::messages::{SourceBlock, TextBlock};
use outcrop::{Block, Document, Image, Model, SearchResult};

use crate::asking::Asking;

const SQUARE: &[u8] = include_bytes!("../../../media/square.png");
const DOT: &[u8] = include_bytes!("../../../media/dot.jpg");
const REPORT: &[u8] = include_bytes!("../../../media/report.pdf");

/// A red square, PNG.
pub(crate) fn square() -> Image {
    Image::bytes(SQUARE).expect("it is a PNG")
}

fn dot() -> Image {
    Image::bytes(DOT).expect("it is a JPEG")
}

/// Two pages, PDF.
pub(crate) fn report() -> Document {
    Document::pdf(REPORT).expect("it is a PDF")
}

pub(crate) async fn ask(asking: &mut Asking) {
    let client = asking.client.clone();
    let say = |model: Model, max_tokens: u32| client.message(model.global()).max_tokens(max_tokens);

    let call = say(Model::CLAUDE_SONNET_4_5, 256).user([square().into(), Block::text("Which colour is it?")]);
    asking.whole("image: PNG", call).await;

    let call = say(Model::CLAUDE_SONNET_4_6, 256)
        .user([Block::text("One:"), dot().into(), Block::text("Two:"), square().into()])
        .assistant("I see two.")
        .user([dot().into(), Block::text("And this?")]);
    asking.streamed("image: several", call).await;

    let call = say(Model::CLAUDE_SONNET_4_5, 256).user([report().into(), Block::text("Sum it up")]);
    asking.whole("PDF: bare", call).await;

    let cited = report().title("Harbour report").context("Written by its keeper.").citations(true);
    let call = say(Model::CLAUDE_OPUS_4_6, 512).user([cited.into(), Block::text("What colour is the lantern?")]);
    asking.streamed("PDF: title, context, citations", call).await;

    let facts = || Document::text("The grass is green. The sky is blue.").citations(true);
    let question = || Block::text("What colour is the sky?");
    let call = say(Model::CLAUDE_SONNET_4_5, 512).user([facts().title("Facts").into(), question()]);
    asking.whole("document: plain text, cited", call).await;

    let album = [
        TextBlock::new("The grass is green.").into(),
        SourceBlock::from(square()),
        TextBlock::new("So it says.").into(),
    ];
    let album = Document::blocks(album).title("Album").citations(true);
    let one_string = Document::blocks("One string.").citations(true);
    let call =
        say(Model::CLAUDE_SONNET_4_5, 512).user([album.into(), one_string.into(), Block::text("What is green?")]);
    asking.streamed("document: blocks", call).await;

    let quartz = SearchResult::new("https://example.com/quartz", "Quartz").text("Quartz is hard.").text("It is clear.");
    let talc = SearchResult::new("wiki/talc", "Talc").text("Talc is soft.").citations(true);
    let results = [quartz.citations(true).into(), talc.into(), Block::text("Which is hard?")];
    asking.whole("document: search results", say(Model::CLAUDE_OPUS_4_6, 512).user(results)).await;

    // What the server answers goes back as it is: its citations, too.
    let call = say(Model::CLAUDE_SONNET_4_5, 512).user([facts().into(), question()]);
    if let Some(reply) = asking.streamed("citations: sent back", call.clone()).await {
        asking.streamed("citations: sent back", call.turn(reply).user("And the grass?")).await;
    }
}
