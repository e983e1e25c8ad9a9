//! The control plane's shapes and rows: against recorded answers and requests, and against AWS's own service model.

use outcrop_wire::account::foundation::{InferenceType, LifecycleStatus};
use outcrop_wire::account::{
    AccountRetention, AgreementOffers, AgreementRequest, ApplicationProfileArn, Control, CreatedProfile,
    FoundationModels, InferenceProfile, InferenceProfiles, ModelAvailability, ModelFilter, ModelSource, ProfileFilter,
    ProfileRequest, ProfileType, RetentionMode, RetentionRequest, Tag, TagRequest, Tags, TagsRequest, UntagRequest,
    UseCase, UseCaseForm, control_call,
};
use outcrop_wire::catalogue::Catalogue;
use outcrop_wire::model::Model;
use outcrop_wire::scope::{Geo, Scope};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::corpus::{Captured, exchanges, folder};

/// Decodes, encodes, and sees that nothing is lost.
fn both_ways<T: DeserializeOwned + Serialize>(value: &Value) -> T {
    let read: T = serde_json::from_str(&value.to_string()).unwrap();
    assert_eq!(serde_json::to_value(&read).unwrap(), *value);
    read
}

#[test]
fn a_recorded_list_of_models_is_read_whole_and_written_again() {
    let Some(folder) = folder("control plane") else { return };
    let recorded: Vec<_> = exchanges(&folder, &["bedrock-"])
        .into_iter()
        .filter(|exchange| exchange.text("op").starts_with("ControlPlane:GET /foundation-models"))
        .collect();
    assert!(!recorded.is_empty());
    for exchange in &recorded {
        let value: Value = serde_json::from_slice(&exchange.body("response").unwrap()).unwrap();
        let models: FoundationModels = both_ways(&value);
        assert!(models.extra.value("enableAccessToAllModelsByDefault").is_some());
        let filter = ModelFilter::of_pairs(&[("byProvider".to_owned(), "anthropic".to_owned())]);
        let claude: Vec<_> = models.model_summaries.iter().filter(|model| filter.lets_through(model)).collect();
        assert!(claude.len() > 20 && claude.len() < models.model_summaries.len(), "{}", exchange.name);
        let opus = claude.iter().find(|model| model.model_id.starts_with("anthropic.claude-opus-4-5")).unwrap();
        assert_eq!(opus.inference_types_supported, Some(vec![InferenceType::InferenceProfile]));
        assert_eq!(opus.model_lifecycle.as_ref().unwrap().status, LifecycleStatus::Active);
    }
    println!("corpus: control plane: {} answers", recorded.len());
}

#[test]
fn captured_requests_are_found_and_made_again() {
    let Some(folder) = folder("control plane requests") else { return };
    for (name, operation) in [
        ("list-models", Control::ListFoundationModels),
        ("bearer-listmodels", Control::ListFoundationModels),
        ("get-model", Control::GetFoundationModel),
        ("get-model-arn", Control::GetFoundationModel),
        ("availability", Control::GetFoundationModelAvailability),
        ("list-offers", Control::ListFoundationModelAgreementOffers),
        ("create-agreement", Control::CreateFoundationModelAgreement),
        ("put-usecase", Control::PutUseCaseForModelAccess),
        ("list-profiles", Control::ListInferenceProfiles),
        ("get-profile-arn", Control::GetInferenceProfile),
        ("create-profile", Control::CreateInferenceProfile),
        ("delete-profile", Control::DeleteInferenceProfile),
    ] {
        let captured = Captured::read(&folder, &format!("boto3-control-{name}"));
        let call = captured.control();
        assert_eq!(call.operation, operation, "{name}");
        let pairs: Vec<(&str, &str)> = call.query.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(operation.row().target(call.id.as_ref(), pairs.iter().copied()), captured.target);
        assert!(pairs.iter().all(|(name, _)| operation.row().query.contains(name)), "{pairs:?}");
        let body = &captured.body;
        match operation {
            Control::CreateFoundationModelAgreement => {
                let request: AgreementRequest = both_ways(&serde_json::from_str(body).unwrap());
                assert_eq!(request.offer_token, "tok");
            }
            Control::PutUseCaseForModelAccess => {
                let form: UseCaseForm = both_ways(&serde_json::from_str(body).unwrap());
                assert_eq!(form.use_case().unwrap().company_name, "Example");
            }
            Control::CreateInferenceProfile => {
                let request: ProfileRequest = both_ways(&serde_json::from_str(body).unwrap());
                assert_eq!(
                    (request.inference_profile_name.as_str(), request.description.as_deref()),
                    ("team a", Some("d"))
                );
                assert!(
                    request.model_source.copy_from.unwrap().ends_with("/us.anthropic.claude-sonnet-4-5-20250929-v1:0")
                );
                assert_eq!(request.tags, Some(vec![Tag::new("k", "v")]));
            }
            Control::ListInferenceProfiles => {
                let filter = ProfileFilter::of_pairs(&call.query).unwrap();
                assert_eq!((filter.kind.clone(), filter.page_size), (Some(ProfileType::SystemDefined), Some(1000)));
                assert_eq!(filter.pairs().len(), 2);
            }
            _ => {}
        }
    }
}

