//! What the account was given: Anthropic's form, and access to the model.

use outcrop::account::ModelAvailability;
use outcrop::endpoint::Service;
use outcrop::wire::account::{AgreementStatus, Authorization, Availability};

use super::examination::Examination;
use super::finding::{Finding, is_absent};
use super::model::base;
use super::policy;
use crate::exit::Exit;

/// What AWS says to a call of an account that has not filled in the form (AWS's guide to API errors).
const NO_FORM: &str = "use case details have not been submitted";

pub(super) async fn form(examination: &mut Examination<'_>) -> Finding {
    let model = examination.name();
    let mend = format!("`outcrop models access request {model}` fills it in; AWS takes up to 15 minutes to notice");
    let complaint = examination.refused.as_ref().and_then(|error| error.service_message());
    if complaint.is_some_and(|message| message.contains(NO_FORM)) {
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
    let (client, model) = match (examination.beside(Service::Control), examination.target()) {
        (Ok(client), Ok((_, target))) => (client.clone(), target.model.clone()),
        (Err(finding), _) | (_, Err(finding)) => return finding,
    };
    let Some(base) = base(&model) else {
        return Finding::skip("of an ARN it is not known which model's access counts");
    };
    match client.models().availability(base).await {
        Ok(availability) => told(&availability, &examination.name(), client.region()),
        Err(error) => policy::unknown(error),
    }
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
    let request = format!("`outcrop models access request {model}` asks for it");
    let failed = |text: String| Finding::fail(Exit::Denied, text);
    let finding = match &agreement.status {
        _ if availability.is_available() => Finding::pass(format!("the account has {model} in {region}")),
        _ if *here != Availability::Available => failed(format!("{region} does not have {model}"))
            .mend(format!("call it from another region: `outcrop models regions {model}`")),
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
