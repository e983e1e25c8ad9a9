//! Prompt caching: where a checkpoint stands and how long it lasts.

use crate::record::{open_enum, record};

open_enum! {
    /// How long a cached prefix lives.
    pub enum Ttl {
        /// Five minutes, the default.
        FiveMinutes = "5m",
        /// One hour (Opus, Sonnet and Haiku 4.5 and later).
        OneHour = "1h",
    }
}

record! {
    /// A cache checkpoint: everything up to and including the block that carries it is cached. At most four a request.
    pub struct CacheControl {
        /// Always `ephemeral` today.
        required kind("type"): String,
        /// How long; five minutes when absent.
        optional ttl: Ttl,
    }
}

impl CacheControl {
    /// A checkpoint of five minutes.
    #[must_use]
    pub fn ephemeral() -> Self {
        CacheControl { kind: "ephemeral".to_owned(), ttl: None, extra: Default::default() }
    }

    /// A checkpoint that lives for `ttl`.
    #[must_use]
    pub fn lasting(ttl: Ttl) -> Self {
        CacheControl { ttl: Some(ttl), ..CacheControl::ephemeral() }
    }
}

/// A checkpoint that lives so long. Five minutes are what the service takes where nothing is said, so nothing is.
impl From<Ttl> for CacheControl {
    fn from(ttl: Ttl) -> Self {
        match ttl {
            Ttl::FiveMinutes => CacheControl::ephemeral(),
            ttl => CacheControl::lasting(ttl),
        }
    }
}
