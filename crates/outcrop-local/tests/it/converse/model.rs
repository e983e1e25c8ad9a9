//! What the model refuses, passed on by Converse.

use serde_json::{Value, json};

use super::{OPUS_4_6, SONNET_4_5, SONNET_5, refused, taken, weather, with};

/// The words are those of InvokeModel behind AWS's own.
#[tokio::test]
async fn the_model_is_quoted() {
    let passed_on = |words: &str| format!("The model returned the following errors: {words}");
    let forced = |choice: Value| with(json!({"toolConfig": {"tools": [weather()], "toolChoice": choice}}));
    let thinking = |thinking: Value, most: u32| {
        with(json!({"additionalModelRequestFields": {"thinking": thinking}, "inferenceConfig": {"maxTokens": most}}))
    };
    let prefilled = json!({"messages": [{"role": "user", "content": [{"text": "Hi"}]},
        {"role": "assistant", "content": [{"text": "Well,"}]}]});
    for (model, body, words) in [
        // Recorded.
        (
            SONNET_5,
            with(json!({"inferenceConfig": {"temperature": 0.3}})),
            "`temperature` is deprecated for this model.",
        ),
        (
            "global.anthropic.claude-opus-5-5",
            forced(json!({"any": {}})),
            "tool_choice: type \"tool\" and \"any\" are not supported for this model.",
        ),
        // Quoted.
        (
            SONNET_4_5,
            thinking(json!({"type": "enabled", "budget_tokens": 100}), 4096),
            "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024",
        ),
        (
            SONNET_4_5,
            thinking(json!({"type": "enabled", "budget_tokens": 4096}), 4096),
            "`max_tokens` must be greater than `thinking.budget_tokens`.",
        ),
        (
            OPUS_4_6,
            prefilled.clone(),
            "This model does not support assistant message prefill. The conversation must end with a user message.",
        ),
        (
            SONNET_5,
            with(json!({"outputConfig": {"textFormat": {"type": "json_schema", "structure": {"jsonSchema": {
                "name": "n", "schema": "{\"type\":\"object\",\"additionalProperties\":false}"}}}}})),
            "output_config.format: Extra inputs are not permitted",
        ),
        (
            SONNET_4_5,
            json!({"messages": [{"role": "user", "content": [{"text": "a"}]}, {"role": "assistant", "content": [
                {"reasoningContent": {"reasoningText": {"text": "Hm."}}}, {"text": "b"}]},
                {"role": "user", "content": [{"text": "c"}]}]}),
            "messages.1.content.0.thinking.signature: Field required",
        ),
    ] {
        refused(model, &[(body, &passed_on(words))]).await;
    }
    taken(SONNET_4_5, &[prefilled]).await;
}

/// A name and a description of a schema are Converse's own.
#[tokio::test]
async fn a_form_is_filled_in() {
    let schema = json!({"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"],
        "additionalProperties": false});
    let body = with(json!({"outputConfig": {"textFormat": {"type": "json_schema", "structure": {"jsonSchema": {
        "name": "number", "description": "One number.", "schema": schema.to_string()}}}}}));
    let answer = super::said(SONNET_4_5, &body).await;
    let said: Value = serde_json::from_str(&super::text(&answer)).unwrap();
    assert!(said["n"].is_i64(), "{said}");
}
