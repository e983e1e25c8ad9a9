//! Answers as recorded traffic has them: heads, ids, key order, frames and padding.

use outcrop_local::{ENGINE_HEADER, Local};
use outcrop_wire::accumulate::Accumulator;
use outcrop_wire::dialect::invoke::EventDecoder;
use outcrop_wire::eventstream::{Decoder, HeaderValue};
use outcrop_wire::messages::{Event, Message};
use serde_json::{Value, json};

use crate::raw::{BODY, INVOKE, NOW, Request, Response, STREAM, Signing, at, local, send};

fn names(response: &Response) -> Vec<&str> {
    let mut names: Vec<&str> = response.headers.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    names
}

fn events(response: &Response) -> Vec<Event> {
    let mut decoder = EventDecoder::default();
    decoder.push(&response.body);
    let mut events = Vec::new();
    while let Some(event) = decoder.next_event().unwrap() {
        events.push(event);
    }
    decoder.finish().unwrap();
    events
}

fn added_up(response: &Response) -> Message {
    let mut accumulator = Accumulator::new();
    for event in events(response) {
        accumulator.push(&event).unwrap();
    }
    assert!(accumulator.is_complete());
    accumulator.into_message().unwrap()
}

fn is_id(id: &str, prefix: &str) -> bool {
    id.strip_prefix(prefix)
        .is_some_and(|tail| tail.len() == 22 && tail.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

async fn ask(target: &str, body: &Value) -> Response {
    let response = send(&local(), &Request::post(target, body.to_string()).signed(&Signing::default())).await;
    assert_eq!(response.status, 200, "{}", response.text());
    response
}

#[tokio::test]
async fn a_whole_answer_has_the_head_of_recorded_ones() {
    let response = send(&local(), &Request::good(INVOKE)).await;
    assert_eq!(
        names(&response),
        [
            "connection",
            "content-length",
            "content-type",
            "date",
            "x-amzn-bedrock-input-token-count",
            "x-amzn-bedrock-invocation-latency",
            "x-amzn-bedrock-output-token-count",
            "x-amzn-requestid",
            ENGINE_HEADER,
        ]
    );
    assert_eq!(response.header("content-type"), Some("application/json"));
    assert_eq!(response.header(ENGINE_HEADER), Some("mirror"));
    let usage = &response.json()["usage"];
    for (header, member) in
        [("x-amzn-bedrock-input-token-count", "input_tokens"), ("x-amzn-bedrock-output-token-count", "output_tokens")]
    {
        assert_eq!(response.header(header).unwrap().parse::<u64>().ok(), usage[member].as_u64(), "{header}");
    }
}

#[tokio::test]
async fn a_streamed_answer_has_the_head_of_recorded_ones() {
    let response = send(&local(), &Request::good(STREAM)).await;
    assert_eq!(
        names(&response),
        [
            "connection",
            "content-type",
            "date",
            "transfer-encoding",
            "x-amzn-bedrock-content-type",
            "x-amzn-requestid",
            ENGINE_HEADER,
        ]
    );
    assert_eq!(response.header("content-type"), Some("application/vnd.amazon.eventstream"));
    assert_eq!(response.header("x-amzn-bedrock-content-type"), Some("application/json"));
}

#[tokio::test]
async fn a_refusal_has_the_head_of_recorded_ones() {
    for target in [INVOKE, STREAM] {
        let response = send(&local(), &Request::post(target, "{}").signed(&Signing::default())).await;
        assert_eq!(
            names(&response),
            ["connection", "content-length", "content-type", "date", "x-amzn-errortype", "x-amzn-requestid"]
        );
    }
}

#[tokio::test]
async fn a_message_has_the_members_of_recorded_ones_in_their_order() {
    let response = send(&local(), &Request::good(INVOKE)).await;
    let message: Message = serde_json::from_slice(&response.body).unwrap();
    assert_eq!(response.text(), serde_json::to_string(&message).unwrap(), "nothing that the wire types do not know");
    let mut at = 0;
    for member in [
        "{\"model\":",
        "\"id\":",
        "\"type\":\"message\"",
        "\"role\":\"assistant\"",
        "\"content\":",
        "\"stop_reason\":\"end_turn\"",
        "\"stop_sequence\":null",
        "\"usage\":",
    ] {
        at += response.text()[at..].find(member).unwrap_or_else(|| panic!("{member} in {}", response.text()));
    }
    let usage = response.text().split_once("\"usage\":").unwrap().1;
    let (input, output) = (message.usage.input_tokens, message.usage.output_tokens);
    assert_eq!(
        usage,
        format!(
            r#"{{"input_tokens":{input},"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"cache_creation":{{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":0}},"output_tokens":{output}}}}}"#
        )
    );
    assert_eq!(message.model, "claude-opus-4-6");
}

#[tokio::test]
async fn ids_have_the_shape_of_recorded_ones() {
    let local = local();
    let mut seen = std::collections::HashSet::new();
    for target in [INVOKE, STREAM, INVOKE] {
        let response = send(&local, &Request::good(target)).await;
        let request_id = response.header("x-amzn-requestid").unwrap();
        let parts: Vec<&str> = request_id.split('-').collect();
        assert_eq!(parts.iter().map(|part| part.len()).collect::<Vec<_>>(), [8, 4, 4, 4, 12], "{request_id}");
        assert!(request_id.bytes().all(|byte| byte == b'-' || byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)));
        assert!(parts[2].starts_with('4') && parts[3].starts_with(['8', '9', 'a', 'b']), "{request_id} is a version 4");
        let id = match target {
            STREAM => added_up(&response).id,
            _ => response.json()["id"].as_str().unwrap().to_owned(),
        };
        assert!(is_id(&id, "msg_bdrk_01"), "{id}");
        assert!(seen.insert(request_id.to_owned()) && seen.insert(id), "each call has its own");
    }
    let forced = json!({"anthropic_version": "bedrock-2023-05-31", "max_tokens": 99,
        "messages": [{"role": "user", "content": "x"}], "tool_choice": {"type": "any"},
        "tools": [{"name": "weather", "input_schema": {"type": "object"}}]});
    let id = ask(INVOKE, &forced).await.json()["content"][0]["id"].as_str().unwrap().to_owned();
    assert!(is_id(&id, "toolu_bdrk_01"), "{id}");
}

#[tokio::test]
async fn every_frame_is_a_chunk_of_its_own_with_the_headers_of_recorded_ones() {
    let response = send(&local(), &Request::good(STREAM)).await;
    let events = events(&response);
    assert_eq!(response.chunks.len(), events.len(), "one HTTP chunk a frame");
    for chunk in &response.chunks {
        let mut decoder = Decoder::default();
        decoder.push(chunk);
        let frame = decoder.next_frame().unwrap().unwrap();
        let headers: Vec<(&str, HeaderValue<'_>)> = frame.headers.into_iter().collect();
        assert_eq!(
            headers,
            [
                (":event-type", HeaderValue::Text("chunk")),
                (":content-type", HeaderValue::Text("application/json")),
                (":message-type", HeaderValue::Text("event")),
            ]
        );
        let payload = std::str::from_utf8(frame.payload).unwrap();
        assert!(payload.starts_with(r#"{"bytes":""#) && payload.contains(r#"","p":""#), "{payload}");
        decoder.finish().unwrap();
    }
}

#[tokio::test]
async fn padding_is_a_prefix_of_the_alphabet_of_random_length() {
    let alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    let mut lengths = std::collections::BTreeSet::new();
    let local = local();
    for _ in 0..40 {
        for chunk in send(&local, &Request::good(STREAM)).await.chunks {
            let mut decoder = Decoder::default();
            decoder.push(&chunk);
            let payload: Value = serde_json::from_slice(decoder.next_frame().unwrap().unwrap().payload).unwrap();
            assert_eq!(payload.as_object().unwrap().len(), 2);
            let padding = payload["p"].as_str().unwrap();
            assert!(alphabet.starts_with(padding), "{padding}");
            lengths.insert(padding.len());
        }
    }
    assert_eq!((lengths.first(), lengths.last()), (Some(&2), Some(&61)), "{lengths:?}");
}

#[tokio::test]
async fn a_stream_adds_up_to_what_the_whole_answer_says() {
    let base = json!({"anthropic_version": "bedrock-2023-05-31", "max_tokens": 2000,
        "messages": [{"role": "user", "content": "Grüße, Welt 🌍\n\n  two  spaces\ttab"}]});
    let with = |members: Value| {
        let mut body = base.clone();
        body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        body
    };
    let tools = json!([{"name": "weather", "input_schema": {"type": "object", "required": ["city", "n"],
        "properties": {"city": {"enum": ["Oslo \"north\""]}, "n": {"type": "number", "minimum": 0.5}}}}]);
    for body in [
        base.clone(),
        with(json!({"max_tokens": 7})),
        with(json!({"stop_sequences": ["Welt"]})),
        with(json!({"thinking": {"type": "enabled", "budget_tokens": 1024}})),
        with(json!({"tools": tools, "tool_choice": {"type": "tool", "name": "weather"}})),
    ] {
        let whole: Message = serde_json::from_slice(&ask(INVOKE, &body).await.body).unwrap();
        let mut streamed = added_up(&ask(STREAM, &body).await);
        assert!(is_id(&streamed.id, "msg_bdrk_01"));
        streamed.id.clone_from(&whole.id);
        for (block, of_whole) in streamed.content.iter_mut().zip(&whole.content) {
            if let (outcrop_wire::messages::Block::ToolUse(call), outcrop_wire::messages::Block::ToolUse(whole)) =
                (block, of_whole)
            {
                call.id.clone_from(&whole.id);
            }
        }
        assert_eq!(streamed, whole, "{body}");
    }
}

#[tokio::test]
async fn events_have_the_order_of_recorded_streams() {
    let events = events(&send(&local(), &Request::good(STREAM)).await);
    let mut kinds: Vec<&str> = events.iter().map(Event::kind).collect();
    kinds.dedup();
    assert_eq!(
        kinds,
        [
            "message_start",
            "content_block_start",
            "content_block_delta",
            "content_block_stop",
            "message_delta",
            "message_stop"
        ],
        "and no ping"
    );
    let Event::MessageStart(start) = &events[0] else { panic!("{:?}", events[0]) };
    assert_eq!((start.message.usage.output_tokens, start.message.stop_reason.as_ref()), (1, None));
    assert!(start.message.content.is_empty());
    let metrics = events.last().unwrap().metrics().unwrap();
    assert!(metrics.input_token_count > Some(0) && metrics.output_token_count > Some(0), "{metrics:?}");
    assert!(metrics.invocation_latency.is_some() && metrics.first_byte_latency.is_some());
    assert_eq!((metrics.cache_read_input_token_count, metrics.cache_write_input_token_count), (None, None));
}

#[tokio::test]
async fn a_seed_makes_ids_and_padding_the_same() {
    let answer = async |seed| {
        let local = Local::builder().clock(|| at(NOW)).seed(seed).build();
        let response = send(&local, &Request::good(STREAM)).await;
        let padding: Vec<usize> = response.chunks.iter().map(Vec::len).collect();
        (response.header("x-amzn-requestid").unwrap().to_owned(), added_up(&response).id, padding)
    };
    let (first, again, other) = (answer(7).await, answer(7).await, answer(8).await);
    // Latencies may differ by a digit, so the last frame's length may too.
    assert_eq!((&first.0, &first.1), (&again.0, &again.1));
    assert_eq!(first.2.split_last().unwrap().1, again.2.split_last().unwrap().1);
    assert!(first.0 != other.0 && first.1 != other.1 && first.2 != other.2);
}

#[tokio::test]
async fn the_mirror_tells_what_a_model_would_have_received() {
    let text = async |members: Value| {
        let mut body: Value = serde_json::from_str(BODY).unwrap();
        body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        ask(INVOKE, &body).await.json()["content"][0]["text"].as_str().unwrap().to_owned()
    };
    let plain = text(json!({})).await;
    assert!(plain.starts_with("This is Outcrop's local engine, not Claude."), "{plain}");
    for part in ["\n\nHello, world\n\n", "claude-opus-4-6", "scope global", "1 turn,", "at most 256 tokens"] {
        assert!(plain.contains(part), "{part}: {plain}");
    }
    let conversation = text(json!({
        "system": "Be brief",
        "tools": [{"name": "weather", "input_schema": {"type": "object"}}, {"type": "bash_20250124", "name": "bash"}],
        "messages": [
            {"role": "user", "content": "one"},
            {"role": "assistant", "content": [{"type": "tool_use", "id": "t1", "name": "weather", "input": {}}]},
            {"role": "user", "content": [
                {"type": "tool_result", "tool_use_id": "t1", "is_error": true, "content": [{"type": "text", "text": "storm"}]},
                {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}},
                {"type": "document", "title": "Quartz", "source": {"type": "text", "media_type": "text/plain", "data": "SiO2"}},
                {"type": "text", "text": "two"}
            ]}
        ]
    }))
    .await;
    for part in [
        "[result of weather, failed] storm\n",
        "[image, image/png, 8 bytes, a PNG image whose size cannot be read]\n",
        "[document \"Quartz\", text/plain, 4 characters: SiO2]\n",
        "\ntwo\n",
        "3 turns",
        "a system prompt of 8 characters",
        "tools weather, bash",
    ] {
        assert!(conversation.contains(part), "{part}: {conversation}");
    }
    assert_eq!(text(json!({})).await, plain, "the same every time");
}
