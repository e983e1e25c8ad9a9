//! Converse: AWS's own shapes, members in the order of the alphabet, and no header that counts tokens.
//!
//! What is in recorded answers and in no documentation is here too: counts that stand twice, an empty `serverToolUsage`,
//! `type: tool_use` of calls (Sonnet 4.5 and 4.6, 2026; not in streams, of which no such one is recorded).

use std::borrow::Cow;

use http::Response;
use outcrop_wire::converse::{
    ContentBlock, ConverseEvent, ConverseOutput, ConverseRequest, PerformanceConfig, ServiceTier, TokenUsage,
};
use outcrop_wire::convert::{StreamToConverse, message_to_converse};
use outcrop_wire::dialect::converse::{
    ConverseEventEncoder, decode_request, encode_converse_response, encode_count_answer,
};
use outcrop_wire::dialect::invoke::{encode_fault, encode_response};
use outcrop_wire::fault::Fault;
use outcrop_wire::messages::{Message, MessageRequest, TokenCount};
use outcrop_wire::replay::{Replay, replay};
use outcrop_wire::route::Call;
use outcrop_wire::surface::{Delivery, Surface};
use outcrop_wire::{Extra, Json};
use serde_json::{Map, Value};

use crate::answer::{self, About, Answer};
use crate::check::invalid;
use crate::events::{EventBody, Source};

/// What an answer is to say besides what the model said.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wishes {
    /// Pointers into the model's own answer.
    paths: Vec<String>,
    performance: Option<PerformanceConfig>,
    tier: Option<ServiceTier>,
}

impl Wishes {
    /// Takes them out of a request.
    pub(crate) fn take(request: &mut ConverseRequest) -> Self {
        Wishes {
            paths: request.additional_model_response_field_paths.take().unwrap_or_default(),
            performance: request.performance_config.take(),
            tier: request.service_tier.take(),
        }
    }

    /// What of the model's own answer was asked for, each piece where its pointer says; what is not there is left out.
    fn fields(&self, whole: &Value) -> Option<Json> {
        let mut fields = Map::new();
        for path in &self.paths {
            let Some(value) = whole.pointer(path) else { continue };
            let mut names = path.split('/').skip(1).map(|name| name.replace("~1", "/").replace("~0", "~")).peekable();
            let mut here = &mut fields;
            while let Some(name) = names.next() {
                let inner = here.entry(name).or_insert_with(|| Value::Object(Map::new()));
                if names.peek().is_none() {
                    *inner = value.clone();
                }
                match inner {
                    Value::Object(inner) => here = inner,
                    // Asked for twice, whole and in part.
                    _ => break,
                }
            }
        }
        (!fields.is_empty()).then(|| Json::from(Value::Object(fields)))
    }
}

/// A count may be of a request of Converse: then it is a call of Converse.
pub(super) fn take_up(call: &mut Call, body: &[u8]) {
    if call.delivery == Delivery::Count && input_of(body).is_some_and(|(converse, _)| converse.is_some()) {
        call.surface = Surface::Converse;
    }
}

/// What is to be counted: a request of Converse, and whether there is a body of InvokeModel too.
fn input_of(body: &[u8]) -> Option<(Option<Json>, bool)> {
    let whole: Extra = serde_json::from_slice(body).ok()?;
    let input: Extra = whole.value("input")?.parse().ok()?;
    let is_there = |name: &str| input.value(name).filter(|value| !value.is_null());
    Some((is_there("converse").cloned(), is_there("invokeModel").is_some()))
}

pub(super) fn counted(body: &[u8]) -> Result<Cow<'_, [u8]>, Fault> {
    match input_of(body) {
        Some((Some(request), false)) => Ok(request.text().as_bytes().to_vec().into()),
        // Remembered: as of every union.
        _ => {
            Err(invalid("CountTokensInput object at input must set one of the following keys: invokeModel, converse."))
        }
    }
}

