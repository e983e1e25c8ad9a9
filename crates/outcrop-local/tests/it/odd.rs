//! Bodies that are no requests, or too much of one: every surface answers each with a refusal in its own form, and stays.

use std::time::Duration;

use outcrop_local::{Account, Local, WARNING_HEADER};
use outcrop_wire::surface::{Dialect, Surface};
use serde_json::json;

use crate::raw::{Connection, Request, Response, connect, local};
use tokio::io::DuplexStream;

const MODEL: &str = "global.anthropic.claude-opus-4-6-v1";
const MESSAGES: &str = "anthropic.claude-opus-4-8";

/// Where whole replies, streams and counts are asked for, and in which dialect.
fn targets() -> Vec<(String, Dialect)> {
    let rows = Surface::rows().iter();
    let targets = rows.flat_map(|row| {
        [row.unary_path, row.stream_path, row.count_path]
            .map(|path| (format!("{}{}", row.prefix, path.replace("{model}", MODEL)), row.dialect))
    });
    targets.collect()
}

async fn ask(connection: &mut Connection<DuplexStream>, target: &str, body: impl Into<Vec<u8>>) -> Response {
    let request = Request::post(target, body).bearer(Account::BEARER_TOKEN).header("anthropic-version", "2023-06-01");
    connection.send(&request).await
}

