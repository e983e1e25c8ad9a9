//! Anthropic's own Messages API, on the runtime host and on Mantle: where it is found, who is let in, what is said, how it
//! breaks, and what is refused.

use std::io::Write;
use std::sync::{Arc, Mutex};

use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use outcrop_local::{
    Account, Break, ENGINE_HEADER, Framed, Local, Outgoing, Recording, Reply, Rule, Script, Upstream, UpstreamAnswer,
    UpstreamBody, WARNING_HEADER,
};
use outcrop_wire::accumulate::Accumulator;
use outcrop_wire::dialect::StreamError;
use outcrop_wire::dialect::messages::EventDecoder;
use outcrop_wire::fault::{Fault, Origin};
use outcrop_wire::messages::{Event, Message};
use outcrop_wire::surface::{Delivery, Surface};
use serde_json::{Value, json};

use crate::raw::{NOW, Request, Response, Signing, at, connect, local, send};

const MESSAGES: &str = "/anthropic/v1/messages";
const MANTLE: &str = "/mantle/anthropic/v1/messages";
const COUNT: &str = "/mantle/anthropic/v1/messages/count_tokens";
const MODEL: &str = "anthropic.claude-opus-4-8";
const MANTLE_HOST: &str = "bedrock-mantle.us-east-1.api.aws";

fn body(members: Value) -> Value {
    let mut body =
        json!({"model": MODEL, "max_tokens": 256, "messages": [{"role": "user", "content": "Hello, world"}]});
    body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    body
}

/// A request without what names the caller.
fn unsigned(target: &str, body: &Value) -> Request {
    let mut request = Request::post(target, body.to_string());
    request.headers = vec![("host".to_owned(), "127.0.0.1:9473".to_owned())];
    request.header("anthropic-version", "2023-06-01")
}

fn bearing(target: &str, body: &Value) -> Request {
    unsigned(target, body).bearer(Account::BEARER_TOKEN)
}

async fn ask(target: &str, body: &Value) -> Response {
    send(&local(), &bearing(target, body)).await
}

fn names(response: &Response) -> Vec<&str> {
    let mut names: Vec<&str> = response.headers.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    names
}

/// The events, and how the stream ends.
fn events(response: &Response) -> (Vec<Event>, Result<(), StreamError>) {
    let mut decoder = EventDecoder::default();
    decoder.push(&response.body);
    let mut events = Vec::new();
    loop {
        match decoder.next_event() {
            Ok(Some(event)) => events.push(event),
            Ok(None) => return (events, decoder.finish()),
            Err(error) => return (events, Err(error)),
        }
    }
}

fn added_up(response: &Response) -> Message {
    let (events, end) = events(response);
    end.unwrap();
    let mut accumulator = Accumulator::new();
    events.iter().for_each(|event| accumulator.push(event).unwrap());
    accumulator.into_message().unwrap()
}

/// Status, kind and message of a refusal, whose form is checked.
fn refusal(response: &Response) -> (u16, String, String) {
    let body = response.json();
    let text = |place: &Value| place.as_str().unwrap_or_else(|| panic!("{body}")).to_owned();
    assert_eq!(body["type"], "error");
    assert_eq!(response.header("request-id"), body["request_id"].as_str());
    assert_eq!(response.header("x-amzn-errortype"), None);
    (response.status, text(&body["error"]["type"]), text(&body["error"]["message"]))
}

#[tokio::test]
async fn a_whole_answer_says_its_request_and_no_counts_in_its_head() {
    for target in [MESSAGES, MANTLE] {
        let response = ask(target, &body(json!({}))).await;
        assert_eq!(response.status, 200, "{}", response.text());
        let expected =
            ["connection", "content-length", "content-type", "date", "request-id", "x-amzn-requestid", ENGINE_HEADER];
        assert_eq!(names(&response), expected);
        assert_eq!(response.header("request-id"), response.header("x-amzn-requestid"));
        let message = response.json();
        assert_eq!((&message["type"], &message["model"]), (&json!("message"), &json!("claude-opus-4-8")));
    }
}

