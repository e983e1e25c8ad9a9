//! The account: STS and the control plane, request by request as other clients send them.

use std::collections::{BTreeSet, HashSet};

use outcrop_local::{Account, Credential, Local};
use outcrop_wire::account::identity::decode_response;
use outcrop_wire::account::{FoundationModel, InferenceProfiles, ModelAvailability};
use outcrop_wire::catalogue::{Catalogue, Phase};
use outcrop_wire::model::Model;
use serde_json::Value;

use crate::raw::{BODY, INVOKE, NOW, Request, Response, STREAM, Signing, at, local, send};

const WHO: &str = "Action=GetCallerIdentity&Version=2011-06-15";

fn get(target: &str, region: &str) -> Request {
    let mut request = Request::post(target, "");
    request.method = "GET".to_owned();
    request.signed(&Signing { region, ..Signing::default() })
}

/// A request to a server on loopback: the signature alone says the region.
fn loopback(target: &str, method: &str, body: &str, region: &str) -> Request {
    let mut request = Request::post(target, body);
    request.method = method.to_owned();
    request.headers[0].1 = "127.0.0.1:8080".to_owned();
    request.signed(&Signing { region, ..Signing::default() })
}

async fn json(target: &str, region: &str) -> Value {
    let response = send(&local(), &get(target, region)).await;
    assert_eq!((response.status, response.header("content-type")), (200, Some("application/json")), "{target}");
    response.json()
}

async fn refused(target: &str) -> (u16, String, String) {
    send(&local(), &get(target, "us-east-1")).await.refusal()
}

async fn sts(local: &Local, body: &str, signing: Signing<'_>) -> Response {
    let signed: &[&str] = &["content-type", "host", "x-amz-date"];
    let request = Request::post("/", body).header("content-type", "application/x-www-form-urlencoded; charset=utf-8");
    send(local, &request.signed(&Signing { service: "sts", signed, ..signing })).await
}

#[tokio::test]
async fn sts_tells_users_and_roles_who_they_are() {
    let response = sts(&local(), WHO, Signing::default()).await;
    assert_eq!((response.status, response.header("content-type")), (200, Some("text/xml")));
    let user = decode_response(response.text().as_bytes()).unwrap();
    assert_eq!(user.arn, "arn:aws:iam::123456789012:user/outcrop-local");
    assert!(user.account == "123456789012" && user.user_id.starts_with("AIDA"), "{user:?}");
    let keys = Credential::Keys {
        access_key_id: "ASIAEXAMPLE".to_owned(),
        secret_access_key: "secret".to_owned(),
        session_token: Some("token".to_owned()),
    };
    let account = Account { id: "210987654321".to_owned(), credentials: vec![keys], ..Account::default() };
    let local = Local::builder().account(account).clock(|| at(NOW)).build();
    let signing = Signing {
        access_key_id: "ASIAEXAMPLE",
        secret: "secret",
        session_token: Some("token"),
        region: "eu-west-1",
        ..Signing::default()
    };
    let role = decode_response(sts(&local, WHO, signing).await.text().as_bytes()).unwrap();
    assert!(role.arn.starts_with("arn:aws:sts::210987654321:assumed-role/outcrop-local/"), "{role:?}");
}

/// Clients of STS read XML and nothing else.
#[tokio::test]
async fn sts_refuses_in_its_own_words() {
    let unsigned = Request::post("/", WHO);
    let bearer = unsigned.clone().header("authorization", &format!("Bearer {}", Account::BEARER_TOKEN));
    let wrong = Signing { secret: "wrong", ..Signing::default() };
    let unknown = Signing { access_key_id: "AKIAUNKNOWN", ..Signing::default() };
    let other = Request::post("/", WHO).signed(&Signing::default());
    for (response, status, code) in [
        (send(&local(), &unsigned).await, 403, "MissingAuthenticationToken"),
        (send(&local(), &bearer).await, 403, "MissingAuthenticationToken"),
        (sts(&local(), WHO, wrong).await, 403, "SignatureDoesNotMatch"),
        (sts(&local(), WHO, unknown).await, 403, "InvalidClientTokenId"),
        (send(&local(), &other).await, 403, "SignatureDoesNotMatch"),
        (sts(&local(), "Action=Dance&Version=2011-06-15", Signing::default()).await, 400, "InvalidAction"),
        (
            sts(&local(), "Action=AssumeRole&Version=2011-06-15", Signing::default()).await,
            404,
            "UnknownOperationException",
        ),
    ] {
        assert_eq!((response.status, response.header("content-type")), (status, Some("text/xml")), "{code}");
        let text = response.text();
        assert!(text.starts_with("<ErrorResponse") && text.contains(&format!("<Code>{code}</Code>")), "{text}");
    }
}

