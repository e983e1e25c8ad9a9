//! Replies as values: which way they are asked for, and every way a reply holds none.

use outcrop::structured::{Mode, ParseError, Parsed};
use outcrop::wire::messages::{OutputFormat, Thinking};
use outcrop::{Error, Json, Kind, Model, Retry, StopReason, Tool, ToolChoice};
use outcrop_local::Local;
use serde_json::{Value, json};

use crate::clients::client_in;
use crate::scripted::{HELLO, REGION, Scripted, Step, frames, request, streamed};

const SCHEMA: &str = r#"{"type":"object","properties":{"name":{"type":"string"},"age":{"type":"integer","minimum":0}},"required":["name","age"]}"#;

#[derive(Debug, PartialEq, serde::Deserialize)]
struct Person {
    name: String,
    age: u8,
}

fn schema() -> Json {
    Json::from_text(SCHEMA).unwrap()
}

fn message(stop_reason: &str, content: Value) -> String {
    let details = json!({"type": "refusal", "category": "bio", "explanation": "No."});
    let message = json!({
        "model": "claude-opus-4-6", "id": "msg_bdrk_01", "type": "message", "role": "assistant", "content": content,
        "stop_reason": stop_reason, "stop_sequence": null, "usage": {"input_tokens": 1, "output_tokens": 1},
        "stop_details": if stop_reason == "refusal" { details } else { Value::Null },
    });
    message.to_string()
}

fn reply(stop_reason: &str, content: Value) -> Step {
    Step::json(200, &message(stop_reason, content))
}

fn text(stop_reason: &str, text: &str) -> Step {
    reply(stop_reason, json!([{"type": "text", "text": text}]))
}

fn call(stop_reason: &str, input: Value) -> Step {
    reply(stop_reason, json!([{"type": "tool_use", "id": "toolu_1", "name": "json", "input": input}]))
}

/// What a model makes of it, and what was sent.
async fn parse(model: Model, step: Step) -> (Parsed<Person>, Value) {
    let server = Scripted::new([step]);
    let client = server.builder().retry(Retry::none()).build().await.unwrap();
    let parsed = client.message(model).user("Who?").parse_as::<Person>(&schema()).await.unwrap();
    (parsed, server.request().json())
}

#[tokio::test]
async fn a_model_with_schema_output_is_held_to_the_schema() {
    let (parsed, sent) = parse(Model::CLAUDE_OPUS_4_6, text("end_turn", " {\"name\":\"Ada\",\"age\":36}\n")).await;
    assert_eq!((parsed.output.unwrap(), parsed.mode), (Person { name: "Ada".into(), age: 36 }, Mode::Native));
    assert_eq!(
        sent["output_config"]["format"],
        json!({"type": "json_schema", "schema": {
            "type": "object",
            "properties": {"name": {"type": "string"}, "age": {"type": "integer", "description": "{minimum: 0}"}},
            "additionalProperties": false,
            "required": ["name", "age"],
        }})
    );
    assert_eq!((&sent["tools"], &sent["tool_choice"]), (&Value::Null, &Value::Null));
}

#[tokio::test]
async fn other_models_must_call_a_tool() {
    for model in [Model::CLAUDE_OPUS_4_8, Model::CLAUDE_SONNET_4] {
        let (parsed, sent) = parse(model, call("tool_use", json!({"name": "Ada", "age": 36}))).await;
        assert_eq!((parsed.output.unwrap(), parsed.mode), (Person { name: "Ada".into(), age: 36 }, Mode::ForcedTool));
        assert_eq!(sent["tools"][0]["name"], "json");
        assert_eq!(sent["tools"][0]["input_schema"], serde_json::from_str::<Value>(SCHEMA).unwrap());
        assert_eq!(sent["tool_choice"], json!({"type": "tool", "name": "json"}));
        assert_eq!(sent["output_config"], Value::Null);
        assert!(parsed.reply.meta.notes.iter().any(|note| note.contains("has no JSON Schema output")));
    }
}

