//! Tools that the model calls and this program carries out: how one is made, and the runner that takes turns.
//!
//! A tool is a struct of arguments with [`Call`], or a closure (`tool_fn`, [`Callable::new`]). [`MessageCall::run`] asks
//! the model, carries out what it calls, sends the results back, and so on until it is done.
//!
#![cfg_attr(feature = "derive", doc = "```")]
#![cfg_attr(not(feature = "derive"), doc = "```ignore")]
//! use outcrop::tools::{Call, ToolContext, ToolResult, tool_fn};
//! use outcrop::{Client, Tool};
//!
//! /// The weather of a city, now.
//! #[derive(Tool, serde::Deserialize, schemars::JsonSchema)]
//! struct GetWeather {
//!     /// The city: "Paris".
//!     city: String,
//! }
//!
//! impl Call for GetWeather {
//!     async fn call(self, _context: &ToolContext) -> ToolResult {
//!         Ok(format!("{}: 21 degrees", self.city).into())
//!     }
//! }
//!
//! # #[derive(serde::Deserialize, schemars::JsonSchema)] struct Sum { a: f64, b: f64 }
//! # async fn run(client: Client) -> outcrop::Result<()> {
//! let add = tool_fn("add", "Adds two numbers.", |sum: Sum| async move { Ok((sum.a + sum.b).to_string().into()) });
//! let run = client.message("sonnet").user("How warm is Paris?").run([GetWeather::tool(), add]).await?;
//! println!("{} ({} tokens out)", run.reply.text(), run.usage.output_tokens);
//! # Ok(()) }
//! ```
//!
//! In the order a run passes through: `run` (settings), `turns` (the loop), `calls` (what one reply calls).
//!
//! [`MessageCall::run`]: crate::MessageCall::run

mod arguments;
mod callable;
mod calls;
mod event;
mod memory;
mod output;
mod run;
mod set;
mod stream;
mod turns;

#[cfg(feature = "derive")]
#[doc(hidden)]
pub use arguments::describe;
pub use arguments::{Call, ToolArguments};
#[cfg(feature = "derive")]
pub use callable::tool_fn;
pub use callable::{Callable, ToolContext};
pub use event::{Outcome, RunEvent, ToolFinished};
pub use memory::{MemoryCommand, MemoryFolder};
pub use output::{ToolError, ToolOutput, ToolResult};
pub use run::{Decision, Run, RunError, Stopped, ToolRun};
pub use set::ToolSet;
pub use stream::RunStream;
