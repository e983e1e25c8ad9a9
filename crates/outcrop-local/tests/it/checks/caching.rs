//! Cache checkpoints: how many, of what kind, in which order.

use serde_json::{Value, json};

use super::{OPUS_4_6, SONNET_4, body, content, refused, taken};

fn text(control: Value) -> Value {
    json!({"type": "text", "text": "x", "cache_control": control})
}

fn ttl(ttl: &str) -> Value {
    json!({"type": "ephemeral", "ttl": ttl})
}

#[tokio::test]
async fn there_are_four_at_most() {
    let control = json!({"type": "ephemeral"});
    let tool = json!({"name": "weather", "input_schema": {"type": "object"}, "cache_control": control});
    let five = body(
        json!({"tools": [tool], "system": [text(control.clone())], "messages": [{"role": "user", "content": [
        text(control.clone()), text(control.clone()),
        {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "x"}, "cache_control": control}]}]}),
    );
    let four = content(json!([text(control.clone()), text(control.clone()), text(control.clone()), text(control)]));
    refused(OPUS_4_6, &[(five, "A maximum of 4 blocks with cache_control may be provided. Found 5.")]).await;
    taken(OPUS_4_6, &[four]).await;
}

#[tokio::test]
async fn an_hour_comes_before_five_minutes() {
    let order = |place: &str| {
        format!(
            "{place}.cache_control.ttl: a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block. \
             Note that blocks are processed in the following order: `tools`, `system`, `messages`."
        )
    };
    refused(
        OPUS_4_6,
        &[
            (content(json!([text(ttl("5m")), text(ttl("1h"))])), &order("messages.0.content.1")),
            (content(json!([text(json!({"type": "ephemeral"})), text(ttl("1h"))])), &order("messages.0.content.1")),
            (
                body(json!({"tools": [{"name": "a", "input_schema": {"type": "object"}, "cache_control": ttl("5m")}],
                    "system": [text(ttl("1h"))]})),
                &order("system.0"),
            ),
        ],
    )
    .await;
    taken(
        OPUS_4_6,
        &[
            content(json!([text(ttl("1h")), text(ttl("5m"))])),
            body(json!({"system": [text(ttl("1h"))], "messages": [{"role": "user", "content": [text(ttl("5m"))]}]})),
        ],
    )
    .await;
}

#[tokio::test]
async fn they_are_of_one_kind_and_two_lifetimes() {
    let own = "messages.0.content.0.text.cache_control";
    refused(
        OPUS_4_6,
        &[
            (content(json!([text(ttl("2h"))])), &format!("{own}.ephemeral.ttl: Input should be '5m' or '1h'")),
            (
                content(json!([text(json!({"type": "forever"}))])),
                &format!(
                    "{own}: Input tag 'forever' found using 'type' does not match any of the expected tags: 'ephemeral'"
                ),
            ),
            (content(json!([text(json!({}))])), &format!("{own}.type: Field required")),
            (
                content(json!([text(json!({"type": "ephemeral", "scope": "global"}))])),
                &format!("{own}.ephemeral.scope: Extra inputs are not permitted"),
            ),
            (
                body(json!({"system": [text(json!({"type": "ephemeral", "scope": "global"}))]})),
                "system.0.cache_control.ephemeral.scope: Extra inputs are not permitted",
            ),
            (
                body(json!({"tools": [{"name": "a", "input_schema": {"type": "object"},
                    "cache_control": {"type": "ephemeral", "scope": "global"}}]})),
                "tools.0.custom.cache_control.ephemeral.scope: Extra inputs are not permitted",
            ),
            (body(json!({"cache_control": {"type": "ephemeral"}})), "cache_control: Extra inputs are not permitted"),
        ],
    )
    .await;
    refused(
        SONNET_4,
        &[(content(json!([text(ttl("1h"))])), &format!("{own}.ephemeral.ttl: Extra inputs are not permitted"))],
    )
    .await;
    taken(SONNET_4, &[content(json!([text(ttl("5m"))]))]).await;
    taken(OPUS_4_6, &[content(json!([{"type": "text", "text": "x", "cache_control": null}]))]).await;
}
