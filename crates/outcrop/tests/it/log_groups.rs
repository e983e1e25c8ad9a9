//! Log groups of CloudWatch, against the local Bedrock.

use outcrop::account::EventFilter;
use outcrop::{Client, Kind, Retry, Surroundings};
use outcrop_local::{Account, Local};

#[tokio::test]
async fn groups_are_made_told_and_kept_for_days() {
    let local = Local::new();
    let client = Client::builder()
        .access_key(Account::ACCESS_KEY_ID, Account::SECRET_ACCESS_KEY)
        .surroundings(Surroundings::made_up([], []))
        .region("eu-west-1")
        .retry(Retry::none())
        .connector(move |_| std::future::ready(Ok(local.connect())))
        .build()
        .await
        .unwrap();
    let groups = client.log_groups();
    assert_eq!(groups.get("/bedrock/calls").await.unwrap(), None);
    // More than a page of them.
    for number in 0..60 {
        groups.create(&format!("/many/{number:02}")).await.unwrap();
    }
    groups.create("/bedrock/calls").await.unwrap();
    assert_eq!(groups.list("/many/").await.unwrap().len(), 60);
    assert_eq!(groups.list("").await.unwrap().len(), 61);
    groups.put_retention("/bedrock/calls", 30).await.unwrap();
    let group = groups.get("/bedrock/calls").await.unwrap().unwrap();
    assert_eq!(group.retention_in_days, Some(30));
    assert_eq!(group.arn.as_deref(), Some("arn:aws:logs:eu-west-1:123456789012:log-group:/bedrock/calls:*"));
    assert!(groups.clone().in_region("us-east-1").list("").await.unwrap().is_empty());
    assert!(groups.events("/bedrock/calls", &EventFilter::default()).await.unwrap().is_empty());
    for (error, code) in [
        (groups.create("/bedrock/calls").await, "ResourceAlreadyExistsException"),
        (groups.put_retention("/bedrock/calls", 31).await, "InvalidParameterException"),
        (groups.put_retention("/nothing", 30).await, "ResourceNotFoundException"),
    ] {
        let error = error.unwrap_err();
        assert_eq!((error.kind(), error.service_fault().unwrap().code.as_str()), (Kind::Service, code), "{error}");
    }
}
