//! The request: what goes to the model.

use super::{
    Block, CacheControl, ContainerChoice, Content, ContextManagement, Effort, Message, OutputConfig, OutputFormat,
    TextBlock, Thinking, Tool, ToolChoice,
};
use crate::json::Json;
use crate::model::ModelId;
use crate::record::{open_enum, record, text_or_list, union};

/// The beta flag of the window of a million tokens.
pub const CONTEXT_1M: &str = "context-1m-2025-08-07";

open_enum! {
    /// Who speaks.
    pub enum Role {
        /// The user, and tool results.
        User = "user",
        /// The model.
        Assistant = "assistant",
        /// Instructions in the middle of a conversation (newer models only).
        System = "system",
    }
}

text_or_list! {
    /// The system prompt: one string, or text blocks with cache checkpoints.
    pub enum System of SystemBlock;
}

union! {
    /// A block of the system prompt.
    pub enum SystemBlock {
        /// Text.
        Text(TextBlock) = "text",
    }
}

record! {
    /// One turn of the conversation.
    pub struct Turn {
        /// Who speaks.
        required role: Role,
        /// What is said.
        required content: Content,
        /// Of a system turn: until when it holds (`next_user_message`, `never`).
        optional clear_at: String,
        /// Of a system turn: the effort from here on. Boxed: hardly a turn has it, and there are many turns.
        optional output_config: Box<OutputConfig>,
    }
}

record! {
    /// A request of the Messages API.
    ///
    /// `model`, `stream`, `betas` and the version are here because they are the caller's to say; where each travels
    /// (path, header or body) is the surface's business.
    pub struct MessageRequest {
        /// A base id, profile id, ARN or a name of ours. Empty in a body that does not carry it.
        default model: ModelId,
        /// `bedrock-2023-05-31`, ...; chosen by the capability table when `None`.
        optional anthropic_version: String,
        /// Beta flags.
        optional betas("anthropic_beta"): Vec<String>,
        /// The most tokens that may be generated, thinking included.
        required max_tokens: u32,
        /// The system prompt.
        optional system: System,
        /// The conversation, oldest turn first.
        required messages: Vec<Turn>,
        /// Randomness, 0 to 1; refused by Opus 4.7 and later.
        optional temperature: f64,
        /// Nucleus sampling, 0 to 1.
        optional top_p: f64,
        /// Sample from the k likeliest tokens; negative values are taken and mean all.
        optional top_k: i64,
        /// Strings at which the model stops.
        optional stop_sequences: Vec<String>,
        /// Tools the model may call.
        optional tools: Vec<Tool>,
        /// Whether it must.
        optional tool_choice: ToolChoice,
        /// How much it may think.
        optional thinking: Thinking,
        /// Effort, format, budget.
        optional output_config: OutputConfig,
        /// Marks the last block that can be cached. Bedrock takes checkpoints on blocks only.
        optional cache_control: CacheControl,
        /// What is to be taken out of a long conversation (beta `context-management-2025-06-27`).
        optional context_management: ContextManagement,
        /// The container that code runs in. Not on Bedrock.
        optional container: ContainerChoice,
        /// About the end user.
        optional metadata: Metadata,
        /// Whether the reply is streamed; set by the call, not by hand.
        optional stream: bool,
        /// `auto`, `standard_only`: Anthropic's own API. Bedrock has a header for its tiers.
        optional service_tier: String,
        /// Where it may be processed: Anthropic's own API. On Bedrock that is the model id's to say.
        optional inference_geo: String,
        /// `standard` or `fast`, for some models.
        optional speed: String,
        /// Asks why a cache was missed.
        optional diagnostics: Json,
        /// The tools of MCP servers. Not on Bedrock.
        optional mcp_servers: Json,
        /// The end user's profile: some models take it.
        optional user_profile_id: String,
    }
}

record! {
    /// About the end user.
    pub struct Metadata {
        /// An opaque id, nothing that identifies a person.
        optional user_id: String,
    }
}

impl Turn {
    /// The user speaks.
    pub fn user(content: impl Into<Content>) -> Self {
        Turn::of(Role::User, content)
    }

