//! Results, joined to what was asked: by record id, and by order where a request has none.

use std::collections::{HashMap, VecDeque};

/// The requests of one file, and which of them have a result.
#[derive(Debug, Default)]
pub(super) struct Join {
    by_id: HashMap<Box<str>, usize>,
    /// Requests without an id: AWS gives them one, and keeps their order.
    unnamed: VecDeque<usize>,
    seen: Vec<bool>,
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
    /// The next request of the file. Of two with one id the first has it.
    pub(super) fn expect(&mut self, id: Option<&str>) {
        let place = self.seen.len();
        self.seen.push(false);
        match id {
            Some(id) if !self.by_id.contains_key(id) => drop(self.by_id.insert(id.into(), place)),
            _ => self.unnamed.push_back(place),
        }
    }

    /// A result came.
    pub(super) fn found(&mut self, id: Option<&str>) -> Found {
        let named = id.and_then(|id| self.by_id.get(id)).copied();
        let Some(place) = named.or_else(|| self.unnamed.pop_front()) else { return Found::Unknown };
        match std::mem::replace(&mut self.seen[place], true) {
            true => Found::Again(place),
            false => Found::Request(place),
        }
    }

    /// Whether a request has its result.
    pub(super) fn has(&self, place: usize) -> bool {
        self.seen.get(place).copied().unwrap_or(true)
    }

    /// How many have none.
    pub(super) fn missing(&self) -> usize {
        self.seen.iter().filter(|seen| !**seen).count()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_result_that_comes_twice_or_was_not_asked_for_is_told() {
        let mut join = Join::default();
        join.expect(Some("a"));
        assert_eq!(join.found(Some("b")), Found::Unknown);
        assert_eq!(join.found(Some("a")), Found::Request(0));
        assert_eq!((join.found(Some("a")), join.missing()), (Found::Again(0), 0));
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
                join.expect(named.then(|| id(place)).as_deref());
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
