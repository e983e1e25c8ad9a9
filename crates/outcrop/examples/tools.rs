//! Claude calls two tools of this program: a struct of arguments, and a closure.
#![allow(clippy::print_stdout)]

use outcrop::tools::{Call, Decision, RunEvent, ToolContext, ToolResult, tool_fn};
use outcrop::{Client, Delta, Event, Tool};
use schemars::JsonSchema;
use serde::Deserialize;

/// The weather of a city, now.
#[derive(Tool, Deserialize, JsonSchema)]
struct GetWeather {
    /// The city, without its country: "Paris".
    city: String,
}

impl Call for GetWeather {
    async fn call(self, _context: &ToolContext) -> ToolResult {
        // A tool that fails tells the model why: `?` takes any error.
        let degrees = 10 + i32::try_from(self.city.len())?;
        Ok(format!("{degrees} degrees, dry").into())
    }
}

#[derive(Deserialize, JsonSchema)]
struct Send {
    /// To whom.
    to: String,
    text: String,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> outcrop::Result<()> {
    let client = Client::from_env().await?;
    let send = tool_fn("send_mail", "Sends an e-mail.", |mail: Send| async move {
        Ok(format!("sent {} letters to {}", mail.text.len(), mail.to).into())
    });
    let run = client
        .message("sonnet")
        .user("Mail ada@example.com how warm it is in Paris and in Rome.")
        .run([GetWeather::tool(), send])
        .max_turns(8)
        .before_call(|call| async move {
            match call.input.text().contains("@example.com") || call.name != "send_mail" {
                true => Decision::Allow,
                false => Decision::deny("mail only goes to example.com"),
            }
        });
    let mut stream = run.stream();
    while let Some(event) = stream.next().await {
        match event? {
            RunEvent::Event(Event::ContentBlockDelta(event)) => {
                if let Delta::Text(delta) = event.delta {
                    print!("{}", delta.text);
                }
            }
            RunEvent::ToolStarted(call) => println!("\n> {} {}", call.name, call.input),
            RunEvent::ToolFinished(finished) => println!("< {:?}", finished.result.content),
            _ => {}
        }
    }
    let run = stream.finish().await?;
    println!("\n{} replies, {} tokens in, {} out", run.turns, run.usage.total_input(), run.usage.output_tokens);
    Ok(())
}
