//! By which way a call goes in, where else it may go, and how PDFs are seen: the flags of it.

use insta::assert_snapshot;

use crate::program::{Run, Running, outcrop};

/// A model that every surface has.
const MODEL: &str = "claude-opus-4-8";

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
fn that_a_pdf_is_given_as_text_is_told_with_what_changes_it() {
    let run = |flags: &[&str]| {
        let run = outcrop([&["ask", "--local", "-q", "-f", "report.pdf", "What?"], flags].concat());
        run.file("report.pdf", PDF).at_home().shown()
    };
    let told = |shown: &str| shown.lines().any(|line| line.starts_with("warning: ") && line.contains("--visual"));
    let shown = run(&["--surface", "converse"]);
    assert!(shown.starts_with("exit: 0\n") && told(&shown), "{shown}");
    for flags in [&["--surface", "converse", "--visual"][..], &[]] {
        let shown = run(flags);
        assert!(shown.starts_with("exit: 0\n") && !told(&shown), "{shown}");
    }
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
    plan: surface Mantle: as it was set
    ");
    assert_snapshot!(planned(&["--surface", "mantle"]), @"
    error: cannot call global.anthropic.claude-opus-4-6-v1 on bedrock-runtime.us-east-1.amazonaws.com: claude-opus-4-6 is not served on Mantle
    hint: choose another surface: auto, invoke, converse
    ");
    assert_snapshot!(planned(&["--surface", "converse", "-f", "a.pdf"]), @"
    POST https://bedrock-runtime.us-east-1.amazonaws.com/model/global.anthropic.claude-opus-4-6-v1/converse-stream
    plan: surface Converse: as it was set
    plan: a PDF without citations: as documented, Converse gives claude-opus-4-6 the extracted text only; visual(true) (`--visual`) or another surface has the pages seen
    ");
    assert_snapshot!(planned(&["--surface", "converse", "--visual", "-f", "a.pdf"]), @"
    POST https://bedrock-runtime.us-east-1.amazonaws.com/model/global.anthropic.claude-opus-4-6-v1/converse-stream
    plan: surface Converse: as it was set
    plan: visual: citations are on for messages.0.content.0, so that Converse shows the pages of PDFs
    ");
}

#[test]
fn a_file_is_called_as_converse_takes_it() {
    let run = |flags: &[&str]| {
        let run = outcrop([&["ask", "--local", "--dry-run", "-f", "folder", "What?"], flags].concat());
        run.file("folder/a.txt", "one").file("folder/a-txt", "two").file("folder/a txt", "three").at_home().shown()
    };
    let shown = run(&["--surface", "converse", "--strict"]);
    assert!(shown.starts_with("exit: 0\n") && !shown.contains("document name"), "{shown}");
    for name in ["folder a txt", "folder a-txt", "folder a txt (2)"] {
        assert!(shown.contains(&format!(r#""name":"{name}""#)), "{name}: {shown}");
    }
    assert!(run(&[]).contains(r#""title":"folder/a.txt""#), "elsewhere it keeps its name");
}

/// What a message calls a surface can be typed.
#[test]
fn a_surface_is_found_by_either_of_its_names() {
    for name in ["messages", "Messages", "MESSAGES"] {
        let shown = planned(&["--surface", name, "-m", "claude-opus-4-8"]);
        assert!(shown.contains("plan: surface Messages: as it was set"), "{shown}");
    }
    let shown = planned(&["--surface", "InvokeModel"]);
    assert!(shown.contains("plan: surface InvokeModel: as it was set"), "{shown}");
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
fn targets_of_failover_are_held_against_what_is_known() {
    assert_snapshot!(outcrop(["ask", "--local", "--failover", "us west 2", "Hello"]).at_home().shown(), @"
    exit: 2
    ----- stderr -----
    error: invalid value 'us west 2' for '--failover <REGION[:SCOPE][@PROFILE]>': `us west 2` is no region: those are made of 1 to 63 of a-z, 0-9 and inner `-`

    For more information, try '--help'.
    ");
    let shown = planned(&["--failover", "mars-north-1,us-west-2:geo"]);
    assert!(shown.contains("plan: failover to mars-north-1: region mars-north-1 is not known"), "{shown}");
    assert!(!shown.contains("failover to us-west-2"), "{shown}");
}

#[test]
fn a_tool_that_another_surface_has_is_not_said_to_be_nowhere() {
    let tools = r#"[{"type": "web_search_20250305", "name": "web_search"}]"#;
    let run = |model: &str, flags: &[&str]| {
        let ask = ["ask", "--local", "--tools", "tools.json", "-m", model, "Hello"];
        outcrop([&ask[..], flags].concat()).file("tools.json", tools).at_home().shown()
    };
    let shown = run("claude-opus-4-8", &["--guardrail", "g1:1"]);
    assert!(
        shown.starts_with("exit: 2\n") && shown.contains("Mantle has them, but Mantle applies no guardrail"),
        "{shown}"
    );
    let shown = run("opus", &[]);
    assert!(shown.contains("Mantle has them, but claude-opus-4-6 is not served on Mantle"), "{shown}");
}

#[test]
fn another_way_in_answers_and_counts() {
    for (surface, counts) in [("invoke", false), ("converse", false), ("messages", false), ("mantle", true)] {
        let ask = |verb: &str, flags: &[&str]| {
            let arguments = [&[verb, "--local", "--surface", surface, "-m", MODEL, "-q"], flags, &["Hello"]];
            outcrop(arguments.concat()).at_home().shown()
        };
        for flags in [&[][..], &["--no-stream"]] {
            let shown = ask("ask", flags);
            assert!(shown.starts_with("exit: 0") && shown.contains(&format!("Model {MODEL}")), "{surface}: {shown}");
        }
        let counted = ask("count", &[]);
        assert_eq!(counted.lines().any(|line| line.parse::<u64>().is_ok()), counts, "{surface}: {counted}");
    }
}

/// By its signature a local Bedrock knows what is meant for Mantle; a bearer key has none, so it has an address of its own.
#[test]
fn with_a_bearer_key_mantle_is_where_its_url_says() {
    let (_server, address) = Running::local(&[]);
    let (url, mantle) = (format!("http://{address}"), format!("http://{address}/mantle"));
    let ask = |flags: &[&str]| {
        outcrop([&["ask", "--surface", "mantle", "-m", MODEL], flags, &["Hello"]].concat())
            .env("AWS_BEARER_TOKEN_BEDROCK", outcrop_local::Account::BEARER_TOKEN)
            .env("AWS_REGION", outcrop_local::REGION)
    };
    let typed = ["--endpoint-url", &url, "--mantle-url", &mantle];
    let variable = |run: Run| run.env("ANTHROPIC_BEDROCK_MANTLE_BASE_URL", format!("{mantle}/anthropic"));
    for shown in [ask(&typed).shown(), variable(ask(&[])).shown()] {
        assert!(shown.starts_with("exit: 0") && shown.contains(&format!("Model {MODEL}")), "{shown}");
    }
    for shown in [ask(&[&typed[..], &["--dry-run"]].concat()).shown(), variable(ask(&["--dry-run"])).shown()] {
        assert!(shown.contains(&format!("POST {mantle}/anthropic/v1/messages\n")), "{shown}");
    }
}

#[test]
fn nothing_leaves_its_residency() {
    let ask = |flags: &[&str]| outcrop([&["ask", "--local", "-q"], flags, &["Hello"]].concat()).at_home().shown();
    assert_snapshot!(ask(&["--residency", "us"]), @"
    exit: 2
    ----- stderr -----
    error: cannot call global.anthropic.claude-opus-4-6-v1 on bedrock-runtime.us-east-1.amazonaws.com: `global.anthropic.claude-opus-4-6-v1` may be processed anywhere, and calls are to stay in geography us
    hint: name the model with a scope that stays there, `us.opus` say, or set that scope (`--scope us`)
    ");
    assert_snapshot!(ask(&["--residency", "us-east-1,us-west-2", "--scope", "us"]), @"
    exit: 2
    ----- stderr -----
    error: cannot call claude-opus-4-6 on bedrock-runtime.us-east-1.amazonaws.com: `us.anthropic.claude-opus-4-6-v1` is processed in us, and calls are to stay in us-east-1, us-west-2
    hint: call the model by its base id: set the scope regional (`--scope regional`)
    ");
    assert_snapshot!(ask(&["--residency", "us", "--scope", "us", "--failover", "eu-west-1"]), @"
    exit: 2
    ----- stderr -----
    error: cannot set up failover: eu-west-1 is processed in eu-west-1, and calls are to stay in geography us
    hint: leave the target out, or widen the residency
    ");
    assert_snapshot!(ask(&["--residency", "mars"]), @"
    exit: 2
    ----- stderr -----
    error: invalid value 'mars' for '--residency <GEOGRAPHY|REGIONS>': `mars` is no region; a residency is one geography (us, eu, ...) or a list of regions

    For more information, try '--help'.
    ");
    for flags in [
        &["--residency", "us", "--scope", "us"][..],
        &["--residency", "us-east-1,us-west-2", "-m", "anthropic.claude-opus-4-8"],
    ] {
        let shown = ask(flags);
        assert!(shown.starts_with("exit: 0"), "{flags:?}: {shown}");
    }
}
