//! Converse in AWS's own shapes: what goes out, what comes back, and every way a stream ends.

use std::time::Duration;

use outcrop::converse::{
    ContentBlock, ConverseEvent, ConverseRequest, ConverseStream, ImageBlock, Latency, Message, StopReason, Tier,
    ToolSpec, ToolUseBlock,
};
use outcrop::failover::FailoverTarget;
use outcrop::http::{HeaderName, HeaderValue};
use outcrop::wire::dialect::converse::ConverseEventEncoder;
use outcrop::wire::fault::{Fault, Origin};
use outcrop::{CallOptions, Delivery, Error, Json, Kind, Retry, Surface, Usage};
use outcrop_local::Local;
use serde_json::{Value, json};

use crate::clients::client_at;
use crate::scripted::{REGION, SECRET, Scripted, Step, exception};

/// A whole answer, as recorded ones are.
const ANSWER: &str = r#"{"metrics":{"latencyMs":802},"output":{"message":{"content":[{"text":"Hello!"}],"role":"assistant"}},"stopReason":"end_turn","usage":{"cacheReadInputTokenCount":0,"cacheReadInputTokens":0,"inputTokens":8,"outputTokens":2,"serverToolUsage":{},"totalTokens":10}}"#;

/// The events of a streamed `Hello!`: Claude's text begins without an event of its own.
const HELLO: [&str; 6] = [
    r#"{"messageStart":{"role":"assistant"}}"#,
    r#"{"contentBlockDelta":{"contentBlockIndex":0,"delta":{"text":"Hel"}}}"#,
    r#"{"contentBlockDelta":{"contentBlockIndex":0,"delta":{"text":"lo!"}}}"#,
    r#"{"contentBlockStop":{"contentBlockIndex":0}}"#,
    r#"{"messageStop":{"stopReason":"end_turn"}}"#,
    r#"{"metadata":{"metrics":{"latencyMs":802},"performanceConfig":{"latency":"standard"},"serviceTier":{"type":"flex"},"usage":{"inputTokens":8,"outputTokens":2,"totalTokens":10}}}"#,
];

fn frames(events: &[&str]) -> Vec<u8> {
    let mut out = Vec::new();
    for (event, padding) in events.iter().zip(2..) {
        let event: ConverseEvent = serde_json::from_str(event).unwrap();
        ConverseEventEncoder::default().encode(&event, padding, &mut out).unwrap();
    }
    out
}

pub(crate) fn answer() -> Step {
    Step::json(200, ANSWER).header("x-amzn-requestid", "id-of-answer")
}

pub(crate) fn hello() -> Step {
    Step::stream(frames(&HELLO))
}

fn request() -> ConverseRequest {
    ConverseRequest::new("global.anthropic.claude-opus-4-6-v1").user("Hello, world").max_tokens(256)
}

async fn stream_of(step: Step) -> (ConverseStream, Scripted) {
    let server = Scripted::new([step]);
    let client = server.builder().retry(Retry::none()).build().await.unwrap();
    (client.converse().stream(&request()).await.unwrap(), server)
}

