//! `outcrop whoami`: who calls, as far as it can be known.

use insta::assert_snapshot;
use outcrop_local::Account;
use serde_json::{Value, json};

use crate::program::{LOCAL_KEYS, Running, outcrop};

#[test]
fn keys_are_told_by_sts() {
    assert_snapshot!(outcrop(["whoami", "--local"]).shown(), @"
    exit: 0
    ----- stdout -----
    account  123456789012
    arn      arn:aws:iam::123456789012:user/outcrop-local
    user id  AIDAOUTCROPLOCALTEST
    ");
    let (_server, address) = Running::local(&[]);
    let url = format!("http://{address}");
    // As AWS's own variables say it, and as it is typed.
    for (variable, flags) in [("AWS_ENDPOINT_URL_STS", vec![]), ("UNUSED", vec!["--endpoint-url", &url])] {
        let run = outcrop([&["whoami", "--json"], &flags[..]].concat()).envs(LOCAL_KEYS).env(variable, &url);
        let output = run.output();
        let shown: Value = serde_json::from_slice(&output.stdout).unwrap();
        let arn = "arn:aws:iam::123456789012:user/outcrop-local";
        let user_id = "AIDAOUTCROPLOCALTEST";
        assert_eq!(shown, json!({ "kind": "keys", "account": "123456789012", "arn": arn, "user_id": user_id }));
    }
}

#[test]
fn keys_that_sts_does_not_know_are_refused() {
    let (_server, address) = Running::local(&[]);
    let run = outcrop(["whoami"]).env("AWS_ENDPOINT_URL_STS", format!("http://{address}"));
    let run = run.env("AWS_ACCESS_KEY_ID", "AKIAUNKNOWN").env("AWS_SECRET_ACCESS_KEY", "hidden");
    let shown = run.env("AWS_REGION", "us-east-1").shown().replace(&address, "[ADDRESS]");
    assert_snapshot!(shown, @"
    exit: 4
    ----- stderr -----
    error: cannot ask [ADDRESS] who calls: InvalidClientTokenId (403): The security token included in the request is invalid.
    request id: [ID]
    hint: the access key is unknown, or its session token is missing or of another key
    ");
}

#[test]
fn bearer_keys_say_what_they_are_and_not_their_secret() {
    let whoami = |key: &str| outcrop(["whoami"]).env("AWS_BEARER_TOKEN_BEDROCK", key).env("AWS_REGION", "us-east-1");
    assert_snapshot!(whoami(Account::BEARER_TOKEN).shown(), @"
    exit: 0
    ----- stdout -----
    api key  long-term
    name     BedrockAPIKey-outcrop-local
    ----- stderr -----
    STS takes no Bedrock API keys: whose account it is, AWS does not say
    ");
    let token = outcrop(["token", "-q", "--region", "eu-west-1", "--duration", "15m"]).envs(LOCAL_KEYS).output();
    let token = String::from_utf8(token.stdout).unwrap();
    let shown = whoami(token.trim_end()).shown();
    assert!(
        shown.contains("api key  short-term\nmade of  AKIAOUTCROPLOCALTEST\nregion   eu-west-1\nuntil    20"),
        "{shown}"
    );
    assert!(shown.contains("warning: the key is taken in eu-west-1 alone, and calls go to us-east-1"), "{shown}");
    assert!(!shown.contains(&token[..40]), "{shown}");
}
