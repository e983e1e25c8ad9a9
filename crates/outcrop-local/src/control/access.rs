//! Access to models: offers, agreements, Anthropic's form, and who may keep data.
//!
//! Agreements and the form are of the whole account, data retention is of a region. What is refused here is said in words
//! of ours where none of AWS's are known.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use outcrop_wire::account::agreement::{LegalTerm, PricingTerm, Rate, SupportTerm, TermDetails};
use outcrop_wire::account::{
    AccountRetention, AgreementOffers, AgreementRequest, AgreementStatus, ControlCall, ModelAgreement, Offer,
    OfferType, RetentionMode, RetentionRequest, UseCaseForm,
};
use outcrop_wire::fault::{Fault, Origin};
use outcrop_wire::model::{Model, ModelId};
use outcrop_wire::scope::{Geo, Scope};
use sha2::{Digest as _, Sha256};

use super::models::{INVALID, called, described, named, not_of};
use super::{Place, World, invalid, taken, written};
use crate::check;
use crate::check::constraints::{Constraints, Told};
use crate::data::access::NO_FORM;

/// The text that is agreed to: AWS's page of the terms of other makers' models.
const TERMS: &str = "https://aws.amazon.com/legal/bedrock/third-party-models/";

/// `ListFoundationModelAgreementOffers`: one offer, of what the catalogue says that the model costs.
pub(super) fn offers(world: &World<'_>, place: &Place<'_>, call: &ControlCall) -> Result<Vec<u8>, Fault> {
    if let Some(OfferType::Other(other)) = call.query("offerType").map(OfferType::from) {
        return Err(not_of(&other, "offerType", "[ALL, PUBLIC]"));
    }
    let model = called(world, call).filter(|model| described(world, place, *model).is_some());
    let model = model.ok_or_else(|| invalid(INVALID))?;
    let term_details = TermDetails {
        usage_based_pricing_term: Some(PricingTerm { rate_card: rates(world, model), ..PricingTerm::default() }),
        legal_term: Some(LegalTerm { url: Some(TERMS.to_owned()), ..LegalTerm::default() }),
        support_term: Some(SupportTerm {
            refund_policy_description: Some("Nothing is paid for here, and nothing given back.".to_owned()),
            ..SupportTerm::default()
        }),
        ..TermDetails::default()
    };
    let offer = Offer {
        offer_id: Some(offer_id(model)),
        offer_token: token(place, model),
        term_details,
        extra: Default::default(),
    };
    written(&AgreementOffers { model_id: model.row().base.to_owned(), offers: vec![offer], extra: Default::default() })
}

/// `CreateFoundationModelAgreement`. Without the form it is made and fails, as availability tells.
pub(super) fn agree(world: &World<'_>, place: &Place<'_>, body: &[u8]) -> Result<Vec<u8>, Fault> {
    let request: AgreementRequest = taken(body)?;
    let model = named(world, &ModelId::from(&*request.model_id));
    let model = model.filter(|model| described(world, place, *model).is_some()).ok_or_else(|| invalid(INVALID))?;
    if request.offer_token != token(place, model) {
        return Err(invalid("The provided offer token is invalid."));
    }
    let standing = world.local.standing();
    if let (AgreementStatus::Available | AgreementStatus::Pending, _) = standing.agreement(model) {
        let why = format!("An agreement for {} exists already.", request.model_id);
        return Err(Fault::new("ConflictException", why, Origin::Http));
    }
    agreed(world, model, Some(standing.now()))?;
    written(&ModelAgreement { model_id: request.model_id, extra: Default::default() })
}

/// `DeleteFoundationModelAgreement`.
pub(super) fn end(world: &World<'_>, place: &Place<'_>, body: &[u8]) -> Result<Vec<u8>, Fault> {
    let request: ModelAgreement = taken(body)?;
    let model = named(world, &ModelId::from(&*request.model_id)).ok_or_else(|| invalid(INVALID))?;
    if let (AgreementStatus::NotAvailable, _) = world.local.standing().agreement(model) {
        let why = format!("No agreement for {} found in account {}.", request.model_id, place.account);
        return Err(Fault::new("ResourceNotFoundException", why, Origin::Http));
    }
    agreed(world, model, None)?;
    Ok(b"{}".to_vec())
}

