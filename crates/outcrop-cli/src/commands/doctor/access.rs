//! What the account was given: Anthropic's form, access to the model, and as much data retention as it asks for.

use outcrop::account::{ModelAvailability, RetentionMode};
use outcrop::endpoint::Service;
use outcrop::wire::account::{AgreementStatus, Authorization, Availability};
use outcrop::{Client, Error};

use super::examination::Examination;
use super::finding::{Finding, Status, is_absent};
use super::knock::Subject;
use super::model::base;
use super::policy;
use crate::exit::Exit;

pub(super) async fn form(examination: &mut Examination<'_>) -> Finding {
    let mend = "`outcrop models access request MODEL` sends it, with what its --help asks for; AWS takes up to 15 minutes to notice";
    if examination.refused(Subject::Form).await.is_some() {
        return Finding::fail(Exit::Denied, "Anthropic's use-case form was not submitted for this account").mend(mend);
    }
    let client = match examination.beside(Service::Control) {
        Ok(client) => client.clone(),
        Err(finding) => return finding,
    };
    match client.models().use_case_form().await {
        Ok(Some(_)) => Finding::pass("Anthropic's use-case form was submitted"),
        // Accounts that had access before there was a form go on without.
        Ok(None) => Finding::warn("Anthropic's use-case form was not submitted; AWS asks for it before the first call")
            .mend(mend),
        Err(error) if is_absent(&error) => Finding::skip(format!(
            "{} does not say whether Anthropic's use-case form was submitted",
            client.endpoint().authority
        )),
        Err(error) => policy::unknown(error),
    }
}

pub(super) async fn access(examination: &mut Examination<'_>) -> Finding {
    let refused = examination.refused(Subject::Access).await;
    let told = match availability(examination).await {
        Ok((client, availability)) => told(&availability, &examination.name(), client.region()),
        Err(finding) => finding,
    };
    match refused {
        None => told,
        Some(error) => lacking(error, told),
    }
}

async fn availability(examination: &Examination<'_>) -> Result<(Client, ModelAvailability), Finding> {
    let client = examination.beside(Service::Control)?.clone();
    let (_, target) = examination.target()?;
    let base = base(&target.model);
    let base = base.ok_or_else(|| Finding::skip("of an ARN it is not known which model's access counts"))?;
    let availability = client.models().availability(base).await.map_err(policy::unknown)?;
    Ok((client, availability))
}

/// What a call was told, with what the control plane says of it.
fn lacking(error: Error, told: Finding) -> Finding {
    let denial = error.service_fault().and_then(|fault| fault.denial());
    let actions = denial.map(|denial| policy::own(&denial.actions)).unwrap_or_default();
    let failed = told.status == Status::Fail;
    let finding = if failed { told } else { Finding::error(error).exits(Exit::Denied) };
    if actions.is_empty() {
        return finding
            .or_mend("ask for access: `outcrop models access request MODEL`; AWS takes some minutes to notice");
    }
    // Who calls would make the agreement, and may not.
    let mend = format!(
        "have somebody who may ask for it, `outcrop models access request MODEL`, or allow the caller {}:",
        actions.join(", ")
    );
    finding.only(mend).policy(policy::statement(&actions, &["*".to_owned()])).fact("missing", actions)
}

fn told(availability: &ModelAvailability, model: &str, region: Option<&str>) -> Finding {
    let ModelAvailability {
        agreement_availability: agreement,
        authorization_status: authorization,
        entitlement_availability: entitlement,
        region_availability: here,
        ..
    } = availability;
    let region = region.unwrap_or("this region");
    let request = "`outcrop models access request MODEL` asks for it";
    let failed = |text: String| Finding::fail(Exit::Denied, text);
    let finding = match &agreement.status {
        _ if availability.is_available() => Finding::pass(format!("the account has {model} in {region}")),
        _ if *here != Availability::Available => failed(format!("{region} does not have {model}"))
            .mend("call a region that has it: `outcrop models regions MODEL` lists them"),
        AgreementStatus::Pending => failed(format!("the agreement for {model} is being made"))
            .mend("wait: it takes some minutes, then look again"),
        AgreementStatus::Error => {
            let why = agreement.error_message.as_deref().unwrap_or("AWS does not say why");
            failed(format!("the agreement for {model} could not be made: {why}"))
                .mend("the account's payment method and its AWS Marketplace permissions are the usual causes")
        }
        status if *status != AgreementStatus::Available => {
            failed(format!("there is no agreement for {model}")).mend(request)
        }
        _ if *authorization != Authorization::Authorized => {
            failed(format!("the account is not authorized to use {model}"))
                .mend("an administrator of the organization may have to allow it; some models are by invitation")
        }
        _ => failed(format!("the account has not subscribed to {model}")).mend(request),
    };
    finding
        .fact("agreement", agreement.status.as_str())
        .fact("authorization", authorization.as_str())
        .fact("entitlement", entitlement.as_str())
        .fact("region", here.as_str())
}

/// Whether as much may be kept as the model asks for.
pub(super) async fn retention(examination: &mut Examination<'_>) -> Finding {
    let refused = examination.refused(Subject::Retention).await;
    let model = match examination.target() {
        Ok((_, target)) => target.model.model,
        Err(finding) => return finding,
    };
    let name = examination.name();
    // A model that is refused for it asks for more than is known here.
    let needed = match (model.map(RetentionMode::needed_by), &refused) {
        (Some(RetentionMode::Nothing), None) => return Finding::pass(format!("{name} asks for none")),
        (None, None) => return Finding::skip("what a model asks for that is not in the catalogue is not known"),
        (Some(RetentionMode::Nothing) | None, Some(_)) => RetentionMode::AwsReview,
        (Some(needed), _) => needed,
    };
    let place = examination.client().ok().and_then(Client::region).unwrap_or("the region").to_owned();
    let kept = match examination.beside(Service::Control) {
        Ok(client) => client.models().access().retention().await.map_err(policy::unknown),
        Err(finding) => Err(finding),
    };
    let mode = kept.as_ref().ok().map(|kept| kept.mode.clone());
    let finding = match (kept, refused) {
        (Err(finding), None) => finding,
        (Err(_), Some(error)) => Finding::error(error).exits(Exit::Denied).only(set(&needed)),
        (Ok(kept), refused) => {
            let said = match (kept.mode.as_str(), kept.mode.effective().as_str()) {
                (mode, effective) if mode != effective => format!("`{mode}`, which is `{effective}`"),
                (mode, _) => format!("`{mode}`"),
            };
            let needs = format!("{name} asks for `{}`", needed.as_str());
            match (kept.mode.satisfies(&needed), refused) {
                (Some(false), _) | (_, Some(_)) => {
                    Finding::fail(Exit::Denied, format!("{needs}, and {place} has {said}")).mend(set(&needed))
                }
                (Some(true), None) => Finding::pass(format!("{needs}, and {place} has {said}")),
                (None, None) => {
                    Finding::warn(format!("{needs}; whether {said} of {place} is as much is not known here"))
                        .mend(set(&needed))
                }
            }
        }
    };
    finding.fact("mode", mode.as_ref().map(RetentionMode::as_str)).fact("needed", needed.as_str())
}

fn set(needed: &RetentionMode) -> String {
    format!("where AWS may keep what is said: `outcrop models access retention {}`", needed.as_str())
}
