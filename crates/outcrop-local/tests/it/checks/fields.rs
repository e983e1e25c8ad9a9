//! Members that are not taken, wherever they stand, and those that are missing or null.

use serde_json::{Value, json};

use super::{OPUS_4_6, body, content, refused, taken, turns};

#[tokio::test]
async fn what_is_not_taken_is_named_by_its_place() {
    let image = json!({"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="});
    for (body, place) in [
        (body(json!({"brand_new": 1})), "brand_new"),
        (body(json!({"metadata": {"user_id": "u", "team": "t"}})), "metadata.team"),
        (turns(json!([{"role": "user", "content": "x", "name": "y"}])), "messages.0.name"),
        (turns(json!([{"role": "user", "content": "x", "clear_at": "never"}])), "messages.0.clear_at"),
        (content(json!([{"type": "text", "text": "x", "foo": 1}])), "messages.0.content.0.text.foo"),
        // The type last, as clients write it.
        (content(json!([{"foo": null, "text": "x", "type": "text"}])), "messages.0.content.0.text.foo"),
        (content(json!([{"type": "image", "source": image, "detail": "low"}])), "messages.0.content.0.image.detail"),
        (
            content(json!([{"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "x",
                "name": "y"}}])),
            "messages.0.content.0.image.source.base64.name",
        ),
        (
            content(json!([{"type": "document", "filename": "a.pdf", "source": {"type": "text",
                "media_type": "text/plain", "data": "x"}}])),
            "messages.0.content.0.document.filename",
        ),
        (
            content(json!([{"type": "tool_result", "tool_use_id": "a", "content": [
                {"type": "text", "text": "x", "foo": 1}]}])),
            "messages.0.content.0.tool_result.content.0.text.foo",
        ),
        (
            turns(json!([{"role": "user", "content": "x"}, {"role": "assistant", "content": [
                {"type": "text", "text": "x", "parsed_output": {}}]}])),
            "messages.1.content.0.text.parsed_output",
        ),
        (
            content(json!([{"type": "text", "text": "x", "citations": [{"type": "char_location", "cited_text": "x",
                "document_index": 0, "document_title": null, "start_char_index": 0, "end_char_index": 1,
                "foo": "f"}]}])),
            "messages.0.content.0.text.citations.0.char_location.foo",
        ),
        (body(json!({"system": [{"type": "text", "text": "x", "foo": 1}]})), "system.0.foo"),
        (body(json!({"output_config": {"verbosity": "low"}})), "output_config.verbosity"),
        (
            body(json!({"output_config": {"task_budget": {"type": "tokens", "total": 20000}}})),
            "output_config.task_budget",
        ),
        (body(json!({"context_management": {"edits": []}})), "context_management"),
    ] {
        refused(OPUS_4_6, &[(body, &format!("{place}: Extra inputs are not permitted"))]).await;
    }
}

#[tokio::test]
async fn members_of_anthropics_own_api_are_not_taken() {
    for (name, value) in [
        ("container", json!("c")),
        ("diagnostics", json!({})),
        ("inference_geo", json!("us")),
        ("mcp_servers", json!([])),
        ("model", json!("claude-opus-4-6")),
        ("service_tier", json!("auto")),
        ("speed", json!("fast")),
        ("stream", json!(true)),
    ] {
        let message = format!("{name}: Extra inputs are not permitted");
        let null = {
            let mut null = body(json!({}));
            null[name] = Value::Null;
            null
        };
        refused(OPUS_4_6, &[(body(json!({ name: value })), &message)]).await;
        // Even a null is a member that is there; that of `model` is lost where it is read.
        if name != "model" {
            refused(OPUS_4_6, &[(null, &message)]).await;
        }
    }
}

#[tokio::test]
async fn a_null_stands_where_there_may_be_nothing() {
    for (name, expected) in [
        ("system", "list"),
        ("tools", "list"),
        ("tool_choice", "dictionary"),
        ("thinking", "dictionary"),
        ("output_config", "dictionary"),
    ] {
        let mut body = body(json!({}));
        body[name] = Value::Null;
        refused(OPUS_4_6, &[(body, &format!("{name}: Input should be a valid {expected}"))]).await;
    }
    let result = json!({"type": "tool_result", "tool_use_id": "a", "is_error": null});
    refused(
        OPUS_4_6,
        &[(content(json!([result])), "messages.0.content.0.tool_result.is_error: Input should be a valid boolean")],
    )
    .await;
    let mut nulls = content(json!([{"type": "text", "text": "x", "citations": null, "cache_control": null}]));
    nulls["metadata"] = json!({"user_id": null});
    nulls["stop_sequences"] = Value::Null;
    taken(OPUS_4_6, &[nulls]).await;
}

#[tokio::test]
async fn places_of_missing_members_name_the_kind_on_the_way() {
    for (body, place) in [
        (body(json!({"system": [{"type": "text"}]})), "system.0.text"),
        (
            content(json!([{"type": "image", "source": {"type": "base64", "data": "x"}}])),
            "messages.0.content.0.image.source.base64.media_type",
        ),
        (
            content(json!([{"type": "document", "source": {"media_type": "text/plain"}}])),
            "messages.0.content.0.document.source.type",
        ),
        (
            content(json!([{"type": "tool_result", "tool_use_id": "a", "content": [{"type": "text"}]}])),
            "messages.0.content.0.tool_result.content.0.text.text",
        ),
        (
            body(json!({"output_config": {"format": {"type": "json_schema"}}})),
            "output_config.format.json_schema.schema",
        ),
    ] {
        refused(OPUS_4_6, &[(body, &format!("{place}: Field required"))]).await;
    }
}

#[tokio::test]
async fn kinds_of_blocks_that_are_not_known_pass() {
    taken(OPUS_4_6, &[content(json!([{"type": "text", "text": "x"}, {"type": "brand_new_kind", "x": 1}]))]).await;
}

#[tokio::test]
async fn a_place_is_exact_where_an_object_stands_for_something_plain_and_in_tools_without_a_type() {
    let schema = json!({"type": "object"});
    for (body, message) in [
        (body(json!({"top_k": {"type": "x"}})), "top_k: Input should be a valid integer"),
        (
            body(json!({"tools": [{"name": "a", "description": 1, "input_schema": schema}]})),
            "tools.0.custom.description: Input should be a valid string",
        ),
        (
            body(json!({"tools": [{"name": {"type": "x"}, "input_schema": schema}]})),
            "tools.0.custom.name: Input should be a valid string",
        ),
    ] {
        refused(OPUS_4_6, &[(body, message)]).await;
    }
}
