//! What is told about a call: who answered, tokens, times, cost.

use std::time::Duration;

use outcrop::plan::Change;
use outcrop::wire::catalogue::{Catalogue, Cost};
use outcrop::wire::messages::TokenCount;
use outcrop::wire::model::Named;
use outcrop::wire::sigv4::AmzTime;
use outcrop::{Client, Latency, Message, Meta, ModelId, Response, StopReason, Surroundings, Tier, Usage};
use outcrop_local::ENGINE_HEADER;

use crate::answer::Received;
use crate::exit;
use crate::printer::Printer;
use crate::session::Answered;

/// Everything about the call.
pub(crate) fn tell(received: &Received, client: &Client, printer: &Printer) {
    let reply = &received.reply;
    about(&reply.meta, printer);
    printer.note(&summary(received, client));
    if let Some(remark) = remark(reply) {
        printer.warning(remark);
    }
}

/// Everything about a count.
pub(crate) fn tell_count(count: &Response<TokenCount>, client: &Client, asked: &ModelId, printer: &Printer) {
    about(&count.meta, printer);
    let usage = Usage { input_tokens: count.input_tokens, ..Usage::default() };
    let who = match engine(count) {
        Some(engine) => format!("counted by the local engine `{engine}`, not Claude"),
        None => format!("counted for {}", asked.as_str()),
    };
    let cost = client.cost(&usage, &count.meta);
    let cost = cost.map_or("price unknown".to_owned(), |cost| format!("as input {cost}"));
    let mut parts = vec![who, cost];
    parts.extend(count.meta.request_id.as_ref().map(|id| format!("request {id}")));
    printer.note(&parts.join(" | "));
}

/// What was decided and tried. What was asked for and left out or translated is told without being asked.
fn about(meta: &Meta, printer: &Printer) {
    meta.notes.iter().for_each(|note| printer.explain(note));
    for adjustment in &meta.adjustments {
        match adjustment.change {
            Change::Placed => printer.explain(&adjustment.reason),
            _ => printer.warning(&adjustment.reason),
        }
    }
    let served =
        [("tier", meta.tier.as_ref().map(Tier::as_str)), ("latency", meta.latency_mode.as_ref().map(Latency::as_str))];
    for (what, word) in served.iter().filter_map(|(what, word)| Some((what, (*word)?))) {
        printer.explain(&format!("served with {what} {word}"));
    }
    for (attempt, number) in meta.attempts.iter().zip(1..) {
        printer.explain(&exit::line(attempt, number));
    }
}

/// Tokens and price of a session.
pub(crate) fn session(answers: &[Answered], surroundings: &Surroundings) -> String {
    let (mut input, mut output) = (0u64, 0u64);
    let (mut cost, mut unknown, mut stopped, mut local) = (Cost::default(), 0, 0, 0);
    for answer in answers {
        input = input.saturating_add(answer.usage.total_input());
        output = output.saturating_add(answer.usage.output_tokens);
        stopped += usize::from(answer.stopped);
        match price(&answer.model.clone().into(), &answer.usage, surroundings) {
            _ if answer.engine.is_some() => local += 1,
            Some(price) => cost = cost + price,
            None => unknown += 1,
        }
    }
    let mut parts = vec![counted(answers.len(), "answer"), format!("{input} tokens in, {output} out")];
    parts.push(format!("cost {cost}"));
    let remarks = [
        (local, "by a local engine, for nothing"),
        (unknown, "of unknown price, not in the sum"),
        (stopped, "stopped, and counted as far as it came"),
    ];
    parts.extend(remarks.iter().filter(|(number, _)| *number > 0).map(|(number, why)| format!("{number} {why}")));
    parts.join(" | ")
}

/// The id that says what a call costs: the one that was called, or that of what is behind it where it says nothing, as the
/// ARN of an application inference profile does.
pub(crate) fn priced(named: &Named) -> ModelId {
    match (named.model, &named.scope) {
        (Some(model), Some(scope)) if Catalogue::built_in().resolve(&named.id).model.is_none() => model.id(scope),
        _ => named.id.clone(),
    }
}