#[tokio::test]
async fn a_reply_without_a_value_says_why_and_keeps_its_text() {
    let native = Model::CLAUDE_OPUS_4_6;
    let forced = Model::CLAUDE_OPUS_4_8;
    let half = "{\"name\":\"A";
    let cases = [
        (native, text("max_tokens", half), half, "the reply ended too early (max_tokens)"),
        (native, text("refusal", "I won't."), "I won't.", "the model declined (bio): No."),
        (native, reply("end_turn", json!([])), "", "the reply holds no value (end_turn)"),
        (native, text("end_turn", "Hello"), "Hello", "the value does not fit: expected value at line 1 column 1"),
        (
            native,
            text("end_turn", r#"{"name":"Ada","age":300}"#),
            r#"{"name":"Ada","age":300}"#,
            "the value does not fit: at `age`: invalid value: integer `300`, expected u8 at line 1 column 23",
        ),
        (forced, call("max_tokens", json!({})), "{}", "the reply ended too early (max_tokens)"),
        (
            forced,
            call("tool_use", json!({"name": 1})),
            r#"{"name":1}"#,
            "the value does not fit: at `name`: invalid type",
        ),
        (forced, text("end_turn", "Hello"), "Hello", "the reply holds no value (end_turn)"),
        (forced, text("refusal", "I won't."), "I won't.", "the model declined (bio): No."),
    ];
    for (model, step, text, why) in cases {
        let (parsed, _) = parse(model, step).await;
        let error = parsed.output.unwrap_err();
        assert!(error.to_string().starts_with(why) && error.text() == text, "{error}: {}", error.text());
    }
    let (parsed, _) = parse(native, text("max_tokens", half)).await;
    assert_eq!(parsed.output, Err(ParseError::Truncated { reason: StopReason::MaxTokens, text: half.to_owned() }));
    let error: Error = parsed.output.unwrap_err().into();
    assert_eq!((error.kind(), error.hint()), (Kind::Decode, Some("raise max_tokens")));
}

#[tokio::test]
async fn a_model_that_thinks_is_asked_and_not_forced() {
    let server = Scripted::new([
        call("tool_use", json!({"name": "Ada", "age": 36})),
        text("end_turn", r#"{"name":"B","age":1}"#),
    ]);
    let client = server.client().await;
    let ask = || client.message(Model::CLAUDE_OPUS_4_8).system("Be brief.").user("Who?").thinking(Thinking::adaptive());
    let parsed = ask().parse_as::<Person>(&schema()).await.unwrap();
    assert_eq!((parsed.output.unwrap().age, parsed.mode), (36, Mode::AskedTool));
    // It may write the value instead.
    assert_eq!(ask().parse_as::<Person>(&schema()).await.unwrap().output.unwrap().age, 1);
    let sent = server.requests()[0].json();
    assert_eq!(sent["tool_choice"], Value::Null);
    let system = sent["system"].as_str().unwrap();
    assert!(system.starts_with("Be brief.\n\nGive your answer by calling the tool `json` once"), "{system}");
}

#[tokio::test]
async fn a_value_that_is_no_object_travels_in_one() {
    let server = Scripted::new([call("tool_use", json!({"value": ["a", "b"]})), call("tool_use", json!({}))]);
    let client = server.client().await;
    let list = Json::from_text(r#"{"type":"array","items":{"type":"string"}}"#).unwrap();
    let ask = || client.message(Model::CLAUDE_OPUS_4_8).user("List");
    assert_eq!(ask().parse_as::<Vec<String>>(&list).await.unwrap().output.unwrap(), ["a", "b"]);
    assert_eq!(server.requests()[0].json()["tools"][0]["input_schema"]["required"], json!(["value"]));
    assert_eq!(ask().parse_as::<Option<Vec<String>>>(&list).await.unwrap().output, Ok(None));
}

#[tokio::test]
async fn schemas_that_cannot_be_enforced_go_by_a_tool() {
    let map = r#"{"type":"object","additionalProperties":{"type":"integer"}}"#;
    for (schema, why) in [(map, "has no maps"), (r#"{"type":"object","properties":{"a":true}}"#, "at `properties.a`")] {
        let server = Scripted::new([call("tool_use", json!({"a": 1}))]);
        let schema = Json::from_text(schema).unwrap();
        let parsed = server.client().await.message("opus").user("Hi").parse_as::<Json>(&schema).await.unwrap();
        assert_eq!((parsed.mode, parsed.output.unwrap().text()), (Mode::ForcedTool, r#"{"a":1}"#));
        assert!(parsed.reply.meta.notes.iter().any(|note| note.contains(why)), "{:?}", parsed.reply.meta.notes);
    }
}

#[tokio::test]
async fn a_service_without_schema_output_is_asked_by_a_tool() {
    let refusal = r#"{"message":"output_config.format: Extra inputs are not permitted"}"#;
    let refusal = Step::json(400, refusal).header("x-amzn-errortype", "ValidationException");
    let server = Scripted::new([refusal, call("tool_use", json!({"name": "Ada", "age": 36}))]);
    let client = server.client().await;
    let parsed = client.message(Model::CLAUDE_HAIKU_4_5).user("Who?").parse_as::<Person>(&schema()).await.unwrap();
    assert_eq!((parsed.output.unwrap().age, parsed.mode), (36, Mode::ForcedTool));
    let sent = server.requests()[1].json();
    assert_eq!((&sent["output_config"], &sent["tool_choice"]["name"]), (&Value::Null, &json!("json")));
    // Other refusals are the caller's to see.
    let other =
        Step::json(400, r#"{"message":"max_tokens: too many"}"#).header("x-amzn-errortype", "ValidationException");
    let server = Scripted::new([other]);
    let error = server.client().await.message("opus").user("Who?").parse_as::<Person>(&schema()).await.unwrap_err();
    assert_eq!(error.service_message(), Some("max_tokens: too many"));
}

#[tokio::test]
async fn a_value_is_seen_while_it_is_written() {
    let value = json!({"name": "Ada", "age": 36});
    let call = json!([{"type": "tool_use", "id": "toolu_1", "name": "json", "input": value}]);
    let text = json!([{"type": "text", "text": value.to_string()}]);
    for (model, content, mode) in
        [(Model::CLAUDE_OPUS_4_8, call, Mode::ForcedTool), (Model::CLAUDE_OPUS_4_6, text, Mode::Native)]
    {
        let server = Scripted::new([streamed(&message("end_turn", content))]);
        let client = server.client().await;
        let mut stream = client.message(model).user("Who?").parse_stream_as::<Person>(&schema()).await.unwrap();
        let mut seen = Vec::new();
        while let Some(event) = stream.next().await {
            event.unwrap();
            seen.extend(stream.so_far().map(|json| json.to_string()));
        }
        seen.dedup();
        assert_eq!((seen.last(), stream.mode()), (Some(&value.to_string()), mode));
        let parsed = stream.finish().await.unwrap();
        assert_eq!(parsed.output.unwrap(), Person { name: "Ada".into(), age: 36 });
    }
}

#[tokio::test]
async fn arguments_that_were_cut_are_kept() {
    let events = [
        HELLO[0],
        r#"{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"toolu_1","name":"json","input":{}}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{\"name\":\"Ada\",\"a"}}"#,
        r#"{"type":"content_block_stop","index":0}"#,
        r#"{"type":"message_delta","delta":{"stop_reason":"max_tokens","stop_sequence":null},"usage":{"output_tokens":2}}"#,
        HELLO[6],
    ];
    let server = Scripted::new([Step::stream(frames(&events))]);
    let call = server.client().await.message(Model::CLAUDE_OPUS_4_8).user("Who?");
    let mut stream = call.parse_stream_as::<Person>(&schema()).await.unwrap();
    for _ in 0..3 {
        stream.next().await.unwrap().unwrap();
    }
    assert_eq!(stream.so_far().unwrap().text(), r#"{"name":"Ada"}"#);
    let text = r#"{"name":"Ada","a"#.to_owned();
    let parsed = stream.finish().await.unwrap();
    assert_eq!(parsed.output, Err(ParseError::Truncated { reason: StopReason::MaxTokens, text }));
}

#[tokio::test]
async fn what_parse_sets_is_not_the_callers_to_set() {
    let server = Scripted::new([]);
    let client = server.client().await;
    let both = request().output_format(OutputFormat::json_schema(schema()));
    let forced = {
        let mut request = request().tool_choice(ToolChoice::any());
        request.model = Model::CLAUDE_OPUS_4_8.into();
        request
    };
    for (request, text) in [(both, "output_config.format"), (forced, "tool_choice")] {
        let error = client.messages().parse_as::<Person>(&request, &schema()).await.unwrap_err();
        assert!(error.kind() == Kind::Invalid && error.to_string().contains(text) && error.hint().is_some(), "{error}");
    }
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn tools_of_the_caller_keep_their_names() {
    let server = Scripted::new([reply(
        "tool_use",
        json!([{"type": "tool_use", "id": "t", "name": "json_", "input": {"name": "A", "age": 1}}]),
    )]);
    let client = server.client().await;
    let ask =
        client.message(Model::CLAUDE_OPUS_4_8).user("Who?").tool(Tool::new("json", "Mine.", Json::empty_object()));
    assert_eq!(ask.parse_as::<Person>(&schema()).await.unwrap().output.unwrap().age, 1);
    assert_eq!(server.request().json()["tools"][1]["name"], "json_");
}

#[cfg(feature = "derive")]
#[tokio::test]
async fn a_type_is_its_own_schema() {
    /// Somebody.
    #[derive(Debug, serde::Deserialize, schemars::JsonSchema)]
    struct Somebody {
        /// First thought, then told.
        reasons: Vec<String>,
        age: Option<u8>,
        kind: Kind,
    }
    #[derive(Debug, serde::Deserialize, schemars::JsonSchema)]
    #[serde(tag = "is")]
    enum Kind {
        Living,
        Fictional { book: String },
    }
    let value = r#"{"reasons":["a"],"age":null,"kind":{"is":"Fictional","book":"b"}}"#;
    let server = Scripted::new([text("end_turn", value)]);
    let parsed = server.client().await.message("opus").user("Who?").parse::<Somebody>().await.unwrap();
    let somebody = parsed.output.unwrap();
    assert!(matches!(&somebody.kind, Kind::Fictional { book } if book == "b"), "{somebody:?}");
    assert_eq!((somebody.reasons.len(), somebody.age), (1, None));
    let sent = server.request().text().to_owned();
    let schema = concat!(
        r#""type":"object","description":"Somebody.","properties":{"reasons":{"type":"array","description":"First thought, then told.","items":{"type":"string"}},"#,
        r#""age":{"anyOf":[{"type":"integer","description":"{format: uint8, minimum: 0, maximum: 255}"},{"type":"null"}]},"kind":{"$ref":"#,
    );
    assert!(sent.contains(schema), "{sent}");
}

#[tokio::test]
async fn the_local_bedrock_answers_every_way() {
    let client = client_in(REGION, &Local::new()).await;
    for (model, mode) in [(Model::CLAUDE_SONNET_4, Mode::ForcedTool), (Model::CLAUDE_SONNET_4_6, Mode::Native)] {
        let ask = || client.message(model).user("Who?");
        let parsed = ask().parse_as::<Person>(&schema()).await.unwrap();
        assert_eq!((parsed.output.unwrap(), parsed.mode), (Person { name: String::new(), age: 0 }, mode));
        let parsed = ask().max_tokens(2).parse_stream_as::<Person>(&schema()).await.unwrap().finish().await.unwrap();
        assert!(matches!(parsed.output, Err(ParseError::Truncated { .. })), "{parsed:?}");
    }
    // Where no tool can be forced, the system prompt asks for it.
    for model in [Model::CLAUDE_FABLE_5_1, Model::CLAUDE_FABLE_5_2, Model::CLAUDE_OPUS_5_5] {
        let ask = || client.message(model).system("Be brief.").user("Who?");
        let parsed = ask().parse_as::<Person>(&schema()).await.unwrap();
        assert_eq!((parsed.output.unwrap(), parsed.mode), (Person { name: String::new(), age: 0 }, Mode::AskedTool));
    }
}

#[tokio::test]
async fn the_local_bedrock_keeps_to_what_is_told_in_words() {
    let schema = Json::from_text(
        r#"{"type":"object","required":["name","age"],"properties":{"name":{"type":"string","minLength":2,
            "pattern":"^[A-Z]"},"age":{"type":"integer","minimum":3,"multipleOf":4}}}"#,
    );
    let client = client_in(REGION, &Local::new()).await;
    for model in [Model::CLAUDE_OPUS_4_6, Model::CLAUDE_OPUS_4_7, Model::CLAUDE_OPUS_5_5] {
        let parsed = client.message(model).user("Who?").parse_as::<Person>(schema.as_ref().unwrap()).await.unwrap();
        let Ok(person) = &parsed.output else { panic!("{parsed:?}") };
        assert!(person.age == 4 && person.name.len() == 2 && person.name.starts_with('A'), "{person:?}");
    }
}
