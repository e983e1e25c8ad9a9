//! A call -> its record, with both bodies in it.

use std::collections::BTreeMap;

use outcrop_wire::account::logging::{LogIdentity, LogInput, LogOperation, LogOutput, ModelInvocationLog};
use outcrop_wire::handling::REQUEST_METADATA;
use outcrop_wire::messages::Usage;
use outcrop_wire::surface::Dialect;
use outcrop_wire::{Extra, Json};

use super::output::Output;
use super::told::Told;
use crate::control::caller_arn;
use crate::server::Inner;

/// What both bodies are, streams too.
const JSON: &str = "application/json";

/// The record of a call.
pub(super) fn record(local: &Inner, told: &Told) -> ModelInvocationLog {
    let incoming = &told.incoming;
    let call = &incoming.call;
    let model = incoming.model();
    let operation = LogOperation::from(call.surface.row().operation(call.delivery));
    let mut log = ModelInvocationLog::new(told.time, told.request_id.clone(), operation, model.clone());
    log.account_id = Some(local.account.id.clone());
    log.identity =
        caller_arn(&local.account, &incoming.head).map(|arn| LogIdentity { arn: Some(arn), ..LogIdentity::default() });
    log.region = Some(incoming.region.clone());
    // No call is really served elsewhere here: where it may be, it is told that it was not.
    let scope = local.catalogue.resolve(&model).scope;
    log.inference_region = scope.filter(|scope| scope.prefix().is_some()).map(|_| incoming.region.clone());
    let body = std::str::from_utf8(&incoming.body).ok().and_then(|text| Json::from_text(text).ok());
    log.request_metadata = labels(told, body.as_ref());
    let Output { body: answer, error } = Output::of(told);
    log.input = Some(LogInput { content_type: Some(JSON.to_owned()), body, ..LogInput::default() });
    log.output =
        answer.map(|body| LogOutput { content_type: Some(JSON.to_owned()), body: Some(body), ..LogOutput::default() });
    if let Ok(reply) = log.reply() {
        count(&mut log, &reply.message.usage);
    }
    log.error_code = error;
    log
}

fn count(log: &mut ModelInvocationLog, usage: &Usage) {
    if let Some(input) = &mut log.input {
        input.token_count = Some(usage.input_tokens);
        input.cache_read_token_count = Some(usage.cache_read_input_tokens.unwrap_or(0));
        input.cache_write_token_count = Some(usage.cache_creation_input_tokens.unwrap_or(0));
    }
    if let Some(output) = &mut log.output {
        output.token_count = Some(usage.output_tokens);
    }
}

/// The caller's labels: a member of Converse, a header elsewhere.
fn labels(told: &Told, body: Option<&Json>) -> Option<BTreeMap<String, String>> {
    match told.incoming.call.surface.row().dialect {
        Dialect::Converse => body?.parse::<Extra>().ok()?.value("requestMetadata")?.parse().ok(),
        Dialect::Invoke | Dialect::Messages => {
            serde_json::from_slice(told.incoming.head.headers.get(REQUEST_METADATA)?.as_bytes()).ok()
        }
    }
}
