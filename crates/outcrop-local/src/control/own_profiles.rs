//! The inference profiles of the account's own: made, described and ended, and what a call by their ARN means.

use std::sync::LazyLock;

use outcrop_wire::account::{
    ApplicationProfileArn, ControlCall, CreatedProfile, InferenceProfile, ModelSource, ProfileRequest, ProfileStatus,
    ProfileType,
};
use outcrop_wire::fault::{Fault, Origin};
use outcrop_wire::model::{ModelId, Named};
use regex_lite::Regex;

use super::models::{self, INVALID};
use super::profiles::{models_of, profile_model, system};
use super::{Place, World, invalid, partition, tags, taken, written};
use crate::check::constraints::{Constraints, Told};
use crate::check::place;
use crate::data::{OwnProfile, Regional};
use crate::server::Inner;

/// The most of an account in a region (the default of AWS's quota, ekristen/aws-nuke pull request 903).
const MOST: usize = 1000;

/// What the service model says of names, descriptions, tokens and sources (botocore 1.44).
const NAME: &str = "([0-9a-zA-Z][ _-]?)+";
const DESCRIPTION: &str = "([0-9a-zA-Z:.][ _-]?)+";
const TOKEN: &str = "[a-zA-Z0-9]([-a-zA-Z0-9]{0,254}[a-zA-Z0-9])?";
const SOURCE: &str = "arn:aws(|-us-gov|-cn|-iso|-iso-b):bedrock:(|[0-9a-z-]{0,20}):(|[0-9]{12}):\
                      (inference-profile|foundation-model)/[a-zA-Z0-9-:.]+";

/// `CreateInferenceProfile`. A token that came before makes nothing, and is answered as then (API reference).
pub(super) fn create(world: &World<'_>, place: &Place<'_>, body: &[u8]) -> Result<Vec<u8>, Fault> {
    let request: ProfileRequest = taken(body)?;
    check(&request)?;
    let made_before = |regional: &Regional| {
        let token = request.client_request_token.as_ref()?;
        let same = regional.profiles.iter().find(|known| known.token.as_ref() == Some(token))?;
        Some(same.id.clone())
    };
    if let Some(id) = world.local.data.read(|kept| made_before(kept.region(place.region)?)) {
        return created(place, &id);
    }
    let source = source(world, place, &request.model_source).ok_or_else(|| invalid(INVALID))?;
    let mut random = world.local.random();
    let id: String = (0..12).map(|_| random.alphanumeric().to_ascii_lowercase()).collect();
    let (made, tags) = (world.now.iso(), request.tags.clone().unwrap_or_default());
    let id = world.local.data.change(|kept| {
        let regional = kept.region_mut(place.region);
        // Somebody may have been faster.
        if let Some(id) = made_before(regional) {
            return Ok(id);
        }
        let own = &mut regional.profiles;
        if own.len() >= MOST {
            // In words of ours: AWS's are not known.
            let why = format!(
                "The account has {MOST} application inference profiles in {}, the most there may be",
                place.region
            );
            return Err(Fault::new("ServiceQuotaExceededException", why, Origin::Http));
        }
        let (name, description) = (request.inference_profile_name.clone(), request.description.clone());
        let token = request.client_request_token.clone();
        own.push(OwnProfile { id: id.clone(), name, description, made, source, token });
        tags::put(regional, &arn(place.account, place.region, &id), tags)?;
        Ok(id)
    })?;
    created(place, &id)
}

fn created(place: &Place<'_>, id: &str) -> Result<Vec<u8>, Fault> {
    written(&CreatedProfile {
        inference_profile_arn: arn(place.account, place.region, id),
        status: Some(ProfileStatus::Active),
        extra: Default::default(),
    })
}

/// `DeleteInferenceProfile`. That those of AWS's own cannot be ended is said in words of ours: AWS's are not known.
pub(super) fn delete(world: &World<'_>, place: &Place<'_>, call: &ControlCall) -> Result<Vec<u8>, Fault> {
    let asked = call.id.as_ref().map(ModelId::as_str).unwrap_or_default();
    if system(world, place).any(|profile| is(&profile, asked)) {
        return Err(invalid(format!("{asked} is a system-defined inference profile and cannot be deleted")));
    }
    world.local.data.change(|kept| {
        let regional = kept.region_mut(place.region);
        let arn = |own: &OwnProfile| arn(place.account, place.region, &own.id);
        let at = regional.profiles.iter().position(|own| own.id == asked || arn(own) == asked);
        let own = regional.profiles.remove(at.ok_or_else(|| missing(place, asked))?);
        regional.tags.remove(&arn(&own));
        Ok(())
    })?;
    Ok(b"{}".to_vec())
}

/// Every one of a region, oldest first, as AWS describes them.
pub(super) fn all(world: &World<'_>, place: &Place<'_>) -> Vec<InferenceProfile> {
    world.local.data.read(|kept| {
        let own = kept.region(place.region).map(|regional| regional.profiles.as_slice());
        own.unwrap_or_default().iter().filter_map(|own| described(world, place, own)).collect()
    })
}

