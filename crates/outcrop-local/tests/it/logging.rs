//! Where Bedrock agrees to log: it looks first whether it may write there, and shows that it did.

use outcrop_local::{Data, Local};
use serde_json::{Value, json};

use crate::objects::ask;
use crate::raw::{NOW, Request, Signing, at, local, send};

const PROBE: &str = "p/AWSLogs/123456789012/BedrockModelInvocationLogs/amazon-bedrock-logs-permission-check";

async fn put(local: &Local, setting: Value, region: &str) -> (u16, String) {
    let mut request = Request::post("/logging/modelinvocations", json!({ "loggingConfig": setting }).to_string());
    request.method = "PUT".to_owned();
    let response = send(local, &request.signed(&Signing { region, ..Signing::default() })).await;
    if response.status == 400 {
        let kind = response.header("x-amzn-errortype").unwrap_or_default();
        assert!(kind.starts_with("ValidationException"), "{kind}");
    }
    (response.status, response.json()["message"].as_str().unwrap_or_default().to_owned())
}

fn bucket() -> Value {
    json!({"s3Config": {"bucketName": "logs", "keyPrefix": "p"}})
}

async fn set_policy(local: &Local, effect: &str, resource: &str) {
    let policy = json!({"Version": "2012-10-17", "Statement": [{"Sid": "Logs", "Effect": effect,
        "Principal": {"Service": "bedrock.amazonaws.com"}, "Action": "s3:PutObject", "Resource": resource,
        "Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}}}]});
    let response = ask(local, "PUT", "/logs?policy", policy.to_string().as_bytes(), &[]).await;
    assert_eq!(response.status, 204, "{}", response.text());
}

#[tokio::test]
async fn a_bucket_must_be_there_in_the_region_and_let_bedrock_write() {
    let local = local();
    let refused = |answer: (u16, String), why: &str| {
        let (status, message) = answer;
        assert_eq!(status, 400, "{message}");
        let begins = "Failed to validate permissions for bucket: logs. ";
        assert!(message.starts_with(begins) && message.contains(why), "{message}");
    };
    refused(put(&local, bucket(), "us-east-1").await, "there is no such bucket");
    assert_eq!(ask(&local, "PUT", "/logs", b"", &[]).await.status, 200);
    refused(put(&local, bucket(), "us-east-1").await, "it has no policy");
    set_policy(&local, "Allow", "arn:aws:s3:::logs/other/*").await;
    refused(put(&local, bucket(), "us-east-1").await, "Logs is not about arn:aws:s3:::logs/p/AWSLogs/");
    set_policy(&local, "Deny", "*").await;
    refused(put(&local, bucket(), "us-east-1").await, "Logs of it denies");
    assert_eq!(ask(&local, "GET", &format!("/logs/{PROBE}"), b"", &[]).await.status, 404);
    set_policy(&local, "Allow", "arn:aws:s3:::logs/*").await;
    refused(put(&local, bucket(), "eu-west-1").await, "it is in us-east-1, and must be");
    assert_eq!(put(&local, bucket(), "us-east-1").await, (200, String::new()));
    assert_eq!(ask(&local, "GET", &format!("/logs/{PROBE}"), b"", &[]).await.status, 200);
}

#[tokio::test]
async fn a_folder_that_somebody_put_there_is_open() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("logs")).unwrap();
    let local = Local::builder().clock(|| at(NOW)).data(Data::open(folder.path()).unwrap()).build();
    assert_eq!(put(&local, bucket(), "eu-west-1").await, (200, String::new()));
    assert!(folder.path().join("logs").join(PROBE).is_file());
}

#[tokio::test]
async fn somewhere_it_must_be_and_a_role_is_one_of_the_account() {
    let local = local();
    let group = |role: &str| json!({"cloudWatchConfig": {"logGroupName": "/calls", "roleArn": role}});
    for (setting, why) in [
        (json!({"textDataDeliveryEnabled": true}), "neither an s3Config nor a cloudWatchConfig"),
        (Value::Null, "'loggingConfig' failed to satisfy constraint: Member must not be null"),
        (group("logs"), "Value 'logs' at 'loggingConfig.cloudWatchConfig.roleArn'"),
        (
            group("arn:aws:iam::210987654321:role/logs"),
            "Failed to validate permissions for log group: /calls, with role: arn:aws:iam::210987654321:role/logs. Verify",
        ),
        (
            group("arn:aws:iam::123456789012:role/logs"),
            "Verify the IAM role permissions are correct. (outcrop local: there is no such log group in us-east-1)",
        ),
    ] {
        let (status, message) = put(&local, setting, "us-east-1").await;
        assert!(status == 400 && message.contains(why), "{status} {message}");
    }
}

/// As AWS does, which says that it may write by writing.
#[tokio::test]
async fn a_log_group_must_be_there_and_is_told_that_it_is_written_to() {
    let local = local();
    let group =
        json!({"cloudWatchConfig": {"logGroupName": "/calls", "roleArn": "arn:aws:iam::123456789012:role/logs"}});
    crate::log_groups::call(&local, "CreateLogGroup", json!({"logGroupName": "/calls"})).await;
    assert_eq!(put(&local, group.clone(), "eu-west-1").await.0, 400, "it is in another region");
    assert_eq!(put(&local, group, "us-east-1").await, (200, String::new()));
    let stream = json!({"logGroupName": "/calls", "logStreamName": "aws/bedrock/modelinvocations"});
    let (_, told) = crate::log_groups::call(&local, "GetLogEvents", stream).await;
    assert_eq!(told["events"][0]["message"], "Permissions are correctly set for Amazon Bedrock logs.");
}
