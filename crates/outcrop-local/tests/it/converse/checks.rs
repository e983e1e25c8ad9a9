//! What the service model says of every value, and unions.

use serde_json::{Value, json};

use super::{OPUS_4_6, SONNET_4_5, content, post, refused, taken, weather, with};
use crate::asking::PNG;
use crate::raw::local;

#[tokio::test]
async fn every_value_that_is_broken_is_told_at_once_with_its_place() {
    let tool = |name: &str, more: Value| {
        let mut tool = json!({"name": name, "inputSchema": {"json": {"type": "object"}}});
        tool.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({"toolConfig": {"tools": [{"toolSpec": tool}]}})
    };
    let long = "x".repeat(65);
    let too_long = format!(
        "1 validation error detected: Value '{long}' at 'toolConfig.tools.1.member.toolSpec.name' failed to satisfy \
         constraint: Member must have length less than or equal to 64"
    );
    let id = |id: &str| {
        json!({"messages": [{"role": "user", "content": [{"text": "a"}]},
            {"role": "assistant", "content": [{"toolUse": {"toolUseId": id, "name": "weather", "input": {}}}]},
            {"role": "user", "content": [{"toolResult": {"toolUseId": id, "content": []}}]}],
            "toolConfig": {"tools": [weather()]}})
    };
    refused(
        OPUS_4_6,
        &[
            // Quoted from AWS.
            (
                with(tool("", json!({"description": ""}))),
                "3 validation errors detected: Value '' at 'toolConfig.tools.1.member.toolSpec.name' failed to satisfy \
                 constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_-]+; Value '' at \
                 'toolConfig.tools.1.member.toolSpec.name' failed to satisfy constraint: Member must have length greater \
                 than or equal to 1; Value '' at 'toolConfig.tools.1.member.toolSpec.description' failed to satisfy \
                 constraint: Member must have length greater than or equal to 1",
            ),
            (with(tool(&long, json!({}))), &too_long),
            (
                with(json!({"toolConfig": {"tools": []}})),
                "1 validation error detected: Value at 'toolConfig.tools' failed to satisfy constraint: Member must have \
                 length greater than or equal to 1",
            ),
            (
                with(json!({"inferenceConfig": {"maxTokens": 0}})),
                "1 validation error detected: Value '0' at 'inferenceConfig.maxTokens' failed to satisfy constraint: \
                 Member must have value greater than or equal to 1",
            ),
            (
                with(json!({"inferenceConfig": {"maxTokens": -1}})),
                "1 validation error detected: Value '-1' at 'inferenceConfig.maxTokens' failed to satisfy constraint: \
                 Member must have value greater than or equal to 1",
            ),
            (
                with(json!({"inferenceConfig": {"temperature": 99}})),
                "1 validation error detected: Value '99.0' at 'inferenceConfig.temperature' failed to satisfy constraint: \
                 Member must have value less than or equal to 1",
            ),
            // Recorded of a document's name, which is not repeated.
            (
                json!({"messages": [{"role": "user", "content": [{"text": "a"}, {"document": {
                    "name": "x".repeat(201), "format": "txt", "source": {"bytes": "YQ=="}}}]}]}),
                "1 validation error detected: Value at 'messages.1.member.content.2.member.document.name' failed to \
                 satisfy constraint: Member must have length less than or equal to 200",
            ),
            (
                json!({"messages": [{"role": "wizard", "content": [{"text": "a"}]}]}),
                "1 validation error detected: Value 'wizard' at 'messages.1.member.role' failed to satisfy constraint: \
                 Member must satisfy enum value set: [user, assistant, system]",
            ),
            (
                id("a b"),
                "2 validation errors detected: Value 'a b' at \
                 'messages.2.member.content.1.member.toolUse.toolUseId' failed to satisfy constraint: Member must satisfy \
                 regular expression pattern: [a-zA-Z0-9_.:-]+; Value 'a b' at \
                 'messages.3.member.content.1.member.toolResult.toolUseId' failed to satisfy constraint: Member must \
                 satisfy regular expression pattern: [a-zA-Z0-9_.:-]+",
            ),
            (
                content(json!([{"text": "a"}, {"cachePoint": {"type": "auto"}}])),
                "1 validation error detected: Value 'auto' at 'messages.1.member.content.2.member.cachePoint.type' failed \
                 to satisfy constraint: Member must satisfy enum value set: [default]",
            ),
            (
                with(json!({"system": [{"text": ""}]})),
                "1 validation error detected: Value '' at 'system.1.member.text' failed to satisfy constraint: Member must \
                 have length greater than or equal to 1",
            ),
            (
                with(json!({"serviceTier": {"type": "gold"}, "performanceConfig": {"latency": "warp"}})),
                "2 validation errors detected: Value 'warp' at 'performanceConfig.latency' failed to satisfy constraint: \
                 Member must satisfy enum value set: [standard, optimized]; Value 'gold' at 'serviceTier.type' failed to \
                 satisfy constraint: Member must satisfy enum value set: [priority, default, flex, reserved]",
            ),
            (
                with(json!({"additionalModelResponseFieldPaths": vec!["/a"; 11]})),
                "1 validation error detected: Value at 'additionalModelResponseFieldPaths' failed to satisfy constraint: \
                 Member must have length less than or equal to 10",
            ),
            (
                with(json!({"guardrailConfig": {"guardrailIdentifier": "A_B", "guardrailVersion": "0"}})),
                "2 validation errors detected: Value 'A_B' at 'guardrailConfig.guardrailIdentifier' failed to satisfy \
                 constraint: Member must satisfy regular expression pattern: \
                 (|([a-z0-9]+)|(arn:aws(-[^:]+)?:bedrock:[a-z0-9-]{1,20}:[0-9]{12}:guardrail/[a-z0-9]+)); Value '0' at \
                 'guardrailConfig.guardrailVersion' failed to satisfy constraint: Member must satisfy regular expression \
                 pattern: (|([1-9][0-9]{0,7})|(DRAFT))",
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn metadata_has_its_limits_and_is_never_repeated() {
    let response = |metadata: Value| async move {
        post(&local(), OPUS_4_6, "converse", &with(json!({"requestMetadata": metadata}))).await
    };
    let many: serde_json::Map<String, Value> = (0..17).map(|at| (format!("k{at}"), json!("v"))).collect();
    for (metadata, rule) in [
        (json!({}), "Value at 'requestMetadata' failed to satisfy constraint: Member must have length greater"),
        (json!(many), "Value at 'requestMetadata' failed to satisfy constraint: Member must have length less"),
        (json!({"team": "secret!"}), "Value at 'requestMetadata' failed to satisfy constraint: Map value must satisfy"),
        (json!({"te*m": "v"}), "Value at 'requestMetadata' failed to satisfy constraint: Map keys must satisfy"),
    ] {
        let (status, code, message) = response(metadata).await.refusal();
        assert_eq!((status, code.as_str()), (400, "ValidationException"));
        assert!(message.contains(rule) && !message.contains("secret"), "{message}");
    }
    assert_eq!(response(json!({"team": "a b:_@$#=/+,-.", "empty": ""})).await.status, 200);
}

#[tokio::test]
async fn a_member_that_is_missing_is_told_by_its_place() {
    refused(
        OPUS_4_6,
        &[
            (
                json!({"messages": [{"role": "user", "content": null}]}),
                "1 validation error detected: Value null at 'messages.1.member.content' failed to satisfy constraint: \
                 Member must not be null",
            ),
            (
                json!({"messages": [{"role": "user", "content": [{"text": "a"}, {"document": {"source": {}}}]}]}),
                "1 validation error detected: Value null at 'messages.1.member.content.2.member.document.name' failed to \
                 satisfy constraint: Member must not be null",
            ),
            // Quoted from AWS: without `null`, as thoughts are private.
            (
                json!({"messages": [{"role": "user", "content": [{"text": "a"}]}, {"role": "assistant", "content": [
                    {"reasoningContent": {"reasoningText": {"signature": "x"}}}]}]}),
                "1 validation error detected: Value at \
                 'messages.2.member.content.1.member.reasoningContent.reasoningText.text' failed to satisfy constraint: \
                 Member must not be null",
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn what_is_no_request_says_where() {
    for (body, problem) in [
        ("{", "EOF while parsing an object"),
        ("[]", "expected"),
        (r#"{"messages": [{"role": "user", "content": "Hello"}]}"#, "messages.1.member.content: invalid type: string"),
        (
            r#"{"messages": [{"role": "user", "content": [{"text": "a"}]}], "inferenceConfig": {"maxTokens": "5"}}"#,
            "inferenceConfig.maxTokens: invalid type: string",
        ),
    ] {
        let request = crate::raw::Request::post(&format!("/model/{OPUS_4_6}/converse"), body);
        let (status, code, message) = crate::raw::send(&local(), &request.signed(&Default::default())).await.refusal();
        assert_eq!((status, code.as_str()), (400, "SerializationException"), "{body}");
        assert!(message.starts_with("outcrop local: the body cannot be read: "), "{message}");
        assert!(message.contains(problem), "{message}");
    }
}

#[tokio::test]
async fn a_union_has_one_member() {
    let keys = "text, image, toolUse, toolResult, document, video, cachePoint, reasoningContent, citationsContent, \
                searchResult, guardContent, audio, toolAddition, toolRemoval.";
    let block = format!("ContentBlock object at messages.0.content.1 must set one of the following keys: {keys}");
    let no_video =
        "This model doesn't support the video content block that you provided. Update the content block and try again.";
    let video = json!({"video": {"format": "mp4", "source": {"s3Location": {"uri": "s3://bucket/key"}}}});
    refused(
        SONNET_4_5,
        &[
            (content(json!([{"text": "a"}, {}])), &block),
            (content(json!([{"text": "a"}, {"image_url": {"url": "x"}}])), &block),
            (content(json!([{"text": "a"}, {"text": "b", "cachePoint": {"type": "default"}}])), &block),
            (
                content(json!([{"text": "a"}, {"document": {"name": "a", "source": {}}}])),
                "DocumentSource object at messages.0.content.1.document.source must set one of the following keys: bytes, \
                 s3Location, text, content.",
            ),
            (
                with(json!({"system": [{"words": "a"}]})),
                "SystemContentBlock object at system.0 must set one of the following keys: text, guardContent, cachePoint.",
            ),
            // Recorded.
            (content(json!([{"text": "a"}, video])), no_video),
        ],
    )
    .await;
    // What AWS does not know it passes over, and so does a null.
    let unknown = with(json!({"mystery": 1, "inferenceConfig": {"maxTokens": 5, "luck": true}}));
    let nulls = content(json!([{"text": "Hello", "image": null}]));
    taken(SONNET_4_5, &[unknown, nulls, with(json!({"system": [], "inferenceConfig": {}}))]).await;
}

#[tokio::test]
async fn something_is_said_and_the_user_begins() {
    let said = |role: &str, text: &str| json!({"role": role, "content": [{"text": text}]});
    let first = "A conversation must start with a user message. Try again with a conversation that starts with a user \
                 message.";
    let empty = "The content field in the Message object at messages.1 is empty. Add a ContentBlock object to the content \
                 field and try again.";
    let blank = "The text field in the ContentBlock object at messages.0.content.1 is blank. Add text to the text field, \
                 and try again.";
    refused(
        SONNET_4_5,
        &[
            (json!({"messages": []}), first),
            (json!({}), first),
            (json!({"messages": [said("assistant", "Hi")]}), first),
            (json!({"messages": [said("user", "Hi"), {"role": "assistant", "content": []}]}), empty),
            (content(json!([{"text": "a"}, {"text": ""}])), blank),
            (content(json!([{"text": "a"}, {"text": " \n"}])), blank),
            (
                content(json!(vec![json!({"image": {"format": "png", "source": {"bytes": PNG}}}); 21])),
                "The model returned the following errors: messages: too many images: 21 > 20",
            ),
        ],
    )
    .await;
    // Quoted: messages of one role in a row are taken.
    taken(SONNET_4_5, &[json!({"messages": [said("user", "a"), said("user", "b")]})]).await;
}
