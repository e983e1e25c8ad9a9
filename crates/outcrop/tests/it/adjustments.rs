//! What a model does not take is translated, left out with a note, or refused: by the capability table.

use outcrop::{CacheControl, Client, CustomTool, Delivery, Effort, Json, Kind, Message, MessageRequest, OutputFormat};
use outcrop::{Surroundings, Thinking, Tool, ToolChoice, Ttl};
use outcrop_local::Local;
use serde_json::{Value, json};

use crate::clients::client_in;

async fn client() -> Client {
    client_in("us-west-2", &Local::new()).await
}

/// The body that would be sent, and the names of what was adjusted in meaning.
async fn sent(request: &MessageRequest) -> outcrop::Result<(Value, Vec<String>)> {
    let dry = client().await.messages().dry_run(request, Delivery::Unary).await?;
    let adjusted = dry
        .plan
        .edits
        .iter()
        .filter(|adjustment| !matches!(adjustment.change, outcrop::Change::Placed | outcrop::Change::Told));
    let names = adjusted.map(|adjustment| adjustment.name.to_owned()).collect();
    Ok((serde_json::from_slice(&dry.body).unwrap(), names))
}

fn ask(model: &str) -> MessageRequest {
    MessageRequest::new(model, 4000).user("Hello")
}

