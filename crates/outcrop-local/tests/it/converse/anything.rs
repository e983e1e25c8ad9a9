//! Requests of Converse with one thing wrong, or several, whatever it is: each is answered, and a refusal has words.

use outcrop_local::Account;
use serde_json::{Value, json};

use super::{OPUS_4_6, post, strict, weather};
use crate::asking::{PNG, pdf};
use crate::checks::anything::{garbled, mixed_up, pointers, wrong};
use crate::raw::{Request, local, send};

/// A request with a bit of everything.
fn rich() -> Value {
    json!({
        "system": [{"text": "s"}, {"cachePoint": {"type": "default", "ttl": "5m"}},
            {"guardContent": {"text": {"text": "g", "qualifiers": ["query"]}}}],
        "inferenceConfig": {"maxTokens": 400, "temperature": 0.5, "stopSequences": ["END"]},
        "toolConfig": {"tools": [weather(), {"cachePoint": {"type": "default"}}], "toolChoice": {"auto": {}}},
        "guardrailConfig": {"guardrailIdentifier": "a1", "guardrailVersion": "1", "trace": "enabled"},
        "additionalModelRequestFields": {"top_k": 5, "anthropic_beta": ["compact-2026-01-12"]},
        "additionalModelResponseFieldPaths": ["/stop_sequence", "/usage/output_tokens"],
        "requestMetadata": {"team": "a"}, "performanceConfig": {"latency": "standard"},
        "serviceTier": {"type": "default"}, "outputConfig": {"effort": "low"},
        "messages": [
            {"role": "user", "content": [{"text": "x"}, {"image": {"format": "png", "source": {"bytes": PNG}}},
                {"document": {"name": "Trip", "format": "pdf", "context": "c", "citations": {"enabled": true},
                    "source": {"bytes": pdf("Trip", &["Trains leave at noon."])}}},
                {"document": {"name": "data", "format": "csv", "source": {"bytes": "YSxi"}}},
                {"searchResult": {"source": "s", "title": "t", "content": [{"text": "r"}], "citations": {"enabled": true}}},
                {"guardContent": {"text": {"text": "g"}}}, {"cachePoint": {"type": "default"}}]},
            {"role": "assistant", "content": [
                {"citationsContent": {"content": [{"text": "At noon."}], "citations": [{"title": "Trip",
                    "sourceContent": [{"text": "Trains leave at noon."}],
                    "location": {"documentPage": {"documentIndex": 0, "start": 1, "end": 2}}}]}},
                {"toolUse": {"toolUseId": "t1", "name": "weather", "input": {"city": "Oslo"}}}]},
            {"role": "user", "content": [{"toolResult": {"toolUseId": "t1", "status": "success",
                "content": [{"text": "r"}, {"json": {"a": 1}}]}}]}]
    })
}

#[tokio::test]
async fn a_request_with_one_thing_wrong_is_answered() {
    let local = local();
    let whole = rich();
    let response = post(&local, OPUS_4_6, "converse", &whole).await;
    assert_eq!(response.status, 200, "{}", response.text());
    let mut places = Vec::new();
    pointers(&whole, "", &mut places);
    let wrong = wrong(json!({"text": "t"}));
    let mut refused = 0;
    for place in &places {
        for wrong in &wrong {
            let mut body = whole.clone();
            *body.pointer_mut(place).unwrap() = wrong.clone();
            let response = post(&local, OPUS_4_6, "converse", &body).await;
            if response.status != 200 {
                let (status, code, message) = response.refusal();
                assert_eq!(status, 400, "{place} {wrong}: {message}");
                assert!(matches!(code.as_str(), "ValidationException" | "SerializationException"), "{place} {wrong}");
                assert!(message.len() > 10, "{place} {wrong}: {message}");
                refused += 1;
            }
        }
    }
    // Most of it matters.
    assert!(refused * 2 > places.len() * wrong.len(), "{refused} of {}", places.len() * wrong.len());
}

/// Requests in which one thing stands where another did, and some bytes are others; whole, streamed and counted.
#[tokio::test]
async fn requests_that_are_mixed_up_are_answered() {
    let mut random = fastrand::Rng::with_seed(20_261_123);
    let servers = [local(), strict()];
    let whole = rich();
    let mut places = Vec::new();
    pointers(&whole, "", &mut places);
    let mut taken = 0;
    for round in 0..1200 {
        let mut body = mixed_up(&whole, &places, &mut random);
        let (id, operation) = match round % 3 {
            0 => (OPUS_4_6, "converse"),
            1 => (OPUS_4_6, "converse-stream"),
            _ => ("anthropic.claude-opus-4-6-v1", "count-tokens"),
        };
        if operation == "count-tokens" {
            body = json!({"input": {"converse": body}});
        }
        let bytes = garbled(&body, &mut random);
        let target = format!("/model/{id}/{operation}");
        let request = Request::post(&target, bytes.clone()).bearer(Account::BEARER_TOKEN);
        let response = send(&servers[round % servers.len()], &request).await;
        taken += usize::from(response.status == 200);
        assert!(matches!(response.status, 200 | 400), "{}: {}", response.text(), String::from_utf8_lossy(&bytes));
    }
    assert!(taken > 20, "{taken}");
}
