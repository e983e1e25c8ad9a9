//! Streamed answers: the frames of Converse, in order, and how they break; engines and what a test tells the server.

use outcrop_local::{Break, Framed, Local, Recording, Reply, Rule, Script};
use outcrop_wire::Json;
use outcrop_wire::converse::{ConverseAccumulator, ConverseEvent, ConverseResponse};
use outcrop_wire::dialect::StreamError;
use outcrop_wire::dialect::converse::ConverseEventDecoder;
use outcrop_wire::fault::{Fault, Origin};
use serde_json::{Value, json};

use super::{OPUS_4_6, SONNET_4_5, content, post, text, weather, with};
use crate::raw::{NOW, Response, at, local};

/// The events of a body, and why it broke off if it did.
fn events(response: &Response) -> (Vec<ConverseEvent>, Option<StreamError>) {
    let mut decoder = ConverseEventDecoder::default();
    decoder.push(&response.body);
    let mut events = Vec::new();
    loop {
        match decoder.next_event() {
            Ok(Some(event)) => events.push(event),
            Ok(None) => return (events, decoder.finish().err()),
            Err(error) => return (events, Some(error)),
        }
    }
}

/// The events of a whole stream, and what they add up to.
async fn stream(local: &Local, body: &Value) -> (Vec<ConverseEvent>, ConverseResponse) {
    let response = post(local, SONNET_4_5, "converse-stream", body).await;
    assert_eq!(response.status, 200, "{}", response.text());
    let (events, broken) = events(&response);
    assert!(broken.is_none(), "{broken:?}");
    let mut accumulator = ConverseAccumulator::new();
    events.iter().for_each(|event| accumulator.push(event).unwrap());
    (events, accumulator.into_response().unwrap())
}

#[tokio::test]
async fn a_stream_has_the_order_and_the_frames_of_recorded_ones() {
    let tools = json!({"tools": [weather()], "toolChoice": {"auto": {}}});
    let fields = json!({"thinking": {"type": "enabled", "budget_tokens": 1024}});
    let mut body = content(json!([{"text": "Ask weather"}]));
    body["toolConfig"] = tools;
    body["additionalModelRequestFields"] = fields;
    body["additionalModelResponseFieldPaths"] = json!(["/delta/stop_sequence"]);
    let response = post(&local(), SONNET_4_5, "converse-stream", &body).await;
    assert_eq!(response.header("content-type"), Some("application/vnd.amazon.eventstream"));
    assert!(!response.headers.iter().any(|(name, _)| name.starts_with("x-amzn-bedrock")), "{:?}", response.headers);
    let (events, broken) = events(&response);
    assert!(broken.is_none());
    let mut kinds: Vec<String> = events
        .iter()
        .map(|event| match event {
            ConverseEvent::ContentBlockDelta(event) => format!("{} {}", event.content_block_index, event.delta.kind()),
            ConverseEvent::ContentBlockStart(event) => format!("{} starts", event.content_block_index),
            ConverseEvent::ContentBlockStop(event) => format!("{} stops", event.content_block_index),
            event => event.kind().to_owned(),
        })
        .collect();
    kinds.dedup();
    // Only a call begins with an event of its own.
    assert_eq!(
        kinds,
        [
            "messageStart",
            "0 reasoningContent",
            "0 stops",
            "1 text",
            "1 stops",
            "2 starts",
            "2 toolUse",
            "2 stops",
            "messageStop",
            "metadata"
        ]
    );
    let last = &events[events.len() - 2..];
    let stop = serde_json::to_value(&last[0]).unwrap();
    assert_eq!(
        stop["messageStop"],
        json!({"stopReason": "tool_use", "additionalModelResponseFields": {"delta": {"stop_sequence": null}}})
    );
    let usage = serde_json::to_value(&last[1]).unwrap()["metadata"]["usage"].clone();
    let names: Vec<&String> = usage.as_object().unwrap().keys().collect();
    // Recorded: nothing of a cache that was not used.
    assert_eq!(names, ["inputTokens", "outputTokens", "serverToolUsage", "totalTokens"]);
    let raw = String::from_utf8_lossy(&response.body);
    assert!(raw.contains("\"p\":\"abc") && raw.contains(":event-type") && raw.contains("contentBlockDelta"));
}

