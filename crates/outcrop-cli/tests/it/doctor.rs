//! `outcrop doctor`: the way of a call, checked step by step, against a local Bedrock and against made-up troubles.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use insta::assert_snapshot;
use outcrop_local::Account;
use serde_json::{Value, json};

use crate::program::{LOCAL_KEYS, Run, Running, outcrop};

/// The exit code, the lines of some checks with what mends them, and standard error.
pub(crate) fn told(run: Run, checks: &[&str]) -> String {
    let shown = run.shown();
    let mut out = String::new();
    let (mut wanted, mut stderr) = (false, false);
    for line in shown.lines() {
        stderr |= line.starts_with("----- stderr");
        if let Some((status, rest)) = line.split_once("  ").filter(|(status, _)| status.len() == 4) {
            let id = rest.split_whitespace().next().unwrap_or_default();
            wanted = ["pass", "warn", "fail", "skip"].contains(&status) && checks.contains(&id);
        }
        if wanted || stderr || line.starts_with("exit: ") {
            // Its number differs from system to system.
            let line = line.split(" (os error ").next().unwrap_or(line);
            out.push_str(line.strip_prefix("                   ").unwrap_or(line));
            out.push('\n');
        }
    }
    out
}

/// The same as JSON: what a check says.
pub(crate) fn check(run: Run, id: &str) -> Value {
    let output = run.output();
    let shown: Value = serde_json::from_slice(&output.stdout).unwrap();
    let checks = shown["checks"].as_array().unwrap();
    checks.iter().find(|check| check["id"] == id).unwrap_or_else(|| panic!("{shown}")).clone()
}

pub(crate) fn doctor(flags: &[&str]) -> Run {
    outcrop([&["doctor"], flags].concat())
}

/// An address where nobody listens.
pub(crate) fn closed() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

/// A server that answers by `answer`, given method and path: status, code, body. It is served until the tests end.
pub(crate) fn server(answer: impl Fn(&str) -> (&'static str, &'static str, String) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for socket in listener.incoming() {
            let Ok(mut socket) = socket else { continue };
            let mut asked = Vec::new();
            let mut piece = [0; 4096];
            while !is_whole(&asked) {
                match socket.read(&mut piece) {
                    Ok(0) | Err(_) => break,
                    Ok(read) => asked.extend_from_slice(&piece[..read]),
                }
            }
            let line = String::from_utf8_lossy(&asked).lines().next().unwrap_or_default().to_owned();
            let (status, code, body) = answer(line.trim_end_matches(" HTTP/1.1"));
            let head = format!(
                "HTTP/1.1 {status}\r\nconnection: close\r\nx-amzn-requestid: 1-2-3\r\nx-amzn-errortype: {code}\r\n\
                 content-length: {}\r\n\r\n",
                body.len()
            );
            let _ = socket.write_all(format!("{head}{body}").as_bytes());
        }
    });
    address
}

/// Head, and as much of a body as the head announces.
fn is_whole(asked: &[u8]) -> bool {
    let text = String::from_utf8_lossy(asked);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
    body.len() >= length.unwrap_or(0)
}

const WHO: &str = "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/alice</Arn>\
    <UserId>AIDA</UserId><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>";

/// An account whose user may do what `denied` does not name.
fn account(denied: &'static [&'static str]) -> String {
    server(move |line| {
        let refuse = |action: &str, why: &str| {
            let message = format!(
                "User: arn:aws:iam::123456789012:user/alice is not authorized to perform: bedrock:{action} on resource: \
                 arn:aws:bedrock:us-east-1::foundation-model/x {why}"
            );
            ("403 Forbidden", "AccessDeniedException", json!({ "message": message }).to_string())
        };
        let nobody = |action: &str| {
            refuse(action, &format!("because no identity-based policy allows the bedrock:{action} action"))
        };
        let empty = r#"{"message":"Malformed input request"}"#.to_owned();
        match line {
            "POST /" => ("200 OK", "", WHO.to_owned()),
            _ if line.ends_with("/invoke-with-response-stream") && denied.contains(&"stream") => {
                nobody("InvokeModelWithResponseStream")
            }
            _ if line.ends_with("/invoke") && denied.contains(&"forbidden") => {
                refuse("InvokeModel", "with an explicit deny in a service control policy")
            }
            _ if line.ends_with("/invoke") && denied.contains(&"unary") => nobody("InvokeModel"),
            _ if line.contains("/model/") => ("400 Bad Request", "ValidationException", empty),
            _ if line.starts_with("GET /foundation-model-availability/") => nobody("GetFoundationModelAvailability"),
            _ if line.starts_with("GET /foundation-models/") => nobody("GetFoundationModel"),
            _ if line.starts_with("GET /inference-profiles/") => nobody("GetInferenceProfile"),
            _ if line.starts_with("GET /use-case") => ("404 Not Found", "ResourceNotFoundException", "{}".to_owned()),
            _ => ("200 OK", "", "{}".to_owned()),
        }
    })
}

