//! What differs from call to call, and from one copy of a client to another: body, headers, limits, retries.

use std::time::Duration;

use http::{HeaderName, HeaderValue, StatusCode};
use outcrop::{CallOptions, Client, Delivery, Json, Kind, Retry, Surroundings};

use crate::scripted::{ACCESS_KEY_ID, MESSAGE, REGION, SECRET, Scripted, Step, request};

const TEAM: HeaderName = HeaderName::from_static("x-team");
const TRACE: HeaderName = HeaderName::from_static("x-amzn-bedrock-trace");

fn json(text: &str) -> Json {
    Json::from_text(text).unwrap()
}

#[tokio::test]
async fn members_of_the_body_are_set_whole_whatever_the_request_says() {
    let server = Scripted::new([Step::hello()]);
    let client = server.client().await;
    let options = CallOptions::new()
        .extra_body("metadata", json(r#"{"b":1.50,"a":2}"#))
        .extra_body("max_tokens", json("7"))
        .extra_body("anthropic_version", json(r#""of mine""#));
    let shown = client.messages().with(options.clone()).dry_run(&request(), Delivery::Unary).await.unwrap();
    let reply = client.messages().with(options).create(&request()).await.unwrap();
    let sent = server.request();
    assert_eq!(sent.body, shown.body, "a dry run shows it");
    assert!(sent.text().contains(r#""metadata":{"b":1.50,"a":2}"#), "{}", sent.text());
    assert_eq!((&sent.json()["max_tokens"], &sent.json()["anthropic_version"]), (&7.into(), &"of mine".into()));
    assert_eq!(sent.text().matches("anthropic_version").count(), 1);
    let reasons: Vec<&str> = shown.plan.reasons().collect();
    assert!(reasons.contains(&"max_tokens: set by the caller in extra_body"), "{reasons:?}");
    assert!(!reasons.iter().any(|reason| reason.contains("bedrock-2023-05-31")), "what no longer holds: {reasons:?}");
    assert_eq!(reply.meta.adjustments, shown.plan.edits);
}

#[tokio::test]
async fn the_sugar_takes_what_options_take() {
    let server = Scripted::new([Step::hello()]);
    let call = server.client().await.message("opus").user("Hello");
    let reply = call.extra_body("top_k", json("3")).extra_header(TEAM, "a".parse().unwrap()).keep_raw().await.unwrap();
    assert_eq!((&server.request().json()["top_k"], server.request().header("x-team")), (&3.into(), Some("a")));
    assert_eq!((reply.meta.raw.as_deref(), reply.meta.status), (Some(MESSAGE.as_bytes()), StatusCode::OK));
}

#[tokio::test]
async fn headers_come_from_the_environment_the_client_and_the_call() {
    let world = Surroundings::made_up(
        [("ANTHROPIC_CUSTOM_HEADERS", "X-Team: env\n\n x-amzn-bedrock-trace :ENABLED \r\nx-env: a: b")],
        [],
    );
    let server = Scripted::new([Step::hello(), Step::hello()]);
    let client = server.builder().surroundings(world).default_header(TEAM, HeaderValue::from_static("client"));
    let client = client.build().await.unwrap();
    assert!(
        client
            .reasons()
            .any(|reason| reason == "headers x-team, x-amzn-bedrock-trace, x-env: from ANTHROPIC_CUSTOM_HEADERS")
    );
    client.messages().create(&request()).await.unwrap();
    let options = CallOptions::new().extra_header(TEAM, HeaderValue::from_static("call"));
    client.messages().with(options).create(&request()).await.unwrap();
    for (sent, team) in server.requests().iter().zip(["client", "call"]) {
        let teams = sent.headers.iter().filter(|(name, _)| name == "x-team").map(|(_, value)| value.as_str());
        assert_eq!(teams.collect::<Vec<_>>(), [team]);
        assert_eq!((sent.header("x-amzn-bedrock-trace"), sent.header("x-env")), (Some("ENABLED"), Some("a: b")));
        assert_eq!(sent.verify(SECRET), Ok(()));
    }
}

#[tokio::test]
async fn a_header_that_is_none_is_an_error_that_does_not_show_it() {
    for (text, line) in [("hidden", 1), ("a: b\nhid den: x", 2), ("\n\na: hidden\u{7f}", 3)] {
        let world = Surroundings::made_up([("ANTHROPIC_CUSTOM_HEADERS", text)], []);
        let builder = Client::builder().surroundings(world).access_key(ACCESS_KEY_ID, SECRET).region(REGION);
        let error = builder.build().await.unwrap_err();
        let expected = format!("cannot set up headers: line {line} of ANTHROPIC_CUSTOM_HEADERS is no `Name: value`");
        assert_eq!((error.kind(), error.to_string()), (Kind::Config, expected));
    }
}

#[tokio::test(start_paused = true)]
async fn a_copy_has_other_defaults_and_the_same_connections() {
    let busy = || Step::json(429, r#"{"message":"Too many requests"}"#);
    let server = Scripted::new([Step::hello(), Step::hello(), busy(), busy(), Step::hello()]);
    let client = server.builder().retry(Retry::none()).build().await.unwrap();
    let options = CallOptions::new()
        .extra_header(TEAM, HeaderValue::from_static("copy"))
        .extra_header(TRACE, HeaderValue::from_static("ENABLED"))
        .extra_body("top_k", json("3"))
        .max_retries(1)
        .keep_raw();
    let copy = client.with_options(options);
    assert!(client.messages().create(&request()).await.unwrap().meta.raw.is_none());
    let call = CallOptions::new().extra_header(TEAM, HeaderValue::from_static("call")).extra_body("top_k", json("4"));
    assert!(copy.messages().with(call).create(&request()).await.unwrap().meta.raw.is_some());
    // A copy of the copy keeps what it does not change.
    let patient = copy.with_options(CallOptions::new().retry(Retry::times(2)).timeout(Duration::from_secs(3600)));
    assert_eq!(patient.messages().create(&request()).await.unwrap().meta.attempts.len(), 3);
    let sent = server.requests();
    assert!(sent.iter().all(|sent| sent.connection == 0), "one connection serves both");
    let seen: Vec<_> = sent.iter().map(|sent| (sent.header("x-team"), sent.json().get("top_k").cloned())).collect();
    assert_eq!(seen[0], (None, None));
    assert_eq!(seen[1], (Some("call"), Some(4.into())));
    assert_eq!(seen[2], (Some("copy"), Some(3.into())));
    assert_eq!(sent[1].header("x-amzn-bedrock-trace"), Some("ENABLED"));
}

#[tokio::test(start_paused = true)]
async fn limits_and_retries_are_those_nearest_to_the_call() {
    let server = Scripted::new([Step::silence(), Step::silence(), Step::hello().after(Duration::from_secs(100))]);
    let client = server.builder().timeout(Duration::from_secs(50)).build().await.unwrap();
    let copy = client.with_options(CallOptions::new().timeout(Duration::from_secs(20)));
    let call = CallOptions::new().timeout(Duration::from_secs(3));
    for (messages, seconds) in [(copy.messages(), 20), (copy.messages().with(call), 3)] {
        let error = messages.create(&request()).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Timeout);
        assert!(error.to_string().contains(&format!("no answer came within {seconds}s")), "{error}");
    }
    let unlimited = CallOptions::new().timeout(Duration::MAX);
    assert!(copy.messages().with(unlimited).create(&request()).await.is_ok());
}
