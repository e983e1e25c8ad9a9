//! Who calls, which models there are, and whether they may be used: against the local Bedrock, and a
//! server that answers from a script.

use std::time::{Duration, SystemTime};

use outcrop::account::{ApiKey, Identity, ModelFilter, Principal, ProfileFilter};
use outcrop::{Client, ClientBuilder, Kind};
use outcrop_local::{Account, Local};

use crate::clients::{below, builder_in};
use crate::scripted::{Scripted, Step};

const REGION: &str = "eu-west-1";

fn with_keys() -> ClientBuilder {
    builder_in(REGION, &Local::new())
}

#[tokio::test]
async fn keys_say_who_calls_by_sts() {
    for builder in [with_keys(), with_keys().mint_bearer(Duration::from_secs(900))] {
        let identity = builder.build().await.unwrap().identity().await.unwrap();
        let Identity::Caller(caller) = &identity else { panic!("{identity:?}") };
        assert_eq!((caller.account.as_str(), caller.principal()), ("123456789012", Principal::User("outcrop-local")));
    }
}

#[tokio::test]
async fn bearer_keys_say_what_they_can_and_nothing_is_sent() {
    let client =
        below(&Local::new(), REGION, Client::builder().bearer_token(Account::BEARER_TOKEN)).build().await.unwrap();
    let name = Some("BedrockAPIKey-outcrop-local".to_owned());
    assert_eq!(client.identity().await.unwrap(), Identity::ApiKey(ApiKey::LongTerm { name }));
    let key = with_keys().build().await.unwrap().short_term_key(Duration::from_secs(900)).await.unwrap();
    let client = below(&Local::new(), REGION, Client::builder().bearer_token(key.token)).build().await.unwrap();
    let identity = client.identity().await.unwrap();
    let Identity::ApiKey(ApiKey::ShortTerm { access_key_id, region, .. }) = &identity else { panic!("{identity:?}") };
    assert_eq!((access_key_id.as_str(), region.as_str()), (Account::ACCESS_KEY_ID, "eu-west-1"));
    let client = below(&Local::new(), REGION, Client::builder().skip_auth()).build().await.unwrap();
    assert_eq!(client.identity().await.unwrap(), Identity::Unsigned);
}

#[tokio::test]
async fn a_refusal_of_sts_has_its_code_and_a_hint() {
    let client = below(&Local::new(), REGION, Client::builder().access_key(Account::ACCESS_KEY_ID, "wrong"))
        .build()
        .await
        .unwrap();
    let error = client.identity().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.status(), error.aws_code()),
        (Kind::Service, Some(403), Some("SignatureDoesNotMatch"))
    );
    let text = error.to_string();
    assert!(
        text.starts_with("cannot ask sts.eu-west-1.amazonaws.com who calls: SignatureDoesNotMatch (403)"),
        "{text}"
    );
    assert!(error.hint().is_some_and(|hint| hint.contains("secret access key")) && error.request_id().is_some());
}

#[tokio::test]
async fn models_and_profiles_are_told_by_region() {
    let client = with_keys().build().await.unwrap();
    let models = client.models().list(&ModelFilter::default()).await.unwrap();
    assert!(models.iter().any(|model| model.model_id == "anthropic.claude-opus-4-6-v1"));
    let gov = client.models().region("us-gov-west-1").list(&ModelFilter::default()).await.unwrap();
    assert!(gov.iter().all(|model| model.model_arn.starts_with("arn:aws-us-gov:")) && !gov.is_empty());
    for name in ["opus", "eu.opus", "anthropic.claude-opus-4-6-v1"] {
        assert_eq!(client.models().get(name).await.unwrap().model_id, "anthropic.claude-opus-4-6-v1", "{name}");
        assert!(client.models().availability(name).await.unwrap().is_available());
    }
    let error = client.models().get("anthropic.claude-nova-9").await.unwrap_err();
    assert_eq!(error.aws_code(), Some("ValidationException"));
    let doing = "cannot call GetFoundationModel of anthropic.claude-nova-9 on bedrock.eu-west-1.amazonaws.com";
    assert!(error.to_string().starts_with(doing), "{error}");
    assert_eq!(
        client.models().profile("eu.opus").await.unwrap().inference_profile_name,
        "EU Anthropic Claude Opus 4.6"
    );
    assert_eq!(client.models().profile("").await.unwrap_err().kind(), Kind::Invalid);
}

#[tokio::test]
async fn pages_follow_one_another_until_there_is_none() {
    let client = with_keys().build().await.unwrap();
    let whole = client.models().profiles().all().await.unwrap();
    let mut filter = ProfileFilter::default();
    filter.page_size = Some(3);
    let mut stream = client.models().profiles_of(filter.clone());
    let first = stream.next().await.unwrap().unwrap();
    assert_eq!(first, whole[0]);
    assert_eq!(stream.all().await.unwrap(), whole[1..]);
    filter.next_token = Some("no such page".to_owned());
    let mut stream = client.models().profiles_of(filter);
    assert_eq!(stream.next().await.unwrap().unwrap_err().aws_code(), Some("ValidationException"));
    assert!(stream.next().await.is_none(), "after an error it is over");
}

