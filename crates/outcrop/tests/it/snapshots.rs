//! A streamed reply as it grows: snapshots, and arguments before they are whole.

use outcrop::{Block, Client, MessageStream, Retry, Update};

use crate::scripted::{BLOCK, BLOCK_STOP, DELTA, HEL, HELLO, LO, PING, START, STOP, Scripted, Step, frames, request};

async fn stream_of(events: &[&str]) -> MessageStream {
    let server = Scripted::new([Step::stream(frames(events))]);
    let client: Client = server.builder().retry(Retry::none()).build().await.unwrap();
    client.messages().stream(&request()).await.unwrap()
}

const CALL: &str = r#"{"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"t1","name":"book","input":{}}}"#;
const CALL_STOP: &str = r#"{"type":"content_block_stop","index":1}"#;

fn piece(json: &str) -> String {
    let json = serde_json::to_string(json).unwrap();
    format!(r#"{{"type":"content_block_delta","index":1,"delta":{{"type":"input_json_delta","partial_json":{json}}}}}"#)
}

/// A text, then a call whose arguments come in pieces.
fn call() -> Vec<String> {
    let mut events: Vec<String> = [START, BLOCK, HEL, LO, BLOCK_STOP, CALL].map(str::to_owned).into();
    events.extend(
        ["", r#"{"from": "Ber"#, r#"lin", "nights": 1"#, r#"2, "seats": ["#, r#""4A", "4"#, r#"B"]}"#].map(piece),
    );
    events.extend([CALL_STOP, DELTA, STOP].map(str::to_owned));
    events
}

async fn stream_of_call() -> MessageStream {
    let events = call();
    stream_of(&events.iter().map(String::as_str).collect::<Vec<_>>()).await
}

#[tokio::test(start_paused = true)]
async fn each_event_comes_with_what_it_adds_up_to() {
    let mut updates = stream_of_call().await.with_snapshots();
    let mut seen = Vec::new();
    while let Some(update) = updates.next().await {
        seen.push(match update.unwrap() {
            Update::Text { index, delta, snapshot } => format!("text {index} {delta} {snapshot}"),
            Update::Input { index, snapshot, .. } => {
                format!("input {index} {}", snapshot.so_far().map_or_else(|| "-".into(), |json| json.to_string()))
            }
            Update::BlockStop { index, block } => match block {
                Block::Text(block) => format!("stop {index} {}", block.text),
                Block::ToolUse(block) => format!("stop {index} {} {}", block.name, block.input),
                other => panic!("{other:?}"),
            },
            Update::MessageStop { message } => format!("end {} blocks", message.content.len()),
            Update::Event(event) => event.kind().to_owned(),
            other => panic!("{other:?}"),
        });
    }
    assert_eq!(
        seen,
        [
            "message_start",
            "content_block_start",
            "text 0 Hel Hel",
            "text 0 lo! Hello!",
            "stop 0 Hello!",
            "content_block_start",
            "input 1 -",
            r#"input 1 {"from": "Ber"}"#,
            r#"input 1 {"from": "Berlin"}"#,
            r#"input 1 {"from": "Berlin", "nights": 12, "seats": []}"#,
            r#"input 1 {"from": "Berlin", "nights": 12, "seats": ["4A", "4"]}"#,
            r#"input 1 {"from": "Berlin", "nights": 12, "seats": ["4A", "4B"]}"#,
            r#"stop 1 book {"from": "Berlin", "nights": 12, "seats": ["4A", "4B"]}"#,
            "message_delta",
            "end 2 blocks",
        ]
    );
    assert_eq!(updates.snapshot().unwrap().text(), "Hello!");
    let reply = updates.into_inner().finish().await.unwrap();
    assert_eq!(reply.tool_uses().count(), 1);
    assert!(reply.meta.metrics.is_some());
}

#[tokio::test(start_paused = true)]
async fn thinking_signatures_and_citations_have_snapshots_too() {
    let events = [
        START,
        PING,
        r#"{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"Hm"}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"..."}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"c2ln"}}"#,
        r#"{"type":"content_block_stop","index":0}"#,
        r#"{"type":"content_block_start","index":1,"content_block":{"type":"text","text":"","citations":[]}}"#,
        r#"{"type":"content_block_delta","index":1,"delta":{"type":"citations_delta","citation":{"type":"page_location","cited_text":"one","document_index":0,"document_title":null,"start_page_number":1,"end_page_number":2}}}"#,
        r#"{"type":"content_block_delta","index":1,"delta":{"type":"citations_delta","citation":{"type":"page_location","cited_text":"two","document_index":0,"document_title":null,"start_page_number":2,"end_page_number":3}}}"#,
        r#"{"type":"content_block_delta","index":1,"delta":{"type":"smell_delta","smell":"pine"}}"#,
        CALL_STOP,
        DELTA,
        STOP,
    ];
    let mut updates = stream_of(&events).await.with_snapshots();
    let mut seen = Vec::new();
    while let Some(update) = updates.next().await {
        match update.unwrap() {
            Update::Thinking { delta, snapshot, .. } => seen.push(format!("{delta} {snapshot}")),
            Update::Signature { signature, .. } => seen.push(signature),
            Update::Citation { citation, snapshot, .. } => {
                seen.push(format!("{} {}", citation.cited_text().unwrap(), snapshot.len()));
            }
            Update::Event(event) => seen.push(event.kind().to_owned()),
            _ => {}
        }
    }
    let expected = [
        "message_start",
        "ping",
        "content_block_start",
        "Hm Hm",
        "... Hm...",
        "c2ln",
        "content_block_start",
        "one 1",
        "two 2",
        "content_block_delta",
        "message_delta",
    ];
    assert_eq!(seen, expected);
}

#[tokio::test(start_paused = true)]
async fn arguments_are_a_value_at_any_moment() {
    let mut stream = stream_of_call().await;
    let mut seen = Vec::new();
    while let Some(event) = stream.next().await {
        event.unwrap();
        if let Some(json) = stream.input_so_far(1) {
            seen.push((stream.partial_input(1).unwrap().len(), json.to_string()));
        }
    }
    assert_eq!(seen.len(), 5);
    assert_eq!(seen[1], (30, r#"{"from": "Berlin"}"#.to_owned()));
    assert!(stream.input_so_far(1).is_none(), "the block is whole: its input is in the message");
}

#[tokio::test(start_paused = true)]
async fn an_error_ends_the_updates_with_what_came() {
    let mut updates = stream_of(&HELLO[..4]).await.with_snapshots();
    let mut last = String::new();
    let error = loop {
        match updates.next().await.expect("an error comes first") {
            Ok(Update::Text { snapshot, .. }) => last = snapshot.to_owned(),
            Ok(_) => {}
            Err(error) => break error,
        }
    };
    assert_eq!((last.as_str(), error.partial().unwrap().text().as_str()), ("Hello!", "Hello!"));
    assert!(updates.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn all_text_at_once() {
    assert_eq!(stream_of(&HELLO).await.collect_text().await.unwrap(), "Hello!");
    let error = stream_of(&HELLO[..5]).await.collect_text().await.unwrap_err();
    assert_eq!(error.partial().unwrap().text(), "Hello!");
}
