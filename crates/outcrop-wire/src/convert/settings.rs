//! What a request has besides its conversation, each way: sampling, tools, output, and what Converse takes as additional
//! fields.

use super::losses::{CALL_SETTING, FOREIGN_MEMBER, MAX_TOKENS, SAID_TWICE, VERSION};
use super::place::Place;
use super::tool::{Tools, plain_choice};
use super::{ToConverse, ToMessages, kept};
use crate::converse::{self, ConverseRequest, InferenceConfig, JsonSchema, OutputStructure, TextFormat, ToolConfig};
use crate::edit::{member_of, request_of};
use crate::json::{Extra, Json};
use crate::messages::{JsonSchemaFormat, MessageRequest, OutputConfig, OutputFormat, Tool};
use crate::record::Record as _;

/// The member of Converse for what it does not model.
const FIELDS: &str = "additionalModelRequestFields";

/// The member of Converse that asks for pieces of the model's own answer.
const PATHS: &str = "additionalModelResponseFieldPaths";

/// Where the model's own answer has its stop sequence: whole, and streamed. What points nowhere is ignored (botocore,
/// documentation of `additionalModelResponseFieldPaths`; the second recorded by vercel/ai, issue 18994).
const STOP_SEQUENCE: [&str; 2] = ["/stop_sequence", "/delta/stop_sequence"];

/// Members of Converse that Messages has no word for; kept under their names.
const KEPT: [&str; 7] =
    [FIELDS, PATHS, "guardrailConfig", "performanceConfig", "promptVariables", "requestMetadata", "serviceTier"];

/// What is generated at most where Converse leaves it to the model.
const MADE_UP_MAX_TOKENS: u32 = 4096;

impl ToConverse {
    /// Everything but system prompt and conversation.
    pub(super) fn settings(&mut self, request: MessageRequest) -> ConverseRequest {
        let MessageRequest {
            model,
            anthropic_version,
            betas,
            max_tokens,
            system: _,
            messages: _,
            temperature,
            top_p,
            top_k,
            stop_sequences,
            tools,
            tool_choice,
            thinking,
            output_config,
            cache_control,
            context_management,
            container,
            metadata,
            stream: _,
            service_tier,
            inference_geo,
            speed,
            diagnostics,
            mcp_servers,
            user_profile_id,
            extra,
        } = request;
        let mut converse = ConverseRequest::new(model);
        if anthropic_version.is_some() {
            self.losses.add(&VERSION, &Place::of("anthropic_version"));
        }
        if stop_sequences.as_ref().is_some_and(|stops| !stops.is_empty()) {
            converse.additional_model_response_field_paths = Some(STOP_SEQUENCE.map(str::to_owned).into());
        }
        let inference = InferenceConfig {
            // Only a request that was never given a limit has none.
            max_tokens: (max_tokens > 0).then_some(max_tokens),
            temperature,
            top_p,
            stop_sequences,
            extra: Extra::new(),
        };
        converse.inference_config = (inference != InferenceConfig::default()).then_some(inference);

        let Tools { own, raw } = self.tools(tools.unwrap_or_default(), &Place::of("tools"));
        let plain = tool_choice.as_ref().filter(|_| !own.is_empty()).and_then(plain_choice);
        let choice = tool_choice.filter(|_| plain.is_none());
        if !own.is_empty() {
            converse.tool_config = Some(ToolConfig { tools: own, tool_choice: plain, extra: Extra::new() });
        }

        let output_config = output_config.and_then(|output| self.output(output, &mut converse));
        let mut fields = Extra::new();
        set(&mut fields, "anthropic_beta", betas);
        set(&mut fields, "thinking", thinking);
        set(&mut fields, "top_k", top_k);
        set(&mut fields, "tools", (!raw.is_empty()).then_some(raw));
        set(&mut fields, "tool_choice", choice);
        set(&mut fields, "output_config", output_config);
        set(&mut fields, "cache_control", cache_control);
        set(&mut fields, "context_management", context_management);
        set(&mut fields, "container", container);
        set(&mut fields, "metadata", metadata);
        set(&mut fields, "service_tier", service_tier);
        set(&mut fields, "inference_geo", inference_geo);
        set(&mut fields, "speed", speed);
        set(&mut fields, "diagnostics", diagnostics);
        set(&mut fields, "mcp_servers", mcp_servers);
        set(&mut fields, "user_profile_id", user_profile_id);
        let mut kept = Extra::new();
        for (name, value) in extra.iter() {
            match name {
                name if KEPT.contains(&name) => kept.set(name, value.clone()),
                name if value.is_null() && MessageRequest::MEMBERS.contains(&name) => {}
                name => fields.set(name, value.clone()),
            }
        }
        if !fields.is_empty() {
            converse.additional_model_request_fields = Json::of(&fields).ok();
        }
        restore(kept, &mut converse);
        converse
    }

