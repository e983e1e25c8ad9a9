//! What documentation allows and AWS no longer does: it passes with a warning, or strictly it does not.

use outcrop_local::{Local, WARNING_HEADER};
use serde_json::{Value, json};

use super::{OPUS_4_6, OPUS_4_8, SONNET_4, SONNET_4_5, body};
use crate::raw::{NOW, Request, Response, Signing, at, send};

/// The day before Sonnet 4 was to end: it takes less than any other.
const BEFORE: &str = "20261013T120000Z";

async fn both(model: &str, body: &Value) -> (Response, Response) {
    both_in("us-east-1", model, body).await
}

async fn both_in(region: &str, model: &str, body: &Value) -> (Response, Response) {
    let day = if model.contains("claude-sonnet-4-2025") { BEFORE } else { NOW };
    both_on(day, region, model, body).await
}

async fn both_on(day: &'static str, region: &str, model: &str, body: &Value) -> (Response, Response) {
    let ask = async |strict| {
        let local = Local::builder().clock(move || at(day)).strict(strict).build();
        let signing = Signing { region, time: day, ..Signing::default() };
        let target = format!("/model/{}/invoke", model.replace(':', "%3A"));
        send(&local, &Request::post(&target, body.to_string()).signed(&signing)).await
    };
    (ask(false).await, ask(true).await)
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
async fn what_a_model_does_without_a_flag_needs_none() {
    for (model, name, flags) in [
        (
            OPUS_4_6,
            "claude-opus-4-6",
            &[
                "prompt-caching-2024-07-31",
                "extended-cache-ttl-2025-04-11",
                "effort-2025-11-24",
                "structured-outputs-2025-11-13",
                "interleaved-thinking-2025-05-14",
                "tool-search-tool-2025-10-19",
            ][..],
        ),
        (OPUS_4_8, "claude-opus-4-8", &["context-1m-2025-08-07", "prompt-caching-2024-07-31"]),
        (SONNET_4, "claude-sonnet-4", &["prompt-caching-2024-07-31"]),
    ] {
        for flag in flags {
            let warning = format!("{flag}: {name} does that without a flag, and AWS may answer `invalid beta flag`");
            differs(model, &body(json!({ "anthropic_beta": [flag] })), &warning, "invalid beta flag").await;
        }
    }
    // What the model does not do needs its flag, and has none.
    for (model, flag) in [
        (SONNET_4, "extended-cache-ttl-2025-04-11"),
        (SONNET_4, "effort-2025-11-24"),
        (OPUS_4_8, "structured-outputs-2025-11-13"),
    ] {
        let (lenient, strict) = both(model, &body(json!({ "anthropic_beta": [flag] }))).await;
        assert_eq!((lenient.status, strict.status), (400, 400), "{model} {flag}");
    }
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
async fn a_model_whose_announced_end_has_come_may_be_gone() {
    let (lenient, strict) = both_on(NOW, "us-east-1", SONNET_4, &body(json!({}))).await;
    let warning = format!("{SONNET_4}: AWS announced its end for 2026-10-14 and may answer 404");
    assert_eq!((lenient.status, lenient.header(WARNING_HEADER)), (200, Some(&*warning)));
    let (status, code, message) = strict.refusal();
    assert_eq!((status, &*code), (404, "ResourceNotFoundException"));
    assert!(message.starts_with("This model version has reached the end of its life."), "{message}");
    is_the_same(SONNET_4, &body(json!({}))).await;
}

#[tokio::test]
async fn base_ids_are_served_in_few_regions() {
    let id = "anthropic.claude-sonnet-4-5-20250929-v1:0";
    differs(
        id,
        &body(json!({})),
        &format!(
            "{id}: AWS serves claude-sonnet-4-5 through inference profiles in us-east-1 and may answer 400 to its base id; there it has \
             global.{id}, us.{id}"
        ),
        &format!(
            "Invocation of model ID {id} with on-demand throughput isn’t supported. Retry your request with the ID or ARN of \
             an inference profile that contains this model."
        ),
    )
    .await;
}

#[tokio::test]
async fn profiles_are_called_from_their_regions() {
    let body = body(json!({}));
    let old = "anthropic.claude-sonnet-4-20250514-v1:0";
    for (region, scope, base, instead) in [
        ("us-east-1", "eu", "anthropic.claude-opus-4-6-v1", &["global", "us"][..]),
        ("us-east-1", "jp", "anthropic.claude-sonnet-4-6", &["global", "us"]),
        ("ca-west-1", "us", "anthropic.claude-opus-4-5-20251101-v1:0", &["global"]),
        ("us-west-1", "global", old, &["us"]),
        ("ap-southeast-6", "au", "anthropic.claude-opus-4-8", &["global"]),
        ("us-gov-west-1", "us", "anthropic.claude-opus-4-8", &["us-gov"]),
        ("us-gov-west-1", "global", "anthropic.claude-opus-4-6-v1", &[]),
        ("us-east-1", "us-gov", "anthropic.claude-opus-4-8", &["global", "us"]),
    ] {
        let id = format!("{scope}.{base}");
        let mut warning = format!("{id}: AWS has no such profile in {region} and may answer 400 there");
        let ids: Vec<String> = instead.iter().map(|scope| format!("{scope}.{base}")).collect();
        if !ids.is_empty() {
            warning.push_str(&format!("; there it has {}", ids.join(", ")));
        }
        let (lenient, strict) = both_in(region, &id, &body).await;
        assert_eq!((lenient.status, lenient.header(WARNING_HEADER)), (200, Some(&*warning)), "{id} {region}");
        let refusal = "The provided model identifier is invalid.".to_owned();
        assert_eq!(strict.refusal(), (400, "ValidationException".to_owned(), refusal), "{id} {region}");
    }
    for (region, id) in [
        ("us-east-1", "us.anthropic.claude-opus-4-6-v1".to_owned()),
        ("us-east-1", OPUS_4_6.to_owned()),
        ("ca-west-1", "us.anthropic.claude-opus-4-6-v1".to_owned()),
        ("us-west-1", format!("us.{old}")),
        ("us-gov-west-1", "us-gov.anthropic.claude-opus-4-8".to_owned()),
    ] {
        let (lenient, strict) = both_in(region, &id, &body).await;
        for response in [lenient, strict] {
            assert_eq!((response.status, response.header(WARNING_HEADER)), (200, None), "{id} {region}");
        }
    }
    let (lenient, strict) = both_in("xx-north-1", "us.anthropic.claude-opus-4-6-v1", &body).await;
    for response in [lenient, strict] {
        let (status, _, message) = response.refusal();
        assert!(status == 403 && message.contains("AWS has no region xx-north-1"), "{message}");
    }
}

/// Profiles are a matter of the surfaces that were there first: on Anthropic's own API a base id is the way to call.
#[tokio::test]
async fn base_ids_are_served_on_the_messages_api() {
    let body = json!({"model": "anthropic.claude-opus-4-8", "max_tokens": 16, "messages": [{"role": "user", "content": "Hello"}]});
    for strict in [false, true] {
        let local = Local::builder().clock(|| at(NOW)).strict(strict).build();
        let signing = Signing { region: "ap-south-1", ..Signing::default() };
        let request = Request::post("/anthropic/v1/messages", body.to_string());
        let response = send(&local, &request.header("anthropic-version", "2023-06-01").signed(&signing)).await;
        assert_eq!((response.status, response.header(WARNING_HEADER)), (200, None), "{}", response.text());
    }
}
