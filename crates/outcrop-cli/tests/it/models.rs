//! `outcrop models`: what the catalogue knows, and what AWS says of region and account.

use insta::assert_snapshot;
use serde_json::Value;

use crate::program::{LOCAL_KEYS, Running, outcrop};

fn json(arguments: &[&str]) -> Value {
    let output = outcrop([&["models", "--json"], arguments].concat()).output();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_region_has_its_models() {
    assert_snapshot!(outcrop(["models", "--local", "--region", "us-gov-west-1"]).shown(), @"
    exit: 0
    ----- stdout -----
    MODEL              ID                                         SCOPES  REGIONS  WINDOW  OUTPUT  IN/OUT      STATUS  ACCESS
    claude-opus-4-8    anthropic.claude-opus-4-8                  us-gov  35       1M      128K    $5.5/$27.5  active  granted
    claude-sonnet-4-5  anthropic.claude-sonnet-4-5-20250929-v1:0  us-gov  35       200K    64K     $3.3/$16.5  active  granted
    ");
    let ids = |list: &Value| -> Vec<String> {
        list.as_array().unwrap().iter().map(|model| model["id"].as_str().unwrap().to_owned()).collect()
    };
    let (asked, offline) = (json(&["--local", "--region", "eu-west-1"]), json(&["--offline", "--region", "eu-west-1"]));
    assert_eq!(ids(&asked), ids(&offline), "the local Bedrock has what the catalogue has");
    assert!(offline[0]["status"].is_null() && asked[0]["status"] == "active");
    for (model, known) in asked.as_array().unwrap().iter().zip(offline.as_array().unwrap()) {
        for member in ["scopes", "ids", "price", "context_window"] {
            assert_eq!(model[member], known[member], "{member} of {}", model["id"]);
        }
    }
}

#[test]
fn filters_leave_out_what_is_not_meant() {
    let ids = |arguments: &[&str]| -> Vec<String> {
        let list = json(&[&["--local", "--region", "us-east-1"], arguments].concat());
        list.as_array().unwrap().iter().map(|model| model["id"].as_str().unwrap().to_owned()).collect()
    };
    let opus = ids(&["--name", "OPUS", "--scope", "global", "--granted"]);
    assert!(opus.len() > 2 && opus.iter().all(|id| id.contains("opus")), "{opus:?}");
    assert!(ids(&["--scope", "us"]).len() > ids(&["--scope", "regional"]).len());
    let unasked = json(&["--local", "--no-access", "--name", "haiku-4-5"]);
    assert!(unasked[0]["access"].is_null() && unasked[0]["regions"].as_array().unwrap().len() > 30, "{unasked}");
    assert_snapshot!(outcrop(["models", "--local", "--name", "nova"]).shown(), @"
    exit: 0
    ----- stderr -----
    there is none of them here
    ");
}

#[test]
fn one_model_is_told_whole() {
    assert_snapshot!(outcrop(["models", "show", "opus", "--local"]).shown(), @"
    exit: 0
    ----- stdout -----
    model       claude-opus-4-6
    title       Claude Opus 4.6
    base id     anthropic.claude-opus-4-6-v1
    called as   global.anthropic.claude-opus-4-6-v1
    called as   us.anthropic.claude-opus-4-6-v1
    status      active
    access      granted
    window      1M tokens
    max output  128K tokens
    price       $5/$25 for a million tokens in/out
    thinking    enabled adaptive disabled
    effort      low medium high max
    cache from  4096 tokens
    cache for   5m 1h
    since       2026-02-05
    source      AWS user guide, model card Claude Opus 4.6; platform.claude.com, Claude on Amazon Bedrock (legacy)
    ");
    let shown = json(&["show", "us.sonnet", "--offline"]);
    assert_eq!((shown["id"].as_str(), shown["access"].as_str()), (Some("anthropic.claude-sonnet-4-6"), None));
}

#[test]
fn where_a_model_is_called_and_processed() {
    let shown = outcrop(["models", "regions", "opus"]).shown();
    let jp = "jp.anthropic.claude-opus-4-6-v1\n  called from   ap-northeast-1 ap-northeast-3\n  processed in  ap-northeast-1 ap-northeast-3\n";
    assert!(
        shown.starts_with("exit: 0\n----- stdout -----\nglobal.anthropic.claude-opus-4-6-v1\n") && shown.contains(jp),
        "{shown}"
    );
    let profiles = json(&["regions", "opus"]);
    let jp = profiles.as_array().unwrap().iter().find(|profile| profile["scope"] == "jp").unwrap();
    assert_eq!(jp["to"], serde_json::json!(["ap-northeast-1", "ap-northeast-3"]));
}

#[test]
fn what_is_no_model_is_told() {
    assert_snapshot!(outcrop(["models", "show", "nova", "--local"]).shown(), @"
    exit: 1
    ----- stderr -----
    error: cannot call GetFoundationModel of nova on bedrock.us-east-1.amazonaws.com: ValidationException (400): The provided model identifier is invalid.
    request id: [ID]
    hint: check the model id and that the region offers it
    ");
    let shown = outcrop(["models", "regions", "nova"]).shown();
    let begin = "exit: 2\n----- stderr -----\nerror: `nova` is no model of the built-in catalogue\nhint: it has claude-fable-5-2,";
    assert!(shown.starts_with(begin), "{shown}");
}

/// Over the network, with a bearer key, as AWS's own variable says it.
#[test]
fn the_control_plane_has_a_variable_of_its_own() {
    let (_server, address) = Running::local(&[]);
    let keys = LOCAL_KEYS.into_iter().filter(|(name, _)| *name == "AWS_REGION");
    let run =
        outcrop(["models", "show", "haiku"]).envs(keys).env("AWS_ENDPOINT_URL_BEDROCK", format!("http://{address}"));
    let shown = run.env("AWS_BEARER_TOKEN_BEDROCK", outcrop_local::Account::BEARER_TOKEN).shown();
    assert!(shown.starts_with("exit: 0\n") && shown.contains("base id     anthropic.claude-haiku-4-5-"), "{shown}");
}

#[test]
fn a_profile_of_the_accounts_own_is_made_called_shown_and_ended() {
    let (_server, address) = Running::local(&[]);
    let url = format!("http://{address}");
    let with = |arguments: &[&str]| {
        let run = outcrop(arguments.to_vec()).envs(LOCAL_KEYS);
        run.env("AWS_ENDPOINT_URL_BEDROCK", &url).env("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", &url)
    };
    let made = with(&["models", "profiles", "create", "team a", "--from", "us.opus", "--tag", "team=a"]).output();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let arn = String::from_utf8(made.stdout).unwrap();
    let arn = arn.trim();
    let told = |text: String| text.replace(arn, "[ARN]");
    assert_snapshot!(told(with(&["models", "profiles", "list", "--type", "application"]).shown()), @"
    exit: 0
    ----- stdout -----
    NAME    MODEL            SCOPE  CALLED AS
    team a  claude-opus-4-6  us     [ARN]
    ");
    let shown = told(with(&["models", "profiles", "show", arn]).shown());
    let shown: Vec<&str> = shown.lines().filter(|line| !line.starts_with("made")).collect();
    assert_snapshot!(shown.join("\n"), @"
    exit: 0
    ----- stdout -----
    profile       team a
    called as     [ARN]
    model         claude-opus-4-6
    scope         us
    type          application
    status        active
    processed in  us-east-1 us-east-2 us-west-1 us-west-2 ca-central-1 ca-west-1
    tag           team=a
    ");
    let shown = with(&["models", "show", arn]).shown();
    assert!(shown.contains("base id     anthropic.claude-opus-4-6-v1\n"), "{shown}");
    let asked = with(&["ask", "-m", arn, "Hello"]).shown();
    assert!(asked.contains("would cost $0.0"), "{asked}");
    assert_snapshot!(told(with(&["models", "profiles", "delete", arn]).shown()), @"
    exit: 0
    ----- stderr -----
    [ARN] is gone
    ");
    let gone = told(with(&["models", "profiles", "show", arn]).shown());
    assert!(gone.starts_with("exit: 1\n") && gone.contains("ResourceNotFoundException (404)"), "{gone}");
    let refused = with(&["models", "profiles", "delete", "us.anthropic.claude-opus-4-6-v1"]).shown();
    assert!(refused.contains("is a system-defined inference profile and cannot be deleted"), "{refused}");
    let system = with(&["models", "profiles", "--json"]).output();
    let list: Value = serde_json::from_slice(&system.stdout).unwrap();
    let global = list.as_array().unwrap().iter().find(|profile| profile["scope"] == "global").unwrap();
    assert_eq!(
        (global["called_as"].clone(), global["regions"].clone()),
        (global["id"].clone(), serde_json::json!(["everywhere"]))
    );
}
