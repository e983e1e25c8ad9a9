//! What a text is held against: a part, a regular expression, or a pattern with `*`.

use regex_lite::Regex;

/// A text is held against it.
#[derive(Clone, Debug)]
pub(crate) enum Pattern {
    Contains(String),
    Regex(Regex),
    /// The whole text, `*` standing for anything.
    Whole(Regex),
}

impl Pattern {
    /// # Errors
    /// What is wrong with the expression.
    pub(super) fn regex(expression: &str) -> Result<Self, String> {
        match Regex::new(expression) {
            Ok(regex) => Ok(Pattern::Regex(regex)),
            Err(error) => Err(error.to_string()),
        }
    }

    pub(super) fn whole(pattern: &str) -> Self {
        let parts: Vec<String> = pattern.split('*').map(regex_lite::escape).collect();
        match Regex::new(&format!("(?s)^{}$", parts.join(".*"))) {
            Ok(regex) => Pattern::Whole(regex),
            // Too long to be an expression, and so to be a name.
            Err(_) => Pattern::Contains(pattern.to_owned()),
        }
    }

    pub(super) fn matches(&self, text: &str) -> bool {
        match self {
            Pattern::Contains(part) => text.contains(part.as_str()),
            Pattern::Regex(regex) | Pattern::Whole(regex) => regex.is_match(text),
        }
    }
}