    /// Form and effort go where each has been recorded: the form to `outputConfig`, and the effort to the model's own
    /// `output_config`, of which this gives what is left. With a form both go to `outputConfig`: whether Bedrock would
    /// put two `output_config` together is not known.
    fn output(&mut self, output: OutputConfig, converse: &mut ConverseRequest) -> Option<OutputConfig> {
        let OutputConfig { mut effort, format, task_budget, extra } = output;
        let mut left = None;
        let text_format = match format {
            Some(OutputFormat::JsonSchema(JsonSchemaFormat { schema, extra })) => {
                let text = |name: &str| extra.value(name).and_then(|value| value.parse::<String>().ok());
                let (name, description) = (text("name"), text("description"));
                let others = extra.iter().filter(|(member, _)| !["name", "description"].contains(member));
                let others: Extra = others.map(|(member, value)| (member, value.clone())).collect();
                self.losses.unknown(&others, &Place::of("output_config").member("format"));
                let mut format = TextFormat::json_schema(&schema);
                if let OutputStructure::JsonSchema(schema) = &mut format.structure {
                    (schema.name, schema.description) = (name, description);
                }
                Some(format)
            }
            Some(OutputFormat::Other(other))
                if other.kind.is_empty() && kept::restored::<TextFormat>(&other).is_some() =>
            {
                kept::restored(&other)
            }
            other => {
                left = other;
                None
            }
        };
        if text_format.is_some() {
            converse.output_config =
                Some(converse::OutputConfig { text_format, effort: effort.take(), extra: Extra::new() });
        }
        let left = OutputConfig { effort, format: left, task_budget, extra };
        (left != OutputConfig::default()).then_some(left)
    }
}

fn set<T: serde::Serialize>(fields: &mut Extra, name: &str, value: Option<T>) {
    // Values of the wire always encode.
    if let Some(value) = value.and_then(|value| Json::of(&value).ok()) {
        fields.set(name, value);
    }
}

/// Puts what was kept back in its place.
fn restore(kept: Extra, converse: &mut ConverseRequest) {
    for (name, value) in kept.iter() {
        let mut alone = Extra::new();
        alone.set(name, value.clone());
        match Json::of(&alone).and_then(|json| json.parse::<ConverseRequest>()) {
            Ok(mut restored) => {
                if name == PATHS {
                    let asked = restored.additional_model_response_field_paths.get_or_insert_default();
                    let ours = converse.additional_model_response_field_paths.take().unwrap_or_default();
                    asked.extend(ours);
                }
                converse.take_member(name, &mut restored);
            }
            Err(_) => converse.extra.set(name, value.clone()),
        }
    }
}

impl ToMessages {
    /// Everything but system prompt and conversation.
    pub(super) fn settings(&mut self, request: ConverseRequest) -> MessageRequest {
        let ConverseRequest {
            model,
            messages: _,
            system: _,
            inference_config,
            tool_config,
            guardrail_config,
            additional_model_request_fields,
            prompt_variables,
            additional_model_response_field_paths,
            request_metadata,
            performance_config,
            service_tier,
            output_config,
            extra,
        } = request;
        for (name, _) in extra.iter().filter(|(_, value)| !value.is_null()) {
            self.losses.add(&FOREIGN_MEMBER, &Place::of(name));
        }
        let mut messages = MessageRequest::new(model, 0);
        if let Some(InferenceConfig { max_tokens, temperature, top_p, stop_sequences, extra }) = inference_config {
            self.losses.foreign(&extra, &Place::of("inferenceConfig"));
            messages.max_tokens = max_tokens.unwrap_or_default();
            messages.temperature = temperature;
            messages.top_p = top_p;
            messages.stop_sequences = stop_sequences;
        }
        if let Some(config) = tool_config {
            (messages.tools, messages.tool_choice) = self.tool_config(config, &Place::of("toolConfig"));
        }
        if let Some(output) = output_config {
            messages.output_config = self.output(output, &Place::of("outputConfig"));
        }
        let paths = additional_model_response_field_paths.map(|mut paths| {
            paths.retain(|path| !STOP_SEQUENCE.contains(&path.as_str()));
            paths
        });
        self.keep(&mut messages, PATHS, paths.filter(|paths| !paths.is_empty()));
        self.keep(&mut messages, "guardrailConfig", guardrail_config);
        self.keep(&mut messages, "performanceConfig", performance_config);
        self.keep(&mut messages, "promptVariables", prompt_variables);
        self.keep(&mut messages, "requestMetadata", request_metadata);
        self.keep(&mut messages, "serviceTier", service_tier);
        match additional_model_request_fields.map(|fields| fields.parse::<Extra>().map_err(|_| fields)) {
            Some(Ok(fields)) => self.additional(&mut messages, &fields),
            Some(Err(fields)) if !fields.is_null() => self.keep(&mut messages, FIELDS, Some(fields)),
            _ => {}
        }
        if messages.max_tokens == 0 {
            self.losses.add(&MAX_TOKENS, &Place::of("inferenceConfig"));
            messages.max_tokens = MADE_UP_MAX_TOKENS;
        }
        messages
    }

