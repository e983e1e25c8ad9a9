//! The request: what goes to the model.

use std::collections::BTreeMap;

use super::{
    CachePointBlock, Content, Effort, GuardContentBlock, Message, OutputConfig, TextFormat, Tool, ToolChoice,
    ToolConfig,
};
use crate::json::{Extra, Json};
use crate::keyed::keyed;
use crate::model::ModelId;
use crate::record::{open_enum, record};

record! {
    /// A request of `Converse` and `ConverseStream`.
    pub struct ConverseRequest {
        /// A base id, profile id, ARN or a name of ours. It travels in the path: it is never written into a body, and
        /// read where one has it, as boto3's arguments do.
        aside model("modelId"): ModelId,
        /// The conversation, oldest message first.
        default messages: Vec<Message>,
        /// The system prompt.
        optional system: Vec<SystemContentBlock>,
        /// How long the answer may be, and how it is drawn.
        optional inference_config("inferenceConfig"): InferenceConfig,
        /// The tools the model may call.
        optional tool_config("toolConfig"): ToolConfig,
        /// The guardrail that looks at both sides.
        optional guardrail_config("guardrailConfig"): GuardrailConfig,
        /// What Converse has no member for: `thinking`, `top_k`, `anthropic_beta`, tools of Anthropic's own, ...
        optional additional_model_request_fields("additionalModelRequestFields"): Json,
        /// What of a prompt's variables stands for what; only with the ARN of a prompt as model.
        optional prompt_variables("promptVariables"): BTreeMap<String, PromptVariable>,
        /// JSON pointers into the model's own answer, at most 10: what they point at comes back in
        /// `additionalModelResponseFields`.
        optional additional_model_response_field_paths("additionalModelResponseFieldPaths"): Vec<String>,
        /// What stands beside the call in the invocation log, at most 16 pairs.
        optional request_metadata("requestMetadata"): BTreeMap<String, String>,
        /// Speed.
        optional performance_config("performanceConfig"): PerformanceConfig,
        /// Which capacity serves it.
        optional service_tier("serviceTier"): ServiceTier,
        /// Effort and form of the answer.
        optional output_config("outputConfig"): OutputConfig,
    }
}

keyed! {
    /// A block of the system prompt.
    pub enum SystemContentBlock {
        /// Text.
        Text(String) = "text",
        /// What a guardrail is to look at.
        GuardContent(GuardContentBlock) = "guardContent",
        /// A cache checkpoint: everything before it is cached.
        CachePoint(CachePointBlock) = "cachePoint",
    }
}

record! {
    /// How long the answer may be, and how it is drawn.
    #[derive(Default)]
    pub struct InferenceConfig {
        /// The most tokens that may be generated, thinking included. Where it is absent, the most the model has.
        optional max_tokens("maxTokens"): u32,
        /// Randomness, 0 to 1; refused by Opus 4.7 and later.
        optional temperature: f64,
        /// Nucleus sampling, 0 to 1.
        optional top_p("topP"): f64,
        /// Strings at which the model stops.
        optional stop_sequences("stopSequences"): Vec<String>,
    }
}

record! {
    /// A guardrail.
    #[derive(Default)]
    pub struct GuardrailConfig {
        /// Its id or ARN.
        optional guardrail_identifier("guardrailIdentifier"): String,
        /// `DRAFT`, or a number.
        optional guardrail_version("guardrailVersion"): String,
        /// Whether the answer tells what it found.
        optional trace: GuardrailTrace,
        /// Of a streamed answer: whether it waits for the guardrail.
        optional stream_processing_mode("streamProcessingMode"): StreamProcessing,
    }
}

open_enum! {
    /// Whether an answer tells what its guardrail found.
    pub enum GuardrailTrace {
        /// What it acted on.
        Enabled = "enabled",
        /// Nothing.
        Disabled = "disabled",
        /// Everything.
        EnabledFull = "enabled_full",
    }
}

open_enum! {
    /// Whether a streamed answer waits for its guardrail.
    pub enum StreamProcessing {
        /// It does.
        Sync = "sync",
        /// It does not: what is blocked may have been seen.
        Async = "async",
    }
}

keyed! {
    /// What stands for a variable of a prompt.
    pub enum PromptVariable {
        /// Text.
        Text(String) = "text",
    }
}

record! {
    /// Speed.
    #[derive(Default)]
    sorted pub struct PerformanceConfig {
        /// Which.
        optional latency: Latency,
    }
}

open_enum! {
    /// Speed.
    pub enum Latency {
        /// As usual.
        Standard = "standard",
        /// Faster, for a few models in a few regions.
        Optimized = "optimized",
    }
}

record! {
    /// Which capacity serves a call.
    sorted pub struct ServiceTier {
        /// Which.
        required tier("type"): Tier,
    }
}

open_enum! {
    /// Kinds of capacity.
    pub enum Tier {
        /// Before others, for more.
        Priority = "priority",
        /// As usual.
        Default = "default",
        /// After others, for less.
        Flex = "flex",
        /// What the account has reserved.
        Reserved = "reserved",
    }
}

impl ConverseRequest {
    /// A request without messages.
    pub fn new(model: impl Into<ModelId>) -> Self {
        ConverseRequest {
            model: model.into(),
            messages: Vec::new(),
            system: None,
            inference_config: None,
            tool_config: None,
            guardrail_config: None,
            additional_model_request_fields: None,
            prompt_variables: None,
            additional_model_response_field_paths: None,
            request_metadata: None,
            performance_config: None,
            service_tier: None,
            output_config: None,
            extra: Extra::new(),
        }
    }

