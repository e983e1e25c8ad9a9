//! What is wrong with a request by itself, whichever model reads it: who speaks, what is said, and of what kind it is.
//!
//! A call would be refused for it at once, and for nothing; a record of a job is refused after hours, and so it is looked at
//! before. The rules are those of the API and of Converse, as the local Bedrock has them word for word.

use outcrop_wire::converse::{self, ContentBlock, ConverseRequest, InferenceConfig, ToolResultContent};
use outcrop_wire::messages::{
    Block, Content, MessageRequest, ResultBlock, ResultContent, Role, System, SystemBlock, Turn,
};

use super::line::LineError;

/// What is said at a place of a conversation, in either dialect.
enum Said<'a> {
    Text(&'a str),
    /// The model calls a tool, by this id.
    Call(&'a str),
    /// What the call of this id gave, and the pieces of it that are of no known kind.
    Result(&'a str, Vec<(usize, &'a str)>),
    /// Of a kind that is not known here; empty where it has none.
    Unknown(&'a str),
    /// Anything else.
    Other,
}

/// A turn, in either dialect.
struct Spoken<'a> {
    role: &'a Role,
    said: Vec<Said<'a>>,
    /// Whether it is a string, which stands for a block.
    plain: bool,
    /// Whether it may say nothing: it sets something, or is the model's and comes last.
    silent: bool,
}

/// How a dialect says of what kind a block is.
#[derive(Clone, Copy)]
struct Kinds {
    /// Where that stands, below the block.
    place: &'static str,
    /// What else is wrong with a block that has none.
    none: &'static str,
    /// Whether turns of one role in a row are one.
    joined: bool,
}

/// Quoted from the API: turns of one role in a row are looked at together.
const MESSAGES: Kinds = Kinds { place: ".type", none: "it has no type", joined: true };

/// Quoted from AWS: each message has content by itself, of either role.
const CONVERSE: Kinds = Kinds { place: "", none: "it holds nothing", joined: false };

/// Everything that is wrong with a request of the Messages API.
pub(super) fn of_messages(request: &MessageRequest) -> Vec<LineError> {
    let last = request.messages.len().saturating_sub(1);
    let turns: Vec<Spoken<'_>> =
        request.messages.iter().enumerate().map(|(at, turn)| spoken(turn, at > 0 && at == last)).collect();
    let mut wrong = conversation(&turns, MESSAGES);
    if let Some(System::Blocks(blocks)) = &request.system {
        for (at, block) in blocks.iter().enumerate() {
            match block {
                SystemBlock::Text(block) if is_blank(&block.text) => blank(&mut wrong, format!("system[{at}].text")),
                SystemBlock::Text(_) => {}
                SystemBlock::Other(_) => unknown(&mut wrong, format!("system[{at}]"), block.kind(), MESSAGES),
            }
        }
    }
    share(&mut wrong, "temperature", request.temperature);
    // Recorded: -1 stands for the default.
    share(&mut wrong, "top_p", request.top_p.filter(|top_p| *top_p != -1.0));
    wrong
}

/// Everything that is wrong with a body of Converse, for a model that gives at most so many tokens. It goes as it is: no
/// plan puts right what a model does not take.
pub(super) fn of_converse(request: &ConverseRequest, most_tokens: Option<u64>) -> Vec<LineError> {
    let mut wrong = conversation(&request.messages.iter().map(conversed).collect::<Vec<_>>(), CONVERSE);
    let Some(InferenceConfig { max_tokens, temperature, top_p, .. }) = &request.inference_config else { return wrong };
    let place = "inferenceConfig.maxTokens";
    match (max_tokens.map(u64::from), most_tokens) {
        (Some(0), _) => wrong.push(LineError::new(place, "it is 0, and has to be at least 1")),
        (Some(asked), Some(most)) if asked > most => {
            wrong.push(LineError::new(place, format!("{asked} is more than the {most} that the model gives")));
        }
        _ => {}
    }
    share(&mut wrong, "inferenceConfig.temperature", *temperature);
    share(&mut wrong, "inferenceConfig.topP", *top_p);
    wrong
}

fn spoken(turn: &Turn, last: bool) -> Spoken<'_> {
    let (plain, said) = match &turn.content {
        Content::Text(text) if text.is_empty() => (true, Vec::new()),
        Content::Text(text) => (true, vec![Said::Text(text)]),
        Content::Blocks(blocks) => (false, blocks.iter().map(block_said).collect()),
    };
    let silent = turn.output_config.is_some() || (last && turn.role == Role::Assistant);
    Spoken { role: &turn.role, said, plain, silent }
}

fn block_said(block: &Block) -> Said<'_> {
    match block {
        Block::Text(block) => Said::Text(&block.text),
        Block::ToolUse(call) => Said::Call(&call.id),
        Block::ToolResult(result) => {
            let pieces = match &result.content {
                Some(ResultContent::Blocks(pieces)) => &pieces[..],
                _ => &[],
            };
            Said::Result(
                &result.tool_use_id,
                none_of(pieces, |piece| matches!(piece, ResultBlock::Other(_)), ResultBlock::kind),
            )
        }
        Block::Other(_) => Said::Unknown(block.kind()),
        _ => Said::Other,
    }
}

