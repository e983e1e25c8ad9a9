//! Who calls, and whether the call is let in: signature, Bedrock API key, IAM permission.

use outcrop::account::{ApiKey, Identity};
use outcrop::endpoint::Service;
use outcrop::{Error, Kind, Surface};

use super::examination::Examination;
use super::finding::{Finding, Status, is_absent};
use super::knock::{Subject, subject};
use super::policy;
use super::settings::unknown_region;
use crate::exit::Exit;

/// Whom STS tells of. Bedrock has the last word: Bedrock API keys are none of STS's.
pub(super) async fn identity(examination: &mut Examination<'_>) -> Finding {
    let finding = by_sts(examination).await;
    if finding.status == Status::Fail {
        // Signatures are for a region.
        return match examination.client().ok().and_then(unknown_region) {
            Some(unknown) => finding.only(unknown),
            None => finding,
        };
    }
    if let Some(error) = examination.refused(Subject::Caller).await {
        let words = error.service_message().unwrap_or_default().to_owned();
        let finding = Finding::error(error);
        return match &examination.identity {
            Some(Identity::Unsigned) => {
                finding.only("what answers there wants to know who calls: leave out --skip-auth, and give it keys")
            }
            Some(Identity::ApiKey(_)) => finding.found(format!("the Bedrock API key is refused: {words}")).only(
                "make another key, in Bedrock's console or of AWS keys (`outcrop token`); without \
                 AWS_BEARER_TOKEN_BEDROCK AWS keys count",
            ),
            _ => finding,
        };
    }
    match &examination.identity {
        Some(Identity::ApiKey(ApiKey::ShortTerm { .. } | ApiKey::LongTerm { .. })) if examination.is_let_in() => {
            Finding::pass("Bedrock takes the API key; whose account it is, AWS does not say")
        }
        _ => finding,
    }
}

async fn by_sts(examination: &mut Examination<'_>) -> Finding {
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

pub(super) async fn permission(examination: &mut Examination<'_>) -> Finding {
    let (client, target) = match examination.target() {
        Ok((client, target)) => (client.clone(), target.clone()),
        Err(finding) => return finding,
    };
    let (mut denied, mut allowed) = (Vec::new(), Vec::new());
    for knock in examination.knocks().await {
        match knock.refusal.as_ref().map(subject) {
            Some(Subject::Other) => {
                return knock.refusal.take().map_or_else(|| Finding::skip("nothing was said"), trouble);
            }
            Some(Subject::Permission) => denied.extend(knock.refusal.take()),
            // The caller is let in; what is wrong is told where it belongs.
            _ => allowed.push(knock.action),
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
    let (mut mend, mut explicit) = (String::new(), false);
    for denial in denials {
        mend = policy::mend(&denial);
        explicit |= denial.explicit;
        actions.extend(policy::own(&denial.actions));
    }
    actions.dedup();
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
        return Finding::doubt(error).or_mend("try again: it may pass");
    }
    Finding::error(error).or_mend("is it the URL of Bedrock Runtime, or of a gateway that answers as it does?")
}
