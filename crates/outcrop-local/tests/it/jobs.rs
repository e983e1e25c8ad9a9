//! Batch jobs: asked for, worked on in the background, told about and stopped, request by request.

mod buckets;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use outcrop_local::{Builder, Data, Local, Notice, Outgoing, Reply, Rule, Script, Upstream, UpstreamAnswer};
use outcrop_wire::account::job::{JobManifest, JobResult};
use outcrop_wire::account::{Job, JobStatus, Jobs};
use outcrop_wire::converse::ConverseResponse;
use outcrop_wire::fault::{Fault, Origin};
use outcrop_wire::messages::Message;
use serde_json::{Value, json};

use crate::raw::{NOW, Request, Signing, at, left, send};

const MODEL: &str = "global.anthropic.claude-opus-4-6-v1";

/// A folder that is the account, with files of `s3://box/...`.
struct Account(tempfile::TempDir);

impl Account {
    fn new() -> Self {
        Account(tempfile::tempdir().unwrap())
    }

    fn put(&self, key: &str, text: &str) {
        let path = self.0.path().join("box").join(key);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn read(&self, key: &str) -> String {
        std::fs::read_to_string(self.0.path().join("box").join(key)).unwrap_or_else(|error| panic!("{key}: {error}"))
    }

    fn exists(&self, key: &str) -> bool {
        self.0.path().join("box").join(key).exists()
    }

    fn builder(&self) -> Builder {
        Local::builder().clock(|| at(NOW)).data(self.data())
    }

    fn data(&self) -> Data {
        Data::open(self.0.path()).unwrap()
    }

    fn results(&self, job: &Job, file: &str) -> Vec<JobResult> {
        let text = self.read(&format!("{}{file}.out", folder(job)));
        assert!(text.ends_with('\n'));
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn manifest(&self, job: &Job) -> JobManifest {
        serde_json::from_str(&self.read(&format!("{}manifest.json.out", folder(job)))).unwrap()
    }
}

fn folder(job: &Job) -> String {
    format!("out/{}/", job.id().unwrap())
}

fn body(text: &str) -> Value {
    json!({"anthropic_version": "bedrock-2023-05-31", "max_tokens": 64, "messages": [{"role": "user", "content": text}]})
}

fn line(id: &str, text: &str) -> String {
    format!("{}\n", json!({"recordId": id, "modelInput": body(text)}))
}

fn lines(count: usize) -> String {
    (0..count).map(|number| line(&format!("r{number}"), &format!("Question {number}"))).collect()
}

fn request(name: &str, input: &str) -> Value {
    json!({
        "jobName": name,
        "roleArn": "arn:aws:iam::123456789012:role/batch",
        "modelId": MODEL,
        "inputDataConfig": {"s3InputDataConfig": {"s3Uri": format!("s3://box/{input}"), "s3InputFormat": "JSONL"}},
        "outputDataConfig": {"s3OutputDataConfig": {"s3Uri": "s3://box/out/"}},
    })
}

async fn call(local: &Local, method: &str, target: &str, body: &str, region: &str) -> (u16, String, Value) {
    let mut request = Request::post(target, body);
    request.method = method.to_owned();
    let response = send(local, &request.signed(&Signing { region, ..Signing::default() })).await;
    let code = response.header("x-amzn-errortype").unwrap_or_default().split(':').next().unwrap().to_owned();
    (response.status, code, response.json())
}

async fn create(local: &Local, request: &Value) -> String {
    let (status, _, answer) = call(local, "POST", "/model-invocation-job", &request.to_string(), "us-east-1").await;
    assert_eq!(status, 200, "{answer}");
    answer["jobArn"].as_str().unwrap().to_owned()
}

async fn get(local: &Local, arn: &str) -> Job {
    let target = format!("/model-invocation-job/{}", arn.replace(':', "%3A").replace('/', "%2F"));
    let (status, _, answer) = call(local, "GET", &target, "", "us-east-1").await;
    assert_eq!(status, 200, "{answer}");
    serde_json::from_value(answer).unwrap()
}

async fn stop(local: &Local, arn: &str) -> (u16, String, Value) {
    let id = arn.rsplit('/').next().unwrap();
    call(local, "POST", &format!("/model-invocation-job/{id}/stop"), "", "us-east-1").await
}

/// Looks at a job until it is as is wanted.
async fn until(local: &Local, arn: &str, is: impl Fn(&Job) -> bool) -> Job {
    for _ in 0..4000 {
        let job = get(local, arn).await;
        if is(&job) {
            return job;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("{:?}", get(local, arn).await)
}

async fn ended(local: &Local, arn: &str) -> Job {
    until(local, arn, Job::is_over).await
}

fn status(job: &Job) -> &str {
    job.status.as_ref().map_or("", JobStatus::as_str)
}

/// Total, processed, succeeded, failed.
fn counts(job: &Job) -> [Option<u64>; 4] {
    [job.total_record_count, job.processed_record_count, job.success_record_count, job.error_record_count]
}

/// A mirror that takes its time where it is asked for it.
fn slow() -> Script {
    Script::new().rule(Rule::new(Reply::text("Late.").delay(Duration::from_secs(3600))).text("slowly"))
}

#[tokio::test]
async fn a_job_of_good_and_bad_records_is_done_line_by_line() {
    let account = Account::new();
    let refused = json!({"recordId": "none", "modelInput": {"max_tokens": 9, "messages": []}});
    let unnamed = json!({"modelInput": body("No name"), "note": 1});
    account.put(
        "in.jsonl",
        &format!(
            "{}\n{refused}\n{unnamed}\r\n  \n{}",
            line("one", "First").trim_end(),
            line("last", "Last").trim_end()
        ),
    );
    let local = account.builder().build();
    let arn = create(&local, &request("mixed", "in.jsonl")).await;
    let job = ended(&local, &arn).await;
    assert_eq!((status(&job), counts(&job)), ("Completed", [Some(4), Some(4), Some(3), Some(1)]));
    assert_eq!((job.message.as_deref(), job.end_time.is_some()), (None, true));
    let results = account.results(&job, "in.jsonl");
    let ids: Vec<&str> = results.iter().map(|result| result.record_id.as_deref().unwrap()).collect();
    assert_eq!((ids.len(), ids[0], ids[1], ids[3]), (4, "one", "none", "last"));
    assert!(ids[2].len() == 11 && ids[2].bytes().all(|byte| byte.is_ascii_alphanumeric()), "{}", ids[2]);
    let message: Message = results[0].model_output.as_ref().unwrap().parse().unwrap();
    assert!(message.text().contains("First"), "{message:?}");
    assert_eq!(results[0].model_input.parse::<Value>().unwrap(), body("First"));
    let error = results[1].error.as_ref().unwrap();
    assert_eq!(error.error_code, Some(400));
    assert_eq!(error.error_message.as_deref(), Some("anthropic_version: Field required"), "as AWS says it of records");
    assert!(results[1].model_output.is_none());
    let manifest = account.manifest(&job);
    assert_eq!((manifest.total_record_count, manifest.processed_record_count), (4, 4));
    assert_eq!((manifest.success_record_count, manifest.error_record_count), (3, 1));
    let usage = |result: &JobResult| {
        result.model_output.as_ref().map_or(0, |output| output.parse::<Message>().unwrap().usage.output_tokens)
    };
    assert_eq!(manifest.output_token_count, results.iter().map(usage).sum::<u64>());
    assert!(manifest.input_token_count > 0);
    let asked = local.asked();
    assert_eq!(asked.len(), 4);
    assert_eq!(
        (asked[0].operation, asked[0].model.as_str(), asked[0].region.as_str()),
        ("InvokeModel", MODEL, "us-east-1")
    );
}

#[tokio::test]
async fn records_of_converse_are_answered_by_converse() {
    let account = Account::new();
    let good = json!({"recordId": "a", "modelInput": {"messages": [{"role": "user", "content": [{"text": "Hello"}]}], "inferenceConfig": {"maxTokens": 99}}});
    account.put("in/a.jsonl", &format!("{good}\n{}", line("b", "of InvokeModel")));
    let local = account.builder().build();
    let mut request = request("converse", "in");
    request["modelInvocationType"] = json!("Converse");
    let job = ended(&local, &create(&local, &request).await).await;
    assert_eq!((status(&job), counts(&job)), ("Completed", [Some(2), Some(2), Some(1), Some(1)]));
    let results = account.results(&job, "a.jsonl");
    let answer: ConverseResponse = results[0].model_output.as_ref().unwrap().parse().unwrap();
    assert_eq!(account.manifest(&job).output_token_count, answer.usage.output_tokens);
    assert!(results[1].error.is_some());
}

#[tokio::test]
async fn every_file_of_a_folder_is_done() {
    let account = Account::new();
    account.put("in/a.jsonl", &lines(2));
    account.put("in/deep/a.jsonl", &lines(3));
    account.put("in/readme.txt", "no records");
    account.put("input/a.jsonl", "not of this folder");
    let local = account.builder().build();
    let job = ended(&local, &create(&local, &request("folder", "in")).await).await;
    assert_eq!((status(&job), job.total_record_count), ("Completed", Some(5)), "{job:?}");
    assert_eq!(account.results(&job, "a.jsonl").len(), 2);
    assert_eq!(account.results(&job, "deep/a.jsonl").len(), 3);
}

#[tokio::test]
async fn what_is_no_record_fails_the_job_before_it_runs() {
    let account = Account::new();
    account.put("text.jsonl", &format!("{}hello\n", lines(1)));
    account.put("list.jsonl", "[]\n");
    account.put("bare.jsonl", "{\"recordId\":\"a\"}\n");
    account.put("null.jsonl", "{\"modelInput\":null}\n");
    account.put("number.jsonl", "{\"recordId\":1,\"modelInput\":{}}\n");
    account.put("latin.jsonl", "{\"recordId\":\"a\",\"modelInput\":{}}\n\u{fffd}\n");
    account.put("empty.jsonl", " \n\n");
    account.put("other/a.txt", "");
    let local = account.builder().build();
    for (name, input, why) in [
        ("text", "text.jsonl", "text.jsonl, line 2: expected value"),
        ("list", "list.jsonl", "list.jsonl, line 1: "),
        ("bare", "bare.jsonl", "line 1: missing field `modelInput`"),
        ("null", "null.jsonl", "line 1: modelInput is no object"),
        ("number", "number.jsonl", "line 1: invalid type: integer `1`"),
        ("latin", "latin.jsonl", "line 2: expected value"),
        ("empty", "empty.jsonl", "there is no record in s3://box/empty.jsonl"),
        ("missing", "missing.jsonl", "s3://box/missing.jsonl does not exist"),
        ("nothing", "nothing/", "there is no file .jsonl in s3://box/nothing/"),
        ("other", "other/", "there is no file .jsonl in s3://box/other/"),
    ] {
        let job = ended(&local, &create(&local, &request(name, input)).await).await;
        let message = job.message.clone().unwrap_or_default();
        assert!(status(&job) == "Failed" && message.contains(why), "{name}: {} {message}", status(&job));
        assert_eq!(counts(&job), [Some(0); 4], "{name}");
        assert!(!account.exists(&folder(&job)), "{name}");
    }
    assert!(local.asked().is_empty());
}

#[tokio::test]
async fn few_records_pass_with_a_warning_and_fail_strictly() {
    let account = Account::new();
    account.put("few.jsonl", &lines(2));
    account.put("enough.jsonl", &lines(100));
    let warnings = Arc::new(std::sync::Mutex::new(Vec::new()));
    let local = {
        let warnings = Arc::clone(&warnings);
        account.builder().on_notice(move |notice| {
            if let Notice::Warning(text) = notice {
                warnings.lock().unwrap().push((*text).to_owned());
            }
        })
    }
    .build();
    let job = ended(&local, &create(&local, &request("few", "few.jsonl")).await).await;
    assert_eq!(status(&job), "Completed");
    assert!(warnings.lock().unwrap()[0].ends_with("AWS fails batch jobs of fewer than 100 records; this one has 2"));
    left(local).await;
    let strict = account.builder().strict(true).build();
    let job = ended(&strict, &create(&strict, &request("strict", "few.jsonl")).await).await;
    let words = format!("Batch job {} contains less records (2) than the required minimum of: 100", job.job_arn);
    assert_eq!((status(&job), job.message.as_deref()), ("Failed", Some(words.as_str())));
    let job = ended(&strict, &create(&strict, &request("enough", "enough.jsonl")).await).await;
    assert_eq!((status(&job), job.success_record_count), ("Completed", Some(100)));
}

#[tokio::test]
async fn more_records_than_a_file_may_have_fail() {
    let account = Account::new();
    account.put("in.jsonl", &"{\"modelInput\":{}}\n".repeat(50_001));
    let local = account.builder().build();
    let job = ended(&local, &create(&local, &request("many", "in.jsonl")).await).await;
    let message = job.message.clone().unwrap_or_default();
    assert!(message.contains("more records in in.jsonl (50001) than the allowed maximum of: 50000"), "{message}");
}

#[tokio::test]
async fn two_thousand_records_are_done_in_order_whatever_a_minute_allows() {
    let account = Account::new();
    account.put("in.jsonl", &lines(2000));
    let local = account.builder().requests_per_minute(1).remember(0, 0).build();
    let job = ended(&local, &create(&local, &request("many", "in.jsonl")).await).await;
    assert_eq!((status(&job), counts(&job)), ("Completed", [Some(2000), Some(2000), Some(2000), Some(0)]));
    let results = account.results(&job, "in.jsonl");
    for (number, result) in results.iter().enumerate() {
        assert_eq!(result.record_id.as_deref(), Some(format!("r{number}").as_str()));
    }
    assert_eq!(results.len(), 2000);
}

#[tokio::test]
async fn a_job_that_is_stopped_keeps_what_is_done() {
    let account = Account::new();
    account.put("in.jsonl", &format!("{}{}{}", lines(3), line("slow", "Answer slowly"), lines(5)));
    let local = account.builder().script(slow()).build();
    let arn = create(&local, &request("stopped", "in.jsonl")).await;
    let running = until(&local, &arn, |job| job.processed_record_count == Some(3)).await;
    assert_eq!((status(&running), counts(&running)), ("InProgress", [Some(9), Some(3), Some(3), Some(0)]));
    assert_eq!(stop(&local, &arn).await, (200, String::new(), json!({})));
    let job = ended(&local, &arn).await;
    assert_eq!((status(&job), counts(&job)), ("Stopped", [Some(9), Some(3), Some(3), Some(0)]));
    assert_eq!(account.results(&job, "in.jsonl").len(), 3);
    assert_eq!(account.manifest(&job).processed_record_count, 3);
    let (code, name, answer) = stop(&local, &arn).await;
    assert_eq!((code, name.as_str()), (400, "ConflictException"), "{answer}");
    assert!(answer["message"].as_str().unwrap().ends_with("its status is Stopped"));
    let (code, name, _) = stop(&local, "000000000000").await;
    assert_eq!((code, name.as_str()), (404, "ResourceNotFoundException"));
}

/// A clock that is set by hand, in hours after [`NOW`].
fn clock() -> (Arc<AtomicU64>, impl Fn() -> SystemTime + Send + Sync + 'static) {
    let hours = Arc::new(AtomicU64::new(0));
    let told = Arc::clone(&hours);
    (hours, move || at(NOW) + Duration::from_secs(3600 * told.load(Ordering::Relaxed)))
}

#[tokio::test]
async fn time_ends_jobs_that_run_and_those_that_wait() {
    let account = Account::new();
    account.put("in.jsonl", &format!("{}{}", lines(2), line("slow", "Answer slowly")));
    let (hours, now) = clock();
    // Signatures are of another time then.
    let local = Local::builder().clock(now).data(account.data()).script(slow()).build();
    let mut arns = Vec::new();
    for name in ["one", "two", "three"] {
        let mut request = request(name, "in.jsonl");
        request["timeoutDurationInHours"] = json!(48);
        arns.push(create(&local, &request).await);
    }
    for arn in &arns[..2] {
        until(&local, arn, |job| job.processed_record_count == Some(2)).await;
    }
    let waiting = until(&local, &arns[2], |job| status(job) == "Scheduled").await;
    assert_eq!(waiting.job_expiration_time.as_deref(), Some("2026-11-25T12:00:00Z"));
    hours.store(48, Ordering::Relaxed);
    while !account.data_says(|text| text.matches("endTime").count() == 3) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    hours.store(0, Ordering::Relaxed);
    let jobs = [get(&local, &arns[0]).await, get(&local, &arns[1]).await, get(&local, &arns[2]).await];
    assert_eq!(jobs.each_ref().map(status), ["PartiallyCompleted", "PartiallyCompleted", "Expired"]);
    assert_eq!(counts(&jobs[0]), [Some(3), Some(2), Some(2), Some(0)]);
    assert_eq!(account.results(&jobs[0], "in.jsonl").len(), 2);
    assert_eq!(account.manifest(&jobs[1]).processed_record_count, 2);
    assert!(!account.exists(&folder(&jobs[2])));
}

impl Account {
    /// Looks at what is written down of the account.
    fn data_says(&self, what: impl Fn(&str) -> bool) -> bool {
        what(&std::fs::read_to_string(self.0.path().join(".account.json")).unwrap())
    }
}

#[tokio::test]
async fn a_job_that_a_server_left_undone_is_done_by_the_next() {
    let account = Account::new();
    account.put("in.jsonl", &format!("{}{}", lines(2), line("slow", "Answer slowly")));
    let server = account.builder().script(slow()).start().await.unwrap();
    let undone = create(&server, &request("undone", "in.jsonl")).await;
    until(&server, &undone, |job| job.processed_record_count == Some(2)).await;
    let told = create(&server, &request("told", "in.jsonl")).await;
    until(&server, &told, |job| job.processed_record_count == Some(2)).await;
    server.stop().await;
    assert!(account.data_says(|text| text.matches("\"InProgress\"").count() == 2));
    // As if it had been told to stop, and had not come to it.
    let file = account.0.path().join(".account.json");
    let mut kept: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    kept["regions"]["us-east-1"]["jobs"][told.rsplit('/').next().unwrap()]["job"]["status"] = json!("Stopping");
    std::fs::write(&file, kept.to_string()).unwrap();
    let next = account.builder().build();
    let job = ended(&next, &undone).await;
    assert_eq!((status(&job), counts(&job)), ("Completed", [Some(3), Some(3), Some(3), Some(0)]));
    assert_eq!(account.results(&job, "in.jsonl").len(), 3);
    let job = ended(&next, &told).await;
    assert_eq!((status(&job), job.processed_record_count), ("Stopped", Some(0)));
    // What has ended stays as it is.
    left(next).await;
    let last = account.builder().build();
    assert_eq!(get(&last, &told).await, job);
}

#[tokio::test]
async fn requests_that_are_none_are_refused_in_words_of_the_service() {
    let account = Account::new();
    let local = account.builder().build();
    let refused = async |edit: &dyn Fn(&mut Value)| -> String {
        let mut request = request("good", "in.jsonl");
        edit(&mut request);
        let (status, code, answer) =
            call(&local, "POST", "/model-invocation-job", &request.to_string(), "us-east-1").await;
        assert_eq!((status, code.as_str()), (400, "ValidationException"), "{answer}");
        answer["message"].as_str().unwrap().to_owned()
    };
    let name = refused(&|request| request["jobName"] = json!("no good")).await;
    assert_eq!(
        name,
        r"1 validation error detected: Value 'no good' at 'jobName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9]{1,63}(-*[a-zA-Z0-9\+\-\.]){0,63}"
    );
    let two = refused(&|request| {
        request["roleArn"] = json!("role");
        request["timeoutDurationInHours"] = json!(169);
    })
    .await;
    assert!(two.starts_with("2 validation errors detected: Value 'role' at 'roleArn'"), "{two}");
    assert!(two.ends_with("Value '169' at 'timeoutDurationInHours' failed to satisfy constraint: Member must have value less than or equal to 168"), "{two}");
    for (what, edit) in [
        (
            "'jobName' failed to satisfy constraint: Member must not be null",
            &(|request: &mut Value| drop(request.as_object_mut().unwrap().remove("jobName"))) as &dyn Fn(&mut Value),
        ),
        ("Value '23' at 'timeoutDurationInHours'", &|request| request["timeoutDurationInHours"] = json!(23)),
        ("Value 'Chat' at 'modelInvocationType'", &|request| request["modelInvocationType"] = json!("Chat")),
        ("'inputDataConfig.s3InputDataConfig.s3Uri'", &|request| {
            request["inputDataConfig"]["s3InputDataConfig"]["s3Uri"] = json!("https://b/in.jsonl")
        }),
        ("s3InputFormat", &|request| request["inputDataConfig"]["s3InputDataConfig"]["s3InputFormat"] = json!("CSV")),
        ("must set one of the following keys: s3OutputDataConfig.", &|request| request["outputDataConfig"] = json!({})),
        ("Value null at 'vpcConfig.securityGroupIds'", &|request| {
            request["vpcConfig"] = json!({"subnetIds": ["subnet-1"]})
        }),
        ("Value 'no id' at 'vpcConfig.subnetIds.1.member'", &|request| {
            request["vpcConfig"] = json!({"subnetIds": ["no id"], "securityGroupIds": ["sg-1"]})
        }),
        ("Value '!' at 'outputDataConfig.s3OutputDataConfig.s3EncryptionKeyId'", &|request| {
            request["outputDataConfig"]["s3OutputDataConfig"]["s3EncryptionKeyId"] = json!("!")
        }),
        ("length less than or equal to 63", &|request| request["jobName"] = json!("x".repeat(64))),
        ("The provided model identifier is invalid.", &|request| request["modelId"] = json!("anthropic.claude-nova-9")),
        ("The provided model identifier is invalid.", &|request| request["modelId"] = json!("opus")),
    ] {
        let message = refused(edit).await;
        assert!(message.contains(what), "{what}: {message}");
    }
    let (status, code, _) = call(&local, "POST", "/model-invocation-job", "[", "us-east-1").await;
    assert_eq!((status, code.as_str()), (400, "SerializationException"));
    for target in ["/model-invocation-job/abc", "/model-invocation-job/arn%3Aaws"] {
        let (status, code, answer) = call(&local, "GET", target, "", "us-east-1").await;
        assert_eq!((status, code.as_str()), (400, "ValidationException"));
        assert!(answer["message"].as_str().unwrap().contains("'jobIdentifier'"));
    }
}

#[tokio::test]
async fn a_model_that_the_account_may_not_use_has_no_jobs() {
    let account = Account::new();
    let local = account.builder().account(outcrop_local::Account::fresh()).build();
    let request = request("fresh", "in.jsonl").to_string();
    let (status, code, _) = call(&local, "POST", "/model-invocation-job", &request, "us-east-1").await;
    assert_eq!((status, code.as_str()), (404, "ResourceNotFoundException"));
    let (_, _, answer) = call(&local, "GET", "/model-invocation-jobs", "", "us-east-1").await;
    assert_eq!(answer, json!({"invocationJobSummaries": []}));
}

#[tokio::test]
async fn a_name_and_a_token_are_of_one_job() {
    let account = Account::new();
    account.put("in.jsonl", &lines(1));
    let local = account.builder().build();
    let mut named = request("named", "in.jsonl");
    named["clientRequestToken"] = json!("5ef766ef-48d1");
    named["tags"] = json!([{"key": "team", "value": "a"}]);
    let arn = create(&local, &named).await;
    assert_eq!(create(&local, &named).await, arn, "the same token makes nothing");
    let (status, code, answer) =
        call(&local, "POST", "/model-invocation-job", &request("named", "in.jsonl").to_string(), "us-east-1").await;
    assert_eq!((status, code.as_str()), (400, "ConflictException"));
    assert_eq!(answer["message"], "The provided job name is currently in use.");
    let job = ended(&local, &arn).await;
    assert_eq!(job.client_request_token.as_deref(), Some("5ef766ef-48d1"));
    assert_eq!(
        (job.timeout_duration_in_hours, job.model_invocation_type.as_ref().map(ToString::to_string).as_deref()),
        (Some(24), Some("InvokeModel"))
    );
    assert_eq!(local.asked().len(), 1);
    let (_, _, tags) =
        call(&local, "POST", "/listTagsForResource", &json!({"resourceARN": arn}).to_string(), "us-east-1").await;
    assert_eq!(tags["tags"], json!([{"key": "team", "value": "a"}]));
    // Another region knows nothing of it.
    let id = arn.rsplit('/').next().unwrap();
    let (status, code, _) = call(&local, "GET", &format!("/model-invocation-job/{id}"), "", "eu-west-1").await;
    assert_eq!((status, code.as_str()), (404, "ResourceNotFoundException"));
}

#[tokio::test]
async fn jobs_are_listed_by_what_is_asked_for_and_in_pages() {
    let account = Account::new();
    account.put("in.jsonl", &lines(1));
    let (hours, now) = clock();
    let local = Local::builder().clock(now).data(account.data()).build();
    let mut names = Vec::new();
    for number in 0..5 {
        let input = if number % 2 == 0 { "in.jsonl" } else { "missing.jsonl" };
        let arn = create(&local, &request(&format!("job-{number}"), input)).await;
        ended(&local, &arn).await;
        names.push(format!("job-{number}"));
    }
    hours.store(0, Ordering::Relaxed);
    let list = async |query: &str| -> (Vec<String>, Option<String>) {
        let (status, _, answer) = call(&local, "GET", &format!("/model-invocation-jobs{query}"), "", "us-east-1").await;
        assert_eq!(status, 200, "{answer}");
        let jobs: Jobs = serde_json::from_value(answer).unwrap();
        (jobs.invocation_job_summaries.into_iter().map(|job| job.job_name.unwrap()).collect(), jobs.next_token)
    };
    let newest: Vec<String> = names.iter().rev().cloned().collect();
    assert_eq!(list("").await, (newest.clone(), None));
    assert_eq!(list("?sortBy=CreationTime&sortOrder=Ascending").await, (names.clone(), None));
    assert_eq!(list("?statusEquals=Failed").await.0, ["job-3", "job-1"]);
    assert_eq!(list("?nameContains=b-2").await.0, ["job-2"]);
    assert!(list("?submitTimeAfter=2026-11-23T12%3A00%3A00Z").await.0.is_empty());
    assert_eq!(list("?submitTimeBefore=2026-11-23T12%3A00%3A01Z").await.0.len(), 5);
    for (order, all) in [("Ascending", &names), ("Descending", &newest)] {
        let (mut paged, mut token) = (Vec::new(), String::new());
        loop {
            let (page, next) = list(&format!("?maxResults=2&sortOrder={order}{token}")).await;
            assert!(page.len() <= 2);
            paged.extend(page);
            let Some(next) = next else { break };
            token = format!("&nextToken={next}");
        }
        assert_eq!(&paged, all, "{order}");
    }
    for wrong in [
        "maxResults=0",
        "maxResults=1001",
        "maxResults=x",
        "nextToken=x",
        "statusEquals=Resting",
        "sortBy=Name",
        "sortOrder=Up",
        "submitTimeAfter=now",
    ] {
        let (status, code, _) = call(&local, "GET", &format!("/model-invocation-jobs?{wrong}"), "", "us-east-1").await;
        assert_eq!((status, code.as_str()), (400, "ValidationException"), "{wrong}");
    }
}

#[tokio::test]
async fn scripts_and_faults_are_for_records_too() {
    let account = Account::new();
    account.put("in.jsonl", &lines(3));
    let rain = Rule::new(Reply::text("It rains.")).text("Question 1");
    let local = account.builder().script(Script::new().rule(rain)).build();
    local.fail_next(Fault::new("ModelErrorException", "The model failed", Origin::Http));
    let job = ended(&local, &create(&local, &request("script", "in.jsonl")).await).await;
    assert_eq!(counts(&job), [Some(3), Some(3), Some(2), Some(1)]);
    let results = account.results(&job, "in.jsonl");
    let error = results[0].error.as_ref().unwrap();
    assert_eq!((error.error_code, error.error_message.as_deref()), (Some(424), Some("The model failed")));
    let message: Message = results[1].model_output.as_ref().unwrap().parse().unwrap();
    assert_eq!(message.text(), "It rains.");
}

/// Answers the later the earlier it is asked, and nothing at all to what it does not like.
struct Elsewhere;

impl Upstream for Elsewhere {
    fn send(&self, call: Outgoing) -> UpstreamAnswer<'_> {
        Box::pin(async move {
            let body: Value = serde_json::from_slice(&call.body).unwrap();
            let question = body["messages"][0]["content"].as_str().unwrap().to_owned();
            let number: u64 = question.trim_start_matches("Question ").parse().unwrap_or(99);
            tokio::time::sleep(Duration::from_millis(40u64.saturating_sub(5 * number))).await;
            let (status, body) = match number {
                1 => (429, json!({"message": "Too many requests"})),
                2 => panic!("upstream falls over"),
                3 => return Err(Fault::new("ServiceUnavailableException", "gone", Origin::Http)),
                _ => (200, json!({"id": question, "usage": {"input_tokens": 2, "output_tokens": 3}})),
            };
            let body = http_body_util::Full::from(body.to_string());
            let body = http_body_util::BodyExt::map_err(body, |never| -> Box<dyn std::error::Error + Send + Sync> {
                match never {}
            });
            Ok(http::Response::builder().status(status).body(Box::pin(body) as _).unwrap())
        })
    }
}

#[tokio::test]
async fn what_comes_from_upstream_is_in_the_order_of_the_records() {
    let account = Account::new();
    account.put("in.jsonl", &lines(12));
    let local = account.builder().upstream(Elsewhere).build();
    let mut request = request("upstream", "in.jsonl");
    request["modelId"] = json!("some.model-of-tomorrow");
    let job = ended(&local, &create(&local, &request).await).await;
    assert_eq!((status(&job), counts(&job)), ("Completed", [Some(12), Some(12), Some(9), Some(3)]));
    let results = account.results(&job, "in.jsonl");
    for (number, result) in results.iter().enumerate() {
        assert_eq!(result.record_id.as_deref(), Some(format!("r{number}").as_str()));
        let code = result.error.as_ref().and_then(|error| error.error_code);
        assert_eq!(
            code,
            match number {
                1 => Some(429),
                2 => Some(500),
                3 => Some(503),
                _ => None,
            }
        );
    }
    let manifest = account.manifest(&job);
    assert_eq!((manifest.input_token_count, manifest.output_token_count), (18, 27));
}

#[tokio::test]
async fn recorded_exchanges_are_played_to_records() {
    let account = Account::new();
    account.put("in.jsonl", &lines(2));
    let exchange = json!({
        "request": {"path": format!("/model/{MODEL}/invoke"), "body": body("Question 1").to_string()},
        "response": {"status": 200, "headers": {"content-type": ["application/json"]}, "body": "{\"id\":\"msg_recorded\"}"},
    });
    let recording = outcrop_local::Recording::parse(&exchange.to_string()).unwrap();
    let local = account.builder().replay(recording).build();
    let job = ended(&local, &create(&local, &request("replay", "in.jsonl")).await).await;
    assert_eq!((status(&job), counts(&job)), ("Completed", [Some(2), Some(2), Some(1), Some(1)]));
    let results = account.results(&job, "in.jsonl");
    assert!(results[0].error.as_ref().unwrap().error_message.is_some());
    assert_eq!(results[1].model_output.as_ref().unwrap().text(), "{\"id\":\"msg_recorded\"}");
}

/// Longer than what is read at once, and together than what is written at once.
#[tokio::test]
async fn long_lines_pass_whole() {
    let account = Account::new();
    let text = "long ".repeat(300_000);
    account.put("in.jsonl", &(0..7).map(|number| line(&format!("r{number}"), &text)).collect::<String>());
    let local = account.builder().script(Script::new().rule(Rule::new(Reply::text("Read.")))).build();
    let job = ended(&local, &create(&local, &request("long", "in.jsonl")).await).await;
    assert_eq!((status(&job), job.processed_record_count), ("Completed", Some(7)), "{job:?}");
    let results = account.results(&job, "in.jsonl");
    assert!(results.iter().all(|result| result.model_input.text().len() > 1_500_000));
    assert_eq!(results[6].record_id.as_deref(), Some("r6"));
}

#[tokio::test]
async fn output_that_cannot_be_written_fails_the_job_and_says_where() {
    let account = Account::new();
    account.put("in.jsonl", &lines(1));
    // A file stands where the folder of the output would be.
    account.put("out", "in the way");
    let local = account.builder().build();
    let job = ended(&local, &create(&local, &request("blocked", "in.jsonl")).await).await;
    let message = job.message.clone().unwrap_or_default();
    assert!(status(&job) == "Failed" && message.starts_with("cannot write s3://box/out/"), "{message}");
    assert!(Path::new(&account.0.path().join("box/out")).is_file());
}
