//! What is particular to one call.

use std::fmt;
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};

/// How a single call differs from its client's settings.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct CallOptions {
    /// Limit of the whole call, retries and stream included.
    pub timeout: Option<Duration>,
    /// Limit of silence between bytes.
    pub idle_timeout: Option<Duration>,
    /// Retries.
    pub max_retries: Option<u32>,
    /// Headers added, or set in place of ours. What names the caller (`authorization`, `x-amz-date`,
    /// `x-amz-security-token`) is ours, but for clients that sign nothing.
    pub extra_headers: HeaderMap,
    /// Keeps the bytes of a whole answer in `meta.raw`.
    pub keep_raw: bool,
}

impl CallOptions {
    /// The client's settings.
    #[must_use]
    pub fn new() -> Self {
        CallOptions::default()
    }

    /// Limits the whole call, retries and stream included.
    #[must_use]
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.timeout = Some(limit);
        self
    }

    /// Limits the silence between bytes.
    #[must_use]
    pub fn idle_timeout(mut self, limit: Duration) -> Self {
        self.idle_timeout = Some(limit);
        self
    }

    /// Sets the number of retries.
    #[must_use]
    pub fn max_retries(mut self, retries: u32) -> Self {
        self.max_retries = Some(retries);
        self
    }

    /// Adds a header.
    #[must_use]
    pub fn extra_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.extra_headers.append(name, value);
        self
    }

    /// Keeps the bytes of a whole answer in `meta.raw`.
    #[must_use]
    pub fn keep_raw(mut self) -> Self {
        self.keep_raw = true;
        self
    }
}

/// Header values may be secrets: only the names print.
impl fmt::Debug for CallOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallOptions")
            .field("timeout", &self.timeout)
            .field("idle_timeout", &self.idle_timeout)
            .field("max_retries", &self.max_retries)
            .field("extra_headers", &self.extra_headers.keys().collect::<Vec<_>>())
            .field("keep_raw", &self.keep_raw)
            .finish()
    }
}
