//! `outcrop batch`: a file of requests checked, made a job of, waited for, and its results printed.

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::program::{Run, outcrop};

const ROLE: &str = "arn:aws:iam::123456789012:role/batch";

/// So many prompts, a line each.
fn prompts(number: usize) -> String {
    (1..=number)
        .map(|at| format!("{}\n", json!({"custom_id": format!("q-{at}"), "prompt": format!("Question {at}")})))
        .collect()
}

fn create<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Run {
    outcrop(["batch", "create", "questions.jsonl", "-m", "haiku", "--local"].into_iter().chain(arguments)).at_home()
}

#[test]
fn a_dry_run_prints_the_lines_that_would_be_uploaded() {
    let lines = "\"What is quartz?\"\n\n\
        {\"custom_id\":\"a\",\"params\":{\"model\":\"claude-haiku-4-5\",\"max_tokens\":5,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}}\n\
        {\"recordId\":\"b\",\"modelInput\":{\"anthropic_version\":\"bedrock-2023-05-31\",\"max_tokens\":7,\"system\":\"Rhyme.\",\"messages\":[]}}";
    assert_snapshot!(create(["--dry-run", "-s", "Be brief.", "--max-tokens", "99"]).file("questions.jsonl", lines).shown(), @"");
    let place = ["--input", "s3://bucket/in/", "--output", "s3://bucket/out", "--name", "nightly"];
    let more = ["--dry-run", "--role", ROLE, "--timeout", "2d", "--tag", "team=a", "--converse"];
    let shown = create(place.into_iter().chain(more)).file("questions.jsonl", prompts(100)).shown();
    assert!(shown.contains(r#""jobName":"nightly","roleArn":"arn:aws:iam::123456789012:role/batch""#), "{shown}");
    for part in [
        r#""s3Uri":"s3://bucket/in/nightly.jsonl""#,
        r#""s3Uri":"s3://bucket/out/""#,
        r#""timeoutDurationInHours":48,"tags":[{"key":"team","value":"a"}],"modelInvocationType":"Converse""#,
        r#"{"recordId":"q-100","modelInput":{"messages":[{"role":"user","content":[{"text":"Question 100"}]}]"#,
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
}

#[test]
fn every_mistake_is_told_with_its_line_and_nothing_is_sent() {
    let lines = "\"fine\"\n\
        {\"custom_id\":\"a\",\"params\":{\"messages\":[{\"role\":\"user\",\"content\":7}]}}\n\
        {\"custom_id\":\"b\",\"prompt\":\"fine\"}\n\
        {\"custom_id\":\"b\",\"prompt\":\"twice\"}\n\
        Hello\n\
        {\"params\":{\"model\":\"sonnet\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}}\n\
        {\"modelInput\":{\"messages\":[{\"role\":\"user\",\"content\":[{\"text\":\"Hi\"}]}]}}\n\
        {\"params\":{\"messages\":[";
    let job = ["--role", ROLE, "--input", "s3://bucket/in/", "--output", "s3://bucket/out/"];
    assert_snapshot!(create(job).file("questions.jsonl", lines).shown(), @"");
    let many = "7\n".repeat(1000);
    let shown = create(job).file("questions.jsonl", many).shown();
    assert_eq!(shown.matches("neither an object nor a string").count(), 20);
    assert!(shown.contains("1000 lines of questions.jsonl cannot be sent (the first 20 are told)"), "{shown}");
}

#[test]
fn what_cannot_be_a_job_is_told() {
    let job = |rest: &[&'static str]| {
        let job = ["--role", ROLE, "--input", "s3://bucket/in/", "--output", "s3://bucket/out/"];
        create(job.into_iter().chain(rest.iter().copied()))
    };
    assert_snapshot!(job(&[]).file("questions.jsonl", prompts(99)).shown(), @"");
    assert_snapshot!(job(&["--timeout", "1h"]).file("questions.jsonl", prompts(100)).shown(), @"");
    let run = create(["--role", "batch", "--input", "bucket/in", "--output", "s3://bucket"]);
    assert_snapshot!(run.file("questions.jsonl", prompts(100)).shown(), @"");
    assert_snapshot!(job(&[]).shown(), @"");
    assert_snapshot!(outcrop(["batch", "create", "-", "--local", "-m", "haiku", "--role", ROLE]).shown(), @"");
}

fn asked(id: &str) -> Value {
    json!({"recordId": id, "modelInput": {"anthropic_version": "bedrock-2023-05-31", "max_tokens": 9,
        "messages": [{"role": "user", "content": format!("What is {id}?")}]}})
}

fn answered(id: &str) -> Value {
    let mut line = asked(id);
    line["modelOutput"] = json!({"id": "msg_bdrk_1", "type": "message", "role": "assistant", "model": "claude-haiku-4-5",
        "content": [{"type": "text", "text": format!("{id} is a mineral.")}], "stop_reason": "end_turn",
        "stop_sequence": null, "usage": {"input_tokens": 1000, "output_tokens": 100}});
    line
}

/// `outcrop batch results told`, where a folder holds the results of a job that failed half way.
fn results<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Run {
    let mut refused = asked("gneiss");
    refused["error"] = json!({"errorCode": 400, "errorMessage": "bad request"});
    let file = |lines: &[Value]| -> String { lines.iter().map(|line| format!("{line}\n")).collect() };
    outcrop(["batch", "results", "told", "--local"].into_iter().chain(arguments))
        .at_home()
        .file("told/a.jsonl", file(&["quartz", "gneiss", "opal"].map(asked)))
        .file("told/a.jsonl.out", file(&[answered("quartz"), refused]))
}

#[test]
fn results_of_a_job_that_failed_half_way_are_kept_and_the_rest_is_told() {
    assert_snapshot!(results(["-m", "us.haiku"]).shown(), @"");
    assert_snapshot!(results(["--failed", "--messages"]).shown(), @"");
    assert_snapshot!(results(["--jsonl"]).shown(), @"");
    let again = results(["--failed", "--messages", "-q"]).output();
    let again =
        outcrop(["batch", "create", "-", "-m", "haiku", "--local", "--dry-run", "-q"]).input(again.stdout).output();
    let again = String::from_utf8(again.stdout).unwrap();
    assert!(again.contains(r#""recordId":"gneiss""#) && again.contains(r#""recordId":"opal""#), "{again}");
}

#[test]
fn results_that_are_cut_off_are_told_and_those_before_are_printed() {
    let line = answered("quartz").to_string();
    let cut = &line[..line.len() - 20];
    assert_snapshot!(results(["-m", "haiku"]).file("told/a.jsonl.out", format!("{line}\n{cut}")).shown(), @"");
    assert_snapshot!(outcrop(["batch", "results", "empty", "--local"]).at_home().file("empty/a.txt", "").shown(), @"");
}