    /// The model spoke.
    pub fn assistant(content: impl Into<Content>) -> Self {
        Turn::of(Role::Assistant, content)
    }

    /// Instructions in the middle of a conversation (newer models only).
    pub fn system(content: impl Into<Content>) -> Self {
        Turn::of(Role::System, content)
    }

    fn of(role: Role, content: impl Into<Content>) -> Self {
        Turn { role, content: content.into(), clear_at: None, output_config: None, extra: Default::default() }
    }
}

/// A reply becomes the next request's turn, block for block.
impl From<Message> for Turn {
    fn from(message: Message) -> Self {
        Turn::of(message.role, message.content)
    }
}

impl From<&Message> for Turn {
    fn from(message: &Message) -> Self {
        message.clone().into()
    }
}

impl MessageRequest {
    /// A request without turns.
    pub fn new(model: impl Into<ModelId>, max_tokens: u32) -> Self {
        MessageRequest {
            model: model.into(),
            anthropic_version: None,
            betas: None,
            max_tokens,
            system: None,
            messages: Vec::new(),
            temperature: None,
            top_p: None,
            top_k: None,
            stop_sequences: None,
            tools: None,
            tool_choice: None,
            thinking: None,
            output_config: None,
            cache_control: None,
            context_management: None,
            container: None,
            metadata: None,
            stream: None,
            service_tier: None,
            inference_geo: None,
            speed: None,
            diagnostics: None,
            mcp_servers: None,
            user_profile_id: None,
            extra: Default::default(),
        }
    }

    /// The request without its conversation, which may be long.
    pub(crate) fn without_turns(&self) -> Self {
        MessageRequest {
            model: self.model.clone(),
            anthropic_version: self.anthropic_version.clone(),
            betas: self.betas.clone(),
            max_tokens: self.max_tokens,
            system: self.system.clone(),
            messages: Vec::new(),
            temperature: self.temperature,
            top_p: self.top_p,
            top_k: self.top_k,
            stop_sequences: self.stop_sequences.clone(),
            tools: self.tools.clone(),
            tool_choice: self.tool_choice.clone(),
            thinking: self.thinking.clone(),
            output_config: self.output_config.clone(),
            cache_control: self.cache_control.clone(),
            context_management: self.context_management.clone(),
            container: self.container.clone(),
            metadata: self.metadata.clone(),
            stream: self.stream,
            service_tier: self.service_tier.clone(),
            inference_geo: self.inference_geo.clone(),
            speed: self.speed.clone(),
            diagnostics: self.diagnostics.clone(),
            mcp_servers: self.mcp_servers.clone(),
            user_profile_id: self.user_profile_id.clone(),
            extra: self.extra.clone(),
        }
    }

    /// Adds a turn of the user.
    #[must_use]
    pub fn user(self, content: impl Into<Content>) -> Self {
        self.turn(Turn::user(content))
    }

    /// Adds a turn of the model: history, or a prefill where the model takes one.
    #[must_use]
    pub fn assistant(self, content: impl Into<Content>) -> Self {
        self.turn(Turn::assistant(content))
    }

    /// Adds a turn; a reply may be given as it is.
    #[must_use]
    pub fn turn(mut self, turn: impl Into<Turn>) -> Self {
        self.messages.push(turn.into());
        self
    }

    /// Sets the most tokens that may be generated.
    #[must_use]
    pub fn max_tokens(mut self, max_tokens: u32) -> Self {
        self.max_tokens = max_tokens;
        self
    }

    /// Sets the system prompt.
    #[must_use]
    pub fn system(mut self, system: impl Into<System>) -> Self {
        self.system = Some(system.into());
        self
    }

    /// Sets the temperature, 0 to 1.
    #[must_use]
    pub fn temperature(mut self, temperature: f64) -> Self {
        self.temperature = Some(temperature);
        self
    }

    /// Sets nucleus sampling, 0 to 1.
    #[must_use]
    pub fn top_p(mut self, top_p: f64) -> Self {
        self.top_p = Some(top_p);
        self
    }

