//! `outcrop token`: short-term Bedrock API keys, and what they open.

use insta::assert_snapshot;
use outcrop::wire::bearer::ShortTermKey;
use outcrop::wire::sigv4::AmzTime;
use outcrop_local::Account;
use serde_json::Value;

use crate::program::{LOCAL_KEYS, Run, Running, outcrop};

fn token<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Run {
    outcrop(["token"].into_iter().chain(arguments)).envs(LOCAL_KEYS)
}

/// Standard output and standard error of a run that went well.
fn texts(run: Run) -> (String, String) {
    let output = run.output();
    let (out, err) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(output.status.success(), "{err}");
    (out, err)
}

#[test]
fn the_key_is_all_that_is_printed_and_where_and_how_long_it_is_good_is_said() {
    let (out, err) = texts(token([]));
    let key = ShortTermKey::parse(out.trim_end()).unwrap();
    assert_eq!((key.access_key_id(), key.region()), (Account::ACCESS_KEY_ID, "us-east-1"));
    assert_eq!(err, format!("good in us-east-1 until {}\n", key.ends().iso()));
    let begun = AmzTime::from_unix(key.ends().unix() - 12 * 3600);
    assert_eq!(key.verify(Account::SECRET_ACCESS_KEY, begun), Ok(()));
    assert!(texts(token(["--quiet"])).1.is_empty());
}

#[test]
fn a_time_and_a_region_may_be_asked_for_and_all_of_it_as_json() {
    let (out, err) = texts(token(["--json", "--duration", "1h30m", "--region", "eu-west-1"]));
    let shown: Value = serde_json::from_str(&out).unwrap();
    let key = ShortTermKey::parse(shown["token"].as_str().unwrap()).unwrap();
    assert_eq!((shown["region"].as_str(), key.region()), (Some("eu-west-1"), "eu-west-1"));
    assert_eq!(shown["expires"], key.ends().iso());
    let begun = AmzTime::from_unix(key.ends().unix() - 5400);
    assert_eq!(key.verify(Account::SECRET_ACCESS_KEY, begun), Ok(()), "{err}");
}

#[test]
fn keys_come_from_the_profile_too_and_with_their_session_token() {
    let credentials = "[work]\naws_access_key_id = ASIAWORK\naws_secret_access_key = s\naws_session_token = of/work\n";
    let run = outcrop(["token", "--profile", "work", "--region", "us-west-2"]);
    let (out, _) = texts(run.file(".aws/credentials", credentials));
    let key = ShortTermKey::parse(out.trim_end()).unwrap();
    assert_eq!((key.access_key_id(), key.session_token()), ("ASIAWORK", Some("of/work")));
}

/// A key that was minted before must not keep the next one from being minted.
#[test]
fn a_bearer_key_in_the_environment_is_passed_over() {
    let (out, err) = texts(token(["--verbose"]).env("AWS_BEARER_TOKEN_BEDROCK", "ABSKold"));
    assert!(out.starts_with("bedrock-api-key-"), "{out}");
    assert!(err.contains("AWS_BEARER_TOKEN_BEDROCK is passed over") && !err.contains("ABSKold"), "{err}");
}

#[test]
fn of_a_bearer_key_alone_none_can_be_made() {
    let run = outcrop(["token", "--region", "us-east-1"]).env("AWS_BEARER_TOKEN_BEDROCK", "ABSKhidden");
    let shown = run.shown();
    assert!(shown.starts_with("exit: 2\n----- stderr -----\nerror: cannot find AWS credentials: "), "{shown}");
    assert!(shown.contains("AWS_BEARER_TOKEN_BEDROCK (a bearer key, which is no AWS key)"), "{shown}");
    assert!(
        shown.contains("hint: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name an AWS profile")
            && !shown.contains("ABSKhidden"),
        "{shown}"
    );
}

#[test]
fn what_cannot_be_asked_for() {
    assert_snapshot!(token(["--duration", "13h"]).shown(), @"
    exit: 2
    ----- stderr -----
    error: invalid value '13h' for '--duration <TIME>': no short-term key holds longer than 12h

    For more information, try '--help'.
    ");
    assert_snapshot!(token(["--duration", "soon"]).shown(), @"
    exit: 2
    ----- stderr -----
    error: invalid value 'soon' for '--duration <TIME>': not a time such as 12h, 90m or 1h30m

    For more information, try '--help'.
    ");
    let keys = LOCAL_KEYS.into_iter().filter(|(name, _)| *name != "AWS_REGION");
    assert_snapshot!(outcrop(["token"]).envs(keys).shown(), @"
    exit: 2
    ----- stderr -----
    error: cannot find where to call: no AWS region: tried --region, AWS_REGION, AWS_DEFAULT_REGION and `region` of AWS profile default
    hint: set AWS_REGION, us-east-1 for example: calls are signed for a region, whatever their URL
    ");
}

/// From keys to a key, and from the key to an answer: with the environment that another program would have.
#[cfg(unix)]
#[test]
fn the_key_opens_the_local_bedrock_in_its_region_and_in_no_other() {
    let (_server, address) = Running::local(&[]);
    let script = format!(
        r#"
        eval "$("$OUTCROP" local --env --listen {address})"
        eval "$("$OUTCROP" token --export --duration 15m 2>/dev/null)"
        unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
        "$OUTCROP" ask Hello
        AWS_BEARER_TOKEN_BEDROCK="$(printf %s "$AWS_BEARER_TOKEN_BEDROCK" | cut -c 1-200)" "$OUTCROP" ask Hello
        "#
    );
    let output = crate::program::shell(&script).output();
    let (out, err) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(out.contains("\n\nHello\n\n"), "{out} {err}");
    assert_eq!(output.status.code(), Some(4), "a key that was cut opens nothing: {err}");
    assert!(err.contains("hint: the Bedrock API key is wrong, expired, or of another region"), "{err}");
    assert!(!err.contains("bedrock-api-key-"), "{err}");
}

#[test]
fn who_calls_may_be_left_to_a_gateway() {
    let (_server, address) = Running::local(&[]);
    let url = format!("http://{address}");
    let run = outcrop(["ask", "Hello", "--skip-auth", "--endpoint-url", &url, "--region", "us-east-1"]);
    let shown = run.envs(LOCAL_KEYS).shown();
    // The local Bedrock is no gateway.
    assert!(shown.starts_with("exit: 4\n") && shown.contains("Missing Authentication Token"), "{shown}");
    let run = outcrop(["ask", "Hello", "--skip-auth", "--dry-run", "--endpoint-url", &url]);
    let shown = run.shown();
    assert!(shown.starts_with("exit: 0\n") && !shown.contains("authorization:"), "{shown}");
}

#[test]
fn nobody_calls_aws_without_saying_who() {
    let run = outcrop(["ask", "Hello", "--skip-auth", "--region", "us-east-1"]);
    assert_snapshot!(run.shown(), @"
    exit: 2
    ----- stderr -----
    error: --skip-auth is for a gateway, and no endpoint URL says where that is
    hint: name it: --endpoint-url, or AWS_ENDPOINT_URL_BEDROCK_RUNTIME
    ");
    let shown = outcrop(["ask", "Hello", "--skip-auth", "--region", "us-east-1", "--dry-run"]).shown();
    assert!(shown.starts_with("exit: 2\n"), "{shown}");
}
