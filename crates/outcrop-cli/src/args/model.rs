//! What a model may be called: anything, and shells complete the names of the catalogue.

use std::ffi::OsStr;

use clap::builder::{NonEmptyStringValueParser, PossibleValue, TypedValueParser};
use clap::{Arg, Command, Error};
use outcrop::wire::catalogue::Catalogue;

#[derive(Clone)]
pub(super) struct ModelName;

impl TypedValueParser for ModelName {
    type Value = String;

    fn parse_ref(&self, command: &Command, argument: Option<&Arg>, value: &OsStr) -> Result<String, Error> {
        NonEmptyStringValueParser::new().parse_ref(command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let names: Vec<&str> = Catalogue::built_in()
            .models()
            .flat_map(|model| model.row().short.iter().copied().chain([model.row().name]))
            .collect();
        Some(Box::new(names.into_iter().map(PossibleValue::new)))
    }
}
