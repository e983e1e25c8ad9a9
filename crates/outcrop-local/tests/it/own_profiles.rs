//! Inference profiles of the account's own: made, listed, called, tagged and ended, request by request.

use std::collections::HashSet;

use outcrop_local::{Data, Local};
use serde_json::{Value, json};

use crate::raw::{BODY, NOW, Request, Signing, at, left, local, send};

const SYSTEM: &str = "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-opus-4-6-v1";
const OPUS: &str = "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-opus-4-6-v1";

async fn call(local: &Local, method: &str, target: &str, body: &Value) -> (u16, Value) {
    in_region(local, method, target, body, "us-east-1").await
}

async fn in_region(local: &Local, method: &str, target: &str, body: &Value, region: &str) -> (u16, Value) {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let mut request = Request::post(target, body);
    request.method = method.to_owned();
    let response = send(local, &request.signed(&Signing { region, ..Signing::default() })).await;
    (response.status, response.json())
}

fn wanted(name: &str, source: &str) -> Value {
    json!({"inferenceProfileName": name, "modelSource": {"copyFrom": source}})
}

async fn made(local: &Local, wanted: &Value) -> String {
    let (status, answer) = call(local, "POST", "/inference-profiles", wanted).await;
    assert_eq!((status, &answer["status"]), (201, &json!("ACTIVE")), "{answer}");
    answer["inferenceProfileArn"].as_str().unwrap().to_owned()
}

fn segment(id: &str) -> String {
    id.replace(':', "%3A").replace('/', "%2F")
}

