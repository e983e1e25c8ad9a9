//! Replies, each way.

use super::losses::{CALL_ANSWER, FOREIGN_MEMBER, REPLY_IDENTITY, REPLY_MEMBER, STOP_REASON, UNKNOWN_MEMBER};
use super::place::Place;
use super::{Converted, ToConverse, ToMessages, stop_reason};
use crate::converse::{self, ConverseOutput, ConverseResponse, Metrics, PerformanceConfig, ServiceTier, Tier};
use crate::json::{Extra, Json};
use crate::messages::{InvocationMetrics, Message};

/// What Converse does not say of a reply, and whoever asked may know.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Identity {
    /// The reply's id: one made of the request's, say.
    pub id: String,
    /// The model's name: the one that was asked for.
    pub model: String,
}

/// Where InvokeModel has what a guardrail found.
const TRACE: &str = "amazon-bedrock-trace";
/// Where the streams of InvokeModel have Bedrock's own counts.
const METRICS: &str = "amazon-bedrock-invocationMetrics";
/// Members of a reply of Converse that stay under their names.
const SPEED: &str = "performanceConfig";
const FIELDS: &str = "additionalModelResponseFields";
const OUTPUT: &str = "output";

/// The end of a reply of Converse, whole or streamed: what is not content.
#[derive(Debug, Default)]
pub(super) struct Ending {
    pub(super) stop_sequence: Option<String>,
    /// Members that Messages has no field for.
    pub(super) extra: Extra,
}

impl ToMessages {
    /// What the last members of a reply say beside stop reason and usage.
    pub(super) fn ending(
        &mut self,
        fields: Option<Json>,
        trace: Option<Json>,
        speed: Option<PerformanceConfig>,
    ) -> Ending {
        let mut ending = Ending::default();
        if let Some(fields) = fields {
            let (stop_sequence, left) = split_fields(fields);
            ending.stop_sequence = stop_sequence;
            self.keep_answer(&mut ending.extra, FIELDS, FIELDS, left);
        }
        self.keep_answer(&mut ending.extra, "trace", TRACE, trace.filter(|trace| !trace.is_null()));
        self.keep_answer(&mut ending.extra, SPEED, SPEED, speed.and_then(|speed| Json::of(&speed).ok()));
        ending
    }

    fn keep_answer(&mut self, extra: &mut Extra, from: &str, to: &str, value: Option<Json>) {
        if let Some(value) = value {
            self.losses.add(&CALL_ANSWER, &Place::of(from));
            extra.set(to, value);
        }
    }

    /// Who is not known is made up.
    pub(super) fn identity(&mut self, identity: &Identity) {
        if identity.id.is_empty() || identity.model.is_empty() {
            self.losses.add(&REPLY_IDENTITY, &Place::of(OUTPUT));
        }
    }
}

/// The stop sequence among the additional response fields, whole or streamed, and what else is there.
fn split_fields(fields: Json) -> (Option<String>, Option<Json>) {
    const STOP: &str = "stop_sequence";
    let Ok(mut members) = fields.parse::<Extra>() else {
        return (None, (!fields.is_null()).then_some(fields));
    };
    let mut stop: Option<String> = None;
    let mut take = |members: &mut Extra| {
        // What is there and is no text stays.
        if let Some(found) = members.value(STOP).and_then(|value| value.parse::<Option<String>>().ok()) {
            members.take(STOP);
            stop = stop.take().or(found);
        }
    };
    take(&mut members);
    if let Some(mut delta) = members.value("delta").and_then(|delta| delta.parse::<Extra>().ok()) {
        take(&mut delta);
        match delta.is_empty() {
            true => drop(members.take("delta")),
            false => members.set("delta", Json::of(&delta).unwrap_or_default()),
        }
    }
    (stop, (!members.is_empty()).then(|| Json::of(&members).unwrap_or_default()))
}

/// The reply as one of Messages.
#[must_use]
pub fn message_from_converse(response: ConverseResponse, identity: &Identity) -> Converted<Message> {
    let ConverseResponse {
        additional_model_response_fields,
        metrics,
        output,
        performance_config,
        service_tier,
        stop_reason,
        trace,
        usage,
        extra,
    } = response;
    let mut conversion = ToMessages::default();
    conversion.identity(identity);
    for (name, _) in extra.iter().filter(|(_, value)| !value.is_null()) {
        conversion.losses.add(&FOREIGN_MEMBER, &Place::of(name));
    }
    let mut message = Message { id: identity.id.clone(), model: identity.model.clone(), ..Message::default() };
    match output {
        ConverseOutput::Message(said) => {
            let at = Place::of(OUTPUT);
            let place = at.member("message");
            conversion.losses.foreign(&said.extra, &place);
            message.role = said.role;
            message.content = conversion.blocks(said.content, &place.member("content"));
        }
        ConverseOutput::Other(_) => {
            conversion.keep_answer(&mut message.extra, OUTPUT, OUTPUT, Json::of(&output).ok());
        }
    }
    message.stop_reason = Some(stop_reason::to_messages(stop_reason));
    message.usage = conversion.usage(usage, &Place::of("usage"));
    message.usage.service_tier = service_tier.map(|tier| tier.tier.as_str().to_owned());
    let ending = conversion.ending(additional_model_response_fields, trace, performance_config);
    message.stop_sequence = ending.stop_sequence;
    message.extra.update(ending.extra.iter());
    if let Ok(metrics) = Json::of(&invocation_metrics(&metrics)) {
        message.extra.set(METRICS, metrics);
    }
    Converted { value: message, losses: conversion.losses.0 }
}

