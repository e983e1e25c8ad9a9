//! The fixed answers, built once: a message of about 600 bytes, and the same kind of message in 205 frames.

use std::time::SystemTime;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::eventstream::encode_frame;
use crate::call::Answer;

/// What the fillings of `p` are cut from, as Bedrock does it.
const PADDING: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

const TEXT: &str = "Hello! I am here and ready to help. Ask me about the rocks of this coast, about a sentence that will \
                    not come right, about a program that fails only on Fridays, or about the shortest way home.";

/// Twelve characters on average, as a streamed delta has them. The last one needs an escape in JSON.
const DELTAS: [&str; 8] = [
    "The cliff",
    " shows its",
    " layers from the",
    " oldest sand up",
    " to the young",
    " chalk, each",
    " a page of",
    " the record.\n",
];
const DELTA_COUNT: usize = 200;
const OUTPUT_TOKENS: u64 = 211;

/// What a contender must have read after a unary call.
pub fn unary_answer() -> Answer {
    Answer { text: TEXT.to_owned(), output_tokens: OUTPUT_TOKENS }
}

/// What a contender must have read after a streamed call.
pub fn stream_answer() -> Answer {
    Answer { text: deltas().collect(), output_tokens: OUTPUT_TOKENS }
}

/// Whole HTTP responses, ready to be written.
pub struct Answers {
    unary: Vec<u8>,
    stream: Vec<u8>,
    unknown: Vec<u8>,
}

impl Answers {
    pub fn build() -> Self {
        let date = httpdate::fmt_http_date(SystemTime::now());
        Self { unary: unary(&date), stream: stream(&date), unknown: unknown(&date) }
    }

    /// The answer to a request target, whatever model it names.
    pub fn to(&self, target: &[u8]) -> &[u8] {
        if !target.starts_with(b"/model/") {
            &self.unknown
        } else if target.ends_with(b"/invoke") {
            &self.unary
        } else if target.ends_with(b"/invoke-with-response-stream") {
            &self.stream
        } else {
            &self.unknown
        }
    }
}

fn unary(date: &str) -> Vec<u8> {
    let body = format!(
        concat!(
            r#"{{"model":"claude-sonnet-4-5-20250929","id":"msg_bdrk_01LkSJ4K5xY8kPox973JjGJo","type":"message","#,
            r#""role":"assistant","content":[{{"type":"text","text":{text}}}],"#,
            r#""stop_reason":"end_turn","stop_sequence":null,"#,
            r#""usage":{{"input_tokens":38,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"#,
            r#""cache_creation":{{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":0}},"#,
            r#""output_tokens":{output_tokens}}}}}"#,
        ),
        text = quoted(TEXT),
        output_tokens = OUTPUT_TOKENS,
    );
    let head = format!(
        "HTTP/1.1 200 OK\r\n\
         Date: {date}\r\n\
         Content-Type: application/json\r\n\
         Content-Length: {length}\r\n\
         Connection: keep-alive\r\n\
         x-amzn-RequestId: 8f7c1d4e-2b6a-4c19-9d53-7e0f6a1b2c3d\r\n\
         X-Amzn-Bedrock-Invocation-Latency: 1318\r\n\
         X-Amzn-Bedrock-Output-Token-Count: {OUTPUT_TOKENS}\r\n\
         X-Amzn-Bedrock-Input-Token-Count: 38\r\n\
         \r\n",
        length = body.len(),
    );
    [head, body].concat().into_bytes()
}

fn stream(date: &str) -> Vec<u8> {
    let mut response = format!(
        "HTTP/1.1 200 OK\r\n\
         Date: {date}\r\n\
         Content-Type: application/vnd.amazon.eventstream\r\n\
         Transfer-Encoding: chunked\r\n\
         Connection: keep-alive\r\n\
         x-amzn-RequestId: 5a9e3c70-81d4-4f2b-b6e8-0c1d2e3f4a5b\r\n\
         X-Amzn-Bedrock-Content-Type: application/json\r\n\
         \r\n",
    )
    .into_bytes();
    for frame in stream_frames() {
        response.extend_from_slice(format!("{:x}\r\n", frame.len()).as_bytes());
        response.extend_from_slice(&frame);
        response.extend_from_slice(b"\r\n");
    }
    response.extend_from_slice(b"0\r\n\r\n");
    response
}

