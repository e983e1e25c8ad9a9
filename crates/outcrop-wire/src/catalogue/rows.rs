//! Written by `cargo run -p xtask` from catalogue/*.toml. Do not edit.

use super::{Capability, ModelRow, ProfileRow};
use crate::model::Model;

impl Model {
    /// Claude Opus 4.6: `anthropic.claude-opus-4-6-v1`.
    pub const CLAUDE_OPUS_4_6: Model = Model::row_of(&MODELS[0]);
    /// Claude Sonnet 4.6: `anthropic.claude-sonnet-4-6`.
    pub const CLAUDE_SONNET_4_6: Model = Model::row_of(&MODELS[1]);
    /// Claude Opus 4.5: `anthropic.claude-opus-4-5-20251101-v1:0`.
    pub const CLAUDE_OPUS_4_5: Model = Model::row_of(&MODELS[2]);
    /// Claude Sonnet 4.5: `anthropic.claude-sonnet-4-5-20250929-v1:0`.
    pub const CLAUDE_SONNET_4_5: Model = Model::row_of(&MODELS[3]);
    /// Claude Sonnet 4: `anthropic.claude-sonnet-4-20250514-v1:0`.
    pub const CLAUDE_SONNET_4: Model = Model::row_of(&MODELS[4]);
    /// Claude Haiku 4.5: `anthropic.claude-haiku-4-5-20251001-v1:0`.
    pub const CLAUDE_HAIKU_4_5: Model = Model::row_of(&MODELS[5]);
}

