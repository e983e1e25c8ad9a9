//! Bodies that AWS refuses, and the words it has for each; versions; and bodies that are too long.

use std::sync::{Arc, Mutex};

use outcrop_local::{Account, BODY_LIMIT, Local, Notice, WARNING_HEADER};
use serde_json::{Value, json};

use crate::raw::{BODY, INVOKE, NOW, Request, Response, Signing, at, connect, local, send};

async fn invoke(body: impl Into<Vec<u8>>) -> Response {
    send(&local(), &Request::post(INVOKE, body).signed(&Signing::default())).await
}

/// The good body with members set, or left out where they are `null`.
fn with(members: Value) -> Value {
    let mut body: Value = serde_json::from_str(BODY).unwrap();
    for (name, value) in members.as_object().unwrap() {
        match value {
            Value::Null => drop(body.as_object_mut().unwrap().remove(name)),
            value => body[name] = value.clone(),
        }
    }
    body
}

async fn is_refused(body: Value, message: &str) {
    let response = invoke(body.to_string()).await;
    assert_ne!(response.status, 200, "{body} passes, and should be refused: {message}");
    assert_eq!(response.refusal(), (400, "ValidationException".to_owned(), message.to_owned()), "{body}");
    let error_type = "ValidationException:http://internal.amazon.com/coral/com.amazon.bedrock/";
    assert_eq!(response.header("x-amzn-errortype"), Some(error_type));
}

async fn passes(body: Value) {
    let response = invoke(body.to_string()).await;
    assert_eq!(response.status, 200, "{body}: {}", response.text());
}

#[tokio::test]
async fn a_body_that_is_no_json_object_is_refused() {
    let twice = format!("{BODY}{{}}");
    for body in ["", " ", "{", "[]", "7", "null", "\"x\"", "{\"a\":1,}", "{'a':1}", &twice, "<html>"] {
        let (status, code, message) = invoke(body).await.refusal();
        assert_eq!((status, code.as_str()), (400, "ValidationException"), "{body:?}");
        assert_eq!(message, "Malformed input request, please reformat your input and try again.", "{body:?}");
    }
    let (status, ..) =
        invoke(&b"{\"max_tokens\":1,\"messages\":[{\"role\":\"user\",\"content\":\"\xff\"}]}"[..]).await.refusal();
    assert_eq!(status, 400, "not UTF-8");
}

#[tokio::test]
async fn what_is_missing_is_named() {
    is_refused(json!({}), "max_tokens: Field required").await;
    for (members, place) in [
        (json!({"max_tokens": null}), "max_tokens"),
        (json!({"messages": null}), "messages"),
        (json!({"anthropic_version": null}), "anthropic_version"),
        (json!({"messages": [{"content": "x"}]}), "messages.0.role"),
        (json!({"messages": [{"role": "user", "content": "x"}, {"role": "assistant"}]}), "messages.1.content"),
        (json!({"messages": [{"role": "user", "content": [{"text": "x"}]}]}), "messages.0.content.0.type"),
    ] {
        is_refused(with(members), &format!("{place}: Field required")).await;
    }
}

/// As Anthropic writes places: `messages.0.content.0.text.text`, with the kind of the block before its member.
#[tokio::test]
async fn the_place_of_a_missing_member_names_the_kind_of_what_lacks_it() {
    let content = |block: Value| json!({"messages": [{"role": "user", "content": [block]}]});
    for (members, place) in [
        (content(json!({"type": "text"})), "messages.0.content.0.text.text"),
        (content(json!({"type": "tool_result"})), "messages.0.content.0.tool_result.tool_use_id"),
        (content(json!({"type": "image"})), "messages.0.content.0.image.source"),
        (json!({"tools": [{"input_schema": {"type": "object"}}]}), "tools.0.custom.name"),
        (json!({"tools": [{"name": "n"}]}), "tools.0.custom.input_schema"),
        (json!({"thinking": {"type": "enabled"}}), "thinking.enabled.budget_tokens"),
    ] {
        is_refused(with(members), &format!("{place}: Field required")).await;
    }
}

#[tokio::test]
async fn members_that_are_not_taken_are_named() {
    for name in ["brand_new", "model", "stream", "service_tier", "container", "mcp_servers", "betas"] {
        let value = if name == "stream" { json!(true) } else { json!("x") };
        is_refused(with(json!({ name: value })), &format!("{name}: Extra inputs are not permitted")).await;
    }
    passes(with(json!({"output_config": {"effort": "low"}}))).await;
    passes(with(json!({"metadata": {"user_id": "u"}, "anthropic_beta": ["context-1m-2025-08-07"]}))).await;
}

