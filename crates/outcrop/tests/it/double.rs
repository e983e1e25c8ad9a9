//! A program that uses the SDK, tested against the published double; and the raw door.

use std::time::Duration;

use outcrop::wire::fault::{Fault, Origin};
use outcrop::wire::messages::CustomTool;
use outcrop::{Block, CallOptions, Delivery, Kind, Model};
use outcrop_local::{Break, Local, Reply, Rule, Script};

use crate::clients::client_at;
use crate::scripted::{REGION, request};

fn throttled(origin: Origin) -> Fault {
    Fault::new("ThrottlingException", "Too many requests, please wait before trying again.", origin)
}

#[tokio::test]
async fn a_throttle_is_tried_again_wherever_it_comes_first() {
    let server = Local::start().await.unwrap();
    let client = client_at(REGION, &server).await;
    for origin in [Origin::Http, Origin::FirstFrame] {
        server.forget();
        server.fail_next(throttled(origin));
        let reply = client.messages().stream(&request()).await.unwrap().finish().await.unwrap();
        assert!(reply.text().contains("not Claude"));
        assert_eq!((reply.meta.attempts.len(), server.asked().len()), (2, 2), "{origin:?}");
        let asked = server.last().unwrap();
        assert_eq!((asked.operation, asked.region.as_str()), ("InvokeModelWithResponseStream", "us-west-2"));
        assert_eq!(asked.request().unwrap().messages, request().messages);
    }
    server.stop().await;
}

#[tokio::test]
async fn a_stream_that_fails_later_gives_what_came() {
    let script = Script::new().rule(Rule::new(Reply::text("one two three four")));
    let server = Local::builder().script(script).start().await.unwrap();
    let client = client_at(REGION, &server).await;
    for (breach, kind) in [
        (Break::cut(4), Kind::Interrupted),
        (Break::cut_inside(4), Kind::Interrupted),
        (Break::bad_crc(4), Kind::Decode),
        (Break::fault(4, throttled(Origin::MidStream), Default::default()), Kind::Service),
    ] {
        server.forget();
        server.break_next(breach.clone());
        let stream = client.messages().stream(&request()).await.unwrap();
        let error = stream.finish().await.unwrap_err();
        assert_eq!(error.kind(), kind, "{breach:?}: {error}");
        assert_eq!(error.partial().unwrap().text(), "one two", "{breach:?}");
        assert_eq!(server.asked().len(), 1, "what was handed out is not asked for again");
    }
}

#[tokio::test]
async fn a_conversation_with_a_tool_is_played_by_a_script() {
    let script = Script::parse(
        r#"
        otherwise = "refuse"
        [[rule]]
        when.turn = 1
        reply.tool_use = { name = "weather", input = { city = "Oslo" } }
        [[rule]]
        when.tool_result = { name = "weather", text = "rain" }
        reply.text = "Take an umbrella."
        "#,
    )
    .unwrap();
    let server = Local::builder().script(script).start().await.unwrap();
    let client = client_at(REGION, &server).await;
    let first = client.messages().create(&request()).await.unwrap();
    let call = first.tool_uses().next().unwrap().clone();
    assert_eq!((call.name.as_str(), call.input.text()), ("weather", r#"{"city":"Oslo"}"#));
    let schema = serde_json::json!({"type": "object", "properties": {"city": {"type": "string"}}});
    let next = request()
        .tool(CustomTool::new("weather", "Tells the weather", schema.into()))
        .turn(&first)
        .user(Block::tool_result(&call.id, "rain all day"));
    let reply = client.messages().create(&next).await.unwrap();
    assert_eq!(reply.text(), "Take an umbrella.");
}

#[tokio::test]
async fn raw_bodies_go_out_as_they_are_and_answers_come_back_as_they_come() {
    let server = Local::start().await.unwrap();
    let client = client_at(REGION, &server).await;
    let body = "{ \"max_tokens\":64,\n\"messages\":[{\"content\":\"Hello\",\"role\":\"user\"}],\"anthropic_version\":\"bedrock-2023-05-31\"}";
    let options = CallOptions::new().extra_header(
        outcrop::http::HeaderName::from_static("x-amzn-bedrock-trace"),
        outcrop::http::HeaderValue::from_static("ENABLED"),
    );
    for delivery in [Delivery::Unary, Delivery::Stream] {
        let mut answer = client.raw(Model::CLAUDE_OPUS_4_6, delivery, body, &options).await.unwrap();
        assert_eq!(answer.status(), 200);
        let mut bytes = Vec::new();
        while let Some(chunk) = answer.body_mut().chunk().await {
            bytes.extend_from_slice(&chunk.unwrap());
        }
        match delivery {
            Delivery::Unary => assert!(bytes.starts_with(b"{\"model\":\"claude-opus-4-6\"")),
            Delivery::Stream | Delivery::Count => assert_eq!(bytes[..2], [0, 0], "the length of a frame"),
        }
        let asked = server.last().unwrap();
        assert_eq!((&asked.body[..], asked.delivery), (body.as_bytes(), delivery));
        assert_eq!(asked.model.as_str(), "global.anthropic.claude-opus-4-6-v1");
        assert_eq!(asked.header("x-amzn-bedrock-trace"), Some("ENABLED"));
    }
}

#[tokio::test]
async fn raw_errors_are_answers_and_nothing_is_tried_again() {
    let server = Local::start().await.unwrap();
    let client = client_at(REGION, &server).await;
    server.fail_next(throttled(Origin::Http));
    let options = CallOptions::new();
    let body =
        r#"{"anthropic_version":"bedrock-2023-05-31","max_tokens":9,"messages":[{"role":"user","content":"x"}]}"#;
    let mut answer = client.raw("opus", Delivery::Unary, body, &options).await.unwrap();
    assert_eq!((answer.status().as_u16(), server.asked().len()), (429, 1));
    assert!(answer.headers()["x-amzn-errortype"].to_str().unwrap().starts_with("ThrottlingException"));
    let text = answer.body_mut().chunk().await.unwrap().unwrap();
    assert_eq!(&text[..], br#"{"message":"Too many requests, please wait before trying again."}"#);
    let malformed = client.raw("opus", Delivery::Unary, "{", &options).await.unwrap();
    assert_eq!(malformed.status(), 400);
    let nowhere = client.raw("", Delivery::Unary, "{}", &options).await.unwrap_err();
    assert_eq!(nowhere.kind(), Kind::Invalid);

    server.answer_next(Reply::text("x").delay(Duration::from_secs(600)));
    let hasty = CallOptions::new().timeout(Duration::from_millis(50));
    let late = client.raw("opus", Delivery::Unary, body, &hasty).await.unwrap_err();
    assert_eq!(late.kind(), Kind::Timeout, "{late}");
}