/// The 205 frames of the streamed answer.
pub fn stream_frames() -> Vec<Vec<u8>> {
    let frame = |(index, event): (usize, &String)| {
        let padding = &PADDING[..1 + index * 37 % PADDING.len()];
        let payload = format!(r#"{{"bytes":"{}","p":"{padding}"}}"#, STANDARD.encode(event));
        encode_frame(
            &[(":event-type", "chunk"), (":content-type", "application/json"), (":message-type", "event")],
            payload.as_bytes(),
        )
    };
    events().iter().enumerate().map(frame).collect()
}

fn unknown(date: &str) -> Vec<u8> {
    format!("HTTP/1.1 404 Not Found\r\nDate: {date}\r\nContent-Length: 0\r\n\r\n").into_bytes()
}

/// The JSON of the 205 events, `type` first as Bedrock writes it.
fn events() -> Vec<String> {
    let mut events = Vec::with_capacity(DELTA_COUNT + 5);
    events.push(
        concat!(
            r#"{"type":"message_start","message":{"model":"claude-sonnet-4-5-20250929","#,
            r#""id":"msg_bdrk_01LkSJ4K5xY8kPox973JjGJo","type":"message","role":"assistant","content":[],"#,
            r#""stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":38,"cache_creation_input_tokens":0,"#,
            r#""cache_read_input_tokens":0,"#,
            r#""cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":0},"output_tokens":2}}}"#,
        )
        .to_owned(),
    );
    events.push(r#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#.to_owned());
    events.extend(deltas().map(|delta| {
        let text = quoted(delta);
        format!(r#"{{"type":"content_block_delta","index":0,"delta":{{"type":"text_delta","text":{text}}}}}"#)
    }));
    events.push(r#"{"type":"content_block_stop","index":0}"#.to_owned());
    events.push(format!(
        concat!(
            r#"{{"type":"message_delta","delta":{{"stop_reason":"end_turn","stop_sequence":null}},"#,
            r#""usage":{{"output_tokens":{}}}}}"#,
        ),
        OUTPUT_TOKENS,
    ));
    events.push(format!(
        concat!(
            r#"{{"type":"message_stop","amazon-bedrock-invocationMetrics":{{"inputTokenCount":38,"#,
            r#""outputTokenCount":{},"invocationLatency":2950,"firstByteLatency":612}}}}"#,
        ),
        OUTPUT_TOKENS,
    ));
    events
}

fn deltas() -> impl Iterator<Item = &'static str> {
    DELTAS.into_iter().cycle().take(DELTA_COUNT)
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_has_205_events_of_valid_json() {
        let events = events();
        assert_eq!(events.len(), 205);
        for event in events {
            let value: serde_json::Value = serde_json::from_str(&event).unwrap();
            assert!(event.starts_with(r#"{"type":""#) && value["type"].is_string());
        }
    }

    #[test]
    fn deltas_are_about_twelve_characters() {
        let characters = deltas().map(|delta| delta.chars().count()).sum::<usize>();
        assert!((11.0..14.0).contains(&(characters as f64 / DELTA_COUNT as f64)));
    }

    #[test]
    fn the_unary_body_is_about_600_bytes_long() {
        let response = String::from_utf8(unary("")).unwrap();
        let (_, body) = response.split_once("\r\n\r\n").unwrap();
        assert!((550..650).contains(&body.len()), "{} bytes", body.len());
        serde_json::from_str::<serde_json::Value>(body).unwrap();
    }
}
