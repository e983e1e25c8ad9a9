//! The same words on every way in: faults as HTTP answers, as first frames and in the middle, each in the form that its
//! surface has for it.

use outcrop_local::{Account, Break, Local, Reply, Rule, Script, Trouble};
use outcrop_wire::dialect::{EventDecoder, StreamError};
use outcrop_wire::fault::{Fault, Origin};
use outcrop_wire::surface::{Delivery, Dialect, Surface, SurfaceRow};
use serde_json::{Value, json};

use super::{statuses, with};
use crate::converse::warnings;
use crate::raw::{BODY, NOW, Request, Response, at, connect, send};

const DELIVERIES: [Delivery; 3] = [Delivery::Unary, Delivery::Stream, Delivery::Count];

/// A call that passes.
fn call(row: &SurfaceRow, delivery: Delivery) -> Request {
    let model = match (row.dialect, delivery) {
        (Dialect::Messages, _) => "anthropic.claude-opus-4-8",
        // Profiles are not counted there.
        (_, Delivery::Count) => "anthropic.claude-sonnet-4-20250514-v1%3A0",
        _ => "global.anthropic.claude-opus-4-6-v1",
    };
    let text = json!([{"role": "user", "content": [{"type": "text", "text": "Hello"}]}]);
    let body = match (row.dialect, delivery) {
        (Dialect::Invoke, Delivery::Count) => {
            use base64::Engine as _;
            let body = base64::engine::general_purpose::STANDARD.encode(BODY);
            json!({"input": {"invokeModel": {"body": body}}}).to_string()
        }
        (Dialect::Invoke, _) => BODY.to_owned(),
        (Dialect::Converse, delivery) => {
            let body = json!({"messages": [{"role": "user", "content": [{"text": "Hello"}]}]});
            match delivery {
                Delivery::Count => json!({"input": {"converse": body}}).to_string(),
                _ => body.to_string(),
            }
        }
        (Dialect::Messages, Delivery::Count) => json!({"model": model, "messages": text}).to_string(),
        (Dialect::Messages, delivery) => {
            let stream = delivery == Delivery::Stream;
            json!({"model": model, "max_tokens": 256, "messages": text, "stream": stream}).to_string()
        }
    };
    let target = format!("{}{}", row.prefix, row.path(delivery).replace("{model}", model));
    let mut request = Request::post(&target, body).bearer(Account::BEARER_TOKEN);
    request.headers[0].1 = "127.0.0.1:9473".to_owned();
    request.header("anthropic-version", "2023-06-01")
}

fn rows() -> impl Iterator<Item = &'static SurfaceRow> {
    Surface::rows().iter()
}

/// Status, code and message of a refusal, in the form of its surface.
fn refusal(row: &SurfaceRow, response: &Response) -> (u16, String, String) {
    if row.dialect != Dialect::Messages {
        return response.refusal();
    }
    let body = response.json();
    assert_eq!((&body["type"], response.header("request-id")), (&json!("error"), body["request_id"].as_str()));
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (response.status, text(&body["error"]["type"]), text(&body["error"]["message"]))
}

/// Whether something of the reply came, and the fault that ended it.
fn streamed(row: &SurfaceRow, response: &Response) -> (usize, Option<Fault>) {
    assert_eq!((response.status, response.header("content-type")), (200, Some(row.stream_content_type)));
    let mut decoder = EventDecoder::new(row.dialect);
    decoder.push(&response.body);
    let mut events = 0;
    loop {
        match decoder.next_event() {
            Ok(Some(_)) => events += 1,
            Ok(None) => {
                decoder.finish().unwrap();
                return (events, None);
            }
            Err(StreamError::Fault(fault)) => return (events, Some(fault)),
            Err(error) => panic!("{}: {error}", row.name),
        }
    }
}

const BUSY: &str = "Too many requests, please wait before trying again.";

/// What a fault is called on a surface.
fn throttled(row: &SurfaceRow) -> &'static str {
    if row.dialect == Dialect::Messages { "rate_limit_error" } else { "ThrottlingException" }
}

#[tokio::test]
async fn every_call_passes_where_nothing_is_told() {
    for row in rows() {
        for delivery in DELIVERIES {
            let local = with(&[]);
            let response = send(&local, &call(row, delivery)).await;
            assert_eq!(response.status, 200, "{} {delivery:?}: {}", row.name, response.text());
            let asked = local.last().unwrap();
            assert_eq!((asked.surface, asked.delivery), (row.surface, delivery));
        }
        assert_eq!(streamed(row, &send(&with(&[]), &call(row, Delivery::Stream)).await).1, None);
    }
}