#[tokio::test(start_paused = true)]
async fn a_request_goes_out_as_it_is() {
    let server = Scripted::new([answer()]);
    let fields = r#"{"thinking":{"type":"enabled","budget_tokens":1024},"top_k":5}"#;
    let request = request()
        .system("Be terse.")
        .tool(ToolSpec::new("weather", Json::from_text(r#"{"type":"object"}"#).unwrap()))
        .additional_fields(Json::from_text(fields).unwrap());
    let client = server.client().await;
    let response = client.converse().create(&request).await.unwrap();
    assert_eq!((response.text().as_str(), &response.stop_reason), ("Hello!", &StopReason::EndTurn));
    assert_eq!((response.usage.input_tokens, response.metrics.latency_ms), (8, 802));
    assert_eq!(response.meta.request_id.as_deref(), Some("id-of-answer"));
    let metrics = response.meta.metrics.as_ref().unwrap();
    assert_eq!((metrics.invocation_latency, metrics.output_token_count), (Some(802), Some(2)));
    assert_eq!((response.meta.attempts.len(), response.meta.adjustments.len()), (1, 0));
    assert_eq!(response.meta.target.surface, Surface::Converse);
    let cost = client.cost(&Usage::from(&response.usage), &response.meta).unwrap();
    assert!(cost.to_string().starts_with('$'), "{cost}");

    let sent = server.request();
    assert_eq!(sent.target, "/model/global.anthropic.claude-opus-4-6-v1/converse");
    assert_eq!((sent.method.as_str(), sent.header("content-type")), ("POST", Some("application/json")));
    sent.verify(SECRET).unwrap();
    assert_eq!(
        sent.json(),
        json!({
            "messages": [{"role": "user", "content": [{"text": "Hello, world"}]}],
            "system": [{"text": "Be terse."}],
            "inferenceConfig": {"maxTokens": 256},
            "toolConfig": {"tools": [{"toolSpec": {"name": "weather", "inputSchema": {"json": {"type": "object"}}}}]},
            "additionalModelRequestFields": serde_json::from_str::<Value>(fields).unwrap(),
        })
    );
}

#[tokio::test(start_paused = true)]
async fn names_of_ours_are_models_here_too() {
    let server = Scripted::new([answer(), hello()]);
    let client = server.client().await;
    let request = ConverseRequest { model: "opus".into(), ..request() };
    let response = client.converse().create(&request).await.unwrap();
    assert!(response.meta.notes.iter().any(|note| note.contains("claude-opus-4-6")), "{:?}", response.meta.notes);
    client.converse().stream(&request).await.unwrap().finish().await.unwrap();
    let targets: Vec<String> = server.requests().into_iter().map(|sent| sent.target).collect();
    let model = "/model/global.anthropic.claude-opus-4-6-v1";
    assert_eq!(targets, [format!("{model}/converse"), format!("{model}/converse-stream")]);
}

/// boto3's keyword arguments, word for word.
#[tokio::test(start_paused = true)]
async fn arguments_of_boto3_are_a_request() {
    let server = Scripted::new([answer()]);
    let arguments = json!({
        "modelId": "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
        "messages": [{"role": "user", "content": [{"text": "hi"}, {"hologram": {"beams": 2}}]}],
        "inferenceConfig": {"maxTokens": 20, "stopSequences": ["END"]},
        "brandNew": {"a": 1},
    });
    let request: ConverseRequest = serde_json::from_value(arguments.clone()).unwrap();
    server.client().await.converse().create(&request).await.unwrap();
    let sent = server.request();
    assert_eq!(sent.target, "/model/us.anthropic.claude-sonnet-4-5-20250929-v1%3A0/converse");
    let mut expected = arguments;
    expected.as_object_mut().unwrap().remove("modelId");
    assert_eq!(sent.json(), expected);
}

#[tokio::test(start_paused = true)]
async fn options_are_those_of_every_call() {
    let server = Scripted::new([answer()]);
    let options = CallOptions::new()
        .extra_header(HeaderName::from_static("x-team"), HeaderValue::from_static("a"))
        .extra_body("requestMetadata", Json::from_text(r#"{"team":"a"}"#).unwrap())
        .tier("flex")
        .keep_raw();
    let response = server.client().await.converse().with(options).create(&request()).await.unwrap();
    assert_eq!(response.meta.raw.as_deref(), Some(ANSWER.as_bytes()));
    let adjustments: Vec<&str> = response.meta.adjustments.iter().map(|adjustment| adjustment.name).collect();
    assert_eq!(adjustments, ["extra_body"]);
    let sent = server.request();
    assert_eq!((sent.header("x-team"), &sent.json()["requestMetadata"]), (Some("a"), &json!({"team": "a"})));
    assert_eq!(sent.json()["serviceTier"], json!({"type": "flex"}), "how it is handled is said in the body here");
    sent.verify(SECRET).unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_dry_run_sends_nothing() {
    let server = Scripted::new([]);
    let dry = server.client().await.converse().dry_run(&request(), Delivery::Stream).await.unwrap();
    assert!(dry.url.ends_with("/model/global.anthropic.claude-opus-4-6-v1/converse-stream"), "{}", dry.url);
    assert_eq!(serde_json::from_slice::<Value>(&dry.body).unwrap()["inferenceConfig"], json!({"maxTokens": 256}));
    assert!(server.requests().is_empty() && dry.to_string().contains("Signature=***"));
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_written_is_refused() {
    let server = Scripted::new([]);
    let client = server.client().await;
    for request in [request().temperature(f64::NAN), ConverseRequest::new("").user("x")] {
        let error = client.converse().create(&request).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Invalid, "{error}");
    }
    assert!(server.requests().is_empty());
}

#[tokio::test(start_paused = true)]
async fn tokens_are_counted_by_the_base_id() {
    let server = Scripted::new([Step::json(200, r#"{"inputTokens":18}"#)]);
    let request = ConverseRequest { model: "us.anthropic.claude-sonnet-4-20250514-v1:0".into(), ..request() };
    let count = server.client().await.converse().count_tokens(&request).await.unwrap();
    assert_eq!(count.input_tokens, 18);
    let sent = server.request();
    assert_eq!(sent.target, "/model/anthropic.claude-sonnet-4-20250514-v1%3A0/count-tokens");
    let messages = json!([{"role": "user", "content": [{"text": "Hello, world"}]}]);
    assert_eq!(sent.json(), json!({"input": {"converse": {"messages": messages}}}));
}

#[tokio::test(start_paused = true)]
async fn every_event_is_handed_on_in_order() {
    let (mut stream, server) = stream_of(hello()).await;
    let mut events = Vec::new();
    while let Some(event) = stream.next().await {
        events.push(event.unwrap());
        if events.len() == 2 {
            let so_far = stream.snapshot().unwrap();
            assert_eq!((so_far.text().as_str(), so_far.stop_reason.as_str()), ("Hel", ""));
        }
    }
    let expected: Vec<ConverseEvent> = HELLO.iter().map(|event| serde_json::from_str(event).unwrap()).collect();
    assert_eq!(events, expected);
    assert!(stream.next().await.is_none(), "it stays at its end");
    let response = stream.finish().await.unwrap();
    assert_eq!((response.text().as_str(), response.usage.total_tokens), ("Hello!", 10));
    assert_eq!(response.meta.metrics.as_ref().unwrap().invocation_latency, Some(802));
    assert_eq!(response.meta.tier.as_ref().map(Tier::as_str), Some("flex"));
    assert_eq!(response.meta.latency_mode.as_ref().map(Latency::as_str), Some("standard"));
    assert_eq!(response.meta.request_id.as_deref(), Some("id-of-stream"));
    assert_eq!(server.request().target, "/model/global.anthropic.claude-opus-4-6-v1/converse-stream");
}

#[tokio::test(start_paused = true)]
async fn it_does_not_matter_where_the_bytes_are_cut() {
    for bytes in [1, 3, 64, 1000] {
        let (stream, _server) = stream_of(hello().in_pieces(bytes, Duration::from_millis(1))).await;
        assert_eq!(stream.finish().await.unwrap().text(), "Hello!", "pieces of {bytes}");
    }
}

/// A conversation: the message of an answer goes back as it is.
#[tokio::test(start_paused = true)]
async fn a_tool_is_called_and_answered() {
    let call = r#"{"messageStart":{"role":"assistant"}}
{"contentBlockDelta":{"contentBlockIndex":0,"delta":{"reasoningContent":{"text":"Hm."}}}}
{"contentBlockDelta":{"contentBlockIndex":0,"delta":{"reasoningContent":{"signature":"RXJ="}}}}
{"contentBlockStop":{"contentBlockIndex":0}}
{"contentBlockStart":{"contentBlockIndex":1,"start":{"toolUse":{"name":"weather","toolUseId":"tooluse_1","type":"tool_use"}}}}
{"contentBlockDelta":{"contentBlockIndex":1,"delta":{"toolUse":{"input":""}}}}
{"contentBlockDelta":{"contentBlockIndex":1,"delta":{"toolUse":{"input":"{\"city\": \"Oslo\"}"}}}}
{"contentBlockStop":{"contentBlockIndex":1}}
{"messageStop":{"stopReason":"tool_use"}}
{"metadata":{"metrics":{"latencyMs":5},"usage":{"inputTokens":1,"outputTokens":2,"totalTokens":3}}}"#;
    let server = Scripted::new([Step::stream(frames(&call.lines().collect::<Vec<_>>())), answer()]);
    let client = server.client().await;
    let first = client.converse().stream(&request()).await.unwrap().finish().await.unwrap();
    let calls: Vec<&ToolUseBlock> = first.tool_uses().collect();
    assert_eq!((calls[0].name.as_str(), calls[0].input.text()), ("weather", r#"{"city": "Oslo"}"#));
    let result = ContentBlock::tool_result(calls[0].tool_use_id.clone(), "rain");
    let second = request().message(first.message().unwrap().clone()).user(result);
    client.converse().create(&second).await.unwrap();
    assert_eq!(
        server.requests()[1].json()["messages"],
        json!([
            {"role": "user", "content": [{"text": "Hello, world"}]},
            {"role": "assistant", "content": [
                {"reasoningContent": {"reasoningText": {"text": "Hm.", "signature": "RXJ="}}},
                {"toolUse": {"toolUseId": "tooluse_1", "name": "weather", "input": {"city": "Oslo"}, "type": "tool_use"}},
            ]},
            {"role": "user", "content": [{"toolResult": {"toolUseId": "tooluse_1", "content": [{"text": "rain"}]}}]},
        ])
    );
    assert_eq!(Message::user("x").role.as_str(), "user");
}

#[tokio::test(start_paused = true)]
async fn a_throttle_is_tried_again_wherever_it_comes_first() {
    let throttle =
        || Step::json(429, r#"{"message":"Too many requests"}"#).header("x-amzn-errortype", "ThrottlingException");
    let first_frame = Step::stream(exception("throttlingException", "slow down"));
    let server = Scripted::new([throttle(), answer(), throttle(), first_frame, hello()]);
    let client = server.client().await;
    assert_eq!(client.converse().create(&request()).await.unwrap().meta.attempts.len(), 2);
    let response = client.converse().stream(&request()).await.unwrap().finish().await.unwrap();
    assert_eq!((response.text().as_str(), response.meta.attempts.len()), ("Hello!", 3));
}

#[tokio::test(start_paused = true)]
async fn a_busy_region_is_left_for_the_next() {
    let throttle = Step::json(429, r#"{"message":"slow"}"#).header("x-amzn-errortype", "ThrottlingException");
    let server = Scripted::new([throttle, hello()]);
    let other_shapes = FailoverTarget::here().surface(Surface::InvokeModel);
    let client = server.builder().failover([other_shapes, FailoverTarget::region("us-east-1")]).build().await.unwrap();
    let response = client.converse().stream(&request()).await.unwrap().finish().await.unwrap();
    assert_eq!((response.text().as_str(), response.meta.target.region.as_deref()), ("Hello!", Some("us-east-1")));
    let [first, second] = &server.requests()[..] else { panic!("two requests were expected") };
    assert_eq!((first.text(), &first.target), (second.text(), &second.target));
    assert_ne!(first.header("host"), second.header("host"));
    let shown = client.converse().dry_run(&request(), Delivery::Unary).await.unwrap();
    let told = "does not take requests in the shapes of Converse";
    assert!(shown.plan.notes.iter().any(|note| note.contains(told)), "{:?}", shown.plan.notes);
}

#[tokio::test(start_paused = true)]
async fn errors_are_those_of_every_call() {
    let refused = Step::json(400, r#"{"message":"The provided model identifier is invalid."}"#)
        .header("x-amzn-requestid", "id-of-error")
        .header("x-amzn-errortype", "ValidationException:http://internal.amazon.com/coral/com.amazon.bedrock/");
    let server = Scripted::new([refused.clone(), refused]);
    let client = server.client().await;
    let unary = client.converse().create(&request()).await.unwrap_err();
    let streamed = client.converse().stream(&request()).await.unwrap_err();
    for error in [unary, streamed] {
        assert_eq!((error.kind(), error.aws_code()), (Kind::Service, Some("ValidationException")));
        assert_eq!((error.request_id(), error.status()), (Some("id-of-error"), Some(400)));
    }
    let server = Scripted::new([Step::json(
        200,
        r#"{"Output":{"__type":"com.amazon.coral.service#UnknownOperationException"},"Version":"1.0"}"#,
    )]);
    let error = server.client().await.converse().create(&request()).await.unwrap_err();
    assert_eq!(error.aws_code(), Some("UnknownOperationException"));
    let server = Scripted::new([Step::json(200, r#"{"type":"message","content":[]}"#)]);
    let error = server.client().await.converse().create(&request()).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Decode, "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_fails_gives_what_came() {
    let begun = frames(&HELLO[..2]);
    let mut faulty = begun.clone();
    faulty.extend_from_slice(&exception("modelStreamErrorException", "it broke"));
    let uncounted = frames(&HELLO[..5]);
    for (step, kind, text) in [
        (Step::stream(begun.clone()), Kind::Interrupted, "Hel"),
        (Step::stream(frames(&HELLO)).cut_at(begun.len() + 20), Kind::Interrupted, "Hel"),
        (Step::stream(faulty), Kind::Service, "Hel"),
        (Step::stream(uncounted), Kind::Interrupted, "Hello!"),
    ] {
        let (mut stream, server) = stream_of(step).await;
        let error: Error = loop {
            match stream.next().await {
                Some(Ok(_)) => {}
                Some(Err(error)) => break error,
                None => panic!("no error"),
            }
        };
        assert_eq!(error.kind(), kind, "{error}");
        assert_eq!(error.partial().unwrap().text(), text, "in the words of the Messages API");
        assert_eq!((error.request_id(), error.attempts().len()), (Some("id-of-stream"), 1));
        assert_eq!(stream.snapshot().unwrap().text(), text);
        assert!(stream.next().await.is_none());
        assert_eq!(stream.finish().await.unwrap_err().kind(), kind);
        assert_eq!(server.requests().len(), 1, "what was handed out is not asked for again");
    }
}

#[tokio::test]
async fn a_dropped_stream_closes_its_connection() {
    let (mut stream, server) = stream_of(hello().in_pieces(40, Duration::from_millis(20))).await;
    stream.next().await.unwrap().unwrap();
    drop(stream);
    server.closed(1).await;
}

/// The published double speaks Converse: whole, streamed and counted, with tools, images and faults.
#[tokio::test]
async fn the_local_bedrock_answers() {
    let server = Local::start().await.unwrap();
    let client = client_at(REGION, &server).await;
    let converse = client.converse();
    let png = ImageBlock::from_bytes(b"\x89PNG\r\n\x1A\n\0\0\0\rIHDR\0\0\0\x02\0\0\0\x03\x08\x02\0\0\0").unwrap();
    let request = request().user([ContentBlock::from(png), ContentBlock::text("What is this?")]);
    let whole = converse.create(&request).await.unwrap();
    assert!(whole.text().contains("not Claude") && whole.text().contains("2 x 3"), "{}", whole.text());
    assert_eq!((&whole.stop_reason, whole.usage.total_tokens > 0), (&StopReason::EndTurn, true));
    assert!(whole.meta.request_id.is_some());
    server.fail_next(Fault::new("ThrottlingException", "slow down", Origin::FirstFrame));
    let streamed = converse.stream(&request).await.unwrap().finish().await.unwrap();
    assert_eq!((streamed.text(), streamed.meta.attempts.len()), (whole.text(), 2));
    assert_eq!(converse.count_tokens(&request).await.unwrap().input_tokens, whole.usage.input_tokens);

    let schema = Json::from_text(r#"{"type":"object","properties":{"city":{"type":"string"}}}"#).unwrap();
    let request = request.tool(ToolSpec::new("weather", schema)).user("And the weather?");
    let called = converse.stream(&request).await.unwrap().finish().await.unwrap();
    assert_eq!(called.stop_reason, StopReason::ToolUse);
    let call = called.tool_uses().next().unwrap();
    let result = ContentBlock::tool_result(&call.tool_use_id, "rain");
    let request = request.message(called.message().unwrap().clone()).user(result);
    assert_eq!(converse.create(&request).await.unwrap().stop_reason, StopReason::EndTurn);

    let error = converse.create(&ConverseRequest::new("opus").assistant("first")).await.unwrap_err();
    assert_eq!((error.aws_code(), error.status()), (Some("ValidationException"), Some(400)), "{error}");
}
