//! Tools, the choice among them, and the form of the answer.

use serde_json::{Value, json};

use super::{OPUS_4_5, OPUS_4_6, OPUS_4_8, SONNET_4, SONNET_4_5, body, refused, taken};

fn tools(tools: Value) -> Value {
    body(json!({ "tools": tools }))
}

fn named(name: &str) -> Value {
    json!({"name": name, "input_schema": {"type": "object"}})
}

fn with(members: Value) -> Value {
    let mut tool = named("weather");
    tool.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    tools(json!([tool]))
}

#[tokio::test]
async fn names_are_short_and_plain_and_different() {
    let pattern = "tools.0.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,64}$'";
    refused(
        OPUS_4_6,
        &[
            (tools(json!([named("")])), "tools.0.custom.name: String should have at least 1 character"),
            (tools(json!([named("with space")])), pattern),
            (tools(json!([named("files.read")])), pattern),
            (tools(json!([named("ümlaut")])), pattern),
            (
                tools(json!([named("a"), named(&"b".repeat(65))])),
                "tools.1.custom.name: String should have at most 64 characters",
            ),
            (tools(json!([named("a"), named("b"), named("a")])), "tools: Tool names must be unique."),
            (
                tools(json!([named("bash"), {"type": "bash_20250124", "name": "bash"}])),
                "tools: Tool names must be unique.",
            ),
        ],
    )
    .await;
    taken(OPUS_4_6, &[tools(json!([named(&"a".repeat(64)), named("b-C_9")]))]).await;
}

#[tokio::test]
async fn a_schema_is_that_of_an_object() {
    let place = "tools.0.custom.input_schema";
    let combined = format!("{place}: input_schema does not support oneOf, allOf, or anyOf at the top level");
    refused(
        OPUS_4_6,
        &[
            (with(json!({"input_schema": "object"})), &format!("{place}: Input should be a valid dictionary")),
            (with(json!({"input_schema": {}})), &format!("{place}.type: Field required")),
            (with(json!({"input_schema": {"type": "array"}})), &format!("{place}.type: Input should be 'object'")),
            (with(json!({"input_schema": {"type": ["object"]}})), &format!("{place}.type: Input should be 'object'")),
            (with(json!({"input_schema": {"type": "object", "oneOf": []}})), &combined),
            (with(json!({"input_schema": {"anyOf": [], "type": "object"}})), &combined),
        ],
    )
    .await;
    let open = "For 'object' type, 'additionalProperties' must be explicitly set to false";
    let closed = json!({"type": "object", "additionalProperties": false, "properties": {"a": {"type": "array",
        "items": {"type": "object", "properties": {}, "additionalProperties": false}}}});
    let mut half = closed.clone();
    half["properties"]["a"]["items"]["additionalProperties"] = json!(true);
    refused(
        OPUS_4_6,
        &[
            (with(json!({"strict": true})), &format!("tools.0.custom: {open}")),
            (with(json!({"strict": true, "input_schema": half})), &format!("tools.0.custom: {open}")),
        ],
    )
    .await;
    taken(OPUS_4_6, &[with(json!({"strict": false})), with(json!({"strict": true, "input_schema": closed}))]).await;
}

#[tokio::test]
async fn members_of_tools_depend_on_model_and_beta() {
    let extra = |name: &str| format!("tools.0.custom.{name}: Extra inputs are not permitted");
    refused(OPUS_4_8, &[(with(json!({"strict": true})), &extra("strict"))]).await;
    refused(
        OPUS_4_5,
        &[
            (with(json!({"eager_input_streaming": true})), &extra("eager_input_streaming")),
            (with(json!({"defer_loading": true})), &extra("defer_loading")),
            (with(json!({"input_examples": [{}]})), &extra("input_examples")),
            (with(json!({"allowed_callers": ["direct"]})), &extra("allowed_callers")),
            (with(json!({"parameters": {}})), &extra("parameters")),
        ],
    )
    .await;
    let mut found = with(json!({"defer_loading": true, "input_examples": [{}]}));
    found["anthropic_beta"] = json!(["tool-search-tool-2025-10-19", "tool-examples-2025-10-29"]);
    taken(OPUS_4_5, &[found]).await;
}

