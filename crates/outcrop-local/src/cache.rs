//! Prompt caching as Claude does it: what of a request was read from the cache, what was written to it, what was neither.
//!
//! Rules (platform.claude.com, prompt caching): a request is a prefix of pieces, tools before system before messages. A
//! checkpoint writes one entry, for the prefix that ends with it; shorter prefixes than the model's least are silently
//! not cached. A read looks back from each checkpoint, at most 20 pieces with its own, for what earlier requests wrote,
//! and makes it live on. Turning citations on or off changes the system prompt; another tool choice, thinking or output
//! setting, or the first image changes what the messages stand on.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use outcrop_wire::messages::{CacheControl, CacheCreation, Ttl, Usage};
use outcrop_wire::model::Model;
use sha2::{Digest, Sha256};

use crate::engine::prompt::{Prompt, What};

/// Pieces that a read looks at from a checkpoint on, with its own.
const LOOKBACK: usize = 20;

/// Entries that are kept; past it those go that would end first.
const MOST: usize = 10_000;

const FIVE_MINUTES: Duration = Duration::from_secs(5 * 60);
const ONE_HOUR: Duration = Duration::from_secs(60 * 60);

/// The least tokens of a cached prefix where the catalogue knows none for the model.
pub(crate) const LEAST: u64 = 1024;

/// Whose cache it is: prefixes are shared within an account, a region and a model.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    pub(crate) account: &'a str,
    pub(crate) region: &'a str,
    pub(crate) model: Model,
}

/// The input tokens of a request.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Input {
    /// Neither read nor written.
    pub(crate) plain: u64,
    pub(crate) read: u64,
    pub(crate) written_5m: u64,
    pub(crate) written_1h: u64,
}

/// What earlier requests wrote.
#[derive(Debug, Default)]
pub(crate) struct PromptCache(Mutex<HashMap<Key, Entry>>);

/// The hash of a prefix.
type Key = [u8; 32];

#[derive(Clone, Copy, Debug)]
struct Entry {
    lives: Duration,
    until: SystemTime,
}

/// A prefix of a request, by its last piece.
struct Prefix {
    key: Key,
    tokens: u64,
    lives: Option<Duration>,
}

impl Input {
    /// The usage of an answer.
    pub(crate) fn usage(self, output_tokens: u64) -> Usage {
        Usage {
            input_tokens: self.plain,
            cache_creation_input_tokens: Some(self.written_5m + self.written_1h),
            cache_read_input_tokens: Some(self.read),
            cache_creation: Some(CacheCreation {
                ephemeral_5m_input_tokens: self.written_5m,
                ephemeral_1h_input_tokens: self.written_1h,
                ..CacheCreation::default()
            }),
            output_tokens,
            ..Usage::default()
        }
    }
}

/// What a request comes to, and what it does to the cache once it is answered.
#[derive(Debug, Default)]
pub(crate) struct Weighed {
    pub(crate) input: Input,
    /// The entries that begin or live on, and for how long.
    lives: Vec<(Key, Duration)>,
}

impl PromptCache {
    /// Says what of a request is read and written. The cache stays as it is until [`PromptCache::keep`].
    pub(crate) fn weigh(&self, prompt: &Prompt<'_>, place: Place<'_>, least: u64, now: SystemTime) -> Weighed {
        let (prefixes, total) = prefixes(prompt, place);
        let checkpoints: Vec<usize> =
            (0..prefixes.len()).filter(|at| prefixes[*at].lives.is_some() && prefixes[*at].tokens >= least).collect();
        let entries = self.entries();
        let live = |prefix: &Prefix| entries.get(&prefix.key).filter(|entry| entry.until > now);
        let found = checkpoints
            .iter()
            .rev()
            .flat_map(|at| (0..=*at).rev().take(LOOKBACK))
            .find(|at| live(&prefixes[*at]).is_some());
        let mut weighed = Weighed::default();
        let mut done = 0;
        if let Some(found) = found {
            let read = prefixes[..=found].iter().filter_map(|prefix| Some((prefix.key, live(prefix)?.lives)));
            weighed.lives.extend(read);
            done = prefixes[found].tokens;
            weighed.input.read = done;
        }
        for at in checkpoints.into_iter().filter(|at| found.is_none_or(|found| *at > found)) {
            let Prefix { key, tokens, lives } = &prefixes[at];
            let lives = lives.unwrap_or(FIVE_MINUTES);
            let input = &mut weighed.input;
            let written = if lives == ONE_HOUR { &mut input.written_1h } else { &mut input.written_5m };
            *written += tokens - done;
            done = *tokens;
            weighed.lives.push((*key, lives));
        }
        weighed.input.plain = total - done;
        weighed
    }