#[tokio::test]
async fn a_stream_has_the_events_of_recorded_ones() {
    let response = ask(MANTLE, &body(json!({"stream": true}))).await;
    assert_eq!((response.status, response.header("content-type")), (200, Some("text/event-stream")));
    let text = response.text();
    assert!(text.starts_with("event: message_start\ndata: {\"type\":\"message_start\",\"message\":{"), "{text}");
    assert!(text.contains("\n\nevent: ping\ndata: {\"type\": \"ping\"}\n\n"), "{text}");
    assert!(!text.contains("invocationMetrics"), "{text}");
    let (events, end) = events(&response);
    end.unwrap();
    let kinds: Vec<&str> = events.iter().take(4).map(Event::kind).collect();
    assert_eq!(kinds, ["message_start", "content_block_start", "ping", "content_block_delta"]);
    let (mut whole, mut streamed) = (ask(MANTLE, &body(json!({}))).await.json(), json!(added_up(&response)));
    whole["id"].take();
    streamed["id"].take();
    assert_eq!(streamed, whole);
}

/// Prefix, host and signature each tell which of two surfaces is meant; each signs for a service of its own.
#[tokio::test]
async fn prefix_host_and_signature_say_which_surface_is_meant() {
    let local = local();
    let at_host = |target: &str, host: &str| {
        let mut request = unsigned(target, &body(json!({})));
        request.headers[0].1 = host.to_owned();
        request
    };
    let signed =
        |request: Request, service| request.signed(&Signing { service, region: "eu-north-1", ..Signing::default() });
    let loopback = "127.0.0.1:9473";
    for (request, surface) in [
        (signed(at_host(MESSAGES, loopback), "bedrock"), Surface::RuntimeMessages),
        (signed(at_host(MESSAGES, loopback), "bedrock-mantle"), Surface::Mantle),
        (signed(at_host(MANTLE, loopback), "bedrock-mantle"), Surface::Mantle),
        (at_host(MESSAGES, MANTLE_HOST).bearer(Account::BEARER_TOKEN), Surface::Mantle),
        (at_host(MESSAGES, loopback).bearer(Account::BEARER_TOKEN), Surface::RuntimeMessages),
        (at_host(&format!("{MANTLE}?beta=true"), loopback).bearer(Account::BEARER_TOKEN), Surface::Mantle),
    ] {
        let response = send(&local, &request).await;
        assert_eq!(response.status, 200, "{}", response.text());
        let asked = local.last().unwrap();
        assert_eq!((asked.surface, asked.delivery, asked.model.as_str()), (surface, Delivery::Unary, MODEL));
        let signed = request.headers.iter().any(|(name, _)| name == "x-amz-date");
        assert_eq!(asked.region, if signed { "eu-north-1" } else { "us-east-1" });
    }
    let elsewhere = signed(at_host(MANTLE, loopback), "bedrock");
    let (status, kind, message) = refusal(&send(&local, &elsewhere).await);
    assert_eq!((status, kind.as_str()), (401, "authentication_error"));
    assert_eq!(message, "Credential should be scoped to correct service: 'bedrock-mantle'. ");
}

#[tokio::test]
async fn an_api_key_may_come_in_a_header_of_its_own() {
    let with_key = |target: &str, key: &str| unsigned(target, &body(json!({}))).header("x-api-key", key);
    for target in [MESSAGES, MANTLE] {
        assert_eq!(send(&local(), &with_key(target, Account::BEARER_TOKEN)).await.status, 200);
        let (status, kind, message) = refusal(&send(&local(), &with_key(target, "ABSKwrong")).await);
        assert_eq!((status, kind.as_str()), (403, "permission_error"));
        assert_eq!(message, "Authentication failed: Please make sure your API Key is valid.");
        let (status, kind, _) = refusal(&send(&local(), &unsigned(target, &body(json!({})))).await);
        assert_eq!((status, kind.as_str()), (401, "authentication_error"));
    }
    // InvokeModel has no such header.
    let invoke = Request::good(crate::raw::INVOKE);
    let mut unsigned = Request::post(&invoke.target, invoke.body.clone());
    unsigned = unsigned.header("x-api-key", Account::BEARER_TOKEN);
    assert_eq!(send(&local(), &unsigned).await.refusal().1, "MissingAuthenticationTokenException");
}

#[tokio::test]
async fn what_is_no_path_of_theirs_is_not_found() {
    for path in ["/anthropic/v1/models", "/mantle/anthropic/v1/messages/batches", "/mantle/anthropic/v1/files"] {
        let (status, kind, _) = refusal(&ask(path, &json!({})).await);
        assert_eq!((status, kind.as_str()), (404, "not_found_error"), "{path}");
    }
    assert_eq!(ask("/mantle/v1/chat/completions", &json!({})).await.status, 404);
}

