//! What the service model says of the ids in paths and of the texts in queries, held against each call.
//!
//! Source: botocore service model bedrock 2023-04-20 (1.44.5).

use std::sync::LazyLock;

use outcrop_wire::account::{Control, ControlCall};
use outcrop_wire::fault::Fault;
use regex_lite::Regex;

use crate::check::constraints::{Constraints, Told};
use crate::check::place::Place;

/// What a text has to be.
struct Rule {
    operations: &'static [Control],
    /// Its name in the query; the id of the path has none.
    query: Option<&'static str>,
    member: &'static str,
    least: usize,
    longest: usize,
    pattern: &'static str,
}

static RULES: [Rule; 6] = [
    Rule {
        operations: &[Control::GetFoundationModel],
        query: None,
        member: "modelIdentifier",
        least: 1,
        longest: 2048,
        pattern: concat!(
            "(arn:aws(-[^:]+)?:bedrock:[a-z0-9-]{1,20}::foundation-model/",
            "[a-z0-9-]{1,63}[.]{1}([a-z0-9-]{1,63}[.]){0,2}[a-z0-9-]{1,63}([:][a-z0-9-]{1,63}){0,2})",
            "|([a-z0-9-]{1,63}[.]{1}[a-z0-9-]{1,63}([.]?[a-z0-9-]{1,63})([:][a-z0-9-]{1,63}){0,2})",
        ),
    },
    Rule {
        operations: &[Control::GetFoundationModelAvailability, Control::ListFoundationModelAgreementOffers],
        query: None,
        member: "modelId",
        least: 0,
        longest: 140,
        pattern: concat!(
            "[a-z0-9-]{1,63}[.]{1}[a-z0-9-]{1,63}([a-z0-9-]{1,63}[.]){0,2}[a-z0-9-]{1,63}",
            "([:][a-z0-9-]{1,63}){0,2}(/[a-z0-9]{12}|)",
        ),
    },
    Rule {
        operations: &[Control::GetInferenceProfile, Control::DeleteInferenceProfile],
        query: None,
        member: "inferenceProfileIdentifier",
        least: 1,
        longest: 2048,
        pattern: concat!(
            "(arn:aws(|-us-gov|-cn|-iso|-iso-b):bedrock:(|[0-9a-z-]{0,20}):(|[0-9]{12}):",
            "(inference-profile|application-inference-profile)/)?[a-zA-Z0-9-:.]+",
        ),
    },
    Rule {
        operations: &[Control::GetModelInvocationJob, Control::StopModelInvocationJob],
        query: None,
        member: "jobIdentifier",
        least: 0,
        longest: 1011,
        pattern: "((arn:aws(-[^:]+)?:bedrock:[a-z0-9-]{1,20}:[0-9]{12}:model-invocation-job/)?[a-z0-9]{12})",
    },
    Rule {
        operations: &[Control::ListFoundationModels],
        query: Some("byProvider"),
        member: "byProvider",
        least: 0,
        longest: 63,
        pattern: "[A-Za-z0-9- ]{1,63}",
    },
    Rule {
        operations: &[Control::ListModelInvocationJobs],
        query: Some("nameContains"),
        member: "nameContains",
        least: 1,
        longest: 63,
        pattern: r"[a-zA-Z0-9]{1,63}(-*[a-zA-Z0-9\+\-\.]){0,63}",
    },
];

/// The patterns, in the order of the rules: each has to match a whole text.
static PATTERNS: LazyLock<Vec<Option<Regex>>> =
    LazyLock::new(|| RULES.iter().map(|rule| Regex::new(&format!("^(?:{})$", rule.pattern)).ok()).collect());

/// Refuses a call with a text that the service model does not allow.
pub(super) fn check(call: &ControlCall) -> Result<(), Fault> {
    let mut broken = Constraints::default();
    let rules = RULES.iter().zip(PATTERNS.iter()).filter(|(rule, _)| rule.operations.contains(&call.operation));
    for (rule, pattern) in rules {
        let text = match rule.query {
            Some(name) => call.query(name),
            None => call.id.as_ref().map(|id| id.as_str()),
        };
        let Some(text) = text else { continue };
        let place = Place::ROOT.member(rule.member);
        let fits = pattern.as_ref().is_none_or(|pattern| pattern.is_match(text));
        broken.pattern(fits, Told::As(&text), rule.pattern, &place);
        broken.length(text, Told::As(&text), rule.least, rule.longest, &place);
    }
    broken.verdict()
}
