//! What goes wrong on purpose: by the server's troubles, by a call's own headers, and by limits.

mod surfaces;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use outcrop_local::{Break, Local, Reply, Rule, Script, Trouble, WARNING_HEADER};
use outcrop_wire::dialect::StreamError;
use outcrop_wire::dialect::invoke::EventDecoder;
use outcrop_wire::fault::{Fault, Origin};
use serde_json::json;

use crate::raw::{BODY, INVOKE, NOW, Request, Response, STREAM, Signing, at, connect, send};

const COUNT: &str = "/model/anthropic.claude-sonnet-4-20250514-v1%3A0/count-tokens";
const HAIKU: &str = "/model/global.anthropic.claude-haiku-4-5-20251001-v1%3A0/invoke";

fn with(troubles: &[&str]) -> Local {
    let builder = Local::builder().clock(|| at(NOW)).seed(7);
    troubles.iter().fold(builder, |builder, text| builder.trouble(text.parse().unwrap())).build()
}

fn count() -> Request {
    use base64::Engine as _;
    let body = base64::engine::general_purpose::STANDARD.encode(BODY);
    let body = json!({ "input": { "invokeModel": { "body": body } } }).to_string();
    Request::post(COUNT, body).signed(&Signing::default())
}

/// The statuses of so many calls, one after another.
async fn statuses(local: &Local, request: &Request, calls: usize) -> Vec<u16> {
    let mut statuses = Vec::new();
    for _ in 0..calls {
        statuses.push(send(local, request).await.status);
    }
    statuses
}

/// How many events a stream had, and the fault that ended it.
fn streamed(response: &Response) -> (usize, Option<Fault>) {
    let mut decoder = EventDecoder::default();
    decoder.push(&response.body);
    let mut events = 0;
    loop {
        match decoder.next_event() {
            Ok(Some(_)) => events += 1,
            Ok(None) => return (events, None),
            Err(StreamError::Fault(fault)) => return (events, Some(fault)),
            Err(error) => panic!("{error}"),
        }
    }
}

#[tokio::test]
async fn a_fault_is_an_http_answer_however_it_was_asked_for() {
    let local = with(&["throttle"]);
    for request in [Request::good(INVOKE), Request::good(STREAM), count()] {
        let response = send(&local, &request).await;
        let words = "Too many requests, please wait before trying again.";
        assert_eq!(response.refusal(), (429, "ThrottlingException".to_owned(), words.to_owned()));
        assert_eq!(response.header(WARNING_HEADER).filter(|text| text.contains("Throttling")), None);
    }
}

#[tokio::test]
async fn a_fault_stands_where_it_is_told_to() {
    for (text, events, code) in [
        ("first-frame overload", 0, "ServiceUnavailableException"),
        ("mid-stream ThrottlingException after 3", 3, "ThrottlingException"),
        ("throttle after 1", 1, "ThrottlingException"),
        ("mid-stream error", 2, "ModelStreamErrorException"),
        ("mid-stream overload as event", 2, "overloaded_error"),
        ("timeout after 100000", 8, "ModelTimeoutException"),
    ] {
        let response = send(&with(&[text]), &Request::good(STREAM)).await;
        assert_eq!(response.status, 200);
        let (before, fault) = streamed(&response);
        let fault = fault.unwrap_or_else(|| panic!("{text}: no fault"));
        assert_eq!(fault.code, code, "{text}");
        assert!(!fault.message.is_empty(), "{text}");
        if text.contains("100000") {
            assert!(before > 5, "{text}: at its end");
        } else {
            assert_eq!(before, events, "{text}");
        }
    }
    let own = with(&["AccessDeniedException: You shall not pass: no."]);
    let refusal = send(&own, &Request::good(INVOKE)).await.refusal();
    assert_eq!(refusal, (403, "AccessDeniedException".to_owned(), "You shall not pass: no.".to_owned()));
}

