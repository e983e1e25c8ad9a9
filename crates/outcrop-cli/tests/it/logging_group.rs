//! `outcrop logging read` from a log group of a running `outcrop local`: what was set, called and logged is read back.

use std::time::Duration;

use serde_json::Value;

use crate::files::PNG;
use crate::program::{LOCAL_KEYS, Run, Running, outcrop};

/// `outcrop` against a server.
fn run(address: &str, arguments: &[&str]) -> Run {
    let url = format!("http://{address}");
    outcrop([arguments, &["--endpoint-url", &url]].concat()).envs(LOCAL_KEYS)
}

/// What `logging read` shows, once so many calls are in the log.
fn read(address: &str, calls: usize, arguments: &[&str]) -> String {
    for _ in 0..200 {
        let listed = run(address, &["logging", "read"]).output();
        if listed.stdout.split(|byte| *byte == b'\n').count() > calls {
            return run(address, &[&["logging", "read"], arguments].concat()).shown();
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("{}", run(address, &["logging", "read"]).shown());
}

const MODEL: &str = "us.anthropic.claude-sonnet-4-6";

#[test]
fn calls_are_read_back_from_a_log_group_also_by_the_next_server() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("large")).unwrap();
    let data = folder.path().to_str().unwrap();
    let (server, address) = Running::local(&["--data", data]);
    let role = "arn:aws:iam::123456789012:role/logs";
    let group =
        ["--cloudwatch", "/bedrock/calls", "--create", "--role", role, "--large-data", "s3://large", "--skip-checks"];
    let set = run(&address, &[&["logging", "enable"], &group[..]].concat()).shown();
    assert!(set.contains("us-east-1: calls are logged to log group /bedrock/calls, large ones s3://large/"), "{set}");
    let status = run(&address, &["logging", "status"]).shown();
    assert!(status.contains("30 days; for ever\n"), "{status}");
    let nothing = run(&address, &["logging", "read", "--since", "1h"]).shown();
    assert_eq!(nothing, "exit: 0\n----- stderr -----\n0 calls | 0 tokens in, 0 out | cost $0\n");

    let png = folder.path().join("dot.png");
    std::fs::write(&png, PNG).unwrap();
    let large = "quartz ".repeat(30_000);
    for arguments in [
        &["ask", "-m", MODEL, "--surface", "converse", "-f", png.to_str().unwrap(), "What is it?"][..],
        &["ask", "-m", MODEL, "--surface", "invoke", "Hello, world"],
    ] {
        let output = run(&address, arguments).output();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let output = run(&address, &["ask", "-m", MODEL, "--surface", "invoke"]).input(large).output();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    let shown = read(&address, 3, &["--show"]);
    assert!(shown.starts_with("exit: 0\n") && shown.matches("=== ").count() == 3, "{shown}");
    assert!(shown.contains("[image png 67 B]\nWhat is it?") && shown.contains("quartz quartz"), "{shown}");
    let found = read(&address, 3, &["--cloudwatch", "/bedrock/calls", "--grep", "^Hello", "--jsonl"]);
    assert_eq!(found.matches("requestId").count(), 1, "{found}");
    let id: Value = serde_json::from_str(found.lines().find(|line| line.starts_with('{')).unwrap()).unwrap();
    let id = id["requestId"].as_str().unwrap();
    assert!(read(&address, 3, &["--request-id", id]).contains("1 call |"));
    server.signal("TERM");
    drop(server.end());

    let (_server, address) = Running::local(&["--data", data]);
    let again = read(&address, 3, &["--until", "1h"]);
    assert!(again.contains("0 calls"), "{again}");
    assert!(read(&address, 3, &[]).contains("\n3 calls |"));
    let none = run(&address, &["logging", "read", "--cloudwatch", "/none"]).shown();
    assert!(none.contains("The specified log group does not exist") && none.contains("logging status"), "{none}");
}
