//! The AWS side of Claude on Amazon Bedrock, on loopback or in process.
//!
//! A stand-in that is strict enough that passing it means something: it verifies signatures, refuses what AWS refuses in
//! AWS's words where those are recorded or documented, and answers with the headers, ids, key order and frames of
//! recorded traffic. What answers inside is an engine, by default `mirror`, which says what a model would have received
//! and never poses as Claude.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> std::io::Result<()> {
//! let local = outcrop_local::Local::new();
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
//! println!("listening on http://{}", listener.local_addr()?);
//! # let stop = async {};
//! # let sigterm = || stop;
//! local.serve(listener, sigterm()).await;
//! # Ok(()) }
//! ```
//!
//! In the order an exchange passes through: `server`, `exchange` (read this first), `upload`, `authenticate`, `account`, `check`,
//! `engine`, `answer`; beside them `thinking`.

mod account;
mod answer;
mod authenticate;
mod check;
mod engine;
mod exchange;
mod server;
mod thinking;
mod upload;

pub use account::{Account, Credential, REGION};
pub use check::BODY_LIMIT;
pub use server::{Builder, Local, Notice};

/// The response header that carries what the local Bedrock lets pass and AWS may refuse.
pub const WARNING_HEADER: &str = "x-outcrop-warning";

/// The response header that names the engine that answered.
pub const ENGINE_HEADER: &str = "x-outcrop-engine";
