//! Regions that do not exist, told before anything is called: what is none is refused, and what may be new is called with a
//! warning.

use crate::program::{LOCAL_KEYS, Run, Running, outcrop};

const WARNING: &str = "warning: no AWS region `us-esat-1` is known: is it us-east-1?\n";

/// Every verb that calls, or says what would be called.
const VERBS: [&[&str]; 11] = [
    &["whoami"],
    &["models"],
    &["models", "--offline"],
    &["models", "show", "opus", "--offline"],
    &["models", "access", "status", "opus"],
    &["models", "profiles"],
    &["logging", "status"],
    &["ask", "Hello"],
    &["count", "Hello"],
    &["token"],
    &["batch", "list"],
];

fn run(arguments: &[&str], region: &str) -> Run {
    outcrop(arguments.iter().copied()).envs(LOCAL_KEYS).env("AWS_REGION", region)
}

#[test]
fn what_is_no_region_is_refused_by_every_verb() {
    for verb in VERBS {
        for (region, hint) in [
            ("mars-1", "hint: regions are written as us-east-1 or eu-central-1\n"),
            ("US-EAST-1", "hint: is it us-east-1?\n"),
        ] {
            let shown = run(verb, region).shown();
            assert!(shown.starts_with("exit: 2\n") && shown.ends_with(hint), "{verb:?} in {region}: {shown}");
        }
    }
    let typed = run(&[&["ask", "--local", "--region", "mars-1"][..], &["Hello"]].concat(), "us-east-1").shown();
    assert!(typed.starts_with("exit: 2\n") && typed.contains("no AWS region `mars-1` is known"), "{typed}");
}

#[test]
fn what_may_be_a_new_region_is_called_with_a_warning() {
    for verb in [
        &["token", "-q"][..],
        &["ask", "--dry-run", "Hello"],
        &["models", "--offline"],
        &["models", "show", "opus", "--offline"],
    ] {
        let shown = run(verb, "us-esat-1").shown();
        assert!(shown.starts_with("exit: 0\n") && shown.matches(WARNING).count() == 1, "{verb:?}: {shown}");
    }
    // The local Bedrock has the regions that are known.
    for verb in [&["ask", "Hello"][..], &["whoami"], &["models"], &["logging", "status"]] {
        let shown = run(&[verb, &["--local", "--region", "us-esat-1"]].concat(), "us-east-1").shown();
        assert!(shown.matches(WARNING).count() == 1, "{verb:?}: {shown}");
    }
    let several = ["logging", "status", "--local", "--region", "us-east-1", "--region", "us-esat-1"];
    let several = run(&several, "us-east-1").shown();
    assert!(several.matches(WARNING).count() == 1, "{several}");
    let listed = run(&["configure", "list"], "us-esat-1").shown();
    assert!(listed.starts_with("exit: 0\n") && listed.contains(WARNING), "{listed}");
}

#[test]
fn what_listens_elsewhere_calls_its_regions_as_it_likes() {
    let (_server, address) = Running::local(&[]);
    let url = format!("http://{address}");
    for region in ["us-esat-1", "mars-1"] {
        let shown = run(&["models", "--offline"], region).env("AWS_ENDPOINT_URL", &url).shown();
        assert!(shown.starts_with("exit: 0\n") && !shown.contains("warning"), "{shown}");
        let shown = run(&["whoami", "--endpoint-url", &url], region).shown();
        assert!(
            shown.starts_with("exit: 4\n") && shown.contains("AWS has no region"),
            "it is the server's to say: {shown}"
        );
        assert!(!shown.contains("warning") && !shown.contains("is it us-east-1"), "{shown}");
    }
}
