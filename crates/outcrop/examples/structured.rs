//! A reply as a value of a type.
#![allow(clippy::print_stdout)]

use outcrop::Client;
use outcrop::structured::ParseError;
use schemars::JsonSchema;
use serde::Deserialize;

/// Somebody who may buy.
#[derive(Deserialize, JsonSchema)]
struct Lead {
    name: String,
    /// As it was written.
    email: String,
    interests: Vec<Interest>,
    wants_demo: bool,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Interest {
    Price,
    Support,
    Other,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> outcrop::Result<()> {
    let client = Client::from_env().await?;
    let parsed = client
        .message("sonnet")
        .user("Who is this? \"Hi, John Doe here, john@example.com. What does it cost, and can I see it?\"")
        .parse::<Lead>()
        .await?;
    println!("asked for by {:?}", parsed.mode);
    match parsed.output {
        Ok(Lead { name, email, interests, wants_demo }) => {
            println!("{name} <{email}>, demo: {wants_demo}, {interests:?}");
        }
        Err(ParseError::Truncated { text, .. }) => println!("too long: {text}"),
        Err(error) => return Err(error.into()),
    }
    Ok(())
}
