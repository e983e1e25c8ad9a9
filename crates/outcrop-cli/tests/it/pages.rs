//! `outcrop completions` and `outcrop man`: scripts and pages from the declaration of the arguments.

use insta::assert_snapshot;

use crate::program::outcrop;

#[test]
fn completions_name_every_verb_and_flag() {
    for shell in ["bash", "zsh", "fish"] {
        let output = outcrop(["completions", shell]).output();
        let script = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success() && output.stderr.is_empty(), "{shell}");
        for word in ["ask", "chat", "count", "completions", "stream-json", "thinking", "resume"] {
            assert!(script.contains(word), "{shell} does not know {word}");
        }
    }
    assert_snapshot!(outcrop(["completions", "tcsh"]).shown(), @"
    exit: 2
    ----- stderr -----
    error: invalid value 'tcsh' for '<SHELL>'
      [possible values: bash, zsh, fish]

      tip: a similar value exists: 'zsh'

    For more information, try '--help'.
    ");
}

#[cfg(unix)]
#[test]
fn bash_completes_with_the_script() {
    let script = r#"
        eval "$("$OUTCROP" completions bash)"
        COMP_WORDS=(outcrop ask --stream) COMP_CWORD=2
        _outcrop outcrop --stream ask
        echo "${COMPREPLY[@]}"
        COMP_WORDS=(outcrop ask -m claude-opus-4-6) COMP_CWORD=3
        _outcrop outcrop claude-opus-4-6 -m
        echo "${COMPREPLY[@]}"
    "#;
    let bash = std::process::Command::new("bash")
        .args(["--norc", "-e", "-c", script])
        .env("OUTCROP", crate::program::OUTCROP)
        .output();
    // A machine without bash has nobody who completes.
    let Ok(bash) = bash else { return };
    let shown = String::from_utf8(bash.stdout).unwrap();
    assert_eq!(shown, "--stream-json\nclaude-opus-4-6\n", "{}", String::from_utf8_lossy(&bash.stderr));
}

#[test]
fn there_is_a_page_for_each_verb() {
    let page = |arguments: &[&str]| {
        let output = outcrop(arguments.iter().copied()).output();
        assert!(output.status.success() && output.stderr.is_empty(), "{arguments:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let program = page(&["man"]);
    assert!(program.contains(".TH outcrop 1") && program.contains("outcrop\\-ask(1)"), "{program}");
    let all = page(&["man", "--all"]);
    let verbs: Vec<&str> = all
        .lines()
        .filter_map(|line| line.strip_prefix(".TH outcrop-")?.split_once(' ').map(|(verb, _)| verb))
        .collect();
    assert!(["ask", "local", "logging-read", "models-show"].iter().all(|verb| verbs.contains(verb)), "{verbs:?}");
    let pages: String = verbs.iter().map(|verb| page(&["man", verb])).collect();
    assert!(pages.contains("\\-\\-stream\\-json"));
    // Examples are copied: neither filled nor hyphenated.
    let examples = pages.split(".SH EXAMPLES\n.nf\n").nth(1).unwrap().split(".fi").next().unwrap();
    assert!(examples.starts_with("  outcrop ask \"What is an outcrop?\"\n"), "{examples}");
    assert!(program.contains(".SH \"EXIT CODES\"\n.nf\n  0    it worked"), "{program}");
    assert_eq!(all, program + &pages);
    assert_snapshot!(outcrop(["man", "sing"]).shown(), @"
    exit: 2
    ----- stderr -----
    error: there is no subcommand `sing` to write the page of
    hint: `outcrop man` names them; one below another is written `models-show`
    ");
}