fn agreed(world: &World<'_>, model: Model, when: Option<u64>) -> Result<(), Fault> {
    world.local.data.change(|kept| {
        kept.access.agreements.insert(model.row().base.to_owned(), when);
        Ok(())
    })
}

/// `PutUseCaseForModelAccess`: JSON of any members, which AWS does not document.
pub(super) fn put_form(world: &World<'_>, body: &[u8]) -> Result<Vec<u8>, Fault> {
    let form: UseCaseForm = taken(body)?;
    let json = form.json().ok_or_else(|| invalid("The provided form data is invalid: it is no base64."))?;
    let bounds = UseCaseForm::BYTES;
    let limit = match json.len() {
        few if few < *bounds.start() => Some(format!("greater than or equal to {}", bounds.start())),
        many if many > *bounds.end() => Some(format!("less than or equal to {}", bounds.end())),
        _ => None,
    };
    if let Some(limit) = limit {
        // What a company says of itself is not repeated.
        let mut broken = Constraints::default();
        let place = check::place::Place::ROOT.member("formData");
        broken.add(Told::Concealed, &place, format_args!("Member must have length {limit}"));
        broken.verdict()?;
    }
    if serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(&json).is_err() {
        return Err(invalid("The provided form data is invalid: it is no JSON object."));
    }
    world.local.data.change(|kept| {
        kept.access.form = Some(form);
        Ok(())
    })?;
    Ok(Vec::new())
}

/// `GetUseCaseForModelAccess`.
pub(super) fn form(world: &World<'_>) -> Result<Vec<u8>, Fault> {
    let form = world.local.standing().form();
    written(&form.ok_or_else(|| Fault::new("ResourceNotFoundException", NO_FORM, Origin::Http))?)
}

/// `PutAccountDataRetention`.
pub(super) fn put_retention(world: &World<'_>, place: &Place<'_>, body: &[u8]) -> Result<Vec<u8>, Fault> {
    let RetentionRequest { mode, .. } = taken(body)?;
    if let RetentionMode::Other(other) = &mode {
        return Err(not_of(other, "mode", "[default, none, aws_review, provider_data_share, inherit]"));
    }
    let set = AccountRetention { mode, updated_at: Some(world.now.iso()), extra: Default::default() };
    world.local.data.change(|kept| {
        kept.region_mut(place.region).retention = Some(set.clone());
        Ok(())
    })?;
    written(&set)
}

/// `GetAccountDataRetention`.
pub(super) fn retention(world: &World<'_>, place: &Place<'_>) -> Result<Vec<u8>, Fault> {
    written(&world.local.standing().retention(place.region))
}

/// `offer-` and thirteen letters and digits, as AWS's are; the same for a model every time.
fn offer_id(model: Model) -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let digest = Sha256::digest(model.row().base);
    let letters = digest.iter().take(13).map(|byte| char::from(LETTERS[usize::from(byte % 32)]));
    format!("offer-{}", letters.collect::<String>())
}

/// Good for one model and one account.
fn token(place: &Place<'_>, model: Model) -> String {
    STANDARD.encode(format!("outcrop local/{}/{}", place.account, offer_id(model)))
}

/// A row for each thing that is paid for. The names of dimensions are ours: AWS's are not recorded.
fn rates(world: &World<'_>, model: Model) -> Vec<Rate> {
    let today = world.now.iso_day();
    let scopes = [("global", "in the global scope", Scope::Global), ("geo", "in other scopes", Scope::Geo(Geo::Us))];
    let priced = scopes.into_iter().filter_map(|(name, place, scope)| {
        let price = world.catalogue.price(model, &scope, 0, &today)?;
        let rows = [
            ("input_tokens", "Million input tokens", price.input),
            ("output_tokens", "Million output tokens", price.output),
            ("cache_write_5m", "Million tokens written to the cache for five minutes", price.cache_write_5m),
            ("cache_write_1h", "Million tokens written to the cache for an hour", price.cache_write_1h),
            ("cache_read", "Million tokens read from the cache", price.cache_read),
        ];
        Some(rows.map(|(dimension, description, price)| Rate {
            dimension: Some(format!("{name}_{dimension}")),
            price: Some((price as f64 / 1e6).to_string()),
            description: Some(format!("{description} {place}")),
            unit: Some("Units".to_owned()),
            ..Rate::default()
        }))
    });
    priced.flatten().collect()
}
