//! `outcrop logging` with buckets of a running `outcrop local`: read from, refused, and for how long they keep what they have.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::logging::{LOG, converse, gzipped, stream};
use crate::program::{LOCAL_KEYS, Running, outcrop};

/// What is set up of the buckets: `logs` is here, open to Bedrock, and keeps objects for a week; `far` is elsewhere.
fn account() -> String {
    let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Resource": "*",
        "Principal": {"Service": "bedrock.amazonaws.com"}, "Action": "s3:PutObject"}]});
    let lifecycle = "<LifecycleConfiguration><Rule><Filter><Prefix></Prefix></Filter><Status>Enabled</Status>\
                     <Expiration><Days>7</Days></Expiration></Rule></LifecycleConfiguration>";
    let logs = json!({"region": "us-east-1", "policy": policy.to_string(), "lifecycle": lifecycle});
    json!({"buckets": {"logs": logs, "far": {"region": "eu-west-1"}}}).to_string()
}

/// An account with those buckets, and two calls in the log; one more object is cut off.
fn served() -> (TempDir, Running, String) {
    let folder = tempfile::tempdir().unwrap();
    let cut = gzipped(&converse().repeat(2));
    for (path, bytes) in [
        (".account.json".to_owned(), account().into_bytes()),
        (format!("{LOG}/2026/03/01/10/20260301T101500000Z_0123456789abcdef.json.gz"), gzipped(&converse())),
        (format!("{LOG}/2026/03/01/11/20260301T110000000Z_0123456789abcdef.json.gz"), gzipped(&stream())),
        (format!("{LOG}/2026/03/03/00/cut.json.gz"), cut[..cut.len() - 12].to_vec()),
    ] {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    fs::create_dir_all(folder.path().join("far")).unwrap();
    fs::create_dir_all(folder.path().join("byhand")).unwrap();
    let (server, address) = Running::local(&["--data", folder.path().to_str().unwrap()]);
    (folder, server, address)
}

/// What `outcrop logging` shows.
fn shown(address: &str, arguments: &[&str]) -> String {
    let url = format!("http://{address}");
    outcrop([&["logging"], arguments, &["--endpoint-url", &url]].concat()).envs(LOCAL_KEYS).shown()
}

#[test]
fn the_log_of_a_bucket_is_read() {
    let (_folder, _server, address) = served();
    let conversation = shown(&address, &["read", "s3://logs", "--show", "--until", "2026-03-01T10:30"]);
    assert!(conversation.starts_with("exit: 0\n"), "{conversation}");
    for part in
        ["=== 2026-03-01T10:15:00Z id-converse ConverseStream", "user:\nHow is the weather", "It rains.", "1 call |"]
    {
        assert!(conversation.contains(part), "{part}: {conversation}");
    }
    let cut = shown(&address, &["read", "s3://logs/", "--since", "2026-03-02"]);
    assert!(cut.starts_with("exit: 1\n") && cut.contains("cut.json.gz, line 2: the object is cut off here"), "{cut}");
    let stream = shown(&address, &["read", "s3://logs", "--show", "--request-id", "id-stream"]);
    // Its large request was never in the bucket.
    assert!(
        stream.contains("Quartz is silicon dioxide.") && stream.contains("data/id-stream_input.json.gz"),
        "{stream}"
    );
}

#[test]
fn a_bucket_that_cannot_be_read_says_why() {
    let (_folder, _server, address) = served();
    for (place, told) in [
        ("s3://no-such-bucket/p", &["NoSuchBucket"][..]),
        ("s3://far", &["the bucket far is in eu-west-1 and us-east-1 was asked"]),
    ] {
        let shown = shown(&address, &["read", place]);
        assert!(!shown.starts_with("exit: 0\n") && told.iter().all(|told| shown.contains(told)), "{shown}");
    }
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut request = Vec::new();
            let mut byte = [0];
            while !request.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|count| count > 0) {
                request.push(byte[0]);
            }
            let body = "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>";
            let head = "HTTP/1.1 403 Forbidden\r\ncontent-type: application/xml\r\nconnection: close";
            let _ = write!(stream, "{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        }
    });
    let denied = shown(&address, &["read", "s3://logs"]);
    assert!(!denied.starts_with("exit: 0\n") && denied.contains("s3:ListBucket"), "{denied}");
}

#[test]
fn status_tells_for_how_long_the_log_is_kept() {
    let (_folder, _server, address) = served();
    let set = shown(&address, &["enable", "--s3", "s3://logs/p"]);
    assert!(set.starts_with("exit: 0\n"), "{set}");
    let status = shown(&address, &["status"]);
    assert!(status.contains("KEPT\n") && status.contains("everything  7 days, short of 30\n"), "{status}");
    let set = shown(&address, &["enable", "--s3", "s3://byhand/p", "--skip-checks", "--yes"]);
    assert!(set.starts_with("exit: 0\n"), "{set}");
    assert!(shown(&address, &["status"]).contains("everything  for ever\n"));
    let url = format!("http://{address}");
    let output = outcrop(["logging", "status", "--json", "--endpoint-url", &url]).envs(LOCAL_KEYS).output();
    let rows: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(rows[0]["recommended_days"], 30);
    assert_eq!(rows[0]["retention"], json!([{"place": "s3://byhand/p", "kept": "forever", "reaches": true}]));
    let refused = shown(&address, &["enable", "--s3", "s3://far/p", "--skip-checks", "--yes"]);
    assert!(refused.contains("Failed to validate permissions for bucket: far. "), "{refused}");
}
