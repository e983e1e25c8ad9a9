//! A reply as it is written.
#![allow(clippy::print_stdout)]

use std::io::Write as _;

use outcrop::{Client, Model};

#[tokio::main]
async fn main() -> outcrop::Result<()> {
    let client = Client::from_env().await?;
    let stream = client.message(Model::CLAUDE_SONNET_4_6.global()).user("Tell me about quartz").stream().await?;

    let mut text = stream.text();
    while let Some(piece) = text.next().await {
        print!("{}", piece?);
        let _ = std::io::stdout().flush();
    }

    // What the text alone does not tell: why it ended, and what it cost.
    let reply = text.into_inner().finish().await?;
    println!("\n\n{:?}, {} tokens out", reply.stop_reason, reply.usage.output_tokens);
    if let Some(metrics) = &reply.meta.metrics {
        println!("first byte after {:?} ms", metrics.first_byte_latency.unwrap_or_default());
    }
    Ok(())
}
