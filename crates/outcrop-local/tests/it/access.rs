//! Access to models: what a fresh account is refused on every surface, what opens it, and what of that is kept.

use std::time::Duration;

use outcrop_local::{Access, Account, Data, Local};
use outcrop_wire::account::{AgreementOffers, AgreementStatus, ModelAvailability, UseCase, UseCaseForm};
use serde_json::{Value, json};

use crate::raw::{NOW, Request, Signing, at, left, send};

const OPUS: &str = "anthropic.claude-opus-4-8";
const NO_FORM: &str = "Model use case details have not been submitted for this account. Fill out the Anthropic use case \
                       details form before using the model. If you have already filled out the form, try again in 15 \
                       minutes.";
const NO_AGREEMENT: &str = "You don't have access to the model with the specified model ID.";
const FORM: &str = "/use-case-for-model-access";

fn fresh() -> Local {
    Local::builder().account(Account::fresh()).clock(|| at(NOW)).build()
}

async fn call_in(local: &Local, region: &str, method: &str, target: &str, body: &Value) -> (u16, Value) {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let mut request = Request::post(target, body.as_str());
    request.method = method.to_owned();
    let response = send(local, &request.signed(&Signing { region, ..Signing::default() })).await;
    let said = if response.text().is_empty() { Value::Null } else { response.json() };
    (response.status, said)
}

async fn call(local: &Local, method: &str, target: &str, body: &Value) -> (u16, Value) {
    call_in(local, "us-east-1", method, target, body).await
}

async fn offer(local: &Local, model: &str) -> String {
    let (status, said) =
        call(local, "GET", &format!("/list-foundation-model-agreement-offers/{model}"), &Value::Null).await;
    assert_eq!(status, 200, "{said}");
    let offers: AgreementOffers = serde_json::from_value(said).unwrap();
    offers.offers[0].offer_token.clone()
}

async fn agree(local: &Local, model: &str) -> (u16, Value) {
    let token = offer(local, model).await;
    call(local, "POST", "/create-foundation-model-agreement", &json!({"offerToken": token, "modelId": model})).await
}

async fn submit(local: &Local) -> (u16, Value) {
    let form = UseCaseForm::new(&UseCase { company_name: "Example".to_owned(), ..UseCase::default() }).unwrap();
    call(local, "POST", FORM, &json!({"formData": form.form_data})).await
}

async fn availability(local: &Local, model: &str) -> ModelAvailability {
    let (status, said) = call(local, "GET", &format!("/foundation-model-availability/{model}"), &Value::Null).await;
    assert_eq!(status, 200, "{said}");
    serde_json::from_value(said).unwrap()
}

/// The status of a call to a model on each surface, whole and streamed, and its words.
async fn asked(local: &Local, base: &str) -> Vec<(u16, String)> {
    let body = json!({"max_tokens": 8, "messages": [{"role": "user", "content": "Hi"}]});
    let mut invoke = body.clone();
    invoke["anthropic_version"] = "bedrock-2023-05-31".into();
    let mut messages = body.clone();
    messages["model"] = format!("us.{base}").into();
    let converse = json!({"messages": [{"role": "user", "content": [{"text": "Hi"}]}]});
    let mut told = Vec::new();
    for (target, body) in [
        (format!("/model/us.{base}/invoke"), &invoke),
        (format!("/model/us.{base}/invoke-with-response-stream"), &invoke),
        (format!("/model/us.{base}/converse"), &converse),
        (format!("/model/us.{base}/converse-stream"), &converse),
        ("/anthropic/v1/messages".to_owned(), &messages),
        ("/mantle/anthropic/v1/messages".to_owned(), &messages),
    ] {
        let request = Request::post(&target, body.to_string().as_str())
            .header("content-type", "application/json")
            .header("anthropic-version", "2023-06-01")
            .header("authorization", &format!("Bearer {}", Account::BEARER_TOKEN));
        let response = send(local, &request).await;
        let said = match response.status {
            200 => String::new(),
            _ => {
                let said = response.json();
                let message = said["message"].as_str().or(said["error"]["message"].as_str());
                message.unwrap_or_else(|| panic!("{target}: {said}")).to_owned()
            }
        };
        told.push((response.status, said));
    }
    told
}