/// By the server, by the call's header, and by a rule of a script.
#[tokio::test]
async fn a_fault_is_an_http_answer_in_the_form_of_its_surface() {
    for row in rows() {
        for delivery in DELIVERIES {
            let expected = (429, throttled(row).to_owned(), BUSY.to_owned());
            let request = call(row, delivery);
            let told = send(&with(&["http throttle"]), &request).await;
            assert_eq!(refusal(row, &told), expected, "{} {delivery:?}", row.name);
            let own = send(&with(&[]), &request.clone().header("x-outcrop-fault", "throttle")).await;
            assert_eq!(refusal(row, &own), expected, "{} {delivery:?}", row.name);
            let waits = request.header("x-outcrop-fault", "throttle first 2");
            assert_eq!(statuses(&with(&[]), &waits, 3).await, [429, 429, 200], "{} {delivery:?}", row.name);
        }
        let script = Script::new().rule(Rule::new(Reply::error("ThrottlingException", BUSY)));
        let scripted = Local::builder().clock(|| at(NOW)).script(script).build();
        for delivery in [Delivery::Unary, Delivery::Stream] {
            let response = send(&scripted, &call(row, delivery)).await;
            assert_eq!(refusal(row, &response).1, throttled(row), "{} {delivery:?}", row.name);
        }
    }
}

#[tokio::test]
async fn a_fault_in_a_stream_stands_where_it_is_told_to() {
    for row in rows() {
        let stream = call(row, Delivery::Stream);
        for (text, origin) in [
            ("first-frame throttle", Origin::FirstFrame),
            ("mid-stream throttle", Origin::MidStream),
            ("mid-stream throttle as error", Origin::MidStream),
            ("mid-stream throttle as event", Origin::MidStream),
            ("throttle after 100000", Origin::MidStream),
        ] {
            let local = with(&[]);
            for response in [
                send(&with(&[text]), &stream).await,
                send(&local, &stream.clone().header("x-outcrop-fault", text)).await,
            ] {
                let (events, fault) = streamed(row, &response);
                let fault = fault.unwrap_or_else(|| panic!("{}: {text}: no fault", row.name));
                // In an `error` event of its own Anthropic speaks, wherever there is one.
                let events_speak = text.ends_with("event") && row.dialect == Dialect::Invoke;
                let code = if events_speak { "rate_limit_error" } else { throttled(row) };
                assert_eq!((fault.code.as_str(), fault.message.as_str()), (code, BUSY), "{}: {text}", row.name);
                assert_eq!(fault.origin, origin, "{}: {text}", row.name);
                assert_eq!(events > 0, origin == Origin::MidStream, "{}: {text}", row.name);
                assert!(warnings(&response).is_empty(), "{}: {text}", row.name);
            }
        }
        // A whole answer has no stream to fail in.
        for delivery in [Delivery::Unary, Delivery::Count] {
            for text in ["first-frame throttle", "mid-stream throttle"] {
                let response = send(&with(&[text]), &call(row, delivery)).await;
                assert_eq!(refusal(row, &response).0, 429, "{}: {text}", row.name);
                let said = warnings(&response).join("; ");
                assert!(said.contains("a whole answer has no stream"), "{}: {text}: {said}", row.name);
            }
        }
    }
}

#[tokio::test]
async fn a_cut_ends_the_connection_before_the_answer_does() {
    for row in rows() {
        for delivery in [Delivery::Unary, Delivery::Stream] {
            for breach in [Break::cut(2), Break::cut_inside(1)] {
                let local = Local::builder().clock(|| at(NOW)).trouble(Trouble::breaks(breach.clone())).build();
                let mut connection = connect(&local);
                connection.write(&call(row, delivery)).await;
                let (response, broken) = connection.read_broken().await;
                assert!(broken && response.status == 200, "{} {delivery:?} {breach:?}", row.name);
                assert!(!response.body.is_empty(), "{} {delivery:?} {breach:?}", row.name);
            }
        }
    }
}

/// On Mantle one name stands for all three, and InvokeModel shares its names with the Messages API beside it.
#[tokio::test]
async fn how_a_call_is_delivered_tells_calls_apart_where_names_do_not() {
    for (word, befallen) in [("unary", Delivery::Unary), ("stream", Delivery::Stream), ("count", Delivery::Count)] {
        for row in rows() {
            for delivery in DELIVERIES {
                let expected = if delivery == befallen { 429 } else { 200 };
                let words = with(&[format!("throttle on {word}").as_str()]);
                let trouble = "throttle".parse::<Trouble>().unwrap().delivery(befallen);
                let typed = Local::builder().clock(|| at(NOW)).trouble(trouble).build();
                for local in [words, typed] {
                    let status = send(&local, &call(row, delivery)).await.status;
                    assert_eq!(status, expected, "{} {delivery:?}, on {word}", row.name);
                }
            }
        }
    }
    let either = with(&["throttle on ConverseStream on count"]);
    for (surface, delivery, status) in [
        (Surface::Converse, Delivery::Stream, 429),
        (Surface::Converse, Delivery::Unary, 200),
        (Surface::Mantle, Delivery::Count, 429),
        (Surface::Mantle, Delivery::Stream, 200),
    ] {
        assert_eq!(send(&either, &call(surface.row(), delivery)).await.status, status, "{surface} {delivery:?}");
    }
    for (text, problem) in [
        ("mid-stream throttle on unary", "`unary` has no stream"),
        ("mid-stream throttle on CountTokens on count", "`CountTokens` has no stream"),
    ] {
        assert_eq!(text.parse::<Trouble>().expect_err(text).problem, problem);
    }
    assert!("mid-stream throttle on CreateInference".parse::<Trouble>().is_ok());
}
