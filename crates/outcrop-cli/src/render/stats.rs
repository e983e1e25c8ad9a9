//! What is told about a call: who answered, tokens, times, cost.

use std::time::Duration;

use outcrop::{Message, Response, StopReason};
use outcrop_local::ENGINE_HEADER;

use crate::answer::Received;
use crate::exit;
use crate::printer::Printer;
use crate::session::Answered;

/// Everything about the call.
pub(crate) fn tell(received: &Received, printer: &Printer) {
    let reply = &received.reply;
    let reasons = reply.meta.adjustments.iter().map(|adjustment| &adjustment.reason);
    for reason in reply.meta.notes.iter().chain(reasons) {
        printer.explain(reason);
    }
    for (attempt, number) in reply.meta.attempts.iter().zip(1..) {
        printer.explain(&exit::line(attempt, number));
    }
    printer.note(&summary(received));
    if let Some(remark) = remark(reply) {
        printer.warning(remark);
    }
}

/// Tokens of a session.
pub(crate) fn session(answers: &[Answered]) -> String {
    let (mut input, mut output) = (0u64, 0u64);
    for answer in answers {
        input = input.saturating_add(answer.usage.total_input());
        output = output.saturating_add(answer.usage.output_tokens);
    }
    let plural = if answers.len() == 1 { "" } else { "s" };
    format!("{} answer{plural} | {input} tokens in, {output} out", answers.len())
}

/// Who answered, tokens, times, request id.
fn summary(received: &Received) -> String {
    let reply: &Response<Message> = &received.reply;
    let who = match reply.meta.header(ENGINE_HEADER) {
        Some(engine) => format!("answered by the local engine `{engine}`, not Claude"),
        None => format!("answered by {}", reply.model),
    };
    let usage = &reply.usage;
    let mut parts = vec![who, format!("{} tokens in, {} out", usage.total_input(), usage.output_tokens)];
    parts.extend(received.first.map(|time| format!("first token {}", shown(time))));
    parts.push(format!("total {}", shown(received.whole)));
    parts.extend(reply.meta.request_id.as_ref().map(|id| format!("request {id}")));
    parts.join(" | ")
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
