//! What a model and a scope may be called: a model anything, and shells complete the names of the catalogue.

use std::ffi::OsStr;

use clap::builder::{NonEmptyStringValueParser, PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Arg, Command, Error};
use outcrop::wire::catalogue::Catalogue;
use outcrop::{DefaultScope, Scope};

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

#[derive(Clone)]
pub(super) struct ScopeName;

impl ScopeName {
    fn every() -> impl Iterator<Item = &'static str> {
        let names = Scope::all().map(|scope| scope.as_str());
        names.chain([DefaultScope::Geography.as_str()])
    }
}

impl TypedValueParser for ScopeName {
    type Value = DefaultScope;

    fn parse_ref(&self, command: &Command, argument: Option<&Arg>, value: &OsStr) -> Result<DefaultScope, Error> {
        let names = PossibleValuesParser::new(ScopeName::every());
        names.try_map(|name| name.parse::<DefaultScope>()).parse_ref(command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(ScopeName::every().map(PossibleValue::new)))
    }
}
