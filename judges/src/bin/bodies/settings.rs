//! Cases of thinking, caching, the form of the output, beta flags and long conversations.

use outcrop::wire::messages::{
    Amount, ClearThinking, ClearToolUses, Compact, ContextEdit, ContextManagement, Display, SystemBlock, TextBlock,
};
use outcrop::{Block, CacheControl, Effort, Geo, MessageCall, Model, OutputFormat, Thinking, Ttl};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use crate::asking::Asking;
use crate::media::{report, square};
use crate::tools::{called, clock, weather};

pub(crate) async fn ask(asking: &mut Asking) {
    thinking(asking).await;
    caching(asking).await;
    output(asking).await;
    context(asking).await;
}

async fn thinking(asking: &mut Asking) {
    let client = asking.client.clone();
    let ships = "How many ships are in the harbour?";
    let say = |model: Model| client.message(model.global()).max_tokens(4096);

    let call = say(Model::CLAUDE_SONNET_4_5).thinking(Thinking::budget(2048)).user(ships);
    asking.streamed("thinking: a budget", call).await;

    let call = say(Model::CLAUDE_OPUS_4_7).thinking(Thinking::adaptive().display(Display::Summarized)).user(ships);
    asking.whole("thinking: adaptive, shown as a summary", call).await;

    let call = say(Model::CLAUDE_OPUS_4_6).thinking(Thinking::adaptive().display(Display::Omitted)).user(ships);
    asking.streamed("thinking: adaptive, kept from view", call).await;

    let call = say(Model::CLAUDE_SONNET_4_6).thinking(Thinking::disabled()).user(ships);
    asking.whole("thinking: none", call).await;

    // The block that the server signed goes back as it is.
    let tide = say(Model::CLAUDE_SONNET_4_5).thinking(Thinking::budget(1024)).user("Think about the tide");
    if let Some(reply) = asking.whole("thinking: sent back", tide.clone()).await {
        asking.whole("thinking: sent back", tide.clone().turn(reply).user("And about the ebb?")).await;
    }
    if let Some(reply) = asking.streamed("thinking: sent back, streamed", tide.clone()).await {
        asking.streamed("thinking: sent back, streamed", tide.turn(reply).user("And about the ebb?")).await;
    }

    let call = say(Model::CLAUDE_SONNET_4_5).beta("interleaved-thinking-2025-05-14").thinking(Thinking::budget(8192));
    let call = call.tool(weather()).user("How is the weather in Bergen?");
    asking.whole("thinking: between calls of tools", call).await;
}

async fn caching(asking: &mut Asking) {
    let client = asking.client.clone();
    let say = |model: Model| client.message(model.global()).max_tokens(256);

    let keeper = TextBlock::new("You keep a lighthouse. ".repeat(300)).cache(Ttl::FiveMinutes);
    let call = say(Model::CLAUDE_SONNET_4_5).system([SystemBlock::Text(keeper)]).user("What do you see?");
    asking.streamed("caching: five minutes", call).await;

    let tale = TextBlock::new("A long tale.").cache(CacheControl::lasting(Ttl::FiveMinutes));
    let call = say(Model::CLAUDE_SONNET_4_6).user([tale.into(), Block::text("Go on.")]);
    asking.whole("caching: five minutes, said in so many words", call).await;

    let keeper = TextBlock::new("You keep a lighthouse.").cache(Ttl::OneHour);
    let call = say(Model::CLAUDE_OPUS_4_6)
        .tool(clock())
        .tool(weather().cache(Ttl::OneHour))
        .system([SystemBlock::Text(keeper), SystemBlock::Text(TextBlock::new("Be brief."))])
        .user([Block::from(TextBlock::new("What do you see?").cache(Ttl::FiveMinutes))]);
    asking.streamed("caching: an hour for tools and system, less for the rest", call).await;

    let mut late = Block::tool_result("toolu_01", "10:15");
    if let Block::ToolResult(result) = &mut late {
        result.cache_control = Some(CacheControl::ephemeral());
    }
    let shown = [
        report().cache(Ttl::FiveMinutes).into(),
        square().cache(Ttl::FiveMinutes).into(),
        Block::text("How late is it there?"),
    ];
    let call = say(Model::CLAUDE_SONNET_4_5)
        .tool(clock())
        .user(shown)
        .assistant(called("toolu_01", "get_time", json!({"city": "Bergen"})))
        .user(late);
    asking.whole("caching: after documents, pictures and results", call).await;
}

