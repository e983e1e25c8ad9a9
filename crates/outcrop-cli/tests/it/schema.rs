//! `--schema`: a reply is JSON that fits, or the program fails and says where it does not.

use insta::assert_snapshot;

use crate::program::outcrop;

const PERSON: &str = r#"{"type":"object","properties":{"name":{"type":"string"},"age":{"type":"integer"}},"required":["name","age"],"additionalProperties":false}"#;

#[test]
fn a_reply_that_fits_is_printed() {
    let run =
        outcrop(["ask", "--local", "-q", "--schema", "person.json", "Who?"]).file("person.json", PERSON).at_home();
    assert_snapshot!(run.shown(), @r#"
    exit: 0
    ----- stdout -----
    {"name":"","age":0}
    "#);
}

#[test]
fn what_is_told_in_words_is_kept_to() {
    let schema = r#"{"type":"object","properties":{"age":{"type":"integer","minimum":3},"tags":{"type":"array","minItems":2,"uniqueItems":true,"items":{"type":"string","minLength":2,"pattern":"^[a-z]+$"}}},"required":["age","tags"],"additionalProperties":false}"#;
    let run = outcrop(["ask", "--local", "-q", "--schema", "s.json", "Who?"]).file("s.json", schema).at_home();
    assert_snapshot!(run.shown(), @r#"
    exit: 0
    ----- stdout -----
    {"age":3,"tags":["aa","ba"]}
    "#);
}

#[test]
fn the_whole_message_may_be_had_as_json() {
    let run = outcrop(["ask", "--local", "-q", "--json", "--schema", "person.json", "Who?"]);
    let output = run.file("person.json", PERSON).at_home().output();
    let message: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&message["type"], output.status.code()), (&"message".into(), Some(0)));
}

#[test]
fn a_dry_run_shows_the_schema_as_the_service_takes_it() {
    let run = outcrop(["ask", "--local", "--dry-run", "-q", "--schema", "person.json", "Who?"]);
    let shown = run.file("person.json", PERSON).at_home().shown();
    assert_snapshot!(shown.lines().last().unwrap_or_default(), @r#"{"anthropic_version":"bedrock-2023-05-31","max_tokens":4096,"messages":[{"role":"user","content":"Who?"}],"output_config":{"format":{"type":"json_schema","schema":{"type":"object","properties":{"name":{"type":"string"},"age":{"type":"integer"}},"additionalProperties":false,"required":["name","age"]}}}}"#);
}

#[test]
fn a_model_without_json_output_is_asked_by_a_tool() {
    let run = outcrop(["ask", "--local", "-q", "-m", "claude-opus-4-7", "--schema", "person.json", "Who?"]);
    let shown = run.file("person.json", PERSON).at_home().shown();
    assert!(shown.starts_with("exit: 0\n"), "{shown}");
    let value: serde_json::Value = serde_json::from_str(shown.lines().nth(2).unwrap_or_default()).unwrap();
    assert!(value["name"].is_string() && value["age"].is_i64(), "{shown}");
}

#[test]
fn a_reply_that_does_not_fit_fails_and_is_not_lost() {
    let run = outcrop(["ask", "--local", "-q", "--max-tokens", "2", "--schema", "person.json", "Who?"]);
    assert_snapshot!(run.file("person.json", PERSON).at_home().shown(), @r#"
    exit: 1
    ----- stderr -----
    warning: the answer was cut at --max-tokens
    error: there is no answer that fits the schema: the reply ended too early (max_tokens)
    the answer was: {"name":
    hint: give it more room with --max-tokens
    "#);
}

/// What no model is held to is checked here: the smallest value of the local engine is not large enough.
#[test]
fn the_reply_is_checked_against_the_whole_schema() {
    let schema = r#"{"type":"object","properties":{"age":{"type":"integer","not":{"const":0}}},"required":["age"],"additionalProperties":false}"#;
    let run = outcrop(["ask", "--local", "-q", "--schema", "schema.json", "Who?"]).file("schema.json", schema);
    assert_snapshot!(run.at_home().shown(), @r#"
    exit: 1
    ----- stderr -----
    error: the answer does not fit the schema: at /age: {"const":0} is not allowed for 0
    the answer was: {"age":0}
    "#);
}

#[test]
fn a_schema_that_is_none_is_told() {
    let run = |text: &str| {
        outcrop(["ask", "--local", "--schema", "schema.json", "Who?"]).file("schema.json", text).at_home().shown()
    };
    assert_snapshot!(run("{\"type\":"), @"
    exit: 2
    ----- stderr -----
    error: cannot use the schema in schema.json: it is no JSON: EOF while parsing a value at line 1 column 8
    ");
    assert_snapshot!(run(r#"{"type":"person"}"#), @r#"
    exit: 2
    ----- stderr -----
    error: cannot use the schema in schema.json: it is no JSON schema at /type: "person" is not valid under any of the schemas listed in the 'anyOf' keyword
    "#);
    assert_snapshot!(outcrop(["ask", "--local", "--schema", "missing.json", "Who?"]).at_home().shown(), @"
    exit: 2
    ----- stderr -----
    error: cannot use the schema in missing.json: No such file or directory (os error 2)
    ");
}
