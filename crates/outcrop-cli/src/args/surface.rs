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
        let names = PossibleValuesParser::new(SurfaceName::every());
        let way = |name: String| if name == AUTO { Ok(None) } else { name.parse::<Surface>().map(Some) };
        names.try_map(way).parse_ref(command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(SurfaceName::every().map(PossibleValue::new)))
    }
}
