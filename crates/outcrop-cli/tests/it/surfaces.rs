//! By which way a call goes in, where else it may go, and how PDFs are seen: the flags of it.

use insta::assert_snapshot;

use crate::program::outcrop;

const PDF: &str = "%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF";

/// What a dry run says, without the request itself.
fn planned(arguments: &[&str]) -> String {
    let run = outcrop([&["ask", "--local", "--dry-run"], arguments, &["Hello"]].concat());
    let shown = run.file("a.pdf", PDF).at_home().shown();
    let told = shown.lines().filter(|line| {
        ["plan: surface", "plan: failover", "plan: a PDF", "plan: visual", "POST ", "error", "hint"]
            .iter()
            .any(|start| line.starts_with(start))
    });
    told.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_dry_run_says_by_which_way_and_why() {
    assert_snapshot!(planned(&[]), @"
    POST https://bedrock-runtime.us-east-1.amazonaws.com/model/global.anthropic.claude-opus-4-6-v1/invoke-with-response-stream
    plan: surface InvokeModel: it has the model and what is needed
    ");
    assert_snapshot!(planned(&["--surface", "auto", "-m", "anthropic.claude-mythos-5"]), @"
    POST https://bedrock-mantle.us-east-1.api.aws/anthropic/v1/messages
    plan: surface Mantle: claude-mythos-5 is not served on InvokeModel
    ");
    assert_snapshot!(planned(&["--surface", "mantle", "-m", "us.haiku"]), @"
    POST https://bedrock-mantle.us-east-1.api.aws/anthropic/v1/messages
    plan: surface Mantle: set by the caller
    ");
    assert_snapshot!(planned(&["--surface", "mantle"]), @"
    error: cannot call global.anthropic.claude-opus-4-6-v1 on bedrock-runtime.us-east-1.amazonaws.com: claude-opus-4-6 is not served on Mantle
    hint: choose another surface: auto, invoke, converse
    ");
    assert_snapshot!(planned(&["--surface", "converse", "-f", "a.pdf"]), @"
    POST https://bedrock-runtime.us-east-1.amazonaws.com/model/global.anthropic.claude-opus-4-6-v1/converse-stream
    plan: surface Converse: set by the caller
    plan: a PDF without citations: as documented, Converse gives claude-opus-4-6 the extracted text only; visual(true) (`--visual`) has the pages seen
    ");
    assert_snapshot!(planned(&["--surface", "converse", "--visual", "-f", "a.pdf"]), @"
    POST https://bedrock-runtime.us-east-1.amazonaws.com/model/global.anthropic.claude-opus-4-6-v1/converse-stream
    plan: surface Converse: set by the caller
    plan: visual: citations are on for messages.0.content.0, so that Converse shows the pages of PDFs
    ");
}

#[test]
fn words_that_are_none_are_told() {
    assert_snapshot!(outcrop(["ask", "--local", "--surface", "pigeon", "Hello"]).at_home().shown(), @"
    exit: 2
    ----- stderr -----
    error: invalid value 'pigeon' for '--surface <SURFACE>'
      [possible values: auto, invoke, converse, messages, mantle]

    For more information, try '--help'.
    ");
    assert_snapshot!(outcrop(["ask", "--local", "--failover", "us-west-2:mars", "Hello"]).at_home().shown(), @"
    exit: 2
    ----- stderr -----
    error: invalid value 'us-west-2:mars' for '--failover <REGION[:SCOPE][@PROFILE]>': `mars` is no scope; there are global, us, eu, jp, au, apac, us-gov, regional

    For more information, try '--help'.
    ");
}

#[test]
fn another_way_in_answers_and_counts() {
    let ask = |verb: &str| outcrop([verb, "--local", "--surface", "mantle", "-m", "claude-opus-4-8", "-q", "Hello"]);
    assert!(ask("ask").at_home().shown().contains("Model claude-opus-4-8"));
    let counted = ask("count").at_home().shown();
    assert!(counted.lines().any(|line| line.parse::<u64>().is_ok()), "{counted}");
}
