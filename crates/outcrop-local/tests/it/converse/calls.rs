//! Tools: calls come with ids of Converse, and their results go back by the rules of Converse.

use serde_json::{Value, json};

use super::{OPUS_4_6, SONNET_4_5, content, post, refused, said, taken, weather, with};
use crate::raw::local;

fn call(id: &str) -> Value {
    json!({"toolUse": {"toolUseId": id, "name": "weather", "input": {"city": "Oslo"}}})
}

fn result(id: &str) -> Value {
    json!({"toolResult": {"toolUseId": id, "content": [{"text": "Rain"}]}})
}

/// A conversation in which these calls are made and these blocks follow.
fn loops(calls: Value, then: Value) -> Value {
    json!({"messages": [{"role": "user", "content": [{"text": "Weather?"}]}, {"role": "assistant", "content": calls},
        {"role": "user", "content": then}], "toolConfig": {"tools": [weather()]}})
}

#[tokio::test]
async fn a_call_has_an_id_of_converse_and_its_result_goes_back() {
    let local = local();
    let mut body = content(json!([{"text": "Weather?"}]));
    body["toolConfig"] = json!({"tools": [weather()], "toolChoice": {"any": {}}});
    let answer = post(&local, SONNET_4_5, "converse", &body).await.json();
    assert_eq!(answer["stopReason"], "tool_use");
    let call = &answer["output"]["message"]["content"][0]["toolUse"];
    let id = call["toolUseId"].as_str().unwrap();
    assert!(id.strip_prefix("tooluse_").is_some_and(|tail| tail.len() == 22), "{id}");
    // Recorded, and documented nowhere.
    assert_eq!((&call["name"], &call["type"]), (&json!("weather"), &json!("tool_use")));
    let turns = body["messages"].as_array_mut().unwrap();
    turns.push(answer["output"]["message"].clone());
    turns.push(json!({"role": "user", "content": [{"toolResult": {
        "toolUseId": id, "content": [{"json": {"degrees": 20}}], "status": "error"}}]}));
    body["toolConfig"] = json!({"tools": [weather()]});
    let answer = post(&local, SONNET_4_5, "converse", &body).await.json();
    assert!(super::text(&answer).contains(r#"[result of weather, failed] {"degrees":20}"#), "{answer}");
}

#[tokio::test]
async fn tools_of_anthropics_own_ride_beside_those_of_the_caller() {
    let fields = json!({"tools": [{"type": "bash_20250124", "name": "bash"}],
        "tool_choice": {"type": "auto", "disable_parallel_tool_use": true}});
    let body = with(json!({"additionalModelRequestFields": fields, "toolConfig": {"tools": [weather()]}}));
    let text = super::text(&said(SONNET_4_5, &body).await);
    assert!(text.contains("tools weather, bash"), "{text}");
}

#[tokio::test]
async fn calls_and_results_belong_together() {
    let mut no_tools = loops(json!([call("a")]), json!([result("a")]));
    no_tools.as_object_mut().unwrap().remove("toolConfig");
    let input = |input: Value| json!([{"toolUse": {"toolUseId": "a", "name": "weather", "input": input}}]);
    let gave = |content: Value| json!([{"toolResult": {"toolUseId": "a", "content": content, "status": "error"}}]);
    let schema = |schema: Value| {
        with(json!({"toolConfig": {"tools": [{"toolSpec": {"name": "t", "inputSchema": {"json": schema}}}]}}))
    };
    refused(
        OPUS_4_6,
        &[
            (no_tools, "The toolConfig field must be defined when using toolUse and toolResult content blocks."),
            (
                loops(json!([call("a")]), json!([result("a"), result("b")])),
                "The number of toolResult blocks at messages.2.content exceeds the number of toolUse blocks of previous \
                 turn.",
            ),
            (
                loops(json!([call("a"), call("b"), call("c")]), json!([result("b")])),
                "Expected toolResult blocks at messages.2.content for the following Ids: a, c",
            ),
            (
                loops(json!([call("a"), call("a")]), json!([result("a")])),
                "The toolUse blocks at messages.1.content contain duplicate Ids: a",
            ),
            (
                loops(json!([call("a"), call("b")]), json!([result("a"), result("a")])),
                "The toolResult blocks at messages.2.content contain duplicate Ids: a",
            ),
            // Answered not at all: the model says so.
            (
                loops(json!([call("a")]), json!([{"text": "Never mind"}])),
                "The model returned the following errors: messages.1: `tool_use` ids were found without `tool_result` \
                 blocks immediately after: a. Each `tool_use` block must have a corresponding `tool_result` block in the \
                 next message.",
            ),
            // Quoted, of nulls and of empty texts.
            (
                loops(input(json!(null)), json!([result("a")])),
                "The value at messages.1.content.0.toolUse.input is empty.",
            ),
            (
                loops(input(json!("")), json!([result("a")])),
                "The value at messages.1.content.0.toolUse.input is empty.",
            ),
            (
                loops(input(json!("{\"city\":")), json!([result("a")])),
                "The format of the value at messages.1.content.0.toolUse.input is invalid. Provide a json object for the \
                 field and try again.",
            ),
            (
                loops(json!([call("a")]), gave(json!([{"json": [1, 2]}]))),
                "The format of the value at messages.2.content.0.toolResult.content.0.json is invalid. Provide a json \
                 object for the field and try again.",
            ),
            (
                loops(json!([call("a")]), gave(json!([]))),
                "The content field at messages.2.content.0.toolResult cannot be empty when status value is error.",
            ),
            (
                schema(json!([])),
                "The format of the value at toolConfig.tools.0.toolSpec.inputSchema.json is invalid. Provide a json object \
                 for the field and try again.",
            ),
            (
                schema(json!({"type": "string"})),
                "The value at toolConfig.tools.0.toolSpec.inputSchema.json.type must be one of the following: object.",
            ),
        ],
    )
    .await;
    // Results may come in several messages, and with other blocks beside them (recorded).
    let mut apart = loops(json!([call("a"), call("b")]), json!([result("a")]));
    apart["messages"].as_array_mut().unwrap().push(json!({"role": "user", "content": [result("b"), {"text": "And?"}]}));
    taken(OPUS_4_6, &[apart]).await;
}
