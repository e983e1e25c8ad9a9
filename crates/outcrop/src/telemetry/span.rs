//! One call as one span: when it begins, what is written on it, and when it ends.

use std::fmt;
use std::sync::Arc;

use opentelemetry::global::{self, BoxedTracer, ObjectSafeTracerProvider};
use opentelemetry::trace::{FutureExt as _, SpanKind, Status, TraceContextExt as _, Tracer as _, WithContext};
use opentelemetry::{Array, Context, InstrumentationScope, KeyValue, StringValue, Value};
use outcrop_wire::converse::{ConverseRequest, ConverseResponse};
use outcrop_wire::convert::{Identity, message_from_converse, request_from_converse};
use outcrop_wire::messages::{Message, MessageRequest};
use outcrop_wire::surface::Delivery;

use super::content;
use crate::call::Prepared;
use crate::client::Inner;
use crate::error::{Error, Kind};
use crate::response::Meta;
use crate::surroundings::Surroundings;

/// Where spans go, and whether they hold what is said.
#[derive(Clone)]
pub struct Telemetry {
    tracer: Source,
    content: bool,
}

#[derive(Clone)]
enum Source {
    Off,
    /// Looked up at each call: a program may set it after its clients.
    Global,
    Given(Arc<BoxedTracer>),
}

impl Telemetry {
    /// No spans.
    #[must_use]
    pub fn off() -> Self {
        Telemetry { tracer: Source::Off, content: false }
    }

    /// Spans to the global tracer provider; nothing happens while there is none.
    #[must_use]
    pub fn global() -> Self {
        Telemetry { tracer: Source::Global, content: false }
    }

    /// Spans to this tracer provider.
    #[must_use]
    pub fn to(provider: &dyn ObjectSafeTracerProvider) -> Self {
        let tracer = BoxedTracer::new(provider.boxed_tracer(scope()));
        Telemetry { tracer: Source::Given(Arc::new(tracer)), content: false }
    }

    /// With what is said: system prompt, turns, definitions of tools, and the reply. It may be private.
    #[must_use]
    pub fn with_content(mut self) -> Self {
        self.content = true;
        self
    }

    /// What the environment asks for.
    pub(crate) fn from_environment(surroundings: &Surroundings) -> Self {
        let wish = surroundings.variable("ANTHROPIC_OPEN_TELEMETRY").unwrap_or_default();
        if ["false", "0"].contains(&wish.trim().to_ascii_lowercase().as_str()) {
            return Telemetry::off();
        }
        let content = surroundings.variable("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT");
        let asked = ["true", "span_only", "span_and_event"];
        let content = content.is_some_and(|value| asked.contains(&value.trim().to_ascii_lowercase().as_str()));
        Telemetry { tracer: Source::Global, content }
    }
}

impl fmt::Debug for Telemetry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tracer = match self.tracer {
            Source::Off => "off",
            Source::Global => "global",
            Source::Given(_) => "given",
        };
        f.debug_struct("Telemetry").field("tracer", &tracer).field("content", &self.content).finish()
    }
}

fn scope() -> InstrumentationScope {
    InstrumentationScope::builder("outcrop").with_version(env!("CARGO_PKG_VERSION")).build()
}

const MAX_TOKENS: &str = "gen_ai.request.max_tokens";
const FINISH_REASONS: &str = "gen_ai.response.finish_reasons";

/// What a request asks for, as attributes. Nothing where there are no spans.
#[derive(Clone, Debug)]
pub(crate) struct Asked(Vec<KeyValue>);

impl Asked {
    pub(crate) fn of(client: &Inner, request: &MessageRequest) -> Self {
        if let Source::Off = client.telemetry.tracer {
            return Asked(Vec::new());
        }
        let mut asked = vec![KeyValue::new(MAX_TOKENS, i64::from(request.max_tokens))];
        let numbers = [("gen_ai.request.temperature", request.temperature), ("gen_ai.request.top_p", request.top_p)];
        asked.extend(numbers.into_iter().filter_map(|(name, value)| Some(KeyValue::new(name, value?))));
        asked.extend(request.top_k.map(|top_k| KeyValue::new("gen_ai.request.top_k", top_k)));
        let stops = request.stop_sequences.as_ref().filter(|stops| !stops.is_empty());
        asked.extend(stops.map(|stops| KeyValue::new("gen_ai.request.stop_sequences", list(stops))));
        if request.output_config.as_ref().is_some_and(|config| config.format.is_some()) {
            asked.push(KeyValue::new("gen_ai.output.type", "json"));
        }
        if client.telemetry.content {
            asked.push(KeyValue::new("gen_ai.input.messages", content::turns(&request.messages)));
            let system = request.system.as_ref().map(content::system);
            asked.extend(system.map(|system| KeyValue::new("gen_ai.system_instructions", system)));
            let tools = request.tools.as_deref().map(content::tools);
            asked.extend(tools.map(|tools| KeyValue::new("gen_ai.tool.definitions", tools)));
        }
        Asked(asked)
    }
}