/// What AWS's documentation and public programs show of the rest, with a member that nobody here knows in each.
#[test]
fn the_other_shapes_lose_nothing() {
    let profiles: InferenceProfiles = both_ways(&json!({
        "inferenceProfileSummaries": [{
            "inferenceProfileName": "EU Anthropic Claude 3.7 Sonnet",
            "description": "Routes requests to Anthropic Claude 3.7 Sonnet in eu-central-1 and eu-west-1.",
            "createdAt": "2025-03-17T00:00:00Z",
            "updatedAt": "2025-03-24T22:59:17.732909Z",
            "inferenceProfileArn": "arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.anthropic.claude-3-7-sonnet-20250219-v1:0",
            "models": [{"modelArn": "arn:aws:bedrock:eu-central-1::foundation-model/anthropic.claude-3-7-sonnet-20250219-v1:0"}],
            "inferenceProfileId": "eu.anthropic.claude-3-7-sonnet-20250219-v1:0",
            "status": "RESTING",
            "type": "SYSTEM_DEFINED",
            "later": [1],
        }],
        "nextToken": null,
    }));
    assert_eq!(profiles.inference_profile_summaries[0].status.as_str(), "RESTING");
    assert_eq!(profiles.next_token, None);
    let availability: ModelAvailability = both_ways(&json!({
        "modelId": "anthropic.claude-opus-4-6-v1",
        "agreementAvailability": {"status": "AVAILABLE", "errorMessage": null},
        "authorizationStatus": "AUTHORIZED",
        "entitlementAvailability": "AVAILABLE",
        "regionAvailability": "AVAILABLE",
        "later": {},
    }));
    assert!(availability.is_available());
    let offers: AgreementOffers = both_ways(&json!({
        "modelId": "m",
        "offers": [{"offerId": "offer-7sp77cpl4rveu", "offerToken": "opaque", "termDetails": {
            "usageBasedPricingTerm": {"rateCard": [{"dimension": "d", "price": "4.40", "description": "x", "unit": "1M"}]},
            "legalTerm": {"url": "https://a.test"},
            "supportTerm": {"refundPolicyDescription": "none"},
            "validityTerm": {"agreementDuration": "P1Y"},
            "later": 1,
        }}],
    }));
    let card = offers.offers[0].term_details.usage_based_pricing_term.as_ref().unwrap();
    assert_eq!(card.rate_card[0].price.as_deref(), Some("4.40"));
    let use_case = UseCase { company_name: "Example".to_owned(), ..UseCase::default() };
    assert_eq!(UseCaseForm::new(&use_case).unwrap().use_case(), Some(use_case));
}

#[test]
fn a_profile_of_the_accounts_own_tells_its_model_by_the_regions_that_it_lists() {
    let catalogue = Catalogue::built_in();
    let behind = |arns: &[&str]| {
        let models: Vec<Value> = arns.iter().map(|arn| json!({"modelArn": format!("arn:aws:bedrock:{arn}")})).collect();
        let profile: InferenceProfile = both_ways(&json!({
            "inferenceProfileName": "team a",
            "inferenceProfileArn": "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/a1b2c3d4e5f6",
            "models": models, "inferenceProfileId": "a1b2c3d4e5f6", "status": "ACTIVE", "type": "APPLICATION",
        }));
        profile.behind(&catalogue)
    };
    let opus = |region: &str| format!("{region}::foundation-model/anthropic.claude-opus-4-6-v1");
    let (east, west, mars) = (opus("us-east-1"), opus("us-west-2"), opus("mars-1"));
    let model = Model::CLAUDE_OPUS_4_6;
    assert_eq!(behind(&[&east]), Some((model, Scope::Regional)));
    assert_eq!(behind(&[&east, &west]), Some((model, Scope::Geo(Geo::Us))));
    assert_eq!(behind(&[&east, &mars]), Some((model, Scope::Geo(Geo::Us))), "AWS adds regions");
    assert_eq!(behind(&[&opus(""), &east]), Some((model, Scope::Global)));
    assert_eq!(behind(&[&mars, &mars]), None);
    assert_eq!(behind(&["us-east-1::foundation-model/amazon.nova-lite-v1:0"]), None);
    assert_eq!(behind(&[]), None);
    for other in [
        "",
        "arn:aws:bedrock:us-east-1:1:inference-profile/us.x",
        "arn:aws:bedrock:us-east-1:1:application-inference-profile/",
    ] {
        assert_eq!(ApplicationProfileArn::parse(other), None, "{other}");
    }
}

