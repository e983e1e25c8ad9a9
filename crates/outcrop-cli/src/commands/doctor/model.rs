//! The model: what would be called and by which way, and how long there will be such a model.

use outcrop::account::FoundationModel;
use outcrop::wire::account::foundation::LifecycleStatus;
use outcrop::wire::catalogue::Catalogue;
use outcrop::wire::model::Named;
use outcrop::{Delivery, MessageRequest, ModelId, Scope};

use super::examination::Examination;
use super::finding::Finding;
use super::knock::Subject;
use crate::commands::models::meant::nearest;
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
    if let Some(retired) = client.catalogue().ended(&asked.model, client.region(), &today) {
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
        _ => Finding::warn(format!("`{id}` is not in the catalogue and goes as it is, by {surface}")).mend(
            near_model(id.as_str()).unwrap_or_else(|| "`outcrop models --offline` lists what is known".to_owned()),
        ),
    };
    examination.target = Some(target);
    finding.fact("id", id.as_str()).fact("surface", surface.to_string())
}

/// Which model is meant by a name that is none.
pub(super) fn near_model(name: &str) -> Option<String> {
    nearest(&Catalogue::built_in(), name).map(|names| format!("is it {names}?"))
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

pub(super) async fn lifecycle(examination: &mut Examination<'_>) -> Finding {
    // AWS has said so already.
    if let Some(error) = examination.refused(Subject::End).await {
        return Finding::error(error).only("choose a newer one: `outcrop models`");
    }
    let named = match examination.target() {
        Ok((_, target)) => target.model.clone(),
        Err(finding) => return finding,
    };
    let Some(base) = base(&named) else { return Finding::skip("of an ARN it is not known which model it is") };
    let today = examination.today();
    let region = examination.client().ok().and_then(|client| client.region()).map(str::to_owned);
    // What AWS announced is known without asking.
    let announced = named.model.and_then(|model| model.announced(region.as_deref()));
    let legacy = announced.filter(|announced| announced.legacy.is_some_and(|day| day <= today.as_str()));
    let lifecycle = match (examination.described(&base).await, legacy) {
        (Ok(FoundationModel { model_lifecycle: Some(lifecycle), .. }), _) => lifecycle,
        (_, Some(legacy)) => {
            let until = legacy.ends.map(|end| format!(", until {end}")).unwrap_or_default();
            return Finding::warn(format!("legacy{until}, as far as is known: AWS will end it"))
                .mend("move to a newer model: `outcrop models`")
                .fact("end_of_life", legacy.ends);
        }
        (Ok(_), None) => return Finding::skip("AWS does not say"),
        (Err(finding), None) => return finding,
    };
    let end = lifecycle.end_of_life_time.as_deref().map(|time| time.get(..10).unwrap_or(time).to_owned());
    let until = end.as_deref().map(|end| format!(", until {end}")).unwrap_or_default();
    let over = end.as_deref().is_some_and(|end| end <= today.as_str());
    let status = lifecycle.status.as_str().to_lowercase();
    let finding = match lifecycle.status {
        _ if over => {
            Finding::fail(Exit::Failed, format!("{base} has ended{until}")).mend("choose a newer one: `outcrop models`")
        }
        LifecycleStatus::Active => Finding::pass(format!("{status}{until}")),
        _ => Finding::warn(format!("{status}{until}: AWS will end it")).mend("move to a newer model: `outcrop models`"),
    };
    finding.fact("status", status).fact("end_of_life", end)
}
