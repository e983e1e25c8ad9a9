//! A request as it would be sent, for people and for tests.

use std::fmt;

use bytes::Bytes;
use http::request::Parts;

use crate::call::Outbound;
use crate::plan::Plan;

/// A request as it would be sent, secrets left out.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DryRun {
    /// `POST`
    pub method: String,
    /// The whole URL.
    pub url: String,
    /// Every header.
    pub headers: Vec<(String, String)>,
    /// The body, byte for byte.
    pub body: Bytes,
    /// What was decided, and why.
    pub plan: Plan,
}

impl DryRun {
    pub(crate) fn of(parts: &Parts, outbound: Outbound) -> Self {
        let headers = parts.headers.iter().map(|(name, value)| {
            let text = if value.is_sensitive() {
                redacted(value.to_str().unwrap_or_default())
            } else {
                String::from_utf8_lossy(value.as_bytes()).into_owned()
            };
            (name.as_str().to_owned(), text)
        });
        DryRun {
            method: parts.method.to_string(),
            url: parts.uri.to_string(),
            headers: headers.collect(),
            body: outbound.body,
            plan: outbound.plan,
        }
    }
}

/// The request as text: request line, headers, blank line, body.
impl fmt::Display for DryRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} {}", self.method, self.url)?;
        for (name, value) in &self.headers {
            writeln!(f, "{name}: {value}")?;
        }
        writeln!(f, "\n{}", String::from_utf8_lossy(&self.body))
    }
}

/// `Credential=AKID/20260301/...` and the signed headers stay readable; what must not be seen is `***`.
fn redacted(value: &str) -> String {
    match value.split_once("Signature=") {
        Some((head, _)) => format!("{head}Signature=***"),
        None if value.starts_with("Bearer ") => "Bearer ***".to_owned(),
        None => "***".to_owned(),
    }
}
