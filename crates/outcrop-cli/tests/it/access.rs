//! `outcrop models access`: from nothing to an answer, against a local Bedrock that begins fresh.

use crate::program::{LOCAL_KEYS, Running, outcrop};

#[test]
fn a_fresh_account_asks_for_access_and_keeps_it() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let (server, address) = Running::local(&["--account", "fresh", "--data", data]);
    let mut url = format!("http://{address}");
    let run = |url: &str, arguments: &[&str]| {
        let shown = outcrop([arguments, &["--endpoint-url", url]].concat()).envs(LOCAL_KEYS).shown();
        shown.replace(url.strip_prefix("http://").unwrap(), "[HOST]")
    };
    let access = |url: &str, arguments: &[&str]| run(url, &[&["models", "access"], arguments].concat());

    let refused = run(&url, &["ask", "-q", "Hello"]);
    assert!(refused.contains("Model use case details have not been submitted"), "{refused}");
    assert!(
        refused.contains("hint: submit the Anthropic use-case form: `outcrop models access request global.anthropic.claude-opus-4-6-v1 --endpoint-url http://[HOST]`"),
        "{refused}"
    );
    let status = access(&url, &["status", "opus"]);
    let line = "us-east-1  claude-opus-4-6  form missing, no agreement\n";
    assert!(status.contains(line), "{status}");

    let formless = access(&url, &["request", "opus", "--yes"]);
    assert!(formless.starts_with("exit: 2\n") && formless.contains("has not filled in Anthropic's form"), "{formless}");
    let half = access(&url, &["request", "opus", "--yes", "--company-name", "Example"]);
    assert!(
        half.contains(
            "is not right: --company-website is missing; --intended-users is missing; --industry is missing; --use-cases is missing"
        ),
        "{half}"
    );
    let form = [
        "--company-name",
        "Example",
        "--company-website",
        "https://example.com",
        "--intended-users",
        "both",
        "--industry",
        "Education",
        "--use-cases",
        "Questions about our own texts",
    ];
    let unasked = access(&url, &[&["request", "opus"], &form[..]].concat());
    assert!(unasked.starts_with("exit: 2\n") && unasked.contains("hint: read the terms, then say --yes"), "{unasked}");
    assert!(
        unasked.contains("terms    https://aws.amazon.com/legal/")
            && unasked.contains("Million output tokens in the global scope"),
        "{unasked}"
    );

    let granted = access(&url, &[&["request", "opus", "--yes"], &form[..]].concat());
    assert!(
        granted.starts_with("exit: 0\n") && granted.contains("anthropic.claude-opus-4-6-v1: granted (agreed)\n"),
        "{granted}"
    );
    drop(server);
    let (_server, address) = Running::local(&["--account", "fresh", "--data", data]);
    url = format!("http://{address}");
    let answered = run(&url, &["ask", "-q", "Hello"]);
    assert!(answered.starts_with("exit: 0\n"), "{answered}");
    let again = access(&url, &["request", "opus"]);
    assert!(again.contains("granted (an agreement stood already)"), "{again}");

    let elsewhere = access(&url, &["status", "opus", "--all-regions", "--json"]);
    assert!(elsewhere.contains(r#""region":"eu-west-1""#) && elsewhere.contains(r#""granted":true"#), "{elsewhere}");
    let fable = access(&url, &["status", "claude-fable-5-1"]);
    assert!(fable.contains("no agreement, needs retention aws_review"), "{fable}");
    let asked = access(&url, &["request", "claude-fable-5-1", "--yes"]);
    assert!(
        asked.contains("anthropic.claude-fable-5-1: needs retention aws_review (agreed)\n")
            && asked.contains(
                "it cannot be called yet, needs retention aws_review: `outcrop models access retention aws_review --region us-east-1`"
            ),
        "{asked}"
    );
    let listed = |arguments: &[&str]| run(&url, &[&["models", "--name", "fable-5-1"], arguments].concat());
    assert!(listed(&[]).contains("needs retention aws_review\n"), "{}", listed(&[]));
    assert!(listed(&["--granted"]).contains("there is none of them here"), "{}", listed(&["--granted"]));
    let retention = access(&url, &["retention", "aws_review"]);
    assert!(retention.contains("\naws_review\n"), "{retention}");
    let all = access(&url, &["status"]);
    assert!(all.contains("  granted\n") && !all.contains("claude-fable-5-1  needs retention"), "{all}");
    assert!(listed(&["--granted"]).contains("granted\n"), "{}", listed(&["--granted"]));
}

#[test]
fn a_form_of_a_file_is_read_and_its_mistakes_are_told() {
    let run = |text: &str| {
        outcrop(["models", "access", "request", "opus", "--local", "--use-case", "form.json"])
            .file("form.json", text)
            .at_home()
            .shown()
    };
    let half = run(r#"{"companyName": "Example", "companyWebsite": "example"}"#);
    assert!(
        half.starts_with("exit: 2\n")
            && half.contains("companyWebsite `example` is no URL such as https://example.com; intendedUsers is empty; industryOption is empty; useCases is empty"),
        "{half}"
    );
    let whole = r#"{"companyName": "Example", "companyWebsite": "https://example.com", "intendedUsers": "0",
        "industryOption": "Education", "useCases": "Questions about our own texts"}"#;
    assert!(run(whole).contains("granted (an agreement stood already)"));
    let wrong = run("{\n \"companyName\": }");
    assert!(
        wrong.starts_with("exit: 2\n") && wrong.contains("cannot use the form form.json: ") && wrong.contains("line 2"),
        "{wrong}"
    );
}
