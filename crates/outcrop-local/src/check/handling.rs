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

use super::constraints::{Constraints, Told};
use super::invalid;
use super::place::Place;

/// Headers of one word, the member they stand for, and the words there are.
const WORDS: [(&str, &str, &[&str]); 3] = [
    (TRACE, "trace", &["ENABLED", "DISABLED", "ENABLED_FULL"]),
    (LATENCY, "performanceConfigLatency", &["standard", "optimized"]),
    (SERVICE_TIER, "serviceTier", &["priority", "default", "flex", "reserved"]),
];

/// Of the version of a guardrail.
const VERSION: &str = "(([1-9][0-9]{0,7})|(DRAFT))";

/// Checks the headers; gives what passed here and does nothing.
///
/// # Errors
/// For what AWS would refuse.
pub(crate) fn check(headers: &HeaderMap) -> Result<Option<String>, Fault> {
    let said = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let mut broken = Constraints::default();
    let (identifier, version) = (said(GUARDRAIL_IDENTIFIER), said(GUARDRAIL_VERSION));
    if let Some(version) = version.filter(|version| !version.is_empty()) {
        broken.pattern(is_version(version), Told::As(&version), VERSION, &Place::ROOT.member("guardrailVersion"));
    }
    for (header, member, words) in WORDS {
        if let Some(word) = said(header) {
            broken.one_of(word, words, &Place::ROOT.member(member));
        }
    }
    let labels = said(REQUEST_METADATA);
    if let Some(labels) = labels {
        broken.length(labels, Told::Concealed, 0, LONGEST_METADATA, &Place::ROOT.member("requestMetadata"));
    }
    broken.verdict()?;
    if let Some(why) = labels.and_then(wrong_labels) {
        return Err(invalid(format!("requestMetadata: {why}")));
    }
    guardrail("", identifier, version)
}

/// What is said of a guardrail, of which there is none here: it is not played. `within` is what a refusal begins with.
///
/// # Errors
/// For half a guardrail. Documented: the two go together. AWS's words are not known.
pub(super) fn guardrail(
    within: &str,
    identifier: Option<&str>,
    version: Option<&str>,
) -> Result<Option<String>, Fault> {
    let given = |text: Option<&str>| text.is_some_and(|text| !text.is_empty());
    match (identifier.filter(|id| !id.is_empty()), given(version)) {
        (Some(identifier), true) => Ok(Some(format!(
            "{within}outcrop local has no guardrails: {identifier} was not applied, and there is no trace of it"
        ))),
        (None, false) => Ok(None),
        (Some(_), false) => Err(invalid(format!("{within}guardrailIdentifier needs a guardrailVersion."))),
        (None, true) => Err(invalid(format!("{within}guardrailVersion needs a guardrailIdentifier."))),
    }
}

/// What is wrong with labels: like the members of Converse, of which the service model says more. They are private, so
/// none is repeated.
fn wrong_labels(text: &str) -> Option<String> {
    let Ok(labels) = serde_json::from_str::<BTreeMap<String, String>>(text) else {
        return Some("it must be a JSON object of strings.".to_owned());
    };
    if !(1..=MOST_LABELS).contains(&labels.len()) {
        return Some(format!("it must have 1 to {MOST_LABELS} members."));
    }
    if !are_labels(labels.keys(), 1) || !are_labels(labels.values(), 0) {
        return Some(format!(
            "names must have 1 to {LONGEST_LABEL} characters, values at most {LONGEST_LABEL}, each of [a-zA-Z0-9\\s:_@$#=/+,-.]."
        ));
    }
    None
}

/// Whether all are names of labels, or values of some, which have at least so many letters.
pub(super) fn are_labels<'a>(mut texts: impl Iterator<Item = &'a String>, least: usize) -> bool {
    texts.all(|text| (least..=LONGEST_LABEL).contains(&text.chars().count()) && text.chars().all(is_label_letter))
}

/// Repeats in an answer what was asked for: the speed, and the capacity that served the call.
pub(crate) fn echo(asked: &HeaderMap, answer: &mut HeaderMap) {
    for name in [LATENCY, SERVICE_TIER] {
        if let Some(value) = asked.get(name) {
            answer.insert(name, value.clone());
        }
    }
}
