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
    let elsewhere = "is in eu-west-1, and the job in us-east-1";
    for (input, output, words) in [
        ("s3://nothing/a.jsonl", "s3://inbox/out/", "there is no bucket nothing for the input"),
        ("s3://inbox/b.jsonl", "s3://nothing/out/", "there is no bucket nothing for the output"),
        ("s3://far-away/c.jsonl", "s3://inbox/out/", &format!("the bucket far-away of the input {elsewhere}")),
        ("s3://inbox/d.jsonl", "s3://far-away/out/", &format!("the bucket far-away of the output {elsewhere}")),
    ] {
        let (code, out, err) = said(create(&address, input, output, &["--wait"]));
        assert!(code == Some(2) && out.is_empty() && err.contains(words), "{input} {output}: {code:?} {err}");
    }
    let (code, out, err) = said(create(&address, "s3://inbox/e.jsonl", "s3://nothing/out/", &["--skip-checks"]));
    assert!(code == Some(1) && out.is_empty() && err.contains("Could not validate PutObject permissions"), "{err}");
    assert!(err.contains("the requests were uploaded and stay at s3://inbox/e.jsonl"), "{err}");
    let (code, out, _) = said(batch(&address, ["list", "--json"]));
    assert_eq!((code, out.contains("jobArn")), (Some(0), false), "{out}");
}

/// Slow answers: there is time to stop it, and to have it stopped.
fn slow(home: &std::path::Path, data: &std::path::Path) -> (Running, String) {
    let rules = home.join("rules.toml");
    std::fs::write(&rules, "[[rule]]\nreply.text = \"A mineral.\"\nreply.delay = 200\n").unwrap();
    for bucket in ["inbox", "outbox"] {
        std::fs::create_dir_all(data.join(bucket)).unwrap();
    }
    Running::local(&["--script", rules.to_str().unwrap(), "--data", data.to_str().unwrap()])
}

/// `create --wait`, until it waits: the program, and the ARN of its job.
#[cfg(unix)]
fn waiting(address: &str, home: &std::path::Path) -> (Running, String) {
    std::fs::write(home.join("questions.jsonl"), questions()).unwrap();
    let job = [
        "--input",
        "s3://inbox/asked/",
        "--output",
        "s3://outbox/told/",
        "--role",
        ROLE,
        "--wait",
        "--out",
        "told.txt",
    ];
    let run = outcrop(["batch", "create", "questions.jsonl", "-m", "us.haiku"].into_iter().chain(job)).envs(LOCAL_KEYS);
    let running = run.env("AWS_ENDPOINT_URL", format!("http://{address}")).home(home).start();
    loop {
        let (_, out, _) = said(batch(address, ["list", "--json", "--status", "InProgress"]));
        let jobs: Value = serde_json::from_str(&out).unwrap();
        if let Some(arn) = jobs[0]["jobArn"].as_str() {
            return (running, arn.to_owned());
        }
    }
}

#[cfg(unix)]
#[test]
fn whoever_stops_waiting_is_told_how_to_go_on() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    let (_server, address) = slow(home.path(), &data);
    let (running, arn) = waiting(&address, home.path());
    running.signal("INT");
    let (status, out, err) = running.end();
    assert_eq!((status.code(), out.as_str()), (Some(130), ""), "{err}");
    for part in [
        "error: stopped waiting for the job\n",
        &format!(
            "the job goes on: `outcrop batch status {arn}` tells how far it is, `outcrop batch results {arn}` what"
        ),
    ] {
        assert!(err.contains(part), "{part}: {err}");
    }
    let left = std::fs::read_dir(home.path()).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(left.into_iter().all(|name| !name.to_str().unwrap().starts_with(".tmp")), "nothing half is left");
    let (code, out, _) = said(batch(&address, ["stop", &arn, "--json"]));
    let job: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, job["jobArn"].as_str()), (Some(0), Some(&*arn)));
}

#[cfg(unix)]
#[test]
fn a_server_that_goes_away_ends_the_waiting_and_not_the_job() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    let (server, address) = slow(home.path(), &data);
    let (running, arn) = waiting(&address, home.path());
    server.signal("KILL");
    drop(server);
    let (status, _, err) = running.end();
    assert!(
        status.code() == Some(3) && err.contains(&format!("`outcrop batch results {arn}` what came of it")),
        "{err}"
    );
    // It begins again with the next server on the same folder.
    let (_server, address) = slow(home.path(), &data);
    let (code, out, _) = said(batch(&address, ["status", &arn, "--json"]));
    let job: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, job["jobArn"].as_str()), (Some(0), Some(&*arn)));
}

#[test]
fn keys_that_nobody_knows_open_no_bucket() {
    let (_server, address) = Running::local(&[]);
    let run = create(&address, "s3://inbox/a.jsonl", "s3://inbox/out/", &[]);
    let (code, out, err) = said(run.env("AWS_SECRET_ACCESS_KEY", "wrong"));
    assert!(code != Some(0) && out.is_empty() && err.contains("SignatureDoesNotMatch"), "{code:?} {err}");
}