#[tokio::test]
async fn models_are_those_that_the_surface_serves_by_their_ids_there() {
    for (target, model, found) in [
        (MANTLE, "anthropic.claude-haiku-4-5", true),
        (MANTLE, "us.anthropic.claude-opus-4-8", true),
        (MANTLE, "global.anthropic.claude-haiku-4-5-20251001-v1:0", true),
        (MANTLE, "anthropic.claude-haiku-4-5-20251001-v1:0", false),
        (MANTLE, "anthropic.claude-sonnet-4-6", false),
        (MANTLE, "us.anthropic.claude-opus-4-6-v1", false),
        (MANTLE, "claude-opus-4-8", false),
        (MANTLE, "xx.anthropic.claude-opus-4-8", false),
        (MANTLE, "anthropic.claude-nova-9", false),
        (MESSAGES, "global.anthropic.claude-opus-4-8", true),
        (MESSAGES, "anthropic.claude-opus-4-8", true),
        (MESSAGES, "anthropic.claude-haiku-4-5", false),
        (MESSAGES, "global.anthropic.claude-sonnet-4-6", false),
    ] {
        let response = ask(target, &body(json!({"model": model}))).await;
        match found {
            true => assert_eq!((response.status, response.header(WARNING_HEADER)), (200, None), "{model}"),
            false => {
                let expected = (404, "not_found_error".to_owned(), format!("model: {model}"));
                assert_eq!(refusal(&response), expected, "{target}");
            }
        }
    }
}

#[tokio::test]
async fn what_headers_carry_is_no_member_and_what_members_say_is_checked() {
    let invalid = |message: &str| (400, "invalid_request_error".to_owned(), message.to_owned());
    for (change, message) in [
        (json!({"anthropic_version": "2023-06-01"}), "anthropic_version: Extra inputs are not permitted"),
        (json!({"anthropic_beta": ["x"]}), "anthropic_beta: Extra inputs are not permitted"),
        (json!({"model": 5}), "model: Input should be a valid string"),
        (json!({"model": ""}), "model: Field required"),
        (json!({"max_tokens": "x"}), "max_tokens: Input should be a valid integer"),
        (json!({"stream": "yes"}), "stream: Input should be a valid boolean"),
        (json!({"bogus": 1}), "bogus: Extra inputs are not permitted"),
        (json!({"temperature": 0.5}), "`temperature` is deprecated for this model."),
    ] {
        assert_eq!(refusal(&ask(MANTLE, &body(change)).await), invalid(message));
    }
    let mut request = bearing(MANTLE, &body(json!({})));
    request.headers.retain(|(name, _)| name != "anthropic-version");
    assert_eq!(refusal(&send(&local(), &request).await), invalid("anthropic-version: header is required"));
    let wrong = request.clone().header("anthropic-version", "2020-01-01");
    assert_eq!(refusal(&send(&local(), &wrong).await), invalid("Invalid API version: 2020-01-01"));
    for version in ["2023-06-01", "2026-10-21"] {
        let response = send(&local(), &request.clone().header("anthropic-version", version)).await;
        assert_eq!((response.status, response.header(WARNING_HEADER)), (200, None), "{version}");
    }
    // Of the models there, one takes sampling at all; the newer version has none of it.
    let sampled = body(json!({"model": "anthropic.claude-haiku-4-5", "top_k": 5}));
    assert_eq!(ask(MANTLE, &sampled).await.status, 200);
    request = Request { body: sampled.to_string().into_bytes(), ..request };
    let response = send(&local(), &request.header("anthropic-version", "2026-10-21")).await;
    assert_eq!(refusal(&response), invalid("top_k: Extra inputs are not permitted"));
    let empty = Request { body: b"[]".to_vec(), ..bearing(MANTLE, &json!({})) };
    assert_eq!(refusal(&send(&local(), &empty).await).0, 400);
}

/// A beta that a member wants is found in the header; a top-level checkpoint is taken where it is documented.
#[tokio::test]
async fn beta_flags_are_read_from_the_header_and_caching_may_be_automatic() {
    let local = local();
    let budget = body(json!({"output_config": {"task_budget": {"type": "tokens", "total": 20000}}}));
    assert_eq!(refusal(&send(&local, &bearing(MANTLE, &budget)).await).0, 400);
    let flagged = bearing(MANTLE, &budget).header("anthropic-beta", "x-2026, task-budgets-2026-03-13");
    assert_eq!(send(&local, &flagged).await.status, 200);
    let asked = local.last().unwrap().request().unwrap();
    assert_eq!(asked.betas.unwrap(), ["x-2026", "task-budgets-2026-03-13"]);
    assert_eq!(asked.anthropic_version.as_deref(), Some("2023-06-01"));
    let cached = body(json!({"system": "word ".repeat(2000), "cache_control": {"type": "ephemeral"}}));
    for member in ["cache_creation_input_tokens", "cache_read_input_tokens"] {
        let usage = send(&local, &bearing(MANTLE, &cached)).await.json()["usage"].take();
        assert!(usage[member].as_u64().unwrap() > 1024, "{usage}");
    }
}

