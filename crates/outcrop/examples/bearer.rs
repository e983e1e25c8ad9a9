//! A Bedrock API key in place of AWS credentials.
//!
//! `Client::from_env` takes it from `AWS_BEARER_TOKEN_BEDROCK` by itself; so is one given that comes from elsewhere.
#![allow(clippy::print_stdout)]

use outcrop::{Client, Model};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let key = std::env::var("AWS_BEARER_TOKEN_BEDROCK")?;
    let client = Client::builder().bearer_token(key).region("us-west-2").build().await?;

    let reply = client.message(Model::CLAUDE_HAIKU_4_5.global()).user("Hello, world").await?;
    println!("{}", reply.text());
    Ok(())
}
