//! The inference profiles of a region: AWS's own, from the catalogue as AWS describes them, and those of the account.

use outcrop_wire::account::{
    ControlCall, InferenceProfile, InferenceProfiles, ProfileFilter, ProfileModel, ProfileStatus, ProfileType,
};
use outcrop_wire::catalogue::{Phase, ProfileRow};
use outcrop_wire::fault::Fault;
use outcrop_wire::model::Model;
use outcrop_wire::scope::Scope;

use super::models::{arn, not_of};
use super::own_profiles::{self, is, missing};
use super::page::{Page, no_number};
use super::{Place, World, written};
use crate::region::offers;

/// `ListInferenceProfiles`.
pub(super) fn list(world: &World<'_>, place: &Place<'_>, call: &ControlCall) -> Result<Vec<u8>, Fault> {
    let filter = ProfileFilter::of_pairs(&call.query);
    let filter = filter.map_err(|given| no_number(&given))?;
    if let Some(ProfileType::Other(other)) = &filter.kind {
        return Err(not_of(other, "typeEquals", "[SYSTEM_DEFINED, APPLICATION]"));
    }
    let page = Page::of(call, filter.page_size, filter.next_token.as_deref())?;
    let system = || system(world, place).collect::<Vec<_>>();
    let all = match filter.kind {
        Some(ProfileType::Application) => own_profiles::all(world, place),
        Some(_) => system(),
        None => [system(), own_profiles::all(world, place)].concat(),
    };
    let begin = page.after.map_or(0, |after| usize::try_from(after).unwrap_or(usize::MAX));
    let end = begin.saturating_add(page.size);
    let more = end < all.len();
    written(&InferenceProfiles {
        inference_profile_summaries: all.into_iter().skip(begin).take(end - begin).collect(),
        next_token: more.then(|| Page::token(end as u64)),
        ..InferenceProfiles::default()
    })
}

/// `GetInferenceProfile`.
pub(super) fn get(world: &World<'_>, place: &Place<'_>, call: &ControlCall) -> Result<Vec<u8>, Fault> {
    let asked = call.id.as_ref().map(|id| id.as_str()).unwrap_or_default();
    let mut all = system(world, place).chain(own_profiles::all(world, place));
    written(&all.find(|profile| is(profile, asked)).ok_or_else(|| missing(place, asked))?)
}

/// Those of AWS's own that can be called from here, as AWS describes them.
pub(super) fn system<'a>(world: &'a World<'_>, place: &'a Place<'_>) -> impl Iterator<Item = InferenceProfile> + 'a {
    here(world, place).map(|(model, profile)| described(place, model, profile))
}

/// The profiles that can be called from here.
fn here<'a>(world: &'a World<'_>, place: &'a Place<'_>) -> impl Iterator<Item = (Model, &'static ProfileRow)> + 'a {
    let today = world.now.iso_day();
    world.catalogue.models().flat_map(|model| model.row().profiles.iter().map(move |profile| (model, profile))).filter(
        move |(model, profile)| {
            let holds = |since: Option<&str>, until: Option<&str>| {
                since.is_none_or(|since| since <= today.as_str()) && until.is_none_or(|until| today.as_str() <= until)
            };
            offers(place.region, profile)
                && !world.account.access.lacks(place.region, *model)
                && model.phase(Some(place.region), &today) != Phase::Ended
                && holds(profile.since, profile.until)
                && holds(model.row().since, model.row().until)
        },
    )
}

fn described(place: &Place<'_>, model: Model, profile: &ProfileRow) -> InferenceProfile {
    let base = model.row().base;
    let id = format!("{}.{base}", profile.scope);
    let title = model.row().title;
    let (name, description) = match is_global(profile) {
        true => ("Global".to_owned(), "globally across all supported AWS Regions".to_owned()),
        false => (profile.scope.to_uppercase(), format!("in {}", listed(profile.destinations()))),
    };
    let made = profile.since.or(model.row().since).map(|day| format!("{day}T00:00:00Z"));
    InferenceProfile {
        inference_profile_name: format!("{name} Anthropic {title}"),
        description: Some(format!("Routes requests to Anthropic {title} {description}.")),
        created_at: made.clone(),
        updated_at: made,
        inference_profile_arn: format!(
            "arn:{}:bedrock:{}:{}:inference-profile/{id}",
            place.partition(),
            place.region,
            place.account
        ),
        models: models_of(place, model, profile),
        inference_profile_id: id,
        status: ProfileStatus::Active,
        kind: ProfileType::SystemDefined,
        extra: Default::default(),
    }
}

/// The model in each region that may process a call. Remembered: of a global profile an entry without a region, and that
/// of the caller's own.
pub(super) fn models_of(place: &Place<'_>, model: Model, profile: &ProfileRow) -> Vec<ProfileModel> {
    let regions = match is_global(profile) {
        true => vec!["", place.region],
        false => profile.destinations().to_vec(),
    };
    regions.into_iter().map(|region| profile_model(arn(place, region, model.row().base))).collect()
}

pub(super) fn profile_model(arn: String) -> ProfileModel {
    ProfileModel { model_arn: Some(arn), extra: Default::default() }
}

fn is_global(profile: &ProfileRow) -> bool {
    profile.scope == Scope::Global.as_str()
}

/// `a, b and c`
fn listed(regions: &[&str]) -> String {
    match regions {
        [before @ .., last] if !before.is_empty() => format!("{} and {last}", before.join(", ")),
        other => other.join(""),
    }
}
