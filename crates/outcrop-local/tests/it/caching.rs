//! The prompt cache as a caller sees it: usage, headers and metrics.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use outcrop_local::{Break, Local, Reply, Rule, Script};
use outcrop_wire::dialect::invoke::EventDecoder;
use outcrop_wire::fault::{Fault, Origin};
use outcrop_wire::messages::Message;
use outcrop_wire::sigv4::AmzTime;
use serde_json::{Value, json};

use crate::asking::{body, post};
use crate::raw::{INVOKE, NOW, Request, Response, STREAM, Signing, at, connect, local};

/// A server whose clock is moved by hand.
struct Clocked {
    local: Local,
    passed: Arc<AtomicU64>,
}

impl Clocked {
    fn new() -> Self {
        let passed = Arc::new(AtomicU64::new(0));
        let seconds = Arc::clone(&passed);
        let clock = move || at(NOW) + Duration::from_secs(seconds.load(Ordering::Relaxed));
        Clocked { local: Local::builder().clock(clock).build(), passed }
    }

    fn wait(&self, minutes: u64) {
        self.passed.fetch_add(60 * minutes, Ordering::Relaxed);
    }

    async fn post(&self, target: &str, body: &Value) -> Response {
        let now = AmzTime::parse(NOW).unwrap().unix() + i64::try_from(self.passed.load(Ordering::Relaxed)).unwrap();
        post(&self.local, target, body, &AmzTime::from_unix(now).to_string()).await
    }

    /// Read, written, and neither.
    async fn ask(&self, body: &Value) -> (u64, u64, u64) {
        let response = self.post(INVOKE, body).await;
        let usage = serde_json::from_slice::<Message>(&response.body).unwrap().usage;
        let (read, written) =
            (usage.cache_read_input_tokens.unwrap_or(0), usage.cache_creation_input_tokens.unwrap_or(0));
        let header = |name| response.header(name).map(|value| value.parse::<u64>().unwrap());
        let used = (read + written > 0).then_some((read, written));
        assert_eq!(header("x-amzn-bedrock-cache-read-input-token-count"), used.map(|(read, _)| read));
        assert_eq!(header("x-amzn-bedrock-cache-write-input-token-count"), used.map(|(_, written)| written));
        assert_eq!(header("x-amzn-bedrock-input-token-count"), Some(usage.input_tokens));
        (read, written, usage.input_tokens)
    }
}

/// A system prompt of `tokens`, cached, and a question.
fn request(tokens: usize) -> Value {
    body(json!({
        "system": [{"type": "text", "text": "word".repeat(tokens), "cache_control": {"type": "ephemeral"}}],
        "messages": [{"role": "user", "content": "Hello"}]
    }))
}

#[tokio::test]
async fn the_second_call_reads_what_the_first_wrote_and_five_minutes_later_it_is_gone() {
    let clocked = Clocked::new();
    let request = request(5000);
    assert_eq!(clocked.ask(&request).await, (0, 5000, 6));
    clocked.wait(4);
    assert_eq!(clocked.ask(&request).await, (5000, 0, 6));
    clocked.wait(4);
    assert_eq!(clocked.ask(&request).await, (5000, 0, 6), "read, it lives on");
    clocked.wait(6);
    assert_eq!(clocked.ask(&request).await, (0, 5000, 6));
}

#[tokio::test]
async fn the_least_prefix_is_the_models() {
    let clocked = Clocked::new();
    // Opus 4.6 caches from 4,096 tokens, Sonnet 4.5 from 1,024.
    assert_eq!(clocked.ask(&request(4095)).await, (0, 0, 4101));
    assert_eq!(clocked.ask(&request(4096)).await, (0, 4096, 6));
    let sonnet = "/model/global.anthropic.claude-sonnet-4-5-20250929-v1:0/invoke";
    for (tokens, written) in [(1023, 0), (1024, 1024)] {
        let usage = clocked.post(sonnet, &request(tokens)).await.json()["usage"].clone();
        assert_eq!(usage["cache_creation_input_tokens"], json!(written));
    }
}

