//! One test binary: fewer links on a small machine.
#![allow(clippy::unwrap_used)]

mod ask;
mod engines;
mod environment;
mod exit_codes;
mod program;
mod serve;
mod usage;
