//! The flags of a request: where each of them goes, and what is said about values that make no sense.

use insta::assert_snapshot;

use crate::program::outcrop;

/// The body that would be sent.
fn body(arguments: &[&str]) -> String {
    let run = outcrop([&["ask", "--local", "--dry-run", "-q"], arguments, &["Hello"]].concat());
    let shown = run.file("tools.json", TOOLS).at_home().shown();
    shown.lines().last().unwrap_or_default().to_owned()
}

const TOOLS: &str = r#"[{"name":"weather","description":"The weather","input_schema":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}}]"#;

#[test]
fn each_flag_has_its_place_in_the_request() {
    assert_snapshot!(body(&["--thinking", "2000"]), @r#"{"anthropic_version":"bedrock-2023-05-31","max_tokens":6096,"messages":[{"role":"user","content":"Hello"}],"thinking":{"type":"enabled","budget_tokens":2000}}"#);
    assert_snapshot!(body(&["--thinking", "adaptive", "--effort", "high"]), @r#"{"anthropic_version":"bedrock-2023-05-31","max_tokens":4096,"messages":[{"role":"user","content":"Hello"}],"thinking":{"type":"adaptive"},"output_config":{"effort":"high"}}"#);
    assert_snapshot!(body(&["--thinking", "off", "--max-tokens", "10"]), @r#"{"anthropic_version":"bedrock-2023-05-31","max_tokens":10,"messages":[{"role":"user","content":"Hello"}],"thinking":{"type":"disabled"}}"#);
    assert_snapshot!(body(&["--stop", "END", "--stop", "STOP"]), @r#"{"anthropic_version":"bedrock-2023-05-31","max_tokens":4096,"messages":[{"role":"user","content":"Hello"}],"stop_sequences":["END","STOP"]}"#);
    assert_snapshot!(body(&["--temperature", "0.5"]), @r#"{"anthropic_version":"bedrock-2023-05-31","max_tokens":4096,"messages":[{"role":"user","content":"Hello"}],"temperature":0.5}"#);
    assert_snapshot!(body(&["--tools", "tools.json", "--tool-choice", "weather"]), @r#"{"anthropic_version":"bedrock-2023-05-31","max_tokens":4096,"messages":[{"role":"user","content":"Hello"}],"tools":[{"name":"weather","description":"The weather","input_schema":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}}],"tool_choice":{"type":"tool","name":"weather"}}"#);
    assert_snapshot!(body(&["--beta", "some-beta-2026-01-01"]), @r#"{"anthropic_version":"bedrock-2023-05-31","max_tokens":4096,"messages":[{"role":"user","content":"Hello"}]}"#);
}

#[test]
fn checkpoints_stand_after_the_system_prompt_and_after_the_last_file() {
    assert_snapshot!(body(&["--cache", "-s", "Be brief"]), @r#"{"anthropic_version":"bedrock-2023-05-31","max_tokens":4096,"system":[{"type":"text","text":"Be brief","cache_control":{"type":"ephemeral"}}],"messages":[{"role":"user","content":[{"type":"text","text":"Hello","cache_control":{"type":"ephemeral"}}]}]}"#);
    assert_snapshot!(body(&["--cache=1h", "--tools", "tools.json", "-f", "tools.json"]), @r#"{"anthropic_version":"bedrock-2023-05-31","max_tokens":4096,"messages":[{"role":"user","content":[{"type":"document","source":{"type":"text","media_type":"text/plain","data":"[{\"name\":\"weather\",\"description\":\"The weather\",\"input_schema\":{\"type\":\"object\",\"properties\":{\"city\":{\"type\":\"string\"}},\"required\":[\"city\"]}}]"},"title":"tools.json","cache_control":{"type":"ephemeral","ttl":"1h"}},{"type":"text","text":"Hello"}]}],"tools":[{"name":"weather","description":"The weather","input_schema":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]},"cache_control":{"type":"ephemeral","ttl":"1h"}}]}"#);
}

#[test]
fn calls_of_tools_are_printed_as_json() {
    let run = outcrop(["ask", "--local", "-q", "--tools", "tools.json", "--tool-choice", "any", "Weather in Oslo?"]);
    let shown = run.file("tools.json", TOOLS).at_home().shown();
    let call = shown.lines().last().unwrap_or_default();
    let call: serde_json::Value = serde_json::from_str(call).unwrap_or_else(|_| panic!("{shown}"));
    assert_eq!((&call["type"], &call["name"]), (&"tool_use".into(), &"weather".into()), "{shown}");
    assert!(call["input"]["city"].is_string() && call["id"].is_string(), "{shown}");
}

#[test]
fn a_file_of_tools_that_holds_none_is_told() {
    let run = |text: &str| {
        outcrop(["ask", "--local", "--tools", "tools.json", "Hello"]).file("tools.json", text).at_home().shown()
    };
    assert_snapshot!(run("{"), @r#"
    exit: 2
    ----- stderr -----
    error: cannot read the tools in tools.json: no array of tools: invalid type: map, expected a sequence at line 1 column 0
    hint: [{"name": "weather", "description": "...", "input_schema": {"type": "object"}}]
    "#);
    assert_snapshot!(run("[]"), @r#"
    exit: 2
    ----- stderr -----
    error: cannot read the tools in tools.json: there is none
    hint: [{"name": "weather", "description": "...", "input_schema": {"type": "object"}}]
    "#);
    assert_snapshot!(outcrop(["ask", "--local", "--tools", "missing", "Hello"]).at_home().shown(), @"
    exit: 2
    ----- stderr -----
    error: cannot read the tools in missing: No such file or directory (os error 2)
    ");
}

#[test]
fn each_event_may_be_had_as_a_line_of_json() {
    let output = outcrop(["ask", "--local", "-q", "--stream-json", "Hello"]).output();
    assert!(output.status.success() && output.stderr.is_empty());
    let events: Vec<serde_json::Value> =
        output.stdout.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect();
    let kinds: Vec<&str> = events.iter().filter_map(|event| event["type"].as_str()).collect();
    assert_eq!((kinds.first(), kinds.last()), (Some(&"message_start"), Some(&"message_stop")), "{kinds:?}");
    let text: String = events.iter().filter_map(|event| event["delta"]["text"].as_str()).collect();
    assert!(text.contains("\n\nHello\n\n"), "{text}");
}

#[test]
fn values_that_make_no_sense_are_refused() {
    for (flags, word) in [
        (&["--thinking", "much"][..], "neither a number of tokens nor `adaptive` or `off`"),
        (&["--thinking", "0"], "neither a number of tokens"),
        (&["--thinking", "-1"], "neither a number of tokens"),
        (&["--effort", "immense"], "possible values: low, medium, high, xhigh, max"),
        (&["--temperature", "2"], "not a number from 0 to 1"),
        (&["--temperature", "-1"], "not a number from 0 to 1"),
        (&["--top-p", "NaN"], "not a number from 0 to 1"),
        (&["--cache=2h"], "possible values: 5m, 1h"),
        (&["--stop", ""], "a value is required"),
        (&["--tool-choice", "any"], "--tools <FILE>"),
        (&["--stream-json", "--json"], "cannot be used with"),
        (&["--stream-json", "--no-stream"], "cannot be used with"),
        (&["--schema", "a", "--tools", "b"], "cannot be used with"),
    ] {
        let output = outcrop([&["ask", "--local"], flags, &["Hello"]].concat()).output();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{flags:?}");
        assert!(stderr.contains(word), "{stderr}");
    }
}

#[test]
fn what_a_model_does_not_take_is_left_out_and_told() {
    let run = |flags: &[&str]| outcrop([&["ask", "--local", "-q"], flags, &["Hello"]].concat()).shown();
    let told = |shown: &str, word: &str| shown.lines().any(|line| line.starts_with("warning: ") && line.contains(word));
    let shown = run(&["-m", "claude-opus-4-7", "--temperature", "0.5"]);
    assert!(shown.starts_with("exit: 0\n") && told(&shown, "temperature: left out"), "{shown}");
    let shown = run(&["-m", "haiku", "--effort", "low"]);
    assert!(shown.starts_with("exit: 0\n") && told(&shown, "effort: left out"), "{shown}");
    assert!(!told(&run(&["--temperature", "0.5"]), ""), "nothing is told where nothing is left out");
    let shown = run(&["-m", "haiku", "--effort", "low", "--strict"]);
    assert!(shown.starts_with("exit: 2\n") && shown.contains("it cannot be sent as it is: effort"), "{shown}");
}

#[test]
fn the_long_window_is_one_switch() {
    let run = |model: &str| outcrop(["ask", "--local", "-q", "--1m", "-m", model, "Hello"]).shown();
    assert!(run("opus").starts_with("exit: 0\n"));
    let shown = run("haiku");
    assert!(shown.starts_with("exit: 2\n") && shown.contains("has no window of a million tokens"), "{shown}");
}

#[test]
fn hints_speak_of_flags() {
    let shown = outcrop(["ask", "--local", "-m", "haiku", "--1m", "Hello"]).shown();
    assert!(shown.contains("hint: leave out --1m, or take one that has: "), "{shown}");
    let strict = ["ask", "--local", "--strict", "--temperature", "1", "--top-p", "0.5", "Hello"];
    let shown = outcrop(strict).shown();
    assert!(shown.contains("hint: change the request, or leave out --strict to have it adjusted"), "{shown}");
}

#[test]
fn what_models_take_can_be_told() {
    let rows = r#"[{"model": "claude-opus-4-6", "surface": "InvokeModel", "key": "output.max", "value": "100"}]"#;
    let run =
        outcrop(["ask", "--local", "-q", "--capabilities", "rows.json", "Hello"]).file("rows.json", rows).at_home();
    assert_snapshot!(run.shown(), @"
    exit: 0
    ----- stdout -----
    This is Outcrop's local engine, not Claude. It received:

    Hello

    Model claude-opus-4-6, scope global, region us-east-1, 1 turn, at most 100 tokens.
    ----- stderr -----
    warning: max_tokens: 4096 made 100, the most that claude-opus-4-6 takes on InvokeModel
    ");
    let wrong = outcrop(["ask", "--local", "--capabilities", "rows.json", "Hello"]).file("rows.json", "[").at_home();
    assert_snapshot!(wrong.shown(), @"
    exit: 2
    ----- stderr -----
    error: cannot read the capabilities in rows.json: EOF while parsing a list at line 1 column 1
    ");
    assert_snapshot!(outcrop(["ask", "--local", "--capabilities", "/none", "Hello"]).shown(), @"
    exit: 2
    ----- stderr -----
    error: cannot read the capabilities in /none: No such file or directory (os error 2)
    ");
}

#[test]
fn how_a_call_is_handled_is_said_in_headers_and_the_answer_says_what_was_done() {
    let flags = [
        "--guardrail",
        "arn:aws:bedrock:us-east-1:123456789012:guardrail/abc:DRAFT",
        "--tier",
        "flex",
        "--latency",
        "optimized",
        "--metadata",
        "team=a=b",
        "--metadata",
        "empty=",
    ];
    let shown = outcrop([&["ask", "--local", "--dry-run", "-q", "Hello"][..], &flags].concat()).shown();
    for header in [
        "x-amzn-bedrock-guardrailidentifier: arn:aws:bedrock:us-east-1:123456789012:guardrail/abc\n",
        "x-amzn-bedrock-guardrailversion: DRAFT\n",
        "x-amzn-bedrock-service-tier: flex\n",
        "x-amzn-bedrock-performanceconfig-latency: optimized\n",
        "x-amzn-bedrock-request-metadata: {\"empty\":\"\",\"team\":\"a=b\"}\n",
    ] {
        assert!(shown.contains(header), "{header}{shown}");
    }
    let shown = outcrop([&["ask", "--local", "-v", "Hello"][..], &flags].concat()).shown();
    assert!(shown.contains("served with tier flex\nserved with latency optimized\n"), "{shown}");
    assert!(
        shown.contains("no guardrails: arn:aws:bedrock:us-east-1:123456789012:guardrail/abc was not applied"),
        "{shown}"
    );
    let chat = outcrop(["chat", "--local", "--no-save", "-v", "--tier", "priority"]).input("Hello\n").shown();
    assert!(chat.contains("served with tier priority\n"), "{chat}");
}

#[test]
fn a_label_has_one_value() {
    let shown = outcrop(["ask", "--local", "Hello", "--metadata", "a=b", "--metadata", "a=c"]).shown();
    assert_snapshot!(shown, @"
    exit: 2
    ----- stderr -----
    error: --metadata: `a` was given twice
    hint: a label has one value: leave one of them out
    ");
}

#[test]
fn a_call_that_cannot_be_handled_so_is_not_sent() {
    for (flag, value, why) in [
        ("--guardrail", "abc", "not `ID:VERSION`"),
        ("--guardrail", "arn:aws:bedrock:us-east-1:123456789012:guardrail/abc", "not `ID:VERSION`"),
        ("--guardrail", ":1", "not `ID:VERSION`"),
        ("--tier", "turbo", "[possible values: priority, default, flex, reserved]"),
        ("--latency", "fast", "[possible values: standard, optimized]"),
        ("--metadata", "team", "not `NAME=VALUE`"),
        ("--metadata", "team=!", "letters other than"),
        ("--guardrail", "ABC def:1", "no blanks among them"),
    ] {
        let shown = outcrop(["ask", "--local", "Hello", flag, value]).shown();
        assert!(shown.starts_with("exit: 2\n") && shown.contains(why), "{flag} {value}: {shown}");
    }
}
