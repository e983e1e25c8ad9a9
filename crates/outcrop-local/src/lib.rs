//! The AWS side of Claude on Amazon Bedrock, on loopback or in process.
//!
//! A stand-in that is strict enough that passing it means something: it verifies signatures, refuses what AWS refuses in
//! AWS's words where those are recorded or documented, and answers with the headers, ids, key order and frames of
//! recorded traffic. What answers inside is an engine, by default `mirror`, which says what a model would have received
//! and never poses as Claude.
//!
//! The mirror calls tools that it must call, and those that the user's last words name (deferred ones after a search);
//! an answer with a schema is the smallest instance of it; each document and search result with citations on is quoted
//! once, the sentence nearest to what was asked; images and PDFs are told by what is really in them; thinking is signed;
//! the prompt cache is kept as Claude keeps it.
//!
//! # In tests
//!
//! [`Local::start`] listens on a port of its own until it is dropped. Any client will do; here it is a few bytes on a
//! socket, with the Bedrock API key of the stand-in's own account.
//!
//! ```
//! # use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
//! use outcrop_local::wire::fault::{Fault, Origin};
//! use outcrop_local::{Account, Local, Reply, Rule, Script};
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let script = Script::new().rule(Rule::new(Reply::text("It rains.")).text("weather"));
//! let local = Local::builder().script(script).start().await?;
//!
//! // Programs are pointed at it by their environment, clients in this process by `local.url()`.
//! let mut program = std::process::Command::new("my-program");
//! program.envs(local.environment());
//!
//! // The first call is throttled, as a client that tries again should be tested.
//! local.fail_next(Fault::new("ThrottlingException", "Too many requests", Origin::Http));
//!
//! let body = r#"{"anthropic_version":"bedrock-2023-05-31","max_tokens":64,
//!     "messages":[{"role":"user","content":"How is the weather?"}]}"#;
//! let mut answers = Vec::new();
//! for _ in 0..2 {
//!     let mut socket = tokio::net::TcpStream::connect(local.address()).await?;
//!     let head = format!(
//!         "POST /model/global.anthropic.claude-opus-4-6-v1/invoke HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\n\
//!          connection: close\r\ncontent-length: {}\r\n\r\n",
//!         local.address(), Account::BEARER_TOKEN, body.len()
//!     );
//!     socket.write_all(format!("{head}{body}").as_bytes()).await?;
//!     let mut answer = String::new();
//!     socket.read_to_string(&mut answer).await?;
//!     answers.push(answer);
//! }
//! assert!(answers[0].starts_with("HTTP/1.1 429"));
//! assert!(answers[1].contains("It rains."));
//!
//! let asked = local.asked();
//! assert_eq!(asked.len(), 2);
//! assert_eq!(asked[1].operation, "InvokeModel");
//! assert_eq!(asked[1].request()?.max_tokens, 64);
//! local.stop().await;
//! # Ok(()) }
//! ```
//!
//! [`Local::connect`] gives a connection in process, without a socket. What [`Script`], [`Recording`] and
//! [`Builder::record`] do is also to be had from the command line: `outcrop local --script`, `--replay`, `--record`.
//!
//! In the order an exchange passes through: `server`, `exchange` (read this first), `upload`, `authenticate`, `account`,
//! `answered`, `check`, `engine`, `answer`; beside them `cache` and `thinking`.

mod account;
mod answer;
mod answered;
mod asked;
mod authenticate;
mod cache;
mod check;
mod count;
mod cut;
mod engine;
mod events;
mod exchange;
mod recorded;
mod reply;
mod server;
mod serving;
mod thinking;
mod upload;

pub use account::{Account, Credential, REGION};
pub use asked::Asked;
pub use check::BODY_LIMIT;
pub use engine::{
    Outgoing, Recording, RecordingError, Rule, Script, ScriptError, Upstream, UpstreamAnswer, UpstreamBody,
};
/// The crate whose types are in this interface.
pub use outcrop_wire as wire;
pub use reply::{Break, Framed, Reply};
pub use server::{Builder, Local, Notice};
pub use serving::Server;

/// The response header that carries what the local Bedrock lets pass and AWS may refuse.
pub const WARNING_HEADER: &str = "x-outcrop-warning";

/// The response header that names the engine that answered. What passes through from upstream has it only if it had it.
pub const ENGINE_HEADER: &str = "x-outcrop-engine";
