//! A conversation that lasts: the request as it has grown, and what its answers took.

mod store;

use outcrop::wire::messages::{Content, Role, Ttl, Turn, Usage};
use outcrop::{Block, Message, MessageRequest, Response};
use serde::{Deserialize, Serialize};

use crate::answer::Stopped;
use crate::question;
use crate::render::stats;

pub(crate) use store::{Place, Store};

/// The form of a session file that this program writes; a newer one is not touched.
const FORM: u32 = 1;

/// A conversation. Its last turn may be a question that has no answer yet: files without a question, one that failed,
/// one that was stopped.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Session {
    outcrop_session: u32,
    /// The request: settings, and every turn as it was sent and as it came back.
    pub(crate) request: MessageRequest,
    /// Whether and how long prompts are cached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) cache: Option<Ttl>,
    /// Every answer there was, those that were taken back included: they cost.
    pub(crate) answers: Vec<Answered>,
}

/// What an answer took.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Answered {
    /// The model by the id that was called, or by that of what is behind it; it says the scope, which says the price.
    pub(crate) model: String,
    /// Tokens.
    pub(crate) usage: Usage,
    /// It was stopped: the output is counted as far as it was told.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) stopped: bool,
    /// The local engine that gave it: nothing was paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) engine: Option<String>,
}

impl Session {
    pub(crate) fn new(request: MessageRequest, cache: Option<Ttl>) -> Self {
        Session { outcrop_session: FORM, request, cache, answers: Vec::new() }
    }

    /// Whether the last turn is a question without an answer.
    pub(crate) fn is_open(&self) -> bool {
        self.request.messages.last().is_some_and(|turn| turn.role == Role::User)
    }

    /// Adds to the question that has no answer yet, or begins one.
    pub(crate) fn add(&mut self, blocks: Vec<Block>) {
        let mut all = match self.is_open() {
            true => self.request.messages.pop().map(|turn| turn.content.into_blocks()).unwrap_or_default(),
            false => Vec::new(),
        };
        all.extend(blocks);
        if !all.is_empty() {
            self.request.messages.push(Turn::user(question::content(all)));
        }
    }

    /// Takes in a whole answer. One without content leaves the question open: it could not be sent back.
    /// `engine` is the local one that answered, if one did.
    pub(crate) fn answered(&mut self, reply: &Response<Message>, engine: Option<&str>) {
        self.answers.push(Answered {
            model: stats::priced(&reply.meta.target.model).to_string(),
            usage: reply.usage.clone(),
            stopped: false,
            engine: engine.map(str::to_owned),
        });
        if !reply.content.is_empty() {
            self.request.messages.push(reply.into());
        }
    }

    /// Takes in what came before an answer was stopped: its text, which is all that can go on its own. Without any,
    /// the question stays open. Says whether there was some.
    pub(crate) fn stopped(&mut self, answer: &Stopped) -> bool {
        self.answers.push(Answered {
            model: answer.model.to_string(),
            usage: answer.partial.usage.clone(),
            stopped: true,
            engine: answer.engine.clone(),
        });
        let text = answer.partial.text();
        let kept = !text.trim().is_empty();
        if kept {
            self.request.messages.push(Turn::assistant(text));
        }
        kept
    }

    /// Takes back the open question, or else the last question and its answer. Gives the question.
    pub(crate) fn undo(&mut self) -> Option<Turn> {
        while let Some(turn) = self.request.messages.pop() {
            if turn.role == Role::User {
                return Some(turn);
            }
        }
        None
    }

    /// The first words of the first question.
    pub(crate) fn title(&self) -> String {
        self.request.messages.first().map(|turn| first_words(&turn.content)).unwrap_or_default()
    }
}

/// The first words of a turn, on one line.
pub(crate) fn first_words(content: &Content) -> String {
    const MOST: usize = 60;
    let text = content.text();
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match words.char_indices().nth(MOST) {
        Some((at, _)) => format!("{}...", &words[..at]),
        None if words.is_empty() => "(files)".to_owned(),
        None => words,
    }
}
