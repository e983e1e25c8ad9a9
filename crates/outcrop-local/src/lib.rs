//! The AWS side of Claude on Amazon Bedrock, on loopback or in process.
//!
//! A stand-in that is strict enough that passing it means something: it verifies signatures, refuses what AWS refuses in
//! AWS's words where those are recorded or documented, and answers with the headers, ids, key order and frames of
//! recorded traffic. What answers inside is an engine, by default `mirror`, which says what a model would have received
//! and never poses as Claude.
//!
//! The mirror calls tools that it must call, and those that the user's last words name, once for each time (deferred
//! ones after a search); where they name none, those that the system prompt names; an answer with a schema is the
//! smallest instance of it, constraints that are told in descriptions kept too; each document and search result with citations on is quoted
//! once, the sentence nearest to what was asked; images and PDFs are told by what is really in them; thinking is signed;
//! the prompt cache is kept as Claude keeps it.
//!
//! # Ways in
//!
//! InvokeModel, Converse, and Anthropic's Messages API on the runtime host and on Mantle (under `/mantle`), whole and
//! streamed, and counts of tokens; each with its own checks, words of refusals, ids and frames. One engine answers all:
//! what comes by Converse is translated as Bedrock does it. There as at AWS the model is given the text of a PDF that is
//! not to be cited, and its pages with citations (the mirror says `text only` or `pages seen`, and the tokens tell);
//! documents inside tool results reach nobody; no guardrail is played. What differs from AWS, or may, is said in the
//! response header [`WARNING_HEADER`].
//!
//! # The account
//!
//! Besides the runtime, the account behind it is played, on the same port:
//!
//! | service | operations |
//! |---|---|
//! | STS | `GetCallerIdentity` |
//! | Bedrock, models | `ListFoundationModels`, `GetFoundationModel`, `GetFoundationModelAvailability` |
//! | Bedrock, access | `ListFoundationModelAgreementOffers`, `CreateFoundationModelAgreement`, `DeleteFoundationModelAgreement`, `PutUseCaseForModelAccess`, `GetUseCaseForModelAccess`, `PutAccountDataRetention`, `GetAccountDataRetention` |
//! | Bedrock, inference profiles and tags | `ListInferenceProfiles`, `GetInferenceProfile`, `CreateInferenceProfile`, `DeleteInferenceProfile`, `TagResource`, `UntagResource`, `ListTagsForResource` |
//! | Bedrock, logging | `PutModelInvocationLoggingConfiguration`, `GetModelInvocationLoggingConfiguration`, `DeleteModelInvocationLoggingConfiguration` |
//! | Bedrock, batch | `CreateModelInvocationJob`, `GetModelInvocationJob`, `ListModelInvocationJobs`, `StopModelInvocationJob` |
//! | S3 | buckets and objects; see below |
//! | CloudWatch Logs | `DescribeLogGroups`, `CreateLogGroup`, `DeleteLogGroup`, `PutRetentionPolicy`, `DeleteRetentionPolicy`, `CreateLogStream`, `DescribeLogStreams`, `PutLogEvents`, `GetLogEvents`, `FilterLogEvents` |
//!
//! The rows of the control plane are [`wire::account::Control::rows`]. What else Bedrock has is refused by name, with
//! `UnknownOperationException`: [`ABSENT`] lists it.
//!
//! Regions differ in what they offer, as the catalogue has it. Where AWS has no Bedrock there would be no host: here the
//! call is refused, and the refusal names the region. By default the account has access to everything;
//! [`Builder::account`] takes another, from Rust or from a file ([`Account::parse`]: keys, models, Anthropic's form,
//! data retention, regions). What it may not use is refused at every surface, in AWS's words, until it was asked for.
//!
//! What is set up is kept in memory, or in a folder ([`Builder::data`]): there `.account.json` holds it, rewritten
//! whole with each change, and every other folder is a bucket, in which anybody may put files; the folder is one server's
//! at a time. Where logging is set, each call becomes a record in a bucket, laid out and gzipped as at AWS, or an event of
//! a log group, written aside and some at a time.
//!
//! What differs from AWS: nothing is paid for, and an offer says so. No IAM policy is judged: whoever has the account's
//! keys may do everything. Roles are not assumed: a job is done, and a log group written to, whatever the role allows.
//! AWS makes some agreements itself at the first call; here nobody does. An absent operation is refused, where AWS answers a path that it does not know with a success.
//!
//! # In tests
//!
//! [`Local::start`] listens on a port of its own until the [`Server`] that it gives is dropped. Clients are pointed at
//! it as at any endpoint: by its address and the credentials of its account.
//!
//! ```text
//! outcrop    Client::builder().endpoint_url(local.url()).bearer_token(Account::BEARER_TOKEN).region(REGION)
//! AWS SDKs   endpoint_url=local.url(), Account::ACCESS_KEY_ID and Account::SECRET_ACCESS_KEY, region REGION
//! anthropic  AnthropicBedrock(base_url=..., aws_access_key=..., aws_secret_key=..., aws_region=...)
//! Mantle     AnthropicBedrockMantle(base_url=local.url() + "/mantle/anthropic", ...)
//! a program  Command::new("my-program").envs(local.environment())
//! a socket   Local::connect: a connection in process, for clients that take a stream
//! ```
//!
//! Here the client is a few bytes on a socket, so that nothing else is needed:
//!
//! ```
//! use std::error::Error;
//!
//! use outcrop_local::wire::Json;
//! use outcrop_local::wire::fault::{Fault, Origin};
//! use outcrop_local::{Account, Break, Local, Reply, Rule, Script, Server};
//! use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
//!
//! async fn ask(local: &Server, text: &str) -> Result<String, Box<dyn Error>> {
//!     let body = format!(
//!         r#"{{"anthropic_version":"bedrock-2023-05-31","max_tokens":64,"messages":[{{"role":"user","content":"{text}"}}]}}"#
//!     );
//!     let mut socket = tokio::net::TcpStream::connect(local.address()).await?;
//!     let head = format!(
//!         "POST /model/global.anthropic.claude-opus-4-6-v1/invoke HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\n\
//!          connection: close\r\ncontent-length: {}\r\n\r\n",
//!         local.address(), Account::BEARER_TOKEN, body.len()
//!     );
//!     socket.write_all(format!("{head}{body}").as_bytes()).await?;
//!     let mut answer = String::new();
//!     socket.read_to_string(&mut answer).await?;
//!     Ok(answer)
//! }
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn Error>> {
//! // The mirror answers, which tells what it received.
//! let local = Local::start().await?;
//! assert!(ask(&local, "Hello").await?.contains("It received:"));
//!
//! // A script answers, and the mirror what no rule of it does.
//! let rain = Rule::new(Reply::text("It rains.")).text("weather");
//! let local = Local::builder().script(Script::new().rule(rain)).start().await?;
//! assert!(ask(&local, "How is the weather?").await?.contains("It rains."));
//!
//! // One call is answered otherwise, the next one fails, and the one after breaks off; then all is as before.
//! local.answer_next(Reply::tool_use("thermometer", Json::empty_object()));
//! local.fail_next(Fault::new("ThrottlingException", "Too many requests", Origin::Http));
//! local.break_next(Break::cut(0));
//! assert!(ask(&local, "weather").await?.contains("thermometer"));
//! assert!(ask(&local, "weather").await?.starts_with("HTTP/1.1 429"));
//! assert!(!ask(&local, "weather").await?.ends_with('}'));
//!
//! // What was asked.
//! let asked = local.asked();
//! assert_eq!(asked.len(), 4);
//! assert_eq!(asked[0].operation, "InvokeModel");
//! assert_eq!(asked[0].request()?.last_user_text().as_deref(), Some("How is the weather?"));
//! local.stop().await;
//! # Ok(()) }
//! ```
//!
//! - What a script can say: [`Script::parse`], [`Rule`], [`Reply`], [`Break`].
//! - Real exchanges are written down by [`Builder::record`], which passes calls on to an [`Upstream`], and played by
//!   [`Builder::replay`]; their form: [`Recording::parse`].
//! - What the account may ask for in a minute and a day: [`Builder::quotas`], [`Quotas::usual`], [`Quotas::parse`].
//! - What was set up outlives the server in a folder: [`Builder::data`], [`Data::open`].
//! - Batch jobs run in the background, from files of a bucket to files of a bucket (`s3://bucket/key` is `bucket/key` of
//!   that folder): each record passes the checks and the engine as a call would, and is among [`Local::asked`].
//! - S3 is on the same port, for requests whose signature is for it: buckets made, listed, asked where they are and for
//!   their policy and lifecycle; objects written, read in whole or in part, listed, copied and removed, uploads in parts
//!   and presigned queries. Bodies that are signed chunk by chunk are checked chunk by chunk, and every checksum that is
//!   sent is (CRC-32, CRC-32C, CRC-64/NVME, MD5, SHA-1, SHA-256, SHA-512); it is given back to who asks for it. The rules
//!   of a lifecycle are kept and told, and nothing expires by them. To a bucket of another region clients are sent by its
//!   region, and one that a request takes for another account's is denied. What else S3 has is refused as `NotImplemented`.
//! - So are log groups of CloudWatch: made, listed, with the days that events stay; streams, and events, which are kept
//!   as all else is (100,000 and 64 MiB a group at most, in `.events` of the folder), given in pages and searched for words
//!   and quoted phrases.
//! - Time and chance: [`Builder::clock`], [`Builder::seed`], [`Builder::pace`].
//! - What AWS says today where its documentation says otherwise: [`Builder::strict`].
//!
//! All of this is also to be had from the command line: `outcrop local --script`, `--replay`, `--record`, `--strict`.
//!
//! In the order an exchange passes through: `server`, `exchange` (read this first), `upload`, `authenticate`, `account`,
//! `dialect`, `call`, `check`, `engine`, `answer`; beside them `cache` and `thinking`.

mod absent;
mod account;
mod answer;
mod asked;
mod authenticate;
mod cache;
mod call;
mod check;
mod control;
mod count;
mod cut;
mod data;
mod dialect;
mod engine;
mod events;
mod exchange;
mod invocation_log;
mod jobs;
mod limits;
mod objects;
mod quotas;
mod recorded;
mod region;
mod reply;
mod server;
mod serving;
mod table;
mod thinking;
#[cfg(feature = "tls")]
mod tls;
mod trouble;
mod upload;

pub use absent::ABSENT;
pub use account::{Access, Account, Credential, Granted, REGION};
pub use asked::Asked;
pub use check::{BODY_LIMIT, MANNERS, Manner};
pub use data::{Data, DataError};
pub use engine::{Outgoing, Recording, RecordingError, Rule, Script, Upstream, UpstreamAnswer, UpstreamBody};
/// The crate whose types are in this interface.
pub use outcrop_wire as wire;
pub use quotas::{Quota, Quotas, Way};
pub use reply::{Break, Framed, Reply};
pub use server::{Builder, Local, Notice};
pub use serving::Server;
pub use table::Mistake;
#[cfg(feature = "tls")]
pub use tls::{AUTHORITY_VARIABLES, Certificates, CertificatesError};

pub use trouble::{DELAY_HEADER, FAULT_HEADER, Trouble, TroubleError};

/// The response header that carries what the local Bedrock lets pass and AWS may refuse.
pub const WARNING_HEADER: &str = "x-outcrop-warning";

/// The response header that names the engine that answered. What passes through from upstream has it only if it had it.
pub const ENGINE_HEADER: &str = "x-outcrop-engine";
