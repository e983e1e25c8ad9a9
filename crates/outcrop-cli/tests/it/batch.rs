//! `outcrop batch`: a file of requests checked, made a job of, waited for, and its results printed.

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::program::{LOCAL_KEYS, Run, Running, outcrop};

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
        {\"recordId\":\"b\",\"modelInput\":{\"anthropic_version\":\"bedrock-2023-05-31\",\"max_tokens\":7,\"system\":\"Rhyme.\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}}";
    assert_snapshot!(create(["--dry-run", "-s", "Be brief.", "--max-tokens", "99"]).file("questions.jsonl", lines).shown(), @r#"
    exit: 0
    ----- stdout -----
    {"recordId":"record-000001","modelInput":{"anthropic_version":"bedrock-2023-05-31","max_tokens":99,"system":"Be brief.","messages":[{"role":"user","content":"What is quartz?"}]}}
    {"recordId":"a","modelInput":{"anthropic_version":"bedrock-2023-05-31","max_tokens":5,"system":"Be brief.","messages":[{"role":"user","content":"Hi"}]}}
    {"recordId":"b","modelInput":{"anthropic_version":"bedrock-2023-05-31","max_tokens":7,"system":"Rhyme.","messages":[{"role":"user","content":"Hi"}]}}
    ----- stderr -----
    warning: cannot make a batch job: there are 3 records, and a job has at least 100
    3 records of 482 bytes for global.anthropic.claude-haiku-4-5-20251001-v1:0; nothing was sent
    "#);
    let place = ["--input", "s3://bucket/in/", "--output", "s3://bucket/out", "--name", "nightly"];
    let more = ["--dry-run", "--role", ROLE, "--timeout", "2d", "--tag", "team=a", "--converse"];
    let shown = create(place.into_iter().chain(more)).file("questions.jsonl", prompts(100)).shown();
    assert!(shown.contains(r#""jobName":"nightly","roleArn":"arn:aws:iam::123456789012:role/batch""#), "{shown}");
    for part in [
        r#""s3Uri":"s3://bucket/in/nightly.jsonl""#,
        r#""s3Uri":"s3://bucket/out/""#,
        r#""timeoutDurationInHours":48,"tags":[{"key":"team","value":"a"}],"modelInvocationType":"Converse""#,
        r#"{"recordId":"q-100","modelInput":{"messages":[{"content":[{"text":"Question 100"}],"role":"user"}]"#,
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
    assert_snapshot!(create(job).file("questions.jsonl", lines).shown(), @"
    exit: 2
    ----- stderr -----
    error: questions.jsonl, line 2: params.messages[0].content: invalid type: integer `7`, expected a string or a list of blocks
    error: questions.jsonl, line 4: record `b`: another record has this id (results are found by the id: give each its own)
    error: questions.jsonl, line 5: expected value, at column 1
    error: questions.jsonl, line 6: record `record-000003`: it asks `sonnet`, and the job is for `global.anthropic.claude-haiku-4-5-20251001-v1:0` (a job has one model: make another job for the other)
    error: questions.jsonl, line 7: record `record-000003`: it is a body of Converse, and the job is not (--converse makes one)
    error: questions.jsonl, line 8: params: the JSON is cut off
    error: 6 lines of questions.jsonl cannot be sent; nothing was sent
    hint: outcrop batch create --help tells what a line may be
    ");
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
    assert_snapshot!(job(&[]).file("questions.jsonl", prompts(99)).shown(), @"
    exit: 2
    ----- stderr -----
    error: cannot make a batch job: there are 99 records, and a job has at least 100
    hint: ask fewer one by one; AWS's quota is `Minimum number of records per batch inference job`
    ");
    assert_snapshot!(job(&["--timeout", "1h"]).file("questions.jsonl", prompts(100)).shown(), @"
    exit: 2
    ----- stderr -----
    error: invalid value '1h' for '--timeout <TIME>': not a time of 24 to 168 hours, such as 24h or 7d

    For more information, try '--help'.
    ");
    let run = create(["--role", "batch", "--input", "bucket/in", "--output", "s3://bucket"]);
    assert_snapshot!(run.file("questions.jsonl", prompts(100)).shown(), @"
    exit: 2
    ----- stderr -----
    error: cannot make a batch job: `batch` is no ARN of a role
    hint: it is the role that Bedrock takes: arn:aws:iam::123456789012:role/NAME
    ");
    assert_snapshot!(job(&[]).shown(), @"
    exit: 2
    ----- stderr -----
    error: cannot read questions.jsonl: No such file or directory (os error 2)
    ");
    assert_snapshot!(outcrop(["batch", "create", "-", "--local", "-m", "haiku", "--role", ROLE]).shown(), @"
    exit: 2
    ----- stderr -----
    error: the following required arguments were not provided:
      --input <S3-URI>
      --output <S3-URI>

    Usage: outcrop batch create --local --model <MODEL> --role <ARN> --input <S3-URI> --output <S3-URI> <FILE>

    For more information, try '--help'.
    ");
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
    assert_snapshot!(results(["-m", "us.haiku"]).shown(), @"
    exit: 6
    ----- stdout -----
    === quartz
    quartz is a mineral.

    === gneiss
    [failed (400): bad request]

    === opal
    [no result]

    ----- stderr -----
    1 answered, 1 failed, 1 without a result | 1000 tokens in, 100 out | cost $0.000825 at the price of a batch
    error: 2 of the records of told have no answer; the others are kept
    hint: outcrop batch results told --failed --messages > again.jsonl makes a file for another job of them
    ");
    assert_snapshot!(results(["--failed", "--messages"]).shown(), @r#"
    exit: 6
    ----- stdout -----
    {"custom_id":"gneiss","params":{"model":"","anthropic_version":"bedrock-2023-05-31","max_tokens":9,"messages":[{"role":"user","content":"What is gneiss?"}]},"result":{"type":"errored","error":{"type":"error","error":{"type":"invalid_request_error","message":"bad request","status":400}}}}
    {"custom_id":"opal","params":{"model":"","anthropic_version":"bedrock-2023-05-31","max_tokens":9,"messages":[{"role":"user","content":"What is opal?"}]},"result":{"type":"expired"}}
    ----- stderr -----
    1 answered, 1 failed, 1 without a result | 1000 tokens in, 100 out | 1 answer of unknown price
    error: 2 of the records of told have no answer; the others are kept
    hint: outcrop batch results told --failed --messages > again.jsonl makes a file for another job of them
    "#);
    assert_snapshot!(results(["--jsonl"]).shown(), @r#"
    exit: 6
    ----- stdout -----
    {"modelInput":{"anthropic_version":"bedrock-2023-05-31","max_tokens":9,"messages":[{"role":"user","content":"What is quartz?"}]},"modelOutput":{"id":"msg_bdrk_1","type":"message","role":"assistant","model":"claude-haiku-4-5","content":[{"type":"text","text":"quartz is a mineral."}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":1000,"output_tokens":100}},"recordId":"quartz"}
    {"modelInput":{"anthropic_version":"bedrock-2023-05-31","max_tokens":9,"messages":[{"role":"user","content":"What is gneiss?"}]},"recordId":"gneiss","error":{"errorCode":400,"errorMessage":"bad request"}}
    {"modelInput":{"anthropic_version":"bedrock-2023-05-31","max_tokens":9,"messages":[{"role":"user","content":"What is opal?"}]},"recordId":"opal"}
    ----- stderr -----
    1 answered, 1 failed, 1 without a result | 1000 tokens in, 100 out | 1 answer of unknown price
    error: 2 of the records of told have no answer; the others are kept
    hint: outcrop batch results told --failed --messages > again.jsonl makes a file for another job of them
    "#);
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
    assert_snapshot!(results(["-m", "haiku"]).file("told/a.jsonl.out", format!("{line}\n{cut}")).shown(), @"
    exit: 6
    ----- stdout -----
    === quartz
    quartz is a mineral.

    === gneiss
    [no result]

    === opal
    [no result]

    ----- stderr -----
    error: cannot read line 2 of [HOME]/told/a.jsonl.out: it ends before its JSON does
    hint: the file is cut off: copy it again, or read it when the job has ended
    1 answered, 2 without a result, 1 unreadable | 1000 tokens in, 100 out | cost $0.000750 at the price of a batch
    error: 2 of the records of told have no answer; the others are kept
    hint: outcrop batch results told --failed --messages > again.jsonl makes a file for another job of them
    ");
    assert_snapshot!(outcrop(["batch", "results", "empty", "--local"]).at_home().file("empty/a.txt", "").shown(), @"
    exit: 2
    ----- stderr -----
    error: cannot read the results in [HOME]/empty/: there is no file whose name ends in .jsonl.out
    hint: name the folder of the job: its name is the id of the job
    ");
}

/// A job from other hands, in a bucket of a folder: asked how far it is, listed, and stopped too late.
#[test]
fn jobs_are_told_listed_and_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let (_server, address) = Running::local(&["--data", folder.path().to_str().unwrap()]);
    let batch = |arguments: &[&str]| {
        let arguments = ["batch"].iter().chain(arguments).copied();
        outcrop(arguments).envs(LOCAL_KEYS).env("AWS_ENDPOINT_URL", format!("http://{address}")).shown()
    };
    assert_snapshot!(batch(&["list"]), @"
    exit: 0
    ----- stdout -----
    JOB  NAME  STATUS  RECORDS  SUBMITTED  MODEL
    ----- stderr -----
    there is none of them here
    ");
    assert_snapshot!(batch(&["status", "abcdef123456"]).replace(&address, "[ADDRESS]"), @"
    exit: 1
    ----- stderr -----
    error: cannot call GetModelInvocationJob of abcdef123456 on 127.0.0.1:[PORT]: ResourceNotFoundException (404): The model invocation job abcdef123456 was not found
    request id: [ID]
    ");
    assert_snapshot!(batch(&["stop", "abcdef123456"]).replace(&address, "[ADDRESS]"), @"
    exit: 1
    ----- stderr -----
    error: cannot call StopModelInvocationJob of abcdef123456 on 127.0.0.1:[PORT]: ResourceNotFoundException (404): The model invocation job abcdef123456 was not found
    request id: [ID]
    ");
    assert_snapshot!(batch(&["list", "--status", "done"]), @"
    exit: 2
    ----- stderr -----
    error: invalid value 'done' for '--status <STATUS>': there are Submitted, Validating, Scheduled, InProgress, Completed, PartiallyCompleted, Failed, Stopping, Stopped, Expired

    For more information, try '--help'.
    ");
}