/// What a search of the web found goes back to where there is one.
#[tokio::test]
async fn a_search_of_the_web_is_mantles_alone() {
    let searched = json!([
        {"role": "user", "content": "Is it raining?"},
        {"role": "assistant", "content": [
            {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {"query": "rain"}},
            {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": [{
                "type": "web_search_result", "url": "https://example.com", "title": "Rain", "encrypted_content": "x"}]},
            {"type": "text", "text": "It is."}]},
        {"role": "user", "content": "And tomorrow?"}]);
    let tools = json!([{"type": "web_search_20250305", "name": "web_search"}]);
    let asked = body(json!({"messages": searched, "tools": tools}));
    let response = ask(MANTLE, &asked).await;
    assert_eq!(response.status, 200, "{}", response.text());
    let (status, _, message) = refusal(&ask(MESSAGES, &asked).await);
    assert_eq!(status, 400);
    assert!(message.contains("web_search"), "{message}");
}

#[tokio::test]
async fn tokens_are_counted_without_what_says_how_to_answer() {
    let counted = json!({"model": MODEL, "messages": [{"role": "user", "content": "word".repeat(100)}]});
    let response = ask(COUNT, &counted).await;
    assert_eq!((response.status, response.json()), (200, json!({"input_tokens": 104})), "{}", response.text());
    assert!(response.header(WARNING_HEADER).is_some_and(|warning| warning.starts_with("input_tokens is an estimate")));
    assert!(response.header("request-id").is_some());
    let profile = json!({"model": format!("us.{MODEL}"), "messages": [{"role": "user", "content": "Hi"}]});
    assert_eq!(ask(COUNT, &profile).await.status, 200, "ids of profiles count here");
    let (status, kind, message) = refusal(&ask(COUNT, &body(json!({}))).await);
    assert_eq!((status, kind.as_str()), (400, "invalid_request_error"));
    assert_eq!(message, "max_tokens: Extra inputs are not permitted");
    let (_, _, message) = refusal(&ask(COUNT, &json!({"model": MODEL})).await);
    assert_eq!(message, "messages: Field required");
    // The runtime host documents none.
    let target = "/anthropic/v1/messages/count_tokens";
    let response = ask(target, &counted).await;
    assert_eq!(response.status, 200);
    assert!(response.header(WARNING_HEADER).is_some_and(|warning| warning.contains("Messages")));
    let strict = Local::builder().clock(|| at(NOW)).strict(true).build();
    assert_eq!(refusal(&send(&strict, &bearing(target, &counted)).await).0, 404);
    let asked = Local::builder().clock(|| at(NOW)).build();
    send(&asked, &bearing(COUNT, &counted)).await;
    let asked = asked.last().unwrap();
    assert_eq!((asked.delivery, asked.operation), (Delivery::Count, "CreateInference"));
    assert_eq!(asked.request().unwrap().last_user_text().as_deref(), Some("word".repeat(100).as_str()));
}

#[tokio::test]
async fn a_stream_breaks_as_it_is_told() {
    let local = local();
    let mut told = Vec::new();
    for breach in [
        Break::cut(2),
        Break::cut_inside(2),
        Break::bad_crc(2),
        Break::fault(0, Fault::new("ThrottlingException", "slow down", Origin::Http), Framed::Exception),
        Break::fault(3, Fault::new("ServiceUnavailableException", "gone", Origin::Http), Framed::Error),
    ] {
        local.break_next(breach);
        let mut connection = connect(&local);
        let request = bearing(MANTLE, &body(json!({"stream": true})));
        connection.write(&request.header("connection", "close")).await;
        let (response, broken) = connection.read_broken().await;
        let (events, end) = events(&response);
        let end = match end {
            Ok(()) => "whole".to_owned(),
            Err(StreamError::Cut { .. }) => "cut".to_owned(),
            Err(StreamError::Fault(fault)) => format!("{} {:?}", fault.code, fault.origin),
            Err(error) => panic!("{error}"),
        };
        told.push((broken, events.len().min(4), end));
    }
    let expected = [
        (true, 2, "cut"),
        (true, 2, "cut"),
        // There is no checksum that could be wrong.
        (false, 4, "whole"),
        (false, 0, "rate_limit_error FirstFrame"),
        (false, 3, "overloaded_error MidStream"),
    ];
    assert_eq!(told, expected.map(|(broken, events, end)| (broken, events, end.to_owned())));
}