async fn refused(local: &Local, wanted: &Value) -> (u16, String) {
    let (status, answer) = call(local, "POST", "/inference-profiles", wanted).await;
    (status, answer["message"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_profile_is_made_described_listed_and_ended() {
    let local = local();
    let mut request = wanted("team a", SYSTEM);
    request["description"] = json!("costs: of team a");
    let arn = made(&local, &request).await;
    let (begin, id) = arn.rsplit_once('/').unwrap();
    assert_eq!(begin, "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile");
    assert!(id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()), "{id}");
    let (_, system) = call(&local, "GET", "/inference-profiles/us.anthropic.claude-opus-4-6-v1", &Value::Null).await;
    let expected = json!({
        "inferenceProfileName": "team a", "description": "costs: of team a",
        "createdAt": "2026-11-23T12:00:00Z", "updatedAt": "2026-11-23T12:00:00Z",
        "inferenceProfileArn": arn, "models": system["models"], "inferenceProfileId": id,
        "status": "ACTIVE", "type": "APPLICATION",
    });
    for named in [id, &segment(&arn)] {
        let (status, answer) = call(&local, "GET", &format!("/inference-profiles/{named}"), &Value::Null).await;
        assert_eq!((status, &answer), (200, &expected), "{named}");
    }
    let regional = made(&local, &wanted("team-b", OPUS)).await;
    let list = async |query: &str| -> Vec<Value> {
        let (status, answer) = call(&local, "GET", &format!("/inference-profiles?{query}"), &Value::Null).await;
        assert_eq!(status, 200, "{answer}");
        answer["inferenceProfileSummaries"].as_array().unwrap().clone()
    };
    let own = list("type=APPLICATION").await;
    assert_eq!((own.len(), &own[0]), (2, &expected));
    assert_eq!(own[1]["models"], json!([{"modelArn": OPUS}]));
    assert_eq!(list("").await.len(), list("type=SYSTEM_DEFINED").await.len() + 2);
    let (_, first) = call(&local, "GET", "/inference-profiles?maxResults=1&type=APPLICATION", &Value::Null).await;
    let token = first["nextToken"].as_str().unwrap();
    assert_eq!(list(&format!("maxResults=1&nextToken={token}&type=APPLICATION")).await, [own[1].clone()]);
    let (status, _) = in_region(&local, "GET", &format!("/inference-profiles/{id}"), &Value::Null, "us-west-2").await;
    assert_eq!(status, 404, "it belongs to its region");
    for (named, status) in
        [(id.to_owned(), 200), (segment(&arn), 404), (segment(&regional), 200), (segment(SYSTEM), 400)]
    {
        let (answered, answer) = call(&local, "DELETE", &format!("/inference-profiles/{named}"), &Value::Null).await;
        assert_eq!(answered, status, "{named}: {answer}");
    }
    assert!(list("type=APPLICATION").await.is_empty());
}

#[tokio::test]
async fn what_the_service_model_does_not_allow_is_refused_in_its_words() {
    let local = local();
    for (wrong, words) in [
        (
            wanted("two  blanks", SYSTEM),
            "1 validation error detected: Value 'two  blanks' at 'inferenceProfileName' failed to satisfy constraint: Member must satisfy regular expression pattern: ([0-9a-zA-Z][ _-]?)+",
        ),
        (
            wanted(&"a".repeat(65), SYSTEM),
            "at 'inferenceProfileName' failed to satisfy constraint: Member must have length less than or equal to 64",
        ),
        (wanted("", "x"), "3 validation errors detected: Value '' at 'inferenceProfileName' failed"),
        (wanted("a", &SYSTEM.replace("us-east-1", "us-west-2")), "The provided model identifier is invalid."),
        (wanted("a", &SYSTEM.replace("123456789012", "210987654321")), "The provided model identifier is invalid."),
        (wanted("a", &SYSTEM.replace("us.", "eu.")), "The provided model identifier is invalid."),
        (wanted("a", &OPUS.replace("opus-4-6-v1", "nova-9")), "The provided model identifier is invalid."),
        (json!({"inferenceProfileName": "a", "modelSource": {}}), "modelSource must have exactly one member: copyFrom"),
        (
            json!({"inferenceProfileName": "a", "description": "two  blanks", "modelSource": {"copyFrom": OPUS}}),
            "1 validation error detected: Value at 'description' failed",
        ),
        (
            json!({"inferenceProfileName": "a", "modelSource": {"copyFrom": OPUS}, "tags": [{"key": "!", "value": ""}]}),
            "Value '!' at 'tags.1.member.key' failed",
        ),
        (
            json!({"modelSource": {"copyFrom": OPUS}}),
            "Value null at 'inferenceProfileName' failed to satisfy constraint: Member must not be null",
        ),
    ] {
        let (status, message) = refused(&local, &wrong).await;
        assert!(status == 400 && message.contains(words), "{wrong}: {status} {message}");
    }
    let (_, list) = call(&local, "GET", "/inference-profiles?type=APPLICATION", &Value::Null).await;
    assert_eq!(list["inferenceProfileSummaries"], json!([]));
}

#[tokio::test]
async fn a_request_that_is_sent_again_makes_no_second_profile() {
    let local = local();
    let mut request = wanted("team a", SYSTEM);
    let mut arns = HashSet::new();
    arns.insert(made(&local, &request).await);
    arns.insert(made(&local, &request).await);
    assert_eq!(arns.len(), 2, "names are no ids");
    request["clientRequestToken"] = json!("1bb6ce74-a0eb-4e7b-a3c7-fe0b9db13161");
    let first = made(&local, &request).await;
    assert_eq!(made(&local, &request).await, first);
    assert!(!arns.contains(&first));
}

#[tokio::test]
async fn a_call_by_its_arn_is_a_call_of_what_it_was_copied_from() {
    let local = Local::builder().clock(|| at(NOW)).requests_per_minute(2).build();
    let arn = segment(&made(&local, &wanted("team a", SYSTEM)).await);
    let post = async |target: String, body: &str| {
        send(&local, &Request::post(&target, body).signed(&Signing::default())).await
    };
    let reply = post(format!("/model/{arn}/invoke"), BODY).await;
    assert_eq!((reply.status, &reply.json()["model"]), (200, &json!("claude-opus-4-6")), "{}", reply.text());
    assert_eq!(reply.header("x-outcrop-warning"), None);
    let prefilled = BODY.replace("}]}", "},{\"role\":\"assistant\",\"content\":\"Hm\"}]}");
    let refusal = post(format!("/model/{arn}/invoke"), &prefilled).await.refusal();
    assert!(refusal.2.contains("prefill"), "the checks are those of the model: {refusal:?}");
    let converse = r#"{"messages":[{"role":"user","content":[{"text":"Hello"}]}],"inferenceConfig":{"maxTokens":64}}"#;
    assert_eq!(post(format!("/model/{arn}/converse"), converse).await.status, 200);
    let throttled = post("/model/us.anthropic.claude-opus-4-6-v1/invoke".to_owned(), BODY).await;
    assert_eq!(throttled.status, 429, "it has no quota of its own");
    let asked = local.last().unwrap();
    assert_eq!(asked.operation, "InvokeModel");
    let short = arn.rsplit_once("%2F").unwrap().1;
    let elsewhere = arn.replace("us-east-1", "us-west-2");
    let others = arn.replace("123456789012", "210987654321");
    for unknown in [short, &elsewhere, &others, &arn.replace(short, "a1b2c3d4e5f6")] {
        let refusal = post(format!("/model/{unknown}/invoke"), BODY).await.refusal();
        assert_eq!((refusal.0, refusal.2.as_str()), (400, "The provided model identifier is invalid."), "{unknown}");
    }
    let count =
        json!({"input": {"converse": {"messages": [{"role": "user", "content": [{"text": "Hello"}]}]}}}).to_string();
    let refusal = post(format!("/model/{arn}/count-tokens"), &count).await.refusal();
    assert_eq!((refusal.0, refusal.2.as_str()), (400, "The provided model doesn't support counting tokens."));
    let message = BODY.replace(
        "\"anthropic_version\":\"bedrock-2023-05-31\"",
        &format!("\"model\":\"{}\"", arn.replace("%3A", ":").replace("%2F", "/")),
    );
    let refusal = post("/anthropic/v1/messages".to_owned(), &message).await;
    assert_eq!(refusal.status, 404, "nothing says that AWS takes one where the body names the model");
}

#[tokio::test]
async fn tags_are_put_told_and_taken_away_and_outlive_the_server() {
    let folder = tempfile::tempdir().unwrap();
    let start = || Local::builder().clock(|| at(NOW)).data(Data::open(folder.path()).unwrap()).build();
    let first = start();
    let mut request = wanted("team a", SYSTEM);
    request["tags"] = json!([{"key": "team", "value": "a"}]);
    let arn = made(&first, &request).await;
    let tag = json!({"resourceARN": arn, "tags": [{"key": "team", "value": "b"}, {"key": "cost centre", "value": ""}]});
    assert_eq!(call(&first, "POST", "/tagResource", &tag).await, (200, json!({})));
    left(first).await;
    let second = start();
    let named = json!({"resourceARN": arn});
    let told = call(&second, "POST", "/listTagsForResource", &named).await;
    assert_eq!(told, (200, json!({"tags": [{"key": "cost centre", "value": ""}, {"key": "team", "value": "b"}]})));
    let untag = json!({"resourceARN": arn, "tagKeys": ["team", "other"]});
    assert_eq!(call(&second, "POST", "/untagResource", &untag).await, (200, json!({})));
    let many: Vec<Value> = (0..50).map(|at| json!({"key": format!("k{at}"), "value": "v"})).collect();
    let (status, refusal) = call(&second, "POST", "/tagResource", &json!({"resourceARN": arn, "tags": many})).await;
    assert_eq!((status, &refusal["resourceName"]), (400, &json!(arn)), "{refusal}");
    let (_, told) = call(&second, "POST", "/listTagsForResource", &named).await;
    assert_eq!(told, json!({"tags": [{"key": "cost centre", "value": ""}]}), "all or nothing");
    assert_eq!(call(&second, "DELETE", &format!("/inference-profiles/{}", segment(&arn)), &Value::Null).await.0, 200);
    for target in ["/tagResource", "/untagResource", "/listTagsForResource"] {
        let body = json!({"resourceARN": "nothing/that/has/tags", "tags": [], "tagKeys": []});
        let (status, refusal) = call(&second, "POST", target, &body).await;
        let words = "Value 'nothing/that/has/tags' at 'resourceARN' failed to satisfy constraint: Member must satisfy";
        assert!(status == 400 && refusal["message"].as_str().unwrap().contains(words), "{target}: {refusal}");
        let body = json!({"resourceARN": arn, "tags": [], "tagKeys": []});
        assert_eq!(call(&second, "POST", target, &body).await.0, 404, "{target}");
    }
}
