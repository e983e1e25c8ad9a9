//! Which target has the beginning of a conversation in its prompt cache: remembered for as long as the cache holds.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use outcrop_wire::messages::{Block, CacheControl, Content, MessageRequest, ResultContent, System, Ttl};
use serde::Serialize;
use tokio::time::Instant;

use crate::plan::Target;

/// How many beginnings are remembered.
const MOST: usize = 4096;

/// Which target served what.
#[derive(Debug, Default)]
pub(crate) struct Affinity(Mutex<HashMap<u64, (Arc<Target>, Instant)>>);

impl Affinity {
    /// The target that has the longest part of these in its cache.
    pub(crate) fn target_of(&self, beginnings: &Beginnings) -> Option<Arc<Target>> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let known = beginnings.all.iter().rev().find_map(|hash| held.get(hash).filter(|(_, until)| now < *until));
        known.map(|(target, _)| Arc::clone(target))
    }

    /// Remembers who has these in its cache from now on.
    pub(crate) fn remember(&self, beginnings: &Beginnings, target: &Arc<Target>) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        for (hash, lifetime) in &beginnings.cached {
            if held.len() >= MOST && !held.contains_key(hash) {
                held.retain(|_, (_, until)| now < *until);
            }
            if held.len() >= MOST
                && let Some(soonest) = held.iter().min_by_key(|(_, (_, until))| *until).map(|(hash, _)| *hash)
            {
                held.remove(&soonest);
            }
            held.insert(*hash, (Arc::clone(target), now + *lifetime));
        }
    }
}

/// The beginnings of a request, as hashes: of tools, system prompt and turns up to each block before its last checkpoint.
#[derive(Clone, Debug, Default)]
pub(crate) struct Beginnings {
    all: Vec<u64>,
    /// Those that end at a checkpoint, and how long they are kept.
    cached: Vec<(u64, Duration)>,
}

impl Beginnings {
    /// None where nothing is to be cached. What an earlier request marked, a later one need not mark again: the checkpoint
    /// moves on with the conversation, so marks are no part of what is compared.
    pub(crate) fn of(request: &MessageRequest) -> Option<Self> {
        let mut reading = Reading { hasher: DefaultHasher::new(), found: Beginnings::default() };
        let model = request.model.as_str();
        model.hash(&mut reading.hasher);
        for tool in request.tools.iter().flatten() {
            let control = tool.checkpoint().cloned();
            match control {
                None => reading.part(tool, None),
                Some(_) => {
                    let mut plain = tool.clone();
                    plain.checkpoint_mut().map(Option::take);
                    reading.part(&plain, control);
                }
            }
        }
        match &request.system {
            Some(System::Text(text)) => reading.text(text, None),
            Some(System::Blocks(blocks)) => {
                for block in blocks {
                    let mut plain = block.clone();
                    let control = plain.checkpoint_mut().and_then(Option::take);
                    reading.part(&plain, control);
                }
            }
            None => {}
        }
        for turn in &request.messages {
            turn.role.as_str().hash(&mut reading.hasher);
            match &turn.content {
                Content::Text(text) => reading.text(text, None),
                Content::Blocks(blocks) => blocks.iter().for_each(|block| reading.block(block)),
            }
        }
        if let (Some(control), Some(last)) = (&request.cache_control, reading.found.all.last()) {
            let cached = (*last, lifetime(control));
            reading.found.cached.push(cached);
        }
        let found = reading.found;
        let (last, _) = found.cached.last()?;
        let end = found.all.iter().position(|hash| hash == last)?;
        Some(Beginnings { all: found.all[..=end].to_vec(), cached: found.cached })
    }
}

struct Reading {
    hasher: DefaultHasher,
    found: Beginnings,
}

impl Reading {
    fn block(&mut self, block: &Block) {
        match block {
            // A string and one block of text are the same to the model.
            Block::Text(text) if text.citations.is_none() && text.extra.is_empty() => {
                self.text(&text.text, text.cache_control.as_ref());
            }
            _ if !marks(block) => self.part(block, None),
            _ => {
                let mut plain = block.clone();
                let mut control = plain.checkpoint_mut().and_then(Option::take);
                if let Block::ToolResult(result) = &mut plain
                    && let Some(ResultContent::Blocks(blocks)) = &mut result.content
                {
                    for block in blocks {
                        control = block.checkpoint_mut().and_then(Option::take).or(control);
                    }
                }
                self.part(&plain, control);
            }
        }
    }

