//! `outcrop doctor` where what is set is wrong before anybody is asked: files, profiles, regions, URLs, certificates.

use insta::assert_snapshot;
use serde_json::Value;

use crate::doctor::{check, closed, doctor, told};
use crate::program::{LOCAL_KEYS, outcrop};

const SET: [&str; 6] = ["files", "profile", "region", "endpoint", "credentials", "dns"];

const KEYS: &str = "[default]\naws_access_key_id = AKIAOUTCROPLOCALTEST\naws_secret_access_key = x\n";

#[test]
fn who_has_nothing_is_told_what_to_set_and_nothing_is_sent() {
    let run = doctor(&["--json"]);
    let credentials = check(run, "credentials");
    // What is tried differs with the features of the build.
    let tried = credentials["facts"]["tried"].as_str().unwrap();
    assert!(tried.starts_with("cannot find AWS credentials: tried AWS_BEARER_TOKEN_BEDROCK, "), "{credentials}");
    assert_snapshot!(told(doctor(&[]), &["credentials", "region", "endpoint", "call"]), @"
    exit: 2
    fail  region       none is said: not by --region, AWS_REGION, AWS_DEFAULT_REGION or the AWS profile
    mend: `outcrop configure --region us-east-1` writes one, or set AWS_REGION: calls are signed for a region
    skip  endpoint     not looked at: `region` failed
    fail  credentials  there are none: no variable, no service and not AWS profile default says who calls
    mend: `outcrop configure` writes keys; or set AWS_BEARER_TOKEN_BEDROCK, a Bedrock API key; or log in: `aws sso login`
    skip  call         not looked at: `region` failed
    ----- stderr -----
    error: 2 checks failed: region, credentials
    ");
}

#[test]
fn half_a_key_is_told_by_its_other_half() {
    let run = doctor(&[]).env("AWS_ACCESS_KEY_ID", "AKIAEXAMPLEEXAMPLE12").env("AWS_REGION", "us-east-1");
    assert_snapshot!(told(run, &["credentials", "region"]), @"
    exit: 2
    pass  region       us-east-1, from AWS_REGION
    fail  credentials  cannot find AWS credentials: AWS_ACCESS_KEY_ID is set but AWS_SECRET_ACCESS_KEY is not
    mend: set AWS_SECRET_ACCESS_KEY, or unset AWS_ACCESS_KEY_ID
    ----- stderr -----
    error: 1 check failed: credentials
    ");
}

#[test]
fn a_file_that_is_broken_is_told_with_its_line_and_a_profile_with_its_name() {
    let run = doctor(&[]).file(".aws/config", "[default]\nregion\n");
    assert_snapshot!(told(run, &["files", "profile", "credentials"]), @"
    exit: 2
    fail  files        cannot read AWS file [HOME]/.aws/config, line 2: expected `key = value`, found no `=`
    mend: mend the line, or name another file: AWS_CONFIG_FILE
    skip  profile      not looked at: `files` failed
    skip  credentials  not looked at: `files` failed
    ----- stderr -----
    error: 1 check failed: files
    ");
    let run = doctor(&[]).file(".aws/config", "[default]\nregion = eu-west-1\n").env("AWS_PROFILE", "work");
    assert_snapshot!(told(run, &["files", "profile", "region"]), @"
    exit: 2
    pass  files        [HOME]/.aws/config read; [HOME]/.aws/credentials is not there
    fail  profile      cannot read the AWS profile: AWS profile work is neither in [HOME]/.aws/config nor in [HOME]/.aws/credentials
    mend: the files have default; check the name, or AWS_PROFILE where none was given; or `outcrop configure --profile work` writes it
    skip  region       not looked at: `profile` failed
    ----- stderr -----
    error: 1 check failed: profile
    ");
}

#[test]
fn what_overrides_what_is_told_without_any_value() {
    let run = doctor(&["--json"]).envs(LOCAL_KEYS).envs([
        ("AWS_BEARER_TOKEN_BEDROCK", "ABSKhidden"),
        ("AWS_PROFILE", "work"),
        ("AWS_DEFAULT_REGION", "eu-west-1"),
        ("AWS_SESSION_TOKEN", "hidden"),
        ("AWS_ENDPOINT_URL", "http://user:hidden@a.invalid"),
        ("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "http://127.0.0.1:1"),
        ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true"),
        ("HTTPS_PROXY", "http://user:hidden@b.invalid"),
        ("https_proxy", "http://user:hidden@c.invalid"),
    ]);
    let run =
        run.env("AWS_ACCESS_KEY_ID", "AKIAEXAMPLEEXAMPLE12").env("ANTHROPIC_BEDROCK_BASE_URL", "http://127.0.0.1:2");
    let output = run.output();
    let shown = String::from_utf8(output.stdout).unwrap();
    assert!(!shown.contains("hidden") && !shown.contains(LOCAL_KEYS[1].1), "{shown}");
    let shown: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(shown["checks"][0]["status"], "warn");
    assert_snapshot!(shown["checks"][0]["found"].as_str().unwrap().replace("; ", "\n"), @"
    AWS_BEARER_TOKEN_BEDROCK counts before AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_PROFILE
    AWS_REGION counts before AWS_DEFAULT_REGION (boto3 takes AWS_DEFAULT_REGION)
    AWS_IGNORE_CONFIGURED_ENDPOINT_URLS counts before AWS_ENDPOINT_URL_BEDROCK_RUNTIME, AWS_ENDPOINT_URL
    https_proxy counts before HTTPS_PROXY
    AWS_SESSION_TOKEN is set, and the long-term key in AWS_ACCESS_KEY_ID has none
    ");
}

#[test]
fn an_id_that_may_be_a_secret_is_not_shown() {
    let run = doctor(&["--json"]).env("AWS_REGION", "us-east-1");
    let run =
        run.env("AWS_ACCESS_KEY_ID", "secret/in/the/wrong/place").env("AWS_SECRET_ACCESS_KEY", "AKIAEXAMPLEEXAMPLE12");
    let run = run.env("AWS_ENDPOINT_URL", format!("http://{}", closed()));
    let output = run.output();
    let shown = String::from_utf8(output.stdout).unwrap();
    assert!(!shown.contains("wrong/place") && shown.contains("and not the secret?"), "{shown}");
}

#[test]
fn a_short_term_key_of_another_region_is_told() {
    let key = outcrop(["token", "-q", "--region", "eu-west-1", "--duration", "15m"]).envs(LOCAL_KEYS).output();
    let key = String::from_utf8(key.stdout).unwrap();
    let run = doctor(&["--json"]).env("AWS_BEARER_TOKEN_BEDROCK", key.trim_end()).env("AWS_REGION", "us-east-1");
    let found = check(run, "credentials");
    assert_eq!(found["status"], "fail");
    assert!(found["found"].as_str().unwrap().ends_with(": calls go to us-east-1"), "{found}");
    assert!(!found.to_string().contains(&key[..40]), "{found}");
}

#[test]
fn a_profile_that_is_not_there_is_told_with_what_writes_it() {
    let run = |name: &str| doctor(&["--profile", name]).file(".aws/credentials", KEYS);
    assert_snapshot!(told(run("my work"), &SET), @"
    exit: 2
    pass  files        [HOME]/.aws/config is not there; [HOME]/.aws/credentials read
    fail  profile      cannot read the AWS profile: AWS profile my work is neither in [HOME]/.aws/config nor in [HOME]/.aws/credentials
    mend: the files have default; check the name, or AWS_PROFILE where none was given; or `outcrop configure --profile 'my work'` writes it
    skip  region       not looked at: `profile` failed
    skip  endpoint     not looked at: `profile` failed
    skip  credentials  not looked at: `profile` failed
    skip  dns          not looked at: `profile` failed
    ----- stderr -----
    error: 1 check failed: profile
    ");
    let other = doctor(&[]).file(".aws/config", "[profile work]\nregion = us-east-1\n").env("AWS_PROFILE", "work");
    assert_snapshot!(told(other, &SET), @"
    exit: 2
    pass  files        [HOME]/.aws/config read; [HOME]/.aws/credentials is not there
    pass  profile      `work`, from AWS_PROFILE
    pass  region       us-east-1, from [HOME]/.aws/config:2 [profile work]
    pass  endpoint     https://bedrock-runtime.us-east-1.amazonaws.com, from the region
    fail  credentials  there are none: no variable, no service and not AWS profile work says who calls
    mend: `outcrop configure --profile work` writes keys; or set AWS_BEARER_TOKEN_BEDROCK, a Bedrock API key; or log in: `aws sso login`
    skip  dns          not looked at: `credentials` failed
    ----- stderr -----
    error: 1 check failed: credentials
    ");
}

#[cfg(unix)]
#[test]
fn files_that_cannot_be_read_are_what_is_mended() {
    use std::os::unix::fs::PermissionsExt as _;
    let run = doctor(&["--region", "us-east-1"]).file(".aws/credentials", KEYS);
    let path = run.place(".aws/credentials");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o000)).unwrap();
    // Nothing is closed to an administrator.
    if std::fs::read(&path).is_ok() {
        return;
    }
    assert_snapshot!(told(run, &["files", "profile", "credentials"]), @"
    exit: 2
    warn  files        [HOME]/.aws/config is not there; [HOME]/.aws/credentials cannot be read, and is passed over
    mend: `chmod u+r [HOME]/.aws/credentials`, or have it owned by you
    pass  profile      `default`, as nothing names another
    fail  credentials  there are none: no variable, no service and not AWS profile default says who calls, as far as the AWS files can be read
    mend: `chmod u+r [HOME]/.aws/credentials`, or have it owned by you
    ----- stderr -----
    error: 1 check failed: credentials
    ");
}

#[test]
fn a_region_that_is_misspelt_is_told_with_the_one_that_is_meant() {
    let look = |flags: &[&str]| {
        let output = doctor(&[&["--json"], flags].concat()).envs(LOCAL_KEYS).output();
        let shown: Value = serde_json::from_slice(&output.stdout).unwrap();
        let mended = |id: &str| {
            let checks = shown["checks"].as_array().unwrap();
            let check = checks.iter().find(|check| check["id"] == id).unwrap();
            (check["status"].as_str().unwrap().to_owned(), check["mend"][0].as_str().unwrap_or_default().to_owned())
        };
        (output.status.code(), mended("region"), mended("dns"))
    };
    let (exit, region, dns) = look(&["--region", "us-esat-1"]);
    assert!(region.0 == "warn" && region.1.starts_with("is it us-east-1"), "{region:?}");
    // No name server knows its host.
    assert!(dns.0 == "fail" && dns.1.starts_with("no AWS region `us-esat-1` is known: is it us-east-1"), "{dns:?}");
    assert_eq!(exit, Some(2));
    // None is written so: there is no need to ask for it.
    let (exit, region, dns) = look(&["--region", "us-east-1a"]);
    assert_eq!((region.0.as_str(), dns.0.as_str(), exit), ("fail", "skip", Some(2)));
    assert_eq!(region.1, "is it us-east-1?");
}

#[test]
fn settings_of_the_connection_are_told_where_they_are_wrong() {
    let look = |name: &str, value: &str| {
        told(doctor(&["--endpoint-url", "https://bedrock.invalid"]).envs(LOCAL_KEYS).env(name, value), &SET)
    };
    assert_snapshot!(look("SSL_CERT_FILE", "/no/such.pem"), @"
    exit: 2
    pass  files        [HOME]/.aws/config is not there; [HOME]/.aws/credentials is not there
    pass  profile      `default`, as nothing names another
    pass  region       us-east-1, from AWS_REGION
    fail  endpoint     cannot read the certificates /no/such.pem, named by SSL_CERT_FILE: there is no such file
    mend: name a file of PEM certificates, or unset SSL_CERT_FILE
    skip  credentials  not looked at: `endpoint` failed
    skip  dns          not looked at: `endpoint` failed
    ----- stderr -----
    error: 1 check failed: endpoint
    ");
    assert_snapshot!(look("AWS_CA_BUNDLE", "/no/such.pem"), @"
    exit: 2
    pass  files        [HOME]/.aws/config is not there; [HOME]/.aws/credentials is not there
    pass  profile      `default`, as nothing names another
    pass  region       us-east-1, from AWS_REGION
    fail  endpoint     cannot read the CA bundle /no/such.pem, named by AWS_CA_BUNDLE: No such file or directory
    mend: it has to be a file of PEM certificates (-----BEGIN CERTIFICATE-----); without it the system's count
    skip  credentials  not looked at: `endpoint` failed
    skip  dns          not looked at: `endpoint` failed
    ----- stderr -----
    error: 1 check failed: endpoint
    ");
    assert_snapshot!(look("HTTPS_PROXY", "::::"), @"
    exit: 2
    pass  files        [HOME]/.aws/config is not there; [HOME]/.aws/credentials is not there
    pass  profile      `default`, as nothing names another
    pass  region       us-east-1, from AWS_REGION
    fail  endpoint     cannot set up the connection: HTTPS_PROXY names a proxy that is no URL
    mend: a proxy is written as http://host:port
    skip  credentials  not looked at: `endpoint` failed
    skip  dns          not looked at: `endpoint` failed
    ----- stderr -----
    error: 1 check failed: endpoint
    ");
    assert_snapshot!(told(doctor(&["--endpoint-url", "bedrock"]).envs(LOCAL_KEYS), &SET), @"
    exit: 2
    pass  files        [HOME]/.aws/config is not there; [HOME]/.aws/credentials is not there
    pass  profile      `default`, as nothing names another
    pass  region       us-east-1, from AWS_REGION
    fail  endpoint     cannot find where to call: cannot use the endpoint from --endpoint-url: it does not begin with http:// or https://
    mend: an endpoint URL is scheme, host and perhaps port and path: https://gateway.example.com/bedrock
    skip  credentials  not looked at: `endpoint` failed
    skip  dns          not looked at: `endpoint` failed
    ----- stderr -----
    error: 1 check failed: endpoint
    ");
}
