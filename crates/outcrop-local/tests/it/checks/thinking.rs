//! The setting of thinking, what it rules out, and the blocks that come back.

use serde_json::{Value, json};

use super::{OPUS_4_6, OPUS_4_8, SONNET_4_5, ask, body, refused, taken, turns};

fn budget(budget: u32, members: Value) -> Value {
    let mut body = body(members);
    body["thinking"] = json!({"type": "enabled", "budget_tokens": budget});
    body
}

#[tokio::test]
async fn a_budget_has_its_bounds() {
    let least = "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024";
    let more = "`max_tokens` must be greater than `thinking.budget_tokens`.";
    refused(
        SONNET_4_5,
        &[
            (budget(1023, json!({})), least),
            (body(json!({"thinking": {"type": "enabled", "budget_tokens": -1}})), least),
            (budget(1024, json!({"max_tokens": 1024})), more),
        ],
    )
    .await;
    taken(
        SONNET_4_5,
        &[
            budget(1024, json!({"max_tokens": 1025})),
            budget(8000, json!({"anthropic_beta": ["interleaved-thinking-2025-05-14"]})),
            body(json!({"thinking": {"type": "disabled"}})),
        ],
    )
    .await;
}

#[tokio::test]
async fn kinds_of_thinking_are_those_of_the_model() {
    let kind = |thinking: Value| body(json!({ "thinking": thinking }));
    let instead = |kind: &str| {
        format!(
            "\"thinking.type.{kind}\" is not supported for this model. Use \"thinking.type.adaptive\" and \
             \"output_config.effort\" to control thinking behavior."
        )
    };
    refused(SONNET_4_5, &[(kind(json!({"type": "adaptive"})), "adaptive thinking is not supported on this model")])
        .await;
    refused(OPUS_4_8, &[(kind(json!({"type": "enabled", "budget_tokens": 1024})), &instead("enabled"))]).await;
    refused("us.anthropic.claude-opus-5-5", &[(kind(json!({"type": "disabled"})), &instead("disabled"))]).await;
    refused(
        OPUS_4_6,
        &[
            (kind(json!({})), "thinking.type: Field required"),
            (
                kind(json!({"type": "on"})),
                "thinking: Input tag 'on' found using 'type' does not match any of the expected tags: 'adaptive', \
                 'disabled', 'enabled'",
            ),
            (
                kind(json!({"type": "adaptive", "display": "all"})),
                "thinking.adaptive.display: Input should be 'summarized' or 'omitted'",
            ),
            (
                kind(json!({"type": "adaptive", "block_binding": {}})),
                "thinking.adaptive.block_binding: Extra inputs are not permitted",
            ),
            (
                kind(json!({"type": "adaptive", "budget_tokens": 2000})),
                "thinking.adaptive.budget_tokens: Extra inputs are not permitted",
            ),
        ],
    )
    .await;
    taken(
        OPUS_4_6,
        &[
            kind(json!({"type": "adaptive", "display": "omitted"})),
            kind(json!({"type": "enabled", "budget_tokens": 1024})),
            kind(json!({"type": "disabled"})),
        ],
    )
    .await;
    taken(OPUS_4_8, &[kind(json!({"type": "adaptive"}))]).await;
}

#[tokio::test]
async fn thinking_rules_out_sampling_and_forced_calls() {
    let consult = "Please consult our documentation at https://docs.claude.com/en/docs/build-with-claude/extended-thinking\
                   #important-considerations-when-using-extended-thinking";
    let adaptive = |members: Value| {
        let mut body = body(members);
        body["thinking"] = json!({"type": "adaptive"});
        body
    };
    let tools = json!([{"name": "weather", "input_schema": {"type": "object"}}]);
    let forced = json!({"tools": tools, "tool_choice": {"type": "any"}});
    refused(
        OPUS_4_6,
        &[
            (
                budget(1024, json!({"temperature": 0.5})),
                &format!("`temperature` may only be set to 1 when thinking is enabled. {consult}"),
            ),
            (
                adaptive(json!({"temperature": 0.5})),
                &format!("`temperature` may only be set to 1 when thinking is enabled or in adaptive mode. {consult}"),
            ),
            (
                budget(1024, json!({"top_p": 0.9})),
                &format!("`top_p` must be greater than or equal to 0.95 or unset when thinking is enabled. {consult}"),
            ),
            (budget(1024, json!({"top_k": 40})), &format!("`top_k` must be unset when thinking is enabled. {consult}")),
            (budget(1024, forced.clone()), "Thinking may not be enabled when tool_choice forces tool use."),
        ],
    )
    .await;
    taken(OPUS_4_6, &[budget(1024, json!({"temperature": 1})), budget(1024, json!({"top_p": 0.95})), adaptive(forced)])
        .await;
}

