//! Signed requests with a JSON body, answered whole or as events, and what they are made of.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use outcrop_local::Local;
use outcrop_wire::accumulate::Accumulator;
use outcrop_wire::dialect::invoke::EventDecoder;
use outcrop_wire::messages::{Event, Message};
use serde_json::{Value, json};

use crate::raw::{NOW, Request, Response, Signing, local, send};

pub(crate) const OPUS_4_6: &str = "global.anthropic.claude-opus-4-6-v1";
pub(crate) const SONNET_4_5: &str = "global.anthropic.claude-sonnet-4-5-20250929-v1:0";

/// A body with these members and what every body has.
pub(crate) fn body(members: Value) -> Value {
    let mut body = json!({"anthropic_version": "bedrock-2023-05-31", "max_tokens": 2000});
    body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    body
}

/// A body in which the user says `content`.
pub(crate) fn saying(content: impl Into<Value>) -> Value {
    body(json!({"messages": [{"role": "user", "content": content.into()}]}))
}

/// The same with another member.
pub(crate) fn with(mut body: Value, name: &str, value: Value) -> Value {
    body[name] = value;
    body
}

pub(crate) async fn post(local: &Local, target: &str, body: &Value, time: &str) -> Response {
    let signing = Signing { time, ..Signing::default() };
    let response = send(local, &Request::post(target, body.to_string()).signed(&signing)).await;
    assert_eq!(response.status, 200, "{}", response.text());
    response
}

/// The answer of Opus 4.6 on a server of its own; streamed, it must be the same but for its ids.
pub(crate) async fn ask(body: &Value) -> Message {
    ask_of(OPUS_4_6, body).await
}

/// The same of another model.
pub(crate) async fn ask_of(id: &str, body: &Value) -> Message {
    let whole = post(&local(), &format!("/model/{id}/invoke"), body, NOW).await;
    let whole: Message = serde_json::from_slice(&whole.body).unwrap();
    let (_, streamed) = stream_of(id, body).await;
    let mut left = serde_json::to_value(&whole).unwrap();
    let mut right = serde_json::to_value(&streamed).unwrap();
    for message in [&mut left, &mut right] {
        forget_ids(message);
    }
    assert_eq!(left, right);
    whole
}

/// The events of an answer, and what they add up to.
pub(crate) async fn stream(body: &Value) -> (Vec<Event>, Message) {
    stream_of(OPUS_4_6, body).await
}

async fn stream_of(id: &str, body: &Value) -> (Vec<Event>, Message) {
    let response = post(&local(), &format!("/model/{id}/invoke-with-response-stream"), body, NOW).await;
    let mut decoder = EventDecoder::default();
    decoder.push(&response.body);
    let (mut events, mut accumulator) = (Vec::new(), Accumulator::new());
    while let Some(event) = decoder.next_event().unwrap() {
        accumulator.push(&event).unwrap();
        events.push(event);
    }
    decoder.finish().unwrap();
    (events, accumulator.into_message().unwrap())
}

fn forget_ids(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.remove("id");
            members.remove("tool_use_id");
            members.values_mut().for_each(forget_ids);
        }
        Value::Array(values) => values.iter_mut().for_each(forget_ids),
        _ => {}
    }
}

/// The smallest PNG, one pixel.
pub(crate) const PNG: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC";

/// A PDF in base64, a text a page.
pub(crate) fn pdf(title: &str, pages: &[&str]) -> String {
    let kids: Vec<String> = (0..pages.len()).map(|at| format!("{} 0 R", 5 + 2 * at)).collect();
    let mut objects = vec![
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        format!("<</Type/Pages/Count {}/Kids[{}]>>", pages.len(), kids.join(" ")),
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>".to_owned(),
        format!("<</Title({title})>>"),
    ];
    for (at, text) in pages.iter().enumerate() {
        let content = format!("BT /F1 12 Tf 72 720 Td ({text}) Tj ET");
        objects.push(format!(
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Resources<</Font<</F1 3 0 R>>>>/Contents {} 0 R>>",
            6 + 2 * at
        ));
        objects.push(format!("<</Length {}>>\nstream\n{content}\nendstream", content.len()));
    }
    let mut file = "%PDF-1.4\n".to_owned();
    let mut places = Vec::new();
    for (at, object) in objects.iter().enumerate() {
        places.push(file.len());
        file.push_str(&format!("{} 0 obj\n{object}\nendobj\n", at + 1));
    }
    let start = file.len();
    file.push_str(&format!("xref\n0 {}\n0000000000 65535 f \n", places.len() + 1));
    for place in &places {
        file.push_str(&format!("{place:010} 00000 n \n"));
    }
    file.push_str(&format!(
        "trailer\n<</Size {}/Root 1 0 R/Info 4 0 R>>\nstartxref\n{start}\n%%EOF\n",
        places.len() + 1
    ));
    STANDARD.encode(file)
}
