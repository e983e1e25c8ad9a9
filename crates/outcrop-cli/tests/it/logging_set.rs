//! `outcrop logging status`, `enable` and `disable`: in one region and in many.

use insta::assert_snapshot;
use serde_json::Value;

use crate::program::{LOCAL_KEYS, Run, Running, outcrop};

/// `outcrop logging` against a server.
fn logging(address: &str, arguments: &[&str]) -> Run {
    let url = format!("http://{address}");
    let run = outcrop([&["logging"], arguments, &["--endpoint-url", &url]].concat());
    run.envs(LOCAL_KEYS)
}

#[test]
fn a_log_group_is_set_and_ended_in_several_regions() {
    let (_server, address) = Running::local(&[]);
    let on = |arguments: &[&str]| logging(&address, arguments).shown();
    assert_snapshot!(on(&["status"]), @"
    exit: 0
    ----- stdout -----
    REGION     LOGGING
    us-east-1  off
    ");
    let role = "arn:aws:iam::123456789012:role/logs";
    let group = ["enable", "--cloudwatch", "/calls", "--role", role, "--no-images"];
    assert_snapshot!(on(&group), @"
    exit: 1
    ----- stderr -----
    error: Bedrock cannot log there: log group /calls: there is no such log group in us-east-1
    hint: --create makes the log group, or else
    what makes the log group /calls:
    aws logs create-log-group --region us-east-1 --log-group-name /calls
    aws logs put-retention-policy --region us-east-1 --log-group-name /calls --retention-in-days 30
    ");
    assert_snapshot!(on(&[&group[..], &["--skip-checks"]].concat()), @"
    exit: 1
    ----- stderr -----
    error: cannot call PutModelInvocationLoggingConfiguration on 127.0.0.1:[PORT]: ValidationException (400): Failed to validate permissions for log group: /calls, with role: arn:aws:iam::123456789012:role/logs. Verify the IAM role permissions are correct. (outcrop local: there is no such log group in us-east-1)
    request id: [ID]
    hint: AWS says the same of a log group that is not there, and of a role that was made a moment ago: make the log group, or wait a minute
    ");
    let group = [&group[..], &["--create", "--skip-checks"]].concat();
    let set = [&group[..], &["--region", "us-east-1", "--region", "eu-west-1"]].concat();
    assert_snapshot!(on(&set), @"
    exit: 0
    ----- stdout -----
    us-east-1: calls are logged to log group /calls
    eu-west-1: calls are logged to log group /calls
    ");
    assert_snapshot!(on(&[&set[..], &["--region", "us-west-2"]].concat()), @"
    exit: 0
    ----- stdout -----
    us-east-1: calls were logged to log group /calls already
    eu-west-1: calls were logged to log group /calls already
    us-west-2: calls are logged to log group /calls
    ");
    assert_snapshot!(on(&["status", "--region", "eu-west-1", "--region", "no region"]), @r#"
    exit: 2
    ----- stdout -----
    REGION     LOGGING  TO                WHAT                         KEPT
    eu-west-1  on       log group /calls  text embeddings video audio  30 days
    no region  unknown
    ----- stderr -----
    warning: no region: cannot find where to call: cannot choose a host for Bedrock: region "no region" is not made of 1 to 63 of a-z, 0-9 and inner `-`
    hint: regions are written as us-east-1 or eu-central-1
    error: cannot see how calls are logged in 1 of 2 regions
    "#);
    let other = ["enable", "--cloudwatch", "/calls", "--role", role, "--skip-checks"];
    assert_snapshot!(on(&other), @"
    exit: 2
    ----- stderr -----
    error: calls are logged otherwise already: text embeddings video audio, to log group /calls
    hint: --yes puts the new configuration in place of that one
    ");
    assert_snapshot!(on(&[&other[..], &["--yes"]].concat()), @"
    exit: 0
    ----- stdout -----
    us-east-1: calls are logged to log group /calls
    ");
    assert_snapshot!(on(&["disable", "--region", "us-west-2"]), @"
    exit: 0
    ----- stdout -----
    us-west-2: calls are logged no longer
    ");
    let output = logging(&address, &["status", "--all-regions", "--json"]).output();
    let rows: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    let enabled: Vec<&str> =
        rows.iter().filter(|row| row["enabled"] == true).map(|row| row["region"].as_str().unwrap()).collect();
    assert!(rows.len() > 20 && rows.iter().all(|row| row["error"].is_null()), "{rows:?}");
    assert_eq!(enabled, ["eu-west-1", "us-east-1"]);
}

#[test]
fn what_cannot_be_set() {
    let run = |arguments: &[&str]| outcrop([&["logging", "enable"], arguments].concat()).shown();
    assert_snapshot!(run(&[]), @"
    exit: 2
    ----- stderr -----
    error: the following required arguments were not provided:
      --s3 <s3://BUCKET/PREFIX>

    Usage: outcrop logging enable --s3 <s3://BUCKET/PREFIX>

    For more information, try '--help'.
    ");
    assert_snapshot!(run(&["--cloudwatch", "/calls", "--role", "logs"]), @"
    exit: 2
    ----- stderr -----
    error: `logs` is no ARN of a role: arn:aws:iam::123456789012:role/NAME
    ");
    assert_snapshot!(run(&["--s3", "https://logs/p"]), @"
    exit: 2
    ----- stderr -----
    error: `https://logs/p` is no place in S3: it begins with another scheme than `s3://`
    ");
    assert_snapshot!(run(&["--s3", "s3://logs"]), @"
    exit: 2
    ----- stderr -----
    error: cannot find where to call: no AWS region: tried --region, AWS_REGION, AWS_DEFAULT_REGION and `region` of AWS profile default
    hint: set AWS_REGION, us-east-1 for example: calls are signed for a region, whatever their URL
    ");
    assert_snapshot!(outcrop(["logging", "status", "--all-regions", "--region", "us-east-1"]).shown(), @"
    exit: 2
    ----- stderr -----
    error: the argument '--all-regions' cannot be used with '--region <REGION>'

    Usage: outcrop logging status --all-regions

    For more information, try '--help'.
    ");
}
