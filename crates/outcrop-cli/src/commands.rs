//! A verb a file.

pub(crate) mod ask;
pub(crate) mod batch;
pub(crate) mod chat;
pub(crate) mod completions;
pub(crate) mod configure;
pub(crate) mod count;
pub(crate) mod doctor;
pub(crate) mod local;
pub(crate) mod logging;
pub(crate) mod man;
pub(crate) mod models;
pub(crate) mod token;
pub(crate) mod whoami;
