//! Headers of every call that the environment asks for.

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::error::{Error, Result};
use crate::surroundings::Surroundings;

/// Lines `Name: value`, as Anthropic's own clients read them.
pub(super) const CUSTOM_HEADERS: &str = "ANTHROPIC_CUSTOM_HEADERS";

/// The headers that the environment adds to every call.
///
/// # Errors
/// For a line that is no header; its value, which may be a secret, is not shown.
pub(super) fn custom_headers(surroundings: &Surroundings) -> Result<HeaderMap> {
    let text = surroundings.variable(CUSTOM_HEADERS).unwrap_or_default();
    let mut headers = HeaderMap::new();
    for (line, number) in text.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty()) {
        let header = line.split_once(':').and_then(|(name, value)| {
            Some((name.trim().parse::<HeaderName>().ok()?, HeaderValue::from_str(value.trim()).ok()?))
        });
        let Some((name, mut value)) = header else {
            let why = format!("line {number} of {CUSTOM_HEADERS} is no `Name: value`");
            return Err(Error::config("set up headers", why));
        };
        value.set_sensitive(true);
        headers.insert(name, value);
    }
    Ok(headers)
}