    /// Reads and writes: the request is being answered.
    pub(crate) fn keep(&self, weighed: &Weighed, now: SystemTime) {
        if weighed.lives.is_empty() {
            return;
        }
        let mut entries = self.entries();
        entries.extend(
            weighed.lives.iter().map(|(key, lives)| (*key, Entry { lives: *lives, until: later(now, *lives) })),
        );
        if entries.len() > MOST {
            entries.retain(|_, entry| entry.until > now);
        }
        while entries.len() > MOST {
            let Some(first) = entries.iter().min_by_key(|(_, entry)| entry.until).map(|(key, _)| *key) else { break };
            entries.remove(&first);
        }
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<Key, Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn later(now: SystemTime, by: Duration) -> SystemTime {
    now.checked_add(by).unwrap_or(now)
}

/// The prefixes of a request up to its last checkpoint, and the tokens of all of it.
fn prefixes(prompt: &Prompt<'_>, place: Place<'_>) -> (Vec<Prefix>, u64) {
    let request = prompt.request;
    let pieces: Vec<_> = prompt.pieces().map(|piece| (piece.what.checkpoint(), piece)).collect();
    let total = pieces.iter().map(|(_, piece)| piece.tokens).sum();
    let automatic = request
        .cache_control
        .as_ref()
        .and_then(|checkpoint| Some((pieces.iter().rposition(|(_, piece)| piece.what.is_cacheable())?, checkpoint)));
    let written = pieces.iter().rposition(|(checkpoint, _)| checkpoint.is_some());
    let Some(last) = written.max(automatic.map(|(at, _)| at)) else { return (Vec::new(), total) };
    let stood_on = (&request.tool_choice, &request.thinking, &request.output_config);
    let settings = [
        String::new(),
        format!("citations {}", prompt.cites()),
        format!("images {} {}", prompt.has_images(), serde_json::to_string(&stood_on).unwrap_or_default()),
    ];
    let mut hash = Sha256::new();
    for part in [place.account, place.region, place.model.name()] {
        mix(&mut hash, part.as_bytes());
    }
    let (mut level, mut tokens) = (0, 0);
    let prefixes = pieces[..=last].iter().enumerate().map(|(at, (checkpoint, piece))| {
        let here = match &piece.what {
            What::Tool(_) => 0,
            What::System(_) => 1,
            What::Said(..) => 2,
        };
        while level < here {
            level += 1;
            mix(&mut hash, settings[level].as_bytes());
        }
        let (kind, bytes) = piece.what.identity();
        mix(&mut hash, kind.as_bytes());
        mix(&mut hash, &bytes);
        tokens += piece.tokens;
        let automatic = automatic.filter(|(last, _)| *last == at).map(|(_, checkpoint)| checkpoint);
        Prefix { key: hash.clone().finalize().into(), tokens, lives: checkpoint.as_ref().or(automatic).map(lives) }
    });
    (prefixes.collect(), total)
}

/// Adds one part; its length first, so that no two lists of parts are the same bytes.
fn mix(hash: &mut Sha256, part: &[u8]) {
    hash.update((part.len() as u64).to_le_bytes());
    hash.update(part);
}

fn lives(checkpoint: &CacheControl) -> Duration {
    match checkpoint.ttl {
        Some(Ttl::OneHour) => ONE_HOUR,
        _ => FIVE_MINUTES,
    }
}

#[cfg(test)]
mod tests;
