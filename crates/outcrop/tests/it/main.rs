//! One test binary: fewer links on a small machine.
#![allow(clippy::unwrap_used)]

mod access;
mod account;
mod adjustments;
mod auth;
mod bearer;
#[cfg(feature = "blocking")]
mod blocking;
mod clients;
mod converse;
#[cfg(feature = "derive")]
mod derive;
mod double;
mod downloads;
#[cfg(feature = "aws-config")]
mod elsewhere;
mod failover;
mod faults;
mod handling;
#[cfg(feature = "objects")]
mod jobs;
mod lengthy;
mod local;
mod log_groups;
mod logging;
mod media;
mod memory;
mod middleware;
mod network;
mod objects;
mod options;
mod pdf;
mod profiles;
mod requests;
mod retries;
mod said;
mod scopes;
mod scripted;
mod secrets;
mod settings;
mod snapshots;
mod streams;
mod structured;
mod surfaces;
mod survey;
#[cfg(feature = "opentelemetry")]
mod telemetry;
mod threads;
mod timeouts;
mod tls;
mod tools;
#[cfg(feature = "aws-config")]
mod world;