#[rustfmt::skip]
pub(super) static MODELS: &[ModelRow] = &[
    ModelRow {
        name: "claude-opus-4-6", title: "Claude Opus 4.6",
        base: "anthropic.claude-opus-4-6-v1", reply: "claude-opus-4-6",
        short: &["opus"], aliases: &[],
        source: "AWS user guide, model card Claude Opus 4.6; platform.claude.com, Claude on Amazon Bedrock (legacy)", since: Some("2026-02-05"), until: None,
        profiles: &[
            ProfileRow { scope: "global", source: "platform.claude.com, Claude on Amazon Bedrock (legacy), model table", since: None, until: None },
            ProfileRow { scope: "us", source: "platform.claude.com, Claude on Amazon Bedrock (legacy), model table", since: None, until: None },
            ProfileRow { scope: "eu", source: "platform.claude.com, Claude on Amazon Bedrock (legacy), model table", since: None, until: None },
            ProfileRow { scope: "jp", source: "platform.claude.com, Claude on Amazon Bedrock (legacy), model table; not seen live", since: None, until: None },
            ProfileRow { scope: "au", source: "AWS model cards, checked 2026-09-09", since: None, until: None },
            ProfileRow { scope: "apac", source: "platform.claude.com, Claude on Amazon Bedrock (legacy), model table; not seen live", since: None, until: None },
        ],
    },
    ModelRow {
        name: "claude-sonnet-4-6", title: "Claude Sonnet 4.6",
        base: "anthropic.claude-sonnet-4-6", reply: "claude-sonnet-4-6",
        short: &["sonnet"], aliases: &["anthropic.claude-sonnet-4-6-v1"],
        source: "AWS user guide, model card Claude Sonnet 4.6", since: Some("2026-02-17"), until: None,
        profiles: &[
            ProfileRow { scope: "global", source: "AWS user guide, model card Claude Sonnet 4.6", since: None, until: None },
            ProfileRow { scope: "us", source: "AWS user guide, model card Claude Sonnet 4.6", since: None, until: None },
            ProfileRow { scope: "eu", source: "AWS user guide, model card Claude Sonnet 4.6", since: None, until: None },
            ProfileRow { scope: "au", source: "AWS user guide, model card Claude Sonnet 4.6", since: None, until: None },
            ProfileRow { scope: "jp", source: "AWS user guide, model card Claude Sonnet 4.6", since: None, until: None },
        ],
    },
    ModelRow {
        name: "claude-opus-4-5", title: "Claude Opus 4.5",
        base: "anthropic.claude-opus-4-5-20251101-v1:0", reply: "claude-opus-4-5-20251101",
        short: &[], aliases: &[],
        source: "platform.claude.com, Claude on Amazon Bedrock (legacy), model table", since: Some("2025-11-24"), until: None,
        profiles: &[
            ProfileRow { scope: "global", source: "platform.claude.com, Claude on Amazon Bedrock (legacy), model table", since: None, until: None },
            ProfileRow { scope: "us", source: "platform.claude.com, Claude on Amazon Bedrock (legacy), model table", since: None, until: None },
            ProfileRow { scope: "eu", source: "platform.claude.com, Claude on Amazon Bedrock (legacy), model table", since: None, until: None },
        ],
    },
    ModelRow {
        name: "claude-sonnet-4-5", title: "Claude Sonnet 4.5",
        base: "anthropic.claude-sonnet-4-5-20250929-v1:0", reply: "claude-sonnet-4-5-20250929",
        short: &[], aliases: &[],
        source: "platform.claude.com, Claude on Amazon Bedrock (legacy), model table; recorded traffic", since: Some("2025-09-29"), until: None,
        profiles: &[
            ProfileRow { scope: "global", source: "platform.claude.com, Claude on Amazon Bedrock (legacy), model table", since: None, until: None },
            ProfileRow { scope: "us", source: "platform.claude.com, Claude on Amazon Bedrock (legacy), model table; recorded traffic", since: None, until: None },
            ProfileRow { scope: "eu", source: "platform.claude.com, Claude on Amazon Bedrock (legacy), model table", since: None, until: None },
            ProfileRow { scope: "jp", source: "platform.claude.com, Claude on Amazon Bedrock (legacy), model table", since: None, until: None },
            ProfileRow { scope: "au", source: "platform.claude.com, Claude on Amazon Bedrock (legacy), model table", since: None, until: None },
            ProfileRow { scope: "us-gov", source: "platform.claude.com, Claude on Amazon Bedrock (legacy), model table", since: None, until: None },
        ],
    },
    ModelRow {
        name: "claude-sonnet-4", title: "Claude Sonnet 4",
        base: "anthropic.claude-sonnet-4-20250514-v1:0", reply: "claude-sonnet-4-20250514",
        short: &[], aliases: &[],
        source: "platform.claude.com, Claude on Amazon Bedrock (legacy), model table; recorded traffic", since: Some("2025-05-22"), until: None,
        profiles: &[
            ProfileRow { scope: "global", source: "platform.claude.com, Claude on Amazon Bedrock (legacy), model table", since: None, until: None },
            ProfileRow { scope: "us", source: "platform.claude.com, Claude on Amazon Bedrock (legacy), model table; recorded traffic", since: None, until: None },
            ProfileRow { scope: "eu", source: "platform.claude.com, Claude on Amazon Bedrock (legacy), model table", since: None, until: None },
            ProfileRow { scope: "apac", source: "platform.claude.com, Claude on Amazon Bedrock (legacy), model table", since: None, until: None },
        ],
    },
    ModelRow {
        name: "claude-haiku-4-5", title: "Claude Haiku 4.5",
        base: "anthropic.claude-haiku-4-5-20251001-v1:0", reply: "claude-haiku-4-5-20251001",
        short: &["haiku"], aliases: &[],
        source: "AWS user guide, model card Claude Haiku 4.5", since: Some("2025-10-15"), until: None,
        profiles: &[
            ProfileRow { scope: "global", source: "platform.claude.com, Claude on Amazon Bedrock (legacy), model table", since: None, until: None },
            ProfileRow { scope: "us", source: "platform.claude.com, Claude on Amazon Bedrock (legacy), model table; recorded traffic", since: None, until: None },
            ProfileRow { scope: "eu", source: "platform.claude.com, Claude on Amazon Bedrock (legacy), model table; recorded traffic", since: None, until: None },
            ProfileRow { scope: "jp", source: "platform.claude.com, Claude on Amazon Bedrock (legacy), model table", since: None, until: None },
            ProfileRow { scope: "au", source: "platform.claude.com, Claude on Amazon Bedrock (legacy), model table", since: None, until: None },
        ],
    },
];

