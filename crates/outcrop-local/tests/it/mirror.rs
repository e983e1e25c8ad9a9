//! The mirror: what it calls, thinks and tells.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use outcrop_wire::messages::{Block, Message, StopReason};
use serde_json::{Value, json};

use crate::asking::{PNG, SONNET_4_5, ask, ask_of, body, pdf, saying, with};
use crate::raw::{INVOKE, Request, Signing, local, send};

fn tools() -> Value {
    json!([
        {"name": "get_weather", "input_schema": {"type": "object", "required": ["city", "unit"],
            "properties": {"city": {"type": "string", "minLength": 1}, "unit": {"enum": ["celsius", "kelvin"]}}}},
        {"name": "get_time", "input_schema": {"type": "object"}}
    ])
}

fn calls(message: &Message) -> Vec<(&str, &str)> {
    message.tool_uses().map(|call| (call.name.as_str(), call.input.text())).collect()
}

fn kinds(message: &Message) -> Vec<&str> {
    message.content.iter().map(Block::kind).collect()
}

const WEATHER: (&str, &str) = ("get_weather", r#"{"city":"a","unit":"celsius"}"#);
const TIME: (&str, &str) = ("get_time", "{}");

#[tokio::test]
async fn a_tool_that_the_user_names_is_called() {
    let call = ask(&with(saying("Use get_weather for Oslo"), "tools", tools())).await;
    assert_eq!((kinds(&call), calls(&call)), (vec!["text", "tool_use"], vec![WEATHER]));
    assert_eq!(call.stop_reason, Some(StopReason::ToolUse));
    assert!(call.text().contains("get_weather"), "{}", call.text());

    let both = with(saying("First get_time, then get_weather!"), "tools", tools());
    assert_eq!(calls(&ask(&both).await), [TIME, WEATHER], "in the order of the words");
    let one = with(both.clone(), "tool_choice", json!({"type": "auto", "disable_parallel_tool_use": true}));
    assert_eq!(calls(&ask(&one).await), [TIME]);

    for quiet in [
        with(both, "tool_choice", json!({"type": "none"})),
        with(saying("What is the weather?"), "tools", tools()),
        with(saying("get_weather_now"), "tools", tools()),
    ] {
        let message = ask(&quiet).await;
        assert_eq!((kinds(&message), &message.stop_reason), (vec!["text"], &Some(StopReason::EndTurn)), "{quiet}");
    }
}

#[tokio::test]
async fn a_tool_that_is_named_twice_is_called_twice() {
    let twice = with(saying("get_weather of Oslo, get_time, and Get_Weather of Rome"), "tools", tools());
    let message = ask(&twice).await;
    assert_eq!(calls(&message), [WEATHER, TIME, WEATHER]);
    let ids: std::collections::HashSet<_> = message.tool_uses().map(|call| call.id.as_str()).collect();
    assert_eq!(ids.len(), 3);
    let one = with(twice, "tool_choice", json!({"type": "auto", "disable_parallel_tool_use": true}));
    assert_eq!(calls(&ask(&one).await), [WEATHER]);
}

/// As Claude Code asks; an agent that it starts is asked alike.
#[tokio::test]
async fn what_a_harness_tells_of_its_tools_calls_none() {
    let reminder =
        |text: &str| json!({"type": "text", "text": format!("<system-reminder>\n{text}\n</system-reminder>\n")});
    let asked = |words: &str| {
        let words = json!({"type": "text", "text": words});
        let turns = json!([{"role": "user", "content":
            [reminder("get_time tells the time, get_weather the rest"), reminder("get_time"), words]}]);
        let request = with(with(saying(""), "messages", turns), "tools", tools());
        with(request, "system", json!([{"type": "text", "text": "Use get_time rather than get_weather."}]))
    };
    let message = ask(&asked("Say hello")).await;
    assert_eq!((calls(&message), &message.stop_reason), (vec![], &Some(StopReason::EndTurn)));
    assert_eq!(calls(&ask(&asked("get_weather of Oslo")).await), [WEATHER], "the user's words count, once");
    let forced = with(asked("Say hello"), "tool_choice", json!({"type": "tool", "name": "get_time"}));
    assert_eq!(calls(&ask(&forced).await), [TIME]);
    assert_eq!(calls(&ask(&asked("<system-reminder> is a tag, get_time a tool")).await), [TIME]);
}

#[tokio::test]
async fn a_tool_that_the_system_prompt_names_is_called_where_the_user_names_none() {
    let mut request = with(saying("What is it like in Oslo?"), "tools", tools());
    for system in [json!("Call get_time once."), json!([{"type": "text", "text": "Call `get_time`; get_time alone."}])]
    {
        request["system"] = system;
        let message = ask(&request).await;
        assert_eq!(calls(&message), [TIME]);
        assert!(message.text().contains("system prompt"), "{}", message.text());
    }
    request["messages"][0]["content"] = json!("get_weather?");
    assert_eq!(calls(&ask(&request).await), [WEATHER], "the user's words count first");
    request["messages"] = json!([
        {"role": "user", "content": "The time?"},
        {"role": "assistant", "content": [{"type": "tool_use", "id": "toolu_1", "name": "get_time", "input": {}}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "toolu_1", "content": "noon"}]}
    ]);
    assert_eq!(calls(&ask(&request).await), [], "not after its result");
}

