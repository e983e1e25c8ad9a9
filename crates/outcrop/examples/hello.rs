//! One question, one answer.
//!
//! Region and credentials come from where AWS keeps them: the environment, `~/.aws`, a role.
//! `outcrop local` is a Bedrock for trying it without an account.
#![allow(clippy::print_stdout)]

use outcrop::{Client, Model};

#[tokio::main]
async fn main() -> outcrop::Result<()> {
    let client = Client::from_env().await?;
    let reply = client.message(Model::CLAUDE_OPUS_4_6.global()).max_tokens(256).user("Hello, world").await?;
    println!("{}", reply.text());
    println!("{} tokens in, {} out", reply.usage.total_input(), reply.usage.output_tokens);
    Ok(())
}
