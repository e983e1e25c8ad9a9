//! Beta flags, and what may be said only with one.

use serde_json::{Value, json};

use super::{OPUS_4_5, OPUS_4_6, SONNET_4_5, body, refused, taken};

#[tokio::test]
async fn flags_are_those_of_the_model() {
    let flags = |flags: Value| body(json!({ "anthropic_beta": flags }));
    let invalid = "invalid beta flag";
    refused(
        OPUS_4_6,
        &[
            (flags(json!(["claude-code-20250219"])), invalid),
            (flags(json!(["advanced-tool-use-2025-11-20"])), invalid),
            (flags(json!(["computer-use-2025-11-24", "files-api-2025-04-14"])), invalid),
            (flags(json!([""])), invalid),
        ],
    )
    .await;
    taken(OPUS_4_6, &[flags(json!([])), flags(json!(["context-1m-2025-08-07", "computer-use-2025-11-24"]))]).await;
    taken(OPUS_4_5, &[flags(json!(["interleaved-thinking-2025-05-14", "tool-examples-2025-10-29"]))]).await;
    refused(OPUS_4_5, &[(flags(json!(["context-1m-2025-08-07"])), invalid)]).await;
}

#[tokio::test]
async fn a_context_is_managed_under_its_flag() {
    let managed = |flags: Value| body(json!({"context_management": {"edits": []}, "anthropic_beta": flags}));
    refused(SONNET_4_5, &[(managed(json!([])), "context_management: Extra inputs are not permitted")]).await;
    taken(SONNET_4_5, &[managed(json!(["context-management-2025-06-27"]))]).await;
    taken(OPUS_4_6, &[managed(json!(["compact-2026-01-12"]))]).await;
}

#[tokio::test]
async fn tools_are_referred_to_under_their_flag() {
    let talk = |flags: Value| {
        body(
            json!({"anthropic_beta": flags, "tools": [{"name": "a", "input_schema": {"type": "object"}}], "messages": [
            {"role": "user", "content": "x"},
            {"role": "assistant", "content": [{"type": "tool_use", "id": "t", "name": "a", "input": {}}]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t", "content": [
                {"type": "text", "text": "found"}, {"type": "tool_reference", "tool_name": "a"}]}]}]}),
        )
    };
    refused(
        SONNET_4_5,
        &[(
            talk(json!([])),
            "messages.2.content.0.tool_result.content.1: Input tag 'tool_reference' found using 'type' does not match any of \
             the expected tags: 'document', 'image', 'search_result', 'text'",
        )],
    )
    .await;
    taken(SONNET_4_5, &[talk(json!(["tool-search-tool-2025-10-19"]))]).await;
}