#[tokio::test]
async fn json_output_holds_what_descriptions_tell() {
    let schema = json!({"type": "object", "additionalProperties": false, "required": ["age"], "properties": {
        "age": {"type": "integer", "description": "In years.\n\n{minimum: 18, maximum: 99}"}}});
    let format = json!({"format": {"type": "json_schema", "schema": schema}});
    assert_eq!(ask(&with(saying("Who?"), "output_config", format)).await.text(), r#"{"age":18}"#);
}

#[tokio::test]
async fn a_forced_call_is_all_that_comes() {
    let base = with(saying("get_time and get_weather"), "tools", tools());
    for (choice, expected) in [
        (json!({"type": "any"}), vec![TIME, WEATHER]),
        (json!({"type": "any", "disable_parallel_tool_use": true}), vec![TIME]),
        (json!({"type": "tool", "name": "get_weather"}), vec![WEATHER]),
    ] {
        let message = ask(&with(base.clone(), "tool_choice", choice)).await;
        assert_eq!(calls(&message), expected);
        assert_eq!(kinds(&message).len(), expected.len(), "no text before");
    }
    let unnamed = with(with(saying("Hello"), "tools", tools()), "tool_choice", json!({"type": "any"}));
    assert_eq!(calls(&ask(&unnamed).await), [WEATHER], "the first");
    let thinking = with(unnamed.clone(), "thinking", json!({"type": "adaptive"}));
    assert_eq!(kinds(&ask(&thinking).await), ["tool_use"], "adaptive thinking gives way");
    let cut = with(unnamed, "max_tokens", json!(3));
    let message = ask(&cut).await;
    assert_eq!((message.content.len(), message.stop_reason), (0, Some(StopReason::MaxTokens)));
    assert_eq!(message.usage.output_tokens, 3);
}

#[tokio::test]
async fn a_result_is_told_and_nothing_is_called_again() {
    let message = ask(&body(json!({"tools": tools(), "messages": [
        {"role": "user", "content": "Use get_weather"},
        {"role": "assistant", "content": [{"type": "tool_use", "id": "toolu_1", "name": "get_weather", "input": {}}]},
        {"role": "user", "content": [
            {"type": "tool_result", "tool_use_id": "toolu_1", "content": "21 degrees"},
            {"type": "text", "text": "And get_weather again?"}]}
    ]})))
    .await;
    assert_eq!((kinds(&message), message.stop_reason.clone()), (vec!["text"], Some(StopReason::EndTurn)));
    assert!(message.text().contains("[result of get_weather] 21 degrees"), "{}", message.text());
}

#[tokio::test]
async fn tools_that_anthropic_defined_are_called_with_what_only_looks() {
    let tools = json!([
        {"type": "bash_20250124", "name": "bash"},
        {"type": "text_editor_20250728", "name": "str_replace_based_edit_tool"},
        {"type": "computer_20250124", "name": "computer", "display_width_px": 800, "display_height_px": 600},
        {"type": "memory_20250818", "name": "memory"}
    ]);
    let text = "Try bash, str_replace_based_edit_tool, computer and memory";
    let mut request = with(saying(text), "tools", tools);
    request["anthropic_beta"] = json!(["computer-use-2025-01-24", "context-management-2025-06-27"]);
    let message = ask_of(SONNET_4_5, &with(request, "tool_choice", json!({"type": "auto"}))).await;
    assert_eq!(
        calls(&message),
        [
            ("bash", r#"{"command":"pwd"}"#),
            ("str_replace_based_edit_tool", r#"{"command":"view","path":"."}"#),
            ("computer", r#"{"action":"screenshot"}"#),
            ("memory", r#"{"command":"view","path":"/memories"}"#),
        ]
    );
}

#[tokio::test]
async fn a_deferred_tool_is_searched_before_it_is_called() {
    let mut request = with(saying("Use get_time"), "tools", tools());
    request["tools"][1]["defer_loading"] = json!(true);
    let search = json!({"type": "tool_search_tool_regex_20251119", "name": "tool_search_tool_regex"});
    request["tools"].as_array_mut().unwrap().push(search);
    request["anthropic_beta"] = json!(["tool-search-tool-2025-10-19"]);
    let found = ask_of(SONNET_4_5, &request).await;
    assert_eq!(kinds(&found), ["text", "server_tool_use", "tool_search_tool_result", "text", "tool_use"]);
    let content = serde_json::to_value(&found.content).unwrap();
    assert_eq!(content[1]["input"], json!({"pattern": "get_time"}));
    assert_eq!(content[2]["tool_use_id"], content[1]["id"]);
    assert_eq!(content[2]["content"]["tool_references"], json!([{"type": "tool_reference", "tool_name": "get_time"}]));
    request["messages"] = json!([
        {"role": "user", "content": "Use get_time"},
        {"role": "assistant", "content": content.as_array().unwrap()[..3]},
        {"role": "user", "content": "Once more get_time"}
    ]);
    assert_eq!(kinds(&ask_of(SONNET_4_5, &request).await), ["text", "tool_use"], "it was found before");
}

#[tokio::test]
async fn an_answer_that_must_match_a_schema_is_an_instance_of_it() {
    let schema = json!({"type": "object", "additionalProperties": false, "required": ["email", "age"], "properties": {
        "name": {"type": "string"}, "email": {"type": "string", "format": "email"}, "age": {"type": "integer"}}});
    let format = json!({"format": {"type": "json_schema", "schema": schema}});
    let message = ask(&with(saying("Who?"), "output_config", format)).await;
    assert_eq!(message.stop_reason, Some(StopReason::EndTurn));
    let value: Value = serde_json::from_str(&message.text()).unwrap();
    assert_eq!(value, json!({"email": "a@example.com", "age": 0}));
}

#[tokio::test]
async fn thinking_is_shown_or_kept_and_signed_either_way() {
    for (thinking, shown) in [
        (json!({"type": "enabled", "budget_tokens": 1024}), true),
        (json!({"type": "enabled", "budget_tokens": 1024, "display": "omitted"}), false),
        (json!({"type": "adaptive", "display": "summarized"}), true),
        (json!({"type": "adaptive", "display": "omitted"}), false),
    ] {
        let message = ask(&with(saying("Hello"), "thinking", thinking)).await;
        let [Block::Thinking(thought), Block::Text(_)] = &message.content[..] else { panic!("{message:?}") };
        assert_eq!(!thought.thinking.is_empty(), shown);
        assert!(thought.signature.as_ref().is_some_and(|signature| !signature.is_empty()));
    }
    let hidden = "ANTHROPIC_MAGIC_STRING_TRIGGER_REDACTED_THINKING_46C9A13E193C177646C7398A98432ECCCE4C1253D5E2D82641AC0E52CC2876CB";
    let message = ask(&with(saying(hidden), "thinking", json!({"type": "enabled", "budget_tokens": 1024}))).await;
    assert_eq!(kinds(&message), ["redacted_thinking", "text"]);
    assert_eq!(kinds(&ask(&saying(hidden)).await), ["text"], "only where thinking is on");
}

#[tokio::test]
async fn images_and_pdfs_are_told_by_what_they_are() {
    let image =
        |media_type| json!({"type": "image", "source": {"type": "base64", "media_type": media_type, "data": PNG}});
    let report = json!({"type": "document", "title": "Report", "source": {"type": "base64",
        "media_type": "application/pdf", "data": pdf("Third quarter", &["Revenue grew.", "Costs did not."])}});
    let broken = json!({"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0xLjQK"}});
    let message = ask(&saying(json!([image("image/png"), report, broken, {"type": "text", "text": "Read"}]))).await;
    let text = message.text();
    for line in [
        "[image, image/png, 1 x 1 pixels, 69 bytes]\n",
        "[document \"Report\", PDF, 2 pages, titled \"Third quarter\", ",
        ": Revenue grew.]\n",
        "[document, application/pdf, 9 bytes, it cannot be read: ",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    // A page more costs what a page costs, a picture by its pixels.
    let tokens = async |content: Value| ask(&saying(content)).await.usage.input_tokens;
    let page = |pages: &[&str]| json!([{"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": pdf("t", pages)}}]);
    assert_eq!(tokens(page(&["abcd", "abcd"])).await - tokens(page(&["abcd"])).await, 1501);
    assert_eq!(tokens(json!([image("image/png")])).await, tokens(json!([{"type": "text", "text": "a"}])).await);

    let earlier = ask(&body(json!({"messages": [
        {"role": "user", "content": [image("image/png")]},
        {"role": "assistant", "content": "Seen"},
        {"role": "user", "content": "Thanks"}
    ]})))
    .await;
    assert!(earlier.text().contains("\n\nEarlier turns hold:\n[image, image/png, 1 x 1 "), "{}", earlier.text());
}

#[tokio::test]
async fn no_pdf_is_too_broken_to_be_told_about() {
    let whole = STANDARD.decode(pdf("Title", &["One page.", "And another."])).unwrap();
    let mut random = fastrand::Rng::with_seed(7);
    let local = local();
    let (mut read, mut unread) = (0, 0);
    for _ in 0..300 {
        let mut bytes = whole.clone();
        for _ in 0..random.usize(1..12) {
            let at = random.usize(8..bytes.len());
            match random.u8(..3) {
                0 => bytes[at] = random.u8(..),
                1 => bytes[at] = b'0' + random.u8(..10),
                _ => drop(bytes.drain(at..(at + random.usize(1..60)).min(bytes.len()))),
            }
        }
        let source = json!({"type": "base64", "media_type": "application/pdf", "data": STANDARD.encode(&bytes)});
        let document = json!([{"type": "document", "source": source, "citations": {"enabled": true}}]);
        let request = Request::post(INVOKE, saying(document).to_string()).signed(&Signing::default());
        let response = send(&local, &request).await;
        assert_eq!(response.status, 200, "{}", response.text());
        match response.text().contains("[document, PDF, ") {
            true => read += 1,
            false => unread += 1,
        }
    }
    assert!(read > 0 && unread > 0, "{read} read, {unread} not");
}
