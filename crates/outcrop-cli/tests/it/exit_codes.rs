//! What a script learns from the exit code; the table stands in `outcrop --help`.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use insta::assert_snapshot;
use outcrop::Event;
use outcrop::wire::dialect::invoke::EventEncoder;

use crate::program::{LOCAL_KEYS, outcrop};

/// A server that gives one answer, whatever it is asked; where it listens.
fn server(head: &str, body: &[u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let answer = [format!("HTTP/1.1 {head}\r\nconnection: close\r\n\r\n").as_bytes(), body].concat();
    std::thread::spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        let mut asked = Vec::new();
        // The request ends with its body, which is JSON.
        while !asked.ends_with(b"}") {
            let mut piece = [0; 4096];
            let read = socket.read(&mut piece).unwrap();
            asked.extend_from_slice(&piece[..read]);
        }
        socket.write_all(&answer).unwrap();
    });
    url
}

fn asked(head: &str, body: &[u8]) -> String {
    let url = server(head, body);
    outcrop(["ask", "--endpoint-url", &url, "Hello"]).envs(LOCAL_KEYS).shown().replace(&url, "[URL]")
}

#[test]
fn the_table_stands_in_the_help() {
    let help = String::from_utf8(outcrop(["--help"]).output().stdout).unwrap();
    let table = help.split_once("Exit codes:").unwrap().1;
    assert_snapshot!(table, @"

    0    it worked; a warning says where an answer is cut short or refused
    1    it failed otherwise: trying again is not likely to help
    2    the command line, a setting or a file is wrong, missing or out of reach; nothing was sent
    3    Bedrock is busy or cannot be reached: the same command may succeed later
    4    AWS refuses who calls: wrong or expired keys or login, no permission, no access to the model
    5    the answer broke off: what was printed of it is a part
    6    many requests were asked, and some of them failed or have no result; the others are there
    130  it was stopped by Ctrl-C
    ");
}

#[test]
fn busy_is_worth_another_try_later() {
    let head = "429 Too Many Requests\r\nx-amzn-errortype: ThrottlingException\r\nx-should-retry: false";
    assert_snapshot!(asked(head, br#"{"message":"Too many requests, please wait"}"#), @"
    exit: 3
    ----- stderr -----
    error: cannot call global.anthropic.claude-opus-4-6-v1 on 127.0.0.1:[PORT]: ThrottlingException (429): Too many requests, please wait
    hint: wait, ask for fewer tokens at a time, or use a wider scope
    ");
}

#[test]
fn who_may_not_call_is_told_apart() {
    let head = "403 Forbidden\r\nx-amzn-errortype: AccessDeniedException";
    assert_snapshot!(asked(head, br#"{"message":"You don't have access to the model with the specified model ID."}"#), @"
    exit: 4
    ----- stderr -----
    error: cannot call global.anthropic.claude-opus-4-6-v1 on 127.0.0.1:[PORT]: AccessDeniedException (403): You don't have access to the model with the specified model ID.
    hint: ask for access to the model: `outcrop models access request global.anthropic.claude-opus-4-6-v1 --endpoint-url [URL]`, or the Bedrock console
    ");
}

#[test]
fn whoever_has_not_filled_in_the_form_is_not_let_in() {
    let head = "404 Not Found\r\nx-amzn-errortype: ResourceNotFoundException";
    let shown = asked(head, br#"{"message":"Model use case details have not been submitted for this account."}"#);
    assert!(shown.starts_with("exit: 4\n") && shown.contains("hint: submit the Anthropic use-case form"), "{shown}");
}

#[cfg(feature = "aws-config")]
#[test]
fn an_sso_login_that_has_ended_is_a_refusal_too() {
    let config = "[default]\nregion = us-west-2\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = app\n\
                  [sso-session corp]\nsso_region = eu-west-1\nsso_start_url = https://corp.awsapps.com/start\n";
    let token = r#"{"startUrl":"https://corp.awsapps.com/start","region":"eu-west-1","accessToken":"old","expiresAt":"2020-01-01T00:00:00Z"}"#;
    // Where the aws command line keeps the token of the session `corp`: its name is hashed.
    let cache = ".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json";
    for verb in [&["whoami"][..], &["ask", "Hello"], &["token"], &["models"]] {
        let shown = outcrop(verb.iter().copied()).file(".aws/config", config).file(cache, token).shown();
        assert!(shown.starts_with("exit: 4\n") && shown.ends_with("hint: log in with `aws sso login`\n"), "{shown}");
    }
}

#[test]
fn an_answer_that_breaks_off_is_told_apart() {
    let mut body = Vec::new();
    for event in [
        r#"{"type":"message_start","message":{"model":"claude-opus-4-6","id":"msg_bdrk_01","type":"message","role":"assistant","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":8,"output_tokens":1}}}"#,
        r#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Half of an ans"}}"#,
    ] {
        EventEncoder::default().encode(&Event::decode(event.as_bytes()).unwrap(), 0, &mut body).unwrap();
    }
    let head = "200 OK\r\ncontent-type: application/vnd.amazon.eventstream";
    assert_snapshot!(asked(head, &body), @"
    exit: 5
    ----- stdout -----
    Half of an ans
    ----- stderr -----
    error: cannot call global.anthropic.claude-opus-4-6-v1 on 127.0.0.1:[PORT]: the stream ended after [TIME]
    ");
}

#[test]
fn what_would_fail_again_is_all_the_rest() {
    let head = "400 Bad Request\r\nx-amzn-errortype: ValidationException";
    assert_snapshot!(asked(head, br#"{"message":"messages: at least one message is required"}"#), @"
    exit: 1
    ----- stderr -----
    error: cannot call global.anthropic.claude-opus-4-6-v1 on 127.0.0.1:[PORT]: ValidationException (400): messages: at least one message is required
    ");
}
