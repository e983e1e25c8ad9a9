//! A verb a file.

pub(crate) mod ask;
pub(crate) mod local;
