//! `outcrop doctor` on accounts that lack something: each is played by a local Bedrock from an account file. One thing is
//! wrong, and one check says so; what depends on it says upon what.

use insta::assert_snapshot;
use outcrop_local::Account;
use serde_json::{Value, json};

use crate::doctor::{check, doctor, told};
use crate::program::{LOCAL_KEYS, Run, Running, outcrop};

/// What stands after the connection.
const ACCOUNT: [&str; 9] =
    ["identity", "permission", "offered", "lifecycle", "form", "access", "retention", "quota", "call"];

/// A local Bedrock that plays the account of this file.
fn playing(file: &str, flags: &[&str]) -> (Running, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("account.toml");
    std::fs::write(&path, file).unwrap();
    let (running, address) = Running::local(&[&["--account", path.to_str().unwrap()], flags].concat());
    (running, format!("http://{address}"))
}

/// `doctor` against it, with the flags that say where typed.
fn looks(url: &str, flags: &[&str]) -> Run {
    doctor(&[&["--endpoint-url", url], flags].concat()).envs(LOCAL_KEYS)
}

/// What is told after the connection, without what differs from run to run.
fn account(url: &str, flags: &[&str]) -> String {
    let told = told(looks(url, flags), &ACCOUNT);
    told.replace(url, "[URL]").replace(url.trim_start_matches("http://"), "[ADDRESS]")
}

/// The same as JSON: the exit code, the checks that fail, and what was not looked at because of which.
fn failed(url: &str, flags: &[&str]) -> Value {
    let output = looks(url, &[&["--json"], flags].concat()).output();
    let shown: Value = serde_json::from_slice(&output.stdout).unwrap();
    let checks = shown["checks"].as_array().unwrap();
    let failed: Vec<&Value> =
        checks.iter().filter(|check| check["status"] == "fail").map(|check| &check["id"]).collect();
    let skipped = checks.iter().filter(|check| !check["facts"]["because"].is_null());
    let skipped: Vec<String> =
        skipped.map(|check| format!("{} <- {}", check["id"], check["facts"]["because"]).replace('"', "")).collect();
    json!({ "exit": output.status.code(), "status": shown["status"], "fail": failed, "skip": skipped })
}

