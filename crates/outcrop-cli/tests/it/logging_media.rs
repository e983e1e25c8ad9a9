//! `outcrop logging read`: images and documents that lie beside their record.

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::logging::{LOG, gzipped, record};
use crate::program::outcrop;

/// As a real record of Converse has them: the format, the name, and where the bytes lie.
#[test]
fn media_of_converse_are_named_and_put_back() {
    let at = |name: &str| {
        format!("s3://logs/AWSLogs/123456789012/BedrockModelInvocationLogs/us-east-1/2026/03/04/08/data/{name}")
    };
    let rest = json!({"input": {"inputBodyJson": {"messages": [{"role": "user", "content": [
        {"image": {"format": "png", "source": {"s3Uri": at("id-media_input_media_00.png")}}},
        {"document": {"format": "pdf", "name": "r", "source": {"s3Uri": at("id-media_input_media_01.pdf")}}},
        {"document": {"format": "pdf", "name": "lost", "source": {"s3Uri": at("id-media_input_media_02.pdf")}}},
        {"toolResult": {"toolUseId": "tooluse_1", "content": [{"image": {"format": "jpeg", "source": {"s3Uri": at("id-media_input_media_03.jpeg")}}}]}},
        {"image": {"format": "png", "source": {}}},
        {"text": "What is it?"},
    ]}]}}});
    let line =
        record("id-media", "2026-03-04T08:00:00Z", "Converse", "us.anthropic.claude-sonnet-4-6", "Web/ann", &rest);
    let hour = format!("{LOG}/2026/03/04/08");
    let run = |arguments: &[&'static str]| {
        let arguments = [&["logging", "read", "logs"], arguments].concat();
        outcrop(arguments)
            .at_home()
            .file(&format!("{hour}/20260304T080000000Z_0123456789abcdef.json.gz"), gzipped(&line))
            .file(&format!("{hour}/data/id-media_input_media_00.png"), vec![7; 12_345])
            .file(&format!("{hour}/data/id-media_input_media_01.pdf"), b"%PDF-1.7")
            .file(&format!("{hour}/data/id-media_input_media_03.jpeg"), vec![7; 999])
    };
    assert_snapshot!(run(&["--show"]).shown(), @r#"
    exit: 1
    ----- stdout -----
    === 2026-03-04T08:00:00Z id-media Converse
    us.anthropic.claude-sonnet-4-6 | us-east-1 | assumed-role/Web/ann | 0 tokens in, 0 out | cost $0

    user:
    [image png 12 kB]
    [document "r" pdf 8 B]
    [document "lost" pdf, s3://logs/AWSLogs/123456789012/BedrockModelInvocationLogs/us-east-1/2026/03/04/08/data/id-media_input_media_02.pdf]
    [result of tooluse_1]
    [image jpeg 999 B]
    [image png, not logged]
    What is it?

    [the answer was not logged]

    ----- stderr -----
    warning: s3://logs/AWSLogs/123456789012/BedrockModelInvocationLogs/us-east-1/2026/03/04/08/data/id-media_input_media_02.pdf is not in this folder
    1 call | 0 tokens in, 0 out | cost $0
    error: 1 part of the log could not be read; the rest was
    hint: large bodies and media lie in `data` beside their records: it must be copied too, or readable
    "#);
    let output = run(&["--jsonl", "--messages"]).output();
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    let blocks = &told["request"]["messages"][0]["content"];
    assert_eq!(blocks[1]["source"], json!({"type": "base64", "media_type": "application/pdf", "data": "JVBERi0xLjc="}));
    assert_eq!((&blocks[0]["source"]["media_type"], &blocks[2]["title"]), (&json!("image/png"), &json!("lost")));
    let output = run(&["--jsonl"]).output();
    assert_eq!(serde_json::from_slice::<Value>(&output.stdout).unwrap(), line.parse::<Value>().unwrap());
}