pub(super) fn request(call: &Call, body: &[u8]) -> Result<MessageRequest, serde_json::Error> {
    decode_request(call.model.clone().unwrap_or_default(), body).map(|converted| converted.value)
}

/// The wishes of a call that is not checked.
pub(super) fn wishes(body: &[u8]) -> Wishes {
    let request = serde_json::from_slice::<ConverseRequest>(body);
    request.map_or_else(|_| Wishes::default(), |mut request| Wishes::take(&mut request))
}

pub(super) fn message(
    message: &Message,
    latency: u64,
    wishes: &Wishes,
    about: &About<'_>,
) -> Result<Response<Answer>, serde_json::Error> {
    let mut response = message_to_converse(message.clone()).value;
    response.additional_model_response_fields = match wishes.paths.is_empty() {
        true => None,
        false => wishes.fields(&serde_json::from_slice(&encode_response(message)?)?),
    };
    response.metrics.latency_ms = latency;
    response.performance_config.clone_from(&wishes.performance);
    response.service_tier.clone_from(&wishes.tier);
    if let ConverseOutput::Message(message) = &mut response.output {
        for block in &mut message.content {
            if let ContentBlock::ToolUse(call) = block {
                call.kind.get_or_insert_with(|| "tool_use".to_owned());
            }
        }
    }
    let usage = &mut response.usage;
    usage.cache_read_input_tokens.get_or_insert_default();
    usage.cache_write_input_tokens.get_or_insert_default();
    as_recorded(usage);
    Ok(answer::whole(encode_converse_response(&response)?, about))
}

/// Recorded: counts of the cache twice, and details only of what was written.
fn as_recorded(usage: &mut TokenUsage) {
    usage.cache_read_input_token_count = usage.cache_read_input_tokens;
    usage.cache_write_input_token_count = usage.cache_write_input_tokens;
    usage.server_tool_usage = Some(Json::empty_object());
    usage.cache_details = usage.cache_details.take().filter(|details| !details.is_empty());
}

/// The events that a message is streamed as.
pub(super) fn events(message: &Message, latency: u64, wishes: &Wishes) -> Source {
    let mut stream = StreamToConverse::new();
    let mut fields = None;
    let mut events = Vec::new();
    for event in replay(message, &Replay::default()) {
        if !wishes.paths.is_empty() && event.kind() == "message_delta" {
            // Recorded: pointers are into this event.
            fields = serde_json::to_value(&event).ok().and_then(|event| wishes.fields(&event));
        }
        stream.push(event);
        while let Some(event) = stream.next_event() {
            events.push(event);
        }
    }
    for event in &mut events {
        match event {
            ConverseEvent::MessageStop(stop) => stop.additional_model_response_fields = fields.take(),
            ConverseEvent::Metadata(metadata) => {
                metadata.metrics.latency_ms = latency;
                metadata.performance_config.clone_from(&wishes.performance);
                metadata.service_tier.clone_from(&wishes.tier);
                let usage = &mut metadata.usage;
                // Recorded: a stream says nothing of a cache that was neither read nor written.
                if usage.cache_read_input_tokens.unwrap_or(0) + usage.cache_write_input_tokens.unwrap_or(0) == 0 {
                    (usage.cache_read_input_tokens, usage.cache_write_input_tokens) = (None, None);
                }
                as_recorded(usage);
            }
            _ => {}
        }
    }
    Source::Converse(events.into_iter(), ConverseEventEncoder::default())
}

pub(super) fn stream(events: EventBody, content_type: &'static str, about: &About<'_>) -> Response<Answer> {
    answer::stream(events, content_type, about)
}

pub(super) fn count(count: &TokenCount, about: &About<'_>) -> Response<Answer> {
    answer::whole(encode_count_answer(count), about)
}

pub(super) fn refusal(fault: &Fault, about: &About<'_>) -> Response<Answer> {
    answer::failed(encode_fault(fault), about)
}
