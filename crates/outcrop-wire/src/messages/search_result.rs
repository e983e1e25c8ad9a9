//! Search results of the caller's own, to be cited from.

use super::{CacheControl, CitationsConfig, TextBlock};
use crate::record::{record, union};

record! {
    /// A search result of the caller's own, to be cited from.
    pub struct SearchResultBlock {
        /// Where it comes from.
        required source: String,
        /// Its title.
        required title: String,
        /// Its texts.
        required content: Vec<PlainText>,
        /// Whether it is to be cited.
        optional citations: CitationsConfig,
        /// Caches everything up to here.
        optional cache_control: CacheControl,
    }
}

union! {
    /// A block that is always text.
    pub enum PlainText {
        /// Text.
        Text(TextBlock) = "text",
    }
}
