//! What is typed wrong: exit code 2, and words that help.

use insta::assert_snapshot;

use crate::program::outcrop;

#[test]
fn an_unknown_subcommand() {
    assert_snapshot!(outcrop(["sing"]).shown(), @"
    exit: 2
    ----- stderr -----
    error: unrecognized subcommand 'sing'

    Usage: outcrop [OPTIONS] <COMMAND>

    For more information, try '--help'.
    ");
}

#[test]
fn no_subcommand() {
    let output = outcrop([]).output();
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
    assert!(String::from_utf8(output.stderr).unwrap().contains("Usage: outcrop"));
}

#[test]
fn an_unknown_flag() {
    assert_snapshot!(outcrop(["ask", "--loud", "Hello"]).shown(), @"
    exit: 2
    ----- stderr -----
    error: unexpected argument '--loud' found

      tip: to pass '--loud' as a value, use '-- --loud'

    Usage: outcrop ask [OPTIONS] [PROMPT]...

    For more information, try '--help'.
    ");
}

#[test]
fn flags_that_exclude_one_another() {
    for arguments in [
        &["ask", "-q", "-v", "Hello"][..],
        &["ask", "--local", "--profile", "work", "Hello"],
        &["ask", "--local", "--endpoint-url", "http://127.0.0.1:1", "Hello"],
        &["ask", "--local", "--mantle-url", "http://127.0.0.1:1/mantle", "Hello"],
    ] {
        let output = outcrop(arguments.iter().copied()).output();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{arguments:?}");
        assert!(stderr.contains("cannot be used with"), "{stderr}");
    }
    assert_snapshot!(outcrop(["local", "--bearer"]).shown(), @"
    exit: 2
    ----- stderr -----
    error: the following required arguments were not provided:
      --env

    Usage: outcrop local --env --bearer

    For more information, try '--help'.
    ");
}

#[test]
fn values_that_make_no_sense() {
    assert_snapshot!(outcrop(["ask", "--max-tokens", "0", "Hello"]).shown(), @"
    exit: 2
    ----- stderr -----
    error: invalid value '0' for '--max-tokens <N>': 0 is not in 1..=4294967295

    For more information, try '--help'.
    ");
    assert_snapshot!(outcrop(["local", "--listen", "nowhere"]).shown(), @"
    exit: 2
    ----- stderr -----
    error: invalid value 'nowhere' for '--listen <ADDRESS>': not `[ADDRESS:]PORT`, such as 127.0.0.1:9473

    For more information, try '--help'.
    ");
}

#[test]
fn help_and_version_go_to_stdout() {
    assert_snapshot!(outcrop(["--version"]).shown(), @"
    exit: 0
    ----- stdout -----
    outcrop [VERSION]
    ");
    for arguments in [&["--help"][..], &["ask", "--help"], &["local", "--help"]] {
        let output = outcrop(arguments.iter().copied()).output();
        assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0));
        assert!(String::from_utf8(output.stdout).unwrap().contains("Usage: outcrop"), "{arguments:?}");
    }
}
