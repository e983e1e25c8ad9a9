//! The log of model invocations: which calls are in it, what their records say, and where they lie.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;
use std::time::Duration;

use outcrop_local::{Account, Break, Builder, Data, Local, Notice};
use outcrop_wire::account::logging::{LogKey, LogRole, ModelInvocationLog};
use outcrop_wire::fault::{Fault, Origin};
use serde_json::{Value, json};

use crate::asking::{OPUS_4_6, PNG, saying};
use crate::raw::{BODY, INVOKE, NOW, Request, Response, STREAM, Signing, at, connect, send};

const FOLDER: &str = "p/AWSLogs/123456789012/BedrockModelInvocationLogs/us-east-1/2026/11/23/12";

/// A local Bedrock that logs to `s3://logs/p`, and its folder.
struct Logged {
    local: Local,
    folder: tempfile::TempDir,
}

impl Logged {
    async fn with(setting: Value) -> Self {
        Logged::by(setting, |builder| builder).await
    }

    async fn by(setting: Value, how: impl FnOnce(Builder) -> Builder) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("logs")).unwrap();
        let data = Data::open(folder.path()).unwrap();
        // Written when it is asked for.
        let builder = Local::builder().clock(|| at(NOW)).data(data).log_every(Duration::from_secs(3600));
        let local = how(builder).build();
        let logged = Logged { local, folder };
        logged.set("PUT", &json!({ "loggingConfig": setting }).to_string()).await;
        logged
    }

    async fn to_s3() -> Self {
        Logged::with(json!({"s3Config": {"bucketName": "logs", "keyPrefix": "p"}})).await
    }

    async fn set(&self, method: &str, body: &str) {
        let mut request = Request::post("/logging/modelinvocations", body);
        request.method = method.to_owned();
        let response = send(&self.local, &request.signed(&Signing::default())).await;
        assert_eq!(response.status, 200, "{}", response.text());
    }

    async fn post(&self, target: &str, body: impl Into<Vec<u8>>) -> Response {
        send(&self.local, &Request::post(target, body).signed(&Signing::default())).await
    }

    /// Every object of the bucket, by its key, unpacked where it is packed.
    async fn objects(&self) -> BTreeMap<String, Vec<u8>> {
        self.local.write_log().await;
        let bucket = self.folder.path().join("logs");
        let mut objects = BTreeMap::new();
        walk(&bucket, &mut |path| {
            let key = path.strip_prefix(&bucket).unwrap().to_str().unwrap().to_owned();
            let bytes = std::fs::read(path).unwrap();
            let bytes = match key.ends_with(".gz") {
                true => {
                    let mut unpacked = Vec::new();
                    flate2::read::GzDecoder::new(&bytes[..]).read_to_end(&mut unpacked).unwrap();
                    unpacked
                }
                false => bytes,
            };
            objects.insert(key, bytes);
        });
        objects
    }

    /// The lines of every object of records.
    async fn lines(&self) -> Vec<String> {
        let objects = self.objects().await;
        let records = objects.iter().filter(|(key, _)| LogRole::of(key) == LogRole::Records);
        records.flat_map(|(_, text)| std::str::from_utf8(text).unwrap().lines()).map(str::to_owned).collect()
    }

    async fn only(&self) -> ModelInvocationLog {
        let lines = self.lines().await;
        assert_eq!(lines.len(), 1, "{lines:?}");
        serde_json::from_str(&lines[0]).unwrap()
    }
}

fn walk(folder: &Path, each: &mut dyn FnMut(&Path)) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { walk(&path, each) } else { each(&path) }
    }
}

fn names(value: &str) -> Vec<String> {
    let members: outcrop_wire::Extra = serde_json::from_str(value).unwrap();
    members.iter().map(|(name, _)| name.to_owned()).collect()
}

const CONVERSE: &str = "/model/us.anthropic.claude-sonnet-4-6/converse";

fn conversing(content: Value) -> String {
    json!({"messages": [{"role": "user", "content": content}], "requestMetadata": {"team": "a"}}).to_string()
}

