//! Spans: one for each call, what is on it, when it ends, and what is not on it.

use std::time::Duration;

use opentelemetry::trace::{
    FutureExt as _, Span as _, SpanKind, Status, TraceContextExt as _, Tracer as _, TracerProvider as _,
};
use opentelemetry::{Array, Context, Value};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
use outcrop::middleware::{Handling, Next};
use outcrop::telemetry::Telemetry;
use outcrop::{Block, Client, Image, Json, Kind, MessageRequest, Retry, Surroundings, Tool, Turn};

use crate::scripted::{HELLO, MESSAGE, STOP, Scripted, Step, exception, frames, request};

/// Spans in memory.
struct Spans {
    exporter: InMemorySpanExporter,
    provider: SdkTracerProvider,
}

impl Spans {
    fn new() -> Self {
        let exporter = InMemorySpanExporter::default();
        let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
        Spans { exporter, provider }
    }

    async fn client(&self, server: &Scripted) -> Client {
        let builder = server.builder().retry(Retry::times(1)).telemetry(Telemetry::to(&self.provider));
        builder.build().await.unwrap()
    }

    fn ended(&self) -> Vec<SpanData> {
        self.exporter.get_finished_spans().unwrap()
    }

    fn only(&self) -> SpanData {
        let mut ended = self.ended();
        assert_eq!(ended.len(), 1);
        let span = ended.remove(0);
        let mut names: Vec<&str> = span.attributes.iter().map(|attribute| attribute.key.as_str()).collect();
        names.sort_unstable();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "nothing is said twice: {names:?}");
        span
    }
}

fn value<'a>(span: &'a SpanData, name: &str) -> Option<&'a Value> {
    span.attributes.iter().find(|attribute| attribute.key.as_str() == name).map(|attribute| &attribute.value)
}

/// Each attribute as `name=value`, but for times.
fn told(span: &SpanData) -> Vec<String> {
    let timeless = span.attributes.iter().filter(|attribute| !attribute.key.as_str().contains("time_to"));
    let mut told: Vec<String> =
        timeless.map(|attribute| format!("{}={}", attribute.key, attribute.value.as_str())).collect();
    told.sort();
    told
}

const MODEL: &str = "global.anthropic.claude-opus-4-6-v1";

#[tokio::test]
async fn a_call_streamed_underneath_is_the_span_of_a_whole_one() {
    let spans = Spans::new();
    let server = Scripted::new([Step::streamed_hello().cut_at(300), Step::streamed_hello()]);
    spans.client(&server).await.messages().create(&request().max_tokens(64_000)).await.unwrap();
    let span = spans.only();
    assert_eq!((&span.status, value(&span, "gen_ai.request.stream")), (&Status::Unset, Some(&Value::Bool(false))));
    assert_eq!(value(&span, "outcrop.attempts"), Some(&Value::I64(2)));
    assert_eq!(value(&span, "gen_ai.usage.output_tokens"), Some(&Value::I64(2)));
    assert_eq!(value(&span, "gen_ai.response.time_to_first_chunk"), None);
}

#[tokio::test]
async fn a_call_is_a_span() {
    let spans = Spans::new();
    let answer = MESSAGE.replace(
        r#""output_tokens":2"#,
        r#""output_tokens":2,"cache_read_input_tokens":100,"cache_creation_input_tokens":30"#,
    );
    let server = Scripted::new([Step::json(200, &answer).header("x-amzn-requestid", "id-1")]);
    let request = request().temperature(0.5).top_k(3).stop_sequence("END").system("hidden");
    spans.client(&server).await.messages().create(&request).await.unwrap();
    let span = spans.only();
    assert_eq!(
        (span.name.as_ref(), &span.span_kind, &span.status),
        (&*format!("chat {MODEL}"), &SpanKind::Client, &Status::Unset)
    );
    assert_eq!(span.instrumentation_scope.name(), "outcrop");
    assert_eq!(
        told(&span),
        [
            "aws.request_id=id-1",
            "gen_ai.operation.name=chat",
            "gen_ai.provider.name=aws.bedrock",
            "gen_ai.request.max_tokens=256",
            "gen_ai.request.model=global.anthropic.claude-opus-4-6-v1",
            "gen_ai.request.stop_sequences=[\"END\"]",
            "gen_ai.request.stream=false",
            "gen_ai.request.temperature=0.5",
            "gen_ai.request.top_k=3",
            "gen_ai.response.finish_reasons=[\"end_turn\"]",
            "gen_ai.response.id=msg_bdrk_01AbCdEfGhIjKlMnOpQrStUv",
            "gen_ai.response.model=claude-opus-4-6",
            "gen_ai.usage.cache_creation.input_tokens=30",
            "gen_ai.usage.cache_read.input_tokens=100",
            "gen_ai.usage.input_tokens=138",
            "gen_ai.usage.output_tokens=2",
            "outcrop.attempts=1",
            "server.address=bedrock-runtime.us-west-2.amazonaws.com",
            "server.port=443",
        ]
    );
    assert!(matches!(value(&span, "gen_ai.response.finish_reasons"), Some(Value::Array(Array::String(_)))));
    assert!(matches!(value(&span, "gen_ai.usage.input_tokens"), Some(Value::I64(138))));
    let shown = format!("{span:?}");
    assert!(!shown.contains("Hello") && !shown.contains("hidden"), "what is said is private: {shown}");
}

