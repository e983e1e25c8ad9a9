//! The model: what would be called and by which way, its inference profile, and how long there will be such a model.

use outcrop::account::{FoundationModel, InferenceProfile};
use outcrop::endpoint::Service;
use outcrop::wire::account::ProfileStatus;
use outcrop::wire::account::foundation::{InferenceType, LifecycleStatus};
use outcrop::wire::model::Named;
use outcrop::{Client, Delivery, MessageRequest, ModelId, Scope};

use super::examination::Examination;
use super::finding::Finding;
use super::policy;
use crate::exit::Exit;
use crate::request;

pub(super) async fn model(examination: &mut Examination<'_>) -> Finding {
    let client = match examination.client() {
        Ok(client) => client.clone(),
        Err(finding) => return finding,
    };
    let mut asked = MessageRequest::new(examination.asked(), 1).user("Hi");
    let scope = examination.connection().scope.as_ref();
    if let Err(failure) = request::scoped(&mut asked, examination.names_model(), scope, &client) {
        return Finding::fail(failure.exit, failure.text).mends(failure.hint);
    }
    let today = examination.today();
    if let Some(retired) = client.catalogue().retired(&asked.model, &today) {
        return Finding::fail(
            Exit::Failed,
            format!("{} is at the end of its life: AWS serves it no more", retired.title),
        )
        .mend("choose a newer one: `outcrop models --offline`")
        .fact("since", retired.since);
    }
    let plan = match client.messages().dry_run(&asked, Delivery::Stream).await {
        Ok(shown) => shown.plan,
        Err(error) => return Finding::error(error),
    };
    let target = (*plan.target).clone();
    let (id, surface) = (target.model.id.clone(), target.surface);
    let finding = match (&target.model.model, &target.model.scope) {
        (Some(model), Some(scope)) => {
            Finding::pass(format!("{} in scope {scope}: {id} by {surface}", model.name())).fact("name", model.name())
        }
        _ if id.as_str().starts_with("arn:") => Finding::pass(format!("{id} by {surface}")),
        _ => Finding::warn(format!("`{id}` is not in the catalogue and goes as it is, by {surface}"))
            .mend("is it spelt right? `outcrop models --offline` lists what is known"),
    };
    examination.target = Some(target);
    finding.fact("id", id.as_str()).fact("surface", surface.to_string())
}

/// The base id of what is called; none of an ARN of a profile, which does not say its model.
pub(super) fn base(named: &Named) -> Option<ModelId> {
    if let Some(model) = named.model {
        return Some(model.regional());
    }
    let id = named.id.as_str();
    match id.starts_with("arn:") {
        true => None,
        false => Some(Scope::split(id).map_or(id, |(_, base)| base).into()),
    }
}

pub(super) async fn inference_profile(examination: &mut Examination<'_>) -> Finding {
    // AWS has said so already.
    if let Some(error) = examination.refused.take_if(|error| error.status() == Some(400)) {
        return Finding::error(error);
    }
    let (client, named) = match (examination.beside(Service::Control), examination.target()) {
        (Ok(client), Ok((_, target))) => (client.clone(), target.model.clone()),
        (Err(finding), _) | (_, Err(finding)) => return finding,
    };
    let is_profile = match named.id.as_str() {
        id if id.starts_with("arn:") => id.contains("inference-profile/"),
        id => Scope::split(id).is_some(),
    };
    if !is_profile {
        let Some(base) = base(&named) else { return Finding::skip("the id is not that of a profile") };
        return match examination.described(&base).await {
            Ok(described) => on_demand(&described),
            Err(finding) => finding,
        };
    }
    match client.models().profile(named.id.clone()).await {
        Ok(profile) => active(&profile),
        Err(error) if matches!(error.aws_code(), Some("ResourceNotFoundException" | "ValidationException")) => {
            let finding = Finding::error(error);
            match others(&client, &named).await {
                Some(there) => finding.mend(format!("of this model the region has {there}")),
                None => finding.mend("the region has no profile of this model: choose another region or model"),
            }
        }
        Err(error) => policy::unknown(error),
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

pub(super) async fn lifecycle(examination: &mut Examination<'_>) -> Finding {
    // AWS has said so already.
    if let Some(error) = examination.refused.take_if(|error| is_retired(error.service_message())) {
        return Finding::error(error);
    }
    let named = match examination.target() {
        Ok((_, target)) => target.model.clone(),
        Err(finding) => return finding,
    };
    let Some(base) = base(&named) else { return Finding::skip("of an ARN it is not known which model it is") };
    let today = examination.today();
    let described = match examination.described(&base).await {
        Ok(described) => described,
        Err(finding) => return finding,
    };
    let Some(lifecycle) = described.model_lifecycle else { return Finding::skip("AWS does not say") };
    let end = lifecycle.end_of_life_time.as_deref().map(|time| time.get(..10).unwrap_or(time).to_owned());
    let until = end.as_deref().map(|end| format!(", until {end}")).unwrap_or_default();
    let over = end.as_deref().is_some_and(|end| end <= today.as_str());
    let status = lifecycle.status.as_str().to_lowercase();
    let finding = match lifecycle.status {
        _ if over => Finding::fail(Exit::Failed, format!("{} has ended{until}", described.model_id))
            .mend("choose a newer one: `outcrop models`"),
        LifecycleStatus::Active => Finding::pass(format!("{status}{until}")),
        _ => Finding::warn(format!("{status}{until}: AWS will end it")).mend("move to a newer model: `outcrop models`"),
    };
    finding.fact("status", status).fact("end_of_life", end)
}

fn is_retired(message: Option<&str>) -> bool {
    message.is_some_and(|message| message.contains("reached the end of its life"))
}
