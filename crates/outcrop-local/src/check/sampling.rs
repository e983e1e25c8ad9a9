//! How the answer is drawn and where it ends: sampling parameters, stop sequences, the most tokens, effort, format.

use outcrop_wire::catalogue::{Capabilities, Sampling};
use outcrop_wire::messages::{Effort, MessageRequest};

use super::betas::given;
use super::fields::extra;
use super::{Verdict, refuse};

/// Sampling and stop sequences.
pub(super) fn check(request: &MessageRequest, accepts: &Capabilities<'_>) -> Verdict {
    // Recorded: first-party, 2025-08; it stands for the default.
    let top_p = request.top_p.filter(|top_p| *top_p != -1.0);
    // Quoted from the API.
    if request.temperature == Some(-1.0) {
        return refuse("`temperature` cannot be set to -1 for this model");
    }
    // Quoted from AWS (Converse, 2026-10) for `temperature`; measured on the API, 2026-08, for both.
    for (name, value) in [("temperature", request.temperature), ("top_p", top_p)] {
        if value.is_some_and(|value| !(0.0..=1.0).contains(&value)) {
            return refuse(format_args!("{name}: range: 0..1"));
        }
    }
    // Quoted from the API (measured on Haiku 4.5, 2026-09).
    if request.stop_sequences.iter().flatten().any(|stop| stop.trim().is_empty()) {
        return refuse("stop_sequences: each stop sequence must contain non-whitespace");
    }
    match accepts.sampling() {
        // Quoted from AWS (InvokeModel and Converse).
        Some(Sampling::One) if request.temperature.is_some() && top_p.is_some() => {
            refuse("`temperature` and `top_p` cannot both be specified for this model. Please use only one.")
        }
        Some(Sampling::Refused) => deprecated(request),
        _ => Ok(()),
    }
}

/// Recorded (Converse): `temperature` is deprecated for this model. Values that change nothing are taken (AWS user guide,
/// model cards of Opus 4.7 and later).
fn deprecated(request: &MessageRequest) -> Verdict {
    let set = [
        ("temperature", request.temperature.is_some_and(|temperature| temperature != 1.0)),
        ("top_p", request.top_p.is_some_and(|top_p| top_p < 0.99)),
        ("top_k", request.top_k.is_some()),
    ];
    match set.iter().find(|(_, set)| *set) {
        Some((name, _)) => refuse(format_args!("`{name}` is deprecated for this model.")),
        None => Ok(()),
    }
}

/// The most tokens of an answer.
pub(super) fn check_length(request: &MessageRequest, accepts: &Capabilities<'_>) -> Verdict {
    // Quoted from the API. A request of no tokens, which only fills a cache, is of newer versions than Bedrock's.
    if request.max_tokens == 0 {
        return refuse("max_tokens: must be greater than or equal to 1");
    }
    match accepts.max_output() {
        // Quoted from the API.
        Some(most) if u64::from(request.max_tokens) > most => refuse(format_args!(
            "max_tokens: {} > {most}, which is the maximum allowed number of output tokens for {}",
            request.max_tokens,
            accepts.model().map_or("this model", |model| model.row().reply)
        )),
        _ => Ok(()),
    }
}

/// Effort.
pub(super) fn check_effort(request: &MessageRequest, accepts: &Capabilities<'_>) -> Verdict {
    let Some(effort) = request.output_config.as_ref().and_then(|config| config.effort.as_ref()) else { return Ok(()) };
    // Remembered: as every enumeration is worded.
    if let Effort::Other(_) = effort {
        return refuse("output_config.effort: Input should be 'low', 'medium', 'high', 'xhigh' or 'max'");
    }
    // Quoted from the API (Haiku 4.5 and others).
    let mut levels = accepts.efforts().unwrap_or_default();
    if levels.is_empty() {
        return refuse("This model does not support the effort parameter.");
    }
    // Remembered: as every member that wants a beta.
    if accepts.effort_beta().is_some_and(|beta| !given(request, beta)) {
        return extra("output_config.effort");
    }
    if levels.contains(&effort.as_str()) {
        return Ok(());
    }
    // Recorded: first-party, Opus 4.6.
    levels.sort_unstable();
    refuse(format_args!(
        "This model does not support effort level '{effort}'. Supported levels: {}.",
        levels.join(", ")
    ))
}
