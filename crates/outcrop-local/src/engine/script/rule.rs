//! One rule: what a call must be, and the reply it then has.

use outcrop_wire::catalogue::Catalogue;
use outcrop_wire::messages::{Block, Content, MessageRequest, ResultBlock, ResultContent, Role, ToolResultBlock};
use outcrop_wire::model::{Model, ModelId};
use outcrop_wire::surface::Delivery;

use super::pattern::Pattern;
use crate::engine::Ask;
use crate::reply::Reply;
use crate::trouble::Often;

/// A reply, and the calls that it answers: all of them until more is said.
#[derive(Clone, Debug)]
#[must_use]
pub struct Rule {
    pub(crate) reply: Reply,
    pub(crate) times: Option<u64>,
    pub(crate) often: Often,
    pub(crate) when: When,
}

/// All of it must hold.
#[derive(Clone, Debug, Default)]
pub(crate) struct When {
    pub(super) model: Option<NamedModel>,
    pub(super) text: Option<Pattern>,
    pub(super) turn: Option<u64>,
    pub(super) tool_result: Option<ToolResult>,
    pub(super) stream: Option<bool>,
    pub(super) call: Option<u64>,
}

/// A result of a tool that the last turn must bring.
#[derive(Clone, Debug, Default)]
pub(crate) struct ToolResult {
    pub(super) name: Option<Pattern>,
    pub(super) text: Option<Pattern>,
    pub(super) is_error: Option<bool>,
}

impl Rule {
    /// Answers with `reply`.
    pub fn new(reply: Reply) -> Self {
        Rule { reply, times: None, often: Often::default(), when: When::default() }
    }

    /// Answers at most so often.
    pub fn times(mut self, times: u64) -> Self {
        self.times = Some(times);
        self
    }

    /// Only every so-manieth of the calls that match; other rules are asked about the rest.
    pub fn every(mut self, calls: u64) -> Self {
        self.often.every = Some(calls.max(1));
        self
    }

    /// Only so many of a hundred of the calls that match, by chance, and the same ones with the same
    /// [`Builder::seed`](crate::Builder::seed).
    pub fn percent(mut self, percent: f64) -> Self {
        self.often.percent = Some(percent);
        self
    }

    /// Only this model: a name (`opus`, `claude-opus-4-6`), an id, or a pattern with `*` for either.
    pub fn model(mut self, model: &str) -> Self {
        self.when.model = Some(NamedModel::new(model));
        self
    }

    /// Only where the text of the user's last turn has this in it.
    pub fn text(mut self, part: impl Into<String>) -> Self {
        self.when.text = Some(Pattern::Contains(part.into()));
        self
    }

    /// Only where the text of the user's last turn matches this regular expression.
    ///
    /// # Errors
    /// What is wrong with the expression.
    pub fn text_matches(mut self, expression: &str) -> Result<Self, String> {
        self.when.text = Some(Pattern::regex(expression)?);
        Ok(self)
    }

    /// Only where the user's last turn is the user's turn of this number, results of tools counted too; from 1.
    pub fn turn(mut self, turn: u64) -> Self {
        self.when.turn = Some(turn);
        self
    }

    /// Only where the user's last turn brings a result of this tool; `*` stands for anything.
    pub fn tool_result(mut self, name: &str) -> Self {
        self.when.tool_result.get_or_insert_default().name = Some(Pattern::whole(name));
        self
    }

    /// Only where the user's last turn brings a result of a tool with this in its text.
    pub fn tool_result_text(mut self, part: impl Into<String>) -> Self {
        self.when.tool_result.get_or_insert_default().text = Some(Pattern::Contains(part.into()));
        self
    }

    /// Only calls that are to be streamed, or only others.
    pub fn stream(mut self, stream: bool) -> Self {
        self.when.stream = Some(stream);
        self
    }

    /// Only the call of this number among those that reach the script; from 1.
    pub fn call(mut self, call: u64) -> Self {
        self.when.call = Some(call);
        self
    }

    pub(super) fn matches(&self, ask: &Ask<'_>, calls: u64) -> bool {
        let When { model, text, turn, tool_result, stream, call } = &self.when;
        call.is_none_or(|call| call == calls)
            && stream.is_none_or(|stream| stream == (ask.delivery == Delivery::Stream))
            && turn.is_none_or(|wanted| wanted == self::turn(ask.request))
            && model.as_ref().is_none_or(|named| named.is(ask.request.model.as_str(), Some(ask.model)))
            && text.as_ref().is_none_or(|pattern| pattern.matches(&ask.request.last_user_text().unwrap_or_default()))
            && tool_result
                .as_ref()
                .is_none_or(|wanted| results(ask.request).any(|result| wanted.is(ask.request, result)))
    }
}

/// A model that was named.
#[derive(Clone, Debug)]
pub(crate) struct NamedModel {
    /// As it was spelled, `*` standing for anything.
    spelling: Pattern,
    /// The model that a name such as `opus` stands for: every id of it is meant.
    model: Option<Model>,
}

impl NamedModel {
    pub(crate) fn new(spelling: &str) -> Self {
        let found = Catalogue::built_in().resolve(&ModelId::from(spelling.to_owned()));
        NamedModel { spelling: Pattern::whole(spelling), model: found.model.filter(|_| found.renamed) }
    }

    /// Whether it means the model of this id, which the catalogue may know.
    pub(crate) fn is(&self, id: &str, model: Option<Model>) -> bool {
        let row = model.map(Model::row);
        let names = row.map(|row| [row.base, row.name, row.reply]);
        (self.model.is_some() && self.model == model)
            || [id].iter().chain(names.iter().flatten()).any(|id| self.spelling.matches(id))
    }
}

/// Turns of the user so far.
pub(super) fn turn(request: &MessageRequest) -> u64 {
    request.messages.iter().filter(|turn| turn.role == Role::User).count() as u64
}

/// The results of tools in the user's last turn.
fn results(request: &MessageRequest) -> impl Iterator<Item = &ToolResultBlock> {
    let last = request.messages.iter().rev().find(|turn| turn.role == Role::User);
    let blocks = match last.map(|turn| &turn.content) {
        Some(Content::Blocks(blocks)) => &blocks[..],
        _ => &[],
    };
    blocks.iter().filter_map(|block| match block {
        Block::ToolResult(result) => Some(result),
        _ => None,
    })
}

impl ToolResult {
    fn is(&self, request: &MessageRequest, result: &ToolResultBlock) -> bool {
        let named = || {
            let name = request.blocks().find_map(|block| match block {
                Block::ToolUse(call) if call.id == result.tool_use_id => Some(call.name.as_str()),
                _ => None,
            });
            name.unwrap_or_default()
        };
        self.is_error.is_none_or(|wanted| wanted == result.is_error.unwrap_or_default())
            && self.name.as_ref().is_none_or(|pattern| pattern.matches(named()))
            && self.text.as_ref().is_none_or(|pattern| pattern.matches(&text(result)))
    }
}

fn text(result: &ToolResultBlock) -> String {
    match &result.content {
        None => String::new(),
        Some(ResultContent::Text(text)) => text.clone(),
        Some(ResultContent::Blocks(blocks)) => blocks
            .iter()
            .filter_map(|block| match block {
                ResultBlock::Text(block) => Some(block.text.as_str()),
                _ => None,
            })
            .collect(),
    }
}
