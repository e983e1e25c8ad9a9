//! Errors as services, gateways and proxies spell them, and what is made of them.

use outcrop::{Client, Error, Kind, Retry};

use crate::scripted::{Scripted, Step, request};

async fn client_of(server: &Scripted) -> Client {
    server.builder().retry(Retry::none()).build().await.unwrap()
}

async fn error_of(step: Step) -> Error {
    let server = Scripted::new([step]);
    client_of(&server).await.messages().create(&request()).await.unwrap_err()
}

#[tokio::test]
async fn every_spelling_of_an_error_is_read() {
    let suffix = ":http://internal.amazon.com/coral/com.amazon.bedrock/";
    let html = "<html>\r\n<head><title>502 Bad Gateway</title></head></html>";
    for (status, error_type, body, code, message) in [
        (400, format!("ValidationException{suffix}"), r#"{"message":"m"}"#, "ValidationException", "m"),
        (403, format!("AccessDeniedException{suffix}"), r#"{"Message":"m"}"#, "AccessDeniedException", "m"),
        (403, "aws.x#AccessDeniedException".to_owned(), r#"{"message":"m"}"#, "AccessDeniedException", "m"),
        (
            400,
            String::new(),
            r#"{"__type":"com.amazon#ValidationException","message":"m"}"#,
            "ValidationException",
            "m",
        ),
        (429, String::new(), r#"{"message":"m"}"#, "ThrottlingException", "m"),
        (404, "ResourceNotFoundException".to_owned(), r#"{"message":"m"}"#, "ResourceNotFoundException", "m"),
        (400, "BrandNewException".to_owned(), r#"{"message":"m"}"#, "BrandNewException", "m"),
        (503, String::new(), "", "ServiceUnavailableException", ""),
        (502, String::new(), html, "502", "<html>"),
        (
            400,
            String::new(),
            r#"{"type":"error","error":{"type":"invalid_request_error","message":"m"}}"#,
            "invalid_request_error",
            "m",
        ),
    ] {
        let content_type = if body.starts_with('<') { "text/html" } else { "application/json" };
        let mut answer = Step::text(status, content_type, body).header("x-amzn-requestid", "id-of-error");
        if !error_type.is_empty() {
            answer = answer.header("x-amzn-errortype", error_type.as_str());
        }
        for streamed in [false, true] {
            let server = Scripted::new([answer.clone()]);
            let client = client_of(&server).await;
            let error = match streamed {
                false => client.messages().create(&request()).await.unwrap_err(),
                true => client.messages().stream(&request()).await.unwrap_err(),
            };
            assert_eq!((error.kind(), error.status()), (Kind::Service, Some(status)), "{body}");
            assert_eq!((error.aws_code(), error.service_message()), (Some(code), Some(message)), "{body}");
            assert_eq!(error.request_id(), Some("id-of-error"));
            assert_eq!(error.attempts()[0].request_id.as_deref(), Some("id-of-error"));
            assert!(error.partial().is_none());
        }
    }
}

#[tokio::test]
async fn an_error_says_what_was_done_to_what_and_why_it_failed() {
    let error = error_of(Step::json(400, r#"{"message":"max_tokens: Field required"}"#)).await;
    assert_eq!(
        error.to_string(),
        "cannot call global.anthropic.claude-opus-4-6-v1 on bedrock-runtime.us-west-2.amazonaws.com: \
         ValidationException (400): max_tokens: Field required"
    );
    assert!(std::error::Error::source(&error).is_none());
    assert_eq!(size_of::<Error>(), size_of::<usize>());
}

#[tokio::test]
async fn a_200_may_be_an_error() {
    let body = r#"{"Output":{"__type":"com.amazon.coral.service#UnknownOperationException"},"Version":"1.0"}"#;
    let answer = Step::json(200, body).header("x-amzn-requestid", "id-of-error");
    for streamed in [false, true] {
        let server = Scripted::new([answer.clone(), Step::hello()]);
        let client = server.client().await;
        let error = match streamed {
            false => client.messages().create(&request()).await.unwrap_err(),
            true => client.messages().stream(&request()).await.unwrap_err(),
        };
        assert_eq!((error.kind(), error.aws_code()), (Kind::Service, Some("UnknownOperationException")));
        assert_eq!((error.status(), error.request_id()), (Some(404), Some("id-of-error")));
        assert!(error.hint().unwrap().contains("endpoint"), "{:?}", error.hint());
        assert_eq!(server.requests().len(), 1, "it is not tried again");
    }
}

/// `fn main() -> outcrop::Result<()>` prints an error by its `Debug`.
#[tokio::test]
async fn what_main_prints_of_an_error_can_be_read() {
    let answer = Step::json(403, r#"{"message":"no"}"#).header("x-amzn-errortype", "UnrecognizedClientException");
    let error = error_of(answer.header("x-amzn-requestid", "id-of-error")).await;
    let shown = format!("{error:?}");
    let [text, id, hint] = shown.lines().collect::<Vec<_>>()[..] else { panic!("{shown}") };
    assert_eq!((text, id), (error.to_string().as_str(), "request id: id-of-error"));
    assert_eq!(hint.strip_prefix("hint: "), error.hint());
    assert!(format!("{error:#?}").contains("attempts: ["));
}

#[tokio::test]
async fn a_200_that_is_no_message_cannot_be_understood() {
    for body in ["", "{", "[]", "<html></html>"] {
        let error = error_of(Step::json(200, body).header("x-amzn-requestid", "id-of-error")).await;
        assert_eq!((error.kind(), error.request_id()), (Kind::Decode, Some("id-of-error")), "{body}: {error}");
        assert!(!error.is_retryable());
        assert_eq!(error.attempts().len(), 1, "{body}");
    }
}

#[tokio::test]
async fn the_id_of_a_call_is_known_whoever_answers() {
    for (name, id) in [("x-amzn-requestid", "id-of-aws"), ("request-id", "id-of-a-gateway")] {
        let server = Scripted::new([
            Step::json(200, crate::scripted::MESSAGE).header(name, id),
            Step::json(400, r#"{"message":"m"}"#).header(name, id),
        ]);
        let client = client_of(&server).await;
        let reply = client.messages().create(&request()).await.unwrap();
        assert_eq!(reply.meta.request_id.as_deref(), Some(id));
        assert_eq!(reply.meta.attempts[0].request_id.as_deref(), Some(id));
        let error = client.messages().create(&request()).await.unwrap_err();
        assert_eq!(error.request_id(), Some(id));
    }
    let error = error_of(Step::json(400, r#"{"message":"m"}"#)).await;
    assert_eq!(error.request_id(), None);
}

#[tokio::test]
async fn an_error_comes_with_what_helps() {
    let on_demand = "Invocation of model ID anthropic.x with on-demand throughput isn\u{2019}t supported. Retry your request with the ID or ARN of an inference profile that contains this model.";
    for (code, message, part) in [
        ("ValidationException", on_demand, Some("inference profiles")),
        ("ValidationException", "The provided model identifier is invalid.", Some("region offers it")),
        ("ValidationException", "invalid beta flag", Some("beta")),
        ("ValidationException", "Invalid API version: 2026-10-21", Some("anthropic_version")),
        ("ValidationException", "max_tokens: Field required", None),
        (
            "AccessDeniedException",
            "You don't have access to the model with the specified model ID.",
            Some("access to the model"),
        ),
        (
            "AccessDeniedException",
            "User: arn:aws:iam::123456789012:user/a is not authorized to perform: bedrock:InvokeModel",
            Some("IAM"),
        ),
        (
            "AccessDeniedException",
            "Authentication failed: Please make sure your API Key is valid.",
            Some("API key is wrong"),
        ),
        ("ResourceNotFoundException", "Model use case details have not been submitted", Some("use-case form")),
        ("UnrecognizedClientException", "The security token included in the request is invalid.", Some("access key")),
        ("InvalidSignatureException", "The request signature we calculated does not match", Some("secret access key")),
        ("MissingAuthenticationTokenException", "Missing Authentication Token", Some("no credentials")),
        ("ThrottlingException", "Too many tokens per day, please wait before trying again.", Some("quota")),
        ("ThrottlingException", "Too many requests", Some("wait")),
    ] {
        let body = serde_json::json!({ "message": message }).to_string();
        let error = error_of(Step::json(400, &body).header("x-amzn-errortype", code)).await;
        match part {
            Some(part) => {
                assert!(error.hint().is_some_and(|hint| hint.contains(part)), "{message}: {:?}", error.hint())
            }
            None => assert_eq!(error.hint(), None, "{message}"),
        }
    }
}

#[tokio::test]
async fn an_input_that_is_too_long_is_told_apart() {
    for (message, overflow) in [
        ("Input is too long for requested model.", true),
        ("prompt is too long: 210000 tokens > 200000 maximum", true),
        ("max_tokens: Field required", false),
    ] {
        let error = error_of(Step::json(400, &format!(r#"{{"message":"{message}"}}"#))).await;
        assert_eq!(error.is_context_overflow(), overflow, "{message}");
    }
}

#[tokio::test]
async fn who_is_not_let_in_is_told_apart() {
    for (status, code, message, denied) in [
        (403, "AccessDeniedException", "You don't have access to the model with the specified model ID.", true),
        (401, "UnauthorizedException", "no", true),
        (404, "ResourceNotFoundException", "Model use case details have not been submitted for this account.", true),
        (404, "ResourceNotFoundException", "This model version has reached the end of its life.", false),
        (400, "ValidationException", "max_tokens: Field required", false),
        (429, "ThrottlingException", "Too many requests", false),
    ] {
        let body = serde_json::json!({ "message": message }).to_string();
        let error = error_of(Step::json(status, &body).header("x-amzn-errortype", code)).await;
        assert_eq!(error.is_denied(), denied, "{error}");
    }
}
