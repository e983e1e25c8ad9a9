//! Records that are asked, several at once where that helps, and their answers in the order of the records.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use bytes::Bytes;
use tokio::task::{Id, JoinSet};

use super::record::{Calls, Done};
use crate::server::Inner;

/// How many warnings of its records a file passes on, once each.
const MOST_WARNINGS: usize = 20;

/// Records that are asked.
pub(super) struct Answers {
    calls: Calls,
    asked: u64,
    given: u64,
    work: JoinSet<Done>,
    /// Which records they are that are worked on.
    records: HashMap<Id, (u64, Bytes)>,
    /// Answers that wait for one before them.
    early: BTreeMap<u64, Done>,
    warned: HashSet<String>,
}

impl Answers {
    pub(super) fn new(calls: Calls) -> Self {
        Answers {
            calls,
            asked: 0,
            given: 0,
            work: JoinSet::new(),
            records: HashMap::new(),
            early: BTreeMap::new(),
            warned: HashSet::new(),
        }
    }

    /// Whether another one may be asked.
    pub(super) fn have_room(&self, local: &Inner) -> bool {
        self.records.len() + self.early.len() < local.engine.at_once()
    }

    pub(super) fn ask(&mut self, local: Arc<Inner>, line: Bytes) {
        let calls = self.calls.clone();
        let work = self.work.spawn(calls.answer(local, line.clone()));
        self.records.insert(work.id(), (self.asked, line));
        self.asked += 1;
    }

    /// The next one, where there is one.
    pub(super) async fn next(&mut self) -> Option<Done> {
        loop {
            if let Some(done) = self.early.remove(&self.given) {
                self.given += 1;
                return Some(done);
            }
            let (id, done) = match self.work.join_next_with_id().await? {
                Ok((id, done)) => (id, Some(done)),
                Err(error) => (error.id(), None),
            };
            if let Some((number, line)) = self.records.remove(&id) {
                // What panicked has answered too.
                self.early.insert(number, done.unwrap_or_else(|| Done::failed(&line)));
            }
        }
    }

    /// Those that are there although one before them is not.
    pub(super) fn rest(&mut self) -> impl Iterator<Item = Done> + use<> {
        std::mem::take(&mut self.early).into_values()
    }

    /// Whether a warning is worth another line.
    pub(super) fn is_new(&mut self, warning: &str) -> bool {
        self.warned.len() < MOST_WARNINGS && self.warned.insert(warning.to_owned())
    }
}
