//! The inference profiles of a region: AWS's own, from the catalogue as AWS describes them, and those of the account.

use outcrop_wire::account::{
    ControlCall, InferenceProfile, InferenceProfiles, ProfileFilter, ProfileModel, ProfileStatus, ProfileType,
};
use outcrop_wire::catalogue::ProfileRow;
use outcrop_wire::fault::Fault;
use outcrop_wire::model::Model;
use outcrop_wire::scope::Scope;

use super::models::{arn, not_of};
use super::own_profiles::{self, is, missing};
use super::{Place, World, constraint, invalid, written};

/// What an id that goes on a page is made of, before the number of the profile.
const TOKEN: &str = "outcrop-local-";

/// `ListInferenceProfiles`.
pub(super) fn list(world: &World<'_>, place: &Place<'_>, call: &ControlCall) -> Result<Vec<u8>, Fault> {
    let largest = call.operation.row().paging.map_or(1000, |paging| paging.largest);
    let filter = ProfileFilter::of_pairs(&call.query);
    let filter = filter.map_err(|given| invalid(format!("maxResults is no number: {given}")))?;
    if let Some(ProfileType::Other(other)) = &filter.kind {
        return Err(not_of(other, "typeEquals", "[SYSTEM_DEFINED, APPLICATION]"));
    }
    let size = filter.page_size.unwrap_or(largest);
    if size == 0 {
        return Err(constraint("0", "maxResults", "Member must have value greater than or equal to 1"));
    }
    if size > largest {
        let limit = format!("Member must have value less than or equal to {largest}");
        return Err(constraint(&size.to_string(), "maxResults", &limit));
    }
    let begin = match &filter.next_token {
        None => 0,
        Some(token) => token
            .strip_prefix(TOKEN)
            .and_then(|place| place.parse::<usize>().ok())
            .ok_or_else(|| invalid("The provided nextToken is invalid."))?,
    };
    let system = || system(world, place).collect::<Vec<_>>();
    let all = match filter.kind {
        Some(ProfileType::Application) => own_profiles::all(world, place),
        Some(_) => system(),
        None => [system(), own_profiles::all(world, place)].concat(),
    };
    let end = begin.saturating_add(usize::try_from(size).unwrap_or(usize::MAX));
    let more = end < all.len();
    written(&InferenceProfiles {
        inference_profile_summaries: all.into_iter().skip(begin).take(end - begin).collect(),
        next_token: more.then(|| format!("{TOKEN}{end}")),
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
            profile.is_called_from(place.region) != Some(false)
                && !world.account.access.lacks(place.region, *model)
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
