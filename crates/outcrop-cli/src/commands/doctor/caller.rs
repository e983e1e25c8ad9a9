//! Who calls, and whether the call is let in: signature, Bedrock API key, IAM permission.

use outcrop::account::{ApiKey, Identity};
use outcrop::endpoint::Service;
use outcrop::{Delivery, Error, Kind, Surface};

use super::examination::Examination;
use super::finding::{Finding, is_absent};
use super::policy;
use crate::exit::Exit;

pub(super) async fn identity(examination: &mut Examination<'_>) -> Finding {
    let client = match examination.beside(Service::Sts) {
        Ok(client) => client.clone(),
        Err(finding) => return finding,
    };
    let identity = match client.identity().await {
        Ok(identity) => identity,
        Err(error) if is_absent(&error) => {
            return Finding::skip(format!("{} answers no questions of who calls", client.endpoint().authority));
        }
        Err(error) if matches!(error.kind(), Kind::Connect | Kind::Timeout | Kind::Interrupted) => {
            return Finding::doubt(error)
                .mend("calls of models do not need STS; whether the keys are good shows below");
        }
        Err(error) => return Finding::error(error),
    };
    let finding = match &identity {
        Identity::Caller(caller) => Finding::pass(format!("{} in account {}", caller.arn, caller.account))
            .fact("account", caller.account.as_str())
            .fact("arn", caller.arn.as_str()),
        Identity::ApiKey(ApiKey::Other) => Finding::skip("the key is not AWS's: whose it is only the gateway knows"),
        Identity::ApiKey(_) => Finding::skip("STS takes no Bedrock API keys: whose account it is, AWS does not say"),
        _ => Finding::skip("nothing is said of who calls: a gateway says it"),
    };
    examination.identity = Some(identity);
    finding
}

/// What AWS calls the two ways of asking (IAM's list of actions of Bedrock; Mantle has one action for both).
const ACTIONS: [(Delivery, &str); 2] =
    [(Delivery::Stream, "bedrock:InvokeModelWithResponseStream"), (Delivery::Unary, "bedrock:InvokeModel")];

pub(super) async fn permission(examination: &mut Examination<'_>) -> Finding {
    let (client, target) = match examination.target() {
        Ok((client, target)) => (client.clone(), target.clone()),
        Err(finding) => return finding,
    };
    let ways = if target.surface == Surface::Mantle { &ACTIONS[1..] } else { &ACTIONS[..] };
    let (mut denied, mut allowed) = (Vec::new(), Vec::new());
    for (delivery, action) in ways {
        match client.knock(target.model.id.clone(), *delivery, target.surface).await {
            Ok(()) => allowed.push(*action),
            Err(error) if error.service_fault().and_then(|fault| fault.denial()).is_some() => denied.push(error),
            // The caller is let in; what is wrong is told where it belongs.
            Err(error) if matches!(error.status(), Some(400 | 404)) => {
                allowed.push(*action);
                examination.refused = Some(error);
            }
            Err(error) => return trouble(error),
        }
    }
    let host = &client.endpoint().authority;
    if denied.is_empty() {
        return match target.surface {
            Surface::Mantle => Finding::pass("calls are let in"),
            _ => Finding::pass(format!("{} on {host}", allowed.join(", "))),
        };
    }
    let denials = denied.iter().filter_map(|error| error.service_fault()?.denial());
    let mut actions: Vec<String> = Vec::new();
    let mut mend = String::new();
    for denial in denials {
        mend = policy::mend(&denial);
        actions.extend(policy::own(&denial.actions));
    }
    actions.dedup();
    let explicit = denied.iter().filter_map(|error| error.service_fault()?.denial()).any(|denial| denial.explicit);
    let words = denied.iter().filter_map(Error::service_message).next().unwrap_or_default().to_owned();
    let mut finding = match allowed.is_empty() {
        true => Finding::fail(Exit::Denied, words),
        false => Finding::warn(format!("only {}: {words}", allowed.join(", "))),
    };
    finding = finding.mend(mend);
    if !explicit {
        finding = finding.policy(policy::for_call(&actions, &target, examination.account()));
    }
    finding.fact("missing", actions)
}

/// What keeps a call out besides IAM.
fn trouble(error: Error) -> Finding {
    if error.is_throttled() || error.is_retryable() {
        return Finding::doubt(error);
    }
    Finding::error(error)
}
