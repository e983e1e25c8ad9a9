//! Who calls, which models there are, and whether they may be used: against the local Bedrock.

use std::time::Duration;

use outcrop::account::{ApiKey, Identity, ModelFilter, Principal, ProfileFilter};
use outcrop::{Client, ClientBuilder, Kind, Retry, Surroundings};
use outcrop_local::{Account, Local};

fn below(builder: ClientBuilder) -> ClientBuilder {
    let local = Local::new();
    builder
        .surroundings(Surroundings::made_up([], []))
        .region("eu-west-1")
        .retry(Retry::none())
        .connector(move |_| std::future::ready(Ok(local.connect())))
}

fn with_keys() -> ClientBuilder {
    below(Client::builder().access_key(Account::ACCESS_KEY_ID, Account::SECRET_ACCESS_KEY))
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
    let client = below(Client::builder().bearer_token(Account::BEARER_TOKEN)).build().await.unwrap();
    let name = Some("BedrockAPIKey-outcrop-local".to_owned());
    assert_eq!(client.identity().await.unwrap(), Identity::ApiKey(ApiKey::LongTerm { name }));
    let key = with_keys().build().await.unwrap().short_term_key(Duration::from_secs(900)).await.unwrap();
    let client = below(Client::builder().bearer_token(key.token)).build().await.unwrap();
    let identity = client.identity().await.unwrap();
    let Identity::ApiKey(ApiKey::ShortTerm { access_key_id, region, .. }) = &identity else { panic!("{identity:?}") };
    assert_eq!((access_key_id.as_str(), region.as_str()), (Account::ACCESS_KEY_ID, "eu-west-1"));
    let client = below(Client::builder().skip_auth()).build().await.unwrap();
    assert_eq!(client.identity().await.unwrap(), Identity::Unsigned);
}

#[tokio::test]
async fn a_refusal_of_sts_has_its_code_and_a_hint() {
    let client = below(Client::builder().access_key(Account::ACCESS_KEY_ID, "wrong")).build().await.unwrap();
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
