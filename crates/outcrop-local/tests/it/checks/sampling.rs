//! Sampling, stop sequences, the most tokens, effort.

use serde_json::json;

use super::{OPUS_4_5, OPUS_4_6, OPUS_4_8, SONNET_4, SONNET_4_5, body, refused, taken};

#[tokio::test]
async fn sampling_stays_in_its_range() {
    refused(
        OPUS_4_6,
        &[
            (body(json!({"temperature": 1.5})), "temperature: range: 0..1"),
            (body(json!({"temperature": -0.1})), "temperature: range: 0..1"),
            (body(json!({"temperature": -1})), "`temperature` cannot be set to -1 for this model"),
            (body(json!({"top_p": 2})), "top_p: range: 0..1"),
            (body(json!({"top_p": -0.5})), "top_p: range: 0..1"),
        ],
    )
    .await;
    taken(OPUS_4_6, &[body(json!({"temperature": 1, "top_p": -1, "top_k": -1})), body(json!({"top_p": 0.5}))]).await;
}

#[tokio::test]
async fn newer_models_take_less_of_it() {
    let both = body(json!({"temperature": 0.5, "top_p": 0.9}));
    let one = "`temperature` and `top_p` cannot both be specified for this model. Please use only one.";
    refused(SONNET_4_5, &[(both.clone(), one)]).await;
    refused(OPUS_4_6, &[(both.clone(), one)]).await;
    taken(SONNET_4, &[both]).await;
    refused(
        OPUS_4_8,
        &[
            (body(json!({"temperature": 0.5})), "`temperature` is deprecated for this model."),
            (body(json!({"top_p": 0.9})), "`top_p` is deprecated for this model."),
            (body(json!({"top_k": 5})), "`top_k` is deprecated for this model."),
        ],
    )
    .await;
    taken(OPUS_4_8, &[body(json!({"temperature": 1.0, "top_p": 0.99}))]).await;
}

#[tokio::test]
async fn a_null_is_no_value() {
    for (name, expected) in [("temperature", "number"), ("top_p", "number"), ("top_k", "integer")] {
        // `body` leaves out what is null.
        let mut body = body(json!({}));
        body[name] = json!(null);
        refused(OPUS_4_6, &[(body, &format!("{name}: Input should be a valid {expected}"))]).await;
    }
}

#[tokio::test]
async fn stop_sequences_hold_something() {
    let message = "stop_sequences: each stop sequence must contain non-whitespace";
    refused(
        OPUS_4_6,
        &[(body(json!({"stop_sequences": ["END", "\n"]})), message), (body(json!({"stop_sequences": [""]})), message)],
    )
    .await;
    taken(OPUS_4_6, &[body(json!({"stop_sequences": []})), body(json!({"stop_sequences": ["\nHuman:"]}))]).await;
}

#[tokio::test]
async fn answers_have_a_longest_length() {
    refused(
        OPUS_4_6,
        &[
            (body(json!({"max_tokens": 0})), "max_tokens: must be greater than or equal to 1"),
            (body(json!({"max_tokens": -1})), "max_tokens: must be greater than or equal to 1"),
            (
                body(json!({"max_tokens": 128_001})),
                "max_tokens: 128001 > 128000, which is the maximum allowed number of output tokens for claude-opus-4-6",
            ),
        ],
    )
    .await;
    refused(
        SONNET_4_5,
        &[(
            body(json!({"max_tokens": 64_001})),
            "max_tokens: 64001 > 64000, which is the maximum allowed number of output tokens for \
             claude-sonnet-4-5-20250929",
        )],
    )
    .await;
    taken(OPUS_4_6, &[body(json!({"max_tokens": 128_000})), body(json!({"max_tokens": 1}))]).await;
}

#[tokio::test]
async fn effort_is_for_models_that_have_it() {
    let effort = |level: &str| body(json!({"output_config": {"effort": level}}));
    let with_beta =
        |level: &str| body(json!({"output_config": {"effort": level}, "anthropic_beta": ["effort-2025-11-24"]}));
    refused(
        OPUS_4_6,
        &[
            (
                effort("xhigh"),
                "This model does not support effort level 'xhigh'. Supported levels: high, low, max, medium.",
            ),
            (effort("most"), "output_config.effort: Input should be 'low', 'medium', 'high', 'xhigh' or 'max'"),
        ],
    )
    .await;
    refused(SONNET_4_5, &[(effort("low"), "This model does not support the effort parameter.")]).await;
    refused(
        OPUS_4_5,
        &[
            (effort("low"), "output_config.effort: Extra inputs are not permitted"),
            (with_beta("max"), "This model does not support effort level 'max'. Supported levels: high, low, medium."),
        ],
    )
    .await;
    taken(OPUS_4_6, &[effort("max")]).await;
    taken(OPUS_4_5, &[with_beta("low")]).await;
    taken(OPUS_4_8, &[effort("xhigh")]).await;
}