    /// Samples from the `top_k` likeliest tokens.
    #[must_use]
    pub fn top_k(mut self, top_k: i64) -> Self {
        self.top_k = Some(top_k);
        self
    }

    /// Adds a string at which the model stops.
    #[must_use]
    pub fn stop_sequence(mut self, stop: impl Into<String>) -> Self {
        self.stop_sequences.get_or_insert_default().push(stop.into());
        self
    }

    /// Adds a tool.
    #[must_use]
    pub fn tool(mut self, tool: impl Into<Tool>) -> Self {
        self.tools.get_or_insert_default().push(tool.into());
        self
    }

    /// Says whether a tool must be called.
    #[must_use]
    pub fn tool_choice(mut self, choice: ToolChoice) -> Self {
        self.tool_choice = Some(choice);
        self
    }

    /// Says how much the model may think.
    #[must_use]
    pub fn thinking(mut self, thinking: Thinking) -> Self {
        self.thinking = Some(thinking);
        self
    }

    /// Says how much work goes into the answer.
    #[must_use]
    pub fn effort(mut self, effort: Effort) -> Self {
        self.output_config.get_or_insert_default().effort = Some(effort);
        self
    }

    /// Says what form the answer has.
    #[must_use]
    pub fn output_format(mut self, format: OutputFormat) -> Self {
        self.output_config.get_or_insert_default().format = Some(format);
        self
    }

    /// Caches everything up to the last block that takes a checkpoint.
    #[must_use]
    pub fn cache_control(mut self, cache: impl Into<CacheControl>) -> Self {
        self.cache_control = Some(cache.into());
        self
    }

    /// Has a long conversation made shorter before the model sees it.
    #[must_use]
    pub fn context_management(mut self, context: ContextManagement) -> Self {
        self.context_management = Some(context);
        self
    }

    /// Has everything up to the last block cached, for so long: the checkpoint goes where the surface takes one.
    #[must_use]
    pub fn cache(mut self, lifetime: impl Into<CacheControl>) -> Self {
        self.cache_control = Some(lifetime.into());
        self
    }

    /// Names the end user by an opaque id.
    #[must_use]
    pub fn user_id(mut self, user_id: impl Into<String>) -> Self {
        self.metadata = Some(Metadata { user_id: Some(user_id.into()), extra: Default::default() });
        self
    }

    /// Asks for the window of a million tokens. What that takes, and whether the model has it, is the capability
    /// table's to say.
    #[must_use]
    pub fn context_1m(self) -> Self {
        match self.betas.iter().flatten().any(|beta| beta == CONTEXT_1M) {
            true => self,
            false => self.beta(CONTEXT_1M),
        }
    }

    /// Adds a beta flag.
    #[must_use]
    pub fn beta(mut self, beta: impl Into<String>) -> Self {
        self.betas.get_or_insert_default().push(beta.into());
        self
    }

    /// Sets a top-level member that has no field here.
    #[must_use]
    pub fn extra_member(mut self, name: impl Into<Box<str>>, value: Json) -> Self {
        self.extra.set(name, value);
        self
    }

    /// The text of the last user turn, joined.
    #[must_use]
    pub fn last_user_text(&self) -> Option<std::borrow::Cow<'_, str>> {
        let turn = self.messages.iter().rev().find(|turn| turn.role == Role::User)?;
        Some(turn.content.text())
    }

    /// Members of Anthropic's own API that not every surface takes, and whether each is given.
    #[must_use]
    pub fn uncommon_members(&self) -> [(&'static str, bool); 6] {
        [
            ("container", self.container.is_some()),
            ("diagnostics", self.diagnostics.is_some()),
            ("inference_geo", self.inference_geo.is_some()),
            ("mcp_servers", self.mcp_servers.is_some()),
            ("service_tier", self.service_tier.is_some()),
            ("speed", self.speed.is_some()),
        ]
    }

    /// Every block of every turn; a turn that is one string has none.
    pub fn blocks(&self) -> impl Iterator<Item = &Block> {
        self.messages.iter().flat_map(|turn| match &turn.content {
            Content::Text(_) => &[][..],
            Content::Blocks(blocks) => blocks,
        })
    }
}
