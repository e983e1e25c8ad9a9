//! AWS's own Converse API, for programs that come from boto3: a tool is called, and its result sent back.
#![allow(clippy::print_stdout)]

use outcrop::converse::{ContentBlock, ConverseRequest, ToolSpec};
use outcrop::{Client, Json};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::from_env().await?;
    let schema = r#"{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}"#;
    let mut request = ConverseRequest::new("us.anthropic.claude-sonnet-4-5-20250929-v1:0")
        .system("Answer in one sentence.")
        .user("How is the weather in Oslo?")
        .tool(ToolSpec::new("weather", Json::from_text(schema)?).description("Tells the weather of a city."))
        .max_tokens(1024);

    let response = client.converse().create(&request).await?;
    let results: Vec<ContentBlock> = response
        .tool_uses()
        .map(|call| {
            println!("{} {}", call.name, call.input);
            ContentBlock::tool_result(&call.tool_use_id, "14 degrees, rain")
        })
        .collect();
    if let (Some(message), false) = (response.message(), results.is_empty()) {
        request = request.message(message.clone()).user(results);
    }

    // `converse_stream`: Claude's text begins with its first delta.
    let mut stream = client.converse().stream(&request).await?;
    while let Some(event) = stream.next().await {
        print!("{}", event?.text().unwrap_or_default());
    }
    let response = stream.finish().await?;
    println!(
        "\n{:?}, {} tokens, {} ms",
        response.stop_reason, response.usage.total_tokens, response.metrics.latency_ms
    );
    Ok(())
}
