//! The models of a region, from the catalogue, as AWS describes them.

use outcrop_wire::account::availability::AgreementAvailability;
use outcrop_wire::account::foundation::{
    FoundationModelDetails, FoundationModels, InferenceType, LifecycleStatus, Modality,
};
use outcrop_wire::account::{
    Authorization, Availability, ControlCall, FoundationModel, ModelAvailability, ModelFilter, ModelLifecycle,
};
use outcrop_wire::catalogue::Phase;
use outcrop_wire::fault::Fault;
use outcrop_wire::model::{Model, ModelId};
use outcrop_wire::scope::Scope;
use outcrop_wire::surface::Surface;

use super::{Place, World, constraint, invalid, written};
use crate::region::offers;

/// Quoted from AWS, on the runtime; that the control plane says the same is remembered.
pub(super) const INVALID: &str = "The provided model identifier is invalid.";

/// `ListFoundationModels`.
pub(super) fn list(world: &World<'_>, place: &Place<'_>, call: &ControlCall) -> Result<Vec<u8>, Fault> {
    let filter = ModelFilter::of_pairs(&call.query);
    let kinds = ["FINE_TUNING", "CONTINUED_PRE_TRAINING", "DISTILLATION"];
    if let Some(other) = filter.customization.as_deref().filter(|kind| !kinds.contains(kind)) {
        return Err(not_of(other, "byCustomizationType", &format!("[{}]", kinds.join(", "))));
    }
    if let Some(Modality::Other(other)) = &filter.output {
        return Err(not_of(other, "byOutputModality", "[TEXT, IMAGE, EMBEDDING]"));
    }
    if let Some(InferenceType::Other(other)) = &filter.inference {
        return Err(not_of(other, "byInferenceType", "[ON_DEMAND, PROVISIONED]"));
    }
    let described = world.catalogue.models().filter_map(|model| described(world, place, model));
    let model_summaries = described.filter(|model| filter.lets_through(model)).collect();
    written(&FoundationModels { model_summaries, ..FoundationModels::default() })
}

/// `GetFoundationModel`.
pub(super) fn get(world: &World<'_>, place: &Place<'_>, call: &ControlCall) -> Result<Vec<u8>, Fault> {
    let model_details = called(world, call).and_then(|model| described(world, place, model));
    let model_details = model_details.ok_or_else(|| invalid(INVALID))?;
    written(&FoundationModelDetails { model_details, extra: Default::default() })
}

/// `GetFoundationModelAvailability`. Whoever is told is allowed: nobody's permissions are played.
pub(super) fn availability(world: &World<'_>, place: &Place<'_>, call: &ControlCall) -> Result<Vec<u8>, Fault> {
    let model = called(world, call).ok_or_else(|| invalid(INVALID))?;
    let here = described(world, place, model).is_some();
    let (status, error_message) = world.local.standing().agreement(model);
    written(&ModelAvailability {
        model_id: model.row().base.to_owned(),
        agreement_availability: AgreementAvailability {
            status,
            error_message: error_message.map(str::to_owned),
            extra: Default::default(),
        },
        authorization_status: Authorization::Authorized,
        entitlement_availability: Availability::Available,
        region_availability: if here { Availability::Available } else { Availability::NotAvailable },
        extra: Default::default(),
    })
}

pub(super) fn not_of(value: &str, member: &str, values: &str) -> Fault {
    constraint(value, member, &format!("Member must satisfy enum value set: {values}"))
}

/// `arn:aws:bedrock:us-east-1::foundation-model/...`
pub(super) fn arn(place: &Place<'_>, region: &str, base: &str) -> String {
    format!("arn:{}:bedrock:{region}::foundation-model/{base}", place.partition())
}

/// The model that a call is about.
pub(super) fn called(world: &World<'_>, call: &ControlCall) -> Option<Model> {
    named(world, call.id.as_ref()?)
}

/// The model of a base id or of the ARN of one. Profiles are no models, and names of ours are not AWS's.
pub(super) fn named(world: &World<'_>, id: &ModelId) -> Option<Model> {
    if id.as_str().starts_with("arn:") && !id.as_str().contains("::foundation-model/") {
        return None;
    }
    let named = world.catalogue.resolve(id);
    named.model.filter(|_| named.scope == Some(Scope::Regional) && !named.renamed)
}

/// A model as AWS describes it, where the region has it today. Members as recorded (December 2025), of those that the
/// service model has.
pub(super) fn described(world: &World<'_>, place: &Place<'_>, model: Model) -> Option<FoundationModel> {
    if world.account.access.lacks(place.region, model) {
        return None;
    }
    let row = model.row();
    let today = world.now.iso_day();
    if row.since.is_some_and(|since| since > today.as_str()) || row.until.is_some_and(|until| until < today.as_str()) {
        return None;
    }
    let phase = model.phase(Some(place.region), &today);
    if phase == Phase::Ended {
        return None;
    }
    let accepts = world.catalogue.accepts(Some(model), Surface::InvokeModel, &today);
    let on_demand = accepts.lists("on_demand.regions", place.region) == Some(true);
    let profiled = row.profiles.iter().any(|profile| offers(place.region, profile));
    let types = [(on_demand, InferenceType::OnDemand), (profiled, InferenceType::InferenceProfile)];
    let types: Vec<_> = types.into_iter().filter_map(|(has, inference)| has.then_some(inference)).collect();
    (!types.is_empty()).then(|| FoundationModel {
        model_arn: arn(place, place.region, row.base),
        model_id: row.base.to_owned(),
        model_name: Some(row.title.to_owned()),
        provider_name: Some("Anthropic".to_owned()),
        input_modalities: Some(vec![Modality::Text, Modality::Image]),
        output_modalities: Some(vec![Modality::Text]),
        response_streaming_supported: Some(true),
        customizations_supported: Some(Vec::new()),
        inference_types_supported: Some(types),
        model_lifecycle: Some(lifecycle(model, phase, place.region)),
        extra: Default::default(),
    })
}

/// As AWS answers it (seen in September 2026): what was announced of the end is said once the model is Legacy.
fn lifecycle(model: Model, phase: Phase, region: &str) -> ModelLifecycle {
    let announced = model.announced(Some(region)).filter(|_| phase != Phase::Active);
    let time = |day: Option<&str>| day.map(|day| format!("{day}T00:00:00Z"));
    ModelLifecycle {
        status: if phase == Phase::Active { LifecycleStatus::Active } else { LifecycleStatus::Legacy },
        start_of_life_time: time(model.row().since),
        end_of_life_time: announced.and_then(|announced| time(announced.ends)),
        legacy_time: announced.and_then(|announced| time(announced.legacy)),
        public_extended_access_time: announced.and_then(|announced| time(announced.extended)),
        extra: Default::default(),
    }
}
