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
fn a_reply_that_does_not_fit_fails_and_is_not_lost() {
    let run = outcrop(["ask", "--local", "-q", "--max-tokens", "2", "--schema", "person.json", "Who?"]);
    assert_snapshot!(run.file("person.json", PERSON).at_home().shown(), @r#"
    exit: 1
    ----- stderr -----
    warning: the answer was cut at --max-tokens
    error: the answer does not fit the schema: it is no JSON: EOF while parsing a value at line 1 column 8
    the answer was: {"name":
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
