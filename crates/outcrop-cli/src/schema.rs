//! A JSON schema from a file, and whether a reply fits it.

use std::path::Path;

use jsonschema::Validator;
use outcrop::Json;

use crate::exit::Failure;

/// A schema that is one.
pub(crate) struct Schema {
    pub(crate) json: Json,
    validator: Validator,
}

/// So many places that do not fit are named.
const MOST_NAMED: usize = 5;

impl Schema {
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let cannot = |why: String| Failure::usage(format!("cannot use the schema in {}: {why}", path.display()));
        let text = std::fs::read_to_string(path).map_err(|error| cannot(error.to_string()))?;
        let value: serde_json::Value =
            serde_json::from_str(&text).map_err(|error| cannot(format!("it is no JSON: {error}")))?;
        let validator = jsonschema::validator_for(&value).map_err(|error| {
            let place = error.instance_path().to_string();
            let place = if place.is_empty() { String::new() } else { format!(" at {place}") };
            cannot(format!("it is no JSON schema{place}: {error}"))
        })?;
        let json = Json::from_text(text.trim()).map_err(|error| cannot(format!("it is no JSON: {error}")))?;
        Ok(Schema { json, validator })
    }

    /// Nothing where the value fits; else what does not.
    pub(crate) fn misfit(&self, value: &Json) -> Option<String> {
        let value: serde_json::Value = match value.parse() {
            Ok(value) => value,
            Err(error) => return Some(format!("it cannot be read: {error}")),
        };
        let mut errors = self.validator.iter_errors(&value).map(|error| {
            let place = error.instance_path().to_string();
            if place.is_empty() { error.to_string() } else { format!("at {place}: {error}") }
        });
        let named: Vec<String> = errors.by_ref().take(MOST_NAMED).collect();
        match (named.is_empty(), errors.count()) {
            (true, _) => None,
            (false, 0) => Some(named.join("; ")),
            (false, more) => Some(format!("{}; and {more} more", named.join("; "))),
        }
    }
}
