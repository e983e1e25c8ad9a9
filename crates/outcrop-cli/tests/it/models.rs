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
    MODEL              ID                                         SCOPES  REGIONS  WINDOW  OUTPUT  IN/OUT      STATUS  ENDS                   ACCESS
    claude-opus-4-8    anthropic.claude-opus-4-8                  us-gov  35       1M      128K    $5.5/$27.5  active  not before 2027-05-28  granted
    claude-sonnet-4-5  anthropic.claude-sonnet-4-5-20250929-v1:0  us-gov  35       200K    64K     $3.3/$16.5  active                         granted
    ");
    let ids = |list: &Value| -> Vec<String> {
        list.as_array().unwrap().iter().map(|model| model["id"].as_str().unwrap().to_owned()).collect()
    };
    let (asked, offline) = (json(&["--local", "--region", "eu-west-1"]), json(&["--offline", "--region", "eu-west-1"]));
    assert_eq!(ids(&asked), ids(&offline), "the local Bedrock has what the catalogue has");
    assert!(offline[0]["status"] == "active" && asked[0]["status"] == "active");
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
    model             claude-opus-4-6
    title             Claude Opus 4.6
    base id           anthropic.claude-opus-4-6-v1
    called as         global.anthropic.claude-opus-4-6-v1
    called as         us.anthropic.claude-opus-4-6-v1
    status            active
    ends              not before 2027-02-05
    access            granted
    window            1M tokens
    max output        128K tokens
    price             $5/$25 for a million tokens in/out
    thinking          enabled adaptive disabled
    effort            low medium high max
    cache from        4096 tokens
    cache for         5m 1h
    since             2026-02-05
    source            AWS user guide, model card Claude Opus 4.6; platform.claude.com, Claude on Amazon Bedrock (legacy)
    lifecycle source  AWS user guide, model card Claude Opus 4.6
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
fn an_announced_end_is_told() {
    let ending = json(&["--local", "--ending", "--no-access", "--region", "us-east-1"]);
    let ending: Vec<[&str; 3]> = ending
        .as_array()
        .unwrap()
        .iter()
        .map(|model| ["name", "status", "ends"].map(|member| model[member].as_str().unwrap_or_default()))
        .collect();
    assert!(!ending.is_empty() && ending.iter().all(|[_, status, ends]| *status == "legacy" && !ends.is_empty()));
    let known = json(&["--offline", "--region", "us-east-1"]);
    let opus = known.as_array().unwrap().iter().find(|model| model["name"] == "claude-opus-4-6").unwrap();
    assert_eq!((opus["not_before"].as_str(), opus["ends"].as_str()), (Some("2027-02-05"), None));
    assert!(known.as_array().unwrap().iter().all(|model| model["name"] != "claude-sonnet-4"), "it has ended");
    let gone = outcrop(["models", "show", "claude-sonnet-4", "--local"]).shown();
    assert!(
        gone.starts_with("exit: 2\n")
            && gone.contains("Claude Sonnet 4 has reached the end of its life: AWS serves it no more since 2026-10-14"),
        "{gone}"
    );
    let shown = outcrop(["models", "show", "claude-sonnet-4", "--offline"]).shown();
    assert!(shown.contains("status            ended\n") && shown.contains("ends              2026-10-14\n"), "{shown}");
}

#[test]
fn what_is_no_model_is_told() {
    let shown = |arguments: &[&str]| outcrop([&["models"], arguments].concat()).shown();
    let unknown = "exit: 2\n----- stderr -----\nerror: `nova` is no model of the built-in catalogue\nhint: it has claude-fable-5-2,";
    for verb in [&["show", "nova", "--local"][..], &["regions", "nova"], &["access", "status", "nova", "--local"]] {
        assert!(shown(verb).starts_with(unknown), "{}", shown(verb));
    }
    let near = shown(&["show", "claude-opus-4-66", "--local"]);
    assert!(near.contains("hint: is `claude-opus-4-6` "), "{near}");
    // An id may be newer than the catalogue: AWS is asked.
    let newer = shown(&["show", "anthropic.claude-opus-4-6-v2", "--local"]);
    assert!(
        newer.contains("The provided model identifier is invalid.")
            && newer.contains("hint: is `anthropic.claude-opus-4-6-v1`"),
        "{newer}"
    );
    let retired = shown(&["show", "us.anthropic.claude-3-haiku-20240307-v1:0", "--local"]);
    assert!(retired.contains("Claude Haiku 3 has reached the end of its life"), "{retired}");
}

