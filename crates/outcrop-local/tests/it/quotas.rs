//! Quotas of an account: what is above is throttled in AWS's words, by model and kind of id.

use outcrop_local::{Account, Local, Quotas};
use serde_json::json;

use crate::raw::{BODY, INVOKE, NOW, Request, Signing, at, send};

const REGIONAL: &str = "/model/us.anthropic.claude-opus-4-6-v1/invoke";

fn with(quotas: Quotas) -> Local {
    Local::builder().clock(|| at(NOW)).quotas(quotas).build()
}

async fn answered(local: &Local, target: &str) -> (u16, String) {
    let response = send(local, &Request::post(target, BODY).signed(&Signing::default())).await;
    let said = if response.status == 200 { String::new() } else { response.refusal().2 };
    (response.status, said)
}

#[tokio::test]
async fn a_new_account_may_ask_for_nothing_today() {
    let local = with(Quotas::new_account());
    let (status, code, message) = send(&local, &Request::good(INVOKE)).await.refusal();
    assert_eq!((status, code.as_str()), (429, "ThrottlingException"));
    assert_eq!(message, "Too many tokens per day, please wait before trying again.");
    assert_eq!(answered(&with(Quotas::usual()), INVOKE).await.0, 200);
}

/// Input and output are limited apart on Mantle, and apart from the runtime.
#[tokio::test]
async fn mantle_has_quotas_of_its_own() {
    let quotas = "[[quota]]\nway = \"mantle\"\nmodel = \"claude-opus-4-8\"\ninput_tokens = 400\noutput_tokens = 12\n";
    let local = with(Quotas::parse(quotas).unwrap());
    let ask = async |max_tokens: u64| {
        let body = json!({
            "model": "anthropic.claude-opus-4-8", "max_tokens": max_tokens,
            "messages": [{"role": "user", "content": "Hello, world"}],
        });
        let request = Request::post("/mantle/anthropic/v1/messages", body.to_string());
        let request = request.header("anthropic-version", "2023-06-01");
        let response =
            send(&local, &request.signed(&Signing { service: "bedrock-mantle", ..Signing::default() })).await;
        (response.status, response.json())
    };
    let (status, refused) = ask(1000).await;
    assert_eq!((status, &refused["error"]["type"]), (429, &json!("rate_limit_error")), "{refused}");
    let (status, cut) = ask(256).await;
    assert_eq!((status, &cut["stop_reason"]), (200, &json!("max_tokens")), "{cut}");
    assert_eq!(cut["usage"]["output_tokens"], 12, "no more is left of the minute");
    let (status, cut) = ask(256).await;
    assert_eq!((status, &cut["usage"]["output_tokens"]), (200, &json!(1)), "{cut}");
    assert_eq!(answered(&local, "/model/us.anthropic.claude-opus-4-8/invoke").await.0, 200, "the runtime has its own");
}

#[tokio::test]
async fn a_profile_of_the_accounts_own_takes_from_what_it_was_copied_from() {
    let quotas = Quotas::parse("[[quota]]\nmodel = \"opus\"\nway = \"cross-region\"\nrequests = 1\n").unwrap();
    let local = with(quotas);
    let source = "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-opus-4-6-v1";
    let wanted = json!({"inferenceProfileName": "a", "modelSource": {"copyFrom": source}}).to_string();
    let made = send(&local, &Request::post("/inference-profiles", wanted).signed(&Signing::default())).await;
    let arn = made.json()["inferenceProfileArn"].as_str().unwrap().replace(':', "%3A").replace('/', "%2F");
    assert_eq!(answered(&local, &format!("/model/{arn}/invoke")).await.0, 200);
    let busy = (429, "Too many requests, please wait before trying again.".to_owned());
    assert_eq!(answered(&local, &format!("/model/{arn}/invoke")).await, busy);
    assert_eq!(answered(&local, REGIONAL).await, busy);
    assert_eq!(answered(&local, INVOKE).await.0, 200, "the global profile has a quota of its own");
}

#[tokio::test]
async fn an_account_file_has_quotas_and_those_of_the_server_win() {
    let account = || Account::parse("quotas = \"new-account\"").unwrap();
    let of_file = Local::builder().clock(|| at(NOW)).account(account()).build();
    let none_today = (429, "Too many tokens per day, please wait before trying again.".to_owned());
    assert_eq!(answered(&of_file, INVOKE).await, none_today);
    let told = Local::builder().clock(|| at(NOW)).quotas(Quotas::usual()).account(account()).build();
    assert_eq!(answered(&told, INVOKE).await.0, 200);
}