#[tokio::test]
async fn each_region_has_its_models() {
    let ids = |list: &Value| -> Vec<String> {
        let models = list["modelSummaries"].as_array().unwrap().iter();
        models.map(|model| model["modelId"].as_str().unwrap().to_owned()).collect()
    };
    let here = ids(&json("/foundation-models?byProvider=anthropic", "us-east-1").await);
    let there = ids(&json("/foundation-models", "us-gov-west-1").await);
    assert!(here.contains(&"anthropic.claude-opus-4-6-v1".to_owned()) && here.len() > there.len(), "{there:?}");
    assert!(!there.is_empty() && there.iter().all(|id| !id.contains("opus-4-6")), "{there:?}");
    assert!(ids(&json("/foundation-models?byProvider=Meta", "us-east-1").await).is_empty());
    let profiled = json("/foundation-models?byInferenceType=ON_DEMAND", "us-east-1").await;
    assert!(!ids(&profiled).contains(&"anthropic.claude-haiku-4-5-20251001-v1:0".to_owned()));
    let (status, code, message) = refused("/foundation-models?byOutputModality=SMELL").await;
    assert_eq!((status, code.as_str()), (400, "ValidationException"));
    assert!(message.starts_with("1 validation error detected: Value 'SMELL' at 'byOutputModality'"), "{message}");
}

/// What is offered where, held against the catalogue.
#[tokio::test]
async fn regions_differ_as_the_catalogue_says() {
    let catalogue = Catalogue::built_in();
    let today = "2026-11-23";
    let mut seen = HashSet::new();
    for region in [
        "us-east-1",
        "us-west-1",
        "ca-west-1",
        "eu-west-1",
        "eu-west-2",
        "ap-northeast-1",
        "ap-southeast-6",
        "sa-east-1",
        "il-central-1",
        "us-gov-west-1",
        "eusc-de-east-1",
    ] {
        let answer = json("/inference-profiles?type=SYSTEM_DEFINED", region).await;
        let told: InferenceProfiles = serde_json::from_value(answer).unwrap();
        let told: BTreeSet<String> =
            told.inference_profile_summaries.into_iter().map(|profile| profile.inference_profile_id).collect();
        let holds = |since: Option<&str>, until: Option<&str>| {
            since.is_none_or(|since| since <= today) && until.is_none_or(|until| today <= until)
        };
        let living = catalogue.models().filter(|model| model.phase(Some(region), today) != Phase::Ended);
        let rows = living.map(Model::row).filter(|row| holds(row.since, row.until));
        let expected: BTreeSet<String> = rows
            .flat_map(|row| row.profiles.iter().map(move |profile| (row, profile)))
            .filter(|(_, profile)| holds(profile.since, profile.until) && profile.source_regions().contains(&region))
            .map(|(row, profile)| format!("{}.{}", profile.scope, row.base))
            .collect();
        assert_eq!(told, expected, "{region}");
        let models = json("/foundation-models", region).await;
        let bases: BTreeSet<&str> = expected.iter().filter_map(|id| Some(id.split_once('.')?.1)).collect();
        let listed: BTreeSet<&str> =
            models["modelSummaries"].as_array().unwrap().iter().filter_map(|model| model["modelId"].as_str()).collect();
        assert!(bases.is_subset(&listed), "{region}: {bases:?} {listed:?}");
        seen.insert(told);
    }
    assert!(seen.len() >= 8, "they differ");
}

#[tokio::test]
async fn a_region_that_there_is_not_is_refused_by_name() {
    let nowhere =
        "Credential should be scoped to a valid region. outcrop local: AWS has no region mars-1, as far as is known";
    for target in ["/inference-profiles", "/foundation-models", "/model-invocation-jobs", "/data-retention"] {
        let (status, code, message) = send(&local(), &loopback(target, "GET", "", "mars-1")).await.refusal();
        assert_eq!((status, code.as_str(), message.as_str()), (403, "InvalidSignatureException", nowhere), "{target}");
    }
    for target in [INVOKE, STREAM] {
        let (status, _, message) = send(&local(), &loopback(target, "POST", BODY, "mars-1")).await.refusal();
        assert_eq!((status, message.as_str()), (403, nowhere), "{target}");
    }
    let (_, _, message) = send(&local(), &loopback("/foundation-models", "GET", "", "cn-north-1")).await.refusal();
    assert!(message.ends_with("outcrop local: Amazon Bedrock is not in the region cn-north-1"), "{message}");
    let sovereign = send(&local(), &loopback("/inference-profiles", "GET", "", "eusc-de-east-1")).await;
    assert_eq!(sovereign.json()["inferenceProfileSummaries"], serde_json::json!([]), "Bedrock without Claude");
    assert_eq!(sts(&local(), WHO, Signing { region: "cn-north-1", ..Signing::default() }).await.status, 200);
    let refused = sts(&local(), WHO, Signing { region: "mars-1", ..Signing::default() }).await;
    assert!(refused.status == 403 && refused.text().contains("mars-1"), "{}", refused.text());
}