#[tokio::test]
async fn every_way_to_a_model_is_in_the_log_and_no_other_call() {
    let logged = Logged::to_s3().await;
    let messages = |stream: bool| {
        json!({"model": "us.anthropic.claude-opus-4-8", "max_tokens": 99, "stream": stream, "messages": [{"role": "user", "content": "Hi"}]})
            .to_string()
    };
    logged.post(INVOKE, BODY).await;
    logged.post(STREAM, BODY).await;
    logged.post(CONVERSE, conversing(json!([{"text": "Hello"}]))).await;
    logged.post(&format!("{CONVERSE}-stream"), conversing(json!([{"text": "Hello"}]))).await;
    for stream in [false, true] {
        let request =
            Request::post("/anthropic/v1/messages", messages(stream)).header("anthropic-version", "2023-06-01");
        let response = send(&logged.local, &request.signed(&Signing::default())).await;
        assert_eq!(response.status, 200, "{}", response.text());
    }
    // Not these: Mantle, a count, and whoever is not known.
    let signing = Signing { service: "bedrock-mantle", ..Signing::default() };
    let mantle =
        Request::post("/mantle/anthropic/v1/messages", messages(false)).header("anthropic-version", "2023-06-01");
    send(&logged.local, &mantle.signed(&signing)).await;
    logged.post(&format!("/model/{OPUS_4_6}/count-tokens"), "{}").await;
    send(&logged.local, &Request::post(INVOKE, BODY).signed(&Signing { secret: "wrong", ..Signing::default() })).await;
    // Nor of another region.
    send(&logged.local, &Request::post(INVOKE, BODY).signed(&Signing { region: "us-west-2", ..Signing::default() }))
        .await;
    let lines = logged.lines().await;
    let logs: Vec<ModelInvocationLog> = lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let operations: Vec<&str> = logs.iter().map(|log| log.operation.as_str()).collect();
    let invoked = ["InvokeModel", "InvokeModelWithResponseStream"];
    assert_eq!(operations, [&invoked[..], &["Converse", "ConverseStream"], &invoked].concat());
    for (log, line) in logs.iter().zip(&lines) {
        assert_eq!(log.caller(), "arn:aws:iam::123456789012:user/outcrop-local");
        let reply = log.reply().unwrap();
        assert!(reply.complete && reply.message.text().contains("It received"), "{line}");
        assert!(log.request().unwrap().value.last_user_text().is_some(), "{line}");
        assert_eq!(log.usage(), reply.message.usage);
        assert_eq!(log.counts().total_input(), reply.message.usage.total_input());
        assert!(log.counts().output_tokens > 0 && log.error_code.is_none(), "{line}");
        assert_eq!(
            (log.timestamp.as_str(), log.inference_region.as_deref()),
            ("2026-11-23T12:00:00Z", Some("us-east-1"))
        );
    }
    assert!(lines[1].contains(r#""outputBodyJson":[{"type":"message_start""#), "{}", lines[1]);
    assert!(lines[5].contains(r#""outputBodyJson":[{"type":"message_start""#), "{}", lines[5]);
    assert_eq!(logs[2].request_metadata.as_ref().unwrap()["team"], "a");
    assert_eq!(logs[2].request_metadata, logs[3].request_metadata);
}

/// The one real record that is published whole, of ConverseStream.
#[tokio::test]
async fn a_record_has_the_members_of_a_real_one_in_their_order() {
    let corpus = std::env::var("OUTCROP_CORPUS").unwrap_or_else(|_| "../../../shared/fixtures".to_owned());
    let Ok(sample) = std::fs::read_to_string(Path::new(&corpus).join("model-invocation-logs/009.json")) else {
        println!("no recorded traffic in {corpus}: nothing is compared");
        return;
    };
    let sample: outcrop_wire::Extra = serde_json::from_str(&sample).unwrap();
    let real: outcrop_wire::Extra = sample.value("record").unwrap().parse().unwrap();
    let logged = Logged::to_s3().await;
    let body = json!({"messages": [{"role": "user", "content": [{"text": "Hello"}]}]}).to_string();
    logged.post(&format!("{CONVERSE}-stream"), body).await;
    let ours: outcrop_wire::Extra = serde_json::from_str(&logged.lines().await[0]).unwrap();
    let of = |record: &outcrop_wire::Extra, path: &[&str]| {
        let mut value = outcrop_wire::Json::of(record).unwrap();
        for name in path {
            value = value.parse::<outcrop_wire::Extra>().unwrap().value(name).unwrap().clone();
        }
        names(value.text())
    };
    let at = "outputBodyJson";
    for path in [&[][..], &["identity"], &["input"], &["output"], &["output", at], &["output", at, "output", "message"]]
    {
        let (mut left, right) = (of(&ours, path), of(&real, path));
        // What only a call that may go elsewhere has.
        left.retain(|name| name != "inferenceRegion");
        assert_eq!(left, right, "{path:?}");
    }
}

#[tokio::test]
async fn a_call_that_failed_says_why() {
    let logged = Logged::to_s3().await;
    logged.post(INVOKE, r#"{"anthropic_version":"bedrock-2023-05-31","messages":[]}"#).await;
    logged.local.fail_next(Fault::new("ThrottlingException", "Too many requests", Origin::Http));
    logged.post(CONVERSE, conversing(json!([{"text": "Hello"}]))).await;
    logged.post(INVOKE, "no JSON").await;
    logged.local.fail_next(Fault::new("ModelStreamErrorException", "oops", Origin::MidStream));
    logged.post(STREAM, BODY).await;
    let lines = logged.lines().await;
    let logs: Vec<ModelInvocationLog> = lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let errors: Vec<Option<&str>> = logs.iter().map(|log| log.error_code.as_deref()).collect();
    let expected = ["ValidationException", "ThrottlingException", "ValidationException", "ModelStreamErrorException"];
    assert_eq!(errors, expected.map(Some));
    assert!(logs[..3].iter().all(|log| log.output.is_none()), "{lines:?}");
    assert!(logs[2].input.as_ref().unwrap().body.is_none());
    let reply = logs[3].reply().unwrap();
    assert!(!reply.complete, "{reply:?}");
}

#[tokio::test]
async fn of_a_stream_that_is_cut_there_is_what_was_sent() {
    for (target, body) in
        [(STREAM, BODY.to_owned()), (&format!("{CONVERSE}-stream"), conversing(json!([{"text": "Hello"}])))]
    {
        let logged = Logged::to_s3().await;
        logged.local.break_next(Break::cut_inside(4));
        let mut connection = connect(&logged.local);
        connection.write(&Request::post(target, body).signed(&Signing::default())).await;
        let (_, broken) = connection.read_broken().await;
        let log = logged.only().await;
        let text = log.reply().unwrap().message.text();
        assert!(broken);
        assert!(!text.is_empty() && text.len() < 60, "{text}");
        assert_eq!(log.error_code, None);
    }
}

#[tokio::test]
async fn what_is_large_is_beside_its_record() {
    let logged = Logged::to_s3().await;
    let large = "quartz ".repeat(30_000);
    let response = logged.post(INVOKE, saying(large.clone()).to_string()).await;
    logged.post(&format!("/model/{OPUS_4_6}/invoke"), saying("small").to_string()).await;
    let id = response.header("x-amzn-requestid").unwrap();
    let objects = logged.objects().await;
    let lines = logged.lines().await;
    let log: ModelInvocationLog = serde_json::from_str(&lines[0]).unwrap();
    let input = log.input.unwrap();
    let key = format!("{FOLDER}/data/{id}_input.json.gz");
    assert_eq!((input.body, input.body_path), (None, Some(format!("s3://logs/{key}"))));
    assert_eq!(serde_json::from_slice::<Value>(&objects[&key]).unwrap(), saying(large));
    assert!(input.token_count.unwrap() > 30_000 && lines[1].contains("small"), "{}", lines[1]);
    let keys: Vec<LogKey> = objects.keys().map(|key| LogKey::parse(key).unwrap()).collect();
    assert_eq!(keys.iter().filter(|key| key.role == LogRole::Records).count(), 1, "{keys:?}");
}

#[tokio::test]
async fn what_counts_as_large_can_be_set() {
    let setting = json!({"s3Config": {"bucketName": "logs"}});
    let logged = Logged::by(setting, |builder| builder.log_inline(100)).await;
    let response = logged.post(STREAM, BODY).await;
    let id = response.header("x-amzn-requestid").unwrap();
    let log = logged.only().await;
    let path = log.output.unwrap().body_path.unwrap();
    assert!(
        path.starts_with("s3://logs/AWSLogs/") && path.ends_with(&format!("/12/data/{id}_output.json.gz")),
        "{path}"
    );
    let events: Value = serde_json::from_slice(&logged.objects().await[&path["s3://logs/".len()..]]).unwrap();
    assert_eq!(events[0]["type"], "message_start");
    assert!(log.input.unwrap().token_count.unwrap() > 0);
}

#[tokio::test]
async fn images_and_documents_of_converse_are_objects_of_their_own() {
    let logged = Logged::to_s3().await;
    let content = json!([
        {"image": {"format": "png", "source": {"bytes": PNG}}},
        {"document": {"format": "txt", "name": "notes", "source": {"bytes": "UmFpbg=="}}},
        {"text": "What is it?"},
    ]);
    let response = logged.post(CONVERSE, conversing(content)).await;
    assert_eq!(response.status, 200, "{}", response.text());
    let id = response.header("x-amzn-requestid").unwrap();
    let objects = logged.objects().await;
    assert_eq!(objects[&format!("{FOLDER}/data/{id}_input_media_01.txt")], b"Rain");
    assert!(objects[&format!("{FOLDER}/data/{id}_input_media_00.png")].starts_with(b"\x89PNG"));
    let line = &logged.lines().await[0];
    let left = |said: &str, number: &str| {
        format!(r#"{{{said},"source":{{"s3Uri":"s3://logs/{FOLDER}/data/{id}_input_media_{number}"}}}}"#)
    };
    let image = left(r#""format":"png""#, "00.png");
    let document = left(r#""format":"txt","name":"notes""#, "01.txt");
    assert!(line.contains(&format!(r#"{{"image":{image}}},{{"document":{document}}}"#)), "{line}");
}

#[tokio::test]
async fn what_is_not_to_be_delivered_is_not_logged() {
    let s3 = json!({"bucketName": "logs", "keyPrefix": "p/"});
    let logged = Logged::with(json!({"s3Config": s3, "imageDataDeliveryEnabled": false})).await;
    let image = json!([{"image": {"format": "png", "source": {"bytes": PNG}}}, {"text": "What is it?"}]);
    logged.post(CONVERSE, conversing(image)).await;
    let source = json!({"type": "base64", "media_type": "image/png", "data": PNG});
    logged
        .post(
            INVOKE,
            saying(json!([{"type": "image", "source": source}, {"type": "text", "text": "What is it?"}])).to_string(),
        )
        .await;
    let lines = logged.lines().await;
    assert!(lines.iter().all(|line| !line.contains(&PNG[..40]) && line.contains("What is it?")), "{lines:?}");
    let logged = Logged::with(json!({"s3Config": s3, "textDataDeliveryEnabled": false})).await;
    logged.post(INVOKE, BODY).await;
    let log = logged.only().await;
    assert!(log.input.as_ref().unwrap().body.is_none() && log.output.as_ref().unwrap().body.is_none());
    assert!(log.counts().output_tokens > 0);
}

#[tokio::test]
async fn api_keys_are_users_of_their_own_name() {
    let logged = Logged::to_s3().await;
    let bearer = format!("Bearer {}", Account::BEARER_TOKEN);
    let response = send(&logged.local, &Request::post(INVOKE, BODY).header("authorization", &bearer)).await;
    assert_eq!(response.status, 200);
    assert_eq!(logged.only().await.caller(), "arn:aws:iam::123456789012:user/BedrockAPIKey-outcrop-local");
}

#[tokio::test]
async fn what_waits_is_written_when_the_server_stops() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("logs")).unwrap();
    let builder = Local::builder().clock(|| at(NOW)).data(Data::open(folder.path()).unwrap());
    let server = builder.log_every(Duration::from_secs(3600)).start().await.unwrap();
    let logged = Logged { local: (*server).clone(), folder };
    logged.set("PUT", r#"{"loggingConfig":{"s3Config":{"bucketName":"logs"}}}"#).await;
    logged.post(INVOKE, BODY).await;
    server.stop().await;
    let mut records = 0;
    walk(logged.folder.path(), &mut |path| records += usize::from(path.to_str().unwrap().ends_with(".json.gz")));
    assert_eq!(records, 1);
}

/// A call is logged as it was set when it came.
#[tokio::test]
async fn nothing_is_logged_once_it_is_ended() {
    let logged = Logged::to_s3().await;
    logged.post(INVOKE, BODY).await;
    logged.set("DELETE", "").await;
    logged.post(INVOKE, BODY).await;
    logged.only().await;
    let objects = logged.objects().await;
    assert!(objects.keys().all(|key| LogKey::parse(key).is_some()), "{objects:?}");
}

#[tokio::test]
async fn a_bucket_that_was_removed_does_not_come_back_and_is_told_once() {
    let (tell, told) = std::sync::mpsc::channel();
    let logged = Logged::by(json!({"s3Config": {"bucketName": "logs"}}), |builder| {
        builder.on_notice(move |notice| {
            if let Notice::Warning(text) = notice {
                let _ = tell.send((*text).to_owned());
            }
        })
    })
    .await;
    let bucket = logged.folder.path().join("logs");
    let why = "calls are not logged in the bucket logs: there is no such bucket any more";
    for expected in [&[why][..], &[]] {
        std::fs::remove_dir_all(&bucket).unwrap_or_default();
        for _ in 0..2 {
            assert_eq!(logged.post(INVOKE, BODY).await.status, 200);
            logged.local.write_log().await;
        }
        assert!(!bucket.exists());
        assert_eq!(told.try_iter().collect::<Vec<_>>(), expected);
    }
    // Once it takes some again, it is told anew.
    std::fs::create_dir(&bucket).unwrap();
    logged.post(INVOKE, BODY).await;
    logged.only().await;
    std::fs::remove_dir_all(&bucket).unwrap();
    logged.post(INVOKE, BODY).await;
    logged.local.write_log().await;
    assert_eq!(told.try_iter().collect::<Vec<_>>(), [why]);
}

#[tokio::test]
async fn calls_are_events_of_a_log_group_and_large_bodies_lie_in_its_bucket() {
    let role = "arn:aws:iam::123456789012:role/logs";
    let group = json!({"logGroupName": "/calls", "roleArn": role,
        "largeDataDeliveryS3Config": {"bucketName": "logs", "keyPrefix": "large"}});
    let logged = Logged::with(json!({"s3Config": {"bucketName": "logs"}})).await;
    let logs = async |operation: &str, body: Value| {
        let request =
            Request::post("/", body.to_string()).header("x-amz-target", &format!("Logs_20140328.{operation}"));
        let response = send(&logged.local, &request.signed(&Signing { service: "logs", ..Signing::default() })).await;
        assert_eq!(response.status, 200, "{}", response.text());
        response
    };
    logs("CreateLogGroup", json!({"logGroupName": "/calls"})).await;
    logged.set("PUT", &json!({"loggingConfig": {"cloudWatchConfig": group}}).to_string()).await;
    assert_eq!(logged.post(INVOKE, BODY).await.status, 200);
    assert_eq!(logged.post(INVOKE, saying("long ".repeat(40_000)).to_string()).await.status, 200);
    let beside: Vec<String> = logged.objects().await.into_keys().filter(|key| key.starts_with("large/")).collect();
    assert!(beside.iter().any(|key| key.ends_with("_input.json.gz")), "{beside:?}");
    let wanted = json!({"logGroupName": "/calls", "logStreamName": "aws/bedrock/modelinvocations"});
    let told = logs("GetLogEvents", wanted).await.json();
    let records: Vec<Value> = told["events"]
        .as_array()
        .unwrap()
        .iter()
        .skip(1)
        .map(|event| serde_json::from_str(event["message"].as_str().unwrap()).unwrap())
        .collect();
    assert_eq!(records.len(), 2, "{told}");
    assert_eq!(records[0]["operation"], "InvokeModel");
    assert!(records[0]["input"]["inputBodyJson"].is_object(), "{}", records[0]);
    assert!(records[1]["input"]["inputBodyS3Path"].as_str().unwrap().starts_with("s3://logs/large/"), "{}", records[1]);
}
