//! One test binary: fewer links on a small machine.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod answers;
mod authentication;
mod bodies;
mod double;
mod models;
mod raw;
mod record;
mod replays;
mod routes;
mod script;
mod serving;
