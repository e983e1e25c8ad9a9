//! JSON text as a value, and where it does not fit.

use std::fmt;

use serde::de::DeserializeOwned;

/// Why JSON does not fit a type: where, and why.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Misfit {
    path: Option<String>,
    why: String,
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.path {
            Some(path) => write!(f, "at `{path}`: {}", self.why),
            None => f.write_str(&self.why),
        }
    }
}

/// Reads JSON text as a `T`. Only text that does not fit is read twice, to say where.
pub(crate) fn fitted<T: DeserializeOwned>(text: &str) -> Result<T, Misfit> {
    let error = match serde_json::from_str(text) {
        Ok(value) => return Ok(value),
        Err(error) => error,
    };
    let mut reader = serde_json::Deserializer::from_str(text);
    match serde_path_to_error::deserialize::<_, T>(&mut reader) {
        Err(traced) if error.is_data() => {
            let path = traced.path().to_string();
            Err(Misfit { path: Some(path).filter(|path| path != "."), why: traced.into_inner().to_string() })
        }
        _ => Err(Misfit { path: None, why: error.to_string() }),
    }
}