#[tokio::test]
async fn types_of_tools_are_those_of_the_model() {
    let kind = |kind: &str, name: &str| json!({"type": kind, "name": name});
    let tags = |kind: &str, others: &str| {
        format!(
            "tools.0: Input tag '{kind}' found using 'type' does not match any of the expected tags: 'bash_20250124', \
             {others}'custom', 'text_editor_20250124', 'text_editor_20250429', 'text_editor_20250728'"
        )
    };
    refused(
        SONNET_4,
        &[
            (tools(json!([kind("web_search_20250305", "web_search")])), &tags("web_search_20250305", "")),
            (tools(json!([kind("bash_20241022", "bash")])), &tags("bash_20241022", "")),
            (tools(json!([{"type": "function", "function": {}}])), &tags("function", "")),
            (
                tools(json!([{"type": "computer_20250124", "name": "computer", "display_width_px": 1024,
                    "display_height_px": 768}])),
                &tags("computer_20250124", ""),
            ),
        ],
    )
    .await;
    let mut unlocked = tools(json!([kind("memory_20250818", "memory")]));
    refused(SONNET_4_5, &[(unlocked.clone(), &tags("memory_20250818", ""))]).await;
    unlocked["anthropic_beta"] = json!(["context-management-2025-06-27"]);
    let mut computer = tools(json!([{"type": "computer_20250124", "name": "computer", "display_width_px": 1024,
        "display_height_px": 768}]));
    computer["anthropic_beta"] = json!(["computer-use-2025-01-24"]);
    let editor = tools(json!([kind("text_editor_20250728", "str_replace_based_edit_tool")]));
    taken(SONNET_4_5, &[unlocked, computer, editor]).await;
}

#[tokio::test]
async fn a_choice_is_among_the_tools() {
    let choice = |kind: Value| body(json!({"tools": [named("weather")], "tool_choice": kind}));
    let alone = |kind: Value| body(json!({ "tool_choice": kind }));
    let without = "tool_choice may only be specified while providing tools.";
    refused(
        OPUS_4_6,
        &[
            (choice(json!({"type": "tool", "name": "clock"})), "Tool 'clock' not found in provided tools"),
            (alone(json!({"type": "tool", "name": "clock"})), "Tool 'clock' not found in provided tools"),
            (alone(json!({"type": "any"})), without),
            (alone(json!({"type": "auto"})), without),
            (choice(json!({})), "tool_choice.type: Field required"),
            (
                choice(json!({"type": "required"})),
                "tool_choice: Input tag 'required' found using 'type' does not match any of the expected tags: 'any', \
                 'auto', 'none', 'tool'",
            ),
            (choice(json!({"type": "tool"})), "tool_choice.tool.name: Field required"),
            (choice(json!({"type": "any", "name": "x"})), "tool_choice.any.name: Extra inputs are not permitted"),
        ],
    )
    .await;
    taken(
        OPUS_4_6,
        &[
            choice(json!({"type": "tool", "name": "weather", "disable_parallel_tool_use": true})),
            choice(json!({"type": "any"})),
            choice(json!({"type": "auto"})),
            choice(json!({"type": "none"})),
        ],
    )
    .await;
    let forced = "tool_choice: type \"tool\" and \"any\" are not supported for this model.";
    let fable = "us.anthropic.claude-fable-5-1";
    refused(fable, &[(choice(json!({"type": "any"})), forced)]).await;
    taken(fable, &[choice(json!({"type": "auto"}))]).await;
}

#[tokio::test]
async fn a_form_of_the_answer_is_for_models_that_take_one() {
    let format = |format: Value| body(json!({"output_config": {"format": format}}));
    let closed = json!({"type": "json_schema", "schema": {"type": "object", "additionalProperties": false}});
    refused(
        OPUS_4_6,
        &[
            (
                format(json!({"type": "json_schema", "schema": {"type": "object"}})),
                "output_config.format.schema: For 'object' type, 'additionalProperties' must be explicitly set to false",
            ),
            (
                format(json!({"type": "xml"})),
                "output_config.format: Input tag 'xml' found using 'type' does not match any of the expected tags: \
                 'json_schema'",
            ),
        ],
    )
    .await;
    refused(OPUS_4_8, &[(format(closed.clone()), "output_config.format: Extra inputs are not permitted")]).await;
    taken(OPUS_4_6, &[format(closed)]).await;
}
