//! The flags of a request -> the request, but for its turns.

use outcrop::wire::messages::{Effort, Thinking, Ttl};
use outcrop::{Client, DefaultScope, MessageRequest, ModelId};

use crate::args::{self, Level, Lifetime, Thought};
use crate::exit::Failure;

/// The model that is asked where none is named.
pub(crate) const MODEL: &str = "global.anthropic.claude-opus-4-6-v1";

/// The most tokens of an answer, besides those of thinking, where no number is given.
const MAX_TOKENS: u32 = 4096;

/// Has the model asked for in the scope that was typed. A model that was `typed` too, with a scope of its own, is not given
/// another.
pub(crate) fn scoped(
    request: &mut MessageRequest,
    typed: bool,
    scope: Option<&DefaultScope>,
    client: &Client,
) -> Result<(), Failure> {
    let Some(scope) = scope else { return Ok(()) };
    let resolve = |id: &ModelId| client.catalogue().resolve_from(id, client.region(), Some(scope));
    let named = resolve(&request.model);
    let asked = request.model.as_str();
    let Some(model) = named.model else {
        return Err(Failure::usage(format!("--scope {scope}: `{asked}` is not in the catalogue and goes as it is"))
            .hint("leave out --scope: an id and an ARN say themselves where they are processed"));
    };
    let wished = resolve(&model.into());
    if named.scope != wished.scope {
        if typed {
            return Err(Failure::usage(format!("--scope {scope}: `{asked}` says its own scope"))
                .hint(format!("leave out --scope, or name the model alone: -m {}", model.name())));
        }
        request.model = model.into();
    }
    Ok(())
}

/// A request without turns.
pub(crate) fn begin(flags: &args::Request) -> MessageRequest {
    with(MessageRequest::new(MODEL, MAX_TOKENS), flags)
}

/// Sets what was given; everything else stays as it is.
pub(crate) fn with(mut request: MessageRequest, flags: &args::Request) -> MessageRequest {
    if let Some(model) = &flags.model {
        request.model = model.clone().into();
    }
    if let Some(system) = &flags.system {
        request.system = Some(system.clone().into());
    }
    match flags.thinking {
        None => {}
        Some(Thought::Budget(tokens)) => {
            request.thinking = Some(Thinking::budget(tokens));
            // The budget is a part of the whole.
            request.max_tokens = request.max_tokens.max(MAX_TOKENS.saturating_add(tokens));
        }
        Some(Thought::Adaptive) => request.thinking = Some(Thinking::adaptive()),
        Some(Thought::Off) => request.thinking = Some(Thinking::disabled()),
    }
    if let Some(max_tokens) = flags.max_tokens {
        request.max_tokens = max_tokens;
    }
    if let Some(level) = flags.effort {
        request.output_config.get_or_insert_default().effort = Some(level.into());
    }
    request.temperature = flags.temperature.or(request.temperature);
    request.top_p = flags.top_p.or(request.top_p);
    if !flags.stop.is_empty() {
        request.stop_sequences = Some(flags.stop.clone());
    }
    if !flags.beta.is_empty() {
        request.betas = Some(flags.beta.clone());
    }
    match flags.context_1m {
        true => request.context_1m(),
        false => request,
    }
}

impl From<Level> for Effort {
    fn from(level: Level) -> Self {
        match level {
            Level::Low => Effort::Low,
            Level::Medium => Effort::Medium,
            Level::High => Effort::High,
            Level::Xhigh => Effort::XHigh,
            Level::Max => Effort::Max,
        }
    }
}

impl From<Lifetime> for Ttl {
    fn from(lifetime: Lifetime) -> Self {
        match lifetime {
            Lifetime::FiveMinutes => Ttl::FiveMinutes,
            Lifetime::OneHour => Ttl::OneHour,
        }
    }
}