#[tokio::test]
async fn a_fresh_account_is_refused_until_form_and_agreement_are_there_on_every_surface() {
    let local = fresh();
    assert!(asked(&local, OPUS).await.iter().all(|(status, said)| (*status, said.as_str()) == (404, NO_FORM)));
    let (status, said) = call(&local, "GET", FORM, &Value::Null).await;
    assert_eq!(
        (status, said["message"].as_str().unwrap()),
        (404, "You have not filled out the request form. Fill out the form before getting access.")
    );
    assert_eq!(availability(&local, OPUS).await.agreement_availability.status, AgreementStatus::NotAvailable);

    assert_eq!(submit(&local).await, (201, Value::Null));
    assert!(asked(&local, OPUS).await.iter().all(|(status, said)| (*status, said.as_str()) == (403, NO_AGREEMENT)));
    let (status, said) = call(&local, "GET", FORM, &Value::Null).await;
    let form: UseCaseForm = serde_json::from_value(said).unwrap();
    assert_eq!((status, form.use_case().unwrap().company_name.as_str()), (200, "Example"));

    assert_eq!(agree(&local, OPUS).await, (202, json!({"modelId": OPUS})));
    assert!(availability(&local, OPUS).await.is_available());
    assert!(asked(&local, OPUS).await.iter().all(|(status, _)| *status == 200));
    let other = asked(&local, "anthropic.claude-sonnet-4-6").await;
    assert!(other.iter().any(|(status, said)| (*status, said.as_str()) == (403, NO_AGREEMENT)), "{other:?}");

    let end = json!({"modelId": OPUS});
    assert_eq!(call(&local, "POST", "/delete-foundation-model-agreement", &end).await, (202, json!({})));
    assert!(asked(&local, OPUS).await.iter().all(|(status, said)| (*status, said.as_str()) == (403, NO_AGREEMENT)));
    assert_eq!(call(&local, "POST", "/delete-foundation-model-agreement", &end).await.0, 404);
}

#[tokio::test]
async fn an_agreement_without_the_form_fails_and_one_may_be_pending() {
    let local = fresh();
    assert_eq!(agree(&local, OPUS).await.0, 202);
    let state = availability(&local, OPUS).await.agreement_availability;
    assert_eq!(state.status, AgreementStatus::Error);
    assert!(state.error_message.is_some_and(|why| why.contains("request form")));
    assert_eq!(submit(&local).await.0, 201);
    assert!(availability(&local, OPUS).await.is_available());

    let clock = std::sync::Arc::new(std::sync::Mutex::new(at(NOW)));
    let now = std::sync::Arc::clone(&clock);
    let access = Access { form: Access::open().form, pending: Duration::from_secs(2), ..Access::fresh() };
    let local =
        Local::builder().account(Account { access, ..Account::default() }).clock(move || *now.lock().unwrap()).build();
    assert_eq!(agree(&local, OPUS).await.0, 202);
    assert_eq!(availability(&local, OPUS).await.agreement_availability.status, AgreementStatus::Pending);
    let (status, said) = agree(&local, OPUS).await;
    assert_eq!((status, said["message"].as_str().is_some()), (400, true), "{said}");
    *clock.lock().unwrap() += Duration::from_secs(2);
    assert!(availability(&local, OPUS).await.is_available());
}

#[tokio::test]
async fn what_was_agreed_to_is_kept_and_wins_over_the_account_file() {
    let folder = tempfile::tempdir().unwrap();
    let start = |account: &str| {
        let data = Data::open(folder.path()).unwrap();
        Local::builder().account(Account::parse(account).unwrap()).data(data).clock(|| at(NOW)).build()
    };
    let none = "[access]\nmodels = \"none\"\nform = false\nretention = \"inherit\"";
    let first = start(none);
    assert_eq!((submit(&first).await.0, agree(&first, OPUS).await.0), (201, 202));
    let mode = json!({"mode": "none"});
    assert_eq!(call(&first, "PUT", "/data-retention", &mode).await.0, 200);
    left(first).await;
    let second = start(none);
    assert!(asked(&second, OPUS).await.iter().all(|(status, _)| *status == 200));
    assert_eq!(call(&second, "GET", "/data-retention", &Value::Null).await.1["mode"], "none");
    let end = json!({"modelId": OPUS});
    assert_eq!(call(&second, "POST", "/delete-foundation-model-agreement", &end).await.0, 202);
    left(second).await;
    assert_eq!(asked(&start(""), OPUS).await[0].0, 403);
}

