//! A model that thinks first: its thinking, then its answer, as both are written.
#![allow(clippy::print_stdout)]

use outcrop::{Client, Delta, Event, Model, Thinking};

#[tokio::main]
async fn main() -> outcrop::Result<()> {
    let client = Client::from_env().await?;
    let mut stream = client
        .message(Model::CLAUDE_SONNET_4_5.global())
        .max_tokens(8_000)
        .thinking(Thinking::budget(4_000))
        .user("How many squares are on a chessboard?")
        .stream()
        .await?;

    while let Some(event) = stream.next().await {
        match event? {
            Event::ContentBlockDelta(event) => match event.delta {
                Delta::Thinking(delta) => print!("\x1b[2m{}\x1b[0m", delta.thinking),
                Delta::Text(delta) => print!("{}", delta.text),
                _ => {}
            },
            Event::ContentBlockStop(_) => println!("\n"),
            _ => {}
        }
    }

    // To go on, send the reply back as it is: `.turn(&reply)`. The signature of its thinking is kept.
    let reply = stream.finish().await?;
    println!("{} tokens out", reply.usage.output_tokens);
    Ok(())
}
