//! `outcrop count`: a number on stdout, of the request that `ask` would send.

use insta::assert_snapshot;

use crate::program::outcrop;

fn count(arguments: &[&str]) -> u64 {
    let run = outcrop([&["count", "--local", "-q"], arguments].concat()).file("notes.md", "Some notes").at_home();
    let output = run.output();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    String::from_utf8(output.stdout).unwrap().trim_end().parse().unwrap()
}

#[test]
fn the_number_stands_alone() {
    assert_snapshot!(outcrop(["count", "--local", "Hello, world"]).shown(), @"
    exit: 0
    ----- stdout -----
    7
    ----- stderr -----
    warning: inputTokens is an estimate of four characters a token, not Claude's own count
    counted by the local engine `mirror`, not Claude | as input $0.000035 | request [ID]
    ");
}

#[test]
fn everything_that_is_sent_counts() {
    let bare = count(&["Hello"]);
    for more in [&["-s", "Be brief", "Hello"][..], &["-f", "notes.md", "Hello"], &["Hello, world, and more"]] {
        assert!(count(more) > bare, "{more:?}");
    }
    assert!(count(&["-f", "notes.md"]) > 0, "files need no question");
}

#[test]
fn what_cannot_be_counted_is_told() {
    assert_snapshot!(outcrop(["count", "--local"]).shown(), @r#"
    exit: 2
    ----- stderr -----
    error: there is nothing to ask: no prompt and nothing on standard input
    hint: outcrop ask "Hello, world"
    "#);
    assert_snapshot!(outcrop(["count", "--local", "-m", "nova", "Hello"]).shown(), @"
    exit: 1
    ----- stderr -----
    error: cannot call nova on bedrock-runtime.us-east-1.amazonaws.com: ValidationException (400): The provided model identifier is invalid.
    request id: [ID]
    hint: `nova` is no name known here (as opus, sonnet, haiku are) and was sent as it is: check the model id and that the region offers it
    ");
}