#[tokio::test]
async fn a_whole_answer_has_no_stream_and_says_so() {
    for (text, status, warning) in [
        ("mid-stream throttle", 429, "a whole answer has no stream"),
        ("bad-crc", 200, "a whole answer has no frames"),
        ("pace 1s", 200, "a whole answer has no events"),
        ("ModelStreamErrorException", 424, "inside streams only"),
    ] {
        let response = send(&with(&[text]), &Request::good(INVOKE)).await;
        assert_eq!(response.status, status, "{text}");
        let said = response.header(WARNING_HEADER).unwrap_or_else(|| panic!("{text}: no warning"));
        assert!(said.contains(warning), "{text}: {said}");
    }
    let response = send(&with(&["first-frame AccessDeniedException"]), &Request::good(STREAM)).await;
    assert!(response.header(WARNING_HEADER).unwrap().contains("no such exception in a stream"));
    assert_eq!(streamed(&response).1.unwrap().code, "AccessDeniedException");
}

#[tokio::test]
async fn how_often_is_kept_to_and_chance_is_the_seeds() {
    let request = Request::good(INVOKE);
    for (text, expected) in [
        ("throttle every 3", [200, 200, 429, 200, 200, 429]),
        ("throttle first 2", [429, 429, 200, 200, 200, 200]),
        ("throttle from 5", [200, 200, 200, 200, 429, 429]),
        ("throttle every 2, first 4", [200, 429, 200, 429, 200, 200]),
        ("throttle 0%", [200; 6]),
        ("throttle 100%", [429; 6]),
    ] {
        assert_eq!(statuses(&with(&[text]), &request, 6).await, expected, "{text}");
    }
    let half = statuses(&with(&["throttle 50%"]), &request, 40).await;
    assert_eq!(statuses(&with(&["throttle 50%"]), &request, 40).await, half);
    assert!(half.contains(&200) && half.contains(&429), "{half:?}");
    // Ids do not depend on it.
    let ids = |response: &Response| response.json()["id"].clone();
    let plain = send(&with(&[]), &request).await;
    assert_eq!(ids(&plain), ids(&send(&with(&["throttle 0%"]), &request).await));
}

#[tokio::test]
async fn a_trouble_is_for_some_calls_only_and_the_first_one_is_done() {
    let local = with(&[
        "overload of haiku",
        "throttle on stream",
        "error on CountTokens",
        "cut on InvokeModel first 0".replace("first 0", "from 99").as_str(),
    ]);
    for (request, status) in [
        (Request::good(INVOKE), 200),
        (Request::good(HAIKU), 503),
        (Request::good(STREAM), 429),
        (count(), 500),
        (Request::good(INVOKE), 200),
    ] {
        assert_eq!(send(&local, &request).await.status, status, "{}", request.target);
    }
    let both = with(&["overload every 2", "throttle every 2", "timeout"]);
    assert_eq!(statuses(&both, &Request::good(INVOKE), 3).await, [408, 503, 408]);
}

#[tokio::test]
async fn a_call_goes_wrong_by_its_own_headers() {
    let local = with(&[]);
    let response = send(&local, &Request::good(INVOKE).header("x-outcrop-fault", "ThrottlingException")).await;
    assert_eq!(response.status, 429);
    let late = "mid-stream ThrottlingException after 3";
    let response = send(&local, &Request::good(STREAM).header("x-outcrop-fault", late)).await;
    assert_eq!(streamed(&response).0, 3);
    // Counted by its text: a client that tries again passes at last.
    let patient = Request::good(INVOKE).header("x-outcrop-fault", "overload first 2");
    assert_eq!(statuses(&local, &patient, 4).await, [503, 503, 200, 200]);
    let another = Request::good(INVOKE).header("x-outcrop-fault", "overload first 2: another");
    assert_eq!(statuses(&local, &another, 3).await, [503, 503, 200]);
    assert_eq!(statuses(&local, &Request::good(INVOKE), 1).await, [200]);
}

