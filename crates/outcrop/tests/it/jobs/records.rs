//! Requests of a job: planned, written, checked, and put where nothing is yet.

use std::sync::Arc;

use outcrop::converse::ConverseRequest;
use outcrop::jobs::{Asks, BatchFiles, BatchRecords, JOB_LIMITS, NewJob, RequestLine};
use outcrop::object_store::memory::InMemory;
use outcrop::object_store::path::Path;
use outcrop::object_store::{ObjectStore, ObjectStoreExt as _};
use outcrop::{CallOptions, Guardrail, Kind, MessageRequest};
use serde_json::Value;

use super::client;

fn hello() -> MessageRequest {
    MessageRequest::new("", 64).user("Hello")
}

fn lines(records: &BatchRecords) -> Vec<Value> {
    let mut text = Vec::new();
    records.write_to(&mut text).unwrap();
    assert_eq!(text.len() as u64, records.bytes());
    String::from_utf8(text).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn each_request_is_planned_as_a_call_of_the_model_is() {
    let client = client().await;
    let mut records = client.jobs().records("claude-opus-4-8").await;
    let made = records.add(&hello().temperature(0.5)).unwrap();
    records.add_as("b", &MessageRequest { stream: Some(true), ..hello() }).unwrap();
    records.add(&hello().temperature(0.5)).unwrap();
    assert_eq!((made.as_str(), records.len()), ("record-000001", 3));
    assert_eq!(records.model().as_str(), "global.anthropic.claude-opus-4-8");
    let lines = lines(&records);
    let told: Vec<(&str, &Value)> =
        lines.iter().map(|line| (line["recordId"].as_str().unwrap(), &line["modelInput"])).collect();
    let ids: Vec<&str> = told.iter().map(|(id, _)| *id).collect();
    assert_eq!(ids, ["record-000001", "b", "record-000003"]);
    for (_, body) in told {
        assert_eq!(body["anthropic_version"], "bedrock-2023-05-31");
        assert_eq!(body["messages"][0]["content"], "Hello");
        for member in ["model", "stream", "temperature"] {
            assert!(body.get(member).is_none(), "{member}");
        }
    }
    let dropped = records.adjustments().find(|(adjustment, _)| adjustment.name == "sampling").unwrap();
    assert!(dropped.0.reason.contains("temperature") && dropped.1 == 2);
    let mut strict = client.jobs().records("claude-opus-4-8").await.with(CallOptions::new().strict(true));
    let error = strict.add_as("a", &hello().temperature(0.5)).unwrap_err();
    assert!(
        error.to_string().starts_with("cannot take record `a` into a batch job: it cannot be sent as it is"),
        "{error}"
    );
    assert!(strict.is_empty() && strict.bytes() == 0);
}

#[tokio::test]
async fn what_is_wrong_with_a_record_is_told_of_it_and_it_is_left_out() {
    let client = client().await;
    let mut records = client.jobs().records("us.haiku").await;
    records.add_as("a", &hello()).unwrap();
    for (id, request, why) in [
        ("a", hello(), "another record has this id"),
        ("", hello(), "its record id is empty"),
        (
            "b",
            MessageRequest { model: "sonnet".into(), ..hello() },
            "it asks `sonnet`, and the job is for `us.anthropic.",
        ),
        ("b", MessageRequest { model: "eu.haiku".into(), ..hello() }, "it asks `eu.haiku`"),
        ("b", hello().max_tokens(0), "max_tokens is 0"),
        ("b", MessageRequest::new("", 64), "messages: there are none, and there has to be one at least"),
    ] {
        let error = records.add_as(id, &request).unwrap_err();
        assert_eq!(error.kind(), Kind::Invalid);
        assert!(error.to_string().contains(why), "{error}");
    }
    for same in ["haiku", "us.haiku", "claude-haiku-4-5", "us.anthropic.claude-haiku-4-5-20251001-v1:0"] {
        records.add(&MessageRequest { model: same.into(), ..hello() }).unwrap();
    }
    assert_eq!(lines(&records).len(), 5);
    let error = records.check().unwrap_err();
    assert!(error.to_string().contains("there are 5 records, and a job has at least 100"), "{error}");
    let mut guarded =
        client.jobs().records("haiku").await.with(CallOptions::new().guardrail(Guardrail::new("abc", "1")));
    assert!(guarded.add(&hello()).unwrap_err().to_string().contains("takes no guardrail"));
}

/// What no model takes is told with its place; what is newer than this crate can be sent all the same.
#[tokio::test]
async fn what_a_request_says_is_looked_at() {
    let client = client().await;
    let mut records = client.jobs().records("haiku").await;
    let mut converse = client.jobs().converse_records("haiku").await;
    let mut unchecked = client.jobs().converse_records("haiku").await.unchecked();
    let turns = |turns: &str| format!(r#"{{"modelInput":{{"max_tokens":9,"messages":{turns}}}}}"#);
    let call = r#"{"role":"user","content":"Hi"},{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"n","input":{}}]}"#;
    let result = |id: &str| {
        format!(
            r#"{{"role":"user","content":[{{"type":"tool_result","tool_use_id":"{id}","content":[{{"type":"txt"}}]}}]}}"#
        )
    };
    for (line, why) in [
        (turns(r#"[{"role":"robot","content":"Hi"}]"#), "messages[0].role: `robot` is no role"),
        (turns(r#"[{"role":"assistant","content":"Hi"}]"#), "messages[0].role: the model cannot speak first"),
        (turns(r#"[{"role":"user","content":""}]"#), "messages[0].content: it is empty"),
        (turns(r#"[{"role":"user","content":[]}]"#), "messages[0].content: it is empty"),
        (turns(r#"[{"role":"user","content":" "}]"#), "messages[0].content: it says nothing"),
        (turns(r#"[{"role":"user","content":[{"type":"text","text":""}]}]"#), "messages[0].content[0].text: it says"),
        (turns(r#"[{"role":"user","content":[{"type":"txt"}]}]"#), "messages[0].content[0].type: no block is called `txt`"),
        (turns(r#"[{"role":"user","content":[{"text":"Hi"}]}]"#), "messages[0].content[0]: it has no type"),
        (turns(&format!("[{call}]")), "messages[1]: the call `a` of a tool has no result"),
        (turns(&format!("[{call},{}]", result("b"))), "messages[2].content[0]: no tool was called by the id `b`"),
        (turns(&format!("[{call},{}]", result("a"))), "messages[2].content[0].content[0].type: no block is called `txt`"),
        (
            r#"{"params":{"max_tokens":9,"temperature":2,"system":[{"type":"text","text":""}],"messages":[{"role":"user","content":"Hi"}]}}"#.to_owned(),
            "system[0].text: it says nothing: there has to be more than blanks; temperature: 2 is not from 0 to 1",
        ),
    ] {
        let read = RequestLine::read(&line, &hello()).expect(&line);
        let error = records.add_line(&read, 1).unwrap_err();
        assert!(error.kind() == Kind::Invalid && error.to_string().contains(why), "{line}: {error}");
    }
    for (body, why) in [
        (r#"{"messages":[],"inferenceConfig":{}}"#, "messages: there are none"),
        (r#"{"messages":[{"role":"robot","content":[{"text":"Hi"}]}]}"#, "messages[0].role: `robot` is no role"),
        (r#"{"messages":[{"role":"user","content":[]}],"inferenceConfig":{}}"#, "messages[0].content: it is empty"),
        (
            r#"{"messages":[{"role":"user","content":[{"txt":"Hi"}]}]}"#,
            "messages[0].content[0]: no block is called `txt`",
        ),
        (r#"{"messages":[{"role":"user","content":[{"text":""}]}]}"#, "messages[0].content[0].text: it says nothing"),
        (
            r#"{"messages":[{"role":"user","content":[{"text":"Hi"}]}],"inferenceConfig":{"maxTokens":0}}"#,
            "inferenceConfig.maxTokens: it is 0",
        ),
        (
            r#"{"messages":[{"role":"user","content":[{"text":"Hi"}]}],"inferenceConfig":{"maxTokens":9999999,"topP":7}}"#,
            "that the model gives; inferenceConfig.topP: 7 is not from 0 to 1",
        ),
    ] {
        let read = RequestLine::read(&format!(r#"{{"modelInput":{body}}}"#), &hello()).expect(body);
        assert!(matches!(read.asks, Asks::Converse(_)), "{body}");
        let error = converse.add_line(&read, 1).unwrap_err();
        assert!(error.kind() == Kind::Invalid && error.to_string().contains(why), "{body}: {error}");
        unchecked.add_line(&read, 1).unwrap();
    }
    assert!(records.is_empty() && converse.is_empty() && unchecked.len() == 7);
    // Turns of one role in a row are one; the model's last may be empty; results answer the calls before them.
    let good = format!(
        r#"[{{"role":"user","content":""}},{call},{},{{"role":"assistant","content":[]}}]"#,
        result("a").replace("\"txt\"", "\"text\",\"text\":\"\"")
    );
    records.add_line(&RequestLine::read(&turns(&good), &hello()).unwrap(), 1).unwrap();
}

#[tokio::test]
async fn a_line_without_an_id_is_called_by_its_number() {
    let client = client().await;
    let mut records = client.jobs().records("haiku").await;
    for (text, number, id) in [
        (r#""Hi""#, 7, "record-000007"),
        (r#"{"id":"record-000009","prompt":"Hi"}"#, 8, "record-000009"),
        (r#""Hi""#, 9, "record-000003"),
    ] {
        let line = RequestLine::read(text, &hello().user("before")).unwrap();
        assert_eq!(records.add_line(&line, number).unwrap(), id);
    }
}

#[tokio::test]
async fn a_job_has_limits() {
    let client = client().await;
    let mut limits = JOB_LIMITS;
    limits.file_records.value = 2;
    let mut records = client.jobs().records("haiku").await.limits(limits);
    records.add(&hello()).unwrap();
    records.add(&hello()).unwrap();
    let error = records.add(&hello()).unwrap_err();
    assert!(error.to_string().contains("with it there are more than the 2 records that a job takes"), "{error}");
    limits = JOB_LIMITS;
    limits.file_bytes.value = 300;
    let mut records = client.jobs().records("haiku").await.limits(limits);
    records.add(&hello()).unwrap();
    let error = records.add(&hello().user("x".repeat(300))).unwrap_err();
    assert!(error.to_string().contains("with it there are more than the 300 bytes that a job takes"), "{error}");
    assert_eq!(lines(&records).len(), 1);
}

#[tokio::test]
async fn bodies_of_converse_are_for_jobs_of_converse() {
    let client = client().await;
    let mut records = client.jobs().converse_records("sonnet").await;
    records.add_as("a", &hello().system("Be brief.")).unwrap();
    let body = ConverseRequest::new("").user("Hello").max_tokens(5);
    records.add_converse_as("b", &body).unwrap();
    let line = RequestLine::read(
        r#"{"recordId":"c","modelInput":{"messages":[{"role":"user","content":[{"text":"Hi"}]}]}}"#,
        &hello(),
    );
    let line = line.unwrap();
    assert!(matches!(line.asks, Asks::Converse(_)));
    records.add_line(&line, 3).unwrap();
    let lines = lines(&records);
    assert_eq!(lines[0]["modelInput"]["messages"][0]["content"][0]["text"], "Hello");
    assert_eq!(lines[0]["modelInput"]["system"][0]["text"], "Be brief.");
    assert_eq!(lines[1]["modelInput"]["inferenceConfig"]["maxTokens"], 5);
    assert_eq!(lines[2]["modelInput"]["messages"][0]["content"][0]["text"], "Hi");
    let error = client.jobs().records("sonnet").await.add_converse_as("b", &body).unwrap_err();
    assert!(error.to_string().contains("it is a body of Converse, and the job is not"), "{error}");
}

#[tokio::test]
async fn what_cannot_be_a_job_is_told_before_anything_is_sent() {
    let client = client().await;
    let mut records = client.jobs().records("haiku").await;
    for _ in 0..100 {
        records.add(&hello()).unwrap();
    }
    let role = "arn:aws:iam::123456789012:role/batch";
    let job = |input: &str, output: &str| NewJob::new(role, input, output);
    let good = client.jobs().request(&records, &job("s3://bucket/in", "s3://bucket").name("nightly")).unwrap();
    assert_eq!(good.input_data_config.uri(), Some("s3://bucket/in/nightly.jsonl"));
    assert_eq!(good.output_data_config.uri(), Some("s3://bucket/"));
    assert_eq!((good.model_id.as_str(), good.model_invocation_type), (records.model().as_str(), None));
    let exact = client.jobs().request(&records, &job("s3://bucket/in/a.jsonl", "s3://bucket/out")).unwrap();
    assert_eq!(exact.input_data_config.uri(), Some("s3://bucket/in/a.jsonl"));
    assert!(exact.job_name.starts_with("outcrop-2") && exact.client_request_token != good.client_request_token);
    for (job, why) in [
        (job("bucket/in", "s3://bucket"), "the input: `bucket/in` is no place in S3"),
        (job("s3://bucket/in", "s3://B"), "the output: `s3://B` is no place in S3"),
        (job("s3://bucket/a b", "s3://bucket"), "the input `s3://bucket/a b`: Bedrock takes no such key"),
        (job("s3://bucket/a//b", "s3://bucket"), "Bedrock takes no such key"),
        (job("s3://bucket", "s3://bucket").name("a b"), "`a b` is no name of a job"),
        (job("s3://bucket", "s3://bucket").timeout_hours(1), "a timeout of 1 h is none"),
        (NewJob::new("batch", "s3://bucket", "s3://bucket"), "`batch` is no ARN of a role"),
    ] {
        let error = client.jobs().create(&records, &job).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Invalid);
        assert!(error.to_string().contains(why) && error.hint().is_some(), "{error}");
    }
}

/// More than is kept in memory, and more than one part.
#[tokio::test]
async fn many_lines_are_uploaded_in_parts_and_nothing_is_overwritten() {
    let client = client().await;
    let mut records = client.jobs().records("haiku").await;
    for number in 0..130 {
        records.add_as(format!("r{number}"), &hello().user("x".repeat(150_000))).unwrap();
    }
    assert!(records.bytes() > 2 * 8 * 1024 * 1024);
    let store: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
    let files = BatchFiles::new(Arc::clone(&store), "in/");
    records.upload(&files, "a.jsonl").await.unwrap();
    let stored = store.get(&Path::from("in/a.jsonl")).await.unwrap().bytes().await.unwrap();
    let mut written = Vec::new();
    records.write_to(&mut written).unwrap();
    assert!(stored == written, "{} bytes of {}", stored.len(), written.len());
    let error = records.upload(&files, "a.jsonl").await.unwrap_err();
    assert!(error.to_string().contains("there is an object already, and none is overwritten"), "{error}");
    let folder = tempfile::tempdir().unwrap();
    records.upload(&BatchFiles::folder(folder.path()).unwrap(), "b.jsonl").await.unwrap();
    assert_eq!(std::fs::metadata(folder.path().join("b.jsonl")).unwrap().len(), records.bytes());
}
