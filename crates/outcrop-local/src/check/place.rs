//! Where in a request something stands, as Anthropic writes it: `messages.0.content.1.image.source.base64.data`.
//!
//! A place is a chain on the stack; it becomes text only when something is wrong. Its other spelling is that of AWS's
//! own layer, which counts from one: `messages.1.member.content.2.member.document.name`.

use std::fmt;

/// One step from a place further out.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    outer: Option<&'a Place<'a>>,
    step: Step<'a>,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Root,
    Name(&'a str),
    Index(usize),
}

impl<'a> Place<'a> {
    /// The request itself.
    pub(crate) const ROOT: Place<'static> = Place { outer: None, step: Step::Root };

    /// A member.
    pub(crate) const fn member(&'a self, name: &'a str) -> Place<'a> {
        Place { outer: Some(self), step: Step::Name(name) }
    }

    /// An item of a list.
    pub(crate) const fn item(&'a self, index: usize) -> Place<'a> {
        Place { outer: Some(self), step: Step::Index(index) }
    }

    /// The same place as AWS's own layer spells it.
    pub(crate) fn in_shapes(&'a self) -> InShapes<'a> {
        InShapes(self)
    }

    fn write(
        &self,
        f: &mut fmt::Formatter<'_>,
        index: fn(usize, &mut fmt::Formatter<'_>) -> fmt::Result,
    ) -> fmt::Result {
        if let Some(outer) = self.outer.filter(|outer| !matches!(outer.step, Step::Root)) {
            outer.write(f, index)?;
            f.write_str(".")?;
        }
        match self.step {
            Step::Root => Ok(()),
            Step::Name(name) => f.write_str(name),
            Step::Index(at) => index(at, f),
        }
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, |at, f| write!(f, "{at}"))
    }
}

/// A place in the spelling of AWS's own layer.
pub(crate) struct InShapes<'a>(&'a Place<'a>);

impl fmt::Display for InShapes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.write(f, |at, f| write!(f, "{}.member", at + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::Place;

    #[test]
    fn a_place_reads_from_the_outside_in() {
        let messages = Place::ROOT.member("messages");
        let turn = messages.item(0);
        let content = turn.member("content");
        assert_eq!(content.item(12).to_string(), "messages.0.content.12");
        assert_eq!(messages.to_string(), "messages");
        let block = content.item(12);
        assert_eq!(block.member("text").in_shapes().to_string(), "messages.1.member.content.13.member.text");
    }
}
