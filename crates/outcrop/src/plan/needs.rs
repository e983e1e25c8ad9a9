//! What a request needs of a surface and a model, read from a typed request.

use outcrop_wire::limits::MediaNeeds;
use outcrop_wire::messages::{
    Block, CacheControl, Content, CustomTool, MessageRequest, System, Thinking, Tool, ToolChoice, Ttl,
};

use super::DocumentNeed;

/// What a request needs of a surface and a model.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Needs {
    /// The version the caller insists on.
    pub version: Option<String>,
    /// Beta flags.
    pub betas: Vec<String>,
    /// Beta flags given as a header, as Anthropic's own API takes them.
    pub header_betas: Vec<String>,
    /// Parts that need a flag: types of edits of the context, members of tools.
    pub features: Vec<String>,
    /// Tokens that may be generated.
    pub max_tokens: u32,
    /// `temperature`, `top_p` and `top_k`, those that are given.
    pub sampling: Vec<(&'static str, f64)>,
    /// The tools that need something which not every model takes, in order.
    pub tools: Vec<ToolNeed>,
    /// Whether one must be called.
    pub tool_choice: Option<ToolChoice>,
    /// How much the model may think.
    pub thinking: Option<Thinking>,
    /// The effort.
    pub effort: Option<String>,
    /// Whether the answer is to have a form.
    pub output_format: bool,
    /// Whether there is more in `output_config` than effort and form.
    pub more_output: bool,
    /// Top-level members that not every surface takes.
    pub members: Vec<String>,
    /// A checkpoint for whatever comes last.
    pub automatic_cache: Option<AutomaticCache>,
    /// Whether a cached prefix is to live for an hour.
    pub hour_cache: bool,
    /// Images and documents.
    pub media: MediaNeeds,
    /// Every document, in order.
    pub documents: Vec<DocumentNeed>,
    /// Whether the pages of PDFs are to be seen, on surfaces that show them only where citations are on.
    pub visual: bool,
    /// Whether a guardrail is to look at it.
    pub guardrail: bool,
}

/// What one tool needs.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ToolNeed {
    /// Its place among all tools of the request.
    pub at: usize,
    /// Its `type`; `custom` for one of the caller's own.
    pub kind: String,
    /// What it is called.
    pub name: String,
    /// Whether its arguments must match the schema exactly.
    pub strict: bool,
    /// Whether its arguments are streamed before they are known to be JSON.
    pub eager: bool,
}

/// A checkpoint for whatever comes last, and where that is.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct AutomaticCache {
    /// The checkpoint.
    pub control: CacheControl,
    /// The last turn.
    pub turn: usize,
    /// The last block of it that takes one.
    pub block: usize,
    /// The turn, where it is one string: it becomes the block that it stands for.
    pub text: Option<String>,
}

impl Needs {
    /// Of a typed request.
    #[must_use]
    pub fn of(request: &MessageRequest) -> Self {
        #[allow(clippy::cast_precision_loss)] // only compared
        let sampling = [
            ("temperature", request.temperature),
            ("top_p", request.top_p),
            ("top_k", request.top_k.map(|top_k| top_k as f64)),
        ];
        let uncommon = request.uncommon_members().into_iter().filter(|(_, given)| *given);
        let members = uncommon.map(|(name, _)| name.to_owned());
        let output = request.output_config.as_ref();
        Needs {
            version: request.anthropic_version.clone(),
            betas: request.betas.clone().unwrap_or_default(),
            header_betas: Vec::new(),
            features: features(request),
            max_tokens: request.max_tokens,
            sampling: sampling.into_iter().filter_map(|(name, value)| Some((name, value?))).collect(),
            tools: request.tools.iter().flatten().enumerate().filter_map(ToolNeed::of).collect(),
            tool_choice: request.tool_choice.clone(),
            thinking: request.thinking.clone(),
            effort: output.and_then(|output| output.effort.as_ref()).map(ToString::to_string),
            output_format: output.is_some_and(|output| output.format.is_some()),
            more_output: output.is_some_and(|output| output.task_budget.is_some() || !output.extra.is_empty()),
            members: members.chain(request.extra.iter().map(|(name, _)| name.to_owned())).collect(),
            automatic_cache: request.cache_control.as_ref().and_then(|control| AutomaticCache::of(control, request)),
            hour_cache: lasts_an_hour(request),
            media: MediaNeeds::of(request),
            documents: DocumentNeed::all(request),
            visual: false,
            guardrail: false,
        }
    }
}

impl ToolNeed {
    /// None for a plain tool of the caller's own, which every model takes.
    fn of((at, tool): (usize, &Tool)) -> Option<Self> {
        let (strict, eager) = match tool {
            Tool::Custom(tool) => match (tool.strict.is_some(), tool.eager_input_streaming.is_some()) {
                (false, false) => return None,
                asked => asked,
            },
            _ => (false, false),
        };
        let name = tool.name().unwrap_or_default().into_owned();
        Some(ToolNeed { at, kind: tool.kind().to_owned(), name, strict, eager })
    }
}

impl AutomaticCache {
    /// Where the checkpoint belongs; nowhere in a conversation that holds nothing.
    fn of(control: &CacheControl, request: &MessageRequest) -> Option<Self> {
        let turn = request.messages.len().checked_sub(1)?;
        let (block, text) = match &request.messages[turn].content {
            Content::Text(text) => (0, Some(text.clone())),
            // Thinking, say, takes none.
            Content::Blocks(blocks) => (blocks.iter().rposition(Block::takes_checkpoint)?, None),
        };
        Some(AutomaticCache { control: control.clone(), turn, block, text })
    }
}

/// The parts of a request that need a beta flag.
fn features(request: &MessageRequest) -> Vec<String> {
    let edits = request.context_management.iter().flat_map(|context| context.edits.iter().flatten());
    let mut features: Vec<String> = edits.map(|edit| edit.kind().to_owned()).collect();
    if request.output_config.as_ref().is_some_and(|output| output.task_budget.is_some()) {
        features.push("task_budget".to_owned());
    }
    let own = |tool: &Tool, has: fn(&CustomTool) -> bool| matches!(tool, Tool::Custom(tool) if has(tool));
    let any = |has: fn(&CustomTool) -> bool| request.tools.iter().flatten().any(|tool| own(tool, has));
    if any(|tool| tool.input_examples.is_some()) {
        features.push("input_examples".to_owned());
    }
    if any(|tool| tool.defer_loading == Some(true)) {
        features.push("defer_loading".to_owned());
    }
    features
}

fn lasts_an_hour(request: &MessageRequest) -> bool {
    let hour = |control: Option<&CacheControl>| control.is_some_and(|control| control.ttl == Some(Ttl::OneHour));
    let system = match &request.system {
        Some(System::Blocks(blocks)) => &blocks[..],
        _ => &[],
    };
    hour(request.cache_control.as_ref())
        || request.tools.iter().flatten().any(|tool| hour(tool.checkpoint()))
        || system.iter().any(|block| hour(block.checkpoint()))
        || request.blocks().any(|block| hour(block.checkpoint()))
}