fn object() -> Json {
    Json::from_text(r#"{"type":"object"}"#).unwrap()
}

fn tool() -> CustomTool {
    CustomTool::new("look", "Looks", object())
}

fn strict() -> CustomTool {
    CustomTool { strict: Some(true), ..tool() }
}

#[tokio::test]
async fn adjustments() {
    let eager = CustomTool { eager_input_streaming: Some(true), ..tool() };
    let old_bash: Tool = serde_json::from_value(json!({"type":"bash_20241022","name":"bash"})).unwrap();
    let cases: Vec<(&str, MessageRequest, Vec<&str>, Value)> = vec![
        (
            "sampling on a model that has none",
            ask("claude-opus-4-8").temperature(0.2).top_k(3),
            vec!["sampling", "sampling"],
            json!({"temperature": null, "top_k": null}),
        ),
        (
            "temperature and top_p on one that takes either",
            ask("opus").temperature(0.2).top_p(0.5),
            vec!["sampling"],
            json!({"temperature": 0.2, "top_p": null}),
        ),
        (
            "both where both are taken",
            ask("claude-sonnet-4").temperature(0.2).top_p(0.5),
            vec![],
            json!({"top_p": 0.5}),
        ),
        (
            "a budget on a model that decides itself",
            ask("claude-opus-4-7").thinking(Thinking::budget(2000)),
            vec!["thinking"],
            json!({"thinking": {"type": "adaptive"}}),
        ),
        (
            "adaptive thinking on one that takes budgets",
            ask("haiku").thinking(Thinking::adaptive()),
            vec!["thinking"],
            json!({"thinking": {"type": "enabled", "budget_tokens": 2000}}),
        ),
        (
            "no thinking on one that always thinks",
            ask("claude-opus-5-5").thinking(Thinking::disabled()),
            vec!["thinking"],
            json!({"thinking": null}),
        ),
        (
            "effort with its beta",
            ask("claude-opus-4-5").effort(Effort::Max),
            vec!["effort"],
            json!({"output_config": {"effort": "high"}, "anthropic_beta": ["effort-2025-11-24"]}),
        ),
        (
            "effort where there is none",
            ask("haiku").effort(Effort::Low),
            vec!["effort"],
            json!({"output_config": null}),
        ),
        (
            "strict tools of a newer model",
            ask("claude-opus-4-8").tool(tool().strict(true)),
            vec!["tools.strict"],
            json!({"tools": [{"name": "look", "description": "Looks", "input_schema": {"type": "object"}}]}),
        ),
        (
            "eager streaming is a beta here",
            ask("claude-sonnet-4-5").tool(eager),
            vec!["tools.eager"],
            json!({
                "tools": [{"name": "look", "description": "Looks", "input_schema": {"type": "object"}}],
                "anthropic_beta": ["fine-grained-tool-streaming-2025-05-14"]
            }),
        ),
        (
            "old versions of tools, and the betas of new ones",
            ask("opus").tool(old_bash).tool(Tool::computer(100, 80)),
            vec!["tools.version"],
            json!({
                "tools": [
                    {"type": "bash_20250124", "name": "bash"},
                    {"type": "computer_20251124", "name": "computer", "display_width_px": 100, "display_height_px": 80}
                ],
                "anthropic_beta": ["computer-use-2025-11-24"]
            }),
        ),
        (
            "a forced tool where none can be forced",
            ask("claude-fable-5-1").tool(tool()).tool_choice(ToolChoice::any()),
            vec!["tool_choice"],
            json!({"tool_choice": {"type": "auto"}}),
        ),
        (
            "a newer tool where there is an older one",
            ask("haiku").tool(Tool::computer(100, 80)),
            vec!["tools.version", "tools.version"],
            json!({
                "tools": [
                    {"type": "computer_20250124", "name": "computer", "display_width_px": 100, "display_height_px": 80}
                ],
                "anthropic_beta": ["computer-use-2025-01-24"]
            }),
        ),
        (
            "what a tool needs goes out, known or not",
            ask("claude-opus-5").tool(Tool::computer(100, 80)).tool(Tool::memory()),
            vec![],
            json!({"anthropic_beta": ["computer-use-2025-11-24", "context-management-2025-06-27"]}),
        ),
        (
            "what an edit of the context needs",
            ask("opus")
                .context_management(serde_json::from_value(json!({"edits": [{"type": "compact_20260112"}]})).unwrap()),
            vec![],
            json!({"anthropic_beta": ["compact-2026-01-12"]}),
        ),
        (
            "sampling while it thinks",
            ask("claude-sonnet-4").thinking(Thinking::budget(2000)).temperature(0.5).top_k(3).top_p(0.99),
            vec!["sampling", "sampling"],
            json!({"temperature": null, "top_k": null, "top_p": 0.99}),
        ),
        (
            "a budget of a whole turn",
            ask("claude-sonnet-4-5").thinking(Thinking::budget(8000)).beta("interleaved-thinking-2025-05-14"),
            vec![],
            json!({"max_tokens": 4000, "thinking": {"type": "enabled", "budget_tokens": 8000}}),
        ),
        (
            "a budget above what is generated at most",
            MessageRequest::new("haiku", 100_000).user("x").thinking(Thinking::budget(90_000)),
            vec!["max_tokens", "thinking"],
            json!({"max_tokens": 64_000, "thinking": {"type": "enabled", "budget_tokens": 32_000}}),
        ),
        (
            "too many tokens",
            MessageRequest::new("haiku", 100_000).user("x"),
            vec!["max_tokens"],
            json!({"max_tokens": 64_000}),
        ),
        (
            "betas: translated, left out, kept",
            ask("claude-opus-4-5")
                .beta("advanced-tool-use-2025-11-20")
                .beta("skills-2025-10-02")
                .beta("effort-2025-11-24"),
            vec!["betas", "betas"],
            json!({"anthropic_beta": ["tool-search-tool-2025-10-19", "tool-examples-2025-10-29", "effort-2025-11-24"]}),
        ),
        (
            "a checkpoint for whatever comes last",
            MessageRequest { cache_control: Some(CacheControl::ephemeral()), ..ask("opus") },
            vec![],
            json!({"cache_control": null, "messages": [{"role": "user", "content": [
                {"type": "text", "text": "Hello", "cache_control": {"type": "ephemeral"}}
            ]}]}),
        ),
        (
            "an hour where five minutes are the most",
            ask("claude-sonnet-4").tool(tool().cache(CacheControl::lasting(Ttl::OneHour))),
            vec!["cache.ttl"],
            json!({"tools": [{"name": "look", "description": "Looks", "input_schema": {"type": "object"},
                "cache_control": {"type": "ephemeral"}}]}),
        ),
        (
            "an hour for whatever comes last, where five minutes are the most",
            ask("claude-sonnet-4").cache(Ttl::OneHour),
            vec!["cache.ttl"],
            json!({"cache_control": null, "messages": [{"role": "user", "content": [
                {"type": "text", "text": "Hello", "cache_control": {"type": "ephemeral"}}
            ]}]}),
        ),
        (
            "strict, of the second tool",
            ask("claude-opus-4-8").tool(CustomTool::new("plain", "Is plain", object())).tool(strict()),
            vec!["tools.strict"],
            json!({"tools": [
                {"name": "plain", "description": "Is plain", "input_schema": {"type": "object"}},
                {"name": "look", "description": "Looks", "input_schema": {"type": "object"}}
            ]}),
        ),
        (
            "members of Anthropic's own API",
            MessageRequest { service_tier: Some("auto".into()), ..ask("opus") },
            vec!["members"],
            json!({"service_tier": null}),
        ),
        (
            "a million tokens by a flag",
            ask("claude-sonnet-4-5").context_1m(),
            vec![],
            json!({"anthropic_beta": ["context-1m-2025-08-07"]}),
        ),
        ("a million tokens by itself", ask("claude-opus-4-8").context_1m(), vec![], json!({"anthropic_beta": null})),
        (
            "nothing is known of an unknown model",
            ask("anthropic.claude-nova-9").temperature(0.5).top_p(0.5).beta("x").effort(Effort::Max),
            vec![],
            json!({"temperature": 0.5, "top_p": 0.5, "anthropic_beta": ["x"], "output_config": {"effort": "max"}}),
        ),
    ];
    for (what, request, names, expected) in cases {
        let (body, adjusted) = sent(&request).await.unwrap_or_else(|error| panic!("{what}: {error}"));
        assert_eq!(adjusted, names, "{what}");
        for (member, value) in expected.as_object().unwrap() {
            assert_eq!(body.get(member).unwrap_or(&Value::Null), value, "{what}: {member}");
        }
    }
}

#[tokio::test]
async fn refusals_say_what_to_do() {
    let schema = OutputFormat::json_schema(Json::from_text(r#"{"type":"object"}"#).unwrap());
    let search: Tool = serde_json::from_value(json!({"type":"web_search_20250305","name":"web_search"})).unwrap();
    for (request, why, hint) in [
        (ask("claude-opus-4-8").output_format(schema), "does not take output_config.format", "parse"),
        (ask("opus").tool(search), "web_search_20250305", "define a tool of your own"),
        (ask("haiku").context_1m(), "no window of a million tokens", "claude-opus-4-6"),
        (ask("haiku").thinking(Thinking::budget(4000)), "nothing would be left", "above the budget"),
        (ask("haiku").thinking(Thinking::budget(100)), "the smallest is 1024", "raise"),
        (
            ask("haiku").thinking(Thinking::budget(2000)).tool(tool()).tool_choice(ToolChoice::any()),
            "a tool cannot be forced while",
            "tool_choice to auto",
        ),
        (ask("sonnet[1m]"), "is no model id", "context_1m"),
        (MessageRequest { inference_geo: Some("eu".into()), ..ask("opus") }, "`inference_geo`", "scope"),
    ] {
        let error = sent(&request).await.expect_err(why);
        assert_eq!(error.kind(), Kind::Invalid);
        assert!(error.to_string().contains(why), "{error}");
        assert!(error.hint().is_some_and(|text| text.contains(hint)), "{:?}", error.hint());
    }
}

#[tokio::test]
async fn strict_clients_send_it_as_it_is_or_not_at_all() {
    let strict = client().await.with_options(outcrop::CallOptions::new().strict(true));
    let adjusted = ask("claude-opus-4-8").temperature(0.2);
    let error = strict.messages().create(&adjusted).await.expect_err("refused");
    assert!(error.to_string().contains("temperature: left out"), "{error}");
    let reply = strict.messages().create(&ask("opus")).await.unwrap();
    assert!(!reply.text().is_empty());
    let lenient = outcrop::CallOptions::new().strict(false);
    let reply = strict.messages().with(lenient).create(&adjusted).await.unwrap();
    assert_eq!(reply.meta.adjustments.iter().filter(|adjustment| adjustment.name == "sampling").count(), 1);
}

#[tokio::test]
async fn rows_of_the_callers_own_come_from_a_file() {
    let rows = r#"[{"model":"claude-opus-4-8","surface":"InvokeModel","key":"sampling","value":"free"}]"#;
    let build = |text: &'static str| {
        let surroundings = Surroundings::made_up([("OUTCROP_CAPABILITIES", "/rows.json")], [("/rows.json", text)]);
        Client::builder().surroundings(surroundings).access_key("AKID", "secret").region("us-west-2").build()
    };
    let client = build(rows).await.unwrap();
    assert!(client.reasons().any(|reason| reason.contains("/rows.json")));
    let dry = client.messages().dry_run(&ask("claude-opus-4-8").temperature(0.5), Delivery::Unary).await.unwrap();
    let body: Value = serde_json::from_slice(&dry.body).unwrap();
    assert_eq!(body["temperature"], 0.5);
    for wrong in
        ["[", r#"[{"model":"*","surface":"InvokeModel","key":"colour","value":"x"}]"#, r#"[{"model":"*","colour":1}]"#]
    {
        let error = build(wrong).await.expect_err(wrong);
        assert!(error.to_string().contains("/rows.json"), "{error}");
    }
}

#[tokio::test]
async fn tokens_are_counted() {
    let client = client().await;
    let request = ask("us.anthropic.claude-opus-4-6-v1").system("Be brief.");
    let count = client.messages().count_tokens(&request).await.unwrap();
    let reply: outcrop::Response<Message> = client.messages().create(&request).await.unwrap();
    assert_eq!(count.input_tokens, reply.usage.total_input());
    assert!(count.meta.header("x-outcrop-warning").is_some_and(|text| text.contains("estimate")));
    let here = client.messages().with(outcrop::CallOptions::new().surface(outcrop::Surface::InvokeModel));
    let error = here.count_tokens(&ask("claude-opus-4-8")).await.expect_err("not counted for");
    assert!(error.to_string().contains("does not count tokens of claude-opus-4-8 on InvokeModel"), "{error}");
    assert_eq!(error.hint(), Some("choose another surface: auto, mantle"));
}

#[tokio::test]
async fn beta_flags_of_headers_travel_in_the_body() {
    let header = outcrop::http::HeaderName::from_static("anthropic-beta");
    let flags = outcrop::http::HeaderValue::from_static("effort-2025-11-24, skills-2025-10-02");
    let options = outcrop::CallOptions::new().extra_header(header, flags);
    let client = client().await.with_options(options);
    let dry = client.messages().dry_run(&ask("claude-opus-4-5"), Delivery::Unary).await.unwrap();
    let body: Value = serde_json::from_slice(&dry.body).unwrap();
    assert_eq!(body["anthropic_beta"], json!(["effort-2025-11-24"]));
    assert!(dry.headers.iter().all(|(name, _)| name != "anthropic-beta"));
}
