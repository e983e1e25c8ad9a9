//! One test binary: fewer links on a small machine.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod account;
mod converse;
mod convert;
mod corpus;
mod corpus_converse;
mod corpus_convert;
mod corpus_events;
mod corpus_logs;
mod corpus_messages;
mod corpus_messages_dialect;
mod corpus_streams;
mod corpus_vectors;
mod golden;
mod golden_convert;
mod jobs;
mod logging;
mod mutations;
mod mutations_convert;
mod partial;
mod properties;
mod unions;
