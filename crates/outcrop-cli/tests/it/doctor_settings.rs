//! `outcrop doctor` where what is set is wrong before anybody is asked: files, profiles, regions, URLs, certificates.

use insta::assert_snapshot;
use serde_json::Value;

use crate::doctor::{closed, doctor, server, told};
use crate::program::{LOCAL_KEYS, Running};

const SET: [&str; 6] = ["files", "profile", "region", "endpoint", "credentials", "dns"];

const KEYS: &str = "[default]\naws_access_key_id = AKIAOUTCROPLOCALTEST\naws_secret_access_key = x\n";

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
    assert!(dns.0 == "fail" && dns.1.starts_with("no region `us-esat-1` is known: is it us-east-1"), "{dns:?}");
    assert_eq!(exit, Some(2));
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
    fail  endpoint     cannot find where to call: cannot use the endpoint from the caller: it does not begin with http:// or https://
    mend: an endpoint URL is scheme, host and perhaps port and path: https://gateway.example.com/bedrock
    skip  credentials  not looked at: `endpoint` failed
    skip  dns          not looked at: `endpoint` failed
    ----- stderr -----
    error: 1 check failed: endpoint
    ");
}

#[test]
fn certificates_that_nobody_can_read_are_told_at_tls() {
    let folder = tempfile::tempdir().unwrap();
    let (_server, address) = Running::local(&["--tls", "--tls-dir", folder.path().to_str().unwrap()]);
    let run = doctor(&["--endpoint-url", &format!("https://{address}")]).envs(LOCAL_KEYS);
    let shown = told(run.env("SSL_CERT_DIR", "/no/such/folder"), &["tls", "http", "identity"]);
    assert_snapshot!(shown.replace(&address, "[ADDRESS]"), @"
    exit: 2
    fail  tls          the system has no certificates to trust: opening directory: No such file or directory
    mend: have SSL_CERT_DIR name certificates that can be read, or unset it
    skip  http         not looked at: `tls` failed
    skip  identity     not looked at: `tls` failed
    ----- stderr -----
    error: 1 check failed: tls
    ");
}

#[test]
fn a_url_that_is_not_bedrocks_is_told() {
    let (_server, address) = Running::local(&[]);
    let run = doctor(&["--endpoint-url", &format!("http://{address}/elsewhere")]).envs(LOCAL_KEYS);
    assert_snapshot!(told(run, &["identity", "permission", "offered", "access"]).replace(&address, "[ADDRESS]"), @"
    exit: 1
    skip  identity     [ADDRESS] answers no questions of who calls
    fail  permission   cannot call global.anthropic.claude-opus-4-6-v1 with an empty body: UnknownOperationException (404): AWS knows no operation at this path
    mend: the endpoint URL is not one of bedrock-runtime, or a proxy changed the path
    skip  offered      what answers there does not tell
    skip  access       what answers there does not tell
    ----- stderr -----
    error: 1 check failed: permission
    ");
    let page = server(|_| ("200 OK", "", "<html>Log in</html>".to_owned()));
    let run = doctor(&["--endpoint-url", &format!("http://{page}")]).envs(LOCAL_KEYS);
    assert_snapshot!(told(run, &["http", "identity", "permission"]).replace(&page, "[PAGE]"), @"
    exit: 1
    pass  http         [PAGE] answers
    skip  identity     [PAGE] answers no questions of who calls
    fail  permission   cannot call global.anthropic.claude-opus-4-6-v1 with an empty body: the answer is a web page (200 OK), which Bedrock's are not
    mend: is it the URL of Bedrock Runtime, or of a gateway that answers as it does?
    ----- stderr -----
    error: 1 check failed: permission
    ");
}

#[test]
fn a_control_plane_that_cannot_be_reached_is_told_once_and_calls_go_on() {
    let (_server, address) = Running::local(&[]);
    let closed = closed();
    let run = doctor(&["--call"]).envs(LOCAL_KEYS).env("AWS_ENDPOINT_URL", format!("http://{address}"));
    let run = run.env("AWS_ENDPOINT_URL_BEDROCK", format!("http://{closed}"));
    let told = told(run, &["control", "identity", "permission", "offered", "lifecycle", "form", "access", "retention"]);
    assert_snapshot!(told.replace(&closed, "[CLOSED]"), @"
    exit: 0
    warn  control      cannot be reached, and calls of models do without it: [CLOSED]: Connection refused
    mend: let this machine reach that host too; a VPC without a way out needs an interface endpoint for bedrock
    pass  identity     arn:aws:iam::123456789012:user/outcrop-local in account 123456789012
    pass  permission   bedrock:InvokeModelWithResponseStream, bedrock:InvokeModel on 127.0.0.1:[PORT]
    skip  offered      not looked at: `control` cannot be reached
    skip  lifecycle    not looked at: `control` cannot be reached
    skip  form         not looked at: `control` cannot be reached
    skip  access       not looked at: `control` cannot be reached
    pass  retention    claude-opus-4-6 asks for none
    ");
}

#[test]
fn a_proxy_for_plain_http_that_is_not_there_is_told_once() {
    let closed = closed();
    let run = doctor(&["--endpoint-url", "http://bedrock.invalid"]).envs(LOCAL_KEYS);
    let run = run.env("http_proxy", format!("http://{closed}"));
    assert_snapshot!(told(run, &["dns", "tcp", "http", "identity"]).replace(&closed, "[CLOSED]"), @"
    exit: 3
    pass  dns          proxy [CLOSED] needs no name
    fail  tcp          proxy [CLOSED]: Connection refused
    mend: nothing listens there: is it running, and is it the right port?
    skip  http         not looked at: `tcp` failed
    skip  identity     not looked at: `tcp` failed
    ----- stderr -----
    error: 1 check failed: tcp
    ");
}