/// The rows and the members of each shape are those of botocore's service model, where one is at hand.
#[test]
fn rows_are_those_of_the_service_model() {
    let Some(model) = std::env::var_os("OUTCROP_BEDROCK_MODEL") else {
        return println!(
            "service model: skipped (set OUTCROP_BEDROCK_MODEL to botocore's bedrock service-2.json, unpacked)"
        );
    };
    let model: Value = serde_json::from_slice(&std::fs::read(model).unwrap()).unwrap();
    let members = |shape: &Value| {
        let shape = &model["shapes"][shape.as_str().unwrap_or_default()];
        shape["members"].as_object().cloned().unwrap_or_default()
    };
    for row in Control::rows() {
        let operation = &model["operations"][row.name];
        let http = &operation["http"];
        assert_eq!(http["method"], row.method, "{}", row.name);
        let path = http["requestUri"].as_str().unwrap();
        let normal = path.split('/').map(|part| if part.starts_with('{') { "{id}" } else { part });
        assert_eq!(normal.collect::<Vec<_>>().join("/"), row.path);
        assert_eq!(http["responseCode"], row.status, "{}", row.name);
        let input = members(&operation["input"]["shape"]);
        let mut queried: Vec<&str> = input
            .values()
            .filter(|member| member["location"] == "querystring")
            .map(|member| member["locationName"].as_str().unwrap())
            .collect();
        let mut known = row.query.to_vec();
        queried.sort_unstable();
        known.sort_unstable();
        assert_eq!(queried, known, "{}", row.name);
        let output = members(&operation["output"]["shape"]);
        assert_eq!(row.paging.map(|paging| paging.token), output.contains_key("nextToken").then_some("nextToken"));
    }
    for (shape, fields) in [
        ("FoundationModelSummary", outcrop_wire::account::FoundationModel::MEMBERS),
        ("FoundationModelDetails", outcrop_wire::account::FoundationModel::MEMBERS),
        ("FoundationModelLifecycle", outcrop_wire::account::ModelLifecycle::MEMBERS),
        ("GetFoundationModelAvailabilityResponse", ModelAvailability::MEMBERS),
        ("ListFoundationModelAgreementOffersResponse", AgreementOffers::MEMBERS),
        ("Offer", outcrop_wire::account::Offer::MEMBERS),
        ("TermDetails", outcrop_wire::account::agreement::TermDetails::MEMBERS),
        ("DimensionalPriceRate", outcrop_wire::account::agreement::Rate::MEMBERS),
        ("CreateFoundationModelAgreementRequest", AgreementRequest::MEMBERS),
        ("InferenceProfileSummary", outcrop_wire::account::InferenceProfile::MEMBERS),
        ("GetInferenceProfileResponse", outcrop_wire::account::InferenceProfile::MEMBERS),
        ("ListInferenceProfilesResponse", InferenceProfiles::MEMBERS),
        ("CreateInferenceProfileRequest", ProfileRequest::MEMBERS),
        ("InferenceProfileModelSource", ModelSource::MEMBERS),
        ("CreateInferenceProfileResponse", CreatedProfile::MEMBERS),
        ("TagResourceRequest", TagRequest::MEMBERS),
        ("UntagResourceRequest", UntagRequest::MEMBERS),
        ("ListTagsForResourceRequest", TagsRequest::MEMBERS),
        ("ListTagsForResourceResponse", Tags::MEMBERS),
        ("Tag", Tag::MEMBERS),
    ] {
        let mut there: Vec<String> = members(&json!(shape)).keys().cloned().collect();
        let mut here: Vec<&str> = fields.to_vec();
        there.sort_unstable();
        here.sort_unstable();
        assert_eq!(there, here, "{shape}");
    }
}

/// The answers of AWS's user guide (data retention).
#[test]
fn who_may_keep_data_is_read_and_written() {
    let retention: AccountRetention =
        both_ways(&json!({"mode": "aws_review", "updatedAt": "2026-06-07T20:19:44.723Z", "later": 1.50}));
    assert_eq!(retention.mode, RetentionMode::AwsReview);
    let request: RetentionRequest = both_ways(&json!({"mode": "shared_with_all"}));
    assert_eq!(request.mode, RetentionMode::Other("shared_with_all".to_owned()));
    assert_eq!(control_call("PUT", "/data-retention", None).unwrap().operation, Control::PutAccountDataRetention);
}