#[test]
fn what_is_in_order_passes_line_by_line() {
    let (_server, address) = Running::local(&[]);
    let run = doctor(&["--endpoint-url", &format!("http://{address}"), "--call"]).envs(LOCAL_KEYS);
    let shown = run.shown().replace(&address, "[ADDRESS]");
    // What the account says of the form is told elsewhere.
    let shown: Vec<&str> = shown.lines().filter(|line| !line.contains("  form  ")).collect();
    assert_snapshot!(shown.join("\n"), @"
    exit: 0
    ----- stdout -----
    pass  variables    set, and none passed over: AWS_ACCESS_KEY_ID, AWS_REGION, AWS_SECRET_ACCESS_KEY
    pass  files        [HOME]/.aws/config is not there; [HOME]/.aws/credentials is not there
    pass  profile      `default`, as nothing names another
    pass  region       us-east-1, from AWS_REGION
    pass  endpoint     http://[ADDRESS], from --endpoint-url
    pass  credentials  keys from AWS_ACCESS_KEY_ID: AKIAOUTCROPLOCALTEST
    pass  model        claude-opus-4-6 in scope global: global.anthropic.claude-opus-4-6-v1 by InvokeModel
    pass  dns          [ADDRESS] needs no name
    pass  tcp          connected to [ADDRESS]
    pass  proxy        none: the connection is direct
    skip  tls          plain http, on this machine
    pass  http         [ADDRESS] answers
    pass  clock        agrees with that of [ADDRESS]
    pass  control      at the same host
    pass  identity     arn:aws:iam::123456789012:user/outcrop-local in account 123456789012
    pass  permission   bedrock:InvokeModelWithResponseStream, bedrock:InvokeModel on 127.0.0.1:[PORT]
    pass  offered      global.anthropic.claude-opus-4-6-v1 is active, processed in us-east-1
    pass  lifecycle    active
    pass  access       the account has claude-opus-4-6 in us-east-1
    pass  retention    claude-opus-4-6 asks for none
    skip  quota        told once it is reached; max_tokens is held back from the start; a token of output counts 5 times
    pass  call         answered by the local engine `mirror`, not Claude | 5 tokens in, 1 out | would cost $0.000050 | total [TIME] | request [ID]
    ");
}

#[test]
fn nothing_of_the_network_counts_inside_this_program() {
    let checks = ["variables", "region", "endpoint", "tls", "identity", "permission", "call"];
    assert_snapshot!(told(doctor(&["--local", "--region", "eu-west-1"]), &checks), @"
    exit: 0
    skip  variables    the local Bedrock inside this program goes by none
    pass  region       eu-west-1, that of the local Bedrock
    pass  endpoint     the local Bedrock inside this program
    skip  tls          the connection is not one of this program's network
    pass  identity     arn:aws:iam::123456789012:user/outcrop-local in account 123456789012
    pass  permission   bedrock:InvokeModelWithResponseStream, bedrock:InvokeModel on bedrock-runtime.eu-west-1.amazonaws.com
    skip  call         no call was asked for: `--call` makes one
    ");
}

#[test]
fn a_secret_that_sts_does_not_know_is_told_where_it_is_refused() {
    let (_server, address) = Running::local(&[]);
    let run = doctor(&["--endpoint-url", &format!("http://{address}")]).envs(LOCAL_KEYS);
    let run = run.env("AWS_SECRET_ACCESS_KEY", "wrong");
    assert_snapshot!(told(run, &["identity", "permission", "call"]).replace(&address, "[ADDRESS]"), @"
    exit: 4
    fail  identity     cannot ask [ADDRESS] who calls: SignatureDoesNotMatch (403): The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.
    mend: check the secret access key; a proxy that changes the path or headers breaks signatures too
    skip  permission   not looked at: `identity` failed
    skip  call         not looked at: `identity` failed
    ----- stderr -----
    error: 1 check failed: identity
    ");
}

#[test]
fn a_region_and_a_model_that_there_are_not_are_told() {
    let (_server, address) = Running::local(&[]);
    let url = format!("http://{address}");
    let look = |flags: &[&str], checks: &[&str]| {
        let run = doctor(&[&["--endpoint-url", &url], flags].concat()).envs(LOCAL_KEYS);
        told(run, checks).replace(&address, "[ADDRESS]")
    };
    let misspelt = look(&["--region", "us-esat-1"], &["region", "identity"]);
    let mended: Vec<&str> = misspelt.lines().filter(|line| line.contains("is it us-east-1")).collect();
    assert!(misspelt.starts_with("exit: 4\nwarn  region") && mended.len() == 2, "{misspelt}");
    assert_snapshot!(look(&["--region", "US East"], &["region", "endpoint"]), @r#"
    exit: 2
    fail  region       cannot choose a host for Bedrock Runtime: region "US East" is not made of 1 to 63 of a-z, 0-9 and inner `-`
    mend: regions are written as us-east-1 or eu-central-1
    pass  endpoint     http://[ADDRESS], from --endpoint-url
    ----- stderr -----
    error: 1 check failed: region
    "#);
    assert_snapshot!(look(&["-m", "anthropic.claude-nova-9"], &["model", "permission", "access", "offered"]), @"
    exit: 1
    warn  model        `anthropic.claude-nova-9` is not in the catalogue and goes as it is, by InvokeModel
    mend: is it `anthropic.claude-opus-5`?
    pass  permission   bedrock:InvokeModelWithResponseStream, bedrock:InvokeModel on 127.0.0.1:[PORT]
    fail  offered      us-east-1 has no model `anthropic.claude-nova-9`
    mend: is it `anthropic.claude-opus-5`?
    skip  access       not looked at: `offered` failed
    ----- stderr -----
    error: 1 check failed: offered
    ");
    assert_snapshot!(look(&["-m", "anthropic.claude-3-haiku-20240307-v1:0"], &["model", "access", "call"]), @"
    exit: 1
    fail  model        Claude Haiku 3 is at the end of its life: AWS serves it no more
    mend: choose a newer one: `outcrop models --offline`
    skip  access       not looked at: `model` failed
    skip  call         not looked at: `model` failed
    ----- stderr -----
    error: 1 check failed: model
    ");
    assert_snapshot!(look(&["-m", "jp.claude-opus-4-5"], &["model"]), @"
    exit: 2
    fail  model        cannot call jp.claude-opus-4-5 on 127.0.0.1:[PORT]: claude-opus-4-5 has no inference profile of scope jp
    mend: from us-east-1 call `global.anthropic.claude-opus-4-5-20251101-v1:0` or `us.anthropic.claude-opus-4-5-20251101-v1:0`; an id that is given whole is sent as it is
    ----- stderr -----
    error: 1 check failed: model
    ");
    assert_snapshot!(look(&["-m", "anthropic.claude-opus-4-6-v1"], &["permission", "offered"]), @"
    exit: 1
    pass  permission   bedrock:InvokeModelWithResponseStream, bedrock:InvokeModel on 127.0.0.1:[PORT]
    fail  offered      anthropic.claude-opus-4-6-v1 is called through inference profiles alone
    mend: put a scope before the id, `global.` or `us.`, or name the model by our name
    ----- stderr -----
    error: 1 check failed: offered
    ");
}

#[test]
fn a_permission_that_lacks_is_named_with_the_statement_to_paste() {
    let address = account(&["stream", "unary"]);
    let run = doctor(&["--endpoint-url", &format!("http://{address}")]).envs(LOCAL_KEYS);
    let checks = ["permission", "form", "access", "offered", "call"];
    assert_snapshot!(told(run, &checks).replace(&address, "[ADDRESS]"), @r#"
    exit: 4
    fail  permission   User: arn:aws:iam::123456789012:user/alice is not authorized to perform: bedrock:InvokeModelWithResponseStream on resource: arn:aws:bedrock:us-east-1::foundation-model/x because no identity-based policy allows the bedrock:InvokeModelWithResponseStream action
    mend: add this statement to a policy of the caller:
    {
      "Effect": "Allow",
      "Action": [
        "bedrock:InvokeModelWithResponseStream",
        "bedrock:InvokeModel"
      ],
      "Resource": [
        "arn:aws:bedrock:us-east-1:123456789012:inference-profile/global.anthropic.claude-opus-4-6-v1",
        "arn:aws:bedrock:*::foundation-model/anthropic.claude-opus-4-6-v1"
      ]
    }
    skip  offered      cannot be known: the caller may not bedrock:GetInferenceProfile, which calls of models do not need
    mend: to know it, allow the caller bedrock:GetInferenceProfile on `*`
    warn  form         Anthropic's use-case form was not submitted; AWS asks for it before the first call
    mend: `outcrop models access request claude-opus-4-6 --endpoint-url http://[ADDRESS]` sends it, with what its --help asks for; AWS takes up to 15 minutes to notice
    skip  access       cannot be known: the caller may not bedrock:GetFoundationModelAvailability, which calls of models do not need
    mend: to know it, allow the caller bedrock:GetFoundationModelAvailability on `*`
    skip  call         not looked at: `permission` failed
    ----- stderr -----
    error: 1 check failed: permission
    "#);
    let address = account(&["stream"]);
    let run = doctor(&["--endpoint-url", &format!("http://{address}"), "--json"]).envs(LOCAL_KEYS);
    let found = check(run, "permission");
    assert_eq!(
        (&found["status"], &found["facts"]["missing"]),
        (&json!("warn"), &json!(["bedrock:InvokeModelWithResponseStream"]))
    );
    let address = account(&["stream", "forbidden"]);
    let run = doctor(&["--endpoint-url", &format!("http://{address}"), "--json"]).envs(LOCAL_KEYS);
    let found = check(run, "permission");
    assert_eq!((&found["status"], &found["policy"]), (&json!("fail"), &Value::Null), "{found}");
    assert!(found["mend"][0].as_str().unwrap().starts_with("a service control policy forbids it"), "{found}");
}

#[test]
fn an_agreement_that_the_caller_may_not_make_is_told_with_the_statement_to_paste() {
    let words = "Model access is denied due to IAM user or service role is not authorized to perform the required AWS \
                 Marketplace actions (aws-marketplace:ViewSubscriptions, aws-marketplace:Subscribe) to enable access to \
                 this model.";
    let lacks = json!({
        "modelId": "anthropic.claude-opus-4-6-v1",
        "agreementAvailability": { "status": "NOT_AVAILABLE" },
        "authorizationStatus": "AUTHORIZED",
        "entitlementAvailability": "AVAILABLE",
        "regionAvailability": "AVAILABLE",
    });
    let address = server(move |line| match line {
        "POST /" => ("200 OK", "", WHO.to_owned()),
        _ if line.contains("/model/") => {
            ("403 Forbidden", "AccessDeniedException", json!({ "message": words }).to_string())
        }
        _ if line.starts_with("GET /foundation-model-availability/") => ("200 OK", "", lacks.to_string()),
        _ if line.starts_with("GET /use-case") => ("200 OK", "", r#"{"formData":"e30="}"#.to_owned()),
        _ => ("200 OK", "", "{}".to_owned()),
    });
    let run = doctor(&["--endpoint-url", &format!("http://{address}")]).envs(LOCAL_KEYS);
    let checks = ["permission", "offered", "form", "access", "call"];
    assert_snapshot!(told(run, &checks).replace(&address, "[ADDRESS]"), @r#"
    exit: 4
    pass  permission   bedrock:InvokeModelWithResponseStream, bedrock:InvokeModel on 127.0.0.1:[PORT]
    skip  offered      what answers there does not tell
    pass  form         Anthropic's use-case form was submitted
    fail  access       there is no agreement for claude-opus-4-6
    mend: have somebody who may ask for it, `outcrop models access request claude-opus-4-6 --endpoint-url http://[ADDRESS]`, or allow the caller aws-marketplace:ViewSubscriptions, aws-marketplace:Subscribe:
    {
      "Effect": "Allow",
      "Action": [
        "aws-marketplace:ViewSubscriptions",
        "aws-marketplace:Subscribe"
      ],
      "Resource": [
        "*"
      ]
    }
    skip  call         not looked at: `access` failed
    ----- stderr -----
    error: 1 check failed: access
    "#);
}

#[test]
fn a_call_that_is_throttled_says_which_quota() {
    let (_server, address) = Running::local(&["--fault", "tokens"]);
    let run = doctor(&["--call", "--endpoint-url", &format!("http://{address}")]).envs(LOCAL_KEYS);
    assert_snapshot!(told(run, &["quota", "call"]).replace(&address, "[ADDRESS]"), @"
    exit: 3
    skip  quota        told once it is reached; max_tokens is held back from the start; a token of output counts 5 times
    fail  call         cannot call global.anthropic.claude-opus-4-6-v1 on 127.0.0.1:[PORT]: ThrottlingException (429): Too many tokens, please wait before trying again.
    mend: wait a minute; other regions (--failover) have their own; Service Quotas, Amazon Bedrock, gives more: `Cross-Region InvokeModel tokens per minute` of the model
    ----- stderr -----
    error: 1 check failed: call
    ");
}

#[test]
fn a_call_that_is_denied_says_so_alone() {
    let words = "AccessDeniedException: You don't have access to the model with the specified model ID.";
    let (_server, address) = Running::local(&["--fault", words]);
    let run = doctor(&["--call", "--endpoint-url", &format!("http://{address}")]).envs(LOCAL_KEYS);
    assert_snapshot!(told(run, &["access", "call"]).replace(&address, "[ADDRESS]"), @"
    exit: 4
    pass  access       the account has claude-opus-4-6 in us-east-1
    fail  call         cannot call global.anthropic.claude-opus-4-6-v1 on 127.0.0.1:[PORT]: AccessDeniedException (403): You don't have access to the model with the specified model ID.
    mend: ask for access to the model: `outcrop models access request claude-opus-4-6 --endpoint-url http://[ADDRESS]`, or the Bedrock console
    ----- stderr -----
    error: 1 check failed: call
    ");
}

#[test]
fn a_gateway_is_not_asked_for_what_it_has_not() {
    let address = server(|line| match line {
        _ if line.contains("/model/") => {
            ("400 Bad Request", "", r#"{"message":"messages: Field required"}"#.to_owned())
        }
        _ => ("200 OK", "", "{}".to_owned()),
    });
    let run = doctor(&["--skip-auth"]).env("ANTHROPIC_BEDROCK_BASE_URL", format!("http://{address}/bedrock"));
    let checks = ["credentials", "region", "identity", "permission", "form", "access", "offered", "lifecycle"];
    assert_snapshot!(told(run, &checks).replace(&address, "[ADDRESS]"), @"
    exit: 0
    pass  region       none is said, and [ADDRESS] needs none
    pass  credentials  none, as the caller asks
    skip  identity     calls go to [ADDRESS], and nothing says where its STS is
    pass  permission   bedrock:InvokeModelWithResponseStream, bedrock:InvokeModel on 127.0.0.1:[PORT]
    skip  offered      calls go to [ADDRESS], and nothing says where its Bedrock is
    skip  lifecycle    calls go to [ADDRESS], and nothing says where its Bedrock is
    skip  form         calls go to [ADDRESS], and nothing says where its Bedrock is
    skip  access       calls go to [ADDRESS], and nothing says where its Bedrock is
    ");
}

#[test]
fn as_json_every_check_is_there_with_its_id() {
    let (_server, address) = Running::local(&[]);
    let run = doctor(&["--json", "--endpoint-url", &format!("http://{address}")]);
    let run = run.env("AWS_BEARER_TOKEN_BEDROCK", Account::BEARER_TOKEN).env("AWS_REGION", "us-west-2");
    let output = run.output();
    assert_eq!(output.status.code(), Some(0));
    let shown: Value = serde_json::from_slice(&output.stdout).unwrap();
    let checks = shown["checks"].as_array().unwrap();
    let ids: Vec<&str> = checks.iter().map(|check| check["id"].as_str().unwrap()).collect();
    assert_eq!(
        ids,
        [
            "variables",
            "files",
            "profile",
            "region",
            "endpoint",
            "credentials",
            "model",
            "dns",
            "tcp",
            "proxy",
            "tls",
            "http",
            "clock",
            "control",
            "identity",
            "permission",
            "offered",
            "lifecycle",
            "form",
            "access",
            "retention",
            "quota",
            "call",
        ]
    );
    let credentials = &checks[5];
    assert_eq!(credentials["facts"], json!({ "kind": "long-term-key", "name": "BedrockAPIKey-outcrop-local" }));
    assert_eq!(credentials["mend"], json!([]));
    assert!(!String::from_utf8(output.stdout).unwrap().contains(Account::BEARER_TOKEN));
}
