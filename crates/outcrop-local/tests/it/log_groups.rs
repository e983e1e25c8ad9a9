//! Log groups of CloudWatch, by requests written by hand: streams, events in pages, searches and what is refused.

use outcrop_local::{Data, Local};
use serde_json::{Value, json};

use crate::raw::{NOW, Request, Signing, at, left, local, send};

pub(crate) async fn call(local: &Local, operation: &str, body: Value) -> (u16, Value) {
    let body = body.to_string();
    let request = Request::post("/", body.as_bytes()).header("x-amz-target", &format!("Logs_20140328.{operation}"));
    let response = send(local, &request.signed(&Signing { service: "logs", ..Signing::default() })).await;
    let body = if response.body.is_empty() { Value::Null } else { response.json() };
    (response.status, body)
}

fn messages(answer: &Value) -> Vec<&str> {
    answer["events"].as_array().unwrap().iter().map(|event| event["message"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn events_are_kept_in_order_and_given_in_pages() {
    let local = local();
    let group = |more: Value| {
        let mut body = json!({"logGroupName": "/g", "logStreamName": "s"});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    assert_eq!(call(&local, "CreateLogGroup", json!({"logGroupName": "/g"})).await, (200, Value::Null));
    assert_eq!(call(&local, "CreateLogStream", group(json!({}))).await, (200, Value::Null));
    let events: Vec<Value> =
        (0..5).map(|number| json!({"timestamp": 1000 + number, "message": format!("event {number}")})).collect();
    assert_eq!(call(&local, "PutLogEvents", group(json!({"logEvents": events}))).await.0, 200);
    let (_, last) = call(&local, "GetLogEvents", group(json!({"limit": 2}))).await;
    assert_eq!(messages(&last), ["event 3", "event 4"]);
    let before = group(json!({"limit": 2, "nextToken": last["nextBackwardToken"]}));
    assert_eq!(messages(&call(&local, "GetLogEvents", before).await.1), ["event 1", "event 2"]);
    let after = group(json!({"nextToken": last["nextForwardToken"]}));
    let (_, end) = call(&local, "GetLogEvents", after).await;
    assert_eq!((messages(&end).len(), &end["nextForwardToken"]), (0, &last["nextForwardToken"]));
    for (more, expected) in [
        (json!({"filterPattern": "\"event 3\""}), &["event 3"][..]),
        (json!({"filterPattern": "3 event"}), &["event 3"]),
        (json!({"startTime": 1001, "endTime": 1003}), &["event 1", "event 2"]),
        (json!({"logStreamNames": ["other", "s"], "limit": 1}), &["event 0"]),
        (json!({"logStreamNames": ["other"]}), &[]),
        (json!({"filterPattern": "nothing"}), &[]),
    ] {
        let (_, found) = call(&local, "FilterLogEvents", group(more.clone())).await;
        assert_eq!(messages(&found), expected, "{more}");
    }
    let both = group(json!({"logStreamNames": ["s"], "logStreamNamePrefix": "s"}));
    assert_eq!(call(&local, "FilterLogEvents", both).await.0, 400);
    let (status, refusal) = call(&local, "FilterLogEvents", group(json!({"filterPattern": "{ $.a = 1 }"}))).await;
    assert!(status == 400 && refusal["message"].as_str().unwrap().contains("quoted phrases"), "{refusal}");
    assert_eq!(refusal["__type"], "InvalidParameterException");
    for (operation, body) in [
        ("FilterLogEvents", json!({"logGroupName": "/none"})),
        ("GetLogEvents", json!({"logGroupName": "/g", "logStreamName": "none"})),
        ("CreateLogGroup", json!({"logGroupName": "a b"})),
        ("CreateLogGroup", json!({})),
        ("PutRetentionPolicy", json!({"logGroupName": "/g", "retentionInDays": 31})),
        (
            "PutLogEvents",
            group(json!({"logEvents": [{"timestamp": 2, "message": "b"}, {"timestamp": 1, "message": "a"}]})),
        ),
    ] {
        assert_eq!(call(&local, operation, body.clone()).await.0, 400, "{operation} {body}");
    }
}

#[tokio::test]
async fn what_is_set_up_of_groups_outlives_the_server() {
    let folder = tempfile::tempdir().unwrap();
    let start = || Local::builder().clock(|| at(NOW)).data(Data::open(folder.path()).unwrap()).build();
    let local = start();
    call(&local, "CreateLogGroup", json!({"logGroupName": "/g"})).await;
    call(&local, "PutRetentionPolicy", json!({"logGroupName": "/g", "retentionInDays": 30})).await;
    call(&local, "CreateLogStream", json!({"logGroupName": "/g", "logStreamName": "s"})).await;
    // More than a page: that of a megabyte.
    let now = outcrop_wire::sigv4::AmzTime::parse(NOW).unwrap().unix() * 1000;
    let old = json!({"timestamp": now - 31 * 86_400_000, "message": "too old"});
    let large: Vec<Value> = (0..3).map(|at| json!({"timestamp": now + at, "message": "x".repeat(600_000)})).collect();
    let events = [vec![old], large].concat();
    let put = json!({"logGroupName": "/g", "logStreamName": "s", "logEvents": events});
    assert_eq!(call(&local, "PutLogEvents", put).await.0, 200);
    left(local).await;
    let local = start();
    let (_, first) = call(&local, "FilterLogEvents", json!({"logGroupName": "/g"})).await;
    assert_eq!(messages(&first).len(), 1);
    let next = json!({"logGroupName": "/g", "nextToken": first["nextToken"], "filterPattern": "x".repeat(9)});
    let (_, second) = call(&local, "FilterLogEvents", next).await;
    assert_eq!((messages(&second).len(), &second["nextToken"]), (1, &json!("2")));
    let stream = json!({"logGroupName": "/g", "logStreamName": "s"});
    let (_, last) = call(&local, "GetLogEvents", stream).await;
    assert_eq!((messages(&last).len(), &last["nextBackwardToken"]), (1, &json!("b/2")));
    let (_, told) = call(&local, "DescribeLogGroups", json!({})).await;
    assert_eq!(
        (&told["logGroups"][0]["logGroupName"], &told["logGroups"][0]["retentionInDays"]),
        (&json!("/g"), &json!(30))
    );
    assert_eq!(call(&local, "DeleteLogGroup", json!({"logGroupName": "/g"})).await.0, 200);
    assert_eq!(call(&local, "DescribeLogGroups", json!({})).await.1["logGroups"], json!([]));
    left(local).await;
    let local = start();
    call(&local, "CreateLogGroup", json!({"logGroupName": "/g"})).await;
    assert!(messages(&call(&local, "FilterLogEvents", json!({"logGroupName": "/g"})).await.1).is_empty());
}
