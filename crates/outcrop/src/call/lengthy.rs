//! Whole replies that take long: asked for as a stream and added up, so that no silent connection has to last.
//!
//! Idle connections are closed on the way (350 s at AWS's NAT gateways), and the official SDKs refuse to ask for a whole
//! reply that is expected to take longer than ten minutes. Here it is streamed underneath; the caller gets what an
//! unstreamed call would have given.

use std::time::Duration;

use outcrop_wire::messages::{Message, MessageRequest};
use outcrop_wire::surface::{Delivery, Surface};
use tokio::time::Instant;

use super::{CallOptions, Prepared, prepare, read, send};
use crate::client::Inner;
use crate::error::{Error, Result};
use crate::resolve;
use crate::response::Response;

/// Of the official SDKs (Python `_calculate_nonstreaming_timeout`): 128,000 tokens take an hour, and ten minutes are the
/// longest that is waited for without a stream, which makes 21,333 tokens.
const TOKENS_AN_HOUR: u64 = 128_000;
const HOUR: Duration = Duration::from_secs(3600);
const MOST_TOKENS: u32 = 21_333;

/// Models with a limit of their own (Python `MODEL_NONSTREAMING_TOKENS`), by what every id of theirs holds.
const MOST_TOKENS_OF: &[(&str, u32)] = &[("claude-opus-4-20250514", 8_192), ("claude-opus-4-1-20250805", 8_192)];

/// Makes bytes of a request for a whole reply, which may go out as one for a stream.
pub(crate) fn prepare_whole(client: &Inner, request: &MessageRequest, options: &CallOptions) -> Result<Prepared> {
    // Where the bytes of a whole answer are asked for, it has to be one.
    let keep_raw = client.defaults.keep_raw || options.keep_raw;
    match most_tokens(client, request) {
        most if request.max_tokens <= most || keep_raw => prepare(client, request, Delivery::Unary, options),
        most => {
            let mut prepared = prepare(client, request, Delivery::Stream, options)?;
            prepared.collect = true;
            prepared.note(&format!(
                "max_tokens {}: streamed underneath, a reply of more than {most} tokens may take longer than a silent \
                 connection lasts",
                request.max_tokens
            ));
            Ok(prepared)
        }
    }
}

/// Asks for a whole reply.
pub(crate) async fn create(
    client: &Inner,
    request: &MessageRequest,
    options: &CallOptions,
) -> Result<Response<Message>> {
    let began = Instant::now();
    let mut prepared = prepare_whole(client, request, options)?;
    let error = match send(client, &mut prepared).await {
        Ok(answer) => return read(prepared, answer),
        Err(error) => error,
    };
    if !prepared.collect || !may_not_stream(&error, prepared.outbound.plan.target.surface) {
        return Err(error);
    }
    let mut patient = prepared.options.clone();
    let limit = patient.timeout.or(client.timeouts.total);
    patient.timeout = limit.map(|limit| limit.saturating_sub(began.elapsed()));
    // Nothing comes before all of it is written.
    let silence = HOUR.mul_f64(f64::from(request.max_tokens) / TOKENS_AN_HOUR as f64).min(HOUR);
    patient.idle_timeout.get_or_insert(silence.max(client.timeouts.idle));
    let mut prepared = prepare(client, request, Delivery::Unary, &patient)?;
    prepared.note(&format!(
        "max_tokens {}: not streamed underneath, the caller may not call {}; the reply is waited for in silence",
        request.max_tokens,
        prepared.outbound.plan.target.surface.row().operation(Delivery::Stream)
    ));
    let before = error.attempts().iter().cloned();
    match send(client, &mut prepared).await {
        Ok(mut answer) => {
            answer.attempts.splice(0..0, before);
            read(prepared, answer)
        }
        Err(later) => {
            let attempts = before.chain(later.attempts().iter().cloned()).collect();
            Err(later.with_attempts(attempts))
        }
    }
}

fn most_tokens(client: &Inner, request: &MessageRequest) -> u32 {
    // Short replies are short for every model: nothing is looked up.
    if MOST_TOKENS_OF.iter().all(|(_, tokens)| request.max_tokens <= *tokens) {
        return MOST_TOKENS;
    }
    let named = resolve::named(client, &request.model, None, None);
    let id = named.model.map_or(named.id.as_str(), |model| model.row().base);
    let row = MOST_TOKENS_OF.iter().find(|(part, _)| id.contains(part));
    row.map_or(MOST_TOKENS, |(_, tokens)| *tokens)
}

/// Whether it was refused only because it was a stream: whole replies and streams are two permissions.
fn may_not_stream(error: &Error, surface: Surface) -> bool {
    let row = surface.row();
    let (whole, stream) = (row.operation(Delivery::Unary), row.operation(Delivery::Stream));
    error.aws_code() == Some("AccessDeniedException")
        && whole != stream
        && error.service_message().is_some_and(|text| text.contains(stream))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_ten_minutes_of_writing() {
        let ten_minutes = TOKENS_AN_HOUR * 600 / HOUR.as_secs();
        assert_eq!(u64::from(MOST_TOKENS), ten_minutes);
    }
}
