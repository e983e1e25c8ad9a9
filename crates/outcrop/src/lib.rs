//! Claude on Amazon Bedrock: the typed Messages API for Rust, without the AWS SDK.
//!
//! ```
//! use outcrop::{Client, Model};
//!
//! # async fn run() -> outcrop::Result<()> {
//! # let local = outcrop_local::Local::new();
//! # let (access_key, secret) = (outcrop_local::Account::ACCESS_KEY_ID, outcrop_local::Account::SECRET_ACCESS_KEY);
//! let client = Client::builder()
//!     .access_key(access_key, secret)
//!     .region("us-west-2")
//! #   .connector(move |_| std::future::ready(Ok(local.connect())))
//!     .build()
//!     .await?;
//! let reply = client
//!     .message(Model::CLAUDE_OPUS_4_6.global())
//!     .max_tokens(256)
//!     .user("Hello, world")
//!     .await?;
//! println!("{}", reply.text());
//! # assert!(reply.text().contains("Hello, world"));
//! # Ok(()) }
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(run()).unwrap();
//! ```
//!
//! With AWS's own settings in the environment, [`Client::from_env`] is all the set-up there is. Streaming:
//!
//! ```no_run
//! # async fn run(client: outcrop::Client) -> outcrop::Result<()> {
//! let mut stream = client.message("sonnet").user("Tell me about quartz").stream().await?;
//! while let Some(event) = stream.next().await {
//!     println!("{:?}", event?);
//! }
//! let message = stream.finish().await?;
//! # Ok(()) }
//! ```
//!
//! Programs that use it are tested against `outcrop-local`, which plays AWS's side; faults, scripts and what was asked are
//! in its documentation:
//!
//! ```
//! use outcrop::wire::fault::{Fault, Origin};
//! use outcrop::Client;
//! use outcrop_local::{Account, Local, Reply, Rule, Script};
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let script = Script::new().rule(Rule::new(Reply::text("It rains.")).text("weather"));
//! let local = Local::builder().script(script).start().await?;
//! let client = Client::builder()
//!     .access_key(Account::ACCESS_KEY_ID, Account::SECRET_ACCESS_KEY)
//!     .region("us-east-1")
//!     .endpoint_url(local.url())
//!     .build()
//!     .await?;
//!
//! local.fail_next(Fault::new("ThrottlingException", "Too many requests", Origin::FirstFrame));
//! let reply = client.message("opus").user("How is the weather?").stream().await?.finish().await?;
//! assert_eq!(reply.text(), "It rains.");
//! assert_eq!(local.asked().len(), 2, "the throttle was tried again");
//! # Ok(()) }
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(run()).unwrap();
//! ```
//!
//! What differs from call to call (limits of time, retries, headers, members of the body, raw bytes) is said in
//! [`CallOptions`]; [`Client::with_options`] gives a copy of a client with other defaults. Code around each try is
//! [`middleware`]. A future or stream that is dropped closes its connection, so that the model stops writing, and is not
//! tried again.
//!
//! - [`media`]: images, PDFs and texts from files, bytes and readers; what is over a limit is refused before it is sent.
//! - [`tools`]: tools of the program's own, and a runner that takes turns until the model is done.
//! - [`structured`]: replies as values of a type.
//! - [`Surface`]: four ways into Bedrock for one request. The one that has the model and what the request needs is taken,
//!   and `meta.notes` says why where it is not the default; [`CallOptions::surface`] names one.
//! - [`failover`]: other regions, scopes and accounts for calls that meet a busy or broken one, and where calls may never go.
//! - [`account`]: who calls ([`Client::identity`]), which models there are and whether they may be used, access to
//!   them, and inference profiles of one's own ([`Client::models`]).
//! - [`logging`]: how Bedrock logs the calls of the account ([`Client::logging`]).
//! - [`jobs`]: batch jobs, many requests answered from files to files for half the price ([`Client::jobs`]).
//! - [`settings`], [`survey`]: where each setting is said ([`ClientBuilder::settings`]), and what stands between a
//!   client and an answer, one thing at a time.
//! - [`converse`]: AWS's own Converse API, for programs that come from boto3 or an AWS SDK.
//! - [`plan`]: what a model does not take is translated or left out, each change with a name and a reason in
//!   [`Meta::adjustments`]; [`CallOptions::strict`] makes it an error. [`MessageCall::context_1m`] is the switch for a
//!   window of a million tokens, [`MessageCall::count_tokens`] counts without asking.
//!
//! Features, besides `aws-config` and `derive`, which are on by default: `blocking` adds `outcrop::blocking`, a client
//! for programs without an async runtime; `opentelemetry` adds `outcrop::telemetry`, a span for each call; `objects`
//! adds `outcrop::objects`, buckets of S3, and with them the files of batch jobs and the destinations of logs.
//!
//! In the order a call passes through: `client`, `messages` (or `converse`), `call` (read this first), `resolve`, `plan`, `auth`,
//! `transport`, `retry`, `stream`. The types on the wire, and everything that is pure, are in [`wire`].

pub mod account;
pub mod auth;
#[cfg(feature = "blocking")]
pub mod blocking;
mod call;
mod client;
pub mod converse;
pub mod endpoint;
mod error;
pub mod failover;
pub mod jobs;
pub mod logging;
pub mod media;
mod messages;
pub mod middleware;
#[cfg(feature = "objects")]
pub mod objects;
pub mod plan;
mod raw;
mod resolve;
mod response;
mod retry;
pub mod settings;
mod stream;
pub mod structured;
mod surroundings;
pub mod survey;
#[cfg(feature = "opentelemetry")]
pub mod telemetry;
#[cfg(not(feature = "opentelemetry"))]
mod telemetry;
pub mod tools;
pub mod transport;

pub use auth::{Auth, Secret};
pub use call::{Attempt, CallOptions};
pub use client::{Client, ClientBuilder};
pub use error::{Error, Kind, Result};
pub use media::{Document, Image, Media, SearchResult};
pub use messages::{DryRun, MessageCall, Messages};
#[cfg(feature = "objects")]
pub use object_store;
#[cfg(feature = "derive")]
pub use outcrop_macros::Tool;
pub use plan::{Adjustment, Change};
#[cfg(feature = "derive")]
pub use schemars;
/// The crates whose types are in this interface.
pub use {bytes, http};

pub use outcrop_wire as wire;
pub use outcrop_wire::converse::{GuardrailTrace, Latency, Tier};
pub use outcrop_wire::handling::Guardrail;
pub use outcrop_wire::messages::{
    Block, CacheControl, Citation, Content, CustomTool, Delta, Effort, Event, Message, MessageRequest, OutputFormat,
    StopReason, System, Thinking, TokenCount, Tool, ToolChoice, ToolUseBlock, Ttl, Turn, Usage,
};
pub use outcrop_wire::model::{Model, ModelId};
pub use outcrop_wire::partial::PartialJson;
pub use outcrop_wire::scope::{DefaultScope, Geo, Scope};
pub use outcrop_wire::surface::{Delivery, Surface};
pub use outcrop_wire::{Accumulator, Json};
pub use response::{Meta, Response};
pub use retry::Retry;
pub use stream::{ByteStream, MessageStream, TextStream, Update, Updates};
pub use surroundings::Surroundings;