#[test]
fn a_region_that_lacks_a_model_is_told_where_it_is() {
    let shown = |arguments: &[&str]| outcrop([&["models"], arguments, &["--local"]].concat()).shown();
    for verb in [&["show", "us.opus"][..], &["access", "request", "us.opus"], &["access", "status", "us.opus"]] {
        let refused = shown(&[verb, &["--region", "eu-west-1"]].concat());
        assert!(
            refused.starts_with("exit: 2\n")
                && refused
                    .contains("the inference profile of claude-opus-4-6 in scope us cannot be called from eu-west-1")
                && refused.contains("hint: from eu-west-1 call `global.anthropic.claude-opus-4-6-v1`"),
            "{refused}"
        );
    }
    for name in ["claude-opus-4-1", "anthropic.claude-opus-4-1-20250805-v1:0"] {
        let shown = shown(&["show", name, "--region", "eu-west-1"]);
        let hint = "hint: as far as is known claude-opus-4-1 cannot be called from eu-west-1, but from us-east-1, us-east-2, us-west-2";
        assert!(shown.contains(hint), "{shown}");
    }
}

#[test]
fn offline_is_for_what_the_catalogue_knows() {
    let help = |verb: &[&str]| outcrop([&["models"], verb, &["--help"]].concat()).shown();
    assert!(help(&[]).contains("--offline") && help(&["show"]).contains("--offline"));
    for verb in [&["access", "status"][..], &["profiles", "list"]] {
        assert!(!help(verb).contains("--offline"), "{}", help(verb));
        let refused = outcrop([&["models"], verb, &["--offline"]].concat()).shown();
        assert!(refused.starts_with("exit: 2\n") && refused.contains("AWS"), "{refused}");
    }
}

/// Over the network, with a bearer key, as AWS's own variable says it.
#[test]
fn the_control_plane_has_a_variable_of_its_own() {
    let (_server, address) = Running::local(&[]);
    let keys = LOCAL_KEYS.into_iter().filter(|(name, _)| *name == "AWS_REGION");
    let run =
        outcrop(["models", "show", "haiku"]).envs(keys).env("AWS_ENDPOINT_URL_BEDROCK", format!("http://{address}"));
    let shown = run.env("AWS_BEARER_TOKEN_BEDROCK", outcrop_local::Account::BEARER_TOKEN).shown();
    assert!(
        shown.starts_with("exit: 0\n") && shown.contains("base id           anthropic.claude-haiku-4-5-"),
        "{shown}"
    );
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
    assert!(shown.contains("base id           anthropic.claude-opus-4-6-v1\n"), "{shown}");
    assert!(shown.contains("price             $5.5/$27.5 for"), "the price of its scope: {shown}");
    let by_name = with(&["models", "profiles", "show", "team a"]).shown();
    assert!(by_name.contains(arn), "{by_name}");
    let near = with(&["models", "profiles", "show", "team-a"]).shown();
    assert!(near.contains("has no inference profile `team-a` here\nhint: is `team a` meant?"), "{near}");
    let all = with(&["models", "profiles"]).shown();
    let first = all.lines().nth(3).unwrap_or_default();
    assert!(first.starts_with("team a  ") && first.contains("  application  "), "{all}");
    let asked = with(&["ask", "-m", arn, "Hello"]).shown();
    assert!(asked.contains("would cost $0.0"), "{asked}");
    assert_snapshot!(told(with(&["models", "profiles", "delete", arn]).shown()), @"
    exit: 0
    ----- stderr -----
    [ARN] is gone
    ");
    let gone = told(with(&["models", "profiles", "show", arn]).shown());
    assert!(gone.starts_with("exit: 1\n") && gone.contains("ResourceNotFoundException (404)"), "{gone}");
    assert!(gone.contains("hint: `outcrop models profiles` lists the profiles of the region"), "{gone}");
    let refused = with(&["models", "profiles", "delete", "us.anthropic.claude-opus-4-6-v1"]).shown();
    assert!(refused.contains("is one of AWS's own inference profiles, which nobody can end"), "{refused}");
    let refused = with(&["models", "profiles", "delete", "us.opus"]).shown();
    assert!(
        refused.contains("`us.opus` is one of AWS's own") && refused.contains("hint: the account has none"),
        "{refused}"
    );
    let made = with(&["models", "profiles", "create", "team b", "--from", "us.opus"]).output();
    let ended = with(&["models", "profiles", "delete", "team b"]).shown();
    let arn_of_b = String::from_utf8(made.stdout).unwrap();
    assert!(ended.contains(&format!("team b is gone: {}", arn_of_b.trim())), "{ended}");
    let system = with(&["models", "profiles", "--json"]).output();
    let list: Value = serde_json::from_slice(&system.stdout).unwrap();
    let global = list.as_array().unwrap().iter().find(|profile| profile["scope"] == "global").unwrap();
    assert_eq!(
        (global["called_as"].clone(), global["regions"].clone()),
        (global["id"].clone(), serde_json::json!(["everywhere"]))
    );
}