#[tokio::test]
async fn members_of_the_wrong_type_are_named() {
    for (members, place, expected) in [
        (json!({"max_tokens": "many"}), "max_tokens", "a valid integer"),
        (json!({"max_tokens": 1.5}), "max_tokens", "a valid integer"),
        (json!({"max_tokens": []}), "max_tokens", "a valid integer"),
        (json!({"temperature": "hot"}), "temperature", "a valid number"),
        (json!({"top_p": {}}), "top_p", "a valid number"),
        (json!({"top_k": "few"}), "top_k", "a valid integer"),
        (json!({"messages": "x"}), "messages", "a valid list"),
        (json!({"messages": {}}), "messages", "a valid list"),
        (json!({"messages": ["x"]}), "messages.0", "a valid dictionary"),
        (json!({"messages": [{"role": 7, "content": "x"}]}), "messages.0.role", "a valid string"),
        (json!({"messages": [{"role": "user", "content": 7}]}), "messages.0.content", "a valid list"),
        (json!({"messages": [{"role": "user", "content": [7]}]}), "messages.0.content.0", "a valid dictionary"),
        (json!({"system": 7}), "system", "a valid list"),
        (json!({"stop_sequences": "END"}), "stop_sequences", "a valid list"),
        (json!({"stop_sequences": [7]}), "stop_sequences.0", "a valid string"),
        (json!({"tools": {}}), "tools", "a valid list"),
        (json!({"tool_choice": "auto"}), "tool_choice", "a valid dictionary"),
        (json!({"thinking": true}), "thinking", "a valid dictionary"),
        (json!({"metadata": "u"}), "metadata", "a valid dictionary"),
        (json!({"anthropic_version": 7}), "anthropic_version", "a valid string"),
    ] {
        is_refused(with(members), &format!("{place}: Input should be {expected}")).await;
    }
}

#[tokio::test]
async fn versions_are_taken_tolerated_or_refused() {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let ears = Arc::clone(&heard);
    let local = Local::builder()
        .clock(|| at(NOW))
        .on_notice(move |notice| {
            if let Notice::Warning(text) = notice {
                ears.lock().unwrap().push((*text).to_owned());
            }
        })
        .build();
    let ask = async |version: &str| {
        let body = with(json!({"anthropic_version": version})).to_string();
        send(&local, &Request::post(INVOKE, body).signed(&Signing::default())).await
    };

    let accepted = ask("bedrock-2023-05-31").await;
    assert_eq!((accepted.status, accepted.header(WARNING_HEADER)), (200, None));
    for version in ["2026-10-21", "2023-06-01"] {
        let tolerated = ask(version).await;
        let warning = format!(
            "anthropic_version {version}: AWS may answer 400 for claude-opus-4-6 (documented: bedrock-2023-05-31)"
        );
        assert_eq!((tolerated.status, tolerated.header(WARNING_HEADER)), (200, Some(warning.as_str())));
        assert_eq!(heard.lock().unwrap().pop(), Some(warning));
    }
    for version in ["2024-01-01", "bedrock-2023-05-32", ""] {
        let (status, code, message) = ask(version).await.refusal();
        assert_eq!((status, code.as_str()), (400, "ValidationException"));
        assert_eq!(message, format!("Invalid API version: {version}"));
    }
    assert!(heard.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_version_is_known_from_its_day() {
    let local = Local::builder().clock(|| at("20261020T120000Z")).build();
    let body = with(json!({"anthropic_version": "2026-10-21"})).to_string();
    let signing = Signing { time: "20261020T120000Z", ..Signing::default() };
    let (status, _, message) = send(&local, &Request::post(INVOKE, body).signed(&signing)).await.refusal();
    assert_eq!((status, message.as_str()), (400, "Invalid API version: 2026-10-21"));
}

#[tokio::test]
async fn refusals_are_told_to_who_listens() {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let ears = Arc::clone(&heard);
    let local = Local::builder()
        .clock(|| at(NOW))
        .on_notice(move |notice| {
            if let Notice::Refused { operation, fault } = notice {
                ears.lock().unwrap().push(format!("{operation}: {fault}"));
            }
        })
        .build();
    send(&local, &Request::post(INVOKE, "{}").signed(&Signing::default())).await;
    send(&local, &Request::good(INVOKE)).await;
    send(&local, &Request::post("/nothing", "")).await;
    let heard = heard.lock().unwrap();
    assert_eq!(heard.len(), 2, "{heard:?}");
    assert_eq!(heard[0], format!("{INVOKE}: ValidationException (400): max_tokens: Field required"));
    assert!(heard[1].starts_with("/nothing: UnknownOperationException"), "{}", heard[1]);
}

fn is_too_long(response: &Response) {
    let (status, code, message) = response.refusal();
    assert_eq!((status, code.as_str()), (413, "RequestEntityTooLargeException"));
    assert_eq!(message, "Problems with the request at the HTTP level. The request entity is too large.");
}

#[tokio::test]
async fn a_body_that_says_it_is_too_long_is_refused_unread() {
    assert_eq!(BODY_LIMIT, 25_000_000);
    let mut connection = connect(&local());
    connection.announce(&Request::post(INVOKE, "").bearer(Account::BEARER_TOKEN), 25_000_001).await;
    is_too_long(&connection.read().await);
}

#[tokio::test]
async fn a_body_in_chunks_that_turns_out_too_long_is_refused() {
    let request = Request::post(INVOKE, vec![b' '; 25_000_001]).bearer(Account::BEARER_TOKEN);
    is_too_long(&connect(&local()).send_in_chunks(&request, 1 << 20).await);
}

#[tokio::test]
async fn the_longest_body_passes() {
    let mut body = BODY.as_bytes().to_vec();
    body.resize(25_000_000, b' ');
    let request = Request::post(INVOKE, body).bearer(Account::BEARER_TOKEN);
    assert_eq!(send(&local(), &request).await.status, 200);
}
