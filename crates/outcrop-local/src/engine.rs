//! What answers inside the local Bedrock.

mod fill;
mod instance;
mod mirror;
mod ordered;
mod pdf;
mod picture;
pub(crate) mod prompt;
mod replay;
mod script;
mod shelf;
pub(crate) mod tokens;
mod upstream;

use std::sync::Arc;

use bytes::Bytes;
use http::Response;
use http::request::Parts;
use outcrop_wire::fault::Fault;
use outcrop_wire::messages::{Message, MessageRequest};
use outcrop_wire::model::{Model, ModelId};
use outcrop_wire::route::Call;
use outcrop_wire::scope::Scope;
use outcrop_wire::surface::Delivery;

pub use self::replay::{Recording, RecordingError};
pub use self::script::{Rule, Script};
pub use self::upstream::{Outgoing, Upstream, UpstreamAnswer, UpstreamBody};

pub(crate) use self::fill::fill;
pub(crate) use self::replay::Player;
pub(crate) use self::script::{NamedModel, Stage};
pub(crate) use self::tokens::of_request as estimate;
pub(crate) use self::upstream::{Recorder, Relay};

use self::prompt::Prompt;
use crate::cache::Input;
use crate::reply::Reply;

/// A checked call, as an engine sees it.
#[derive(Debug)]
pub(crate) struct Ask<'a> {
    pub(crate) request: &'a MessageRequest,
    pub(crate) prompt: &'a Prompt<'a>,
    /// What of it was read from and written to the prompt cache.
    pub(crate) input: Input,
    pub(crate) model: Model,
    pub(crate) scope: &'a Scope,
    pub(crate) region: &'a str,
    pub(crate) delivery: Delivery,
}

/// A call as it came, of which only the sender is known.
#[derive(Debug)]
pub(crate) struct Incoming {
    pub(crate) call: Call,
    pub(crate) head: Arc<Parts>,
    pub(crate) body: Bytes,
    pub(crate) region: String,
    /// What the application inference profile that it names was copied from.
    pub(crate) behind: Option<ModelId>,
    /// Whether it is a record of a batch job: what may be asked in a minute is not for those (documented, quotas).
    pub(crate) in_job: bool,
}

impl Incoming {
    /// The id of its model, as it came.
    pub(crate) fn model(&self) -> ModelId {
        self.call.model.clone().unwrap_or_default()
    }

    /// The id that it means: of an application inference profile, that of what it was copied from.
    pub(crate) fn meant(&self) -> ModelId {
        self.behind.clone().unwrap_or_else(|| self.model())
    }
}

/// The engines there are.
#[derive(Debug, Default)]
pub(crate) enum Engine {
    /// Says what it received.
    #[default]
    Mirror,
    /// Answers by rules.
    Script(Stage),
    /// Plays recorded exchanges.
    Replay(Player),
    /// Passes calls on.
    Upstream(Relay),
}

/// What an engine gives for a call.
pub(crate) enum Given {
    /// An answer of its own.
    Reply(Reply),
    /// An answer that passes through.
    Relayed(Response<UpstreamBody>),
}

impl Engine {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Engine::Mirror => "mirror",
            Engine::Script(_) => "script",
            Engine::Replay(_) => "replay",
            Engine::Upstream(_) => "upstream",
        }
    }

    /// Whether it answers calls as they came. Those are not checked: AWS has said, or will say, what it thinks of them.
    pub(crate) fn takes_any(&self) -> bool {
        matches!(self, Engine::Replay(_) | Engine::Upstream(_))
    }

    /// How many calls of one job are with it at once. Where there are others behind it, waiting for each in turn takes long;
    /// what answers here answers in order, so that every run is the same.
    pub(crate) fn at_once(&self) -> usize {
        if matches!(self, Engine::Upstream(_)) { 8 } else { 1 }
    }

    /// The answer to a checked call; `ids` makes ids with the given prefix. The engine's name is that of who answered.
    pub(crate) fn answer(
        &self,
        ask: &Ask<'_>,
        ids: &mut dyn FnMut(&str) -> String,
    ) -> Result<(Reply, &'static str), Fault> {
        let mut mirror = || -> Message { mirror::answer(ask, ids) };
        match self {
            Engine::Script(stage) => match stage.answer(ask)? {
                Some(reply) => Ok((reply.filled(ask.model.row().reply, Some(ask.input), ids), self.name())),
                None => Ok((Reply::message(mirror()), Engine::Mirror.name())),
            },
            _ => Ok((Reply::message(mirror()), self.name())),
        }
    }

    /// The answer to a call as it came. `time` is written beside what is recorded.
    pub(crate) async fn answer_any(&self, incoming: &Incoming, time: &str) -> Result<Given, Fault> {
        match self {
            Engine::Replay(player) => player.answer(incoming).map(Given::Reply),
            Engine::Upstream(relay) => relay.answer(incoming, time).await.map(Given::Relayed),
            Engine::Mirror | Engine::Script(_) => Err(Fault::new(
                "InternalServerException",
                "outcrop local: this engine answers checked calls",
                outcrop_wire::fault::Origin::Http,
            )),
        }
    }
}
