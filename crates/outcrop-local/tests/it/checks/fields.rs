//! Members that are not taken, wherever they stand, and those that are missing or null.

use serde_json::{Value, json};

use super::{OPUS_4_6, SONNET_4_5, body, content, refused, taken, turns};

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

#[tokio::test]
async fn types_that_are_not_known_are_named_with_those_that_are() {
    let blocks = "'document', 'image', 'redacted_thinking', 'search_result', 'server_tool_use', 'text', 'thinking', \
                  'tool_result', 'tool_search_tool_result', 'tool_use'";
    let results = "'document', 'image', 'search_result', 'text'";
    let citations = "'char_location', 'content_block_location', 'page_location', 'search_result_location', \
                     'web_search_result_location'";
    for (block, place, kind, expected) in [
        (json!({"type": "hologram"}), "", "hologram", blocks),
        (json!({"type": "container_upload", "file_id": "f"}), "", "container_upload", blocks),
        (
            json!({"type": "mcp_tool_use", "id": "a", "name": "b", "server_name": "c", "input": {}}),
            "",
            "mcp_tool_use",
            blocks,
        ),
        (json!({"type": "mcp_tool_result", "tool_use_id": "a"}), "", "mcp_tool_result", blocks),
        (
            json!({"type": "web_search_tool_result", "tool_use_id": "a", "content": []}),
            "",
            "web_search_tool_result",
            blocks,
        ),
        (json!({"type": "fallback", "from": {"model": "a"}, "to": {"model": "b"}}), "", "fallback", blocks),
        (json!({"type": "compaction", "content": "x"}), "", "compaction", blocks),
        (
            json!({"type": "tool_addition", "tool": {"type": "tool_reference", "tool_name": "a"}}),
            "",
            "tool_addition",
            blocks,
        ),
        (
            json!({"type": "tool_result", "tool_use_id": "a", "content": [{"type": "hologram"}]}),
            ".tool_result.content.0",
            "hologram",
            results,
        ),
        (
            json!({"type": "tool_result", "tool_use_id": "a", "content": [{"type": "tool_reference", "tool_name": "a"}]}),
            ".tool_result.content.0",
            "tool_reference",
            results,
        ),
        (
            json!({"type": "document", "source": {"type": "content", "content": [{"type": "hologram"}]}}),
            ".document.source.content.content.0",
            "hologram",
            "'image', 'text'",
        ),
        (
            json!({"type": "search_result", "source": "s", "title": "t", "content": [{"type": "hologram"}]}),
            ".search_result.content.0",
            "hologram",
            "'text'",
        ),
        (
            json!({"type": "text", "text": "x", "citations": [{"type": "hologram_location"}]}),
            ".text.citations.0",
            "hologram_location",
            citations,
        ),
    ] {
        let message = format!(
            "messages.0.content.0{place}: Input tag '{kind}' found using 'type' does not match any of the expected tags: \
             {expected}"
        );
        refused(OPUS_4_6, &[(content(json!([block])), &message)]).await;
    }
    let typeless = content(json!([{"type": "tool_result", "tool_use_id": "a", "content": [{"text": "x"}]}]));
    let place = "messages.0.content.0.tool_result.content.0.type";
    refused(OPUS_4_6, &[(typeless, &format!("{place}: Field required"))]).await;
}

#[tokio::test]
async fn edits_of_the_context_are_known_and_have_their_betas() {
    let edit =
        |beta: &str, edit: Value| body(json!({"anthropic_beta": [beta], "context_management": {"edits": [edit]}}));
    let (clear, compact) = ("context-management-2025-06-27", "compact-2026-01-12");
    let tags = "does not match any of the expected tags";
    refused(
        SONNET_4_5,
        &[
            (
                edit(clear, json!({"type": "shorten_20300101"})),
                &format!(
                    "context_management.edits.0: Input tag 'shorten_20300101' found using 'type' {tags}: \
                     'clear_thinking_20251015', 'clear_tool_uses_20250919'"
                ),
            ),
            (
                edit(clear, json!({"type": "compact_20260112"})),
                &format!(
                    "context_management.edits.0: Input tag 'compact_20260112' found using 'type' {tags}: \
                     'clear_thinking_20251015', 'clear_tool_uses_20250919'"
                ),
            ),
            (
                edit(clear, json!({"type": "clear_tool_uses_20250919", "speed": 1})),
                "context_management.edits.0.clear_tool_uses_20250919.speed: Extra inputs are not permitted",
            ),
        ],
    )
    .await;
    taken(
        SONNET_4_5,
        &[edit(clear, json!({"type": "clear_tool_uses_20250919", "trigger": {"type": "input_tokens", "value": 9}}))],
    )
    .await;
    let wanted = format!(
        "context_management.edits.0: Input tag 'clear_thinking_20251015' found using 'type' {tags}: 'compact_20260112'"
    );
    refused(OPUS_4_6, &[(edit(compact, json!({"type": "clear_thinking_20251015"})), &wanted)]).await;
    taken(OPUS_4_6, &[edit(compact, json!({"type": "compact_20260112", "instructions": "x"}))]).await;
}
