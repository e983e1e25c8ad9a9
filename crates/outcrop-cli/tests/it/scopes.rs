//! `--scope`: where a model may be processed, what it costs there, and what is said where it may not.

use insta::assert_snapshot;

use crate::program::outcrop;

fn ask(arguments: &[&str]) -> String {
    outcrop([&["ask", "--local", "-q"], arguments, &["Hello"]].concat()).shown()
}

/// The last line of an answer by the local engine: what it received.
fn received(arguments: &[&str]) -> String {
    let shown = ask(arguments);
    assert!(shown.starts_with("exit: 0\n"), "{shown}");
    shown.lines().find(|line| line.starts_with("Model ")).unwrap_or_default().to_owned()
}

#[test]
fn a_model_is_asked_in_the_scope_that_is_typed() {
    for (arguments, told) in [
        (&["--scope", "us"][..], "Model claude-opus-4-6, scope us, region us-east-1,"),
        (&["--scope", "global", "-m", "haiku"], "Model claude-haiku-4-5, scope global, region us-east-1,"),
        (&["--scope", "us", "-m", "us.haiku"], "Model claude-haiku-4-5, scope us, region us-east-1,"),
        (&["--scope", "regional", "-m", "claude-opus-4-8"], "Model claude-opus-4-8, scope regional, region us-east-1,"),
        (&["--scope", "geo"], "Model claude-opus-4-6, scope us, region us-east-1,"),
        (&["--scope", "geo", "--region", "eu-west-1"], "Model claude-opus-4-6, scope eu, region eu-west-1,"),
        (
            &["--scope", "geo", "--region", "ap-northeast-1", "-m", "claude-sonnet-4"],
            "Model claude-sonnet-4, scope apac, region ap-northeast-1,",
        ),
        (
            &["--region", "us-gov-west-1", "-m", "claude-opus-4-8"],
            "Model claude-opus-4-8, scope us-gov, region us-gov-west-1,",
        ),
    ] {
        let line = received(arguments);
        assert!(line.starts_with(told), "{arguments:?}: {line}");
    }
}

