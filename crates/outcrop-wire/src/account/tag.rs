//! Words of the account's own on what it has.
//!
//! Source: botocore service model bedrock 2023-04-20.

use crate::record::record;

record! {
    /// A word, and what it says here. Keys have 1 to 128 letters, values at most 256.
    #[derive(Default)]
    pub struct Tag {
        /// The word.
        required key: String,
        /// What it says.
        required value: String,
    }
}

impl Tag {
    /// `key` says `value`.
    #[must_use]
    pub fn new(key: impl Into<String>, value: impl Into<String>) -> Self {
        Tag { key: key.into(), value: value.into(), extra: Default::default() }
    }
}
