//! Who may not do what, and by which policy, as AWS's sentences of `AccessDeniedException` say it.
//!
//! Source: refusals in public reports (runtime, Marketplace), and the words of AWS's guide to them ("Troubleshoot access
//! denied error messages", IAM): `because no {policy} allows the {action} action`, `with an explicit deny in {policy}`.

use super::Fault;

const REFUSED: &str = " is not authorized to perform: ";

/// In front of the actions of AWS Marketplace, which stand in parentheses.
const MARKETPLACE: &str = "AWS Marketplace actions (";

/// What a refusal says of itself.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Denial<'a> {
    /// The ARN of the caller.
    pub principal: Option<&'a str>,
    /// What may not be done: `bedrock:InvokeModel`.
    pub actions: Vec<&'a str>,
    /// The ARN of what it may not be done to.
    pub resource: Option<&'a str>,
    /// The kind of policy: `identity-based policy`, `service control policy`.
    pub policy: Option<&'a str>,
    /// Whether that policy forbids it; else none of the kind allows it.
    pub explicit: bool,
}

impl Fault {
    /// What may not be done, where this is a refusal that names it.
    ///
    /// ```
    /// # use outcrop_wire::fault::{Fault, Origin};
    /// let message = "User: arn:aws:iam::123456789012:user/alice is not authorized to perform: bedrock:InvokeModel on \
    ///     resource: arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-opus-4-6-v1 because no identity-based \
    ///     policy allows the bedrock:InvokeModel action";
    /// let fault = Fault::new("AccessDeniedException", message, Origin::Http);
    /// let denial = fault.denial().expect("it names an action");
    /// assert_eq!(denial.actions, ["bedrock:InvokeModel"]);
    /// assert_eq!((denial.policy, denial.explicit), (Some("identity-based policy"), false));
    /// ```
    #[must_use]
    pub fn denial(&self) -> Option<Denial<'_>> {
        let text = self.message.as_str();
        if let Some((_, rest)) = text.split_once(MARKETPLACE) {
            let (actions, _) = rest.split_once(')')?;
            let actions = actions.split(',').map(str::trim).filter(|action| !action.is_empty()).collect();
            return Some(Denial { principal: None, actions, resource: None, policy: None, explicit: false });
        }
        let (who, what) = text.split_once(REFUSED)?;
        let principal = who.rsplit_once("User: ").map(|(_, arn)| arn.trim());
        let action = word(what);
        let resource = what.split_once(" on resource: ").map(|(_, rest)| word(rest));
        let (policy, explicit) = match (between(what, "because no ", " allows"), what.split_once("explicit deny in ")) {
            (_, Some((_, rest))) => (Some(article_less(rest)), true),
            (found, None) => (found, false),
        };
        (!action.is_empty()).then(|| Denial { principal, actions: vec![action], resource, policy, explicit })
    }
}

/// Up to the next blank, without what ends a sentence.
fn word(text: &str) -> &str {
    text.split_whitespace().next().unwrap_or_default().trim_end_matches([',', '.'])
}

fn between<'a>(text: &'a str, begin: &str, end: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(begin)?;
    rest.split_once(end).map(|(found, _)| found)
}

/// `a service control policy: arn...` -> `service control policy`
fn article_less(text: &str) -> &str {
    let text = text.strip_prefix("an ").or_else(|| text.strip_prefix("a ")).unwrap_or(text);
    text.split([':', '.', ',']).next().unwrap_or(text).trim()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::Origin;

    #[test]
    fn refusals_name_action_resource_and_policy() {
        let arn = "arn:aws:bedrock:us-west-2::foundation-model/anthropic.claude-opus-4-6-v1";
        let who = "User: arn:aws:sts::123456789012:assumed-role/app/alice is not authorized to perform";
        let action = "bedrock:InvokeModelWithResponseStream";
        let fault = |message: &str| Fault::new("AccessDeniedException", message, Origin::Http);
        let forbidden = fault(&format!(
            "{who}: {action} on resource: {arn} with an explicit deny in a service control policy: arn:aws:x"
        ));
        let denial = forbidden.denial().expect("a denial");
        assert_eq!(denial.principal, Some("arn:aws:sts::123456789012:assumed-role/app/alice"));
        assert_eq!((denial.actions, denial.resource), (vec![action], Some(arn)));
        assert_eq!((denial.policy, denial.explicit), (Some("service control policy"), true));
        let short = fault(&format!("{who}: {action}"));
        let denial = short.denial().expect("a denial");
        assert_eq!(
            (denial.actions, denial.resource, denial.policy, denial.explicit),
            (vec![action], None, None, false)
        );
        let marketplace = fault(
            "Model access is denied due to IAM user or service role is not authorized to perform the required AWS \
             Marketplace actions (aws-marketplace:ViewSubscriptions, aws-marketplace:Subscribe) to enable access to \
             this model.",
        );
        let actions = marketplace.denial().map(|denial| denial.actions);
        assert_eq!(actions, Some(vec!["aws-marketplace:ViewSubscriptions", "aws-marketplace:Subscribe"]));
        for other in ["You don't have access to the model with the specified model ID.", REFUSED] {
            assert_eq!(fault(other).denial(), None);
        }
    }
}