    fn keep<T: serde::Serialize>(&mut self, messages: &mut MessageRequest, name: &str, value: Option<T>) {
        if let Some(value) = value.and_then(|value| Json::of(&value).ok()) {
            self.losses.add(&CALL_SETTING, &Place::of(name));
            messages.extra.set(name, value);
        }
    }

    /// Members of Messages that came as additional fields.
    fn additional(&mut self, messages: &mut MessageRequest, fields: &Extra) {
        let at = Place::of(FIELDS);
        for (name, value) in fields.iter() {
            match name {
                "tools" if messages.tools.is_some() => match value.parse::<Vec<Tool>>() {
                    Ok(tools) => messages.tools.get_or_insert_default().extend(tools),
                    Err(_) => messages.extra.set(name, value.clone()),
                },
                "output_config" if messages.output_config.is_some() => match value.parse::<OutputConfig>() {
                    Ok(output) => self.more_output(messages, output, &at.member(name)),
                    Err(_) => messages.extra.set(name, value.clone()),
                },
                "max_tokens" if messages.max_tokens == 0 => match value.parse() {
                    Ok(max_tokens) => messages.max_tokens = max_tokens,
                    Err(_) => messages.extra.set(name, value.clone()),
                },
                name if member_of(messages, name).is_some() || SAID.contains(&name) => {
                    self.losses.add(&SAID_TWICE, &at.member(name));
                }
                name => match request_of(name, value) {
                    Ok(mut said) => messages.take_member(name, &mut said),
                    Err(_) => messages.extra.set(name, value.clone()),
                },
            }
        }
    }

    fn more_output(&mut self, messages: &mut MessageRequest, more: OutputConfig, place: &Place<'_>) {
        let OutputConfig { effort, format, task_budget, extra } = more;
        let output = messages.output_config.get_or_insert_default();
        let twice = [
            ("effort", output.effort.is_some() && effort.is_some()),
            ("format", output.format.is_some() && format.is_some()),
        ];
        for (name, _) in twice.iter().filter(|(_, twice)| *twice) {
            self.losses.add(&SAID_TWICE, &place.member(name));
        }
        output.effort = output.effort.take().or(effort);
        output.format = output.format.take().or(format);
        output.task_budget = task_budget;
        output.extra.update(extra.iter());
    }

    fn output(&mut self, output: converse::OutputConfig, place: &Place<'_>) -> Option<OutputConfig> {
        let converse::OutputConfig { text_format, effort, extra } = output;
        self.losses.foreign(&extra, place);
        let at = place.member("textFormat");
        let format = text_format.map(|format| match schema_of(&format) {
            Some((schema, JsonSchema { name, description, extra, .. })) => {
                self.losses.foreign(extra, &at.member("structure").member("jsonSchema"));
                self.losses.foreign(&format.extra, &at);
                let mut members = Extra::new();
                set(&mut members, "name", name.as_ref());
                set(&mut members, "description", description.as_ref());
                OutputFormat::JsonSchema(JsonSchemaFormat { schema, extra: members })
            }
            None => {
                self.losses.add(&CALL_SETTING, &at);
                let mut kept = kept::keep(&format);
                // Its `type` is a member like any other here: the kept value has none of its own.
                kept.kind = String::new();
                OutputFormat::Other(kept)
            }
        });
        let output = OutputConfig { effort, format, ..OutputConfig::default() };
        (output != OutputConfig::default()).then_some(output)
    }
}

/// Members that a request of Converse has under other names.
const SAID: [&str; 3] = ["max_tokens", "messages", "model"];

/// The schema, where the form is JSON that matches one.
fn schema_of(format: &TextFormat) -> Option<(Json, &JsonSchema)> {
    let OutputStructure::JsonSchema(schema) = &format.structure else { return None };
    let json = Json::from_text(schema.schema.as_str()).ok()?;
    (format.kind == "json_schema").then_some((json, schema))
}
