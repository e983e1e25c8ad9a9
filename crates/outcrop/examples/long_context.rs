//! More than 200,000 tokens at once: `long_context book.txt`.
//!
//! One switch, whatever the model takes for it: a beta flag where it was given one, nothing where the window is a
//! million tokens by itself, an error that names others where there is no such window.
#![allow(clippy::print_stdout)]

use outcrop::{Block, Client, Document, Model};

#[tokio::main]
async fn main() -> outcrop::Result<()> {
    let path = std::env::args().nth(1).unwrap_or_else(|| "book.txt".to_owned());
    let book = Document::file(&path).await?.title(path);

    let client = Client::from_env().await?;
    let call = client
        .message(Model::CLAUDE_OPUS_4_6.global())
        .max_tokens(2048)
        .context_1m()
        .user([book.into(), Block::text("Who is the story about? Two sentences.")]);

    println!("{} tokens of input", call.clone().count_tokens().await?.input_tokens);
    let reply = call.await?;
    println!("{}", reply.text());
    for note in &reply.meta.notes {
        println!("note: {note}");
    }
    Ok(())
}
