//! Cases of tools: of the caller's own and of Anthropic's, choices, calls and results.

use outcrop::tools::{Call, ToolContext, ToolResult};
use outcrop::wire::messages::{AutoChoice, ResultBlock, ResultContent, TextBlock, ToolByName, ToolResultBlock};
use outcrop::{Block, CustomTool, Model, Tool, ToolChoice, ToolUseBlock};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use crate::asking::Asking;
use crate::media::{report, square};

/// The weather of a city.
pub(crate) fn weather() -> CustomTool {
    let schema = json!({
        "type": "object",
        "properties": {
            "city": {"type": "string", "description": "Its name"},
            "days": {"type": "integer", "minimum": 1},
            "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]},
        },
        "required": ["city"],
        "additionalProperties": false,
    });
    CustomTool::new("get_weather", "The weather of one city.", schema.into())
}

/// The time in a city.
pub(crate) fn clock() -> CustomTool {
    let schema = json!({"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]});
    CustomTool::new("get_time", "The time in one city.", schema.into())
}

/// A call by the model.
pub(crate) fn called(id: &str, name: &str, input: serde_json::Value) -> Block {
    ToolUseBlock::new(id, name, input.into()).into()
}

fn result(id: &str, content: Option<ResultContent>) -> ToolResultBlock {
    ToolResultBlock {
        tool_use_id: id.to_owned(),
        content,
        is_error: None,
        toolset_name: None,
        cache_control: None,
        extra: Default::default(),
    }
}

pub(crate) async fn ask(asking: &mut Asking) {
    choices(asking).await;
    results(asking).await;
    defined(asking).await;
    answered(asking).await;
}

/// Whether a tool is called.
async fn choices(asking: &mut Asking) {
    let client = asking.client.clone();
    let say = |model: Model| client.message(model.global()).max_tokens(256);
    let both = |model: Model| say(model).tool(weather()).tool(clock());

    let call = say(Model::CLAUDE_SONNET_4_5).tool(weather()).user("How is the weather in Bergen?");
    asking.whole("tools: one", call).await;

    let one_at_a_time = AutoChoice { disable_parallel_tool_use: Some(true), extra: Default::default() };
    let call = both(Model::CLAUDE_SONNET_4_6).tool_choice(one_at_a_time.into());
    asking.streamed("tools: auto, one at a time", call.user("Call get_weather and get_time for Bergen")).await;

    let call = both(Model::CLAUDE_SONNET_4_5).tool_choice(ToolChoice::any()).user("Do something");
    asking.whole("tools: any", call).await;

    let this =
        ToolByName { name: "get_time".to_owned(), disable_parallel_tool_use: Some(true), extra: Default::default() };
    let call = both(Model::CLAUDE_SONNET_4_5).tool_choice(this.into()).user("How late is it in Bergen?");
    asking.streamed("tools: this one", call).await;

    let call = say(Model::CLAUDE_OPUS_4_7).tool(weather()).tool_choice(ToolChoice::none());
    asking.whole("tools: none", call.user("Do not call get_weather")).await;

    let call = say(Model::CLAUDE_SONNET_4_6).tool(weather().strict(true)).user("Call get_weather for Bergen");
    asking.streamed("tools: strict", call).await;
}

/// What tools gave back.
async fn results(asking: &mut Asking) {
    let client = asking.client.clone();
    let sonnet = || client.message(Model::CLAUDE_SONNET_4_5.global()).max_tokens(256);

    let calls = [
        Block::text("I shall look."),
        called("toolu_01", "get_weather", json!({"city": "Bergen", "days": 2})),
        called("toolu_02", "get_time", json!({"city": "Bergen"})),
        called("toolu_03", "get_time", json!({"city": "Oz"})),
    ];
    let times: [ResultBlock; 2] = ["10:15", "in summer"].map(|text| TextBlock::new(text).into());
    let failed = ToolResultBlock { is_error: Some(true), ..result("toolu_03", Some("no such city: Oz".into())) };
    let answers = [
        Block::tool_result("toolu_01", "11 degrees, rain"),
        Block::tool_result("toolu_02", times),
        failed.into(),
        Block::text("In one line, please."),
    ];
    let call = sonnet()
        .tool(weather())
        .tool(clock())
        .user("Weather and time in Bergen, and the time in Oz?")
        .assistant(calls)
        .user(answers);
    asking.whole("tools: calls and their results", call).await;

    let look = Tool::new("look", "Looks.", json!({"type": "object", "properties": {}}).into());
    let picture: [ResultBlock; 2] = [TextBlock::new("A square:").into(), square().into()];
    let document: [ResultBlock; 1] = [report().title("Harbour report").into()];
    let answers = [
        Block::tool_result("toolu_01", picture),
        Block::tool_result("toolu_02", document),
        result("toolu_03", None).into(),
    ];
    let calls = ["toolu_01", "toolu_02", "toolu_03"].map(|id| called(id, "look", json!({})));
    let call = sonnet().tool(look).user("Look around").assistant(calls).user(answers);
    asking.streamed("tools: pictures, documents and nothing as results", call).await;
}

/// Tools of Anthropic's, and what the caller's own need a flag for. The flags of tools are sent unasked; what a flag is
/// the only sign of is asked for.
async fn defined(asking: &mut Asking) {
    let client = asking.client.clone();
    let say = |model: Model| client.message(model.global()).max_tokens(256);

    let mut editor = Tool::text_editor();
    if let Tool::TextEditor(editor) = &mut editor {
        editor.max_characters = Some(10_000);
    }
    let call = say(Model::CLAUDE_SONNET_4_5).tool(Tool::bash()).tool(editor).user("Call bash");
    asking.whole("tools: bash and text editor", call).await;

    let call = say(Model::CLAUDE_SONNET_4_5).tool(Tool::memory()).user("What does your memory say?");
    asking.streamed("tools: memory", call).await;

    let call = say(Model::CLAUDE_SONNET_4_6).tool(Tool::computer(1024, 768)).tool(weather()).user("Use the computer");
    asking.whole("tools: computer", call).await;

    let deferred = CustomTool { defer_loading: Some(true), ..weather() };
    let call = say(Model::CLAUDE_SONNET_4_5).tool(Tool::tool_search()).tool(deferred).tool(clock());
    asking.streamed("tools: found by a search", call.user("Call get_weather for Bergen")).await;

    let shown = weather().example(json!({"city": "Bergen", "days": 2}).into()).example(json!({"city": "Oslo"}).into());
    let call = say(Model::CLAUDE_OPUS_4_5).beta("tool-examples-2025-10-29").tool(shown);
    asking.whole("tools: examples", call.user("How is the weather in Oslo?")).await;
}

/// The tide in one harbour.
#[derive(Tool, Deserialize, JsonSchema)]
// Python's functions take no other arguments, either, and their schemas say so.
#[serde(deny_unknown_fields)]
struct GetTide {
    /// Its name: "Bergen".
    #[expect(dead_code, reason = "the tide is the same everywhere")]
    harbour: String,
    /// Whether to the centimetre.
    #[expect(dead_code, reason = "and never exact")]
    exact: bool,
}

impl Call for GetTide {
    async fn call(self, _context: &ToolContext) -> ToolResult {
        Ok("The tide comes in.".into())
    }
}

/// Calls of the server's, answered by hand and by the runner.
async fn answered(asking: &mut Asking) {
    let client = asking.client.clone();
    let sonnet = || client.message(Model::CLAUDE_SONNET_4_5.global()).max_tokens(256);

    // The ids are the server's: each side sends back those that it was given.
    let call = sonnet().tool(weather()).user("Call get_weather for Bergen");
    if let Some(reply) = asking.whole("tools: called, and answered", call.clone()).await {
        let answers: Vec<Block> = reply.tool_uses().map(|call| Block::tool_result(&call.id, "11 degrees")).collect();
        asking.whole("tools: called, and answered", call.turn(reply).user(answers)).await;
    }

    let call = sonnet().user("Call get_tide for Bergen");
    asking.with("tools: run by the client", call, async |call| call.run([GetTide::tool()]).await).await;
}
