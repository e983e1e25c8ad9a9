//! Which path is which operation, and what is said of those that are none. Nobody is asked who calls before that.

use crate::raw::{BODY, INVOKE, Request, STREAM, local, send};

#[tokio::test]
async fn a_path_that_is_no_operation_is_a_200_before_anyone_is_asked_who_calls() {
    for (method, path) in [
        ("GET", INVOKE),
        ("POST", "/model/global.anthropic.claude-opus-4-6-v1/whisper"),
        ("POST", "/model/global.anthropic.claude-opus-4-6-v1/invoke/"),
        ("POST", "/model//invoke"),
        ("POST", "/nothing/here"),
        // An ARN whose slash is not encoded makes two segments.
        (
            "POST",
            "/model/arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-sonnet-4-6/invoke",
        ),
    ] {
        let mut request = Request::post(path, BODY);
        request.method = method.to_owned();
        let response = send(&local(), &request).await;
        assert_eq!(response.status, 200, "{method} {path}");
        assert_eq!(
            response.text(),
            r#"{"Output":{"__type":"com.amazon.coral.service#UnknownOperationException"},"Version":"1.0"}"#
        );
        assert_eq!(response.header("x-amzn-errortype"), None);
        assert_eq!(response.header("content-type"), Some("application/json"));
        assert!(response.header("x-amzn-requestid").is_some());
    }
}

#[tokio::test]
async fn operations_that_a_local_bedrock_has_not_are_refused_by_name() {
    for (method, path, name) in [
        (
            "POST",
            "/model/global.anthropic.claude-opus-4-6-v1/invoke-with-bidirectional-stream",
            "InvokeModelWithBidirectionalStream",
        ),
        ("GET", "/guardrails", "ListGuardrails"),
        ("POST", "/guardrail/abc/version/1/apply", "ApplyGuardrail"),
        ("DELETE", "/imported-models/arn%3Aaws%3Abedrock", "DeleteImportedModel"),
        ("POST", "/mantle/v1/chat/completions", "/mantle/v1/chat/completions"),
    ] {
        let mut request = Request::post(path, "{}");
        request.method = method.to_owned();
        let response = send(&local(), &request).await;
        let (code, said) = ("UnknownOperationException", format!("outcrop local does not have `{name}`"));
        assert_eq!(response.refusal(), (404, code.to_owned(), said), "{method} {path}");
    }
}

#[tokio::test]
async fn both_ways_of_asking_are_answered() {
    let response = send(&local(), &Request::good(INVOKE)).await;
    assert_eq!((response.status, response.json()["role"].as_str()), (200, Some("assistant")));
    let response = send(&local(), &Request::good(STREAM)).await;
    assert_eq!((response.status, response.header("content-type")), (200, Some("application/vnd.amazon.eventstream")));
}

/// A query is signed, and changes nothing.
#[tokio::test]
async fn a_query_is_no_part_of_the_path() {
    let response = send(&local(), &Request::good(&format!("{INVOKE}?beta=true"))).await;
    assert_eq!(response.status, 200);
}