#[test]
fn a_form_that_was_not_submitted_is_the_one_thing_that_is_wrong() {
    let (_server, url) = playing("[access]\nform = false\nmodels = \"all\"\n", &[]);
    assert_snapshot!(account(&url, &["--region", "us-west-2"]), @"
    exit: 4
    pass  identity     arn:aws:iam::123456789012:user/outcrop-local in account 123456789012
    pass  permission   bedrock:InvokeModelWithResponseStream, bedrock:InvokeModel on 127.0.0.1:[PORT]
    pass  offered      global.anthropic.claude-opus-4-6-v1 is active, processed in us-west-2
    pass  lifecycle    active
    fail  form         Anthropic's use-case form was not submitted for this account
    mend: `outcrop models access request claude-opus-4-6 --region us-west-2 --endpoint-url [URL]` sends it, with what its --help asks for; AWS takes up to 15 minutes to notice
    skip  access       not looked at: `form` failed
    pass  retention    claude-opus-4-6 asks for none
    skip  quota        told once it is reached; max_tokens is held back from the start; a token of output counts 5 times
    skip  call         not looked at: `form` failed
    ----- stderr -----
    error: 1 check failed: form
    ");
    assert_eq!(
        failed(&url, &[]),
        json!({ "exit": 4, "status": "fail", "fail": ["form"], "skip": ["access <- form", "call <- form"] })
    );
    let found = check(looks(&url, &["--json"]), "form");
    let mend = format!(
        "`outcrop models access request claude-opus-4-6 --endpoint-url {url}` sends it, with what its --help asks for; AWS takes up to 15 minutes to notice"
    );
    assert_eq!(found["mend"], json!([mend]));
}

#[test]
fn a_fresh_account_lacks_the_form_first() {
    let (_server, address) = Running::local(&["--account", "fresh"]);
    assert_eq!(
        failed(&format!("http://{address}"), &["--call"]),
        json!({ "exit": 4, "status": "fail", "fail": ["form"], "skip": ["access <- form", "call <- form"] })
    );
}

#[test]
fn an_agreement_that_lacks_is_told_once_and_the_command_of_its_mend_mends_it() {
    let (_server, url) = playing("[access]\nform = true\nmodels = [\"claude-haiku-4-5\"]\n", &[]);
    assert_snapshot!(account(&url, &["-m", "opus"]), @"
    exit: 4
    pass  identity     arn:aws:iam::123456789012:user/outcrop-local in account 123456789012
    pass  permission   bedrock:InvokeModelWithResponseStream, bedrock:InvokeModel on 127.0.0.1:[PORT]
    pass  offered      global.anthropic.claude-opus-4-6-v1 is active, processed in us-east-1
    pass  lifecycle    active
    pass  form         Anthropic's use-case form was submitted
    fail  access       there is no agreement for claude-opus-4-6
    mend: `outcrop models access request claude-opus-4-6 --endpoint-url [URL]` asks for it
    pass  retention    claude-opus-4-6 asks for none
    skip  quota        told once it is reached; max_tokens is held back from the start; a token of output counts 5 times
    skip  call         not looked at: `access` failed
    ----- stderr -----
    error: 1 check failed: access
    ");
    assert_eq!(
        failed(&url, &[]),
        json!({ "exit": 4, "status": "fail", "fail": ["access"], "skip": ["call <- access"] })
    );
    assert_eq!(failed(&url, &["-m", "claude-haiku-4-5"])["exit"], 0);
    let found = check(looks(&url, &["--json"]), "access");
    assert_eq!(found["facts"]["agreement"], "NOT_AVAILABLE");
    let mend = found["mend"][0].as_str().unwrap();
    let command = mend.split('`').nth(1).unwrap().strip_prefix("outcrop ").unwrap();
    let done = outcrop(command.split(' ').chain(["--yes"])).envs(LOCAL_KEYS).output();
    assert!(done.status.success(), "{done:?}");
    assert_eq!(failed(&url, &["--call"])["exit"], 0);
}

#[test]
fn data_retention_that_falls_short_is_told_and_the_command_of_its_mend_sets_it() {
    let (_server, url) = playing("[access]\nform = true\nmodels = \"all\"\nretention = \"inherit\"\n", &[]);
    assert_snapshot!(account(&url, &["-m", "claude-fable-5-1", "--region", "us-east-1"]), @"
    exit: 4
    pass  identity     arn:aws:iam::123456789012:user/outcrop-local in account 123456789012
    pass  permission   bedrock:InvokeModelWithResponseStream, bedrock:InvokeModel on 127.0.0.1:[PORT]
    pass  offered      global.anthropic.claude-fable-5-1 is active, processed in us-east-1
    pass  lifecycle    active
    pass  form         Anthropic's use-case form was submitted
    pass  access       the account has claude-fable-5-1 in us-east-1
    fail  retention    claude-fable-5-1 asks for `aws_review`, and us-east-1 has `inherit`, which is `default`
    mend: where AWS may keep what is said: `outcrop models access retention aws_review --region us-east-1 --endpoint-url [URL]`
    skip  quota        told once it is reached; max_tokens is held back from the start
    skip  call         not looked at: `retention` failed
    ----- stderr -----
    error: 1 check failed: retention
    ");
    let fable = ["-m", "claude-fable-5-1", "--call"];
    assert_eq!(
        failed(&url, &fable),
        json!({ "exit": 4, "status": "fail", "fail": ["retention"], "skip": ["call <- retention"] })
    );
    let found = check(looks(&url, &[&["--json"], &fable[..]].concat()), "retention");
    assert_eq!(found["facts"], json!({ "mode": "inherit", "needed": "aws_review" }));
    let mend = found["mend"][0].as_str().unwrap();
    let command = mend.split('`').nth(1).unwrap().strip_prefix("outcrop ").unwrap();
    assert!(outcrop(command.split(' ')).envs(LOCAL_KEYS).output().status.success());
    assert_eq!(failed(&url, &fable)["exit"], 0);
    let found = check(looks(&url, &["--json", "-m", "claude-fable-5-1"]), "retention");
    assert_eq!(
        (&found["status"], &found["found"]),
        (&json!("pass"), &json!("claude-fable-5-1 asks for `aws_review`, and us-east-1 has `aws_review`"))
    );
}

#[test]
fn a_model_that_the_region_lacks_or_nobody_knows_is_told_once() {
    let (_server, url) = playing("[regions.eu-west-1]\nlacks = [\"claude-opus-4-6\"]\n", &[]);
    assert_snapshot!(account(&url, &["--region", "eu-west-1"]), @"
    exit: 1
    pass  identity     arn:aws:iam::123456789012:user/outcrop-local in account 123456789012
    pass  permission   bedrock:InvokeModelWithResponseStream, bedrock:InvokeModel on 127.0.0.1:[PORT]
    fail  offered      eu-west-1 does not have claude-opus-4-6
    mend: call a region that has it: `outcrop models regions claude-opus-4-6` lists them
    skip  lifecycle    not looked at: `offered` failed
    pass  form         Anthropic's use-case form was submitted
    skip  access       not looked at: `offered` failed
    skip  retention    not looked at: `offered` failed
    skip  quota        not looked at: `offered` failed
    skip  call         not looked at: `offered` failed
    ----- stderr -----
    error: 1 check failed: offered
    ");
    assert_snapshot!(account(&url, &["-m", "nonsense"]), @"
    exit: 1
    pass  identity     arn:aws:iam::123456789012:user/outcrop-local in account 123456789012
    pass  permission   bedrock:InvokeModelWithResponseStream, bedrock:InvokeModel on 127.0.0.1:[PORT]
    fail  offered      us-east-1 has no model `nonsense`
    mend: `outcrop models --endpoint-url [URL]` lists those that it has
    skip  lifecycle    not looked at: `offered` failed
    pass  form         Anthropic's use-case form was submitted
    skip  access       not looked at: `offered` failed
    skip  retention    not looked at: `offered` failed
    skip  quota        not looked at: `offered` failed
    skip  call         not looked at: `offered` failed
    ----- stderr -----
    error: 1 check failed: offered
    ");
    let near = check(looks(&url, &["--json", "-m", "claude-opos-4-6"]), "offered");
    assert!(near["mend"][0].as_str().unwrap().starts_with("is it `claude-opus-4-6`"), "{near}");
    let nobody = json!([
        "lifecycle <- offered",
        "access <- offered",
        "retention <- offered",
        "quota <- offered",
        "call <- offered"
    ]);
    for flags in [&["-m", "nonsense"][..], &["--region", "eu-west-1"]] {
        assert_eq!(failed(&url, flags), json!({ "exit": 1, "status": "fail", "fail": ["offered"], "skip": nobody }));
    }
}

#[test]
fn arns_of_others_and_of_elsewhere_are_told_apart() {
    let (_server, url) = playing("", &[]);
    let offered = |arn: &str| {
        let told = told(looks(&url, &["-m", arn]), &["offered"]);
        told.replace(&url, "[URL]").lines().filter(|line| !line.starts_with("skip")).collect::<Vec<_>>().join("\n")
    };
    let profile = "application-inference-profile/a1b2c3d4e5f6";
    assert_snapshot!(offered(&format!("arn:aws:bedrock:us-east-1:999999999999:{profile}")), @"
    exit: 1
    fail  offered      the ARN is of account 999999999999, and the caller is of 123456789012
    mend: make one in this account, `outcrop models profiles create NAME --from us.opus --endpoint-url [URL]`, or call with keys of that one
    ----- stderr -----
    error: 1 check failed: offered
    ");
    assert_snapshot!(offered(&format!("arn:aws:bedrock:us-east-1:123456789012:{profile}")), @"
    exit: 1
    fail  offered      us-east-1 has no such profile
    mend: `outcrop models profiles list --type application --endpoint-url [URL]` lists those of the account
    ----- stderr -----
    error: 1 check failed: offered
    ");
    assert_snapshot!(offered("arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.anthropic.claude-opus-4-6-v1"), @"
    exit: 1
    fail  offered      the ARN is of eu-west-1, and calls go to us-east-1
    mend: call eu-west-1: --region eu-west-1
    ----- stderr -----
    error: 1 check failed: offered
    ");
    let made = outcrop(["models", "profiles", "create", "mine", "--from", "us.opus", "--endpoint-url", &url]);
    let made = String::from_utf8(made.envs(LOCAL_KEYS).output().stdout).unwrap();
    assert_eq!(failed(&url, &["-m", made.trim(), "--call"])["exit"], 0);
}

#[test]
fn a_bedrock_api_key_that_is_wrong_is_told_once() {
    let (_server, url) = playing("", &[]);
    let run = || {
        let run = doctor(&["--endpoint-url", &url]).env("AWS_REGION", "us-east-1");
        run.env("AWS_BEARER_TOKEN_BEDROCK", "ABSKwrong")
    };
    assert_snapshot!(told(run(), &ACCOUNT).replace(&url, "[URL]"), @"
    exit: 4
    fail  identity     the Bedrock API key is refused: Authentication failed: Please make sure your API Key is valid.
    mend: make another key, in Bedrock's console or of AWS keys (`outcrop token`); without AWS_BEARER_TOKEN_BEDROCK AWS keys count
    skip  permission   not looked at: `identity` failed
    skip  offered      not looked at: `identity` failed
    skip  lifecycle    not looked at: `identity` failed
    skip  form         not looked at: `identity` failed
    skip  access       not looked at: `identity` failed
    skip  retention    not looked at: `identity` failed
    skip  quota        not looked at: `identity` failed
    skip  call         not looked at: `identity` failed
    ----- stderr -----
    error: 1 check failed: identity
    ");
    let right = run().env("AWS_BEARER_TOKEN_BEDROCK", Account::BEARER_TOKEN);
    assert_snapshot!(told(right, &["identity"]), @"
    exit: 0
    pass  identity     Bedrock takes the API key; whose account it is, AWS does not say
    ");
}

#[test]
fn a_quota_that_is_used_up_is_told_with_what_helps_where_it_is_called() {
    let (_server, url) = playing("quotas = \"new-account\"\n", &[]);
    assert_snapshot!(account(&url, &["--call"]), @"
    exit: 3
    pass  identity     arn:aws:iam::123456789012:user/outcrop-local in account 123456789012
    pass  permission   bedrock:InvokeModelWithResponseStream, bedrock:InvokeModel on 127.0.0.1:[PORT]
    pass  offered      global.anthropic.claude-opus-4-6-v1 is active, processed in us-east-1
    pass  lifecycle    active
    pass  form         Anthropic's use-case form was submitted
    pass  access       the account has claude-opus-4-6 in us-east-1
    pass  retention    claude-opus-4-6 asks for none
    skip  quota        told once it is reached; max_tokens is held back from the start; a token of output counts 5 times
    fail  call         cannot call global.anthropic.claude-opus-4-6-v1 on 127.0.0.1:[PORT]: ThrottlingException (429): Too many tokens per day, please wait before trying again.
    mend: the day's tokens are used up, or a new account has none; other regions (--failover) have their own; Service Quotas, Amazon Bedrock, gives more: `Model invocation max tokens per day` of the model
    ----- stderr -----
    error: 1 check failed: call
    ");
    let regional = check(looks(&url, &["--json", "--call", "-m", "us.opus"]), "call");
    assert!(regional["mend"][0].as_str().unwrap().contains("a wider scope (--scope global)"), "{regional}");
    assert_eq!(regional["facts"]["quota"], "tokens_per_day");
}
