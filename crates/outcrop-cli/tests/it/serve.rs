//! `outcrop local`: one line on stdout, answers on a socket, and an end in order.

use insta::assert_snapshot;

use crate::program::{LOCAL_KEYS, Running, outcrop};

#[test]
fn the_program_asks_its_own_server() {
    let (_server, address) = Running::local(&[]);
    let url = format!("http://{address}");
    let run = outcrop(["ask", "--endpoint-url", &url, "Hello, world"]).envs(LOCAL_KEYS);
    assert_snapshot!(run.shown(), @"
    exit: 0
    ----- stdout -----
    This is Outcrop's local engine, not Claude. It received:

    Hello, world

    Model claude-opus-4-6, scope global, region us-east-1, 1 turn, at most 4096 tokens.
    ----- stderr -----
    answered by the local engine `mirror`, not Claude | 7 tokens in, 39 out | would cost $0.001010 | first token [TIME] | total [TIME] | request [ID]
    ");
    let run = outcrop(["ask", "--no-stream", "-q", "Hello, world"])
        .env("AWS_BEARER_TOKEN_BEDROCK", outcrop_local::Account::BEARER_TOKEN)
        .env("AWS_REGION", "eu-west-1")
        .env("ANTHROPIC_BEDROCK_BASE_URL", &url);
    let output = run.output();
    assert!(output.status.success() && output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8(output.stdout).unwrap().contains("\n\nHello, world\n\n"));
}

#[test]
fn an_address_that_is_taken_is_told() {
    let (_server, address) = Running::local(&[]);
    let shown = outcrop(["local", "--listen", &address]).shown().replace(&address, "127.0.0.1:[PORT]");
    // The number of the system's error differs from system to system.
    let error = shown.lines().find(|line| line.starts_with("error: ")).unwrap();
    assert!(error.starts_with("error: cannot listen on 127.0.0.1:[PORT]: "), "{shown}");
    assert_snapshot!(shown.replace(error, "error: [TAKEN]"), @"
    exit: 2
    ----- stderr -----
    error: [TAKEN]
    hint: choose another address with --listen; port 0 takes a free one
    ");
}

#[cfg(unix)]
mod ends {
    use std::io::Read as _;

    use crate::program::{LOCAL_KEYS, Running, outcrop};

    #[test]
    fn a_signal_ends_it_with_success() {
        for signal in ["TERM", "INT"] {
            let (mut server, _) = Running::local(&[]);
            assert!(!server.has_ended());
            server.signal(signal);
            let (status, stdout, stderr) = server.end();
            assert_eq!((status.code(), stdout.as_str(), stderr.as_str()), (Some(0), "", ""), "{signal}");
        }
    }

    #[test]
    fn a_stream_in_flight_finishes_after_the_signal() {
        let (server, address) = Running::local(&["--pace", "10"]);
        let url = format!("http://{address}");
        let mut asking = outcrop(["ask", "-q", "--endpoint-url", &url, "Hello, world"]).envs(LOCAL_KEYS).start();
        let mut first = [0; 1];
        asking.stdout.read_exact(&mut first).unwrap();
        server.signal("TERM");
        let (status, rest, stderr) = asking.end();
        assert_eq!((status.code(), stderr.as_str()), (Some(0), ""));
        assert!(rest.contains("\n\nHello, world\n\n") && rest.ends_with(".\n"), "{rest}");
        assert_eq!(server.end().0.code(), Some(0));
    }

    #[test]
    fn refusals_and_warnings_are_told_on_stderr_unless_quiet() {
        for (flags, told) in [(&[][..], true), (&["-q"], false)] {
            let (server, address) = Running::local(flags);
            let url = format!("http://{address}");
            let refused =
                outcrop(["ask", "-q", "--model", "nova", "--endpoint-url", &url, "x"]).envs(LOCAL_KEYS).output();
            assert_eq!(refused.status.code(), Some(1));
            server.signal("TERM");
            let (_, stdout, stderr) = server.end();
            assert_eq!(stdout, "");
            assert_eq!(
                stderr.contains("refused /model/nova/invoke-with-response-stream: ValidationException (400)"),
                told,
                "{stderr}"
            );
        }
    }
}

#[test]
fn calls_go_wrong_as_they_are_told_to() {
    let (_server, address) = Running::local(&["--fault", "throttle first 1", "--fault", "slow 1ms", "--seed", "7"]);
    let url = format!("http://{address}");
    let ask = || outcrop(["ask", "-v", "--endpoint-url", &url, "Hello"]).envs(LOCAL_KEYS).output();
    let output = ask();
    assert!(output.status.success(), "it tries again");
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("ThrottlingException (429): Too many requests, please wait before trying again."), "{told}");

    let shown = outcrop(["local", "--fault", "throtle 10%"]).shown();
    assert!(shown.starts_with("exit: 2\n"), "{shown}");
    assert!(shown.contains("`throtle 10%`: expected one of throttle, tokens, tokens-a-day, overload,"), "{shown}");
}
