//! What documentation allows and AWS no longer does: it passes with a warning, or strictly it does not.

use outcrop_local::{Local, WARNING_HEADER};
use serde_json::{Value, json};

use super::{OPUS_4_6, OPUS_4_8, SONNET_4, SONNET_4_5, ask_of, body};
use crate::raw::{NOW, Response, at};

async fn both(model: &str, body: &Value) -> (Response, Response) {
    let local = |strict| Local::builder().clock(|| at(NOW)).strict(strict).build();
    (ask_of(&local(false), model, body).await, ask_of(&local(true), model, body).await)
}

/// Passes with this warning, and strictly is refused in these words.
async fn differs(model: &str, body: &Value, warning: &str, message: &str) {
    let (lenient, strict) = both(model, body).await;
    assert_eq!((lenient.status, lenient.header(WARNING_HEADER)), (200, Some(warning)), "{model} {body}");
    assert_eq!(strict.refusal(), (400, "ValidationException".to_owned(), message.to_owned()), "{model} {body}");
}

/// Passes either way, and nothing is said.
async fn is_the_same(model: &str, body: &Value) {
    let (lenient, strict) = both(model, body).await;
    for response in [lenient, strict] {
        assert_eq!((response.status, response.header(WARNING_HEADER)), (200, None), "{model}: {}", response.text());
    }
}

#[tokio::test]
async fn the_beta_of_a_million_tokens_was_withdrawn() {
    let with_beta = body(json!({"anthropic_beta": ["context-1m-2025-08-07"]}));
    for (model, name) in [(SONNET_4_5, "claude-sonnet-4-5"), (SONNET_4, "claude-sonnet-4")] {
        let warning = format!(
            "context-1m-2025-08-07: AWS documents a window of 200000 tokens for {name} today and may answer `invalid beta \
             flag`"
        );
        differs(model, &with_beta, &warning, "invalid beta flag").await;
    }
    is_the_same(OPUS_4_6, &with_beta).await;
    let long = body(json!({"messages": [{"role": "user", "content": "abc ".repeat(210_000)}]}));
    is_the_same(OPUS_4_6, &long).await;
    let (_, strict) = both(SONNET_4_5, &long).await;
    assert!(strict.refusal().2.ends_with(" tokens > 200000 maximum"), "{}", strict.text());
}

#[tokio::test]
async fn older_models_may_not_know_the_newest_version() {
    for version in ["2026-10-21", "2023-06-01"] {
        let body = body(json!({ "anthropic_version": version }));
        let warning = format!(
            "anthropic_version {version}: AWS may answer 400 for claude-opus-4-6 (documented: bedrock-2023-05-31)"
        );
        differs(OPUS_4_6, &body, &warning, &format!("Invalid API version: {version}")).await;
    }
    is_the_same(OPUS_4_6, &body(json!({}))).await;
    is_the_same(OPUS_4_8, &body(json!({"anthropic_version": "2026-10-21"}))).await;
}

#[tokio::test]
async fn base_ids_are_served_in_few_regions() {
    let id = "anthropic.claude-sonnet-4-5-20250929-v1:0";
    differs(
        id,
        &body(json!({})),
        &format!(
            "{id}: AWS serves claude-sonnet-4-5 through inference profiles in us-east-1 and may answer 400 to its base id"
        ),
        &format!(
            "Invocation of model ID {id} with on-demand throughput isn’t supported. Retry your request with the ID or ARN of \
             an inference profile that contains this model."
        ),
    )
    .await;
}

#[tokio::test]
async fn profiles_are_called_from_their_geography() {
    let body = body(json!({}));
    for (scope, model) in [("eu", "opus-4-6-v1"), ("jp", "sonnet-4-6")] {
        let id = format!("{scope}.anthropic.claude-{model}");
        let warning = format!("{id}: AWS has no `{scope}.` profiles in us-east-1 and may answer 400 there");
        differs(&id, &body, &warning, "The provided model identifier is invalid.").await;
    }
    is_the_same("us.anthropic.claude-opus-4-6-v1", &body).await;
    is_the_same(OPUS_4_6, &body).await;
}
