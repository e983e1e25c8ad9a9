//! How calls are logged: told, set and ended, in one region and in many.

use outcrop::logging::LoggingConfiguration;
use outcrop::{Client, Surroundings};
use outcrop_local::{Account, Local};

use crate::scripted::{Scripted, Step};

async fn client(local: &Local) -> Client {
    let local = local.clone();
    let builder = Client::builder()
        .surroundings(Surroundings::made_up([], []))
        .access_key(Account::ACCESS_KEY_ID, Account::SECRET_ACCESS_KEY)
        .region("eu-west-1");
    builder.connector(move |_| std::future::ready(Ok(local.connect()))).build().await.unwrap()
}

#[tokio::test]
async fn regions_are_set_each_for_itself() {
    let client = client(&Local::new()).await;
    let logging = || client.logging();
    assert_eq!(logging().status().await.unwrap(), None);
    let configuration = LoggingConfiguration::to_s3("logs", Some("p".to_owned()));
    logging().region("us-east-1").enable(&configuration).await.unwrap();
    assert_eq!(logging().status().await.unwrap(), None);
    let all = logging().regions(["eu-west-1", "us-east-1", "no region"]).status().await;
    assert_eq!(all[0].outcome.as_ref().unwrap(), &None);
    assert_eq!(all[1].outcome.as_ref().unwrap(), &Some(configuration));
    let error = all[2].outcome.as_ref().unwrap_err().to_string();
    assert!(all[2].region == "no region" && error.contains("no region"), "{error}");
    let ended = logging().regions(["us-east-1", "eu-west-1"]).disable().await;
    assert!(ended.iter().all(|region| region.outcome.is_ok()), "{ended:?}");
    assert_eq!(logging().region("us-east-1").status().await.unwrap(), None);
}

/// AWS says that it has nothing to say by saying nothing (API reference, PutModelInvocationLoggingConfiguration).
#[tokio::test]
async fn an_empty_answer_is_an_answer_and_a_refusal_names_the_action() {
    let denied = r#"{"message":"User: arn:aws:iam::123456789012:user/ann is not authorized to perform: bedrock:PutModelInvocationLoggingConfiguration"}"#;
    let server = Scripted::new([Step::json(200, ""), Step::json(200, "{}"), Step::json(403, denied)]);
    let client = server.client().await;
    let configuration = LoggingConfiguration::to_s3("logs", None);
    client.logging().enable(&configuration).await.unwrap();
    client.logging().enable(&configuration).await.unwrap();
    let error = client.logging().enable(&configuration).await.unwrap_err();
    assert!(error.to_string().contains("bedrock:PutModelInvocationLoggingConfiguration"), "{error}");
    let requests = server.requests();
    assert_eq!(requests[0].header("content-type"), Some("application/json"));
}
