//! What is asked of the model so that its reply holds a value.

use outcrop_wire::Json;
use outcrop_wire::catalogue::Capabilities;
use outcrop_wire::messages::{
    Message, MessageRequest, OutputFormat, System, SystemBlock, TextBlock, Thinking, Tool, ToolChoice,
};
use outcrop_wire::schema::enforced;
use outcrop_wire::surface::Delivery;
use serde::de::DeserializeOwned;

use super::{Mode, Parsed, read, root};
use crate::call::CallOptions;
use crate::client::Inner;
use crate::error::{Error, Kind, Result};
use crate::plan::{Choice, Needs};
use crate::resolve;
use crate::response::Response;

/// A request that asks for a value.
pub(super) struct Asked {
    pub(super) request: MessageRequest,
    pub(super) mode: Mode,
    /// Why that mode.
    notes: Vec<String>,
    schema: Json,
    /// The tool whose arguments are the value.
    pub(super) tool: String,
    /// Whether the value is a member of the arguments.
    pub(super) wrapped: bool,
    /// Whether a tool can be forced, as far as is known.
    can_force: bool,
}

impl Asked {
    pub(super) fn new(client: &Inner, request: MessageRequest, schema: &Json, options: &CallOptions) -> Result<Self> {
        if request.output_config.as_ref().is_some_and(|config| config.format.is_some()) {
            let error = refused("the request has an output_config.format, which is parse's to set");
            return Err(error.with_hint("leave the format out, or use `create` and read the text"));
        }
        let today = resolve::today(client);
        let options = client.defaults.under(options);
        let named = resolve::named(client, &request.model, client.region.as_deref(), options.scope.as_ref());
        let model = named.model;
        let name = model.map_or_else(|| request.model.as_str().to_owned(), |model| model.name().to_owned());
        let mut needs = Needs::of(&request);
        options.need(&mut needs);
        let unreachable = |surface| client.hosts.unreachable(surface, client.region.as_deref());
        let choice = Choice {
            needs: &needs,
            model: &named,
            delivery: Delivery::Unary,
            catalogue: &client.catalogue,
            today: &today,
            unreachable: &unreachable,
        };
        let chosen = choice.choose(options.surface);
        // What is wrong with the choice, the call says.
        let capabilities: Option<Capabilities<'_>> = chosen.ok().map(|chosen| chosen.accepts);
        let mut asked = Asked {
            request,
            mode: Mode::Native,
            notes: Vec::new(),
            schema: schema.clone(),
            tool: String::new(),
            wrapped: false,
            can_force: capabilities.as_ref().is_none_or(Capabilities::forced_tools),
        };
        if capabilities.and_then(|capabilities| capabilities.output_format()) != Some(true) {
            asked.by_tool(&format!("{name} has no JSON Schema output that is known of"))?;
            return Ok(asked);
        }
        match enforced(schema) {
            Ok(enforced) if enforced.closed.is_empty() => {
                let config = asked.request.output_config.get_or_insert_default();
                config.format = Some(OutputFormat::json_schema(enforced.schema));
            }
            Ok(enforced) => {
                let places = enforced.closed.join("`, `");
                asked.by_tool(&format!("JSON Schema output has no maps, and `{places}` is one"))?;
            }
            Err(error) => asked.by_tool(&format!("JSON Schema output does not take it: {error}"))?,
        }
        Ok(asked)
    }

    /// Asks by a tool, after the service said that the model has no JSON Schema output: that varies by account and region
    /// (hindsight issue 3300). Says whether it does.
    pub(super) fn fall_back(&mut self, error: &Error) -> Result<bool> {
        // `output_config.format: Extra inputs are not permitted`, as quoted in anthropic-sdk-python issue 1759.
        let unknown = |text: &str| text.contains("output_config") && text.contains("Extra inputs are not permitted");
        if self.mode != Mode::Native || !error.service_message().is_some_and(unknown) {
            return Ok(false);
        }
        if let Some(config) = &mut self.request.output_config {
            config.format = None;
        }
        self.request.output_config.take_if(|config| *config == Default::default());
        self.by_tool("the service refused output_config.format")?;
        Ok(true)
    }

    fn by_tool(&mut self, why: &str) -> Result<()> {
        if !matches!(self.request.tool_choice, None | Some(ToolChoice::Auto(_))) {
            let why = format!("the request has a tool_choice, and the value is asked for by a tool: {why}");
            return Err(refused(&why).with_hint("leave tool_choice out"));
        }
        let thinks = matches!(self.request.thinking, Some(ref thinking) if !matches!(thinking, Thinking::Disabled(_)));
        self.mode = if thinks || !self.can_force { Mode::AskedTool } else { Mode::ForcedTool };
        let (schema, wrapped) = root::object(&self.schema);
        self.wrapped = wrapped;
        let tools = self.request.tools.get_or_insert_default();
        self.tool = "json".to_owned();
        while tools.iter().any(|tool| tool.name().as_deref() == Some(&self.tool)) {
            self.tool.push('_');
        }
        tools.push(Tool::new(&self.tool, "Takes the answer: its arguments are the whole of it.", schema));
        match self.mode {
            Mode::ForcedTool => {
                self.request.tool_choice = Some(ToolChoice::tool(&self.tool));
                self.notes.push(format!("the value is asked for by the tool `{}`: {why}", self.tool));
            }
            _ => {
                let wish = format!(
                    "Give your answer by calling the tool `{}` once, and write nothing else: its arguments are the answer.",
                    self.tool
                );
                match &mut self.request.system {
                    None => self.request.system = Some(wish.into()),
                    Some(System::Text(text)) => {
                        text.push_str("\n\n");
                        text.push_str(&wish);
                    }
                    Some(System::Blocks(blocks)) => blocks.push(SystemBlock::Text(TextBlock::new(wish))),
                }
                let reason = if thinks { "a model that thinks cannot be forced" } else { "no tool can be forced" };
                self.notes.push(format!("the model is asked to call the tool `{}`: {why}; {reason}", self.tool));
            }
        }
        Ok(())
    }

    /// What the reply holds. `cut` are arguments of the tool that never became JSON.
    pub(super) fn parsed<T: DeserializeOwned>(mut self, mut reply: Response<Message>, cut: Option<&str>) -> Parsed<T> {
        let output = match self.mode {
            Mode::Native => read::text(&reply),
            Mode::ForcedTool | Mode::AskedTool => read::call(&reply, &self.tool, self.wrapped, cut),
        };
        reply.meta.notes.append(&mut self.notes);
        Parsed { output, mode: self.mode, reply }
    }
}

fn refused(why: &str) -> Error {
    Error::new(Kind::Invalid, "ask for a value", why)
}
