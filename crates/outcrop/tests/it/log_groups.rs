//! Log groups of CloudWatch, against the local Bedrock.

use outcrop::Kind;
use outcrop::account::EventFilter;
use outcrop_local::Local;

use crate::clients::client_in;

#[tokio::test]
async fn groups_are_made_told_and_kept_for_days() {
    let client = client_in("eu-west-1", &Local::new()).await;
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
