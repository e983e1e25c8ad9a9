//! Tools and whether one must be called, each way.

use super::losses::{CALL_SETTING, FOREIGN_TOOL, LONE_CHECKPOINT, SETTING, TOOL_ORDER};
use super::place::Place;
use super::{ToConverse, ToMessages, kept};
use crate::converse::{self, CachePointBlock, InputSchema, ToolConfig, ToolSpec};
use crate::json::{Extra, Json};
use crate::messages::{CustomTool, Tool, ToolChoice};

/// The tools of a request of Converse: the caller's own, and those that Anthropic defined.
pub(super) struct Tools {
    pub(super) own: Vec<converse::Tool>,
    pub(super) raw: Vec<Json>,
}

impl ToConverse {
    /// The tools; those that Converse has no shape for stay as they are.
    pub(super) fn tools(&mut self, tools: Vec<Tool>, place: &Place<'_>) -> Tools {
        let mut converted = Tools { own: Vec::with_capacity(tools.len()), raw: Vec::new() };
        let last_own = tools.iter().rposition(|tool| matches!(tool, Tool::Custom(_)));
        for (at, tool) in tools.into_iter().enumerate() {
            let place = place.item(at);
            match tool {
                Tool::Custom(tool) => self.custom_tool(tool, &mut converted.own, &place),
                Tool::Other(other) if other.kind.is_empty() => {
                    converted.own.push(kept::restored_or(&other, converse::Tool::Other));
                }
                tool => {
                    if last_own.is_some_and(|last| at < last) {
                        self.losses.add(&TOOL_ORDER, &place);
                    }
                    converted.raw.extend(Json::of(&tool));
                }
            }
        }
        converted
    }

    fn custom_tool(&mut self, tool: CustomTool, own: &mut Vec<converse::Tool>, place: &Place<'_>) {
        let CustomTool {
            kind: _,
            name,
            description,
            input_schema,
            cache_control,
            strict,
            eager_input_streaming,
            input_examples,
            defer_loading,
            allowed_callers,
            extra,
        } = tool;
        let settings = [
            ("eager_input_streaming", eager_input_streaming.is_some()),
            ("input_examples", input_examples.is_some()),
            ("defer_loading", defer_loading.is_some()),
            ("allowed_callers", allowed_callers.is_some()),
        ];
        for (name, _) in settings.iter().filter(|(_, given)| *given) {
            self.losses.add(&SETTING, &place.member(name));
        }
        self.losses.unknown(&extra, place);
        own.push(converse::Tool::ToolSpec(ToolSpec {
            name,
            description: description.filter(|description| !description.is_empty()),
            input_schema: InputSchema::Json(input_schema),
            strict,
            extra: Extra::new(),
        }));
        if let Some(control) = cache_control {
            own.push(converse::Tool::CachePoint(self.cache_point(control, &place.member("cache_control"))));
        }
    }
}

/// The choice as Converse has it; `None` where it says more, or something else, and goes as it is.
pub(super) fn plain_choice(choice: &ToolChoice) -> Option<converse::ToolChoice> {
    match choice {
        ToolChoice::Auto(auto) if auto.disable_parallel_tool_use.is_none() && auto.extra.is_empty() => {
            Some(converse::ToolChoice::auto())
        }
        ToolChoice::Any(any) if any.disable_parallel_tool_use.is_none() && any.extra.is_empty() => {
            Some(converse::ToolChoice::any())
        }
        ToolChoice::Tool(tool) if tool.disable_parallel_tool_use.is_none() && tool.extra.is_empty() => {
            Some(converse::ToolChoice::tool(tool.name.as_str()))
        }
        ToolChoice::Other(other) if other.kind.is_empty() => {
            Some(kept::restored_or(other, converse::ToolChoice::Other))
        }
        _ => None,
    }
}

impl ToMessages {
    /// The tools and the choice.
    pub(super) fn tool_config(
        &mut self,
        config: ToolConfig,
        place: &Place<'_>,
    ) -> (Option<Vec<Tool>>, Option<ToolChoice>) {
        let ToolConfig { tools, tool_choice, extra } = config;
        self.losses.foreign(&extra, place);
        let at = place.member("tools");
        let mut converted: Vec<Tool> = Vec::with_capacity(tools.len());
        for (index, tool) in tools.into_iter().enumerate() {
            let place = at.item(index);
            match tool {
                converse::Tool::ToolSpec(ToolSpec {
                    name,
                    description,
                    input_schema: InputSchema::Json(input_schema),
                    strict,
                    extra,
                }) => {
                    self.losses.foreign(&extra, &place.member("toolSpec"));
                    converted.push(Tool::Custom(CustomTool {
                        name,
                        description: description.filter(|description| !description.is_empty()),
                        input_schema,
                        strict,
                        ..CustomTool::default()
                    }));
                }
                converse::Tool::CachePoint(point) => match converted.last_mut().and_then(Tool::checkpoint_mut) {
                    Some(free @ None) if point.kind == CachePointBlock::default().kind => {
                        *free = Some(self.cache_control(point, &place));
                    }
                    _ => {
                        self.losses.add(&LONE_CHECKPOINT, &place);
                        converted.push(Tool::Other(kept::keep(&converse::Tool::CachePoint(point))));
                    }
                },
                tool => {
                    self.losses.add(&FOREIGN_TOOL, &place);
                    converted.push(Tool::Other(kept::keep(&tool)));
                }
            }
        }
        let choice = tool_choice.map(|choice| self.tool_choice(choice, &place.member("toolChoice")));
        ((!converted.is_empty()).then_some(converted), choice)
    }

    fn tool_choice(&mut self, choice: converse::ToolChoice, place: &Place<'_>) -> ToolChoice {
        match choice {
            converse::ToolChoice::Auto(auto) => {
                self.losses.foreign(&auto.extra, place);
                ToolChoice::auto()
            }
            converse::ToolChoice::Any(any) => {
                self.losses.foreign(&any.extra, place);
                ToolChoice::any()
            }
            converse::ToolChoice::Tool(tool) => {
                self.losses.foreign(&tool.extra, place);
                ToolChoice::tool(tool.name)
            }
            choice @ converse::ToolChoice::Other(_) => {
                self.losses.add(&CALL_SETTING, place);
                ToolChoice::Other(kept::keep(&choice))
            }
        }
    }
}