#[tokio::test]
async fn a_header_that_says_something_else_is_refused_and_says_so() {
    let local = with(&[]);
    for (name, value, told) in [
        (
            "x-outcrop-fault",
            "throtle",
            "`throtle`: expected one of throttle, tokens, tokens-a-day, overload, timeout, error, cut",
        ),
        ("x-outcrop-delay", "soon", "expected a time such as 200ms, 1.5s or 2m, found `soon`"),
    ] {
        let (status, code, message) = send(&local, &Request::good(INVOKE).header(name, value)).await.refusal();
        assert_eq!((status, code.as_str()), (400, "ValidationException"));
        assert!(message.starts_with(&format!("outcrop local: cannot read the header {name}: ")), "{message}");
        assert!(message.contains(told), "{message}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_waits_as_long_as_it_is_told_to() {
    for (request, least) in [
        (Request::good(INVOKE).header("x-outcrop-delay", "200ms"), 200),
        (Request::good(INVOKE).header("x-outcrop-fault", "slow 1.5s").header("x-outcrop-delay", "500ms"), 2000),
        (Request::good(INVOKE).header("x-outcrop-delay", "1s").header("x-outcrop-fault", "throttle"), 1000),
        (Request::good(STREAM).header("x-outcrop-fault", "pace 100ms"), 600),
    ] {
        let before = tokio::time::Instant::now();
        send(&with(&[]), &request).await;
        let waited = before.elapsed();
        assert!(waited >= Duration::from_millis(least), "{waited:?} of {least}");
        assert!(waited < Duration::from_millis(least + 5000), "{waited:?} of {least}");
    }
}

/// Two of them are longer than any time is.
#[tokio::test(start_paused = true)]
async fn waits_add_up_to_what_can_be_waited() {
    let local = with(&["slow 18446744073709549568s"]);
    let request = Request::good(INVOKE).header("x-outcrop-delay", "18446744073709549568s");
    let mut connection = connect(&local).patience(Duration::from_secs(7200));
    let waits = tokio::time::timeout(Duration::from_secs(3600), connection.send(&request)).await;
    assert!(waits.is_err(), "it waits on");
}

#[tokio::test]
async fn a_break_cuts_streams_and_whole_answers() {
    let local = Local::builder().clock(|| at(NOW)).trouble(Trouble::breaks(Break::cut(1)).first(2)).build();
    for path in [STREAM, INVOKE] {
        let mut connection = connect(&local);
        connection.write(&Request::good(path)).await;
        let bytes = connection.read_to_end().await;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        assert!(text.starts_with("HTTP/1.1 200"), "{text}");
        assert!(!text.ends_with("0\r\n\r\n") && !text.ends_with('}'), "{text}");
    }
    assert_eq!(send(&local, &Request::good(STREAM)).await.status, 200);
    let fault = Fault::new("ThrottlingException", "wait", Origin::FirstFrame);
    let local = Local::builder().clock(|| at(NOW)).trouble(Trouble::fault(fault)).build();
    assert_eq!(streamed(&send(&local, &Request::good(STREAM)).await).0, 0);
}

#[test]
fn words_that_tell_no_trouble_say_what_was_expected() {
    for (text, problem) in [
        ("", "expected what goes wrong: one of throttle,"),
        ("10%", "expected what goes wrong: one of throttle,"),
        ("throttle throttle", "`what goes wrong` is there twice"),
        ("throttle 101%", "expected 0% to 100%, found `101%`"),
        ("throttle every", "expected a number of calls after `every`"),
        ("throttle every 0", "expected a whole number, at least 1, after `every`, found `0`"),
        ("throttle of gpt-4", "no model is called `gpt-4`"),
        ("throttle on Invoke", "expected one of InvokeModel, InvokeModelWithResponseStream, CountTokens,"),
        ("http throttle after 3", "`after` does not go with `http`"),
        ("http throttle as event", "`as` does not go with `http`"),
        ("first-frame throttle after 1", "`after` does not go with `first-frame`"),
        ("http cut", "`http` does not go with `cut`"),
        ("cut as event", "`as` does not go with `cut`"),
        ("cut: why", "`: ` does not go with `cut`"),
        ("slow", "expected a time after `slow`"),
        ("slow 3", "expected a time such as 200ms, 1.5s or 2m after `slow`, found `3`"),
        ("slow 1s after 3", "`after` does not go with `slow`"),
        ("mid-stream throttle as json", "expected one of exception, error, event, found `json`"),
        ("mid-stream throttle on InvokeModel", "`InvokeModel` has no stream"),
    ] {
        let error = text.parse::<Trouble>().expect_err(text);
        assert!(error.problem.starts_with(problem), "{text}: {}", error.problem);
        assert_eq!(error.to_string(), format!("`{text}`: {}", error.problem));
    }
    for text in [
        "throttle 10%",
        "overload every 5 on stream",
        "mid-stream ThrottlingException after 3 first 2",
        "cut-inside after 10 of *haiku*",
        "slow 1.5s from 100",
        "pace 20ms of global.anthropic.claude-opus-4-6-v1",
        "AccessDeniedException of opus: You shall not pass.",
        "throttlingexception",
    ] {
        assert!(text.parse::<Trouble>().is_ok(), "{text}");
    }
}

#[tokio::test]
async fn limits_throttle_in_awss_words() {
    let seconds = Arc::new(AtomicU64::new(0));
    let clock = Arc::clone(&seconds);
    let local = Local::builder()
        .clock(move || at(NOW) + Duration::from_secs(clock.load(Ordering::Relaxed)))
        .requests_per_minute(2)
        .build();
    let request = Request::good(INVOKE);
    assert_eq!(statuses(&local, &request, 3).await, [200, 200, 429]);
    assert_eq!(send(&local, &request).await.refusal().2, "Too many requests, please wait before trying again.");
    assert_eq!(statuses(&local, &Request::good(HAIKU), 1).await, [200]);
    assert_eq!(statuses(&local, &count(), 3).await, [200, 200, 200]);
    seconds.store(60, Ordering::Relaxed);
    assert_eq!(statuses(&local, &request, 3).await, [200, 200, 429]);

    // 256 may be said, and some 40 are: five times as many are gone.
    let local = Local::builder().clock(|| at(NOW)).tokens_per_minute(600).build();
    assert_eq!(statuses(&local, &request, 3).await, [200, 200, 429]);
    assert_eq!(send(&local, &request).await.refusal().2, "Too many tokens, please wait before trying again.");
}

#[tokio::test]
async fn a_rule_of_a_script_answers_some_calls_only() {
    let throttled = || Reply::error("ThrottlingException", "wait");
    let script = |rule: Rule| Local::builder().clock(|| at(NOW)).seed(7).script(Script::new().rule(rule)).build();
    let request = Request::good(INVOKE);
    assert_eq!(statuses(&script(Rule::new(throttled()).every(2)), &request, 4).await, [200, 429, 200, 429]);
    let parsed = "[[rule]]\nevery = 2\ntimes = 1\nreply.error = { code = \"ThrottlingException\" }";
    let local = Local::builder().clock(|| at(NOW)).script(Script::parse(parsed).unwrap()).build();
    assert_eq!(statuses(&local, &request, 4).await, [200, 429, 200, 200]);
    let chance = statuses(&script(Rule::new(throttled()).percent(50.0)), &request, 30).await;
    assert_eq!(statuses(&script(Rule::new(throttled()).percent(50.0)), &request, 30).await, chance);
    assert!(chance.contains(&200) && chance.contains(&429), "{chance:?}");
    let error = Script::parse("[[rule]]\npercent = 101\nreply.text = \"x\"").unwrap_err();
    assert_eq!(error.to_string(), "line 2, `rule.1.percent`: expected a number from 0 to 100, found 101");
}
