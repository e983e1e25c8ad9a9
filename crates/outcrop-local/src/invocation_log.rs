//! The log of model invocations: calls wait here to become records, and are written some at a time.
//!
//! What is told of a call is shared bytes, put down as they pass; records are made of them later and elsewhere, so that
//! no call waits for its log. Where nothing is logged nothing is held.

mod delivery;
mod media;
mod output;
mod record;
mod told;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

pub(crate) use self::told::{Telling, Told};

use crate::server::{Inner, Notice};

/// How long a call waits for others to be written with, until something else is said.
pub(crate) const EVERY: Duration = Duration::from_secs(1);

/// Bodies longer than this are not in their record: "JSON objects up to 100 KB in size" (AWS user guide, model invocation
/// logging).
pub(crate) const INLINE: usize = 100 * 1024;

/// So many bytes do not wait for others.
const MOST_WAITING: usize = 32 << 20;

/// Calls that wait to be written.
#[derive(Debug)]
pub(crate) struct InvocationLog {
    every: Duration,
    inline: usize,
    waiting: Mutex<Waiting>,
    /// The places that took nothing when they were last written to.
    failing: Mutex<BTreeSet<String>>,
    /// Held while some are written, so that whoever waits for the log waits for those too.
    writing: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct Waiting {
    calls: Vec<Told>,
    bytes: usize,
}

impl InvocationLog {
    pub(crate) fn new(every: Duration, inline: usize) -> Self {
        InvocationLog {
            every,
            inline,
            waiting: Mutex::default(),
            failing: Mutex::default(),
            writing: tokio::sync::Mutex::default(),
        }
    }

    /// Tells that a place takes no records, once until it takes some again.
    fn tell(&self, local: &Inner, place: &str, outcome: Result<(), String>) {
        let mut failing = self.failing.lock().unwrap_or_else(PoisonError::into_inner);
        match outcome {
            Ok(()) => drop(failing.remove(place)),
            Err(why) if failing.insert(place.to_owned()) => {
                drop(failing);
                local.notify(&Notice::Warning(&format!("calls are not logged in {place}: {why}")));
            }
            Err(_) => {}
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Puts a call down; it is written soon.
pub(crate) fn put_down(local: &Arc<Inner>, told: Told) {
    let log = &local.invocation_log;
    let (first, full) = {
        let mut waiting = log.waiting();
        let before = waiting.bytes;
        waiting.bytes += told.bytes();
        waiting.calls.push(told);
        (waiting.calls.len() == 1, before <= MOST_WAITING && waiting.bytes > MOST_WAITING)
    };
    let pause = match (full, first) {
        (true, _) => Duration::ZERO,
        (_, true) => log.every,
        _ => return,
    };
    // Without a runtime it waits for the next call, or for the end.
    if let Ok(runtime) = tokio::runtime::Handle::try_current() {
        let local = Arc::clone(local);
        runtime.spawn(async move {
            if pause > Duration::ZERO {
                tokio::time::sleep(pause).await;
            }
            write(&local).await;
        });
    }
}

/// Writes what waits.
pub(crate) async fn write(local: &Arc<Inner>) {
    let _writing = local.invocation_log.writing.lock().await;
    let calls = {
        let mut waiting = local.invocation_log.waiting();
        waiting.bytes = 0;
        std::mem::take(&mut waiting.calls)
    };
    if calls.is_empty() {
        return;
    }
    let made = tokio::task::spawn_blocking({
        let local = Arc::clone(local);
        move || delivery::deliveries(&local, calls, local.invocation_log.inline)
    });
    // It ends early where the runtime does.
    if let Ok(deliveries) = made.await {
        delivery::deliver(local, deliveries).await;
    }
}
