//! The context window, with and without the beta of a million tokens.

use serde_json::{Value, json};

use super::{OPUS_4_5, OPUS_4_6, SONNET_4, SONNET_4_5, ask, body};

/// Around so many tokens of text, four characters each.
fn long(tokens: usize, betas: Value) -> Value {
    let text = "abc ".repeat(tokens);
    body(json!({"anthropic_beta": betas, "messages": [{"role": "user", "content": text}]}))
}

async fn is_too_long(model: &str, body: &Value, most: u64) {
    let response = ask(model, body).await;
    assert_eq!(response.status, 400, "{model}");
    let (_, code, message) = response.refusal();
    let tokens = message.strip_prefix("prompt is too long: ").and_then(|rest| rest.split_once(" tokens > "));
    let (tokens, rest) = tokens.unwrap_or_else(|| panic!("{message}"));
    assert_eq!((code.as_str(), rest), ("ValidationException", format!("{most} maximum").as_str()));
    assert!(tokens.parse::<u64>().unwrap() > most, "{message}");
}

async fn fits(model: &str, body: &Value) {
    let response = ask(model, body).await;
    assert_eq!(response.status, 200, "{model}: {}", response.text());
}

#[tokio::test]
async fn a_prompt_fits_into_the_window() {
    let beta = json!(["context-1m-2025-08-07"]);
    let (plain, wide) = (long(210_000, json!([])), long(210_000, beta.clone()));
    fits(SONNET_4_5, &long(190_000, json!([]))).await;
    for model in [SONNET_4_5, SONNET_4] {
        is_too_long(model, &plain, 200_000).await;
        fits(model, &wide).await;
    }
    is_too_long(OPUS_4_5, &plain, 200_000).await;
    fits(OPUS_4_6, &plain).await;
    fits(OPUS_4_6, &wide).await;
    let longest = long(1_010_000, beta);
    is_too_long(OPUS_4_6, &longest, 1_000_000).await;
    is_too_long(SONNET_4_5, &longest, 1_000_000).await;
    is_too_long(OPUS_4_6, &long(1_010_000, json!([])), 1_000_000).await;
}
