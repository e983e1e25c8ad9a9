//! Where a conversion is, and what it has lost so far.

use std::fmt;

use super::losses::{FOREIGN_MEMBER, Loss, LossRow, UNKNOWN_MEMBER};
use crate::json::Extra;

/// What is being converted, from the outside in: written out only where something is lost.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    around: Option<&'a Place<'a>>,
    step: Step<'a>,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Member(&'a str),
    Item(usize),
}

impl<'a> Place<'a> {
    /// A member of the whole.
    pub(crate) fn of(member: &'a str) -> Self {
        Place { around: None, step: Step::Member(member) }
    }

    /// A member of what is here.
    pub(crate) fn member<'b>(&'b self, member: &'b str) -> Place<'b> {
        Place { around: Some(self), step: Step::Member(member) }
    }

    /// An item of the list that is here.
    pub(crate) fn item(&self, at: usize) -> Place<'_> {
        Place { around: Some(self), step: Step::Item(at) }
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(around) = self.around {
            write!(f, "{around}.")?;
        }
        match self.step {
            Step::Member(name) => f.write_str(name),
            Step::Item(at) => at.fmt(f),
        }
    }
}

/// The losses of a conversion that is going on.
#[derive(Debug, Default)]
pub(crate) struct Losses(pub(crate) Vec<Loss>);

impl Losses {
    /// Something at `place` is lost.
    pub(crate) fn add(&mut self, row: &'static LossRow, place: &Place<'_>) {
        self.0.push(Loss { row, place: place.to_string(), made: None });
    }

    /// Something at `place` becomes something else, and this says what.
    pub(crate) fn add_made(&mut self, row: &'static LossRow, place: &Place<'_>, made: String) {
        self.0.push(Loss { row, place: place.to_string(), made: Some(made) });
    }

    /// Members that no field of Messages names, and that Converse has no place for. An explicit null says nothing.
    pub(crate) fn unknown(&mut self, extra: &Extra, place: &Place<'_>) {
        self.members(&UNKNOWN_MEMBER, extra, place);
    }

    /// Members that Messages has no place for.
    pub(crate) fn foreign(&mut self, extra: &Extra, place: &Place<'_>) {
        self.members(&FOREIGN_MEMBER, extra, place);
    }

    fn members(&mut self, row: &'static LossRow, extra: &Extra, place: &Place<'_>) {
        for (name, _) in extra.iter().filter(|(_, value)| !value.is_null()) {
            self.add(row, &place.member(name));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_written_from_the_outside_in() {
        let turns = Place::of("messages");
        assert_eq!(turns.item(3).member("content").item(0).to_string(), "messages.3.content.0");
    }
}
