//! Calls of tools and their results.

use serde_json::{Value, json};

use super::{OPUS_4_6, body, refused, taken};

fn call(id: &str) -> Value {
    json!({"type": "tool_use", "id": id, "name": "weather", "input": {}})
}

fn result(id: &str) -> Value {
    json!({"type": "tool_result", "tool_use_id": id, "content": "sun"})
}

fn user(content: Value) -> Value {
    json!({"role": "user", "content": content})
}

fn model(content: Value) -> Value {
    json!({"role": "assistant", "content": content})
}

fn talk(turns: Value) -> Value {
    body(json!({"messages": turns, "tools": [{"name": "weather", "input_schema": {"type": "object"}}]}))
}

fn missing(turn: usize, ids: &str) -> String {
    format!(
        "messages.{turn}: `tool_use` ids were found without `tool_result` blocks immediately after: {ids}. Each `tool_use` \
         block must have a corresponding `tool_result` block in the next message."
    )
}

fn unexpected(place: &str, id: &str) -> String {
    format!(
        "{place}: unexpected `tool_use_id` found in `tool_result` blocks: {id}. Each `tool_result` block must have a \
         corresponding `tool_use` block in the previous message."
    )
}

#[tokio::test]
async fn each_call_has_its_result_right_after_it() {
    let (a, b) = (call("toolu_a"), call("toolu_b"));
    let (of_a, of_b) = (result("toolu_a"), result("toolu_b"));
    let text = json!({"type": "text", "text": "and?"});
    refused(
        OPUS_4_6,
        &[
            (talk(json!([user(json!("x")), model(json!([a]))])), &missing(1, "toolu_a")),
            (talk(json!([user(json!("x")), model(json!([a])), user(json!("y"))])), &missing(1, "toolu_a")),
            (
                talk(json!([user(json!("x")), model(json!([a, b])), user(json!("y"))])),
                &missing(1, "toolu_a, toolu_b"),
            ),
            (
                talk(json!([user(json!("x")), model(json!([a, b])), user(json!([of_a]))])),
                &missing(1, "toolu_b"),
            ),
            // A result counts at the beginning of the turn only.
            (talk(json!([user(json!("x")), model(json!([a])), user(json!([text, of_a]))])), &missing(1, "toolu_a")),
            (
                talk(json!([user(json!("x")), model(json!([a, b])), user(json!([of_a, text, of_b]))])),
                &missing(1, "toolu_b"),
            ),
            (
                talk(json!([user(json!("x")), model(json!([a])), user(json!("y")), user(json!([of_a]))])),
                &missing(1, "toolu_a"),
            ),
            // Turns of one role are one: the second block of the first turn.
            (
                talk(json!([user(json!("x")), user(json!([of_a]))])),
                &unexpected("messages.0.content.1", "toolu_a"),
            ),
            (
                talk(json!([user(json!("x")), model(json!([a])), user(json!([of_a, of_b]))])),
                &unexpected("messages.2.content.1", "toolu_b"),
            ),
            (
                talk(json!([user(json!("x")), model(json!([a])), user(json!([of_a, of_a]))])),
                "messages.2.content.1: each tool_use must have a single result. Found multiple `tool_result` blocks with id: \
                 toolu_a",
            ),
            (
                talk(json!([user(json!("x")), model(json!([a, a])), user(json!([of_a]))])),
                "messages.1.content.1: `tool_use` ids must be unique",
            ),
            (
                talk(json!([user(json!("x")), model(json!([a])), user(json!([of_a])), model(json!([a])),
                    user(json!([of_a]))])),
                "messages.3.content.0: `tool_use` ids must be unique",
            ),
        ],
    )
    .await;
    taken(
        OPUS_4_6,
        &[
            // A tool may have nothing to say.
            talk(json!([
                user(json!("x")),
                model(json!([a])),
                user(json!([{"type": "tool_result",
                "tool_use_id": "toolu_a", "content": [{"type": "text", "text": ""}]}]))
            ])),
            talk(json!([
                user(json!("x")),
                model(json!([a])),
                user(json!([{"type": "tool_result",
                "tool_use_id": "toolu_a"}]))
            ])),
            talk(json!([user(json!("x")), model(json!([a, b])), user(json!([of_b, of_a, text]))])),
            talk(json!([user(json!("x")), model(json!([a, b])), user(json!([of_a])), user(json!([of_b]))])),
            talk(json!([
                user(json!("x")),
                model(json!([text, a])),
                user(json!([of_a])),
                model(json!([b])),
                user(json!([of_b]))
            ])),
        ],
    )
    .await;
}

#[tokio::test]
async fn calls_are_the_models_and_results_the_users() {
    let user_turn = user(json!("x"));
    refused(
        OPUS_4_6,
        &[
            (
                talk(json!([user(json!([call("toolu_a")]))])),
                "messages.0: `tool_use` blocks can only be in `assistant` messages",
            ),
            (
                talk(json!([user_turn, model(json!([result("toolu_a")])), user_turn])),
                "messages.1: `tool_result` blocks can only be in `user` messages",
            ),
            (
                talk(json!([user(json!([{"type": "thinking", "thinking": "hm", "signature": "x"}]))])),
                "messages.0.content: thinking blocks may only be in `assistant` messages",
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn calls_are_well_formed() {
    let with = |call: Value| talk(json!([user(json!("x")), model(json!([call])), user(json!([result("toolu_a")]))]));
    let place = "messages.1.content.0.tool_use";
    for id in ["", "a b", "Bash:12", "ü"] {
        let message = format!("{place}.id: String should match pattern '^[a-zA-Z0-9_-]+$'");
        refused(OPUS_4_6, &[(with(call(id)), &message)]).await;
    }
    let named = |name: &str| with(json!({"type": "tool_use", "id": "toolu_a", "name": name, "input": {}}));
    let given = |input: Value| with(json!({"type": "tool_use", "id": "toolu_a", "name": "weather", "input": input}));
    refused(
        OPUS_4_6,
        &[
            (named(""), &format!("{place}.name: String should have at least 1 character")),
            (named(&"n".repeat(201)), &format!("{place}.name: String should have at most 200 characters")),
            (given(json!("{}")), &format!("{place}.input: Input should be a valid dictionary")),
            (given(json!([])), &format!("{place}.input: Input should be a valid dictionary")),
            (
                talk(json!([
                    user(json!("x")),
                    model(json!([call("toolu_a")])),
                    user(json!([result("toolu_a"), result("b:c")]))
                ])),
                "messages.2.content.1.tool_result.tool_use_id: String should match pattern '^[a-zA-Z0-9_-]+$'",
            ),
        ],
    )
    .await;
    taken(OPUS_4_6, &[named(&"n".repeat(200))]).await;
}