/// What is missing, and where, is said as AWS says it of every operation.
#[tokio::test]
async fn what_a_body_lacks_is_named() {
    let profile = r#"{"inferenceProfileName":"a","modelSource":{},"tags":[{"key":"a","value":"b"},{"key":"c"}]}"#;
    for (method, target, body, members) in [
        ("POST", "/inference-profiles", "", "inferenceProfileName"),
        ("POST", "/inference-profiles", r#"{"inferenceProfileName":"a"}"#, "modelSource"),
        ("POST", "/inference-profiles", r#"{"inferenceProfileName":null,"modelSource":{}}"#, "inferenceProfileName"),
        ("POST", "/inference-profiles", profile, "tags.2.member.value"),
        ("POST", "/create-foundation-model-agreement", r#"{"modelId":"anthropic.claude-opus-4-6-v1"}"#, "offerToken"),
        ("POST", "/delete-foundation-model-agreement", "{}", "modelId"),
        ("POST", "/use-case-for-model-access", "{}", "formData"),
        ("PUT", "/data-retention", "{}", "mode"),
        ("POST", "/tagResource", r#"{"tags":[]}"#, "resourceARN"),
        ("POST", "/untagResource", r#"{"resourceARN":"arn:aws:bedrock:us-east-1:123456789012:x/y"}"#, "tagKeys"),
        ("POST", "/listTagsForResource", "", "resourceARN"),
        ("POST", "/model-invocation-job", "{}", "jobName"),
    ] {
        let response = send(&local(), &loopback(target, method, body, "us-east-1")).await;
        let (status, code, message) = response.refusal();
        let expected = format!(
            "1 validation error detected: Value null at '{members}' failed to satisfy constraint: Member must not be null"
        );
        assert_eq!((status, code.as_str(), message), (400, "ValidationException", expected), "{target} {body}");
    }
    for body in ["[", "[]", r#"{"mode":1}"#, r#"{"mode":"none"} {}"#] {
        let (status, code, _) = send(&local(), &loopback("/data-retention", "PUT", body, "us-east-1")).await.refusal();
        assert_eq!((status, code.as_str()), (400, "SerializationException"), "{body}");
    }
}

#[tokio::test]
async fn a_model_is_found_by_its_id_and_its_arn() {
    let id = "anthropic.claude-sonnet-4-5-20250929-v1%3A0";
    let arn = format!("arn%3Aaws%3Abedrock%3Aeu-west-1%3A%3Afoundation-model%2F{id}");
    for named in [id, &arn] {
        let answer = json(&format!("/foundation-models/{named}"), "eu-west-1").await;
        let model: FoundationModel = serde_json::from_value(answer["modelDetails"].clone()).unwrap();
        assert_eq!(
            model.model_arn,
            "arn:aws:bedrock:eu-west-1::foundation-model/anthropic.claude-sonnet-4-5-20250929-v1:0"
        );
        assert_eq!(model.model_name.as_deref(), Some("Claude Sonnet 4.5"));
    }
    for unknown in
        ["anthropic.claude-nova-9", "us.anthropic.claude-sonnet-4-6", "anthropic.claude-3-haiku-20240307-v1%3A0"]
    {
        let expected = (400, "ValidationException".to_owned(), "The provided model identifier is invalid.".to_owned());
        assert_eq!(refused(&format!("/foundation-models/{unknown}")).await, expected, "{unknown}");
    }
    for (target, member) in [
        ("/foundation-models/opus", "modelIdentifier"),
        ("/foundation-model-availability/arn%3Aaws%3Abedrock%3Aus-east-1%3A%3Afoundation-model%2Fa.b", "modelId"),
        ("/list-foundation-model-agreement-offers/OPUS", "modelId"),
        ("/inference-profiles/a%20b", "inferenceProfileIdentifier"),
        ("/model-invocation-job/abc", "jobIdentifier"),
        ("/foundation-models?byProvider=a%2Fb", "byProvider"),
        ("/foundation-models?byCustomizationType=ANY", "byCustomizationType"),
        ("/model-invocation-jobs?nameContains=a%20b", "nameContains"),
        ("/model-invocation-jobs?nextToken=a%20b", "nextToken"),
    ] {
        let (status, code, message) = refused(target).await;
        assert_eq!((status, code.as_str()), (400, "ValidationException"), "{target}");
        assert!(message.contains(&format!("at '{member}' failed to satisfy constraint: ")), "{target}: {message}");
    }
}

#[tokio::test]
async fn a_model_that_the_region_lacks_is_not_available() {
    let of = async |region| -> ModelAvailability {
        let answer = json("/foundation-model-availability/anthropic.claude-opus-4-6-v1", region).await;
        serde_json::from_value(answer).unwrap()
    };
    assert!(of("us-east-1").await.is_available());
    assert!(!of("us-gov-west-1").await.is_available());
    assert_eq!(refused("/foundation-model-availability/anthropic.claude-nova-9").await.0, 400);
}

#[tokio::test]
async fn profiles_come_in_pages_and_one_by_one() {
    let all: InferenceProfiles = serde_json::from_value(json("/inference-profiles", "eu-west-1").await).unwrap();
    assert_eq!(all.next_token, None);
    let mut paged = Vec::new();
    let mut target = "/inference-profiles?maxResults=7&type=SYSTEM_DEFINED".to_owned();
    loop {
        let page: InferenceProfiles = serde_json::from_value(json(&target, "eu-west-1").await).unwrap();
        assert!((1..=7).contains(&page.inference_profile_summaries.len()));
        paged.extend(page.inference_profile_summaries);
        let Some(token) = page.next_token else { break };
        target = format!("/inference-profiles?maxResults=7&nextToken={token}&type=SYSTEM_DEFINED");
    }
    assert_eq!(paged, all.inference_profile_summaries);
    assert!(paged.iter().all(|profile| !profile.inference_profile_id.starts_with("us.")));
    let eu = paged
        .iter()
        .find(|profile| profile.inference_profile_id == "eu.anthropic.claude-opus-4-5-20251101-v1:0")
        .unwrap();
    assert_eq!(eu.inference_profile_name, "EU Anthropic Claude Opus 4.5");
    assert!(eu.description.as_deref().unwrap().ends_with("eu-west-1 and eu-west-3."), "{eu:?}");
    let arn = eu.inference_profile_arn.replace(':', "%3A").replace('/', "%2F");
    for id in ["eu.anthropic.claude-opus-4-5-20251101-v1%3A0", &arn] {
        let one = json(&format!("/inference-profiles/{id}"), "eu-west-1").await;
        assert_eq!(one, serde_json::to_value(eu).unwrap());
    }
    let own: InferenceProfiles =
        serde_json::from_value(json("/inference-profiles?type=APPLICATION", "eu-west-1").await).unwrap();
    assert!(own.inference_profile_summaries.is_empty());
    for wrong in ["maxResults=0", "maxResults=1001", "maxResults=x", "nextToken=x", "type=OTHERS"] {
        let (status, code, _) = refused(&format!("/inference-profiles?{wrong}")).await;
        assert_eq!((status, code.as_str()), (400, "ValidationException"), "{wrong}");
    }
    let (status, code, _) = refused("/inference-profiles/eu.anthropic.claude-opus-4-5-20251101-v1%3A0").await;
    assert_eq!((status, code.as_str()), (404, "ResourceNotFoundException"), "that of another region");
}

#[tokio::test]
async fn the_control_plane_asks_who_calls_and_takes_bearer_keys() {
    let mut request = Request::post("/foundation-models", "");
    request.method = "GET".to_owned();
    let (status, code, _) = send(&local(), &request).await.refusal();
    assert_eq!((status, code.as_str()), (403, "MissingAuthenticationTokenException"));
    request.headers[0].1 = "bedrock.eu-west-1.amazonaws.com".to_owned();
    let request = request.header("authorization", &format!("Bearer {}", Account::BEARER_TOKEN));
    let response = send(&local(), &request).await;
    let arn = response.json()["modelSummaries"][0]["modelArn"].as_str().unwrap().to_owned();
    assert!(arn.starts_with("arn:aws:bedrock:eu-west-1::"), "{arn}");
}