/// Whether an id or an ARN is that of a profile.
pub(super) fn is(profile: &InferenceProfile, asked: &str) -> bool {
    profile.inference_profile_id == asked || profile.inference_profile_arn == asked
}

/// That there is no such profile, in words of ours: AWS's are not known.
pub(super) fn missing(place: &Place<'_>, asked: &str) -> Fault {
    let why = format!("Inference profile {asked} not found in {}", place.region);
    Fault::new("ResourceNotFoundException", why, Origin::Http)
}

/// What a call by the ARN of one means: the id of what it was copied from. By their short ids they cannot be called
/// (tinovyatkin/amazon-bedrock-copilot-chat pull request 28).
pub(crate) fn behind(local: &Inner, region: &str, id: &ModelId) -> Option<ModelId> {
    let asked = ApplicationProfileArn::parse(id.as_str())?;
    local.data.read(|kept| {
        let own = kept.region(region)?.profiles.iter().find(|own| own.id == asked.id)?;
        (arn(&local.account.id, region, &own.id) == id.as_str()).then(|| ModelId::from(own.source.as_str()))
    })
}

/// Whether an ARN is that of one.
pub(super) fn has(regional: &Regional, place: &Place<'_>, asked: &str) -> bool {
    regional.profiles.iter().any(|own| arn(place.account, place.region, &own.id) == asked)
}

fn arn(account: &str, region: &str, id: &str) -> String {
    format!("arn:{}:bedrock:{region}:{account}:application-inference-profile/{id}", partition(region))
}

fn described(world: &World<'_>, place: &Place<'_>, own: &OwnProfile) -> Option<InferenceProfile> {
    let Named { model: Some(model), scope: Some(scope), .. } = world.catalogue.resolve(&ModelId::from(&*own.source))
    else {
        return None;
    };
    let models = match model.profile(&scope) {
        Some(profile) => models_of(place, model, profile),
        None => vec![profile_model(models::arn(place, place.region, model.row().base))],
    };
    Some(InferenceProfile {
        inference_profile_name: own.name.clone(),
        description: own.description.clone(),
        created_at: Some(own.made.clone()),
        updated_at: Some(own.made.clone()),
        inference_profile_arn: arn(place.account, place.region, &own.id),
        models,
        inference_profile_id: own.id.clone(),
        status: ProfileStatus::Active,
        kind: ProfileType::Application,
        extra: Default::default(),
    })
}

/// The id of what is to be copied: a model or a profile of AWS's own that the region has.
fn source(world: &World<'_>, place: &Place<'_>, source: &ModelSource) -> Option<String> {
    let asked = source.copy_from.as_deref()?;
    if let Some(profile) = system(world, place).find(|profile| profile.inference_profile_arn == asked) {
        return Some(profile.inference_profile_id);
    }
    let model = world.catalogue.models().find(|model| models::arn(place, place.region, model.row().base) == asked)?;
    models::described(world, place, model).map(|model| model.model_id)
}

/// What the service model says, told of all that is broken at once.
fn check(request: &ProfileRequest) -> Result<(), Fault> {
    static FORMS: LazyLock<Option<[Regex; 4]>> = LazyLock::new(|| {
        let form = |pattern: &str| Regex::new(&format!("^(?:{pattern})$")).ok();
        Some([form(NAME)?, form(DESCRIPTION)?, form(TOKEN)?, form(SOURCE)?])
    });
    let mut broken = Constraints::default();
    let source = request.model_source.copy_from.as_deref();
    let root = place::Place::ROOT;
    let model_source = root.member("modelSource");
    let texts = [
        (Some(request.inference_profile_name.as_str()), root.member("inferenceProfileName"), NAME, 64),
        (request.description.as_deref(), root.member("description"), DESCRIPTION, 200),
        (request.client_request_token.as_deref(), root.member("clientRequestToken"), TOKEN, 256),
        (source, model_source.member("copyFrom"), SOURCE, 2048),
    ];
    for (at, (text, place, pattern, most)) in texts.iter().enumerate() {
        let Some(text) = text else { continue };
        // A description is private (service model: sensitive), and not repeated.
        let told = if *pattern == DESCRIPTION { Told::Concealed } else { Told::As(text) };
        let fits = FORMS.as_ref().is_none_or(|forms| forms[at].is_match(text));
        broken.pattern(fits, told, pattern, place);
        broken.length(text, told, 1, *most, place);
    }
    if source.is_none() {
        // In words of ours: clients do not send a union without a member.
        return Err(invalid("modelSource must have exactly one member: copyFrom"));
    }
    if let Some(tags) = &request.tags {
        tags::check(tags, &root.member("tags"), &mut broken);
    }
    broken.verdict()
}
