//! One test binary: fewer links on a small machine.
#![allow(clippy::unwrap_used)]

mod answers;
mod authentication;
mod bodies;
mod models;
mod raw;
mod routes;
mod serving;