#[tokio::test]
async fn an_hour_is_told_from_five_minutes() {
    let clocked = Clocked::new();
    let mut request = request(5000);
    request["system"][0]["cache_control"]["ttl"] = json!("1h");
    request["messages"][0]["content"] =
        json!([{"type": "text", "text": "more", "cache_control": {"type": "ephemeral"}}]);
    let usage = clocked.post(INVOKE, &request).await.json()["usage"].clone();
    assert_eq!(usage["cache_creation"], json!({"ephemeral_5m_input_tokens": 5, "ephemeral_1h_input_tokens": 5000}));
    clocked.wait(30);
    assert_eq!(clocked.ask(&request).await, (5000, 5, 0));
}

#[tokio::test]
async fn a_stream_tells_the_same() {
    let clocked = Clocked::new();
    for expected in [(Some(0), Some(5000)), (Some(5000), Some(0))] {
        let mut decoder = EventDecoder::default();
        decoder.push(&clocked.post(STREAM, &request(5000)).await.body);
        let mut last = None;
        while let Some(event) = decoder.next_event().unwrap() {
            last = Some(event);
        }
        let metrics = last.unwrap().metrics().unwrap().clone();
        assert_eq!((metrics.cache_read_input_token_count, metrics.cache_write_input_token_count), expected);
        assert_eq!(metrics.input_token_count, Some(6));
    }
}

#[tokio::test]
async fn regions_share_nothing() {
    let local = Local::builder().clock(|| at(NOW)).build();
    let ask = async |region| {
        let signing = crate::raw::Signing { region, ..crate::raw::Signing::default() };
        let request = crate::raw::Request::post(INVOKE, request(5000).to_string()).signed(&signing);
        crate::raw::send(&local, &request).await.json()["usage"]["cache_read_input_tokens"].as_u64().unwrap()
    };
    assert_eq!(ask("us-east-1").await, 0);
    assert_eq!(ask("eu-west-1").await, 0);
    assert_eq!(ask("us-east-1").await, 5000);
}

/// What a call that is answered after this one reads.
async fn read_after(local: &Local, target: &str, body: &Value) -> u64 {
    let first = Request::post(target, body.to_string()).signed(&Signing::default());
    let mut connection = connect(local);
    connection.write(&first).await;
    connection.read_head().await;
    let second = post(local, INVOKE, body, NOW).await;
    serde_json::from_slice::<Message>(&second.body).unwrap().usage.cache_read_input_tokens.unwrap_or(0)
}

#[tokio::test]
async fn what_fails_before_it_says_anything_caches_nothing() {
    let throttled = |origin| Fault::new("ThrottlingException", "Too many requests", origin);
    for (target, origin, caches) in [
        (INVOKE, Origin::Http, false),
        (STREAM, Origin::Http, false),
        (STREAM, Origin::FirstFrame, false),
        (INVOKE, Origin::MidStream, false),
        (STREAM, Origin::MidStream, true),
    ] {
        let local = local();
        local.fail_next(throttled(origin));
        let read = read_after(&local, target, &request(5000)).await;
        assert_eq!(read > 0, caches, "{target} {origin:?}: {read}");
    }
    let local = local();
    local.break_next(Break::cut(0));
    assert!(read_after(&local, STREAM, &request(5000)).await > 0, "a lost answer was one");
    let script = || Script::new().rule(Rule::new(Reply::fault(throttled(Origin::Http))).times(1));
    let refuses = Script::new().rule(Rule::new(Reply::text("Hi")).call(2)).otherwise_refuse();
    for script in [script(), refuses] {
        let local = Local::builder().clock(|| at(NOW)).script(script).build();
        assert_eq!(read_after(&local, INVOKE, &request(5000)).await, 0);
    }
}
