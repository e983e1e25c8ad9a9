//! One test binary: fewer links on a small machine.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod access;
mod answers;
mod asking;
mod authentication;
mod bodies;
mod caching;
mod checks;
mod citations;
mod control;
mod converse;
mod corpus;
mod counting;
mod data;
mod double;
mod headers;
mod http2;
mod invocation_log;
mod jobs;
mod log_groups;
mod messages;
mod mirror;
mod models;
mod objects;
mod odd;
mod own_profiles;
mod quotas;
mod raw;
mod record;
mod replays;
mod routes;
mod script;
mod serving;
#[cfg(feature = "tls")]
mod tls;
mod troubles;