/// A turn of the model's thinking, as the local Bedrock signs it.
async fn thought() -> Value {
    let answer = ask(OPUS_4_6, &budget(1024, json!({}))).await.json();
    let block = answer["content"][0].clone();
    assert_eq!(block["type"], "thinking", "{answer}");
    block
}

#[tokio::test]
async fn thinking_comes_back_as_it_was() {
    let thought = thought().await;
    let back = |block: Value| {
        turns(json!([{"role": "user", "content": "x"},
            {"role": "assistant", "content": [block, {"type": "text", "text": "y"}]},
            {"role": "user", "content": "z"}]))
    };
    let changed = |name: &str, value: Value| {
        let mut block = thought.clone();
        block[name] = value;
        back(block)
    };
    let mut unsigned = thought.clone();
    unsigned.as_object_mut().unwrap().remove("signature");
    let invalid = "messages.1.content.0: Invalid `signature` in `thinking` block";
    refused(
        OPUS_4_6,
        &[
            (changed("thinking", json!("Something else.")), invalid),
            (changed("signature", json!("AAAA")), invalid),
            (changed("signature", json!("not base64!")), invalid),
            (back(unsigned), "messages.1.content.0.thinking.signature: Field required"),
            (
                back(json!({"type": "thinking", "thinking": "", "signature": ""})),
                "messages.1.content.0.thinking: each thinking block must contain thinking",
            ),
            (
                back(json!({"type": "redacted_thinking", "data": "AAAA"})),
                "messages.1.content.0: Invalid `data` in `redacted_thinking` block",
            ),
        ],
    )
    .await;
    taken(OPUS_4_6, &[back(thought.clone())]).await;
    let late = |thinking: Value| {
        let mut body = turns(json!([{"role": "user", "content": "x"},
            {"role": "assistant", "content": [{"type": "text", "text": "y"}, thought, {"type": "text", "text": "z"}]},
            {"role": "user", "content": "z"}]));
        body["thinking"] = thinking;
        body
    };
    refused(
        OPUS_4_6,
        &[(
            late(json!({"type": "enabled", "budget_tokens": 1024})),
            "messages.1.content.0: If an assistant message contains any thinking blocks, the first block must be `thinking` \
             or `redacted_thinking`. Found `text`.",
        )],
    )
    .await;
    taken(OPUS_4_6, &[late(json!({"type": "adaptive"}))]).await;
    let last = |kind: &Value| {
        turns(json!([{"role": "user", "content": "x"}, {"role": "assistant", "content": [kind]},
            {"role": "user", "content": "z"}]))
    };
    let end = "messages.1: The final block in an assistant message cannot be `thinking`.";
    refused(OPUS_4_6, &[(last(&thought), end)]).await;
}

#[tokio::test]
async fn a_turn_that_calls_tools_begins_with_its_thinking() {
    let thought = thought().await;
    let call = |id: &str| json!({"type": "tool_use", "id": id, "name": "weather", "input": {}});
    let result = |id: &str| json!({"role": "user", "content": [{"type": "tool_result", "tool_use_id": id}]});
    let talk = |turns: Value, kind: &str| {
        let mut body = budget(
            1024,
            json!({"messages": turns,
            "tools": [{"name": "weather", "input_schema": {"type": "object"}}]}),
        );
        if kind == "adaptive" {
            body["thinking"] = json!({"type": "adaptive"});
        }
        body
    };
    let user = json!({"role": "user", "content": "x"});
    let expected = |turn: usize, found: &str| {
        format!(
            "messages.{turn}.content.0.type: Expected `thinking` or `redacted_thinking`, but found `{found}`. When \
             `thinking` is enabled, a final `assistant` message must start with a thinking block (preceeding the lastmost \
             set of `tool_use` and `tool_result` blocks). We recommend you include thinking blocks from previous turns. To \
             avoid this requirement, disable `thinking`. Please consult our documentation at \
             https://docs.claude.com/en/docs/build-with-claude/extended-thinking"
        )
    };
    let bare = json!([user, {"role": "assistant", "content": [call("a")]}, result("a")]);
    let texted =
        json!([user, {"role": "assistant", "content": [{"type": "text", "text": "hm"}, call("a")]}, result("a")]);
    refused(
        OPUS_4_6,
        &[(talk(bare.clone(), "enabled"), &expected(1, "tool_use")), (talk(texted, "enabled"), &expected(1, "text"))],
    )
    .await;
    let whole = json!([user, {"role": "assistant", "content": [thought, call("a")]}, result("a")]);
    // One turn thinks once, however many calls it makes.
    let longer = json!([user, {"role": "assistant", "content": [thought, call("a")]}, result("a"),
        {"role": "assistant", "content": [call("b")]}, result("b")]);
    let over = json!([user, {"role": "assistant", "content": [call("a")]}, result("a"),
        {"role": "assistant", "content": "done"}, user]);
    taken(OPUS_4_6, &[talk(whole, "enabled"), talk(longer, "enabled"), talk(over, "enabled"), talk(bare, "adaptive")])
        .await;
}
