//! Whether the region has what would be called: the model, or the inference profile and where it is processed.

use outcrop::account::{FoundationModel, InferenceProfile};
use outcrop::endpoint::Service;
use outcrop::wire::account::ProfileStatus;
use outcrop::wire::account::foundation::InferenceType;
use outcrop::wire::model::Named;
use outcrop::{Client, Error, Scope};

use super::examination::Examination;
use super::finding::Finding;
use super::knock::Subject;
use super::model::{base, near_model};
use super::policy;
use crate::exit::Exit;

pub(super) async fn look(examination: &mut Examination<'_>) -> Finding {
    // AWS has said so already.
    if let Some(error) = examination.refused(Subject::Model).await {
        return missing(examination, error).await;
    }
    let (client, named) = match (examination.beside(Service::Control), examination.target()) {
        (Ok(client), Ok((_, target))) => (client.clone(), target.model.clone()),
        (Err(finding), _) | (_, Err(finding)) => return finding,
    };
    if !is_profile(&named) {
        let Some(base) = base(&named) else { return Finding::skip("of an ARN it is not known which model it is") };
        return match examination.described(&base).await {
            Ok(described) => on_demand(&described),
            Err(finding) => finding,
        };
    }
    match client.models().profile(named.id.clone()).await {
        Ok(profile) => active(&profile),
        Err(error) if matches!(error.aws_code(), Some("ResourceNotFoundException" | "ValidationException")) => {
            missing(examination, error).await
        }
        Err(error) => policy::unknown(error),
    }
}

fn is_profile(named: &Named) -> bool {
    match named.id.as_str() {
        id if id.starts_with("arn:") => id.contains("inference-profile/"),
        id => Scope::split(id).is_some(),
    }
}

/// What is wrong with an id that is refused, and what there is in its place.
async fn missing(examination: &Examination<'_>, error: Error) -> Finding {
    let (client, named) = match examination.target() {
        Ok((client, target)) => (client.clone(), target.model.clone()),
        Err(_) => return Finding::error(error),
    };
    let id = named.id.as_str();
    let region = client.region().unwrap_or("the region");
    let words = error.service_message().map(str::to_owned);
    let finding = Finding::error(error).fact("said", words);
    let mut parts = id.splitn(6, ':').skip(3);
    if let (true, Some(of_region), Some(of_account), Some(_)) =
        (id.starts_with("arn:"), parts.next(), parts.next(), parts.next())
    {
        if !of_region.is_empty() && of_region != region {
            return finding
                .found(format!("the ARN is of {of_region}, and calls go to {region}"))
                .only(format!("call {of_region}: --region {of_region}"));
        }
        if let Some(own) = examination.account().filter(|own| !of_account.is_empty() && *own != of_account) {
            return finding
                .found(format!("the ARN is of account {of_account}, and the caller is of {own}"))
                .only("make one in this account, `outcrop models profiles create NAME --from us.opus`, or call with keys of that one");
        }
        if id.contains("application-inference-profile/") {
            return finding
                .found(format!("{region} has no such profile"))
                .only("`outcrop models profiles list --type application` lists those of the account");
        }
    }
    if !is_profile(&named) && named.model.is_none() {
        let near = near_model(id).unwrap_or_else(|| "`outcrop models` lists those that it has".to_owned());
        return finding.found(format!("{region} has no model `{id}`")).only(near);
    }
    let model = named.model.map_or(id, |model| model.name());
    match others(&client, &named).await {
        Some(there) => finding
            .found(format!("{region} has no `{id}`"))
            .only(format!("of this model it has {there}: call one of these by -m")),
        None => finding
            .found(format!("{region} does not have {model}"))
            .only("call a region that has it: `outcrop models regions MODEL` lists them"),
    }
}

fn active(profile: &InferenceProfile) -> Finding {
    let regions: Vec<&str> = profile.models.iter().filter_map(|model| region_of(model.model_arn.as_deref()?)).collect();
    let id = &profile.inference_profile_id;
    let finding = match profile.status == ProfileStatus::Active {
        true => Finding::pass(match regions.is_empty() {
            true => format!("{id} is active"),
            false => format!("{id} is active, processed in {}", regions.join(", ")),
        }),
        false => Finding::fail(Exit::Failed, format!("{id} is {}", profile.status.as_str().to_lowercase()))
            .mend("take another scope: --scope"),
    };
    finding.fact("arn", profile.inference_profile_arn.as_str()).fact("regions", regions)
}

/// The region of an ARN; global profiles name a model without one too.
fn region_of(arn: &str) -> Option<&str> {
    arn.split(':').nth(3).filter(|region| !region.is_empty())
}

fn on_demand(described: &FoundationModel) -> Finding {
    let Some(types) = &described.inference_types_supported else {
        return Finding::skip("AWS does not say how the model is called");
    };
    let id = &described.model_id;
    match types.contains(&InferenceType::OnDemand) {
        true => Finding::pass(format!("{id} is called without a profile here")),
        false => Finding::fail(Exit::Failed, format!("{id} is called through inference profiles alone"))
            .mend("put a scope before the id, `global.` or `us.`, or name the model by our name"),
    }
}

/// The profiles of the same model that the region has.
async fn others(client: &Client, named: &Named) -> Option<String> {
    let base = base(named)?;
    let profiles = client.models().profiles().all().await.ok()?;
    let of_model = |id: &str| Scope::split(id).is_some_and(|(_, rest)| rest == base.as_str());
    let ids = profiles.into_iter().map(|profile| profile.inference_profile_id).filter(|id| of_model(id));
    let ids: Vec<String> = ids.collect();
    (!ids.is_empty()).then(|| ids.join(", "))
}
