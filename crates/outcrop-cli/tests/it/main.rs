//! One test binary: fewer links on a small machine.
#![allow(clippy::unwrap_used)]

mod access;
mod account;
mod ask;
mod aws_files;
mod batch;
mod batch_jobs;
mod chat;
mod configure;
mod count;
mod doctor;
mod doctor_account;
mod doctor_network;
mod doctor_settings;
mod engines;
mod environment;
mod exit_codes;
mod files;
mod flags;
mod logging;
mod logging_bucket;
mod logging_group;
mod logging_media;
mod logging_set;
mod logging_trouble;
mod models;
mod pages;
mod program;
mod regions;
#[path = "../../../outcrop/tests/it/jobs/samples.rs"]
mod samples;
mod schema;
mod scopes;
mod serve;
#[cfg(unix)]
mod surfaces;
mod terminal;
mod token;
mod usage;
mod whoami;