#[rustfmt::skip]
pub(super) static CAPABILITIES: &[Capability] = &[
    Capability { model: "*", surface: "InvokeModel", key: "version.sent", value: "bedrock-2023-05-31", since: None, until: None,
        source: "AWS user guide, model-parameters-anthropic-claude-messages-request-response" },
    Capability { model: "*", surface: "InvokeModel", key: "version.accepted", value: "bedrock-2023-05-31", since: None, until: None,
        source: "AWS user guide, model-parameters-anthropic-claude-messages-request-response" },
    Capability { model: "*", surface: "InvokeModel", key: "version.tolerated", value: "2026-10-21", since: Some("2026-10-21"), until: None,
        source: "platform.claude.com, Claude on Amazon Bedrock (legacy), November 2026: Opus 4.6 and earlier may answer 400; current official SDKs send it" },
    Capability { model: "*", surface: "InvokeModel", key: "version.tolerated", value: "2023-06-01", since: None, until: None,
        source: "AWS user guide, inference-messages-api: the value of the header on Messages surfaces" },
    Capability { model: "claude-opus-4-6", surface: "InvokeModel", key: "output.max", value: "128000", since: None, until: None,
        source: "AWS user guide, model card Claude Opus 4.6" },
    Capability { model: "claude-sonnet-4-6", surface: "InvokeModel", key: "output.max", value: "64000", since: None, until: None,
        source: "AWS user guide, model card Claude Sonnet 4.6" },
    Capability { model: "claude-opus-4-5", surface: "InvokeModel", key: "output.max", value: "64000", since: None, until: None,
        source: "platform.claude.com, Claude on Amazon Bedrock (legacy), model table" },
    Capability { model: "claude-sonnet-4-5", surface: "InvokeModel", key: "output.max", value: "64000", since: None, until: None,
        source: "platform.claude.com, Claude on Amazon Bedrock (legacy), model table" },
    Capability { model: "claude-sonnet-4", surface: "InvokeModel", key: "output.max", value: "64000", since: None, until: None,
        source: "platform.claude.com, Claude on Amazon Bedrock (legacy), model table" },
    Capability { model: "claude-haiku-4-5", surface: "InvokeModel", key: "output.max", value: "64000", since: None, until: None,
        source: "AWS user guide, model card Claude Haiku 4.5" },
    Capability { model: "claude-opus-4-6", surface: "InvokeModel", key: "on_demand.regions", value: "eu-west-2", since: None, until: None,
        source: "AWS model cards, checked 2026-09-09: in-region only in eu-west-2" },
    Capability { model: "claude-opus-4-6", surface: "InvokeModel", key: "prefill", value: "refused", since: None, until: None,
        source: "vertesia/llumiverse pull request 562: the refusal of the 4.6 generation, quoted" },
    Capability { model: "claude-sonnet-4-6", surface: "InvokeModel", key: "on_demand.regions", value: "eu-west-2", since: None, until: None,
        source: "AWS model cards, checked 2026-09-09: in-region only in eu-west-2" },
    Capability { model: "claude-sonnet-4-6", surface: "InvokeModel", key: "prefill", value: "refused", since: None, until: None,
        source: "vertesia/llumiverse pull request 562: the refusal of the 4.6 generation, quoted" },
    Capability { model: "*", surface: "InvokeModel", key: "on_demand.regions", value: "", since: None, until: None,
        source: "Recorded refusals: `Invocation of model ID ... with on-demand throughput isn't supported`" },
];
