//! What a way in may be called: `auto`, or a surface by its short name.

use std::ffi::OsStr;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Arg, Command, Error};
use outcrop::Surface;

/// A way in that was typed; `None` is `auto`.
pub(crate) type Way = Option<Surface>;

const AUTO: &str = "auto";

#[derive(Clone)]
pub(super) struct SurfaceName;

impl SurfaceName {
    fn every() -> impl Iterator<Item = &'static str> {
        [AUTO].into_iter().chain(Surface::rows().iter().map(|row| row.short))
    }
}

impl TypedValueParser for SurfaceName {
    type Value = Way;

    fn parse_ref(&self, command: &Command, argument: Option<&Arg>, value: &OsStr) -> Result<Way, Error> {
        // A way in may also be typed as messages write it.
        if let Some(surface) = value.to_str().and_then(|name| name.parse::<Surface>().ok()) {
            return Ok(Some(surface));
        }
        let names = PossibleValuesParser::new(SurfaceName::every());
        names.map(|_| None).parse_ref(command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(SurfaceName::every().map(PossibleValue::new)))
    }
}
