//! Counts of tokens: estimates that are labelled so, for base ids only.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use outcrop_local::WARNING_HEADER;
use serde_json::{Value, json};

use crate::raw::{Request, Response, Signing, local, send};

const BASE: &str = "anthropic.claude-opus-4-6-v1";

async fn post(id: &str, body: &Value) -> Response {
    let target = format!("/model/{}/count-tokens", id.replace(':', "%3A"));
    send(&local(), &Request::post(&target, body.to_string()).signed(&Signing::default())).await
}

/// The count of a body of InvokeModel.
async fn count(id: &str, body: &Value) -> Response {
    post(id, &json!({"input": {"invokeModel": {"body": STANDARD.encode(body.to_string())}}})).await
}

fn body(version: &str, text: &str) -> Value {
    json!({"anthropic_version": version, "max_tokens": 16, "messages": [{"role": "user", "content": text}]})
}

#[tokio::test]
async fn a_count_is_an_estimate_and_says_so_beside_what_else_there_is_to_say() {
    let counted = count(BASE, &body("bedrock-2023-05-31", &"word".repeat(100))).await;
    assert_eq!((counted.status, counted.json()), (200, json!({"inputTokens": 104})));
    let warnings = |response: &Response| -> Vec<String> {
        let of = response.headers.iter().filter(|(name, _)| name == WARNING_HEADER);
        of.map(|(_, value)| value.clone()).collect()
    };
    let estimate = "inputTokens is an estimate of four characters a token, not Claude's own count";
    assert_eq!(warnings(&counted), [estimate]);
    let counted = count(BASE, &body("2026-10-21", "Hello")).await;
    let [version, last] = &warnings(&counted)[..] else { panic!("{counted:?}") };
    assert!(version.starts_with("anthropic_version 2026-10-21: AWS may answer 400"), "{version}");
    assert_eq!(last, estimate);
}

#[tokio::test]
async fn more_may_be_counted_than_fits_into_the_window() {
    let counted = count(BASE, &body("bedrock-2023-05-31", &"word".repeat(1_100_000))).await;
    assert_eq!(counted.json(), json!({"inputTokens": 1_100_004}));
}

#[tokio::test]
async fn what_cannot_be_counted_is_refused_in_words_as_recorded() {
    let good = body("bedrock-2023-05-31", "Hello");
    let mut searching = good.clone();
    searching["tools"] = json!([{"type": "web_search_20250305", "name": "web_search"}]);
    let mut endless = good.clone();
    endless.as_object_mut().unwrap().remove("max_tokens");
    for (id, body, message) in [
        ("us.anthropic.claude-sonnet-4-20250514-v1:0", &good, "The provided model doesn't support counting tokens."),
        ("anthropic.claude-nothing-v1:0", &good, "The provided model identifier is invalid."),
        (BASE, &endless, "max_tokens: Field required"),
        (
            "anthropic.claude-sonnet-4-20250514-v1:0",
            &searching,
            "tools.0: Input tag 'web_search_20250305' found using 'type' does not match any of the expected tags: \
             'bash_20250124', 'custom', 'text_editor_20250124', 'text_editor_20250429', 'text_editor_20250728'",
        ),
    ] {
        let refused = count(id, body).await;
        assert_eq!(refused.refusal(), (400, "ValidationException".to_owned(), message.to_owned()), "{id}");
    }
    for input in [json!({}), json!({"input": {}}), json!({"input": {"invokeModel": {"body": "%"}}})] {
        let (status, code, message) = post(BASE, &input).await.refusal();
        assert_eq!((status, code.as_str()), (400, "ValidationException"), "{input}");
        assert!(message.starts_with("Malformed input request: "), "{message}");
    }
    let both = json!({"input": {"converse": {"messages": []}, "invokeModel": {"body": ""}}});
    let union = "CountTokensInput object at input must set one of the following keys: invokeModel, converse.";
    assert_eq!(post(BASE, &both).await.refusal().2, union);
}

#[tokio::test]
async fn a_request_of_converse_is_counted_by_its_own_rules() {
    let counted = |request: Value| async move { post(BASE, &json!({"input": {"converse": request}})).await };
    let user = |text: &str| json!({"role": "user", "content": [{"text": text}]});
    let response = counted(json!({"messages": [user(&"word".repeat(100))]})).await;
    assert_eq!((response.status, response.json()), (200, json!({"inputTokens": 104})));
    let tools = json!({"tools": [{"toolSpec": {"name": "t", "inputSchema": {"json": {"type": "object"}}}}]});
    let more =
        counted(json!({"messages": [user("Hello")], "system": [{"text": "Be brief."}], "toolConfig": tools})).await;
    assert_eq!(more.json(), json!({"inputTokens": 15}));
    let refused = counted(json!({"messages": []})).await.refusal().2;
    assert!(refused.starts_with("A conversation must start with a user message."), "{refused}");
    // A profile is counted by neither.
    let id = "us.anthropic.claude-sonnet-4-20250514-v1:0";
    let refused = post(id, &json!({"input": {"converse": {"messages": [user("Hello")]}}})).await.refusal().2;
    assert_eq!(refused, "The provided model doesn't support counting tokens.");
}
