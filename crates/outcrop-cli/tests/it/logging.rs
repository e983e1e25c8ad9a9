//! `outcrop logging read`: a folder laid out as Bedrock's bucket, listed, searched, shown and exported.

use std::io::Write as _;

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::program::{Run, outcrop};

pub(crate) const LOG: &str = "logs/AWSLogs/123456789012/BedrockModelInvocationLogs/us-east-1";

pub(crate) fn gzipped(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

/// A record with further members.
pub(crate) fn record(id: &str, time: &str, operation: &str, model: &str, who: &str, rest: &Value) -> String {
    let mut record = json!({
        "schemaType": "ModelInvocationLog", "schemaVersion": "1.0", "timestamp": time, "accountId": "123456789012",
        "identity": {"arn": format!("arn:aws:sts::123456789012:assumed-role/{who}")}, "region": "us-east-1",
        "requestId": id, "operation": operation, "modelId": model,
    });
    for (name, value) in rest.as_object().unwrap() {
        record[name] = value.clone();
    }
    format!("{record}\n")
}

pub(crate) fn converse() -> String {
    let rest = json!({
        "requestMetadata": {"team": "a"},
        "input": {"inputContentType": "application/json", "inputTokenCount": 12, "inputBodyJson": {
            "system": [{"text": "Be brief"}],
            "messages": [
                {"role": "user", "content": [{"text": "How is the weather in Bern?"}]},
                {"role": "assistant", "content": [{"toolUse": {"toolUseId": "tooluse_1", "name": "weather", "input": {"city": "Bern"}}}]},
                {"role": "user", "content": [{"toolResult": {"toolUseId": "tooluse_1", "content": [{"text": "rain"}]}}]},
            ]}},
        "output": {"outputContentType": "application/json", "outputTokenCount": 4, "outputBodyJson": {
            "output": {"message": {"role": "assistant", "content": [{"text": "It rains."}]}},
            "stopReason": "end_turn", "metrics": {"latencyMs": 302},
            "usage": {"inputTokens": 12, "outputTokens": 4, "totalTokens": 16}}},
    });
    record("id-converse", "2026-03-01T10:15:00Z", "ConverseStream", "us.anthropic.claude-sonnet-4-6", "Web/ann", &rest)
}

pub(crate) fn stream() -> String {
    let start = json!({"type": "message_start", "message": {"model": "claude-opus-4-6", "id": "msg_bdrk_01", "type": "message",
        "role": "assistant", "content": [], "stop_reason": null, "stop_sequence": null,
        "usage": {"input_tokens": 9, "output_tokens": 1}}});
    let text =
        |text: &str| json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}});
    let rest = json!({
        "inferenceRegion": "us-west-2",
        "input": {"inputContentType": "application/json", "inputBodyS3Path":
            "s3://logs/AWSLogs/123456789012/BedrockModelInvocationLogs/us-east-1/2026/03/01/11/data/id-stream_input.json.gz"},
        "output": {"outputContentType": "application/json", "outputBodyJson": [
            start,
            {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
            text("Quartz is sili"), text("con dioxide."),
            {"type": "content_block_stop", "index": 0},
            {"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": null}, "usage": {"output_tokens": 6}},
            {"type": "message_stop"}]},
    });
    let model = "global.anthropic.claude-opus-4-6-v1";
    record("id-stream", "2026-03-01T11:00:00Z", "InvokeModelWithResponseStream", model, "Batch/bob", &rest)
}

pub(crate) fn failed() -> String {
    let rest = json!({"errorCode": "ThrottlingException", "input": {"inputBodyJson":
        {"max_tokens": 5, "messages": [{"role": "user", "content": "Hello"}]}}});
    record("id-failed", "2026-03-02T09:00:00Z", "InvokeModel", "global.anthropic.claude-opus-4-6-v1", "Web/ann", &rest)
}

/// The large request, as it lies in `data/`.
fn large() -> Vec<u8> {
    let body = json!({"anthropic_version": "bedrock-2023-05-31", "max_tokens": 99, "messages": [{"role": "user", "content": [
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}},
        {"type": "text", "text": "What is\nquartz?"}]}]});
    gzipped(&body.to_string())
}

/// `outcrop logging read logs` in a home with a log of three calls.
pub(crate) fn read<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Run {
    read_from("logs", arguments)
}

fn read_from<'a>(place: &'a str, arguments: impl IntoIterator<Item = &'a str>) -> Run {
    outcrop(["logging", "read", place].into_iter().chain(arguments))
        .at_home()
        .file(&format!("{LOG}/2026/03/01/10/20260301T101500000Z_0123456789abcdef.json.gz"), gzipped(&converse()))
        .file(&format!("{LOG}/2026/03/01/11/20260301T110000000Z_0123456789abcdef.json.gz"), gzipped(&stream()))
        .file(&format!("{LOG}/2026/03/01/11/data/id-stream_input.json.gz"), large())
        .file(&format!("{LOG}/2026/03/02/09/20260302T090000000Z_0123456789abcdef.json"), failed())
        .file("logs/AWSLogs/123456789012/BedrockModelInvocationLogs/amazon-bedrock-logs-permission-check", "")
}

