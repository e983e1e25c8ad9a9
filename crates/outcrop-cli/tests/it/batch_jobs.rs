//! `outcrop batch` against a local Bedrock that runs: jobs whose buckets are there, elsewhere, and not there.

use outcrop::{Client, Surroundings};
use serde_json::{Value, json};

use crate::program::{LOCAL_KEYS, Run, Running, outcrop};

const ROLE: &str = "arn:aws:iam::123456789012:role/batch";

/// A hundred prompts, a line each; one is about opals.
fn questions() -> String {
    let line = |at| {
        let what = if at == 7 { "opal" } else { "quartz" };
        format!("{}\n", json!({"custom_id": format!("q-{at}"), "prompt": format!("What is {what} {at}?")}))
    };
    (1..=100).map(line).collect()
}

fn batch<'a>(address: &str, arguments: impl IntoIterator<Item = &'a str>) -> Run {
    let run = outcrop(["batch"].into_iter().chain(arguments)).envs(LOCAL_KEYS);
    run.env("AWS_ENDPOINT_URL", format!("http://{address}")).file("questions.jsonl", questions()).at_home()
}

fn create(address: &str, input: &str, output: &str, more: &[&str]) -> Run {
    let job = ["create", "questions.jsonl", "-m", "us.haiku", "--role", ROLE, "--input", input, "--output", output];
    batch(address, job.iter().chain(more).copied())
}

/// Exit code, standard output and standard error.
fn said(run: Run) -> (Option<i32>, String, String) {
    let output = run.output();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// Makes a bucket over S3.
async fn make_bucket(address: &str, bucket: &str, region: &'static str) {
    let [(_, id), (_, secret), _] = LOCAL_KEYS;
    let endpoint = format!("http://{address}");
    let surroundings = Surroundings::made_up([("AWS_ENDPOINT_URL", endpoint.as_str())], []);
    let client = Client::builder().surroundings(surroundings).access_key(id, secret).region(region);
    client.build().await.unwrap().buckets().create(bucket).await.unwrap();
}

/// A job whose requests are answered but for one, waited for; then asked for again.
fn done(address: &str) {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("told.txt");
    let more = ["--name", "minerals", "--wait", "--out", file.to_str().unwrap()];
    let (code, out, err) = said(create(address, "s3://inbox/asked/", "s3://outbox", &more));
    assert_eq!((code, out.as_str()), (Some(6), ""), "{err}");
    for part in [
        "100 records of ",
        " uploaded to s3://inbox/asked/minerals.jsonl, for us.anthropic.claude-haiku-4-5-20251001-v1:0",
        ": it goes on if this is stopped",
        ": Completed\n",
        "99 answered, 1 failed | ",
        " tokens in, 297 out | cost $",
        " at the price of a batch\n",
        "error: 1 of the records of ",
    ] {
        assert!(err.contains(part), "{part}: {err}");
    }
    let told = std::fs::read_to_string(&file).unwrap();
    assert!(told.starts_with("=== q-1\nA mineral.\n\n=== q-2\n"), "{told}");
    assert!(told.contains("=== q-7\n[failed (400): no opals]\n\n=== q-8\n") && told.contains("=== q-100\n"), "{told}");
    let arn = err.split_once("job arn:").and_then(|(_, rest)| rest.split_once(": it goes on")).unwrap().0;
    let id = arn.rsplit('/').next().unwrap();
    let (code, out, again) = said(batch(address, ["results", id]));
    assert_eq!((code, out), (Some(6), told));
    assert_eq!(again, &err[err.find("99 answered").unwrap()..], "tokens and price are told again");
    let (code, out, _) = said(batch(address, ["results", id, "--failed", "--messages"]));
    let failed: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &failed["custom_id"]), (Some(6), &json!("q-7")));
    assert_eq!(failed["result"]["error"]["error"]["message"], "no opals");
    let (code, out, _) = said(batch(address, ["status", id, "--json"]));
    let job: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &job["status"], &job["successRecordCount"]), (Some(0), &json!("Completed"), &json!(99)));
    let (_, out, _) = said(batch(address, ["list", "--status", "completed"]));
    assert!(out.contains("minerals") && out.contains("100/100"), "{out}");
}

/// A server that refuses what is about opals.
fn server(home: &std::path::Path, more: &[&str]) -> (Running, String) {
    let rules = home.join("rules.toml");
    let refusal = "reply.error = { code = \"ValidationException\", message = \"no opals\" }";
    let text = format!("[[rule]]\nwhen.text = \"opal\"\n{refusal}\n\n[[rule]]\nreply.text = \"A mineral.\"\n");
    std::fs::write(&rules, text).unwrap();
    Running::local(&[&["--script", rules.to_str().unwrap()], more].concat())
}

#[tokio::test]
async fn a_job_in_buckets_that_were_made_over_s3_is_done() {
    let home = tempfile::tempdir().unwrap();
    let (_server, address) = server(home.path(), &[]);
    for bucket in ["inbox", "outbox"] {
        make_bucket(&address, bucket, "us-east-1").await;
    }
    done(&address);
}

#[test]
fn a_job_in_the_folders_of_a_folder_is_done() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    for bucket in ["inbox", "outbox"] {
        std::fs::create_dir_all(data.join(bucket)).unwrap();
    }
    let (_server, address) = server(home.path(), &["--data", data.to_str().unwrap()]);
    done(&address);
    let asked = std::fs::read_to_string(data.join("inbox/asked/minerals.jsonl")).unwrap();
    assert_eq!(asked.lines().count(), 100);
}

#[tokio::test]
async fn buckets_that_are_elsewhere_or_nowhere_are_told_and_no_job_is_made() {
    let (_server, address) = Running::local(&[]);
    make_bucket(&address, "inbox", "us-east-1").await;
    make_bucket(&address, "far-away", "eu-west-1").await;
    for (input, output, words) in [
        ("s3://nothing/a.jsonl", "s3://inbox/out/", "NoSuchBucket (404): The specified bucket does not exist"),
        (
            "s3://inbox/b.jsonl",
            "s3://nothing/out/",
            "ValidationException (400): Amazon S3 perms missing (PutObject): Could not validate PutObject permissions \
             to access S3 bucket: nothing at key out/.write_access_check_file.tmp",
        ),
        ("s3://far-away/c.jsonl", "s3://inbox/out/", "far-away is in eu-west-1"),
        (
            "s3://inbox/d.jsonl",
            "s3://far-away/out/",
            "ValidationException (400): The S3 bucket far-away is in eu-west-1, and the batch job in us-east-1",
        ),
    ] {
        let (code, out, err) = said(create(&address, input, output, &["--wait"]));
        assert!(code != Some(0) && out.is_empty() && err.contains(words), "{input} {output}: {code:?} {err}");
    }
    let (code, out, _) = said(batch(&address, ["list", "--json"]));
    assert_eq!((code, out.contains("jobArn")), (Some(0), false), "{out}");
}

#[test]
fn keys_that_nobody_knows_open_no_bucket() {
    let (_server, address) = Running::local(&[]);
    let run = create(&address, "s3://inbox/a.jsonl", "s3://inbox/out/", &[]);
    let (code, out, err) = said(run.env("AWS_SECRET_ACCESS_KEY", "wrong"));
    assert!(code != Some(0) && out.is_empty() && err.contains("SignatureDoesNotMatch"), "{code:?} {err}");
}
