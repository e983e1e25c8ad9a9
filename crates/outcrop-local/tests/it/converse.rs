//! Converse, ConverseStream and counts of its requests: what is answered, and in which form.

mod anything;
mod calls;
mod checks;
mod documents;
mod fields;
mod model;
mod streams;

use outcrop_local::{Local, WARNING_HEADER};
use serde_json::{Value, json};

use crate::raw::{NOW, Request, Response, Signing, at, local, send};

pub(crate) const OPUS_4_6: &str = "global.anthropic.claude-opus-4-6-v1";
pub(crate) const SONNET_4_5: &str = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
pub(crate) const SONNET_5: &str = "us.anthropic.claude-sonnet-5";

/// A body whose only message has these blocks.
pub(crate) fn content(blocks: Value) -> Value {
    json!({"messages": [{"role": "user", "content": blocks}]})
}

/// A good body with these members.
pub(crate) fn with(members: Value) -> Value {
    let mut body = content(json!([{"text": "Hello"}]));
    body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    body
}

/// The one tool that there is.
pub(crate) fn weather() -> Value {
    json!({"toolSpec": {"name": "weather", "inputSchema": {"json": {
        "type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}}})
}

pub(crate) async fn post(local: &Local, model: &str, operation: &str, body: &Value) -> Response {
    let target = format!("/model/{}/{operation}", model.replace(':', "%3A"));
    send(local, &Request::post(&target, body.to_string()).signed(&Signing::default())).await
}

/// The answer of a server of its own.
pub(crate) async fn ask(model: &str, body: &Value) -> Response {
    post(&local(), model, "converse", body).await
}

pub(crate) async fn said(model: &str, body: &Value) -> Value {
    let response = ask(model, body).await;
    assert_eq!(response.status, 200, "{body}: {}", response.text());
    response.json()
}

/// All that is said in text.
pub(crate) fn text(answer: &Value) -> String {
    let blocks = answer["output"]["message"]["content"].as_array().unwrap();
    blocks.iter().filter_map(|block| block["text"].as_str()).collect()
}

/// What passed and may be refused by AWS.
pub(crate) fn warnings(response: &Response) -> Vec<String> {
    let warnings = response.headers.iter().filter(|(name, _)| name == WARNING_HEADER);
    warnings.map(|(_, value)| value.clone()).collect()
}

/// Each is refused in these words.
pub(crate) async fn refused(model: &str, cases: &[(Value, &str)]) {
    refused_by(&local(), model, cases).await;
}

pub(crate) async fn refused_by(local: &Local, model: &str, cases: &[(Value, &str)]) {
    for (body, message) in cases {
        let response = post(local, model, "converse", body).await;
        assert_ne!(response.status, 200, "{body} passes, and should be refused: {message}");
        assert_eq!(response.refusal(), (400, "ValidationException".to_owned(), (*message).to_owned()), "{body}");
    }
}

pub(crate) async fn taken(model: &str, bodies: &[Value]) {
    for body in bodies {
        said(model, body).await;
    }
}

/// One that refuses what AWS refuses today.
pub(crate) fn strict() -> Local {
    Local::builder().clock(|| at(NOW)).strict(true).build()
}

#[tokio::test]
async fn an_answer_has_the_form_of_recorded_ones() {
    let body = with(json!({"system": [{"text": "Be brief."}], "inferenceConfig": {"maxTokens": 500}}));
    let response = ask(SONNET_4_5, &body).await;
    assert_eq!(response.status, 200, "{}", response.text());
    assert_eq!(response.header("content-type"), Some("application/json"));
    assert!(response.header("x-amzn-requestid").is_some());
    assert!(!response.headers.iter().any(|(name, _)| name.starts_with("x-amzn-bedrock")), "{:?}", response.headers);
    let answer = response.json();
    let members = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(members(&answer), ["metrics", "output", "stopReason", "usage"]);
    assert_eq!(
        members(&answer["usage"]),
        [
            "cacheReadInputTokenCount",
            "cacheReadInputTokens",
            "cacheWriteInputTokenCount",
            "cacheWriteInputTokens",
            "inputTokens",
            "outputTokens",
            "serverToolUsage",
            "totalTokens"
        ]
    );
    let usage = |name: &str| answer["usage"][name].as_u64().unwrap();
    assert_eq!(usage("totalTokens"), usage("inputTokens") + usage("outputTokens"));
    assert!(answer["metrics"]["latencyMs"].is_u64());
    assert_eq!(
        (&answer["stopReason"], &answer["output"]["message"]["role"]),
        (&json!("end_turn"), &json!("assistant"))
    );
    let text = text(&answer);
    assert!(text.contains("Hello") && text.contains("at most 500 tokens, a system prompt of 1 block"), "{text}");
    // AWS writes members in the order of the alphabet.
    assert_eq!(response.text(), answer.to_string());
}

#[tokio::test]
async fn what_is_cached_is_told_by_lifetime_and_adds_to_the_total() {
    let local = local();
    let long = "These words are many. ".repeat(400);
    let body = with(json!({"system": [{"text": long}, {"cachePoint": {"type": "default", "ttl": "1h"}}]}));
    let written = post(&local, SONNET_4_5, "converse", &body).await.json();
    let tokens = written["usage"]["cacheWriteInputTokens"].as_u64().unwrap();
    assert!(tokens > 1024);
    assert_eq!(written["usage"]["cacheDetails"], json!([{"inputTokens": tokens, "ttl": "1h"}]));
    let sum = ["inputTokens", "outputTokens", "cacheWriteInputTokens", "cacheReadInputTokens"];
    let sum: u64 = sum.iter().map(|name| written["usage"][name].as_u64().unwrap()).sum();
    assert_eq!(written["usage"]["totalTokens"], sum);
    let read = post(&local, SONNET_4_5, "converse", &body).await.json();
    assert_eq!(read["usage"]["cacheReadInputTokens"], tokens);
    assert_eq!(read["usage"]["cacheReadInputTokenCount"], tokens);
    assert_eq!(read["usage"].get("cacheDetails"), None);
    // A checkpoint among InvokeModel's own blocks is the same one.
    let invoke = json!({"anthropic_version": "bedrock-2023-05-31", "max_tokens": 100,
        "system": [{"type": "text", "text": long, "cache_control": {"type": "ephemeral", "ttl": "1h"}}],
        "messages": [{"role": "user", "content": "Hello"}]});
    let read = post(&local, SONNET_4_5, "invoke", &invoke).await.json();
    assert_eq!(read["usage"]["cache_read_input_tokens"], tokens);
}

#[tokio::test]
async fn thinking_comes_signed_and_goes_back() {
    let local = local();
    let thinking = json!({"thinking": {"type": "enabled", "budget_tokens": 1024}});
    let config = json!({"maxTokens": 4096});
    let body = with(json!({"additionalModelRequestFields": thinking, "inferenceConfig": config}));
    let answer = post(&local, SONNET_4_5, "converse", &body).await.json();
    let content = &answer["output"]["message"]["content"];
    let thought = &content[0]["reasoningContent"]["reasoningText"];
    assert!(thought["signature"].is_string() && thought["text"].is_string() && content[1]["text"].is_string());
    let mut next = body.clone();
    let turns = next["messages"].as_array_mut().unwrap();
    turns.push(answer["output"]["message"].clone());
    turns.push(json!({"role": "user", "content": [{"text": "And?"}]}));
    let response = post(&local, SONNET_4_5, "converse", &next).await;
    assert_eq!(response.status, 200, "{}", response.text());
    next["messages"][1]["content"][0]["reasoningContent"]["reasoningText"]["text"] = json!("Something else.");
    let refused = post(&local, SONNET_4_5, "converse", &next).await.refusal();
    assert_eq!(
        refused.2,
        "The model returned the following errors: messages.1.content.0: Invalid `signature` in `thinking` block"
    );
}

#[tokio::test]
async fn tier_and_speed_are_echoed_and_a_guardrail_is_not_played() {
    let body = with(json!({"serviceTier": {"type": "flex"}, "performanceConfig": {"latency": "standard"}}));
    let answer = said(OPUS_4_6, &body).await;
    assert_eq!(
        (&answer["serviceTier"], &answer["performanceConfig"]),
        (&json!({"type": "flex"}), &json!({"latency": "standard"}))
    );
    let config = json!({"guardrailIdentifier": "abc123", "guardrailVersion": "DRAFT", "trace": "enabled"});
    let guarded = ask(OPUS_4_6, &with(json!({"guardrailConfig": config}))).await;
    assert_eq!((guarded.status, guarded.json().get("trace")), (200, None));
    assert_eq!(
        warnings(&guarded),
        ["guardrailConfig: outcrop local has no guardrails: abc123 was not applied, and there is no trace of it"]
    );
    // What a guardrail would look at is text to the model.
    let blocks = json!([{"guardContent": {"text": {"text": "Guarded words", "qualifiers": ["query"]}}}]);
    let answer = ask(OPUS_4_6, &content(blocks)).await;
    assert!(text(&answer.json()).contains("Guarded words"));
    assert_eq!(warnings(&answer), ["guardContent: there is no guardrail; it is given to the model as it is"]);
}

#[tokio::test]
async fn what_was_asked_of_the_models_own_answer_comes_along() {
    let body = |paths: Value| {
        let config = json!({"stopSequences": ["received"], "maxTokens": 300});
        with(json!({"inferenceConfig": config, "additionalModelResponseFieldPaths": paths}))
    };
    let answer = said(OPUS_4_6, &body(json!(["/stop_sequence", "/nothing/there", "/usage/output_tokens"]))).await;
    let fields = &answer["additionalModelResponseFields"];
    assert_eq!((&answer["stopReason"], &fields["stop_sequence"]), (&json!("stop_sequence"), &json!("received")));
    assert!(fields["usage"]["output_tokens"].is_u64());
    assert_eq!(fields.as_object().unwrap().len(), 2);
    // It is there and nothing.
    let answer = said(OPUS_4_6, &with(json!({"additionalModelResponseFieldPaths": ["/stop_sequence"]}))).await;
    assert_eq!(answer["additionalModelResponseFields"], json!({"stop_sequence": null}));
    assert_eq!(said(OPUS_4_6, &body(json!([]))).await.get("additionalModelResponseFields"), None);
}

#[tokio::test]
async fn what_was_asked_can_be_seen_in_both_vocabularies() {
    let local = local();
    post(&local, OPUS_4_6, "converse", &with(json!({"inferenceConfig": {"maxTokens": 77}}))).await;
    let asked = local.last().unwrap();
    assert_eq!((asked.operation, asked.surface.row().name), ("Converse", "Converse"));
    let request = asked.request().unwrap();
    assert_eq!((request.max_tokens, request.last_user_text().as_deref()), (77, Some("Hello")));
    let counted = json!({"input": {"converse": {"messages": [{"role": "user", "content": [{"text": "Count"}]}]}}});
    post(&local, "anthropic.claude-opus-4-6-v1", "count-tokens", &counted).await;
    let asked = local.last().unwrap();
    assert_eq!((asked.operation, asked.surface.row().name), ("CountTokens", "Converse"));
    assert_eq!(asked.request().unwrap().last_user_text().as_deref(), Some("Count"));
}
