//! What the service model says of a value, and the one refusal that lists all that is broken.
//!
//! The words are quoted: `3 validation errors detected: Value '' at 'toolConfig.tools.1.member.toolSpec.name' failed to
//! satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_-]+; Value '' at ...`
//! (BerriAI/litellm issue 24668), with the pattern before the length. A text that AWS holds to be private is not
//! repeated (recorded: the name of a document).

use std::fmt::{self, Display};

use super::place::Place;
use super::{Verdict, refuse};

/// What is broken so far.
#[derive(Default)]
pub(crate) struct Constraints(Vec<String>);

/// A value as a refusal tells it.
#[derive(Clone, Copy)]
pub(crate) enum Told<'a> {
    As(&'a dyn Display),
    /// Private, or no single value.
    Concealed,
    /// Not there.
    Null,
}

impl Display for Told<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Told::As(value) => write!(f, "Value '{value}'"),
            Told::Concealed => f.write_str("Value"),
            Told::Null => f.write_str("Value null"),
        }
    }
}

impl Constraints {
    /// Refuses if anything is broken.
    pub(crate) fn verdict(self) -> Verdict {
        let Constraints(broken) = self;
        match broken.len() {
            0 => Ok(()),
            1 => refuse(format_args!("1 validation error detected: {}", broken[0])),
            count => refuse(format_args!("{count} validation errors detected: {}", broken.join("; "))),
        }
    }

    pub(crate) fn add(&mut self, told: Told<'_>, place: &Place<'_>, rule: impl Display) {
        self.0.push(broken(told, place.in_shapes(), rule));
    }

    /// A text of at least and at most so many characters.
    pub(crate) fn length(&mut self, text: &str, told: Told<'_>, least: usize, most: usize, place: &Place<'_>) {
        self.count(text.chars().count(), told, least, most, place);
    }

    /// So many of anything, at least and at most.
    pub(crate) fn count(&mut self, count: usize, told: Told<'_>, least: usize, most: usize, place: &Place<'_>) {
        if count > most {
            self.add(told, place, format_args!("Member must have length less than or equal to {most}"));
        }
        if count < least {
            self.add(told, place, format_args!("Member must have length greater than or equal to {least}"));
        }
    }

    /// A text that is made of the letters that `fits` takes; `pattern` says so.
    pub(crate) fn letters(
        &mut self,
        text: &str,
        told: Told<'_>,
        pattern: &str,
        fits: impl Fn(char) -> bool,
        place: &Place<'_>,
    ) {
        self.pattern(!text.is_empty() && text.chars().all(fits), told, pattern, place);
    }

    /// A text of a form.
    pub(crate) fn pattern(&mut self, fits: bool, told: Told<'_>, pattern: &str, place: &Place<'_>) {
        if !fits {
            self.add(told, place, format_args!("Member must satisfy regular expression pattern: {pattern}"));
        }
    }

    /// One of a few words.
    pub(crate) fn one_of(&mut self, word: &str, words: &[&str], place: &Place<'_>) {
        if !words.contains(&word) {
            let words = words.join(", ");
            self.add(Told::As(&word), place, format_args!("Member must satisfy enum value set: [{words}]"));
        }
    }

    /// What each item of a list of texts, or each name or value of a map, must be. Remembered: AWS says it once, for all.
    pub(crate) fn each(&mut self, fit: bool, told: Told<'_>, what: &str, rules: &str, place: &Place<'_>) {
        if !fit {
            self.add(told, place, format_args!("{what} must satisfy constraint: [{rules}]"));
        }
    }

    /// A number from 0 to 1.
    pub(crate) fn share(&mut self, number: Option<f64>, place: &Place<'_>) {
        // As AWS prints its numbers: `99.0` (quoted).
        let number = number.unwrap_or_default();
        let told = format!("{number:?}");
        if number > 1.0 {
            self.add(Told::As(&told), place, "Member must have value less than or equal to 1");
        }
        if number < 0.0 {
            self.add(Told::As(&told), place, "Member must have value greater than or equal to 0");
        }
    }
}

/// The words for one value.
pub(crate) fn broken(told: Told<'_>, place: impl Display, rule: impl Display) -> String {
    format!("{told} at '{place}' failed to satisfy constraint: {rule}")
}
