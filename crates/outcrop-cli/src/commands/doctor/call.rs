//! Quotas, as far as they can be known, and one real call.

use std::time::{Duration, Instant};

use outcrop::plan::Target;
use outcrop::wire::fault::Quota;
use outcrop::{CallOptions, Error, MessageRequest, Scope, Surface};

use super::examination::Examination;
use super::finding::Finding;
use crate::answer::Received;
use crate::exit::Exit;
use crate::render::stats;

/// The shortest answer there is.
const MAX_TOKENS: u32 = 1;

/// Quotas are another service's, which is not asked; what of them weighs on a call is known.
pub(super) async fn quota(examination: &mut Examination<'_>) -> Finding {
    let (client, target) = match examination.target() {
        Ok(known) => known,
        Err(finding) => return finding,
    };
    let accepts = client.catalogue().accepts(target.model.model, target.surface, &examination.today());
    let weighs =
        accepts.output_burndown().map(|times| format!("; a token of output counts {times} times")).unwrap_or_default();
    Finding::skip(format!("told once it is reached; max_tokens is held back from the start{weighs}"))
        .fact("output_burndown", accepts.output_burndown())
}

pub(super) async fn call(examination: &mut Examination<'_>) -> Finding {
    if !examination.calls() {
        return Finding::skip("no call was asked for: `--call` makes one");
    }
    let (client, target) = match examination.target() {
        Ok((client, target)) => (client.clone(), target.clone()),
        Err(finding) => return finding,
    };
    // One try, in the way that was looked at: a second one would hide what is wrong with the first.
    let client = client.with_options(CallOptions::new().max_retries(0).surface(target.surface));
    let request = MessageRequest::new(target.model.id.clone(), MAX_TOKENS).user("Hi");
    let started = Instant::now();
    let answered = client.messages().create(&request).await;
    match answered.map(|reply| Received { reply, first: None, whole: started.elapsed() }) {
        Ok(received) => Finding::pass(stats::summary(&received, &client))
            .fact("latency_ms", milliseconds(received.whole))
            .fact("request_id", received.reply.meta.request_id.clone())
            .fact("input_tokens", received.reply.usage.total_input())
            .fact("output_tokens", received.reply.usage.output_tokens),
        Err(error) if error.aws_code() == Some("ThrottlingException") => throttled(error, &target),
        Err(error) => {
            let support = error.request_id().map(|id| format!("AWS support can tell why, by the request id {id}"));
            let finding = Finding::error(error);
            if finding.mends.is_empty() { finding.mends(support) } else { finding }
        }
    }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// Which quota it was, and how it is raised. Names are those of AWS's list (Service Quotas, Amazon Bedrock), as far as they
/// are documented: on Mantle input and output are counted apart.
fn throttled(error: Error, target: &Target) -> Finding {
    let quota = error.service_fault().and_then(|fault| fault.quota());
    let scope = target.model.scope.as_ref();
    let tokens = match (target.surface, scope) {
        (Surface::Mantle, _) => "tokens per minute of the model on bedrock-mantle, in or out",
        (_, Some(Scope::Regional)) => "`On-demand InvokeModel tokens per minute` of the model",
        _ => "`Cross-Region InvokeModel tokens per minute` of the model",
    };
    let (word, name, first) = match quota {
        Some(Quota::RequestsPerMinute) => ("requests_per_minute", "requests per minute of the model", "wait a minute"),
        Some(Quota::TokensPerMinute) => ("tokens_per_minute", tokens, "wait a minute"),
        Some(Quota::TokensPerDay) => (
            "tokens_per_day",
            "`Model invocation max tokens per day` of the model",
            "the day's tokens are used up, or a new account has none",
        ),
        _ => ("unknown", "the one of the model that is used up", "wait"),
    };
    // There is nothing wider than everywhere.
    let others = match scope {
        Some(Scope::Global) => "other regions (--failover) have their own",
        _ => "a wider scope (--scope global) and other regions (--failover) have their own",
    };
    let finding = Finding::error(error);
    finding
        .exits(Exit::Busy)
        .only(format!("{first}; {others}; Service Quotas, Amazon Bedrock, gives more: {name}"))
        .fact("quota", word)
}
