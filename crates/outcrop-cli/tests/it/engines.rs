//! `outcrop local --script`, `--replay` and `--record`: what answers, what is written, and what is said of files that
//! make no sense.

use insta::assert_snapshot;
use tempfile::TempDir;

use crate::program::{LOCAL_KEYS, Running, outcrop};

/// A file in a folder of its own.
fn file(text: &str) -> (TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file").to_str().unwrap().to_owned();
    std::fs::write(&path, text).unwrap();
    (folder, path)
}

/// How the program ends when it is asked to serve with a file.
fn refused(flag: &str, text: &str) -> String {
    let (_folder, path) = file(text);
    outcrop(["local", "--listen", "127.0.0.1:0", flag, &path]).shown().replace(&path, "[FILE]")
}

#[test]
fn a_script_answers() {
    let (_folder, script) = file(
        "[[rule]]\nwhen.call = 1\nreply.error = { code = \"AccessDeniedException\", message = \"Not you.\" }\n\
         [[rule]]\nwhen.text = \"weather\"\nreply.text = \"It rains.\"\n\
         [[rule]]\nwhen.text = \"cut\"\nreply.text = \"one two three\"\nreply.cut = { after = 3 }\n",
    );
    let (_server, address) = Running::local(&["--script", &script]);
    let url = format!("http://{address}");
    let ask = |question| outcrop(["ask", "--endpoint-url", &url, question]).envs(LOCAL_KEYS).shown();
    assert_snapshot!(ask("weather").replace(&address, "[ADDRESS]"), @"
    exit: 4
    ----- stderr -----
    error: cannot call global.anthropic.claude-opus-4-6-v1 on 127.0.0.1:[PORT]: AccessDeniedException (403): Not you.
    request id: [ID]
    ");
    assert_snapshot!(ask("How is the weather?"), @"
    exit: 0
    ----- stdout -----
    It rains.
    ----- stderr -----
    answered by the local engine `script`, not Claude | 9 tokens in, 3 out | would cost $0.000120 | first token [TIME] | total [TIME] | request [ID]
    ");
    assert_snapshot!(ask("cut this").replace(&address, "[ADDRESS]"), @"
    exit: 5
    ----- stdout -----
    one
    ----- stderr -----
    error: cannot call global.anthropic.claude-opus-4-6-v1 on 127.0.0.1:[PORT]: the connection broke: error reading a body from connection: unexpected EOF during chunk size line
    request id: [ID]
    hint: the connection was cut while the answer came: try again; a proxy on the way may limit how long one lasts
    ");
    assert!(ask("Hello").contains("This is Outcrop's local engine, not Claude."));
}

#[test]
fn what_was_recorded_is_played() {
    let (_upstream, behind) = Running::local(&[]);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("recording.jsonl").to_str().unwrap().to_owned();
    let record = ["local", "--listen", "127.0.0.1:0", "--record", &path, "--endpoint-url", &format!("http://{behind}")];
    let mut recorder = outcrop(record).envs(LOCAL_KEYS).start();
    let line = recorder.line();
    let url = line.strip_prefix("listening on ").unwrap().to_owned();
    let ask = |url: &str, flag: &str, question: &str| {
        outcrop(["ask", "-q", flag, "--endpoint-url", url, question]).envs(LOCAL_KEYS).output()
    };
    let (streamed, whole) = (ask(&url, "--json", "Hello"), ask(&url, "--no-stream", "Hello"));
    assert!(streamed.status.success() && whole.status.success(), "{}", String::from_utf8_lossy(&streamed.stderr));
    assert!(String::from_utf8_lossy(&whole.stdout).contains("\n\nHello\n\n"));

    // Written while the server runs, and nothing of the caller's in it.
    let recording = std::fs::read_to_string(&path).unwrap();
    assert_eq!(recording.lines().count(), 2);
    for secret in ["authorization", "Signature", LOCAL_KEYS[0].1, LOCAL_KEYS[1].1] {
        assert!(!recording.contains(secret), "{secret}");
    }
    drop(recorder);

    let (_player, address) = Running::local(&["--replay", &path]);
    let url = format!("http://{address}");
    assert_eq!(ask(&url, "--json", "Hello").stdout, streamed.stdout);
    assert_eq!(ask(&url, "--no-stream", "Hello").stdout, whole.stdout);
    let other = outcrop(["ask", "-q", "--no-stream", "--endpoint-url", &url, "Hi"]).envs(LOCAL_KEYS);
    assert_snapshot!(other.shown().replace(&address, "[ADDRESS]"), @r#"
    exit: 1
    ----- stderr -----
    error: cannot call global.anthropic.claude-opus-4-6-v1 on 127.0.0.1:[PORT]: ValidationException (400): outcrop local: no recorded exchange answers this InvokeModel; the closest is exchange 2, which differs at messages.0.content: "Hi" was asked, "Hello" is recorded
    request id: [ID]
    "#);
}

#[test]
fn an_upstream_that_is_not_there_is_told_to_whoever_asks() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("recording.jsonl").to_str().unwrap().to_owned();
    // Nothing listens on port 1.
    let record = ["local", "--listen", "127.0.0.1:0", "--record", &path, "--endpoint-url", "http://127.0.0.1:1"];
    let mut recorder = outcrop(record).envs(LOCAL_KEYS).start();
    let line = recorder.line();
    let url = line.strip_prefix("listening on ").unwrap();
    let output = outcrop(["ask", "-q", "--endpoint-url", url, "Hello"]).envs(LOCAL_KEYS).output();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert!(stderr.contains("ServiceUnavailableException (503): outcrop local: cannot call "), "{stderr}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "");
}

#[test]
fn recording_needs_a_region_before_it_serves() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("recording.jsonl");
    let record = outcrop(["local", "--listen", "127.0.0.1:0", "--record", path.to_str().unwrap()]);
    assert_snapshot!(record.shown(), @"
    exit: 2
    ----- stderr -----
    error: cannot find where to call: no AWS region: tried --region, AWS_REGION, AWS_DEFAULT_REGION and `region` of AWS profile default
    hint: set AWS_REGION, us-east-1 for example: calls are signed for a region, whatever their URL
    ");
    assert!(!path.exists());
}

#[test]
fn files_that_make_no_sense_are_told_before_anything_is_served() {
    assert_snapshot!(refused("--script", "[[rule]]\nwhen.turn = \"one\"\nreply.text = \"x\""), @r#"
    exit: 2
    ----- stderr -----
    error: cannot use the script [FILE]: line 2, `rule.1.when.turn`: expected a whole number, at least 1, found "one"
    "#);
    assert_snapshot!(refused("--script", "[[rule]\n"), @"
    exit: 2
    ----- stderr -----
    error: cannot use the script [FILE]: line 1: unclosed array table, expected `]`
    ");
    assert_snapshot!(refused("--replay", "{\"request\":{}}"), @"
    exit: 2
    ----- stderr -----
    error: cannot use the recording [FILE]: exchange 1: `request.path`: expected a string
    ");
    assert_snapshot!(refused("--replay", ""), @"
    exit: 2
    ----- stderr -----
    error: cannot use the recording [FILE]: it holds no exchange
    hint: make one with `outcrop local --record FILE`
    ");
    assert_snapshot!(refused("--replay", "{\"request\":{\"path\":\"/foundation-models\"},\"response\":{\"status\":200}}"), @"
    exit: 2
    ----- stderr -----
    error: cannot use the recording [FILE]: none of its 1 exchanges is a call that is served here
    hint: make one with `outcrop local --record FILE`
    ");
    assert_snapshot!(outcrop(["local", "--script", "/nowhere/rules.toml"]).shown(), @"
    exit: 2
    ----- stderr -----
    error: cannot read the script /nowhere/rules.toml: No such file or directory (os error 2)
    ");
}

#[test]
fn engines_exclude_one_another() {
    for arguments in [
        &["local", "--script", "a", "--replay", "b"][..],
        &["local", "--script", "a", "--record", "b"],
        &["local", "--replay", "a", "--record", "b"],
        &["local", "--env", "--script", "a"],
        &["local", "--env", "--record", "a"],
        &["local", "--record", "a", "--pace", "5"],
    ] {
        let output = outcrop(arguments.iter().copied()).output();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{arguments:?}");
        assert!(stderr.contains("cannot be used with"), "{stderr}");
    }
    for flag in ["--region", "--profile", "--endpoint-url"] {
        let output = outcrop(["local", flag, "x"]).output();
        assert!(String::from_utf8(output.stderr).unwrap().contains("--record <FILE>"), "{flag}");
    }
}

/// What was paid for is not lost: the message is whole JSON, and its stop reason is null.
#[test]
fn json_of_an_answer_that_breaks_off_has_what_came() {
    let (_folder, script) = file("[[rule]]\nreply.text = \"one two three\"\nreply.cut = { after = 4 }\n");
    let (_server, address) = Running::local(&["--script", &script]);
    let ask = ["ask", "--json", "--endpoint-url", &format!("http://{address}"), "Hello"];
    let output = outcrop(ask).envs(LOCAL_KEYS).output();
    assert_eq!(output.status.code(), Some(5));
    let message: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(message["content"][0]["text"], "one two", "{message}");
    assert_eq!(message["stop_reason"], serde_json::Value::Null, "{message}");
}

/// Prose is no JSON, and a value may be the wrong one: both are told, with what the answer was.
#[test]
fn answers_that_do_not_fit_a_schema_are_told_apart() {
    let (_folder, script) = file(
        "[[rule]]\nwhen.text = \"prose\"\nreply.text = \"Well.\"\n\
         [[rule]]\nwhen.text = \"other\"\nreply.json = { age = 3 }\n\
         [[rule]]\nwhen.text = \"no\"\nreply.text = \"\"\nreply.stop_reason = \"refusal\"\n",
    );
    let (_server, address) = Running::local(&["--script", &script]);
    let url = format!("http://{address}");
    let ask = |question| {
        let run = outcrop(["ask", "-q", "--schema", "person.json", "--endpoint-url", &url, question]).envs(LOCAL_KEYS);
        let schema = r#"{"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}"#;
        run.file("person.json", schema).at_home().shown()
    };
    assert_snapshot!(ask("prose"), @r#"
    exit: 1
    ----- stderr -----
    error: the answer is no JSON: expected value at line 1 column 1
    the answer was: Well.
    "#);
    assert_snapshot!(ask("other"), @r#"
    exit: 1
    ----- stderr -----
    error: the answer does not fit the schema: "name" is a required property
    the answer was: {"age":3}
    "#);
    assert_snapshot!(ask("no"), @r#"
    exit: 1
    ----- stderr -----
    warning: the model declined to answer
    error: there is no answer that fits the schema: the model declined
    the answer was: empty
    "#);
}
