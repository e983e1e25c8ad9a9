//! The buckets of jobs: made over S3 or put there as folders, elsewhere, and not there.

use outcrop_local::Local;
use serde_json::{Value, json};

use super::{Account, call, create, ended, lines, request, status};
use crate::objects::make_bucket;
use crate::raw::{NOW, at, left};

/// The refusal of a job in a region whose files are in these places.
async fn refused(local: &Local, input: &str, output: &str, region: &str) -> String {
    let (status, code, answer) =
        call(local, "POST", "/model-invocation-job", &of(input, output).to_string(), region).await;
    assert_eq!((status, code.as_str()), (400, "ValidationException"), "{answer}");
    answer["message"].as_str().unwrap().to_owned()
}

fn of(input: &str, output: &str) -> Value {
    let mut request = request("buckets", "in.jsonl");
    request["inputDataConfig"]["s3InputDataConfig"]["s3Uri"] = json!(input);
    request["outputDataConfig"]["s3OutputDataConfig"]["s3Uri"] = json!(output);
    request
}

#[tokio::test]
async fn a_bucket_that_is_none_is_refused_in_words_of_aws() {
    let account = Account::new();
    account.put("in.jsonl", &lines(1));
    for local in [account.builder().build(), Local::builder().clock(|| at(NOW)).build()] {
        make_bucket(&local, "made", "us-east-1").await;
        assert_eq!(
            refused(&local, "s3://nothing/a/in.jsonl", "s3://made/", "us-east-1").await,
            "Could not validate GetObject permissions to access Amazon S3 bucket: nothing at key a/in.jsonl"
        );
        for (output, key) in [("out", "out/"), ("out/", "out/"), ("", "")] {
            assert_eq!(
                refused(&local, "s3://made/in.jsonl", &format!("s3://nothing/{output}"), "us-east-1").await,
                format!(
                    "Amazon S3 perms missing (PutObject): Could not validate PutObject permissions to access S3 \
                     bucket: nothing at key {key}.write_access_check_file.tmp"
                )
            );
        }
        let (_, _, answer) = call(&local, "GET", "/model-invocation-jobs", "", "us-east-1").await;
        assert_eq!(answer, json!({"invocationJobSummaries": []}), "nothing was made");
    }
}

#[tokio::test]
async fn a_bucket_of_another_region_is_refused_and_a_folder_is_in_every_region() {
    let account = Account::new();
    account.put("in.jsonl", &lines(1));
    let local = account.builder().build();
    make_bucket(&local, "far-away", "eu-west-1").await;
    let elsewhere = "The S3 bucket far-away is in eu-west-1, and the batch job in us-east-1";
    assert_eq!(refused(&local, "s3://far-away/in.jsonl", "s3://box/out/", "us-east-1").await, elsewhere);
    assert_eq!(refused(&local, "s3://box/in.jsonl", "s3://far-away/out/", "us-east-1").await, elsewhere);
    let request = of("s3://box/in.jsonl", "s3://far-away/out/").to_string();
    let (status, _, answer) = call(&local, "POST", "/model-invocation-job", &request, "eu-west-1").await;
    assert_eq!(status, 200, "{answer}");
}

#[tokio::test]
async fn a_bucket_of_another_account_is_none_that_the_job_may_use() {
    let account = Account::new();
    account.put("in.jsonl", &lines(1));
    let local = account.builder().build();
    for (which, owner, status) in [
        (["inputDataConfig", "s3InputDataConfig"], "210987654321", 400),
        (["outputDataConfig", "s3OutputDataConfig"], "210987654321", 400),
        (["inputDataConfig", "s3InputDataConfig"], "123456789012", 200),
    ] {
        let mut request = of("s3://box/in.jsonl", "s3://box/out/");
        request[which[0]][which[1]]["s3BucketOwner"] = json!(owner);
        let (got, _, answer) = call(&local, "POST", "/model-invocation-job", &request.to_string(), "us-east-1").await;
        assert_eq!(got, status, "{which:?} {owner}: {answer}");
        assert!(status == 200 || answer["message"].as_str().unwrap().contains("Could not validate"), "{answer}");
    }
}

/// A request that comes again is answered as before, whatever became of its files since.
#[tokio::test]
async fn a_token_that_came_before_makes_no_second_job() {
    let account = Account::new();
    account.put("in.jsonl", &lines(1));
    let local = account.builder().build();
    let mut request = request("once", "in.jsonl");
    request["clientRequestToken"] = json!("token-1");
    let arn = create(&local, &request).await;
    ended(&local, &arn).await;
    std::fs::remove_dir_all(account.0.path().join("box")).unwrap();
    assert_eq!(create(&local, &request).await, arn);
}

#[tokio::test]
async fn a_bucket_that_went_before_the_job_ran_fails_it() {
    let account = Account::new();
    account.put("in.jsonl", &lines(1));
    let server = account.builder().build();
    let arn = create(&server, &request("gone", "in.jsonl")).await;
    ended(&server, &arn).await;
    left(server).await;
    // As if nobody had come to it before the buckets went.
    let file = account.0.path().join(".account.json");
    let mut kept: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    kept["regions"]["us-east-1"]["jobs"][arn.rsplit('/').next().unwrap()]["job"]["status"] = json!("Submitted");
    std::fs::write(&file, kept.to_string()).unwrap();
    std::fs::remove_dir_all(account.0.path().join("box")).unwrap();
    let next = account.builder().build();
    let job = ended(&next, &arn).await;
    let message = job.message.clone().unwrap_or_default();
    let why = "Could not validate GetObject permissions to access Amazon S3 bucket: box at key in.jsonl";
    assert_eq!((status(&job), message.as_str()), ("Failed", why));
    assert!(!account.exists(""), "nothing is written where no bucket is");
}
