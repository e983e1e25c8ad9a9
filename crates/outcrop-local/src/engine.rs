//! What answers inside the local Bedrock.

mod instance;
mod mirror;
mod tokens;

use outcrop_wire::messages::{Message, MessageRequest};
use outcrop_wire::model::Model;
use outcrop_wire::scope::Scope;

/// A checked call, as an engine sees it.
#[derive(Debug)]
pub(crate) struct Ask<'a> {
    pub(crate) request: &'a MessageRequest,
    pub(crate) model: Model,
    pub(crate) scope: &'a Scope,
    pub(crate) region: &'a str,
}

/// The engines there are.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum Engine {
    /// Says what it received.
    #[default]
    Mirror,
}

impl Engine {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Engine::Mirror => "mirror",
        }
    }

    /// The whole answer; `ids` makes ids with the given prefix.
    pub(crate) fn answer(self, ask: &Ask<'_>, ids: &mut dyn FnMut(&str) -> String) -> Message {
        match self {
            Engine::Mirror => mirror::answer(ask, ids),
        }
    }
}
