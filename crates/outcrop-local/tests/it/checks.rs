//! What AWS refuses, a table for each concern: what a request says, and the words of the refusal.

pub(crate) mod anything;
mod betas;
mod caching;
mod calls;
mod fields;
mod handling;
mod media;
mod sampling;
mod strict;
mod thinking;
mod tools;
mod turns;
mod window;

use outcrop_local::Local;
use serde_json::{Value, json};

use crate::raw::{NOW, Request, Response, Signing, at, send};

pub(crate) const OPUS_4_6: &str = "global.anthropic.claude-opus-4-6-v1";
pub(crate) const OPUS_4_5: &str = "us.anthropic.claude-opus-4-5-20251101-v1:0";
pub(crate) const SONNET_4_5: &str = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
pub(crate) const SONNET_4: &str = "us.anthropic.claude-sonnet-4-20250514-v1:0";
pub(crate) const OPUS_4_8: &str = "us.anthropic.claude-opus-4-8";

/// A good body with members set, or left out where they are `null`.
pub(crate) fn body(members: Value) -> Value {
    let mut body = json!({"anthropic_version": "bedrock-2023-05-31", "max_tokens": 4096,
        "messages": [{"role": "user", "content": "Hello"}]});
    for (name, value) in members.as_object().unwrap() {
        match value {
            Value::Null => drop(body.as_object_mut().unwrap().remove(name)),
            value => body[name] = value.clone(),
        }
    }
    body
}

/// A body with these turns.
pub(crate) fn turns(turns: Value) -> Value {
    body(json!({ "messages": turns }))
}

/// A body whose only turn has these blocks.
pub(crate) fn content(blocks: Value) -> Value {
    turns(json!([{"role": "user", "content": blocks}]))
}

pub(crate) async fn ask_of(local: &Local, model: &str, body: &Value) -> Response {
    let path = format!("/model/{}/invoke", model.replace(':', "%3A"));
    send(local, &Request::post(&path, body.to_string()).signed(&Signing::default())).await
}

pub(crate) async fn ask(model: &str, body: &Value) -> Response {
    ask_of(&Local::builder().clock(|| at(NOW)).build(), model, body).await
}

/// Each is refused in these words.
pub(crate) async fn refused(model: &str, cases: &[(Value, &str)]) {
    for (body, message) in cases {
        let response = ask(model, body).await;
        assert_ne!(response.status, 200, "{body} passes, and should be refused: {message}");
        assert_eq!(response.refusal(), (400, "ValidationException".to_owned(), (*message).to_owned()), "{body}");
    }
}

/// Each passes.
pub(crate) async fn taken(model: &str, bodies: &[Value]) {
    for body in bodies {
        let response = ask(model, body).await;
        assert_eq!(response.status, 200, "{body}: {}", response.text());
    }
}
