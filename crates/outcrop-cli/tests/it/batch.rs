//! `outcrop batch`: a file of requests checked, made a job of, waited for, and its results printed.

use insta::assert_snapshot;
use serde_json::json;

use crate::program::{LOCAL_KEYS, Run, Running, outcrop};
use crate::samples::{answered, asked, file, manifest, refused};

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

/// The same with keys: nothing is sent where something is wrong.
fn create_at_aws<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Run {
    let run = outcrop(["batch", "create", "questions.jsonl", "-m", "haiku"].into_iter().chain(arguments));
    run.envs(LOCAL_KEYS).at_home()
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
    assert_snapshot!(create_at_aws(job).file("questions.jsonl", lines).shown(), @"
    exit: 2
    ----- stderr -----
    error: questions.jsonl, line 2: params.messages[0].content: invalid type: integer `7`, expected a string or a list of blocks
    error: questions.jsonl, line 4: another record has this id (results are found by the id: give each its own)
    error: questions.jsonl, line 5: expected value, at column 1
    error: questions.jsonl, line 6: it asks `sonnet`, and the job is for `global.anthropic.claude-haiku-4-5-20251001-v1:0` (a job has one model: make another job for the other)
    error: questions.jsonl, line 7: it is a body of Converse, and the job is not (--converse makes one)
    error: questions.jsonl, line 8: params: the JSON is cut off
    error: 6 lines of questions.jsonl cannot be sent; nothing was sent
    hint: outcrop batch create --help tells what a line may be
    ");
}

/// What every line does wrong is told once, what each does wrong is told of the first of them.
#[test]
fn a_mistake_of_many_lines_is_told_once() {
    let strict = ["--dry-run", "--strict", "-m", "claude-opus-4-8", "--temperature", "0.5"];
    let run = outcrop(["batch", "create", "questions.jsonl", "--local"].into_iter().chain(strict)).at_home();
    assert_snapshot!(run.file("questions.jsonl", format!("\n7\n{}", prompts(100))).shown(), @"
    exit: 2
    ----- stderr -----
    error: questions.jsonl, line 2: neither an object nor a string
    error: questions.jsonl, lines 3, 4, 5, 6, 7 and 95 more: it cannot be sent as it is: temperature: left out, claude-opus-4-8 does not take it: it is deprecated for this model (change the request, or leave out --strict to have it adjusted)
    error: 101 lines of questions.jsonl cannot be sent; nothing was sent
    hint: outcrop batch create --help tells what a line may be
    ");
    let each: String = (0..50).map(|at| format!("{{\"params\":{{\"m{at}\":1,\"messages\":{at}}}}}\n")).collect();
    let shown = create(["--dry-run"]).file("questions.jsonl", each).shown();
    assert_eq!(shown.matches("error: questions.jsonl, line ").count(), 20, "{shown}");
    let text = "50 lines of questions.jsonl cannot be sent (what is wrong with 30 of them is told when";
    assert!(shown.contains(text), "{shown}");
}

#[test]
fn what_would_count_for_nothing_is_refused_before_anything_is_read() {
    let job = ["--role", ROLE, "--input", "s3://bucket/in/", "--output", "s3://bucket/out/"];
    for (arguments, words) in [
        (vec!["--out", "told.txt"], "without --wait there are no results"),
        (vec!["--failed"], "without --wait there are no results"),
        (vec!["--dry-run", "--jsonl"], "--dry-run prints the lines that would be uploaded"),
        (vec!["--wait", "--out", "nowhere/told.txt"], "cannot write nowhere/told.txt: there is no folder nowhere"),
        (vec!["--wait", "--out", "."], "cannot write .: it is a folder"),
    ] {
        let run = outcrop(["batch", "create", "nothing.jsonl"].into_iter().chain(job).chain(arguments.iter().copied()));
        let shown = run.at_home().shown();
        assert!(shown.starts_with("exit: 2") && shown.contains(words), "{arguments:?}: {shown}");
    }
    let run = create(["--dry-run", "--out", "lines.jsonl"]).file("questions.jsonl", prompts(3));
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("questions.jsonl"), prompts(3)).unwrap();
    let output = run.home(home.path()).output();
    assert!(output.status.success() && output.stdout.is_empty());
    let lines = std::fs::read_to_string(home.path().join("lines.jsonl")).unwrap();
    assert!(lines.lines().count() == 3 && lines.starts_with(r#"{"recordId":"q-1""#), "{lines}");
}

/// A Bedrock that ends with the program has no jobs.
#[test]
fn there_are_no_jobs_inside_of_the_program() {
    let job = ["--role", ROLE, "--input", "s3://bucket/in/", "--output", "s3://bucket/out/"];
    for arguments in
        [&["list"][..], &["status", "abcdef123456"], &["stop", "abcdef123456"], &["results", "abcdef123456"]]
    {
        let shown = outcrop(["batch", "--local"].iter().chain(arguments).copied()).shown();
        assert!(shown.starts_with("exit: 2") && shown.contains("--local is a Bedrock that ends"), "{shown}");
    }
    assert_snapshot!(create(job).file("questions.jsonl", prompts(100)).shown(), @"
    exit: 2
    ----- stderr -----
    error: --local is a Bedrock that ends with this command: it has no jobs and no buckets
    hint: start one that stays, `outcrop local --data FOLDER`, whose buckets are the folders in there, and name it: --endpoint-url http://127.0.0.1:9473
    ");
}

/// Neither keys nor a region, and nobody is called.
#[test]
fn what_is_neither_a_folder_nor_a_job_is_told_at_once() {
    assert_snapshot!(outcrop(["batch", "results", "told/abcdef123456"]).shown(), @"
    exit: 2
    ----- stderr -----
    error: there is no folder told/abcdef123456, and it is neither the id of a job nor its ARN
    hint: outcrop batch list tells the ids of the jobs
    ");
    assert_snapshot!(outcrop(["batch", "status", "nightly"]).envs(LOCAL_KEYS).shown(), @"
    exit: 2
    ----- stderr -----
    error: cannot ask for a batch job: `nightly` is neither the id of one, which has twelve letters and digits, nor its ARN
    hint: outcrop batch list tells the ids of the jobs
    ");
}

/// What people have is the file that they made: joined by record ids, counted by the manifest.
#[test]
fn requests_of_other_jobs_are_not_missing() {
    let told = |requests: &'static str| {
        results(["--requests", requests, "--jsonl", "--failed"])
            .file("told/manifest.json.out", manifest(2, 1, 1))
            .file("all.txt", file(&["opal", "gneiss", "schist", "quartz"].map(asked)))
            .file("more/b.jsonl", file(&["basalt"].map(asked)))
            .file("more/c.jsonl", file(&["quartz", "gneiss"].map(asked)))
            .shown()
    };
    assert_snapshot!(told("all.txt"), @r#"
    exit: 6
    ----- stdout -----
    {"modelInput":{"anthropic_version":"bedrock-2023-05-31","max_tokens":9,"messages":[{"role":"user","content":"What is gneiss?"}]},"recordId":"gneiss","error":{"errorCode":400,"errorMessage":"bad request"}}
    ----- stderr -----
    warning: there are 4 requests, and the job had 2: which of them have no result is not known
    1 answered, 1 failed | 1000 tokens in, 100 out | 1 answer of unknown price
    error: 1 of the records of told have no answer; the others are kept
    hint: outcrop batch results told --requests all.txt --failed --messages > again.jsonl keeps what they ask, and outcrop batch run again.jsonl asks it as calls: a job has 100 records at least
    "#);
    assert_snapshot!(told("more"), @r#"
    exit: 6
    ----- stdout -----
    {"modelInput":{"anthropic_version":"bedrock-2023-05-31","max_tokens":9,"messages":[{"role":"user","content":"What is gneiss?"}]},"recordId":"gneiss","error":{"errorCode":400,"errorMessage":"bad request"}}
    ----- stderr -----
    warning: left out, since nothing says that they are of the job: the requests in [HOME]/more/b.jsonl
    1 answered, 1 failed | 1000 tokens in, 100 out | 1 answer of unknown price
    error: 1 of the records of told have no answer; the others are kept
    hint: outcrop batch results told --requests more --failed --messages > again.jsonl keeps what they ask, and outcrop batch run again.jsonl asks it as calls: a job has 100 records at least
    "#);
}

/// Few requests are asked as calls, with the results of a job; what failed can be asked again.
#[test]
fn requests_are_asked_as_calls() {
    let lines = "\"What is quartz?\"\n{\"custom_id\":\"b\",\"prompt\":\"What is gneiss?\"}\n";
    let run = |more: &[&'static str]| {
        let arguments = ["batch", "run", "questions.jsonl", "-m", "haiku", "--local", "--max-tokens", "9"];
        outcrop(arguments.into_iter().chain(more.iter().copied())).at_home().file("questions.jsonl", lines)
    };
    assert_snapshot!(run(&["-s", "Be brief."]).shown(), @"
    exit: 0
    ----- stdout -----
    === record-000001
    This is Outcrop's local engine, not 

    === b
    This is Outcrop's local engine, not 

    ----- stderr -----
    2 answered | 22 tokens in, 18 out | cost $0.000112 at the price of calls
    ");
    let shown = run(&["--messages", "--at-once", "1"]).shown();
    assert!(
        shown.contains(r#"{"custom_id":"record-000001","params":{"model":"global.anthropic.claude-haiku"#),
        "{shown}"
    );
    assert!(shown.contains(r#""result":{"type":"succeeded","message":{"#), "{shown}");
    let shown = run(&["--out", "nowhere/told.txt"]).shown();
    assert!(shown.contains("there is no folder nowhere"), "{shown}");
    let shown = run(&["--out", "questions.jsonl"]).shown();
    assert!(shown.contains("cannot write questions.jsonl: the requests stand there"), "{shown}");
}

/// A link, a pipe or a device stays what it is.
#[cfg(unix)]
#[test]
fn what_is_no_file_is_written_and_not_replaced() {
    let home = tempfile::tempdir().unwrap();
    let at = |name: &str| home.path().join(name);
    std::fs::write(at("questions.jsonl"), "\"What is quartz?\"\n").unwrap();
    std::fs::write(at("told.txt"), "old").unwrap();
    std::os::unix::fs::symlink(at("told.txt"), at("link.txt")).unwrap();
    let run = |out: &str| {
        let arguments =
            ["batch", "run", "questions.jsonl", "-m", "haiku", "--local", "--max-tokens", "9", "--out", out];
        outcrop(arguments).home(home.path()).shown()
    };
    let shown = run("link.txt");
    assert!(shown.starts_with("exit: 0"), "{shown}");
    assert!(std::fs::symlink_metadata(at("link.txt")).unwrap().is_symlink());
    assert!(std::fs::read_to_string(at("told.txt")).unwrap().contains("local engine"));
    // A device that may be written by anybody, and takes nothing: what it says of it is not lost.
    std::os::unix::fs::symlink("/dev/full", at("full")).unwrap();
    let shown = run("full");
    assert!(cfg!(not(target_os = "linux")) || shown.contains("cannot write /dev/full: No space left"), "{shown}");
}

#[test]
fn what_cannot_be_a_job_is_told() {
    let job = |rest: &[&'static str]| {
        let job = ["--role", ROLE, "--input", "s3://bucket/in/", "--output", "s3://bucket/out/"];
        create_at_aws(job.into_iter().chain(rest.iter().copied()))
    };
    assert_snapshot!(job(&[]).file("questions.jsonl", prompts(99)).shown(), @"
    exit: 2
    ----- stderr -----
    error: cannot make a batch job: there are 99 records, and a job has at least 100
    hint: outcrop batch run asks fewer as calls; AWS's quota is `Minimum number of records per batch inference job`
    ");
    assert_snapshot!(job(&["--timeout", "1h"]).file("questions.jsonl", prompts(100)).shown(), @"
    exit: 2
    ----- stderr -----
    error: invalid value '1h' for '--timeout <TIME>': not a time of 24 to 168 hours, such as 24h or 7d

    For more information, try '--help'.
    ");
    let run = create_at_aws(["--role", "batch", "--input", "bucket/in", "--output", "s3://bucket"]);
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

/// `outcrop batch results told`, where a folder holds the results of a job that failed half way.
fn results<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Run {
    outcrop(["batch", "results", "told"].into_iter().chain(arguments))
        .at_home()
        .file("told/a.jsonl", file(&["quartz", "gneiss", "opal"].map(asked)))
        .file("told/a.jsonl.out", file(&[answered("quartz"), refused("gneiss")]))
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
    hint: outcrop batch results told --failed --messages > again.jsonl keeps what they ask, and outcrop batch run again.jsonl -m us.anthropic.claude-haiku-4-5-20251001-v1:0 asks it as calls: a job has 100 records at least
    ");
    assert_snapshot!(results(["--failed", "--messages"]).shown(), @r#"
    exit: 6
    ----- stdout -----
    {"custom_id":"gneiss","params":{"model":"","anthropic_version":"bedrock-2023-05-31","max_tokens":9,"messages":[{"role":"user","content":"What is gneiss?"}]},"result":{"type":"errored","error":{"type":"error","error":{"type":"invalid_request_error","message":"bad request","status":400}}}}
    {"custom_id":"opal","params":{"model":"","anthropic_version":"bedrock-2023-05-31","max_tokens":9,"messages":[{"role":"user","content":"What is opal?"}]},"result":{"type":"expired"}}
    ----- stderr -----
    1 answered, 1 failed, 1 without a result | 1000 tokens in, 100 out | 1 answer of unknown price
    error: 2 of the records of told have no answer; the others are kept
    hint: outcrop batch results told --failed --messages > again.jsonl keeps what they ask, and outcrop batch run again.jsonl asks it as calls: a job has 100 records at least
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
    hint: outcrop batch results told --failed --messages > again.jsonl keeps what they ask, and outcrop batch run again.jsonl asks it as calls: a job has 100 records at least
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
    hint: outcrop batch results told --failed --messages > again.jsonl keeps what they ask, and outcrop batch run again.jsonl -m global.anthropic.claude-haiku-4-5-20251001-v1:0 asks it as calls: a job has 100 records at least
    ");
    assert_snapshot!(outcrop(["batch", "results", "empty"]).at_home().file("empty/a.txt", "").shown(), @"
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