#[tokio::test]
async fn faults_and_scripts_answer_in_anthropics_envelope() {
    let local = local();
    for (fault, status, kind) in [
        (Fault::new("ThrottlingException", "m", Origin::Http), 429, "rate_limit_error"),
        (Fault::new("ModelTimeoutException", "m", Origin::Http), 504, "timeout_error"),
        (Fault::new("ServiceUnavailableException", "m", Origin::Http), 529, "overloaded_error"),
    ] {
        local.fail_next(fault);
        let response = send(&local, &bearing(MANTLE, &body(json!({})))).await;
        assert_eq!(refusal(&response), (status, kind.to_owned(), "m".to_owned()));
    }
    let rain = Script::new().rule(Rule::new(Reply::text("It rains.")).text("weather"));
    let local = Local::builder().clock(|| at(NOW)).script(rain).build();
    let asked = body(json!({"stream": true, "messages": [{"role": "user", "content": "How is the weather?"}]}));
    let response = send(&local, &bearing(MESSAGES, &asked)).await;
    assert_eq!(response.header(ENGINE_HEADER), Some("script"));
    assert_eq!(added_up(&response).text(), "It rains.");
}

/// Another local Bedrock, called over HTTP with a key of its own.
struct Behind(Local);

impl Upstream for Behind {
    fn send(&self, call: Outgoing) -> UpstreamAnswer<'_> {
        Box::pin(async move {
            let (mut sender, connection) = http1::handshake(TokioIo::new(self.0.connect())).await.unwrap();
            tokio::spawn(connection);
            let row = call.surface.row();
            let mut request = http::Request::post(format!("{}{}", row.prefix, row.path(call.delivery)))
                .header("host", "upstream")
                .header("x-api-key", Account::BEARER_TOKEN);
            for (name, value) in &call.headers {
                request = request.header(name, value);
            }
            let answer = sender.send_request(request.body(Full::new(call.body)).unwrap()).await.unwrap();
            Ok(answer.map(|body| -> UpstreamBody { Box::pin(body.map_err(Into::into)) }))
        })
    }
}

#[derive(Clone, Default)]
struct Paper(Arc<Mutex<Vec<u8>>>);

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Told by its host when it is recorded, a call of Mantle is told by its path when it is played.
#[tokio::test]
async fn calls_are_passed_on_recorded_and_played_event_by_event() {
    let paper = Paper::default();
    let local = Local::builder().clock(|| at(NOW)).record(Behind(crate::raw::local()), paper.clone()).build();
    let asked = body(json!({"stream": true}));
    let mut request = bearing(MESSAGES, &asked).header("anthropic-beta", "x-2026");
    request.headers[0].1 = MANTLE_HOST.to_owned();
    let passed = send(&local, &request).await;
    assert_eq!(passed.status, 200, "{}", passed.text());
    let whole = send(&local, &bearing(MANTLE, &body(json!({})))).await;
    let text = String::from_utf8(paper.0.lock().unwrap().clone()).unwrap();
    let first: Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    assert_eq!(first["request"]["path"], MANTLE);
    assert_eq!(first["request"]["headers"]["anthropic-beta"], json!(["x-2026"]));
    assert_eq!(first["response"]["body"].as_str(), Some(passed.text()), "events are text");
    let local = Local::builder().clock(|| at(NOW)).replay(Recording::parse(&text).unwrap()).build();
    let played = send(&local, &request).await;
    assert_eq!((played.text(), played.header(ENGINE_HEADER)), (passed.text(), Some("replay")));
    assert_eq!(played.chunks.len(), played.text().matches("\n\n").count(), "a chunk an event");
    assert_eq!(played.header("request-id"), passed.header("request-id"));
    assert_eq!(send(&local, &bearing(MANTLE, &body(json!({})))).await.text(), whole.text());
    let other = send(&local, &bearing(MANTLE, &body(json!({"max_tokens": 9})))).await;
    assert!(refusal(&other).2.contains("max_tokens"), "{}", other.text());
}
