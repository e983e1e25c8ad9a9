//! Results, joined to what was asked: by record id, and by order where a request has none.

use std::collections::{HashMap, VecDeque};

use super::line::RequestLine;

/// The requests of one file, and which of them have a result.
#[derive(Clone, Debug, Default)]
pub(super) struct Join {
    by_id: HashMap<Box<str>, usize>,
    requests: Vec<Request>,
    /// Requests without an id: AWS gives them one, and keeps their order.
    unnamed: VecDeque<usize>,
}

#[derive(Clone, Copy, Debug)]
struct Request {
    /// Its line in the file.
    line: u64,
    named: bool,
    answered: bool,
}

/// What a result belongs to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Found {
    /// To this request: its place in the file, from 0.
    Request(usize),
    /// To this request, which has a result already.
    Again(usize),
    /// To none.
    Unknown,
}

impl Join {
    /// The next request of the file, and its line. Of two with one id the first has it.
    pub(super) fn expect(&mut self, id: Option<&str>, line: u64) {
        let place = self.requests.len();
        let id = id.filter(|id| !self.by_id.contains_key(*id));
        self.requests.push(Request { line, named: id.is_some(), answered: false });
        match id {
            Some(id) => drop(self.by_id.insert(id.into(), place)),
            None => self.unnamed.push_back(place),
        }
    }

    /// A result came.
    pub(super) fn found(&mut self, id: Option<&str>) -> Found {
        let named = id.and_then(|id| self.asks(id));
        let Some(place) = named.or_else(|| self.next_unnamed()) else { return Found::Unknown };
        match std::mem::replace(&mut self.requests[place].answered, true) {
            true => Found::Again(place),
            false => Found::Request(place),
        }
    }

    /// The request of an id: one that it says itself, or one that was made of its line.
    pub(super) fn asks(&self, id: &str) -> Option<usize> {
        let made = || {
            let line = RequestLine::line_of(id)?;
            let place = self.requests.binary_search_by_key(&line, |request| request.line).ok()?;
            (!self.requests[place].named).then_some(place)
        };
        self.by_id.get(id).copied().or_else(made)
    }

    /// Whether there is a request that says no id.
    pub(super) fn has_unnamed(&self) -> bool {
        !self.unnamed.is_empty()
    }

    fn next_unnamed(&mut self) -> Option<usize> {
        // Some have an answer that was found by their line.
        while let Some(place) = self.unnamed.pop_front() {
            if !self.requests[place].answered {
                return Some(place);
            }
        }
        None
    }

    /// How many requests there are.
    pub(super) fn len(&self) -> usize {
        self.requests.len()
    }

    /// Whether a request has its result.
    pub(super) fn has(&self, place: usize) -> bool {
        self.requests.get(place).is_none_or(|request| request.answered)
    }

    /// How many have none.
    pub(super) fn missing(&self) -> usize {
        self.requests.iter().filter(|request| !request.answered).count()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_result_that_comes_twice_or_was_not_asked_for_is_told() {
        let mut join = Join::default();
        join.expect(Some("a"), 1);
        assert_eq!(join.found(Some("b")), Found::Unknown);
        assert_eq!(join.found(Some("a")), Found::Request(0));
        assert_eq!((join.found(Some("a")), join.missing()), (Found::Again(0), 0));
    }

    #[test]
    fn a_request_without_an_id_is_found_by_its_line() {
        let mut join = Join::default();
        // The second line is empty; the last has the id that would be made for the first.
        for (id, line) in [(None, 1), (None, 3), (Some("b"), 4), (None, 5), (Some("record-000001"), 6)] {
            join.expect(id, line);
        }
        assert_eq!(join.found(Some(&RequestLine::made_id(5))), Found::Request(3));
        assert_eq!(
            join.found(Some(&RequestLine::made_id(1))),
            Found::Request(4),
            "what a request says itself comes first"
        );
        assert_eq!(join.found(Some("made by AWS")), Found::Request(0));
        assert_eq!(join.found(Some("made by AWS too")), Found::Request(1));
        assert_eq!(join.found(Some("another")), Found::Unknown, "what was found by its line is not given out again");
        assert_eq!((join.asks("record-000004"), join.asks("record-5")), (None, None));
        assert_eq!((join.len(), join.missing(), join.has(2)), (5, 1, false));
    }

    proptest! {
        /// Whatever came of a file, in whatever order: each result finds its request, and the others are missing.
        #[test]
        fn each_result_finds_its_request(
            named in proptest::collection::vec(any::<bool>(), 0..60),
            come in proptest::collection::vec(any::<(bool, u32)>(), 60),
        ) {
            let mut join = Join::default();
            let id = |place: usize| format!("record {place}");
            for (place, named) in named.iter().enumerate() {
                join.expect(named.then(|| id(place)).as_deref(), place as u64 + 1);
            }
            // Those with ids come in any order; AWS keeps that of the others, and where one is missing so are all behind it.
            let mut results: Vec<usize> = (0..named.len()).filter(|place| named[*place] && come[*place].0).collect();
            results.sort_by_key(|place| come[*place].1);
            let unnamed = (0..named.len()).filter(|place| !named[*place]).take_while(|place| come[*place].0);
            let all: Vec<usize> = results.into_iter().chain(unnamed).collect();
            for place in &all {
                let given = if named[*place] { id(*place) } else { format!("made by AWS {place}") };
                prop_assert_eq!(join.found(Some(&given)), Found::Request(*place));
            }
            prop_assert_eq!(join.missing(), named.len() - all.len());
            for place in 0..named.len() {
                prop_assert_eq!(join.has(place), all.contains(&place));
            }
        }
    }
}
