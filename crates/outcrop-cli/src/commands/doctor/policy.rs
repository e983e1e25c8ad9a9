//! What an IAM policy lacks, and the statement that says it.

use outcrop::endpoint::partition;
use outcrop::plan::Target;
use outcrop::wire::fault::Denial;
use outcrop::{Error, Scope};
use serde_json::{Value, json};

use super::finding::{Finding, is_absent};

/// A statement that allows actions, for a policy.
pub(super) fn statement(actions: &[String], resources: &[String]) -> Value {
    json!({ "Effect": "Allow", "Action": actions, "Resource": resources })
}

/// The statement that a call of a model lacks.
pub(super) fn for_call(actions: &[String], target: &Target, account: Option<&str>) -> Value {
    // Those of AWS Marketplace are about no resource of Bedrock's.
    match actions.iter().all(|action| action.starts_with("bedrock:Invoke")) {
        true => statement(actions, &resources(target, account)),
        false => statement(actions, &["*".to_owned()]),
    }
}

/// What a call of a model is made to: the inference profile, and the model in each region that may process it.
fn resources(target: &Target, account: Option<&str>) -> Vec<String> {
    let id = target.model.id.as_str();
    if id.starts_with("arn:") {
        return vec![id.to_owned()];
    }
    let region = target.region.as_deref().unwrap_or("*");
    let partition = partition(region).id;
    let (base, profile) = match Scope::split(id) {
        Some((_, base)) => (base, true),
        None => (id, false),
    };
    let place = if profile { "*" } else { region };
    let model = format!("arn:{partition}:bedrock:{place}::foundation-model/{base}");
    let account = account.unwrap_or("*");
    let profile = profile.then(|| format!("arn:{partition}:bedrock:{region}:{account}:inference-profile/{id}"));
    profile.into_iter().chain([model]).collect()
}

/// What is to be done about a refusal.
pub(super) fn mend(denial: &Denial<'_>) -> String {
    match (denial.explicit, denial.policy) {
        (true, policy) => format!(
            "{} forbids it, which no other policy outweighs: ask who administers it; a scope in other regions may be free of it",
            policy.map_or("a policy".to_owned(), |policy| format!("a {policy}"))
        ),
        (false, Some(policy)) if policy != "identity-based policy" => {
            format!("no {policy} allows it: add this statement there, and to a policy of the caller")
        }
        (false, _) => "add this statement to a policy of the caller:".to_owned(),
    }
}

/// What the control plane did not say. Calls of models do without it.
pub(super) fn unknown(error: Error) -> Finding {
    if is_absent(&error) {
        return Finding::skip("what answers there does not tell").fact("error", error.to_string());
    }
    let fault = error.service_fault();
    let Some(actions) = fault.and_then(|fault| Some(own(&fault.denial()?.actions))) else {
        return match error.aws_code() {
            Some("ValidationException" | "ResourceNotFoundException") => {
                Finding::skip("the control plane does not know it").fact("error", error.to_string())
            }
            _ => Finding::doubt(error),
        };
    };
    let named = actions.join(", ");
    Finding::skip(format!("cannot be known: the caller may not {named}, which calls of models do not need"))
        .mend(format!("to know it, allow the caller {named} on `*`"))
        .fact("missing", actions)
}

/// Actions that outlive the error they come from.
pub(super) fn own(actions: &[&str]) -> Vec<String> {
    actions.iter().map(|action| (*action).to_owned()).collect()
}
