//! The context window: how much goes in at once.

use outcrop_wire::catalogue::Capabilities;

use super::betas::given;
use super::{Verdict, refuse};
use crate::engine::prompt::Prompt;

/// The prompt fits. Its tokens are an estimate; the window is the larger one where its beta was given (and taken).
pub(super) fn check(prompt: &Prompt<'_>, accepts: &Capabilities<'_>) -> Verdict {
    let widened = accepts.window_beta().filter(|row| given(prompt.request, &row.value)).and(accepts.window_beta_size());
    let Some(most) = accepts.context_window().max(widened) else { return Ok(()) };
    let tokens = prompt.tokens();
    // Quoted from AWS and the API. Until 2025 AWS had `Input is too long for requested model.`
    match tokens > most {
        true => refuse(format_args!("prompt is too long: {tokens} tokens > {most} maximum")),
        false => Ok(()),
    }
}