fn conversed(message: &converse::Message) -> Spoken<'_> {
    let said = message.content.iter().map(|block| match block {
        ContentBlock::Text(text) => Said::Text(text),
        // What the service runs itself has a kind, and its result beside it.
        ContentBlock::ToolUse(call) if call.kind.as_deref() != Some("server_tool_use") => Said::Call(&call.tool_use_id),
        ContentBlock::ToolResult(result) if result.kind.is_none() => {
            let other = |piece: &ToolResultContent| matches!(piece, ToolResultContent::Other(_));
            Said::Result(&result.tool_use_id, none_of(&result.content, other, ToolResultContent::kind))
        }
        ContentBlock::Other(_) => Said::Unknown(block.kind()),
        _ => Said::Other,
    });
    Spoken { role: &message.role, said: said.collect(), plain: false, silent: false }
}

/// The pieces of no known kind, and of which they are.
fn none_of<T>(pieces: &[T], other: impl Fn(&T) -> bool, kind: impl Fn(&T) -> &str) -> Vec<(usize, &str)> {
    pieces.iter().enumerate().filter(|(_, piece)| other(piece)).map(|(at, piece)| (at, kind(piece))).collect()
}

/// Who speaks when, and whether anything is said.
fn conversation(turns: &[Spoken<'_>], kinds: Kinds) -> Vec<LineError> {
    let mut wrong = Vec::new();
    match turns.first().map(|turn| turn.role) {
        None => wrong.push(LineError::new("messages", "there are none, and there has to be one at least")),
        Some(Role::Assistant) => {
            wrong
                .push(LineError::new("messages[0].role", "the model cannot speak first: the first turn is the user's"));
        }
        Some(_) => {}
    }
    let mut calls = Calls::default();
    for (at, turn) in turns.iter().enumerate() {
        if let Role::Other(role) = turn.role {
            let why = format!("`{role}` is no role: there are user, assistant and system");
            wrong.push(LineError::new(&format!("messages[{at}].role"), why));
        }
        let beside = [at.checked_sub(1), Some(at + 1)].into_iter().flatten().filter_map(|at| turns.get(at));
        let joined = kinds.joined && beside.into_iter().any(|next| next.role == turn.role && !next.said.is_empty());
        if turn.said.is_empty() && !turn.silent && !joined {
            wrong.push(LineError::new(&format!("messages[{at}].content"), "it is empty"));
        }
        for (index, said) in turn.said.iter().enumerate() {
            let place = match turn.plain {
                true => format!("messages[{at}].content"),
                false => format!("messages[{at}].content[{index}]"),
            };
            match said {
                Said::Text(text) if is_blank(text) && turn.plain => blank(&mut wrong, place),
                Said::Text(text) if is_blank(text) => blank(&mut wrong, format!("{place}.text")),
                Said::Unknown(kind) => unknown(&mut wrong, place, kind, kinds),
                Said::Result(_, pieces) => {
                    for (piece, kind) in pieces {
                        unknown(&mut wrong, format!("{place}.content[{piece}]"), kind, kinds);
                    }
                }
                Said::Text(_) | Said::Call(_) | Said::Other => {}
            }
        }
        calls.turn(at, turn, &mut wrong);
    }
    calls.want(turns.len().saturating_sub(1), &mut wrong);
    wrong
}

/// The calls of tools that have no result yet: it comes in the turns of the user that follow, before the model speaks again.
#[derive(Default)]
struct Calls<'a> {
    open: Vec<&'a str>,
    /// Whether the turns of the model that made them are over.
    made: bool,
}

impl<'a> Calls<'a> {
    fn turn(&mut self, at: usize, turn: &Spoken<'a>, wrong: &mut Vec<LineError>) {
        let users = *turn.role == Role::User;
        if !users && self.made {
            self.want(at - 1, wrong);
        }
        self.made = users;
        for (index, said) in turn.said.iter().enumerate() {
            let mut tell = |why: String| wrong.push(LineError::new(&format!("messages[{at}].content[{index}]"), why));
            match said {
                Said::Call(id) if !users => self.open.push(id),
                Said::Call(_) => tell("the user calls no tools: this is for a turn of the model".to_owned()),
                Said::Result(..) if !users => tell("the result of a tool is for a turn of the user".to_owned()),
                Said::Result(id, _) => match self.open.iter().position(|open| open == id) {
                    Some(found) => drop(self.open.swap_remove(found)),
                    None => tell(format!("no tool was called by the id `{id}` in the turn before")),
                },
                _ => {}
            }
        }
    }

    /// Results were to come in this turn at the latest.
    fn want(&mut self, at: usize, wrong: &mut Vec<LineError>) {
        for id in self.open.drain(..) {
            wrong.push(LineError::new(&format!("messages[{at}]"), format!("the call `{id}` of a tool has no result")));
        }
    }
}

fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}

fn blank(wrong: &mut Vec<LineError>, place: String) {
    wrong.push(LineError::new(&place, "it says nothing: there has to be more than blanks"));
}

fn unknown(wrong: &mut Vec<LineError>, place: String, kind: &str, kinds: Kinds) {
    match kind {
        "" => wrong.push(LineError::new(&place, kinds.none)),
        kind => wrong.push(LineError::new(&format!("{place}{}", kinds.place), format!("no block is called `{kind}`"))),
    }
}

/// A number from 0 to 1.
fn share(wrong: &mut Vec<LineError>, place: &str, value: Option<f64>) {
    if let Some(value) = value.filter(|value| !(0.0..=1.0).contains(value)) {
        wrong.push(LineError::new(place, format!("{value} is not from 0 to 1")));
    }
}
