//! Headers that say how a call is to be handled: guardrail, tier, speed, labels.

use crate::raw::{BODY, INVOKE, Request, Response, STREAM, Signing, local, send};

async fn asked(target: &str, headers: &[(&str, &str)]) -> Response {
    let mut request = Request::post(target, BODY);
    for (name, value) in headers {
        request = request.header(name, value);
    }
    send(&local(), &request.signed(&Signing::default())).await
}

async fn refused(headers: &[(&str, &str)], message: &str) {
    for target in [INVOKE, STREAM] {
        let (status, code, text) = asked(target, headers).await.refusal();
        assert_eq!((status, code.as_str(), text.as_str()), (400, "ValidationException", message));
    }
}

#[tokio::test]
async fn tier_and_speed_are_repeated_in_the_answer() {
    let headers = [
        ("x-amzn-bedrock-service-tier", "flex"),
        ("x-amzn-bedrock-performanceconfig-latency", "optimized"),
        ("x-amzn-bedrock-request-metadata", r#"{"team":"a","cost center":""}"#),
    ];
    for target in [INVOKE, STREAM] {
        let response = asked(target, &headers).await;
        assert_eq!(response.status, 200);
        assert_eq!(response.header("x-amzn-bedrock-service-tier"), Some("flex"));
        assert_eq!(response.header("x-amzn-bedrock-performanceconfig-latency"), Some("optimized"));
        assert_eq!(response.header("x-amzn-bedrock-request-metadata"), None);
        assert_eq!(asked(target, &[]).await.header("x-amzn-bedrock-service-tier"), None);
    }
}

#[tokio::test]
async fn a_guardrail_has_id_and_version_and_is_not_played() {
    let (id, version) = (("x-amzn-bedrock-guardrailidentifier", "gr1"), ("x-amzn-bedrock-guardrailversion", "DRAFT"));
    let response = asked(INVOKE, &[id, version, ("x-amzn-bedrock-trace", "ENABLED")]).await;
    assert_eq!(response.status, 200);
    assert!(response.header("x-outcrop-warning").unwrap().contains("no guardrails: gr1 was not applied"));
    refused(&[id], "guardrailIdentifier needs a guardrailVersion.").await;
    refused(&[version], "guardrailVersion needs a guardrailIdentifier.").await;
}

#[tokio::test]
async fn words_that_there_are_not_are_refused_all_at_once() {
    refused(
        &[("x-amzn-bedrock-service-tier", "turbo")],
        "1 validation error detected: Value 'turbo' at 'serviceTier' failed to satisfy constraint: Member must satisfy enum value set: [priority, default, flex, reserved]",
    )
    .await;
    let headers = [
        ("x-amzn-bedrock-guardrailidentifier", "gr1"),
        ("x-amzn-bedrock-guardrailversion", "0"),
        ("x-amzn-bedrock-trace", "enabled"),
        ("x-amzn-bedrock-performanceconfig-latency", "fast"),
    ];
    let (.., text) = asked(INVOKE, &headers).await.refusal();
    assert!(text.starts_with("3 validation errors detected: Value '0' at 'guardrailVersion' "), "{text}");
    assert!(text.contains("; Value 'enabled' at 'trace' ") && text.contains("; Value 'fast' at "), "{text}");
}

#[tokio::test]
async fn labels_are_few_short_and_strings() {
    let object = |pairs: usize, length: usize| {
        let pairs: Vec<String> = (0..pairs).map(|at| format!(r#""{at:0length$}":"v""#)).collect();
        format!("{{{}}}", pairs.join(","))
    };
    let labels = async |text: &str| asked(INVOKE, &[("x-amzn-bedrock-request-metadata", text)]).await;
    assert_eq!(labels(&object(16, 256)).await.status, 200);
    for (wrong, why) in [
        ("[]".to_owned(), "it must be a JSON object of strings."),
        ("hidden".to_owned(), "it must be a JSON object of strings."),
        (r#"{"k":1}"#.to_owned(), "it must be a JSON object of strings."),
        ("{}".to_owned(), "it must have 1 to 16 members."),
        (object(17, 2), "it must have 1 to 16 members."),
        (object(1, 257), "names must have 1 to 256"),
        (r#"{"":"v"}"#.to_owned(), "names must have 1 to 256"),
        (r#"{"k":"hidden!"}"#.to_owned(), "names must have 1 to 256"),
    ] {
        let (status, _, text) = labels(&wrong).await.refusal();
        assert_eq!(status, 400, "{wrong}");
        assert!(text.contains(why) && !text.contains("hidden"), "{text}");
    }
    let (.., text) = labels(&format!(r#"{{"k":"{}"}}"#, "v".repeat(8500))).await.refusal();
    assert!(text.ends_with("Value at 'requestMetadata' failed to satisfy constraint: Member must have length less than or equal to 8500"), "{text}");
}

/// Counts have no such headers: nothing is looked at.
#[tokio::test]
async fn counts_go_without() {
    let target = "/model/anthropic.claude-opus-4-6-v1/count-tokens";
    let body = r#"{"input":{"invokeModel":{"body":"e30="}}}"#;
    let request = Request::post(target, body).header("x-amzn-bedrock-service-tier", "turbo");
    let response = send(&local(), &request.signed(&Signing::default())).await;
    assert!(!response.text().contains("serviceTier"), "{}", response.text());
}
