//! Published records of the invocation log, and records made of recorded traffic: read, told in the words of Messages,
//! and written again.

use outcrop_wire::account::logging::{
    LogInput, LogOperation, LogOrder, LogOutput, LoggingSetting, ModelInvocationLog, log_time,
};
use outcrop_wire::sigv4::AmzTime;
use outcrop_wire::{Accumulator, Json};
use serde_json::Value;

use crate::corpus::{self, Report, same};

#[test]
fn published_records_survive_and_are_told() {
    let what = "invocation logs";
    let Some(folder) = corpus::folder(what) else { return };
    let (mut report, mut samples) = (Report::new(what), 0);
    for sample in corpus::exchanges(&folder, &["model-invocation-logs"]) {
        samples += 1;
        report.add(&sample.name, published(&sample.json["record"]));
    }
    report.finish();
    assert!(samples > 0, "the corpus has none");
}

fn published(given: &Value) -> Result<(), String> {
    let log: ModelInvocationLog = serde_json::from_str(&given.to_string()).map_err(|error| error.to_string())?;
    for order in [LogOrder::SchemaFirst, LogOrder::SchemaLast] {
        let line = log.line(order).map_err(|error| error.to_string())?;
        let again: Value = serde_json::from_str(&line).map_err(|error| error.to_string())?;
        same(&again, given)?;
        let first = line.starts_with(r#"{"schemaType":"ModelInvocationLog","schemaVersion":"1.0""#);
        let last = line.ends_with(r#""schemaType":"ModelInvocationLog","schemaVersion":"1.0"}"#);
        if (first, last) != (order == LogOrder::SchemaFirst, order == LogOrder::SchemaLast) {
            return Err(format!("the order is wrong: {line}"));
        }
    }
    if !log.extra.is_empty() || log.identity.is_none() || log.caller().is_empty() {
        return Err(format!("a member has no field: {log:?}"));
    }
    log.time().ok_or("no time")?;
    let turns = &given["input"]["inputBodyJson"]["messages"];
    match log.request() {
        Ok(request) => {
            let asked = request.value.messages[0].content.text().into_owned();
            let content = &turns[0]["content"];
            if Some(asked.as_str()) != content.as_str().or(content[0]["text"].as_str()) {
                return Err(format!("the question is another: {asked}"));
            }
        }
        Err(error) => return Err(error.to_string()),
    }
    let reply = log.reply().map_err(|error| error.to_string())?;
    let body = &given["output"]["outputBodyJson"];
    let content = if body["output"].is_null() { &body["content"] } else { &body["output"]["message"]["content"] };
    if Some(reply.message.text().as_str()) != content[0]["text"].as_str() || !reply.complete {
        return Err(format!("the reply is another: {reply:?}"));
    }
    let told = body["stopReason"].as_str();
    if reply.message.stop_reason.as_ref().map(|reason| reason.as_str()) != told {
        return Err("the stop reason is another".to_owned());
    }
    Ok(())
}

/// As the log has them: the events of a stream as a list.
#[test]
fn recorded_streams_are_added_up_from_a_record() {
    let what = "streams in a log";
    let Some(folder) = corpus::folder(what) else { return };
    let (mut report, mut samples) = (Report::new(what), 0);
    for exchange in corpus::exchanges(&folder, &["bedrock-"]) {
        let is_stream = exchange.text("op") == "InvokeModelWithResponseStream" && exchange.text("family") == "claude";
        if !is_stream || exchange.status() != 200 {
            continue;
        }
        let frames = exchange.json["decoded"].as_array().cloned().unwrap_or_default();
        let events: Vec<Value> = frames.iter().filter_map(|frame| frame.get("inner").cloned()).collect();
        // Text completions of the oldest models are no messages.
        let is_messages = events.first().is_some_and(|event| event["type"] == "message_start");
        if !is_messages || exchange.json["eventstream_ok"] == Value::Bool(false) {
            continue;
        }
        samples += 1;
        report.add(&exchange.name, stream(&events));
    }
    report.finish();
    assert!(samples > 0, "the corpus has none");
}

fn stream(events: &[Value]) -> Result<(), String> {
    let mut expected = Accumulator::new();
    for event in events {
        let event = serde_json::from_value(event.clone()).map_err(|error| error.to_string())?;
        expected.push(&event).map_err(|error| error.to_string())?;
    }
    let mut log = record(LogOperation::InvokeModelWithResponseStream);
    let body = Json::from(Value::from(events.to_vec()));
    log.output = Some(LogOutput { body: Some(body), ..LogOutput::default() });
    let line = log.line(LogOrder::SchemaLast).map_err(|error| error.to_string())?;
    let log: ModelInvocationLog = serde_json::from_str(&line).map_err(|error| error.to_string())?;
    let reply = log.reply().map_err(|error| error.to_string())?;
    if reply.unread > 0 || reply.complete != expected.is_complete() {
        return Err(format!("{} events unread, complete: {}", reply.unread, reply.complete));
    }
    let metrics = reply.metrics == expected.metrics().cloned();
    (metrics && Some(reply.message) == expected.into_message()).then_some(()).ok_or("another message".to_owned())
}

/// Every request and answer of Converse that was recorded can be told when it comes from a log.
#[test]
fn recorded_converse_is_told_from_a_record() {
    let what = "converse in a log";
    let Some(folder) = corpus::folder(what) else { return };
    let (mut report, mut samples) = (Report::new(what), 0);
    for exchange in corpus::exchanges(&folder, &["bedrock-"]) {
        if exchange.text("op") != "Converse" || exchange.status() != 200 {
            continue;
        }
        let (Some(asked), Some(answered)) = (exchange.body("request"), exchange.body("response")) else { continue };
        let json = |bytes: Vec<u8>| Json::from_text(String::from_utf8_lossy(&bytes).into_owned());
        let (Ok(asked), Ok(answered)) = (json(asked), json(answered)) else { continue };
        let mut log = record(LogOperation::Converse);
        log.input = Some(LogInput { body: Some(asked), ..LogInput::default() });
        log.output = Some(LogOutput { body: Some(answered), ..LogOutput::default() });
        let told = log.request().map_err(|error| error.to_string()).and_then(|request| {
            let reply = log.reply().map_err(|error| error.to_string())?;
            let tokens = log.usage() == reply.message.usage;
            (!request.value.messages.is_empty() && tokens).then_some(()).ok_or("no turns, or no tokens".to_owned())
        });
        samples += 1;
        report.add(&exchange.name, told);
    }
    report.finish();
    assert!(samples > 0, "the corpus has none");
}

fn record(operation: LogOperation) -> ModelInvocationLog {
    let time = AmzTime::parse("20260419T132851Z").unwrap();
    ModelInvocationLog::new(time, "7487ab04", operation, "us.anthropic.claude-sonnet-4-5-20250929-v1:0")
}

/// What boto3 sends to set it up (`captures/boto3-control-put-logging.http`).
#[test]
fn a_captured_setting_comes_back_to_the_letter() {
    let what = "logging configuration";
    let Some(folder) = corpus::folder(what) else { return };
    let captured = std::fs::read_to_string(folder.join("captures/boto3-control-put-logging.http")).unwrap();
    let body = &captured[captured.find("{\"").unwrap()..=captured.rfind('}').unwrap()];
    let setting: LoggingSetting = serde_json::from_str(body).unwrap();
    let configuration = setting.logging_config.clone().unwrap();
    assert!(setting.extra.is_empty() && configuration.extra.is_empty());
    assert!(configuration.s3_config.is_some() || configuration.cloud_watch_config.is_some());
    same(&serde_json::to_value(&setting).unwrap(), &serde_json::from_str(body).unwrap()).unwrap();
    assert_eq!(serde_json::to_string(&LoggingSetting::default()).unwrap(), "{}");
}

#[test]
fn times_are_read_as_published_records_have_them() {
    for (text, time) in [
        ("2026-04-19T13:28:51Z", Some("20260419T132851Z")),
        ("2025-05-15 14:17:22.000000000", Some("20250515T141722Z")),
        ("2025-05-15T14:17:22.123+00:00", Some("20250515T141722Z")),
        ("2025-05-15T14:17:22+02:00", None),
        ("2025-05-15", None),
        ("2025-02-30T00:00:00Z", None),
        ("", None),
    ] {
        assert_eq!(log_time(text), time.and_then(AmzTime::parse), "{text}");
    }
}