    /// Adds a message of the user.
    #[must_use]
    pub fn user(self, content: impl Into<Content>) -> Self {
        self.message(Message::user(content))
    }

    /// Adds a message of the model.
    #[must_use]
    pub fn assistant(self, content: impl Into<Content>) -> Self {
        self.message(Message::assistant(content))
    }

    /// Adds a message; that of an answer may be given as it is.
    #[must_use]
    pub fn message(mut self, message: Message) -> Self {
        self.messages.push(message);
        self
    }

    /// Adds a block to the system prompt.
    #[must_use]
    pub fn system(mut self, block: impl Into<SystemContentBlock>) -> Self {
        self.system.get_or_insert_default().push(block.into());
        self
    }

    /// Sets the most tokens that may be generated.
    #[must_use]
    pub fn max_tokens(mut self, max_tokens: u32) -> Self {
        self.inference_config.get_or_insert_default().max_tokens = Some(max_tokens);
        self
    }

    /// Sets the temperature, 0 to 1.
    #[must_use]
    pub fn temperature(mut self, temperature: f64) -> Self {
        self.inference_config.get_or_insert_default().temperature = Some(temperature);
        self
    }

    /// Sets nucleus sampling, 0 to 1.
    #[must_use]
    pub fn top_p(mut self, top_p: f64) -> Self {
        self.inference_config.get_or_insert_default().top_p = Some(top_p);
        self
    }

    /// Adds a string at which the model stops.
    #[must_use]
    pub fn stop_sequence(mut self, stop: impl Into<String>) -> Self {
        self.inference_config.get_or_insert_default().stop_sequences.get_or_insert_default().push(stop.into());
        self
    }

    /// Adds a tool, or a checkpoint among the tools.
    #[must_use]
    pub fn tool(mut self, tool: impl Into<Tool>) -> Self {
        self.tool_config.get_or_insert_default().tools.push(tool.into());
        self
    }

    /// Says whether a tool must be called.
    #[must_use]
    pub fn tool_choice(mut self, choice: ToolChoice) -> Self {
        self.tool_config.get_or_insert_default().tool_choice = Some(choice);
        self
    }

    /// Has a guardrail look at both sides.
    #[must_use]
    pub fn guardrail(mut self, identifier: impl Into<String>, version: impl Into<String>) -> Self {
        let config = self.guardrail_config.get_or_insert_default();
        config.guardrail_identifier = Some(identifier.into());
        config.guardrail_version = Some(version.into());
        self
    }

    /// Sets what Converse has no member for: one object, `{"thinking": ...}`.
    #[must_use]
    pub fn additional_fields(mut self, fields: Json) -> Self {
        self.additional_model_request_fields = Some(fields);
        self
    }

    /// Asks for a piece of the model's own answer: a JSON pointer, `/stop_sequence`.
    #[must_use]
    pub fn response_field_path(mut self, pointer: impl Into<String>) -> Self {
        self.additional_model_response_field_paths.get_or_insert_default().push(pointer.into());
        self
    }

    /// Adds a pair that stands beside the call in the invocation log.
    #[must_use]
    pub fn request_metadata(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.request_metadata.get_or_insert_default().insert(name.into(), value.into());
        self
    }

    /// Sets a variable of the prompt that is the model.
    #[must_use]
    pub fn prompt_variable(mut self, name: impl Into<String>, text: impl Into<String>) -> Self {
        self.prompt_variables.get_or_insert_default().insert(name.into(), PromptVariable::Text(text.into()));
        self
    }

    /// Sets the speed.
    #[must_use]
    pub fn latency(mut self, latency: Latency) -> Self {
        self.performance_config = Some(PerformanceConfig { latency: Some(latency), extra: Extra::new() });
        self
    }

    /// Says which capacity serves it.
    #[must_use]
    pub fn service_tier(mut self, tier: Tier) -> Self {
        self.service_tier = Some(ServiceTier { tier, extra: Extra::new() });
        self
    }

    /// Says how much work goes into the answer.
    #[must_use]
    pub fn effort(mut self, effort: Effort) -> Self {
        self.output_config.get_or_insert_default().effort = Some(effort);
        self
    }

    /// Says what form the answer's text has.
    #[must_use]
    pub fn text_format(mut self, format: TextFormat) -> Self {
        self.output_config.get_or_insert_default().text_format = Some(format);
        self
    }

    /// Sets a top-level member that has no field here.
    #[must_use]
    pub fn extra_member(mut self, name: impl Into<Box<str>>, value: Json) -> Self {
        self.extra.set(name, value);
        self
    }
}

impl From<&str> for SystemContentBlock {
    fn from(text: &str) -> Self {
        SystemContentBlock::Text(text.to_owned())
    }
}

impl From<String> for SystemContentBlock {
    fn from(text: String) -> Self {
        SystemContentBlock::Text(text)
    }
}

impl From<CachePointBlock> for SystemContentBlock {
    fn from(point: CachePointBlock) -> Self {
        SystemContentBlock::CachePoint(point)
    }
}

impl From<GuardContentBlock> for SystemContentBlock {
    fn from(block: GuardContentBlock) -> Self {
        SystemContentBlock::GuardContent(block)
    }
}