async fn output(asking: &mut Asking) {
    let client = asking.client.clone();
    let say = |model: Model| client.message(model.global()).max_tokens(256).user("Name a ship");

    asking.streamed("output: effort", say(Model::CLAUDE_OPUS_4_7).effort(Effort::XHigh)).await;

    // The flag that the effort needs on this model is sent unasked.
    let call = say(Model::CLAUDE_OPUS_4_5).effort(Effort::Low);
    asking.whole("output: effort where it needs a flag", call).await;

    let ship = json!({
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            "masts": {"type": "integer"},
            "cargo": {"type": "array", "items": {"type": "string"}},
        },
        "required": ["name", "masts", "cargo"],
        "additionalProperties": false,
    });
    let format = OutputFormat::json_schema(ship.into());
    let call = say(Model::CLAUDE_SONNET_4_6).effort(Effort::Medium).output_format(format);
    asking.streamed("output: JSON by a schema", call).await;

    let call = say(Model::CLAUDE_SONNET_4_5);
    let parsed = async |call: MessageCall| Ok::<_, outcrop::Error>(call.parse::<Ship>().await?.output?);
    asking.with("output: a value of a type", call, parsed).await;
}

/// Where a ship lies.
#[derive(Deserialize, JsonSchema)]
#[expect(dead_code, reason = "what is in it does not matter here")]
struct Berth {
    pier: String,
    deep: bool,
}

/// A ship in the harbour.
#[derive(Deserialize, JsonSchema)]
#[expect(dead_code, reason = "what is in it does not matter here")]
struct Ship {
    /// As it is painted.
    name: String,
    cargo: Vec<String>,
    berth: Berth,
}

async fn context(asking: &mut Asking) {
    let client = asking.client.clone();
    let haiku = client.message(Model::CLAUDE_HAIKU_4_5.geo(Geo::Us)).max_tokens(256);
    let call = haiku
        .beta("token-efficient-tools-2025-02-19")
        .beta("fine-grained-tool-streaming-2025-05-14")
        .tool(weather())
        .user("Call get_weather for Bergen");
    asking.whole("betas: several, in order", call).await;

    let old_thinking =
        ClearThinking { keep: Some(json!({"type": "thinking_turns", "value": 2}).into()), ..ClearThinking::default() };
    let old_results = ClearToolUses {
        trigger: Some(Amount::input_tokens(30_000)),
        keep: Some(Amount::tool_uses(3)),
        clear_at_least: Some(Amount::input_tokens(5_000)),
        exclude_tools: Some(vec!["get_weather".to_owned()]),
        clear_tool_inputs: Some(json!(true).into()),
        ..ClearToolUses::default()
    };
    let call = client
        .message(Model::CLAUDE_SONNET_4_5.global())
        .max_tokens(4096)
        .beta("context-management-2025-06-27")
        .thinking(Thinking::budget(1024))
        .tool(weather())
        .context_management(edits([old_thinking.into(), old_results.into()]))
        .user("Go on");
    asking.streamed("context: old results and thinking are cleared", call).await;

    let summary = Compact {
        trigger: Some(Amount::input_tokens(150_000)),
        instructions: Some("Keep the names.".to_owned()),
        ..Compact::default()
    };
    let opus = client.message(Model::CLAUDE_OPUS_4_6.global()).max_tokens(256);
    let call = opus.beta("compact-2026-01-12").context_management(edits([summary.into()])).user("Go on");
    asking.whole("context: made a summary", call).await;

    let sonnet = client.message(Model::CLAUDE_SONNET_4_5.global()).max_tokens(256);
    asking.streamed("context: a million tokens", sonnet.context_1m().user("How much do you hold?")).await;
}

fn edits<const N: usize>(edits: [ContextEdit; N]) -> ContextManagement {
    ContextManagement { edits: Some(edits.into()), ..ContextManagement::default() }
}