impl Asked {
    /// The same of a request in AWS's own shapes.
    pub(crate) fn of_converse(client: &Inner, request: &ConverseRequest) -> Self {
        if let Source::Off = client.telemetry.tracer {
            return Asked(Vec::new());
        }
        let mut spoken = match client.telemetry.content {
            true => request.clone(),
            // Settings are short; what is said is not copied for nothing.
            false => ConverseRequest {
                inference_config: request.inference_config.clone(),
                additional_model_request_fields: request.additional_model_request_fields.clone(),
                output_config: request.output_config.clone(),
                ..ConverseRequest::new(request.model.clone())
            },
        };
        // No model takes fewer tokens than one: what is not said is not told.
        let said = spoken.inference_config.get_or_insert_default().max_tokens.get_or_insert(0) != &0;
        let mut asked = Asked::of(client, &request_from_converse(spoken).value);
        asked.0.retain(|attribute| said || attribute.key.as_str() != MAX_TOKENS);
        asked
    }
}

/// The span of a call. It ends where the call does, and at the latest where this is dropped.
pub(crate) struct Span {
    /// None where there are no spans.
    context: Option<Context>,
    content: bool,
    streamed: bool,
    answered: bool,
    /// What the reply says, as far as it came: written at the end, as nothing written can be changed.
    said: Vec<KeyValue>,
}

impl Span {
    /// No span.
    pub(crate) fn none() -> Self {
        Span { context: None, content: false, streamed: false, answered: false, said: Vec::new() }
    }

    /// Begins; a child of whatever span is current.
    pub(crate) fn begin(client: &Inner, prepared: &Prepared) -> Self {
        let global;
        let tracer = match &client.telemetry.tracer {
            Source::Off => return Span::none(),
            Source::Global => {
                global = global::tracer_with_scope(scope());
                &global
            }
            Source::Given(tracer) => tracer.as_ref(),
        };
        let model = prepared.outbound.plan.target.model.id.as_str().to_owned();
        let (host, port) = address(&prepared.outbound.host.endpoint.authority);
        let streamed = prepared.outbound.plan.delivery == Delivery::Stream && !prepared.collect;
        let port = port.unwrap_or_else(|| prepared.outbound.host.endpoint.scheme.port());
        // The conventions have no name for counting.
        let operation = if prepared.outbound.plan.delivery == Delivery::Count { "count_tokens" } else { "chat" };
        let builder =
            tracer.span_builder(format!("{operation} {model}")).with_kind(SpanKind::Client).with_attributes([
                KeyValue::new("gen_ai.operation.name", operation),
                KeyValue::new("gen_ai.provider.name", "aws.bedrock"),
                KeyValue::new("gen_ai.request.model", model),
                KeyValue::new("gen_ai.request.stream", streamed),
                KeyValue::new("server.address", host.to_owned()),
                KeyValue::new("server.port", i64::from(port)),
            ]);
        let parent = Context::current();
        let context = parent.with_span(tracer.build_with_context(builder, &parent));
        if context.span().is_recording() {
            context.span().set_attributes(prepared.asked.0.iter().cloned());
        }
        Span { context: Some(context), content: client.telemetry.content, streamed, answered: false, said: Vec::new() }
    }

    /// Makes the span current while `future` runs.
    pub(crate) fn within<F: Future>(&self, future: F) -> WithContext<F> {
        future.with_context(self.context.clone().unwrap_or_else(Context::current))
    }

    /// An answer has begun, and is good so far.
    pub(crate) fn answered(&mut self, meta: &Meta) {
        let Some(context) = self.recording() else { return };
        let mut known = vec![KeyValue::new("outcrop.attempts", count(meta.attempts.len() as u64))];
        known.extend(meta.request_id.clone().map(|id| KeyValue::new("aws.request_id", id)));
        if self.streamed {
            known.push(KeyValue::new("gen_ai.response.time_to_first_chunk", meta.latency.as_secs_f64()));
        }
        context.span().set_attributes(known);
        self.answered = true;
    }