/// Whole and streamed are the same answer.
#[tokio::test]
async fn events_add_up_to_the_whole_answer() {
    let facts = json!({"document": {"name": "facts", "format": "txt", "citations": {"enabled": true},
        "source": {"text": "Ruby is red. Python came in 1991."}}});
    for mut body in [
        with(json!({})),
        content(json!([{"text": "When did Python come?"}, facts])),
        with(json!({"additionalModelRequestFields": {"thinking": {"type": "enabled", "budget_tokens": 1024}}})),
    ] {
        body["serviceTier"] = json!({"type": "default"});
        let whole = post(&local(), SONNET_4_5, "converse", &body).await.json();
        let (_, streamed) = stream(&local(), &body).await;
        let streamed = serde_json::to_value(&streamed).unwrap();
        for member in ["output", "stopReason", "serviceTier"] {
            assert_eq!(streamed[member], whole[member], "{member} of {body}");
        }
        assert_eq!(streamed["usage"]["totalTokens"], whole["usage"]["totalTokens"]);
    }
}

#[tokio::test]
async fn what_a_test_tells_the_server_happens_on_converse_too() {
    let local = local();
    let body = with(json!({}));
    local.answer_next(Reply::tool_use("thermometer", Json::empty_object()).thinking("Hm."));
    let answer = post(&local, OPUS_4_6, "converse", &body).await.json();
    let blocks = &answer["output"]["message"]["content"];
    assert_eq!(blocks[1]["toolUse"]["name"], "thermometer");
    assert!(blocks[1]["toolUse"]["toolUseId"].as_str().unwrap().starts_with("tooluse_"));
    let throttled = || Fault::new("ThrottlingException", "Too many requests", Origin::Http);
    local.fail_next(throttled());
    let refusal = post(&local, OPUS_4_6, "converse-stream", &body).await.refusal();
    assert_eq!(refusal, (429, "ThrottlingException".to_owned(), "Too many requests".to_owned()));
    // Inside a stream an exception is a frame of its own, however a fault would be framed elsewhere.
    for framed in [Framed::Exception, Framed::Event] {
        local.break_next(Break::fault(2, throttled(), framed));
        let response = post(&local, OPUS_4_6, "converse-stream", &body).await;
        let (events, broken) = events(&response);
        assert_eq!(events.len(), 2);
        assert!(
            matches!(&broken, Some(StreamError::Fault(fault)) if fault.code == "ThrottlingException"),
            "{broken:?}"
        );
    }
    local.break_next(Break::bad_crc(1));
    let (events, broken) = events(&post(&local, OPUS_4_6, "converse-stream", &body).await);
    assert!(events.len() == 1 && matches!(broken, Some(StreamError::Frame(_))), "{broken:?}");
}

#[tokio::test]
async fn a_script_answers_converse() {
    let script = Script::new().rule(Rule::new(Reply::text("It rains.")).text("weather"));
    let local = Local::builder().clock(|| at(NOW)).script(script).build();
    let body = content(json!([{"text": "How is the weather?"}]));
    let answer = post(&local, OPUS_4_6, "converse", &body).await;
    assert_eq!((text(&answer.json()).as_str(), answer.header("x-outcrop-engine")), ("It rains.", Some("script")));
    assert_eq!(stream(&local, &body).await.1.text(), "It rains.");
}

#[tokio::test]
async fn recorded_exchanges_of_converse_are_played() {
    let request = json!({"messages": [{"role": "user", "content": [{"text": "Hello"}]}]});
    let answer = r#"{"metrics":{"latencyMs":1},"output":{"message":{"content":[{"text":"Hi"}],"role":"assistant"}},"stopReason":"end_turn","usage":{"inputTokens":1,"outputTokens":1,"totalTokens":2}}"#;
    let count = json!({"input": {"converse": request}});
    let id = "anthropic.claude-opus-4-6-v1";
    let exchange = |operation: &str, body: &Value, answer: &str| {
        json!({"request": {"path": format!("/model/{id}/{operation}"), "body": body.to_string()},
            "response": {"status": 200, "headers": {"content-type": ["application/json"]}, "body": answer}})
    };
    let lines = [exchange("converse", &request, answer), exchange("count-tokens", &count, r#"{"inputTokens":7}"#)];
    let recording = Recording::parse(&lines.map(|line| line.to_string()).join("\n")).unwrap();
    assert_eq!((recording.len(), recording.passed_over()), (2, 0));
    let local = Local::builder().clock(|| at(NOW)).replay(recording).build();
    assert_eq!(post(&local, id, "converse", &request).await.text(), answer);
    assert_eq!(post(&local, id, "count-tokens", &count).await.text(), r#"{"inputTokens":7}"#);
    let other = post(&local, id, "converse", &with(json!({"system": [{"text": "x"}]}))).await.refusal().2;
    assert!(other.contains("no recorded exchange answers this Converse"), "{other}");
    // Told to, it answers in another's place, with what the request wants to be told.
    local.answer_next(Reply::text("Told."));
    let told = post(&local, id, "converse", &with(json!({"serviceTier": {"type": "flex"}}))).await.json();
    assert_eq!((text(&told).as_str(), &told["serviceTier"]["type"]), ("Told.", &json!("flex")));
}