#[test]
fn a_scope_that_there_is_not_is_told_with_those_there_are() {
    assert_snapshot!(ask(&["--scope", "eu"]), @"
    exit: 2
    ----- stderr -----
    error: cannot call claude-opus-4-6 on bedrock-runtime.us-east-1.amazonaws.com: the inference profile of claude-opus-4-6 in scope eu cannot be called from us-east-1
    hint: from us-east-1 call `global.anthropic.claude-opus-4-6-v1` or `us.anthropic.claude-opus-4-6-v1`; an id that is given whole is sent as it is
    ");
    assert_snapshot!(ask(&["-m", "jp.claude-opus-4-5"]), @"
    exit: 2
    ----- stderr -----
    error: cannot call jp.claude-opus-4-5 on bedrock-runtime.us-east-1.amazonaws.com: claude-opus-4-5 has no inference profile of scope jp
    hint: from us-east-1 call `global.anthropic.claude-opus-4-5-20251101-v1:0` or `us.anthropic.claude-opus-4-5-20251101-v1:0`; an id that is given whole is sent as it is
    ");
    assert_snapshot!(ask(&["--scope", "geo", "--region", "sa-east-1", "-m", "haiku"]), @"
    exit: 2
    ----- stderr -----
    error: cannot call haiku on bedrock-runtime.sa-east-1.amazonaws.com: claude-haiku-4-5 has no inference profile of the geography of sa-east-1
    hint: from sa-east-1 call `global.anthropic.claude-haiku-4-5-20251001-v1:0`; an id that is given whole is sent as it is
    ");
    assert_snapshot!(ask(&["--scope", "mars"]), @"
    exit: 2
    ----- stderr -----
    error: invalid value 'mars' for '--scope <SCOPE>'
      [possible values: global, us, eu, jp, au, apac, us-gov, regional, geo]

    For more information, try '--help'.
    ");
}

#[test]
fn a_model_that_says_its_own_scope_is_not_given_another() {
    assert_snapshot!(ask(&["--scope", "us", "-m", "global.anthropic.claude-opus-4-6-v1"]), @"
    exit: 2
    ----- stderr -----
    error: --scope us: `global.anthropic.claude-opus-4-6-v1` says its own scope
    hint: leave out --scope, or name the model alone: -m claude-opus-4-6
    ");
    assert_snapshot!(ask(&["--scope", "us", "-m", "anthropic.claude-nova-9"]), @"
    exit: 2
    ----- stderr -----
    error: --scope us: `anthropic.claude-nova-9` is not in the catalogue and goes as it is
    hint: leave out --scope: an id and an ARN say themselves where they are processed
    ");
}

#[test]
fn an_id_that_is_given_whole_is_sent_as_it_is() {
    let run = |arguments: &[&str]| outcrop([&["ask", "--local", "--dry-run"], arguments, &["Hello"]].concat()).shown();
    let shown = run(&["-m", "anthropic.claude-sonnet-4-6"]);
    assert!(shown.contains("/model/anthropic.claude-sonnet-4-6/invoke-with-response-stream"), "{shown}");
    let plan = "plan: anthropic.claude-sonnet-4-6: sent as it is, though as far as is known claude-sonnet-4-6 has no \
                regional endpoint in us-east-1: from us-east-1 call `global.anthropic.claude-sonnet-4-6` or \
                `us.anthropic.claude-sonnet-4-6`";
    assert!(shown.lines().any(|line| line == plan), "{shown}");
    let shown = run(&["-m", "eu.anthropic.claude-sonnet-4-6"]);
    assert!(shown.contains("/model/eu.anthropic.claude-sonnet-4-6/invoke-with-response-stream"), "{shown}");
    assert!(shown.contains("plan: eu.anthropic.claude-sonnet-4-6: sent as it is, though"), "{shown}");
}

#[test]
fn what_is_likely_to_be_refused_is_told_without_being_asked() {
    let told = |shown: &str, words: &[&str]| {
        let mut lines = shown.lines().filter(|line| line.starts_with("warning: "));
        lines.any(|line| words.iter().all(|word| line.contains(word)))
    };
    let shown = ask(&["--scope", "regional"]);
    let there_is = "from us-east-1 call `global.anthropic.claude-opus-4-6-v1` or `us.anthropic.claude-opus-4-6-v1`";
    assert!(told(&shown, &["claude-opus-4-6 has no regional endpoint in us-east-1", there_is]), "{shown}");
    let shown = ask(&["-m", "eu.anthropic.claude-sonnet-4-6"]);
    assert!(told(&shown, &["cannot be called from us-east-1"]), "{shown}");
    let shown = ask(&["--region", "mars-north-1"]);
    assert!(shown.starts_with("exit: 4") && shown.contains("AWS has no region mars-north-1"), "{shown}");
    assert!(shown.contains("hint: check the region"), "{shown}");
    let shown = outcrop(["ask", "--local", "--dry-run", "--region", "mars-north-1", "Hello"]).shown();
    assert!(shown.contains("region mars-north-1 is not known"), "{shown}");
    assert!(!told(&ask(&[]), &[]));
}

#[test]
fn the_price_is_that_of_the_scope_that_answered() {
    // 7 tokens in and about 39 out, at 5 and 25 dollars a million, and outside the global scope a tenth more.
    let line = |arguments: &[&str]| {
        let shown = outcrop([&["ask", "--local"], arguments, &["Hello, world"]].concat()).shown();
        let line = shown.lines().find(|line| line.starts_with("answered by")).unwrap_or_default();
        line.split(" | ").skip(1).take(2).collect::<Vec<_>>().join(" | ")
    };
    assert_eq!(line(&["--scope", "global"]), "7 tokens in, 39 out | would cost $0.001010");
    assert_eq!(line(&["--scope", "regional"]), "7 tokens in, 40 out | would cost $0.001138");
    assert_eq!(line(&["--scope", "us"]), "7 tokens in, 38 out | would cost $0.001084");
    assert_eq!(line(&["-m", "us.anthropic.claude-opus-4-6-v1"]), "7 tokens in, 38 out | would cost $0.001084");
    let count = |scope| {
        let shown = outcrop(["count", "--local", "--scope", scope, &"word ".repeat(1000)]).shown();
        assert!(shown.starts_with("exit: 0\n"), "{shown}");
        shown.split(" | ").nth(1).unwrap_or_default().to_owned()
    };
    assert_eq!((count("global").as_str(), count("us").as_str()), ("as input $0.006270", "as input $0.006897"));
}

#[test]
fn a_chat_goes_on_in_its_scope() {
    let home = tempfile::tempdir().unwrap();
    let chat = |arguments: &[&str], input: &str| {
        let arguments = [&["chat", "--local", "--region", "eu-west-1", "-q"], arguments].concat();
        outcrop(arguments).home(home.path()).input(input).shown()
    };
    let models = |shown: &str| {
        let lines = shown.lines().filter_map(|line| line.strip_prefix("Model "));
        lines.map(|line| line.split(", region").next().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    let shown = chat(&["--scope", "geo", "-m", "sonnet"], "Hello\n/model haiku\nHello\n");
    assert_eq!(models(&shown), ["claude-sonnet-4-6, scope eu", "claude-haiku-4-5, scope eu"], "{shown}");
    let shown = chat(&["-c"], "Hello\n");
    assert_eq!(models(&shown), ["claude-haiku-4-5, scope eu"], "it stays where it was: {shown}");
    let shown = chat(&["-c", "--scope", "global"], "Hello\n");
    assert_eq!(models(&shown), ["claude-haiku-4-5, scope global"], "{shown}");
    let sessions = home.path().join(".local/share/outcrop/sessions");
    let file = std::fs::read_dir(sessions).unwrap().next().unwrap().unwrap().path();
    let session: serde_json::Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let called: Vec<&str> =
        session["answers"].as_array().unwrap().iter().map(|answer| answer["model"].as_str().unwrap()).collect();
    let haiku = "anthropic.claude-haiku-4-5-20251001-v1:0";
    assert_eq!(
        called,
        ["eu.anthropic.claude-sonnet-4-6", &format!("eu.{haiku}"), &format!("eu.{haiku}"), &format!("global.{haiku}")]
    );
}

#[test]
fn shells_complete_scopes() {
    let shown = outcrop(["completions", "bash"]).shown();
    assert!(shown.contains("global us eu jp au apac us-gov regional geo"), "{shown}");
}