/// What tokens cost by an id, where that is known.
fn price(called: &ModelId, usage: &Usage, surroundings: &Surroundings) -> Option<Cost> {
    let catalogue = Catalogue::built_in();
    let named = catalogue.resolve(called);
    let today = AmzTime::from_unix(surroundings.unix()).iso_day();
    let price = catalogue.price(named.model?, &named.scope?, usage.total_input(), &today)?;
    Some(usage.cost(&price))
}

/// Who answered, tokens, cost, times, request id.
pub(crate) fn summary(received: &Received, client: &Client) -> String {
    let reply: &Response<Message> = &received.reply;
    let usage = &reply.usage;
    let cost = client.cost(usage, &reply.meta);
    let (who, cost) = match (engine(reply), cost) {
        (Some(engine), Some(cost)) => {
            (format!("answered by the local engine `{engine}`, not Claude"), format!("would cost {cost}"))
        }
        (Some(engine), None) => {
            (format!("answered by the local engine `{engine}`, not Claude"), "price unknown".to_owned())
        }
        (None, Some(cost)) => (format!("answered by {}", reply.model), format!("cost {cost}")),
        (None, None) => {
            (format!("answered by {}", reply.model), format!("price of {} unknown", reply.meta.target.model.id))
        }
    };
    let mut parts = vec![who, tokens(usage), cost];
    parts.extend(received.first.map(|time| format!("first token {}", shown(time))));
    parts.push(format!("total {}", shown(received.whole)));
    parts.extend(reply.meta.request_id.as_ref().map(|id| format!("request {id}")));
    parts.join(" | ")
}

/// Input and output, and what of the input the cache gave or took.
pub(crate) fn tokens(usage: &Usage) -> String {
    let cached =
        [(usage.cache_read_input_tokens, "from the cache"), (usage.cache_creation_input_tokens, "into the cache")];
    let cached =
        cached.iter().filter_map(|(tokens, what)| tokens.filter(|tokens| *tokens > 0).map(|tokens| (tokens, what)));
    let cached: Vec<String> = cached.map(|(tokens, what)| format!("{tokens} {what}")).collect();
    let cached = if cached.is_empty() { String::new() } else { format!(" ({})", cached.join(", ")) };
    format!("{} tokens in{cached}, {} out", usage.total_input(), usage.output_tokens)
}

/// The local engine that answered, if one did.
pub(crate) fn engine<T>(reply: &Response<T>) -> Option<&str> {
    reply.meta.header(ENGINE_HEADER)
}

/// `1 turn`, `2 turns`.
pub(crate) fn counted(number: usize, what: &str) -> String {
    match number {
        1 => format!("1 {what}"),
        _ => format!("{number} {what}s"),
    }
}

/// What a person should know about how it ended.
fn remark(reply: &Message) -> Option<&'static str> {
    match reply.stop_reason.as_ref()? {
        StopReason::MaxTokens => Some("the answer was cut at --max-tokens"),
        StopReason::Refusal => Some("the model declined to answer"),
        StopReason::ModelContextWindowExceeded => Some("the context window is full"),
        _ => None,
    }
}

fn shown(duration: Duration) -> String {
    match duration.as_millis() {
        milliseconds @ 0..10 => format!("{milliseconds}.{} ms", duration.as_micros() % 1000 / 100),
        milliseconds @ 10..1000 => format!("{milliseconds} ms"),
        _ => format!("{:.1} s", duration.as_secs_f64()),
    }
}

#[cfg(test)]
mod tests {
    use outcrop::wire::scope::Scope;

    use super::*;

    #[test]
    fn a_profile_of_the_account_costs_what_is_behind_it() {
        let arn = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/a1b2c3d4e5f6";
        let known = Catalogue::built_in().resolve(&ModelId::from("global.anthropic.claude-opus-4-6-v1"));
        assert_eq!(priced(&known), known.id);
        let named = Named { id: arn.into(), scope: Some(Scope::Global), ..known.clone() };
        assert_eq!(priced(&named), known.id);
        let (usage, surroundings) = (Usage { input_tokens: 1000, ..Usage::default() }, Surroundings::made_up([], []));
        assert!(price(&priced(&named), &usage, &surroundings).is_some());
        let unknown = Named { model: None, ..named };
        assert_eq!(priced(&unknown), unknown.id);
        assert!(price(&unknown.id, &usage, &surroundings).is_none());
    }
}
