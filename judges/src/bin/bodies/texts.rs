//! Cases of texts: turns, system prompts, and the settings of their own.

use outcrop::wire::messages::{SystemBlock, TextBlock};
use outcrop::{Block, Geo, Model};

use crate::asking::Asking;

const PROFILE_ARN: &str =
    "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-sonnet-4-5-20250929-v1:0";

pub(crate) async fn ask(asking: &mut Asking) {
    let client = asking.client.clone();
    let say = |model: Model| client.message(model.global()).max_tokens(256);

    asking.whole("text: one string", say(Model::CLAUDE_SONNET_4_5).user("Hello, world")).await;

    let blocks = [Block::text("Hello,"), Block::text("world")];
    asking.streamed("text: blocks", say(Model::CLAUDE_SONNET_4_5).user(blocks)).await;

    let haiku = client.message(Model::CLAUDE_HAIKU_4_5.geo(Geo::Us)).max_tokens(256);
    let turns = haiku.user("One.").assistant("Two.").user(Block::text("Three.")).assistant([Block::text("Four.")]);
    asking.whole("text: several turns", turns.user("Five?")).await;

    let letters = "Grüße, 世界 🌍, עולם, \"quoted\" \\ back\tslash\nand \u{1} a control, e\u{301}, \u{2028}, </script>";
    asking.streamed("text: every kind of letter", say(Model::CLAUDE_SONNET_4_6).user(letters)).await;

    let prefilled = say(Model::CLAUDE_SONNET_4_5).user("A colour as JSON").assistant("{\"colour\":");
    asking.whole("text: a prefill", prefilled).await;

    let stopping = say(Model::CLAUDE_SONNET_4_5).stop_sequence("HALT").stop_sequence("\n\nHuman:");
    asking.streamed("text: stop sequences", stopping.user("apples pears HALT plums")).await;

    let named = say(Model::CLAUDE_OPUS_4_6).user_id("5f0c3a1e").user("Who am I?");
    asking.whole("text: the end user's id", named).await;

    let sampled = say(Model::CLAUDE_SONNET_4_5).temperature(0.25).top_k(40).user("Roll a die");
    asking.streamed("text: temperature and top_k", sampled).await;

    let older = client.message(Model::CLAUDE_OPUS_4_1.geo(Geo::Us)).max_tokens(256);
    asking.whole("text: top_p", older.top_p(0.9).user("Roll a die")).await;

    let keeper = say(Model::CLAUDE_OPUS_4_7).system("You keep a lighthouse.").user("What do you see?");
    asking.streamed("text: a system prompt", keeper).await;

    let blocks = ["You keep a lighthouse.", "Answer in one line."].map(|text| SystemBlock::Text(TextBlock::new(text)));
    let keeper = say(Model::CLAUDE_OPUS_4_6).system(blocks).user("What do you see?");
    asking.whole("text: a system prompt of blocks", keeper).await;

    let by_arn = client.message(PROFILE_ARN).max_tokens(256).user("Who answers?");
    asking.streamed("text: an ARN for a model", by_arn).await;
}