const WHO: &str = "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::1:root</Arn><UserId>1</UserId>\
    <Account>1</Account></GetCallerIdentityResult></GetCallerIdentityResponse>";

/// A refusal of STS.
fn sts_refuses(code: &str, message: &str) -> Step {
    let error = format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>");
    Step::text(403, "text/xml", &format!("<ErrorResponse>{error}</ErrorResponse>"))
}

fn profiles(next_token: &str) -> Step {
    Step::json(200, &format!(r#"{{"inferenceProfileSummaries":[],"nextToken":{next_token}}}"#))
}

#[tokio::test(start_paused = true)]
async fn a_call_about_the_account_is_signed_tried_again_and_its_clock_mended() {
    let late = "Signature expired: 20261123T235900Z is now earlier than 20261124T015400Z";
    let date = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_485_540);
    let server = Scripted::new([
        Step::text(503, "text/html", "<html>busy</html>"),
        sts_refuses("SignatureDoesNotMatch", late).header("date", httpdate::fmt_http_date(date)),
        Step::text(200, "text/xml", WHO),
        Step::json(429, r#"{"message":"Too many requests"}"#),
        Step::json(200, r#"{"modelSummaries":[]}"#),
    ]);
    let client = server.client().await;
    let Identity::Caller(caller) = client.identity().await.unwrap() else { panic!("keys") };
    assert_eq!(caller.principal(), Principal::Root);
    client.models().list(&ModelFilter::default()).await.unwrap();
    let requests = server.requests();
    assert_eq!(requests.len(), 5);
    for (recorded, host, scope) in [
        (&requests[2], "sts.us-west-2.amazonaws.com", "/us-west-2/sts/aws4_request"),
        (&requests[4], "bedrock.us-west-2.amazonaws.com", "/us-west-2/bedrock/aws4_request"),
    ] {
        assert_eq!(recorded.header("host"), Some(host));
        assert!(recorded.header("authorization").unwrap().contains(scope), "{recorded:?}");
        // What STS said of the clock, the control plane goes by.
        assert!(recorded.header("x-amz-date").unwrap().starts_with("20261124T0"), "{recorded:?}");
    }
    assert_eq!((requests[2].method.as_str(), requests[2].target.as_str()), ("POST", "/"));
    assert_eq!(requests[2].text(), "Action=GetCallerIdentity&Version=2011-06-15");
    assert_eq!((requests[4].method.as_str(), requests[4].target.as_str()), ("GET", "/foundation-models"));
}

/// What a page has is handed out before it is said that no other can be had; then it is over.
#[tokio::test(start_paused = true)]
async fn a_page_that_cannot_be_had_ends_a_list_after_what_came() {
    let job = |token: &str| {
        let job = r#"{"jobArn":"arn:aws:bedrock:us-west-2:1:model-invocation-job/a","jobName":"j","modelId":"m","roleArn":"r",
            "status":"Completed","submitTime":"2026-11-23T00:00:00Z","inputDataConfig":{"s3InputDataConfig":{"s3Uri":"s3://b/i"}},
            "outputDataConfig":{"s3OutputDataConfig":{"s3Uri":"s3://b/o/"}}}"#;
        Step::json(200, &format!(r#"{{"invocationJobSummaries":[{job}],"nextToken":{token}}}"#))
    };
    let server = Scripted::new([job(r#""a""#), job(r#""a""#)]);
    let client = server.client().await;
    let mut jobs = client.jobs().list(Default::default());
    for _ in 0..2 {
        assert_eq!(jobs.next().await.unwrap().unwrap().job_name.as_deref(), Some("j"));
    }
    let error = jobs.next().await.unwrap().unwrap_err();
    assert_eq!(error.to_string(), "cannot list batch jobs: the page that was given is followed by itself");
    assert!(jobs.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_understood_is_an_error_and_pages_do_not_go_round() {
    let server = Scripted::new([
        Step::text(200, "text/html", "<html><br></html>"),
        Step::json(
            200,
            r#"{"Output":{"__type":"com.amazon.coral.service#UnknownOperationException"},"Version":"1.0"}"#,
        ),
        Step::json(200, "[1"),
        profiles(r#""a""#),
        profiles(r#""a""#),
        profiles(r#""b""#),
        profiles("null"),
    ]);
    let client = server.client().await;
    let error = client.identity().await.unwrap_err();
    assert_eq!(error.kind(), Kind::Decode);
    assert!(error.to_string().starts_with("cannot ask sts.us-west-2.amazonaws.com who calls: the answer"), "{error}");
    let error = client.models().get("opus").await.unwrap_err();
    assert_eq!(error.aws_code(), Some("UnknownOperationException"));
    assert_eq!(client.models().get("opus").await.unwrap_err().kind(), Kind::Decode);
    let error = client.models().profiles().all().await.unwrap_err();
    assert!(error.to_string().contains("followed by itself"), "{error}");
    assert!(client.models().profiles().all().await.unwrap().is_empty());
    let targets: Vec<String> = server.requests().into_iter().skip(5).map(|recorded| recorded.target).collect();
    assert_eq!(targets, ["/inference-profiles", "/inference-profiles?nextToken=b"]);
}
