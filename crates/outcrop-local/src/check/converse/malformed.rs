//! A body that does not decode: a member that is missing or null, and what is no request at all.
//!
//! Where it goes wrong is looked for in a second pass, so that a good body pays nothing.

use std::fmt::Display;

use outcrop_wire::converse::ConverseRequest;
use outcrop_wire::fault::{Fault, Origin};
use serde_path_to_error::{Path, Segment};

use crate::check::constraints::{Told, broken};
use crate::check::invalid;

/// Why a body does not decode.
pub(in crate::check) fn fault(body: &[u8], error: &serde_json::Error) -> Fault {
    let mut reader = serde_json::Deserializer::from_slice(body);
    let traced: Result<ConverseRequest, _> = serde_path_to_error::deserialize(&mut reader);
    let Err(traced) = traced else { return unreadable(error) };
    if error.is_syntax() || error.is_eof() {
        return unreadable(error);
    }
    let (place, problem) = (in_shapes(traced.path()), traced.inner().to_string());
    let missing = problem.strip_prefix("missing field `").and_then(|rest| rest.split('`').next());
    let absent = match missing {
        Some(member) if place.is_empty() => Some(member.to_owned()),
        Some(member) => Some(format!("{place}.{member}")),
        None if problem.starts_with("invalid type: null") => Some(place.clone()),
        None => None,
    };
    if let Some(place) = absent {
        // Quoted (maximhq/bifrost pull request 6732); without `null` where the value is private (danny-avila/LibreChat
        // pull request 13888).
        let told = if place.contains("reasoningContent") { "Value" } else { "Value null" };
        return invalid(format!(
            "1 validation error detected: {told} at '{place}' failed to satisfy constraint: Member must not be null"
        ));
    }
    let negative = problem.split('`').nth(1).and_then(|value| value.strip_prefix("integer ").or(Some(value)));
    if let Some(value) = negative.filter(|value| value.starts_with('-') && problem.contains("expected u32")) {
        let least = u32::from(place == "inferenceConfig.maxTokens");
        let rule = format!("Member must have value greater than or equal to {least}");
        return invalid(format!("1 validation error detected: {}", broken(Told::As(&value), place, rule)));
    }
    unreadable(format_args!("{place}: {problem}"))
}

/// What is no request. AWS's code for it is remembered, its words are not known: these are ours.
pub(super) fn unreadable(problem: impl Display) -> Fault {
    Fault {
        code: "SerializationException".to_owned(),
        status: 400,
        message: format!("outcrop local: the body cannot be read: {problem}"),
        origin: Origin::Http,
        details: Default::default(),
    }
}

fn in_shapes(path: &Path) -> String {
    let steps = path.iter().filter_map(|segment| match segment {
        Segment::Seq { index } => Some(format!("{}.member", index + 1)),
        Segment::Map { key } => Some(key.clone()),
        Segment::Enum { .. } | Segment::Unknown => None,
    });
    steps.collect::<Vec<_>>().join(".")
}