    /// What the reply says, as far as it came.
    pub(crate) fn replied(&mut self, message: &Message) {
        if self.recording().is_none() {
            return;
        }
        let usage = &message.usage;
        let mut said = vec![
            KeyValue::new("gen_ai.response.id", message.id.clone()),
            KeyValue::new("gen_ai.response.model", message.model.clone()),
            KeyValue::new("gen_ai.usage.input_tokens", count(usage.total_input())),
            KeyValue::new("gen_ai.usage.output_tokens", count(usage.output_tokens)),
        ];
        let thinking = usage.output_tokens_details.as_ref().map(|details| details.thinking_tokens);
        let optional = [
            ("gen_ai.usage.cache_read.input_tokens", usage.cache_read_input_tokens),
            ("gen_ai.usage.cache_creation.input_tokens", usage.cache_creation_input_tokens),
            ("gen_ai.usage.reasoning.output_tokens", thinking),
        ];
        said.extend(optional.into_iter().filter_map(|(name, value)| Some(KeyValue::new(name, count(value?)))));
        if let Some(reason) = &message.stop_reason {
            said.push(KeyValue::new(FINISH_REASONS, list([reason.as_str()])));
        }
        if self.content && message.stop_reason.is_some() {
            said.push(KeyValue::new("gen_ai.output.messages", content::reply(message)));
        }
        self.said = said;
    }

    /// What an answer in AWS's own shapes says.
    pub(crate) fn conversed(&mut self, response: &ConverseResponse) {
        if self.recording().is_none() {
            return;
        }
        self.replied(&message_from_converse(response.clone(), &Identity::default()).value);
        // Converse names neither itself nor the model that answered.
        self.said.retain(|attribute| {
            !attribute.key.as_str().starts_with("gen_ai.response.") || attribute.key.as_str() == FINISH_REASONS
        });
    }

    /// So many tokens were counted.
    pub(crate) fn counted(&mut self, tokens: u64) {
        if self.recording().is_some() {
            self.said = vec![KeyValue::new("gen_ai.usage.input_tokens", count(tokens))];
        }
    }

    /// It failed, and ends.
    pub(crate) fn failed(&mut self, error: &Error) {
        if let Some(partial) = error.partial() {
            self.replied(partial);
        }
        let Some(context) = self.recording() else { return };
        let kind = || error_type(error.kind()).to_owned();
        let mut known = vec![KeyValue::new("error.type", error.aws_code().map_or_else(kind, str::to_owned))];
        // Of an answer that had begun well, these are written already.
        if !self.answered {
            known.push(KeyValue::new("outcrop.attempts", count(error.attempts().len() as u64)));
            known.extend(error.request_id().map(|id| KeyValue::new("aws.request_id", id.to_owned())));
        }
        context.span().set_attributes(known);
        context.span().set_status(Status::error(error.to_string()));
        self.end();
    }

    /// It is over.
    pub(crate) fn end(&mut self) {
        let said = std::mem::take(&mut self.said);
        if let Some(context) = &self.context {
            context.span().set_attributes(said);
            context.span().end();
        }
    }

    fn recording(&self) -> Option<&Context> {
        self.context.as_ref().filter(|context| context.span().is_recording())
    }
}

impl Drop for Span {
    fn drop(&mut self) {
        self.end();
    }
}

/// Codes that AWS does not give.
fn error_type(kind: Kind) -> &'static str {
    match kind {
        Kind::Config => "config",
        Kind::Credentials => "credentials",
        Kind::Invalid => "invalid",
        Kind::Connect => "connect",
        Kind::Timeout => "timeout",
        Kind::Interrupted => "interrupted",
        Kind::Service => "service",
        Kind::Decode => "decode",
        Kind::Stopped => "stopped",
        Kind::Unfinished => "unfinished",
    }
}

/// Host and port of an authority; an IPv6 address without its brackets.
fn address(authority: &str) -> (&str, Option<u16>) {
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port.parse().ok()),
        _ => (authority, None),
    };
    (host.trim_start_matches('[').trim_end_matches(']'), port)
}

fn count(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn list<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> Value {
    let texts = texts.into_iter().map(|text| StringValue::from(text.as_ref().to_owned()));
    Value::Array(Array::String(texts.collect()))
}
