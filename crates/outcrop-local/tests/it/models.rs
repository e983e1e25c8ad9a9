//! Model ids in every spelling that clients write, and those that name nothing.

use outcrop_wire::catalogue::Catalogue;
use outcrop_wire::scope::Scope;

use crate::raw::{BODY, Request, Response, Signing, local, send};

async fn invoke(segment: &str) -> Response {
    send(&local(), &Request::good(&format!("/model/{segment}/invoke"))).await
}

fn text(response: &Response) -> String {
    response.json()["content"][0]["text"].as_str().unwrap_or_default().to_owned()
}

async fn is_invalid(segment: &str) {
    let expected = "The provided model identifier is invalid.";
    for operation in ["invoke", "invoke-with-response-stream"] {
        let response = send(&local(), &Request::good(&format!("/model/{segment}/{operation}"))).await;
        assert_eq!(response.refusal(), (400, "ValidationException".to_owned(), expected.to_owned()), "{segment}");
    }
}

#[tokio::test]
async fn every_base_id_and_every_profile_answers() {
    let mut asked = 0;
    for model in Catalogue::built_in().models() {
        for scope in model.scopes().chain([Scope::Regional]) {
            let id = model.id(&scope);
            for segment in [id.path_segment(), id.as_str().to_owned()] {
                let response = invoke(&segment).await;
                assert_eq!(response.status, 200, "{segment}: {}", response.text());
                assert_eq!(response.json()["model"].as_str(), Some(model.row().reply));
                let line = format!("Model {}, scope {scope}, ", model.name());
                assert!(text(&response).contains(&line), "{}", text(&response));
            }
            asked += 1;
        }
    }
    assert!(asked >= 30, "{asked}");
}

#[tokio::test]
async fn an_arn_is_one_segment_however_it_is_encoded() {
    let profile = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
    let whole = format!("arn:aws:bedrock:us-east-1:123456789012:inference-profile/{profile}");
    let base = "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-sonnet-4-5-20250929-v1:0";
    for segment in [
        whole.replace(':', "%3A").replace('/', "%2F"),
        whole.replace('/', "%2F"),
        whole.replace(':', "%3a").replace('/', "%2f"),
        base.replace('/', "%2F"),
    ] {
        let response = invoke(&segment).await;
        assert_eq!(response.status, 200, "{segment}: {}", response.text());
        assert!(text(&response).contains("Model claude-sonnet-4-5, scope "), "{}", text(&response));
    }
}

#[tokio::test]
async fn a_signature_covers_the_path_as_it_came() {
    let segment = "us.anthropic.claude-sonnet-4-5-20250929-v1%3A0";
    let mut request = Request::good(&format!("/model/{segment}/invoke"));
    request.target = request.target.replace("%3A", ":");
    let response = send(&local(), &request).await;
    assert_eq!(response.refusal().1, "InvalidSignatureException");
}

#[tokio::test]
async fn a_profile_that_the_model_does_not_have_is_refused() {
    for segment in [
        "jp.anthropic.claude-opus-4-5-20251101-v1%3A0",
        "us-gov.anthropic.claude-opus-4-6-v1",
        "mars.anthropic.claude-opus-4-6-v1",
        "arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Ainference-profile%2Fapac.anthropic.claude-sonnet-4-6",
    ] {
        is_invalid(segment).await;
    }
}

#[tokio::test]
async fn ids_that_name_nothing_are_refused() {
    for segment in [
        "anthropic.claude-nova-9",
        "anthropic.claude-opus-4-6-v1%3A0%3Aextra",
        "ANTHROPIC.claude-opus-4-6-v1",
        // Names of ours are not AWS's.
        "opus",
        "claude-opus-4-6",
        "us.opus",
    ] {
        is_invalid(segment).await;
    }
}

#[tokio::test]
async fn an_id_that_cannot_be_one_is_told_the_pattern() {
    for (segment, id) in [("x%20y%20z", "x y z"), ("%20", " "), ("anthropic.claude%2Fopus", "anthropic.claude/opus")] {
        let response = send(&local(), &Request::good(&format!("/model/{segment}/invoke"))).await;
        let (status, code, message) = response.refusal();
        assert_eq!((status, code.as_str()), (400, "ValidationException"));
        let begin = format!(
            "1 validation error detected: Value '{id}' at 'modelId' failed to satisfy constraint: Member must satisfy \
             regular expression pattern: (arn:aws(-[^:]+)?:bedrock:"
        );
        assert!(message.starts_with(&begin), "{message}");
    }
}

#[tokio::test]
async fn models_that_are_retired_are_gone() {
    for segment in [
        "anthropic.claude-3-haiku-20240307-v1%3A0",
        "us.anthropic.claude-3-7-sonnet-20250219-v1%3A0",
        "anthropic.claude-opus-4-20250514-v1%3A0",
        "arn%3Aaws%3Abedrock%3Aus-east-1%3A%3Afoundation-model%2Fanthropic.claude-3-opus-20240229-v1%3A0",
    ] {
        let message = "This model version has reached the end of its life. Please refer to the AWS documentation for \
                       more details.";
        let expected = (404, "ResourceNotFoundException".to_owned(), message.to_owned());
        assert_eq!(invoke(segment).await.refusal(), expected, "{segment}");
    }
}

#[tokio::test]
async fn the_answer_tells_the_region_of_the_call() {
    let signing = Signing { region: "eu-central-1", ..Signing::default() };
    let request = Request::post("/model/eu.anthropic.claude-opus-4-6-v1/invoke", BODY).signed(&signing);
    let response = send(&local(), &request).await;
    assert!(text(&response).contains("eu-central-1"), "{}", text(&response));
}