#[tokio::test]
async fn a_stream_is_a_span_until_it_ends() {
    let spans = Spans::new();
    let server = Scripted::new([Step::streamed_hello()]);
    let mut stream = spans.client(&server).await.messages().stream(&request()).await.unwrap();
    while let Some(event) = stream.next().await {
        assert_eq!(spans.ended().len(), 0, "{:?}", event.unwrap());
    }
    let span = spans.only();
    let told = told(&span);
    for expected in [
        "aws.request_id=id-of-stream",
        "gen_ai.request.stream=true",
        "gen_ai.response.finish_reasons=[\"end_turn\"]",
        "gen_ai.usage.input_tokens=8",
        "gen_ai.usage.output_tokens=2",
    ] {
        assert!(told.iter().any(|told| told == expected), "{expected}: {told:?}");
    }
    assert!(matches!(value(&span, "gen_ai.response.time_to_first_chunk"), Some(Value::F64(_))));
    assert_eq!(span.status, Status::Unset);
}

#[tokio::test]
async fn a_stream_that_is_dropped_ends_its_span_with_what_came() {
    let spans = Spans::new();
    let server = Scripted::new([Step::streamed_hello()]);
    let mut stream = spans.client(&server).await.messages().stream(&request()).await.unwrap();
    for _ in 0..3 {
        stream.next().await.unwrap().unwrap();
    }
    assert_eq!(spans.ended().len(), 0);
    drop(stream);
    let span = spans.only();
    assert_eq!(value(&span, "gen_ai.usage.input_tokens"), Some(&Value::I64(8)));
    assert_eq!(value(&span, "gen_ai.response.finish_reasons"), None);
    assert_eq!((value(&span, "error.type"), &span.status), (None, &Status::Unset), "to stop reading is no error");
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_told_on_the_span() {
    let denied = Step::json(403, r#"{"message":"no"}"#)
        .header("x-amzn-errortype", "AccessDeniedException")
        .header("x-amzn-requestid", "id-of-failure");
    let throttled = || Step::json(429, r#"{"message":"Too many"}"#).header("x-amzn-errortype", "ThrottlingException");
    let mut cut = frames(&HELLO[..3]);
    cut.extend(exception("modelStreamErrorException", "gone"));
    for (script, code, attempts, request_id) in [
        (vec![denied], "AccessDeniedException", 1, Some("id-of-failure")),
        (vec![throttled(), throttled()], "ThrottlingException", 2, None),
        (vec![Step::hang_up(), Step::hang_up()], "interrupted", 2, None),
        (vec![Step::json(200, "[]")], "decode", 1, None),
        (vec![Step::stream(cut)], "ModelStreamErrorException", 1, Some("id-of-stream")),
        (vec![Step::stream(frames(&HELLO[..3]))], "interrupted", 1, Some("id-of-stream")),
    ] {
        let spans = Spans::new();
        let streamed = request_id == Some("id-of-stream");
        let client = spans.client(&Scripted::new(script)).await;
        let error = match streamed {
            false => client.messages().create(&request()).await.map(drop).unwrap_err(),
            true => client.messages().stream(&request()).await.unwrap().finish().await.map(drop).unwrap_err(),
        };
        let span = spans.only();
        assert_eq!(value(&span, "error.type").map(|value| value.as_str().into_owned()).as_deref(), Some(code));
        assert_eq!(value(&span, "outcrop.attempts"), Some(&Value::I64(attempts)));
        assert_eq!(value(&span, "aws.request_id").map(|value| value.as_str().into_owned()).as_deref(), request_id);
        assert_eq!(span.status, Status::error(error.to_string()));
        assert_eq!(value(&span, "gen_ai.response.id").is_some(), streamed, "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_dropped_ends_its_span() {
    let spans = Spans::new();
    let client = spans.client(&Scripted::new([Step::silence()])).await;
    let (messages, request) = (client.messages(), request());
    assert!(tokio::time::timeout(Duration::from_secs(1), messages.create(&request)).await.is_err());
    assert_eq!(spans.only().status, Status::Unset);
}

#[tokio::test]
async fn nothing_that_is_not_sent_is_a_span() {
    let spans = Spans::new();
    let client = spans.client(&Scripted::new([])).await;
    let error = client.messages().create(&MessageRequest::new("opus", 0).user("Hello")).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Invalid);
    client.messages().dry_run(&request(), outcrop::Delivery::Unary).await.unwrap();
    assert_eq!(spans.ended().len(), 0);
}

#[tokio::test]
async fn what_is_said_is_told_where_that_is_asked_for() {
    let spans = Spans::new();
    let server = Scripted::new([Step::streamed_hello()]);
    let builder = server.builder().telemetry(Telemetry::to(&spans.provider).with_content());
    let call = Block::ToolUse(outcrop::wire::messages::ToolUseBlock::new(
        "toolu_1",
        "add",
        Json::from_text(r#"{"a":1}"#).unwrap(),
    ));
    let request = request()
        .system("Be brief")
        .tool(Tool::new("add", "Adds", Json::from_text(r#"{"type":"object"}"#).unwrap()))
        .turn(Turn::assistant(vec![call]))
        .turn(Turn::user(vec![Block::tool_result("toolu_1", "3")]))
        .turn(Turn::user(vec![Block::text("Look"), Image::bytes(b"\x89PNG\r\n\x1A\n").unwrap().into()]));
    let stream = builder.build().await.unwrap().messages().stream(&request).await.unwrap();
    stream.finish().await.unwrap();
    let span = spans.only();
    let json = |name| serde_json::from_str::<serde_json::Value>(&value(&span, name).unwrap().as_str()).unwrap();
    assert_eq!(
        json("gen_ai.input.messages"),
        serde_json::json!([
            {"role": "user", "parts": [{"type": "text", "content": "Hello, world"}]},
            {"role": "assistant", "parts": [{"type": "tool_call", "id": "toolu_1", "name": "add", "arguments": {"a": 1}}]},
            {"role": "tool", "parts": [{"type": "tool_call_response", "id": "toolu_1", "response": "3"}]},
            {"role": "user", "parts": [{"type": "text", "content": "Look"}, {"type": "image"}]},
        ])
    );
    assert_eq!(
        json("gen_ai.output.messages"),
        serde_json::json!([
            {"role": "assistant", "parts": [{"type": "text", "content": "Hello!"}], "finish_reason": "end_turn"},
        ])
    );
    assert_eq!(json("gen_ai.system_instructions"), serde_json::json!([{"type": "text", "content": "Be brief"}]));
    assert_eq!(json("gen_ai.tool.definitions")[0]["name"], "add");
    assert!(!format!("{span:?}").contains("iVBOR"), "media stay out");
}

/// `STOP` and nothing after: who stops reading at the last event has a whole span all the same.
#[tokio::test]
async fn the_last_event_completes_the_span() {
    let spans = Spans::new();
    let server = Scripted::new([Step::streamed_hello()]);
    let mut stream = spans.client(&server).await.messages().stream(&request()).await.unwrap();
    let last = HELLO.iter().position(|event| *event == STOP).unwrap();
    for _ in 0..=last {
        stream.next().await.unwrap().unwrap();
    }
    drop(stream);
    assert_eq!(value(&spans.only(), "gen_ai.usage.output_tokens"), Some(&Value::I64(2)));
}

#[tokio::test]
async fn spans_have_parents_and_children() {
    let spans = Spans::new();
    let tracer = spans.provider.tracer("test");
    let server = Scripted::new([Step::hello()]);
    fn watched<'a>(request: http::Request<bytes::Bytes>, next: Next<'a>) -> Handling<'a> {
        let current = Context::current().span().span_context().clone();
        assert!(current.is_valid(), "the span is current within its call");
        next.run(request)
    }
    let client = spans.client(&server).await.with_middleware(watched);
    let outer = Context::current_with_span(tracer.start("outer"));
    let outer_id = outer.span().span_context().span_id();
    let (messages, request) = (client.messages(), request());
    messages.create(&request).with_context(outer.clone()).await.unwrap();
    assert_eq!(spans.only().parent_span_id, outer_id);
    assert!(!tracer.start("after").span_context().trace_id().eq(&outer.span().span_context().trace_id()));
}

#[tokio::test]
async fn the_environment_may_turn_it_off_or_ask_for_content() {
    // The one test that sets the provider of the process: it has to hold for every other that runs meanwhile.
    let spans = Spans::new();
    opentelemetry::global::set_tracer_provider(spans.provider.clone());
    let content = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT";
    let mine =
        |span: &SpanData| value(span, "aws.request_id").is_some_and(|id| id.as_str().starts_with("id-of-environment"));
    for (variables, told, with_content) in [
        (vec![], true, false),
        (vec![(content, "SPAN_ONLY")], true, true),
        (vec![(content, "NO_CONTENT")], true, false),
        (vec![("ANTHROPIC_OPEN_TELEMETRY", "false"), (content, "true")], false, false),
    ] {
        spans.exporter.reset();
        let server = Scripted::new([Step::json(200, MESSAGE).header("x-amzn-requestid", "id-of-environment")]);
        let builder = server.builder().surroundings(Surroundings::made_up(variables.iter().copied(), []));
        builder.build().await.unwrap().messages().create(&request()).await.unwrap();
        let ended: Vec<SpanData> = spans.ended().into_iter().filter(mine).collect();
        assert_eq!(ended.len(), usize::from(told), "{variables:?}");
        let shown = ended.iter().any(|span| value(span, "gen_ai.input.messages").is_some());
        assert_eq!(shown, with_content, "{variables:?}");
    }
}

#[tokio::test]
async fn counting_is_a_span_of_its_own_kind() {
    let spans = Spans::new();
    let server = Scripted::new([Step::json(200, r#"{"inputTokens":11}"#)]);
    spans.client(&server).await.messages().count_tokens(&request()).await.unwrap();
    let span = spans.only();
    assert!(span.name.starts_with("count_tokens "), "{}", span.name);
    assert_eq!(value(&span, "gen_ai.operation.name"), Some(&Value::from("count_tokens")));
    assert_eq!(value(&span, "gen_ai.usage.input_tokens"), Some(&Value::I64(11)));
}

/// The same words for a call in AWS's own shapes. Converse does not say who answered.
#[tokio::test]
async fn a_call_of_converse_is_a_span_too() {
    use outcrop::converse::ConverseRequest;

    let answer = r#"{"metrics":{"latencyMs":5},"output":{"message":{"content":[{"text":"Hello!"}],"role":"assistant"}},"stopReason":"end_turn","usage":{"cacheReadInputTokens":3,"inputTokens":8,"outputTokens":2,"totalTokens":13}}"#;
    let request = ConverseRequest::new(MODEL).user("Hello, world").temperature(0.5);
    for (content, limited) in [(false, true), (true, false)] {
        let (spans, server) = (Spans::new(), Scripted::new([Step::json(200, answer)]));
        let telemetry = Telemetry::to(&spans.provider);
        let telemetry = if content { telemetry.with_content() } else { telemetry };
        let client = server.builder().telemetry(telemetry).build().await.unwrap();
        let request = if limited { request.clone().max_tokens(64) } else { request.clone() };
        client.converse().create(&request).await.unwrap();
        let span = spans.only();
        assert_eq!(span.name, format!("chat {MODEL}"));
        assert_eq!(value(&span, "gen_ai.request.max_tokens"), limited.then_some(&Value::I64(64)));
        assert_eq!(value(&span, "gen_ai.request.temperature"), Some(&Value::F64(0.5)));
        assert_eq!(value(&span, "gen_ai.usage.input_tokens"), Some(&Value::I64(11)));
        assert_eq!(value(&span, "gen_ai.usage.output_tokens"), Some(&Value::I64(2)));
        assert_eq!(value(&span, "gen_ai.response.id"), None);
        assert!(value(&span, "gen_ai.response.finish_reasons").is_some());
        for name in ["gen_ai.input.messages", "gen_ai.output.messages"] {
            let said = value(&span, name).map(|said| said.as_str().into_owned());
            assert_eq!(said.is_some_and(|said| said.contains("Hello")), content, "{name}");
        }
    }
}