#[tokio::test]
async fn a_model_may_want_more_to_be_kept_than_the_account_allows() {
    const FABLE: &str = "anthropic.claude-fable-5-1";
    let access = Access { retention: outcrop_wire::account::RetentionMode::Inherit, ..Access::open() };
    let local = Local::builder().account(Account { access, ..Account::default() }).clock(|| at(NOW)).build();
    let words = "data retention mode 'default' is not available for this model";
    let refused = asked(&local, FABLE).await;
    for (status, said) in &refused {
        assert!(*status == 400 && said.ends_with(words), "{refused:?}");
    }
    assert_eq!(refused[0].1, words);
    assert_eq!(refused[2].1, format!("The model returned the following errors: {words}"));
    assert!(asked(&local, OPUS).await.iter().all(|(status, _)| *status == 200), "others want nothing");
    assert_eq!(call(&local, "GET", "/data-retention", &Value::Null).await, (200, json!({"mode": "inherit"})));
    let (status, said) = call(&local, "PUT", "/data-retention", &json!({"mode": "aws_review"})).await;
    assert_eq!((status, &said["mode"]), (200, &json!("aws_review")));
    assert!(said["updatedAt"].as_str().is_some_and(|when| when.ends_with('Z')), "{said}");
    assert!(asked(&local, FABLE).await.iter().all(|(status, _)| *status == 200));
    let elsewhere = call_in(&local, "eu-west-1", "GET", "/data-retention", &Value::Null).await;
    assert_eq!(elsewhere.1["mode"], "inherit", "it is of one region");
    let (status, said) = call(&local, "PUT", "/data-retention", &json!({"mode": "all"})).await;
    assert!(status == 400 && said["message"].as_str().unwrap().contains("'all' at 'mode'"), "{said}");
}

#[tokio::test]
async fn a_region_may_lack_a_model() {
    let account = Account::parse("[regions.us-east-1]\nlacks = [\"claude-opus-4-8\"]").unwrap();
    let local = Local::builder().account(account).clock(|| at(NOW)).build();
    let refused = asked(&local, OPUS).await;
    for (status, said) in &refused[..4] {
        assert_eq!((*status, said.as_str()), (400, "The provided model identifier is invalid."));
    }
    assert!(refused[4..].iter().all(|(status, said)| *status == 404 && said.starts_with("model: ")), "{refused:?}");
    assert_eq!(availability(&local, OPUS).await.region_availability.as_str(), "NOT_AVAILABLE");
    let has = |said: &Value| said.to_string().contains(OPUS);
    for target in ["/foundation-models", "/inference-profiles"] {
        assert!(!has(&call(&local, "GET", target, &Value::Null).await.1), "{target}");
        assert!(has(&call_in(&local, "us-west-2", "GET", target, &Value::Null).await.1), "{target}");
    }
    let offers = format!("/list-foundation-model-agreement-offers/{OPUS}");
    assert_eq!(call(&local, "GET", &offers, &Value::Null).await.0, 400);
}

#[tokio::test]
async fn offers_say_what_a_model_costs_and_are_good_for_it_alone() {
    let local = fresh();
    let target = format!("/list-foundation-model-agreement-offers/{OPUS}?offerType=ALL");
    let (_, said) = call(&local, "GET", &target, &Value::Null).await;
    let offers: AgreementOffers = serde_json::from_value(said).unwrap();
    let [offer] = &offers.offers[..] else { panic!("{offers:?}") };
    assert!(offer.offer_id.as_deref().is_some_and(|id| id.len() == 19 && id.starts_with("offer-")), "{offer:?}");
    let card = &offer.term_details.usage_based_pricing_term.as_ref().unwrap().rate_card;
    assert_eq!((card.len(), card[0].price.as_deref(), card[5].price.as_deref()), (10, Some("5"), Some("5.5")));
    let url = offer.term_details.legal_term.as_ref().and_then(|term| term.url.as_deref());
    assert!(url.is_some_and(|url| url.starts_with("https://")), "{url:?}");
    for (method, target, body) in [
        ("GET", "/list-foundation-model-agreement-offers/anthropic.claude-nova?offerType=ALL", Value::Null),
        ("GET", "/list-foundation-model-agreement-offers/us.anthropic.claude-opus-4-8", Value::Null),
        ("GET", &*format!("/list-foundation-model-agreement-offers/{OPUS}?offerType=MINE"), Value::Null),
        ("POST", "/create-foundation-model-agreement", json!({"offerToken": "tok", "modelId": OPUS})),
        (
            "POST",
            "/create-foundation-model-agreement",
            json!({"offerToken": offer.offer_token, "modelId": "anthropic.claude-sonnet-4-6"}),
        ),
        ("POST", "/create-foundation-model-agreement", json!({"modelId": OPUS})),
        ("POST", FORM, json!({"formData": "e30="})),
        ("POST", FORM, json!({"formData": "not base64 at all"})),
        ("POST", FORM, json!({"formData": "WyJsaXN0IiwibGlzdCJd"})),
    ] {
        let (status, said) = call(&local, method, target, &body).await;
        assert!(status == 400 && said["message"].is_string(), "{method} {target} {body}: {said}");
    }
    assert_eq!(call(&local, "GET", FORM, &Value::Null).await.0, 404, "nothing of it was taken");
}