/// The time a reply took, as InvokeModel says it.
pub(super) fn invocation_metrics(metrics: &Metrics) -> InvocationMetrics {
    InvocationMetrics {
        input_token_count: None,
        output_token_count: None,
        invocation_latency: Some(metrics.latency_ms),
        first_byte_latency: None,
        cache_read_input_token_count: None,
        cache_write_input_token_count: None,
        extra: Extra::new(),
    }
}

/// The members of a reply of Converse that come from unknown members of one of Messages.
#[derive(Debug, Default)]
pub(super) struct Answered {
    pub(super) fields: Option<Extra>,
    pub(super) metrics: Metrics,
    pub(super) performance_config: Option<PerformanceConfig>,
    pub(super) trace: Option<Json>,
    pub(super) output: Option<ConverseOutput>,
}

impl ToConverse {
    /// Puts the unknown members of a reply where Converse has them.
    pub(super) fn answered(&mut self, extra: Extra) -> Answered {
        let mut answered = Answered::default();
        let mut left = Extra::new();
        for (name, value) in extra.iter() {
            match name {
                TRACE => answered.trace = Some(value.clone()),
                METRICS => {
                    let metrics = value.parse::<InvocationMetrics>().ok();
                    answered.metrics.latency_ms =
                        metrics.and_then(|metrics| metrics.invocation_latency).unwrap_or_default();
                }
                SPEED => answered.performance_config = value.parse().ok(),
                FIELDS => answered.fields = value.parse().ok(),
                OUTPUT => answered.output = value.parse().ok(),
                name => left.push(name, value.clone()),
            }
        }
        for (name, _) in left.iter().filter(|(_, value)| !value.is_null()) {
            self.losses.add(&UNKNOWN_MEMBER, &Place::of(name));
        }
        answered
    }
}

/// The capacity that served a reply.
pub(super) fn tier(name: &str) -> ServiceTier {
    ServiceTier { tier: Tier::from(name), extra: Extra::new() }
}

/// The reply as one of Converse. A stop sequence is among the additional fields, as one who asked for it gets it.
#[must_use]
pub fn message_to_converse(message: Message) -> Converted<ConverseResponse> {
    let Message {
        model: _,
        id: _,
        kind: _,
        role,
        content,
        stop_reason,
        stop_sequence,
        stop_details,
        container,
        context_management,
        diagnostics,
        input_transformations,
        usage,
        extra,
    } = message;
    let mut conversion = ToConverse { reply: true, ..ToConverse::default() };
    let others = [
        ("stop_details", stop_details.is_some()),
        ("container", container.is_some()),
        ("context_management", context_management.is_some()),
        ("diagnostics", diagnostics.is_some()),
        ("input_transformations", input_transformations.is_some()),
    ];
    for (name, _) in others.iter().filter(|(_, given)| *given) {
        conversion.losses.add(&REPLY_MEMBER, &Place::of(name));
    }
    let content = conversion.blocks(content, &Place::of("content"));
    let answered = conversion.answered(extra);
    let mut fields = answered.fields.unwrap_or_default();
    if let Some(stop) = stop_sequence.and_then(|stop| Json::of(&stop).ok()) {
        fields.set("stop_sequence", stop);
    }
    let (stop_reason, same) = stop_reason::to_converse(stop_reason);
    if !same {
        conversion.losses.add(&STOP_REASON, &Place::of("stop_reason"));
    }
    let service_tier = usage.service_tier.as_deref().map(tier);
    let usage = conversion.usage(usage, &Place::of("usage"));
    let message = converse::Message { content, role, extra: Extra::new() };
    let response = ConverseResponse {
        additional_model_response_fields: (!fields.is_empty()).then(|| Json::of(&fields).unwrap_or_default()),
        metrics: answered.metrics,
        output: answered.output.unwrap_or(ConverseOutput::Message(message)),
        performance_config: answered.performance_config,
        service_tier,
        stop_reason,
        trace: answered.trace,
        usage,
        extra: Extra::new(),
    };
    Converted { value: response, losses: conversion.losses.0 }
}
