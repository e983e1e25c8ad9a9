//! An answer as it grows: it ends where `max_tokens` or a stop sequence ends it, whichever comes first.

use outcrop_wire::messages::{
    Block, Citation, RedactedThinkingBlock, StopReason, TextBlock, ThinkingBlock, ToolUseBlock,
};

use crate::engine::tokens;
use crate::thinking;

/// An answer so far.
#[derive(Debug)]
pub(super) struct Draft<'a> {
    content: Vec<Block>,
    left: u32,
    spent: u64,
    thought: u64,
    stops: &'a [String],
    ended: Option<(StopReason, Option<String>)>,
}

/// A finished answer.
#[derive(Debug)]
pub(super) struct Finished {
    pub(super) content: Vec<Block>,
    pub(super) stop_reason: StopReason,
    pub(super) stop_sequence: Option<String>,
    pub(super) output_tokens: u64,
    /// Those of them that were thought.
    pub(super) thinking_tokens: u64,
}

/// A piece of text, and what it cites.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Passage {
    pub(super) text: String,
    pub(super) citations: Option<Vec<Citation>>,
}

impl Passage {
    pub(super) fn plain(text: impl Into<String>) -> Self {
        Passage { text: text.into(), citations: None }
    }
}

impl<'a> Draft<'a> {
    /// An empty one. With no tokens to give it has ended already: such a request only fills the prompt cache.
    pub(super) fn new(max_tokens: u32, stops: &'a [String]) -> Self {
        let ended = (max_tokens == 0).then_some((StopReason::MaxTokens, None));
        Draft { content: Vec::new(), left: max_tokens, spent: 0, thought: 0, stops, ended }
    }

    /// Thinks `text`; it costs the same whether it is shown or not.
    pub(super) fn think(&mut self, text: &str, shown: bool) {
        let Some(text) = self.afford(text) else { return };
        let thinking = if shown { text } else { String::new() };
        let signature = Some(thinking::sign(&thinking));
        self.content.push(Block::Thinking(ThinkingBlock { thinking, signature, extra: Default::default() }));
    }

    /// Thinks `text` so that nobody reads it.
    pub(super) fn think_hidden(&mut self, text: &str) {
        let Some(text) = self.afford(text) else { return };
        let data = thinking::redact(&text);
        self.content.push(Block::RedactedThinking(RedactedThinkingBlock { data, extra: Default::default() }));
    }

    /// Says `passages`, each a block of its own.
    pub(super) fn say(&mut self, passages: Vec<Passage>) {
        if self.ended.is_some() {
            return;
        }
        let whole: String = passages.iter().map(|passage| passage.text.as_str()).collect();
        let affordable = tokens::prefix(&whole, self.left);
        let text = affordable.unwrap_or(&whole);
        let stop = first_stop(text, self.stops);
        let mut room = stop.as_ref().map_or(text.len(), |(at, _)| *at);
        self.spend(tokens::of(&text[..room]));
        self.ended = match stop {
            Some((_, stop)) => Some((StopReason::StopSequence, Some(stop.clone()))),
            None => affordable.map(|_| (StopReason::MaxTokens, None)),
        };
        for Passage { mut text, citations } in passages {
            text.truncate(room);
            room -= text.len();
            if !text.is_empty() {
                self.content.push(Block::Text(TextBlock { citations, ..TextBlock::new(text) }));
            }
        }
    }

    /// Calls a tool; a call that does not fit is not made.
    pub(super) fn call(&mut self, cost: u64, call: impl FnOnce() -> ToolUseBlock) {
        if self.fits(cost) {
            self.content.push(Block::ToolUse(call()));
        }
    }

    /// Adds blocks that cost `tokens`, all or none.
    pub(super) fn add(&mut self, blocks: impl IntoIterator<Item = Block>, tokens: u64) {
        if self.fits(tokens) {
            self.content.extend(blocks);
        }
    }

    pub(super) fn finish(self) -> Finished {
        let calls = self.content.iter().any(|block| matches!(block, Block::ToolUse(_)));
        let natural = if calls { StopReason::ToolUse } else { StopReason::EndTurn };
        let (stop_reason, stop_sequence) = self.ended.unwrap_or((natural, None));
        Finished {
            content: self.content,
            stop_reason,
            stop_sequence,
            output_tokens: self.spent,
            thinking_tokens: self.thought,
        }
    }

    /// As much of `text` as may be thought; `None` when nothing may.
    fn afford(&mut self, text: &str) -> Option<String> {
        if self.ended.is_some() {
            return None;
        }
        let affordable = tokens::prefix(text, self.left);
        if affordable.is_some() {
            self.ended = Some((StopReason::MaxTokens, None));
        }
        let text = affordable.unwrap_or(text);
        self.thought += tokens::of(text);
        self.spend(tokens::of(text));
        Some(text.to_owned())
    }

    /// Takes `tokens`, or ends for want of them.
    fn fits(&mut self, tokens: u64) -> bool {
        if self.ended.is_some() {
            return false;
        }
        if tokens > u64::from(self.left) {
            self.spend(u64::from(self.left));
            self.ended = Some((StopReason::MaxTokens, None));
            return false;
        }
        self.spend(tokens);
        true
    }

    fn spend(&mut self, tokens: u64) {
        self.spent += tokens;
        self.left = self.left.saturating_sub(u32::try_from(tokens).unwrap_or(u32::MAX));
    }
}

/// Where the first stop sequence begins: the one that is whole first, as whoever writes letter by letter meets it.
fn first_stop<'a>(text: &str, stops: &'a [String]) -> Option<(usize, &'a String)> {
    stops
        .iter()
        .filter(|stop| !stop.is_empty())
        .filter_map(|stop| text.find(stop.as_str()).map(|at| (at, stop)))
        .min_by_key(|(at, stop)| (at + stop.len(), *at))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(finished: &Finished) -> Vec<&str> {
        finished.content.iter().filter_map(Block::as_text).collect()
    }

    #[test]
    fn text_ends_across_passages() {
        let passages = || ["one two ", "three", " four"].map(Passage::plain).to_vec();
        let stops = ["o th".to_owned(), "four".to_owned()];
        let mut draft = Draft::new(100, &stops);
        draft.say(passages());
        let finished = draft.finish();
        assert_eq!((texts(&finished), finished.stop_sequence.as_deref()), (vec!["one tw"], Some("o th")));

        let mut draft = Draft::new(3, &[]);
        draft.say(passages());
        draft.say(passages());
        let finished = draft.finish();
        assert_eq!(texts(&finished), ["one two ", "thre"]);
        assert_eq!((finished.stop_reason, finished.output_tokens), (StopReason::MaxTokens, 3));

        let mut draft = Draft::new(0, &[]);
        draft.think("hm", true);
        draft.say(passages());
        let finished = draft.finish();
        assert!(finished.content.is_empty());
        assert_eq!((finished.stop_reason, finished.output_tokens), (StopReason::MaxTokens, 0));
    }

    #[test]
    fn hidden_thinking_costs_and_is_signed() {
        let mut draft = Draft::new(100, &[]);
        draft.think("eight ch", false);
        draft.think_hidden("eight ch");
        let finished = draft.finish();
        assert_eq!((finished.output_tokens, finished.stop_reason), (4, StopReason::EndTurn));
        let [Block::Thinking(thought), Block::RedactedThinking(hidden)] = &finished.content[..] else {
            panic!("{:?}", finished.content)
        };
        assert_eq!(thought.thinking, "");
        assert!(thinking::verify("", thought.signature.as_deref().unwrap_or_default()));
        assert!(thinking::verify_redacted(&hidden.data));
    }
}
