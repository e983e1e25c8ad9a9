//! How a call of InvokeModel is to be handled: what its headers say of guardrail, tier, speed and labels.
//!
//! The rules are those of the service model (botocore bedrock-runtime 2023-09-30). The words for what breaks one are
//! quoted for members of bodies (BerriAI/litellm issue 24668), and the same for headers as far as is remembered; AWS's
//! words for half a guardrail, and for labels that are no JSON, are not known.

use std::collections::BTreeMap;

use http::HeaderMap;
use outcrop_wire::fault::Fault;
use outcrop_wire::handling::{
    GUARDRAIL_IDENTIFIER, GUARDRAIL_VERSION, LATENCY, LONGEST_LABEL, LONGEST_METADATA, MOST_LABELS, REQUEST_METADATA,
    SERVICE_TIER, TRACE, is_label_letter, is_version,
};

use super::invalid;

/// Headers of one word, the member they stand for, and the words there are.
const WORDS: [(&str, &str, &[&str]); 3] = [
    (TRACE, "trace", &["ENABLED", "DISABLED", "ENABLED_FULL"]),
    (LATENCY, "performanceConfigLatency", &["standard", "optimized"]),
    (SERVICE_TIER, "serviceTier", &["priority", "default", "flex", "reserved"]),
];

/// Checks the headers; gives what passed here and does nothing.
///
/// # Errors
/// For what AWS would refuse.
pub(crate) fn check(headers: &HeaderMap) -> Result<Option<String>, Fault> {
    let said = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let mut broken = Vec::new();
    let (identifier, version) = (said(GUARDRAIL_IDENTIFIER), said(GUARDRAIL_VERSION));
    if let Some(version) = version.filter(|version| !version.is_empty() && !is_version(version)) {
        let rule = "Member must satisfy regular expression pattern: (([1-9][0-9]{0,7})|(DRAFT))";
        broken.push(format!("Value '{version}' at 'guardrailVersion' failed to satisfy constraint: {rule}"));
    }
    for (header, member, words) in WORDS {
        if let Some(word) = said(header).filter(|word| !words.contains(word)) {
            let rule = format!("Member must satisfy enum value set: [{}]", words.join(", "));
            broken.push(format!("Value '{word}' at '{member}' failed to satisfy constraint: {rule}"));
        }
    }
    let labels = said(REQUEST_METADATA);
    if labels.is_some_and(|labels| labels.chars().count() > LONGEST_METADATA) {
        let rule = format!("Member must have length less than or equal to {LONGEST_METADATA}");
        broken.push(format!("Value at 'requestMetadata' failed to satisfy constraint: {rule}"));
    }
    match broken.len() {
        0 => {}
        1 => return Err(invalid(format!("1 validation error detected: {}", broken[0]))),
        count => return Err(invalid(format!("{count} validation errors detected: {}", broken.join("; ")))),
    }
    if let Some(why) = labels.and_then(wrong_labels) {
        return Err(invalid(format!("requestMetadata: {why}")));
    }
    match (identifier.filter(|id| !id.is_empty()), version.filter(|version| !version.is_empty())) {
        (Some(identifier), Some(_)) => Ok(Some(format!(
            "outcrop local has no guardrails: {identifier} was not applied, and there is no trace of it"
        ))),
        (None, None) => Ok(None),
        (Some(_), None) => Err(invalid("guardrailIdentifier needs a guardrailVersion.")),
        (None, Some(_)) => Err(invalid("guardrailVersion needs a guardrailIdentifier.")),
    }
}

/// What is wrong with labels: like the members of Converse, of which the service model says more. They are private, so
/// none is repeated.
fn wrong_labels(text: &str) -> Option<String> {
    let Ok(labels) = serde_json::from_str::<BTreeMap<String, String>>(text) else {
        return Some("it must be a JSON object of strings.".to_owned());
    };
    let fits = |text: &str, least: usize| {
        (least..=LONGEST_LABEL).contains(&text.chars().count()) && text.chars().all(is_label_letter)
    };
    if !(1..=MOST_LABELS).contains(&labels.len()) {
        return Some(format!("it must have 1 to {MOST_LABELS} members."));
    }
    if !labels.iter().all(|(name, value)| fits(name, 1) && fits(value, 0)) {
        return Some(format!(
            "names must have 1 to {LONGEST_LABEL} characters, values at most {LONGEST_LABEL}, each of [a-zA-Z0-9\\s:_@$#=/+,-.]."
        ));
    }
    None
}

/// Repeats in an answer what was asked for: the speed, and the capacity that served the call.
pub(crate) fn echo(asked: &HeaderMap, answer: &mut HeaderMap) {
    for name in [LATENCY, SERVICE_TIER] {
        if let Some(value) = asked.get(name) {
            answer.insert(name, value.clone());
        }
    }
}