#[tokio::test]
async fn what_is_no_request_is_refused_on_every_surface() {
    let local = local();
    let deep = |open: &str, close: &str| format!("{}{}", open.repeat(50_000), close.repeat(50_000));
    let nested = |value: &str| format!(r#"{{"model":"{MESSAGES}","max_tokens":16,"messages":{value}}}"#);
    let counted = |body: &str| format!(r#"{{"input":{{"converse":{body}}}}}"#);
    let turns = format!(r#"[{{"role":"user","content":{}}}]"#, deep("[", "]"));
    let mut bodies: Vec<Vec<u8>> = [
        "",
        " ",
        "null",
        "0",
        "\"\"",
        "[]",
        "{}",
        "{",
        "{\"messages\":",
        "\u{feff}{}",
        "{\"messages\":[],\"messages\":[]}",
        "{\"\":{}}",
        "{\"messages\":1e999}",
        "{\"max_tokens\":99999999999999999999999999,\"messages\":[]}",
        "{\"max_tokens\":-1e308,\"messages\":[{}]}",
        "{\"input\":null}",
        "{\"input\":{}}",
        "{\"input\":{\"converse\":{}}}",
        "{\"input\":{\"converse\":[]}}",
        "{\"input\":{\"invokeModel\":{\"body\":\"****\"}}}",
        "{\"input\":{\"invokeModel\":{\"body\":\"\"}}}",
        "{\"input\":{\"invokeModel\":{},\"converse\":{}}}",
        "{\"model\":\"\\ud800\"}",
        "{\"model\":\"\\u0000\",\"stream\":true}",
    ]
    .map(|body| body.as_bytes().to_vec())
    .into();
    bodies.extend(
        [deep("[", "]"), deep("{\"a\":", "}"), nested(&deep("[", "]")), nested(&turns)].map(String::into_bytes),
    );
    bodies.push(counted(&nested(&turns)).into_bytes());
    bodies.extend([vec![0xff, 0xfe], b"{\"model\":\"\xff\"}".to_vec(), vec![0; 4096], b"{\"a\xc3\":1}".to_vec()]);
    for (target, dialect) in targets() {
        let mut connection = connect(&local);
        for body in &bodies {
            let shown = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
            let response = ask(&mut connection, &target, body.clone()).await;
            assert!((400..500).contains(&response.status), "{target}: {shown}: {}", response.status);
            let refusal = response.json();
            let message = match dialect {
                Dialect::Messages => &refusal["error"]["message"],
                Dialect::Invoke | Dialect::Converse => &refusal["message"],
            };
            assert!(message.as_str().is_some_and(|text| !text.is_empty()), "{target}: {shown}: {refusal}");
        }
    }
}

/// Arguments that are nested deeper than JSON is read are kept, checked or refused.
#[tokio::test]
async fn deep_values_that_no_one_looks_into_do_no_harm() {
    let local = local();
    let deep = format!("{}1{}", "{\"a\":".repeat(5000), "}".repeat(5000));
    let schema = format!(r#"{{"type":"object","properties":{deep}}}"#);
    let converse = format!(
        r#"{{"toolConfig":{{"tools":[{{"toolSpec":{{"name":"a","inputSchema":{{"json":{schema}}}}}}}],"toolChoice":{{"any":{{}}}}}},
        "additionalModelRequestFields":{{"x":{deep}}},"messages":[{{"role":"user","content":[{{"text":"x"}}]}},
        {{"role":"assistant","content":[{{"toolUse":{{"toolUseId":"t","name":"a","input":{deep}}}}}]}},
        {{"role":"user","content":[{{"toolResult":{{"toolUseId":"t","content":[{{"json":{deep}}}]}}}}]}}]}}"#
    );
    let messages = format!(
        r#"{{"model":"{MESSAGES}","max_tokens":64,"tools":[{{"name":"a","input_schema":{schema}}}],
        "tool_choice":{{"type":"any"}},"messages":[{{"role":"user","content":"x"}},
        {{"role":"assistant","content":[{{"type":"tool_use","id":"t","name":"a","input":{deep}}}]}},
        {{"role":"user","content":[{{"type":"tool_result","tool_use_id":"t","content":"r"}}]}}]}}"#
    );
    let invoke = messages.replace(&format!(r#""model":"{MESSAGES}""#), r#""anthropic_version":"bedrock-2023-05-31""#);
    for (target, dialect) in targets() {
        let body = match dialect {
            Dialect::Converse => &converse,
            Dialect::Messages => &messages,
            Dialect::Invoke => &invoke,
        };
        let response = ask(&mut connect(&local), &target, body.clone()).await;
        assert!((200..500).contains(&response.status), "{target}: {}", response.status);
    }
}

/// More than a head has room for: the first few are told, and how many there are.
#[tokio::test]
async fn of_very_many_warnings_some_are_told() {
    let points = vec![json!({"cachePoint": {"type": "default"}}); 40_000];
    let body = json!({"messages": [{"role": "user", "content": [{"text": "Hello"}]}], "system": points});
    let response = ask(&mut connect(&Local::new()), &format!("/model/{MODEL}/converse"), body.to_string()).await;
    assert_eq!(response.status, 200, "{}", response.text());
    let told: Vec<&str> =
        response.headers.iter().filter(|(name, _)| name == WARNING_HEADER).map(|(_, value)| &**value).collect();
    assert!((2..50).contains(&told.len()), "{}", told.len());
    assert!(told[0].starts_with("system.0: a cachePoint ends nothing here"), "{told:?}");
    assert!(told.last().unwrap().ends_with(" more warnings"), "{told:?}");
}

/// Each call is looked up, and not compared with every answer.
#[tokio::test]
async fn very_many_calls_and_answers_are_paired_soon() {
    let mut calls = Vec::new();
    let mut results = Vec::new();
    for index in 0..20_000 {
        let id = format!("t{index}");
        calls.push(json!({"toolUse": {"toolUseId": id, "name": "a", "input": {}}}));
        results.push(json!({"toolResult": {"toolUseId": id, "content": []}}));
    }
    results.reverse();
    let body = json!({
        "toolConfig": {"tools": [{"toolSpec": {"name": "a", "inputSchema": {"json": {"type": "object"}}}}]},
        "messages": [{"role": "user", "content": [{"text": "Hello"}]}, {"role": "assistant", "content": calls},
            {"role": "user", "content": results}]});
    let mut connection = connect(&Local::new()).patience(Duration::from_secs(60));
    let response = ask(&mut connection, &format!("/model/{MODEL}/converse"), body.to_string()).await;
    assert!([200, 400].contains(&response.status), "{}", response.text());
}
