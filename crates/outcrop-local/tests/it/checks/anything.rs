//! Bodies with one thing wrong, whatever it is: each is answered, and a refusal has words.

use outcrop_local::{Account, Local, Script};
use serde_json::{Value, json};

use super::{OPUS_4_6, ask_of};
use crate::asking::pdf;
use crate::raw::{INVOKE, NOW, Request, STREAM, at, local, send};

/// A body with a bit of everything.
fn rich() -> Value {
    json!({"anthropic_version": "bedrock-2023-05-31", "max_tokens": 4096, "anthropic_beta": ["context-1m-2025-08-07"],
        "system": [{"type": "text", "text": "s", "cache_control": {"type": "ephemeral", "ttl": "1h"}}],
        "metadata": {"user_id": "u"}, "stop_sequences": ["END"], "temperature": 0.5, "top_k": 5,
        "thinking": {"type": "disabled"}, "output_config": {"effort": "low", "format": {"type": "json_schema",
            "schema": {"type": "object", "additionalProperties": false}}},
        "tools": [{"name": "a", "description": "d", "input_schema": {"type": "object", "properties": {}}},
            {"type": "bash_20250124", "name": "bash"}],
        "tool_choice": {"type": "auto", "disable_parallel_tool_use": true},
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": "x", "citations": null},
                {"type": "image", "source": {"type": "base64", "media_type": "image/gif", "data": "R0lGODlhBQAHAAAAAAA="}},
                {"type": "document", "title": "t", "citations": {"enabled": true}, "source": {"type": "text",
                    "media_type": "text/plain", "data": "d"}},
                {"type": "document", "source": {"type": "content", "content": [{"type": "text", "text": "c"}]}},
                {"type": "search_result", "source": "s", "title": "t", "content": [{"type": "text", "text": "r"}]}]},
            {"role": "assistant", "content": [{"type": "text", "text": "y", "citations": [{"type": "char_location",
                "cited_text": "d", "document_index": 0, "document_title": "t", "start_char_index": 0,
                "end_char_index": 1}]}, {"type": "tool_use", "id": "t1", "name": "a", "input": {}}]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t1", "is_error": false,
                "content": [{"type": "text", "text": "r"}]}]}]})
}

/// The pointers of every value below `value`.
pub(crate) fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    let mut add = |name: &str, value: &Value| {
        let pointer = format!("{at}/{name}");
        pointers(value, &pointer, found);
        found.push(pointer);
    };
    match value {
        Value::Object(members) => members.iter().for_each(|(name, value)| add(name, value)),
        Value::Array(items) => items.iter().enumerate().for_each(|(at, item)| add(&at.to_string(), item)),
        _ => {}
    }
}

/// Values that hardly anything may have, and `another`, which belongs elsewhere.
pub(crate) fn wrong(another: Value) -> [Value; 12] {
    [
        json!(null),
        json!(""),
        json!(" "),
        json!("ü"),
        json!(-1),
        json!(1.5),
        json!(u64::MAX),
        json!(true),
        json!([]),
        json!({}),
        json!([null]),
        another,
    ]
}

/// `whole`, in which one to three things stand where others did.
pub(crate) fn mixed_up(whole: &Value, places: &[String], random: &mut fastrand::Rng) -> Value {
    let mut body = whole.clone();
    for _ in 0..random.usize(1..4) {
        let (from, to) = (&places[random.usize(..places.len())], &places[random.usize(..places.len())]);
        let value = body.pointer(from).cloned();
        if let (Some(value), Some(place)) = (value, body.pointer_mut(to)) {
            *place = value;
        }
    }
    body
}

/// Its text, with up to two bytes that are others.
pub(crate) fn garbled(body: &Value, random: &mut fastrand::Rng) -> Vec<u8> {
    let mut bytes = body.to_string().into_bytes();
    for _ in 0..random.usize(..3) {
        let at = random.usize(..bytes.len());
        bytes[at] = *random.choice(b"\"\\{}[],:0-.ex \0\xff").unwrap();
    }
    bytes
}

#[tokio::test]
async fn a_body_with_one_thing_wrong_is_answered() {
    let local = local();
    let whole = rich();
    assert_eq!(ask_of(&local, OPUS_4_6, &whole).await.status, 200);
    let mut places = Vec::new();
    pointers(&whole, "", &mut places);
    let wrong = wrong(json!({"type": "tool_use"}));
    let mut refused = 0;
    for place in &places {
        for wrong in &wrong {
            let mut body = whole.clone();
            *body.pointer_mut(place).unwrap() = wrong.clone();
            let response = ask_of(&local, OPUS_4_6, &body).await;
            if response.status != 200 {
                let (status, code, message) = response.refusal();
                assert_eq!((status, code.as_str()), (400, "ValidationException"), "{place} {wrong}");
                assert!(message.len() > 10, "{place} {wrong}: {message}");
                refused += 1;
            }
        }
    }
    // Most of it matters.
    assert!(refused * 2 > places.len() * wrong.len(), "{refused} of {}", places.len() * wrong.len());
}

/// Bodies in which one thing stands where another did, and some bytes are others; with a script and the cache in play.
#[tokio::test]
async fn bodies_that_are_mixed_up_are_answered() {
    let mut random = fastrand::Rng::with_seed(20_261_123);
    let rules = "[[rule]]\nwhen.tool_result = {}\nwhen.text = { regex = \"^x+$\" }\nreply.text = \"x\"";
    let scripted = Local::builder().clock(|| at(NOW)).script(Script::parse(rules).unwrap()).build();
    let servers = [local(), Local::builder().clock(|| at(NOW)).strict(true).build(), scripted];
    let mut whole = rich();
    whole["messages"][0]["content"][2] = json!({"type": "document", "citations": {"enabled": true}, "source":
        {"type": "base64", "media_type": "application/pdf", "data": pdf("Trip", &["Trains leave at noon."])}});
    assert_eq!(ask_of(&servers[0], OPUS_4_6, &whole).await.status, 200);
    let mut places = Vec::new();
    pointers(&whole, "", &mut places);
    let mut taken = 0;
    for round in 0..1500 {
        let body = mixed_up(&whole, &places, &mut random);
        let bytes = garbled(&body, &mut random);
        let target = if random.bool() { INVOKE } else { STREAM };
        let request = Request::post(target, bytes.clone()).bearer(Account::BEARER_TOKEN);
        let response = send(&servers[round % servers.len()], &request).await;
        taken += usize::from(response.status == 200);
        assert!(matches!(response.status, 200 | 400), "{}: {}", response.text(), String::from_utf8_lossy(&bytes));
    }
    assert!(taken > 20, "{taken}");
}
