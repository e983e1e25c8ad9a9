//! What Converse has no member for, and what it has one for all the same; pointers and limits.

use serde_json::json;

use super::{OPUS_4_6, SONNET_4_5, ask, refused, refused_by, strict, taken, text, warnings, weather, with};

#[tokio::test]
async fn what_is_said_twice_is_refused() {
    let clash = |name: &str, known: &str| {
        format!("The additional field {name} conflicts with the existing field {known}. Remove {name} and try again.")
    };
    let twice = |fields: serde_json::Value, config: serde_json::Value| {
        with(json!({"additionalModelRequestFields": fields, "inferenceConfig": config}))
    };
    let mut chosen = with(json!({"additionalModelRequestFields": {"tool_choice": {"type": "auto"}}}));
    chosen["toolConfig"] = json!({"tools": [weather()], "toolChoice": {"tool": {"name": "weather"}}});
    refused(
        SONNET_4_5,
        &[
            // Quoted from AWS.
            (twice(json!({"max_tokens": 5}), json!({"maxTokens": 5})), &clash("max_tokens", "maxTokens")),
            (chosen, &clash("tool_choice/type", "toolConfig.toolChoice.tool")),
            (twice(json!({"temperature": 1}), json!({"temperature": 1})), &clash("temperature", "temperature")),
            (
                with(json!({"additionalModelRequestFields": [1]})),
                "The format of the value at additionalModelRequestFields is invalid. Provide a json object for the field \
                 and try again.",
            ),
        ],
    )
    .await;
    // What the model says of what it does not know.
    let unknown = with(json!({"additionalModelRequestFields": {"ag_ui_thread_id": "x"}}));
    let betas = |betas: &str| with(json!({"additionalModelRequestFields": {"anthropic_beta": [betas]}}));
    refused(
        SONNET_4_5,
        &[
            (unknown, "The model returned the following errors: ag_ui_thread_id: Extra inputs are not permitted"),
            (betas("files-api-2025-04-14"), "The model returned the following errors: invalid beta flag"),
        ],
    )
    .await;
    let top_k = json!({"top_k": 5, "max_tokens": 300});
    let answer = ask(SONNET_4_5, &with(json!({"additionalModelRequestFields": top_k}))).await.json();
    assert!(text(&answer).contains("at most 300 tokens"), "{}", text(&answer));
    taken(SONNET_4_5, &[betas("interleaved-thinking-2025-05-14")]).await;
}

#[tokio::test]
async fn pointers_are_pointers() {
    let body = |path: &str| with(json!({"additionalModelResponseFieldPaths": [path]}));
    for path in ["stop_sequence", "/a~2b", "/a~"] {
        let message = format!("The value '{path}' in additionalModelResponseFieldPaths is not a valid JSON pointer.");
        refused(OPUS_4_6, &[(body(path), &message)]).await;
    }
    taken(OPUS_4_6, &[body("/a~1b/0"), body("/")]).await;
}

/// Where no limit is named it is the model's own, and the limit itself is one too many for AWS.
#[tokio::test]
async fn the_most_tokens_of_an_answer() {
    let most = |tokens: u32| with(json!({"inferenceConfig": {"maxTokens": tokens}}));
    let rule = "The maximum tokens you requested exceeds the model limit of 64000. Try again with a maximum tokens value \
                that is lower than 64000.";
    refused(SONNET_4_5, &[(most(64_001), rule)]).await;
    let response = ask(SONNET_4_5, &most(64_000)).await;
    assert_eq!(
        (response.status, warnings(&response)),
        (
            200,
            vec!["inferenceConfig.maxTokens: AWS has refused 64000, which is the limit itself, on Converse".to_owned()]
        )
    );
    refused_by(&strict(), SONNET_4_5, &[(most(64_000), rule)]).await;
    let answer = ask(SONNET_4_5, &with(json!({}))).await.json();
    assert!(text(&answer).contains("at most 64000 tokens"), "{}", text(&answer));
}

#[tokio::test]
async fn a_guardrail_has_a_version_and_a_checkpoint_ends_something() {
    let config = |config: serde_json::Value| with(json!({"guardrailConfig": config}));
    refused(
        OPUS_4_6,
        &[
            (
                config(json!({"guardrailIdentifier": "abc"})),
                "guardrailConfig: guardrailIdentifier needs a guardrailVersion.",
            ),
            (
                config(json!({"guardrailVersion": "1"})),
                "guardrailConfig: guardrailVersion needs a guardrailIdentifier.",
            ),
        ],
    )
    .await;
    let arn = "arn:aws:bedrock:us-east-1:123456789012:guardrail/abc123";
    taken(OPUS_4_6, &[config(json!({"guardrailIdentifier": arn, "guardrailVersion": "12"})), config(json!({}))]).await;
    let loose = with(json!({"system": [{"cachePoint": {"type": "default"}}, {"text": "Be brief."}]}));
    let response = ask(OPUS_4_6, &loose).await;
    assert_eq!(warnings(&response), ["system.0: a cachePoint ends nothing here and is passed over"]);
}
