//! Roles, empty turns, empty texts, and how the last turn ends.

use serde_json::json;

use super::{OPUS_4_6, OPUS_4_8, SONNET_4_5, body, content, refused, taken, turns};

#[tokio::test]
async fn somebody_speaks_and_says_something() {
    refused(
        OPUS_4_6,
        &[
            (turns(json!([])), "messages: at least one message is required"),
            (
                turns(json!([{"role": "assistant", "content": "x"}, {"role": "user", "content": "y"}])),
                "messages: first message must use the \"user\" role",
            ),
            (
                turns(json!([{"role": "developer", "content": "x"}])),
                "messages: Unexpected role \"developer\". Allowed roles are \"user\" or \"assistant\"",
            ),
            (
                turns(json!([{"role": "user", "content": "x"}, {"role": "system", "content": "y"}])),
                "messages: Unexpected role \"system\". The Messages API accepts a top-level `system` parameter, not \
                 \"system\" as an input message role.",
            ),
            (turns(json!([{"role": "user", "content": ""}])), "messages.0: user messages must have non-empty content"),
            (turns(json!([{"role": "user", "content": []}])), "messages.0: user messages must have non-empty content"),
            (
                turns(json!([{"role": "user", "content": "x"}, {"role": "user", "content": "x"},
                    {"role": "assistant", "content": "y"}, {"role": "user", "content": []}])),
                "messages.2: user messages must have non-empty content",
            ),
            (
                turns(json!([{"role": "user", "content": "x"}, {"role": "assistant", "content": []},
                    {"role": "user", "content": "y"}])),
                "messages.1: all messages must have non-empty content except for the optional final assistant message",
            ),
        ],
    )
    .await;
    taken(
        OPUS_4_6,
        &[
            turns(json!([{"role": "user", "content": "x"}, {"role": "user", "content": "y"}])),
            turns(json!([{"role": "user", "content": ""}, {"role": "user", "content": "y"}])),
            turns(json!([{"role": "user", "content": "x"}, {"role": "assistant", "content": []}])),
        ],
    )
    .await;
}

#[tokio::test]
async fn texts_are_not_empty() {
    let empty = "messages: text content blocks must be non-empty";
    let blank = "messages: text content blocks must contain non-whitespace text";
    refused(
        OPUS_4_6,
        &[
            (content(json!([{"type": "text", "text": "x"}, {"type": "text", "text": ""}])), empty),
            (content(json!([{"type": "text", "text": " \n\t"}])), blank),
            (turns(json!([{"role": "user", "content": " "}])), blank),
            (
                content(json!([{"type": "text", "text": "", "cache_control": {"type": "ephemeral"}}])),
                "messages.0.content.0.text: cache_control cannot be set for empty text blocks",
            ),
            (body(json!({"system": [{"type": "text", "text": ""}]})), "system: text content blocks must be non-empty"),
            (body(json!({"system": "  "})), "system: text content blocks must contain non-whitespace text"),
            (
                body(json!({"system": [{"type": "text", "text": "", "cache_control": {"type": "ephemeral"}}]})),
                "system.0: cache_control cannot be set for empty text blocks",
            ),
        ],
    )
    .await;
    taken(OPUS_4_6, &[body(json!({"system": ""})), body(json!({"system": [{"type": "text", "text": "x"}]}))]).await;
}

#[tokio::test]
async fn a_prefill_is_refused_or_ends_without_a_blank() {
    let ends = |content: serde_json::Value| {
        turns(json!([{"role": "user", "content": "x"}, {"role": "assistant", "content": content}]))
    };
    let refusal =
        "This model does not support assistant message prefill. The conversation must end with a user message.";
    refused(OPUS_4_6, &[(ends(json!("{")), refusal), (ends(json!([{"type": "text", "text": "{"}])), refusal)]).await;
    let trailing = "messages: final assistant content cannot end with trailing whitespace";
    refused(
        SONNET_4_5,
        &[
            (ends(json!("{ ")), trailing),
            (ends(json!([{"type": "text", "text": "a"}, {"type": "text", "text": "b\n"}])), trailing),
        ],
    )
    .await;
    taken(
        SONNET_4_5,
        &[
            ends(json!("{")),
            ends(json!([{"type": "text", "text": "a "}, {"type": "text", "text": "b"}])),
            turns(json!([{"role": "user", "content": "x"}, {"role": "assistant", "content": "y "},
                {"role": "user", "content": "z"}])),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_turn_that_was_paused_is_no_prefill() {
    let call = json!({"type": "server_tool_use", "id": "srvtoolu_1", "name": "tool_search_tool_regex",
        "input": {"pattern": "x"}});
    let found = json!({"type": "tool_search_tool_result", "tool_use_id": "srvtoolu_1",
        "content": {"type": "tool_search_tool_search_result", "tool_references": []}});
    let ends = |content: serde_json::Value| {
        turns(json!([{"role": "user", "content": "x"}, {"role": "assistant", "content": content}]))
    };
    taken(OPUS_4_6, &[ends(json!([{"type": "text", "text": "I look."}, call])), ends(json!([call, found]))]).await;
    let refusal =
        "This model does not support assistant message prefill. The conversation must end with a user message.";
    refused(OPUS_4_6, &[(ends(json!([call, found, {"type": "text", "text": "So"}])), refusal)]).await;
}

#[tokio::test]
async fn turns_of_the_system_have_their_places() {
    let user = json!({"role": "user", "content": "x"});
    let system = json!({"role": "system", "content": "y"});
    let place = "role 'system' must precede an 'assistant' message or end the array; the directive-only form \
                 (content: [] with output_config) is accepted at any position";
    refused(
        OPUS_4_8,
        &[
            (
                turns(json!([system, user])),
                "messages.0: use the top-level 'system' parameter for the initial system prompt; the directive-only form \
                 (content: [] with output_config) is accepted at any position",
            ),
            (turns(json!([user, system, user])), &format!("messages.1: {place}")),
            (turns(json!([user, system, system, user])), &format!("messages.2: {place}")),
            (
                turns(json!([user, {"role": "system", "content": []}])),
                "messages.1: system content must contain at least one block",
            ),
            (
                turns(json!([user, {"role": "system", "content": " "}])),
                "messages.1: system text blocks must contain non-whitespace text",
            ),
            (
                turns(json!([user, {"role": "system", "content": [{"type": "tool_use", "id": "a", "name": "b", "input": {}}]}])),
                "messages.1: role 'system' supports text, tool_addition, and tool_removal blocks only",
            ),
        ],
    )
    .await;
    taken(
        OPUS_4_8,
        &[turns(json!([user, system])), turns(json!([user, system, {"role": "assistant", "content": "z"}, user]))],
    )
    .await;
}