/// The ids of the calls that are listed.
fn found<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let output = read(arguments).output();
    let (out, err) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(output.status.success(), "{err}");
    out.lines().map(|line| line.split('\t').nth(1).unwrap().to_owned()).collect()
}

#[test]
fn the_calls_are_listed_in_their_order() {
    assert_snapshot!(read([]).shown(), @"
    exit: 0
    ----- stdout -----
    2026-03-01T10:15:00Z	id-converse	ConverseStream	us.anthropic.claude-sonnet-4-6	12	4	$0.000106	assumed-role/Web/ann	How is the weather in Bern?
    2026-03-01T11:00:00Z	id-stream	InvokeModelWithResponseStream	global.anthropic.claude-opus-4-6-v1	9	6	$0.000195	assumed-role/Batch/bob	(large request)
    2026-03-02T09:00:00Z	id-failed	InvokeModel	global.anthropic.claude-opus-4-6-v1	0	0	$0	assumed-role/Web/ann	ThrottlingException
    ----- stderr -----
    3 calls | 21 tokens in, 10 out | cost $0.000301
    ");
}

#[test]
fn calls_are_searched() {
    let all = ["id-converse", "id-stream", "id-failed"];
    for (arguments, ids) in [
        (&["--model", "opus"][..], &all[1..]),
        (&["--model", "sonnet-4-6"], &all[..1]),
        (&["--model", "haiku"], &[]),
        (&["--errors"], &all[2..]),
        (&["--since", "2026-03-02"], &all[2..]),
        (&["--since", "2026-03-01T11:00"], &all[1..]),
        (&["--until", "2026-03-01T11:00"], &all[..1]),
        (&["--until", "2026-03-01"], &all[..2]),
        (&["--since", "2026-03-01T10:30", "--until", "2026-03-01"], &all[1..2]),
        (&["--since", "1s"], &[]),
        (&["--request-id", "id-stream"], &all[1..2]),
        (&["--identity", "Web/"], &["id-converse", "id-failed"]),
        (&["--metadata", "team=a"], &all[..1]),
        (&["--metadata", "team=b"], &[]),
        // Over the pieces of a stream, in a large request, in the result of a tool, and not in names of members.
        (&["--grep", "silicon dioxide"], &all[1..2]),
        (&["--grep", "is\nquartz"], &all[1..2]),
        (&["--grep", "^rain$"], &all[..1]),
        (&["--grep", "(?i)HELLO"], &all[2..]),
        (&["--grep", "outputBodyJson|stop_reason"], &[]),
    ] {
        assert_eq!(found(arguments.iter().copied()), ids, "{arguments:?}");
    }
}

#[test]
fn calls_are_shown_as_conversations() {
    assert_snapshot!(read(["--show"]).shown(), @r#"
    exit: 0
    ----- stdout -----
    === 2026-03-01T10:15:00Z id-converse ConverseStream
    us.anthropic.claude-sonnet-4-6 | us-east-1 | assumed-role/Web/ann | 12 tokens in, 4 out | cost $0.000106 | team=a

    system:
    Be brief

    user:
    How is the weather in Bern?

    assistant:
    [calls weather tooluse_1: {"city":"Bern"}]

    user:
    [result of tooluse_1]
    rain

    assistant:
    It rains.

    [end_turn]

    === 2026-03-01T11:00:00Z id-stream InvokeModelWithResponseStream
    global.anthropic.claude-opus-4-6-v1 | us-east-1, served in us-west-2 | assumed-role/Batch/bob | 9 tokens in, 6 out | cost $0.000195

    user:
    [image png 8 B]
    What is
    quartz?

    assistant:
    Quartz is silicon dioxide.

    [end_turn]

    === 2026-03-02T09:00:00Z id-failed InvokeModel
    global.anthropic.claude-opus-4-6-v1 | us-east-1 | assumed-role/Web/ann | 0 tokens in, 0 out | cost $0

    user:
    Hello

    [failed: ThrottlingException]

    ----- stderr -----
    3 calls | 21 tokens in, 10 out | cost $0.000301
    "#);
}

/// As a published record has it: no usage, no stop reason.
#[test]
fn what_a_guardrail_did_is_shown() {
    let rest = json!({"output": {"outputBodyJson": {"type": "message", "role": "assistant",
        "content": [{"type": "text", "text": "No."}], "amazon-bedrock-guardrailAction": "INTERVENED"}}});
    let model = "anthropic.claude-3-haiku-20240307-v1:0";
    let line = record("id-guarded", "2026-03-05 09:00:00.000000000", "InvokeModel", model, "Web/ann", &rest);
    let shown = read(["--show", "--since", "2026-03-05"]).file("logs/guarded.jsonl", line).shown();
    assert_snapshot!(shown, @"
    exit: 0
    ----- stdout -----
    === 2026-03-05 09:00:00.000000000 id-guarded InvokeModel
    anthropic.claude-3-haiku-20240307-v1:0 | us-east-1 | assumed-role/Web/ann | 0 tokens in, 0 out | price unknown

    [the request was not logged]

    assistant:
    No.

    [guardrail: INTERVENED]

    ----- stderr -----
    1 call | 0 tokens in, 0 out | cost $0 | 1 of unknown price, not in the sum
    ");
}

#[test]
fn records_are_exported_as_they_were_logged_or_in_the_words_of_messages() {
    let lines = |arguments: &[&str]| -> Vec<Value> {
        let output = read(arguments.iter().copied()).output();
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let logged: Vec<Value> = [converse(), stream(), failed()].iter().map(|line| line.parse().unwrap()).collect();
    assert_eq!(lines(&["--jsonl"]), logged);
    assert_eq!(lines(&["--jsonl", "--grep", "quartz"]), [logged[1].clone()], "a search changes nothing");

    let told = lines(&["--jsonl", "--messages"]);
    assert_eq!(told[0]["request"]["messages"][1]["content"][0]["type"], "tool_use");
    assert_eq!(
        (&told[0]["reply"]["content"][0]["text"], &told[0]["requestMetadata"]["team"]),
        (&json!("It rains."), &json!("a"))
    );
    assert_eq!(told[1]["request"]["messages"][0]["content"][1]["text"], "What is\nquartz?");
    assert_eq!(told[1]["reply"]["content"], json!([{"type": "text", "text": "Quartz is silicon dioxide."}]));
    assert_eq!((&told[1]["reply"]["usage"]["output_tokens"], &told[1]["requestId"]), (&json!(6), &json!("id-stream")));
    assert_eq!((&told[2]["errorCode"], &told[2]["reply"]), (&json!("ThrottlingException"), &Value::Null));
}

#[test]
fn any_folder_of_a_log_will_do_and_an_object_too() {
    let hour = format!("{LOG}/2026/03/01/11");
    for (place, calls) in [("logs/AWSLogs", 3), (&hour, 1), (&format!("{LOG}/2026/03"), 3), (".", 3)] {
        let output = read_from(place, ["--show"]).output();
        assert!(output.status.success(), "{place}: {}", String::from_utf8_lossy(&output.stderr));
        let shown = String::from_utf8(output.stdout).unwrap();
        assert_eq!(shown.matches("=== ").count(), calls, "{place}: {shown}");
        // Wherever one begins, the large request is found beside its record.
        assert!(shown.contains("What is\nquartz?"), "{place}: {shown}");
    }
    let object = format!("{hour}/20260301T110000000Z_0123456789abcdef.json.gz");
    let output = read_from(&object, ["--show"]).output();
    assert!(String::from_utf8(output.stdout).unwrap().contains("What is\nquartz?"));
}

#[test]
fn what_cannot_be_asked_for() {
    assert_snapshot!(outcrop(["logging", "read", "s3://My_Logs/p"]).shown(), @"
    exit: 2
    ----- stderr -----
    error: cannot read the log: `s3://My_Logs/p` is no place in S3: `My_Logs` is no name of a bucket: 3 to 63 of a-z, 0-9, `-` and `.`, with a letter or digit at both ends
    ");
    assert_snapshot!(outcrop(["logging", "read", "nowhere"]).at_home().shown(), @"
    exit: 2
    ----- stderr -----
    error: cannot read the log in nowhere: No such file or directory (os error 2)
    ");
    assert_snapshot!(outcrop(["logging", "read", "."]).at_home().shown(), @"
    exit: 0
    ----- stderr -----
    there are no log objects here: their names end in .json.gz or .json
    ");
    assert_snapshot!(outcrop(["logging", "read", ".", "--since", "yesterday"]).shown(), @"
    exit: 2
    ----- stderr -----
    error: invalid value 'yesterday' for '--since <TIME>': not a time such as 2026-03-01, 2026-03-01T12:00 or 24h

    For more information, try '--help'.
    ");
    assert_snapshot!(outcrop(["logging", "read", ".", "--since", "2026-03-02", "--until", "2026-03-01"]).shown(), @"
    exit: 2
    ----- stderr -----
    error: --since, 2026-03-02T00:00:00Z, is not before --until, 2026-03-02T00:00:00Z
    ");
    assert_snapshot!(outcrop(["logging", "read", ".", "--since", "1h", "--until", "2h"]).shown().lines().next().unwrap(), @"exit: 2");
    assert_snapshot!(outcrop(["logging", "read", ".", "--cloudwatch", "/calls"]).shown(), @"
    exit: 2
    ----- stderr -----
    error: the argument '[PLACE]' cannot be used with '--cloudwatch <GROUP>'

    Usage: outcrop logging read <PLACE>

    For more information, try '--help'.
    ");
    assert_snapshot!(outcrop(["logging", "read", ".", "--grep", "("]).shown(), @"
    exit: 2
    ----- stderr -----
    error: invalid value '(' for '--grep <PATTERN>': found open group without closing ')'

    For more information, try '--help'.
    ");
    assert_snapshot!(outcrop(["logging", "read", ".", "--metadata", "team"]).shown(), @"
    exit: 2
    ----- stderr -----
    error: invalid value 'team' for '--metadata <NAME=VALUE>': not a label such as team=a

    For more information, try '--help'.
    ");
}