    fn text(&mut self, text: &str, control: Option<&CacheControl>) {
        text.hash(&mut self.hasher);
        self.ended(control);
    }

    fn part(&mut self, part: &impl Serialize, control: Option<CacheControl>) {
        // Whatever cannot be written is not sent either.
        let _ = serde_json::to_writer(Bytes(&mut self.hasher), part);
        self.ended(control.as_ref());
    }

    fn ended(&mut self, control: Option<&CacheControl>) {
        self.hasher.write_u8(0xff);
        let hash = self.hasher.finish();
        self.found.all.push(hash);
        if let Some(control) = control {
            self.found.cached.push((hash, lifetime(control)));
        }
    }
}

/// Whether a block carries a checkpoint, or one within it does.
fn marks(block: &Block) -> bool {
    let within = match block {
        Block::ToolResult(result) => match &result.content {
            Some(ResultContent::Blocks(blocks)) => blocks.iter().any(|block| block.checkpoint().is_some()),
            _ => false,
        },
        _ => false,
    };
    within || block.checkpoint().is_some()
}

fn lifetime(control: &CacheControl) -> Duration {
    match control.ttl {
        Some(Ttl::OneHour) => Duration::from_secs(3600),
        _ => Duration::from_secs(300),
    }
}

/// A hasher that is written to.
struct Bytes<'a>(&'a mut DefaultHasher);

impl std::io::Write for Bytes<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.write(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use outcrop_wire::catalogue::Catalogue;
    use outcrop_wire::surface::Surface;

    fn marked(text: &str) -> Block {
        let mut block = Block::text(text);
        block.checkpoint_mut().expect("a place").replace(CacheControl::from(Ttl::FiveMinutes));
        block
    }

    fn target(region: &str) -> Arc<Target> {
        let model = Catalogue::built_in().resolve(&"opus".into());
        Arc::new(Target { surface: Surface::InvokeModel, region: Some(region.to_owned()), model, account: None })
    }

    #[tokio::test(start_paused = true)]
    async fn a_conversation_that_goes_on_is_known_until_its_cache_ends() {
        let first = MessageRequest::new("opus", 16).system("Rules.").user(marked("one"));
        assert!(Beginnings::of(&MessageRequest::new("opus", 16).user("one")).is_none(), "nothing is cached");
        let affinity = Affinity::default();
        let beginnings = Beginnings::of(&first).expect("a checkpoint");
        assert!(affinity.target_of(&beginnings).is_none());
        affinity.remember(&beginnings, &target("us-west-2"));
        // The checkpoint has moved on, and the first turn is a string now.
        let second =
            MessageRequest::new("opus", 16).system("Rules.").user("one").assistant("two").user(marked("three"));
        let beginnings = Beginnings::of(&second).expect("a checkpoint");
        let region = || affinity.target_of(&beginnings).and_then(|target| target.region.clone());
        assert_eq!(region().as_deref(), Some("us-west-2"));
        let other = MessageRequest::new("opus", 16).system("Rules!").user("one").assistant("two").user(marked("three"));
        assert!(affinity.target_of(&Beginnings::of(&other).expect("a checkpoint")).is_none());
        tokio::time::advance(Duration::from_secs(301)).await;
        assert_eq!(region(), None);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_remembered_has_an_end() {
        let affinity = Affinity::default();
        let target = target("us-west-2");
        for number in 0..MOST as u64 + 10 {
            let one = Beginnings { all: vec![number], cached: vec![(number, Duration::from_secs(300 + number))] };
            affinity.remember(&one, &target);
        }
        assert_eq!(affinity.0.lock().expect("held").len(), MOST);
        let known = |number: u64| affinity.target_of(&Beginnings { all: vec![number], cached: Vec::new() }).is_some();
        assert!(!known(0) && known(MOST as u64 + 9), "what ends first goes first");
    }
}
