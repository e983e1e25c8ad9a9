//! The contenders that Outcrop is measured against, and how they read a message and an event from `Value`.

pub mod aws_sdk;
pub mod bare_hyper;

use serde_json::Value;

use crate::call::{Answer, Failure};

fn read_message(message: &Value) -> Result<Answer, Failure> {
    let text = message["content"][0]["text"].as_str().ok_or("a message without text")?;
    let output_tokens = message["usage"]["output_tokens"].as_u64().ok_or("a message without usage")?;
    Ok(Answer { text: text.to_owned(), output_tokens })
}

fn read_event(event: &Value, answer: &mut Answer) {
    match event["type"].as_str() {
        Some("content_block_delta") => {
            if let Some(text) = event["delta"]["text"].as_str() {
                answer.text.push_str(text);
            }
        }
        Some("message_delta") => {
            if let Some(output_tokens) = event["usage"]["output_tokens"].as_u64() {
                answer.output_tokens = output_tokens;
            }
        }
        _ => {}
    }
}
