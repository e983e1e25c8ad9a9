//! `outcrop local --env`: shell lines that point every client at the local Bedrock.

use insta::assert_snapshot;

use crate::program::outcrop;

#[test]
fn lines_with_an_access_key() {
    assert_snapshot!(outcrop(["local", "--env"]).shown(), @r#"
    exit: 0
    ----- stdout -----
    export AWS_ACCESS_KEY_ID='AKIAOUTCROPLOCALTEST'
    export AWS_SECRET_ACCESS_KEY='outcrop/local/opens/nothing/but/loopback'
    export AWS_REGION='us-east-1'
    export AWS_DEFAULT_REGION='us-east-1'
    export AWS_ENDPOINT_URL_BEDROCK_RUNTIME='http://127.0.0.1:9473'
    export AWS_ENDPOINT_URL_BEDROCK='http://127.0.0.1:9473'
    export AWS_ENDPOINT_URL_STS='http://127.0.0.1:9473'
    export AWS_ENDPOINT_URL_S3='http://127.0.0.1:9473'
    export AWS_ENDPOINT_URL_CLOUDWATCH_LOGS='http://127.0.0.1:9473'
    export ANTHROPIC_BEDROCK_BASE_URL='http://127.0.0.1:9473'
    export ANTHROPIC_BEDROCK_MANTLE_BASE_URL='http://127.0.0.1:9473/mantle/anthropic'
    export NO_PROXY="127.0.0.1,localhost,::1${NO_PROXY:+,$NO_PROXY}"
    export no_proxy="127.0.0.1,localhost,::1${no_proxy:+,$no_proxy}"
    unset AWS_BEARER_TOKEN_BEDROCK
    unset AWS_SESSION_TOKEN
    unset AWS_SECURITY_TOKEN
    unset AWS_PROFILE
    unset AWS_DEFAULT_PROFILE
    unset AWS_IGNORE_CONFIGURED_ENDPOINT_URLS
    unset AWS_USE_FIPS_ENDPOINT
    unset AWS_USE_DUALSTACK_ENDPOINT
    "#);
}

/// A port alone, or after `localhost`, is one on loopback.
#[test]
fn spellings_of_loopback() {
    let full = outcrop(["local", "--env", "--listen", "127.0.0.1:9474"]).output();
    assert!(full.status.success() && full.stdout.windows(4).any(|part| part == b"9474"));
    for spelling in ["9474", ":9474", "localhost:9474"] {
        assert_eq!(outcrop(["local", "--env", "--listen", spelling]).output().stdout, full.stdout, "{spelling}");
    }
}

#[test]
fn lines_with_a_bearer_key() {
    assert_snapshot!(outcrop(["local", "--env", "--bearer", "--listen", "127.0.0.1:8080"]).shown(), @r#"
    exit: 0
    ----- stdout -----
    export AWS_BEARER_TOKEN_BEDROCK='ABSKQmVkcm9ja0FQSUtleS1vdXRjcm9wLWxvY2FsOm9wZW5zLW5vdGhpbmctYnV0LWxvb3BiYWNr'
    export AWS_REGION='us-east-1'
    export AWS_DEFAULT_REGION='us-east-1'
    export AWS_ENDPOINT_URL_BEDROCK_RUNTIME='http://127.0.0.1:8080'
    export AWS_ENDPOINT_URL_BEDROCK='http://127.0.0.1:8080'
    export AWS_ENDPOINT_URL_STS='http://127.0.0.1:8080'
    export AWS_ENDPOINT_URL_S3='http://127.0.0.1:8080'
    export AWS_ENDPOINT_URL_CLOUDWATCH_LOGS='http://127.0.0.1:8080'
    export ANTHROPIC_BEDROCK_BASE_URL='http://127.0.0.1:8080'
    export ANTHROPIC_BEDROCK_MANTLE_BASE_URL='http://127.0.0.1:8080/mantle/anthropic'
    export NO_PROXY="127.0.0.1,localhost,::1${NO_PROXY:+,$NO_PROXY}"
    export no_proxy="127.0.0.1,localhost,::1${no_proxy:+,$no_proxy}"
    unset AWS_ACCESS_KEY_ID
    unset AWS_SECRET_ACCESS_KEY
    unset AWS_SESSION_TOKEN
    unset AWS_SECURITY_TOKEN
    unset AWS_PROFILE
    unset AWS_DEFAULT_PROFILE
    unset AWS_IGNORE_CONFIGURED_ENDPOINT_URLS
    unset AWS_USE_FIPS_ENDPOINT
    unset AWS_USE_DUALSTACK_ENDPOINT
    "#);
}

#[test]
fn every_interface_is_reached_on_loopback() {
    for (listen, url) in [
        ("0.0.0.0:8080", "http://127.0.0.1:8080"),
        ("[::]:8080", "http://[::1]:8080"),
        ("192.168.0.7:8080", "http://192.168.0.7:8080"),
    ] {
        let output = outcrop(["local", "--env", "--listen", listen]).output();
        let lines = String::from_utf8(output.stdout).unwrap();
        assert!(lines.contains(&format!("export ANTHROPIC_BEDROCK_BASE_URL='{url}'\n")), "{lines}");
    }
}

/// The authority is made before anybody is served: the lines hold from then on.
#[test]
fn lines_for_tls_name_an_authority_that_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let tls = folder.path().join("it's here");
    let flags = ["local", "--env", "--tls", "--tls-dir", tls.to_str().unwrap()];
    let output = outcrop(flags).output();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8(output.stdout).unwrap();
    assert!(lines.contains("export ANTHROPIC_BEDROCK_BASE_URL='https://127.0.0.1:9473'\n"), "{lines}");
    let quoted = tls.join("authority.pem").to_str().unwrap().replace('\'', r"'\''");
    for name in ["AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"] {
        assert!(lines.contains(&format!("export {name}='{quoted}'\n")), "{lines}");
    }
    assert!(std::fs::read_to_string(tls.join("authority.pem")).unwrap().contains("BEGIN CERTIFICATE"));
}

#[test]
fn a_port_that_is_not_known_yet_is_refused() {
    assert_snapshot!(outcrop(["local", "--env", "--listen", "127.0.0.1:0"]).shown(), @"
    exit: 2
    ----- stderr -----
    error: cannot print the environment of a server on port 0: its port is not known before it listens
    hint: give --listen the address that the server printed
    ");
}

#[cfg(unix)]
mod in_a_shell {
    use std::collections::BTreeMap;

    use crate::program::{Running, filtered, shell};

    /// What a program finds that is started after the lines were evaluated, in a shell where everything was set.
    fn after(flags: &str) -> BTreeMap<String, String> {
        let script = format!(r#"eval "$("$OUTCROP" local --env {flags})"; env"#);
        let mut run = shell(&script);
        for name in SET.iter().chain(&UNSET).chain(&KEYS).chain(&BEARER) {
            run = run.env(name, "before");
        }
        let output = run.output();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines().filter_map(|line| line.split_once('=')).map(|(a, b)| (a.to_owned(), b.to_owned())).collect()
    }

    const SET: [&str; 11] = [
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
        "AWS_ENDPOINT_URL_BEDROCK_RUNTIME",
        "AWS_ENDPOINT_URL_BEDROCK",
        "AWS_ENDPOINT_URL_STS",
        "AWS_ENDPOINT_URL_S3",
        "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS",
        "ANTHROPIC_BEDROCK_BASE_URL",
        "ANTHROPIC_BEDROCK_MANTLE_BASE_URL",
        "NO_PROXY",
        "no_proxy",
    ];
    const UNSET: [&str; 6] = [
        "AWS_SESSION_TOKEN",
        "AWS_PROFILE",
        "AWS_DEFAULT_PROFILE",
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
        "AWS_USE_FIPS_ENDPOINT",
        "AWS_USE_DUALSTACK_ENDPOINT",
    ];
    const KEYS: [&str; 2] = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];
    const BEARER: [&str; 1] = ["AWS_BEARER_TOKEN_BEDROCK"];

    #[test]
    fn the_lines_set_what_points_and_unset_what_would_defeat_it() {
        for (flags, set, unset) in
            [("", &KEYS[..], &BEARER[..]), ("--bearer", &BEARER, &KEYS), ("--listen 127.0.0.1:8080", &KEYS, &BEARER)]
        {
            let variables = after(flags);
            for name in SET.iter().chain(set) {
                assert!(variables.get(*name).is_some_and(|value| value != "before"), "{name} after `{flags}`");
            }
            for name in UNSET.iter().chain(unset) {
                assert_eq!(variables.get(*name), None, "{name} after `{flags}`");
            }
            let port = if flags.contains("8080") { 8080 } else { 9473 };
            assert_eq!(variables["ANTHROPIC_BEDROCK_BASE_URL"], format!("http://127.0.0.1:{port}"));
            let mantle = format!("http://127.0.0.1:{port}/mantle/anthropic");
            assert_eq!(variables["ANTHROPIC_BEDROCK_MANTLE_BASE_URL"], mantle);
            for name in ["NO_PROXY", "no_proxy"] {
                let hosts: Vec<&str> = variables[name].split(',').collect();
                for host in ["127.0.0.1", "localhost", "before"] {
                    assert!(hosts.contains(&host), "what was excepted stays so: {hosts:?}");
                }
            }
        }
    }

    #[test]
    fn the_lines_hold_in_a_strict_shell_and_say_nothing() {
        let output = shell(r#"set -eu; eval "$("$OUTCROP" local --env)"; echo "$NO_PROXY""#).output();
        assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
        assert!(output.status.success());
        assert_eq!(String::from_utf8(output.stdout).unwrap(), "127.0.0.1,localhost,::1\n");
    }

    #[test]
    fn the_program_trusts_the_authority_that_its_lines_name() {
        let folder = tempfile::tempdir().unwrap();
        let tls = folder.path().to_str().unwrap();
        let (_server, address) = Running::local(&["--tls", "--tls-dir", tls]);
        for (flags, code) in [(format!("--tls --tls-dir {tls}"), 0), (format!("--tls --tls-dir {tls}/other"), 3)] {
            let script = format!(
                r#"eval "$("$OUTCROP" local --env --bearer --listen {address} {flags})"; "$OUTCROP" ask Hello"#
            );
            let output = shell(&script).output();
            let stderr = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(code), "{stderr}");
        }
    }

    #[test]
    fn the_program_follows_its_own_lines() {
        let (_server, address) = Running::local(&[]);
        for flags in ["", "--bearer"] {
            let script =
                format!(r#"eval "$("$OUTCROP" local --env --listen {address} {flags})"; "$OUTCROP" ask Hello"#);
            // What would lead elsewhere.
            let run = shell(&script)
                .env("AWS_PROFILE", "play")
                .env("AWS_SESSION_TOKEN", "of another key")
                .env("HTTP_PROXY", "http://127.0.0.1:1")
                .env("AWS_USE_FIPS_ENDPOINT", "true");
            let output = run.output();
            let stderr = filtered(&String::from_utf8(output.stderr).unwrap(), "[HOME]");
            assert_eq!(output.status.code(), Some(0), "{stderr}");
            let stdout = String::from_utf8(output.stdout).unwrap();
            assert!(stdout.contains("\n\nHello\n\n"), "{stdout}");
            assert!(stderr.starts_with("answered by the local engine"), "{stderr}");
        }
    }
}

#[test]
fn certificates_that_are_not_there_are_told() {
    let run = outcrop(["ask", "--region", "us-east-1", "Hello"]).env("AWS_BEARER_TOKEN_BEDROCK", "ABSK");
    assert_snapshot!(run.env("SSL_CERT_FILE", "/none.pem").shown(), @"
    exit: 2
    ----- stderr -----
    error: cannot read the certificates /none.pem, named by SSL_CERT_FILE: there is no such file
    hint: name a file of PEM certificates, or unset SSL_CERT_FILE
    ");
}

#[test]
fn a_place_that_makes_no_sense_is_told_with_what_to_do() {
    let run = |flags: &[&str]| {
        let run = outcrop([&["ask", "Hello"], flags].concat()).env("AWS_BEARER_TOKEN_BEDROCK", "ABSK");
        run.env("AWS_REGION", "us-east-1")
    };
    for flags in [
        &["--endpoint-url", "ftp://gateway"][..],
        &["--endpoint-url", "gateway"],
        &["--endpoint-url", "http://user:password@gateway"],
        &["--endpoint-url", "http://gateway?a=b"],
        &["--region", "us east"],
    ] {
        let shown = run(flags).shown();
        assert!(shown.starts_with("exit: 2\n") && shown.contains("\nhint: "), "{flags:?}: {shown}");
    }
    // The variable of a script that is not set: it would go to AWS unasked.
    let empty = run(&["--endpoint-url", ""]).shown();
    assert!(
        empty.starts_with("exit: 2\n") && empty.contains("a value is required for '--endpoint-url <URL>'"),
        "{empty}"
    );
    let fips = run(&["--endpoint-url", "http://gateway"]).env("AWS_USE_FIPS_ENDPOINT", "true").shown();
    assert!(fips.starts_with("exit: 2\n") && fips.contains("hint: leave out FIPS"), "{fips}");
    let surface = run(&[]).env("OUTCROP_SURFACE", "bogus").shown();
    assert!(surface.contains("hint: set it to auto, invoke, converse, messages, mantle"), "{surface}");
}
