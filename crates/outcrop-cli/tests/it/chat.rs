//! `outcrop chat` without a terminal: a line a turn, sessions that last, and errors that lose nothing.

use std::path::Path;

use insta::assert_snapshot;
use tempfile::TempDir;

use crate::program::{LOCAL_KEYS, Running, filtered, outcrop};

/// A home folder in which several runs follow one another.
struct Home(TempDir);

impl Home {
    fn new() -> Self {
        Home(tempfile::tempdir().unwrap())
    }

    fn chat(&self, arguments: &[&str], input: &str) -> String {
        let shown = outcrop([&["chat"], arguments].concat()).home(self.0.path()).input(input).shown();
        shown.replace(self.0.path().to_str().unwrap(), "[HOME]")
    }

    fn sessions(&self) -> std::path::PathBuf {
        self.0.path().join(".local/share/outcrop/sessions")
    }

    /// The only session.
    fn session(&self) -> serde_json::Value {
        let mut files = std::fs::read_dir(self.sessions()).unwrap();
        let file = files.next().unwrap().unwrap().path();
        assert!(files.next().is_none());
        serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

#[test]
fn each_line_is_a_turn_of_one_conversation() {
    let home = Home::new();
    assert_snapshot!(home.chat(&["--local", "-q"], "Hello\n\nAnd again\n"), @"
    exit: 0
    ----- stdout -----
    This is Outcrop's local engine, not Claude. It received:

    Hello

    Model claude-opus-4-6, scope global, region us-east-1, 1 turn, at most 4096 tokens.
    This is Outcrop's local engine, not Claude. It received:

    And again

    Model claude-opus-4-6, scope global, region us-east-1, 3 turns, at most 4096 tokens.
    ");
}

#[test]
fn a_turn_may_have_several_lines() {
    let home = Home::new();
    let input = "one\\\ntwo\n\"\"\"\nthree\n/four\n\"\"\"\n//five\n";
    assert_snapshot!(home.chat(&["--local", "-q"], input), @"
    exit: 0
    ----- stdout -----
    This is Outcrop's local engine, not Claude. It received:

    one
    two

    Model claude-opus-4-6, scope global, region us-east-1, 1 turn, at most 4096 tokens.
    This is Outcrop's local engine, not Claude. It received:

    three
    /four

    Model claude-opus-4-6, scope global, region us-east-1, 3 turns, at most 4096 tokens.
    This is Outcrop's local engine, not Claude. It received:

    /five

    Model claude-opus-4-6, scope global, region us-east-1, 5 turns, at most 4096 tokens.
    ");
}

#[test]
fn a_session_goes_on_where_it_ended() {
    let home = Home::new();
    home.chat(&["--local", "-q", "-m", "haiku", "-s", "Be brief"], "Hello\n/save first\n");
    assert_snapshot!(home.chat(&["--local", "-q", "-c"], "And again\n"), @"
    exit: 0
    ----- stdout -----
    This is Outcrop's local engine, not Claude. It received:

    And again

    Model claude-haiku-4-5, scope global, region us-east-1, 3 turns, at most 4096 tokens, a system prompt of 8 characters.
    ");
    assert_snapshot!(home.chat(&["--local", "-q", "--resume", "first", "-m", "sonnet"], "A third time\n/model\n"), @"
    exit: 0
    ----- stdout -----
    This is Outcrop's local engine, not Claude. It received:

    A third time

    Model claude-sonnet-4-6, scope global, region us-east-1, 5 turns, at most 4096 tokens, a system prompt of 8 characters.
    Claude Sonnet 4.6: global.anthropic.claude-sonnet-4-6
    ");
    assert_snapshot!(home.chat(&["--resume"], ""), @"
    exit: 0
    ----- stdout -----
    first	now	6 turns	Hello
    ");
}

#[test]
fn nothing_of_a_reply_is_lost_between_two_runs() {
    let home = Home::new();
    home.chat(&["--local", "-q", "--thinking", "2000"], "Hello\n");
    let before = home.session();
    let thinking = &before["request"]["messages"][1]["content"][0];
    assert!(thinking["type"] == "thinking" && thinking["signature"].is_string(), "{thinking}");
    home.chat(&["--local", "-q", "-c"], "Again\n");
    let after = home.session();
    assert_eq!(after["request"]["messages"][1], before["request"]["messages"][1]);
    assert_eq!(after["request"]["messages"].as_array().map(Vec::len), Some(4));
    assert_eq!(after["request"]["thinking"], before["request"]["thinking"]);
}

#[cfg(unix)]
#[test]
fn only_its_owner_can_read_a_session() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = Home::new();
    home.chat(&["--local", "-q"], "Hello\n/save one\n");
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&home.sessions()), mode(&home.sessions().join("one.json"))), (0o700, 0o600));
}

#[test]
fn a_session_is_kept_where_the_environment_says() {
    let home = Home::new();
    let data = home.path().join("data");
    outcrop(["chat", "--local", "-q"]).env("XDG_DATA_HOME", &data).input("Hello\n").output();
    assert_eq!(std::fs::read_dir(data.join("outcrop/sessions")).unwrap().count(), 1);
    home.chat(&["--local", "-q", "--no-save"], "Hello\n");
    assert!(!home.sessions().exists(), "nothing is kept when nothing is to be kept");
}

#[test]
fn commands_say_what_they_did() {
    let home = Home::new();
    std::fs::write(home.path().join("notes.md"), "Some notes").unwrap();
    let input = "/system\n/system Be brief\n/system\n/system -\n/system\n/model\n/model haiku\n/model nova\n\
        /model haiku\n/file notes.md\nWhat is this?\n/cost\n/tokens\n/undo\n/undo\n/quit\nnot read\n";
    assert_snapshot!(home.chat(&["--local", "-q"], input), @r#"
    exit: 2
    ----- stdout -----
    there is no system prompt
    Be brief
    there is no system prompt
    Claude Opus 4.6: global.anthropic.claude-opus-4-6-v1
    Claude Haiku 4.5: global.anthropic.claude-haiku-4-5-20251001-v1:0
    nova: not in the catalogue, sent as it is
    Claude Haiku 4.5: global.anthropic.claude-haiku-4-5-20251001-v1:0
    1 block added to the next question
    This is Outcrop's local engine, not Claude. It received:

    [document "notes.md", text/plain, 10 characters: Some notes]
    What is this?

    Model claude-haiku-4-5, scope global, region us-east-1, 1 turn, at most 4096 tokens.
    1 answer | 13 tokens in, 55 out | cost $0 | 1 by a local engine, for nothing
    77 tokens
    took back: What is this?
    ----- stderr -----
    warning: inputTokens is an estimate of four characters a token, not Claude's own count
    error: there is nothing to take back: the conversation is empty
    "#);
    assert_snapshot!(home.chat(&["--local", "-q"], "/help\n"), @"
    exit: 0
    ----- stdout -----
    /system [TEXT|-]   show or set the system prompt; - takes it away
    /model [MODEL]     show or set the model
    /file PATH         add a file or a folder to the next question
    /retry             ask again what has no answer
    /undo              take back the last question and its answer
    /clear             begin a new session; this one stays saved
    /save [NAME]       say where the session is saved, or go on under a name
    /cost              tokens and price of the session
    /tokens            count the tokens of the conversation
    /help              this list
    /quit              end the chat; so does Ctrl-D
    ");
}

#[test]
fn commands_that_make_no_sense_are_told() {
    let home = Home::new();
    for (line, told) in [
        ("/nope", "there is no command /nope"),
        ("/ret", "did you mean /retry?"),
        ("/", "there is no command /"),
        ("/file", "/file needs a PATH"),
        ("/file missing.txt", "cannot read `missing.txt`: there is no such file"),
        ("/undo 2", "/undo takes nothing, and was given `2`"),
        ("/undo", "there is nothing to take back"),
        ("/retry", "there is nothing to ask again"),
        ("/save ../x", "`../x` is no name for a session"),
        ("/save", ""),
    ] {
        let shown = home.chat(&["--local", "-q"], &format!("{line}\nnot read\n"));
        assert_eq!(shown.starts_with("exit: 2\n"), !told.is_empty(), "{shown}");
        assert!(shown.contains(told) && !shown.contains("It received:\n\nnot read") | told.is_empty(), "{shown}");
    }
    assert_snapshot!(home.chat(&["--local", "--no-save"], "/save x\n"), @"
    exit: 2
    ----- stderr -----
    error: cannot save the session: --no-save was given
    ");
}

#[test]
fn a_question_that_failed_is_kept_and_can_be_asked_again() {
    let home = Home::new();
    assert_snapshot!(home.chat(&["--local", "-m", "nova"], "Hello\nnot asked\n"), @"
    exit: 1
    ----- stderr -----
    the question is kept: outcrop chat --resume '[NAME]' goes on, /retry asks again
    error: cannot call nova on bedrock-runtime.us-east-1.amazonaws.com: ValidationException (400): The provided model identifier is invalid.
    request id: [ID]
    hint: `nova` is no name known here (as opus, sonnet, haiku are) and was sent as it is: check the model id and that the region offers it
    ");
    assert_eq!(home.session()["request"]["messages"].as_array().map(Vec::len), Some(1));
    assert_snapshot!(home.chat(&["--local", "-q", "-c", "-m", "opus"], "/retry\n/retry\n"), @"
    exit: 2
    ----- stdout -----
    This is Outcrop's local engine, not Claude. It received:

    Hello

    Model claude-opus-4-6, scope global, region us-east-1, 1 turn, at most 4096 tokens.
    ----- stderr -----
    error: there is nothing to ask again: every question has its answer
    hint: /undo takes the last question back
    ");
}

#[test]
fn a_name_is_given_once() {
    let home = Home::new();
    home.chat(&["--local", "-q"], "Hello\n/save one\n");
    assert_snapshot!(home.chat(&["--local", "-q"], "/save one\n"), @"
    exit: 2
    ----- stderr -----
    error: there is a session `one` already
    hint: choose another name
    ");
    assert_snapshot!(home.chat(&["--resume", "two"], ""), @"
    exit: 2
    ----- stderr -----
    error: there is no session `two` in [HOME]/.local/share/outcrop/sessions
    hint: list them: outcrop chat --resume
    ");
}

#[test]
fn without_sessions_there_is_none_to_go_on_with() {
    let home = Home::new();
    assert_snapshot!(home.chat(&["--local", "-c"], "Hello\n"), @"
    exit: 2
    ----- stderr -----
    error: there is no session to go on with in [HOME]/.local/share/outcrop/sessions
    hint: begin one: outcrop chat
    ");
    assert_snapshot!(home.chat(&["--resume"], ""), @"
    exit: 0
    ----- stderr -----
    there are no sessions yet
    ");
}

#[test]
fn a_damaged_session_is_told_and_left_as_it_is() {
    let home = Home::new();
    home.chat(&["--local", "-q"], "Hello\n/save one\n");
    let path = home.sessions().join("one.json");
    let whole = std::fs::read_to_string(&path).unwrap();
    for (text, name) in [(&whole[..40], "cut"), ("", "empty"), ("{\"outcrop_session\":2}", "new"), ("[]", "other")] {
        std::fs::write(&path, text).unwrap();
        let shown = home.chat(&["--local", "-q", "--resume", "one"], "Hello\n");
        match name {
            "cut" => assert_snapshot!(shown, @"
            exit: 2
            ----- stderr -----
            error: cannot go on with session `one`: [HOME]/.local/share/outcrop/sessions/one.json: the file is damaged: EOF while parsing a value at line 1 column 40
            hint: the file was left as it is; other sessions: outcrop chat --resume
            "),
            "empty" => assert_snapshot!(shown, @"
            exit: 2
            ----- stderr -----
            error: cannot go on with session `one`: [HOME]/.local/share/outcrop/sessions/one.json: the file is damaged: EOF while parsing a value at line 1 column 0
            hint: the file was left as it is; other sessions: outcrop chat --resume
            "),
            "new" => assert_snapshot!(shown, @"
            exit: 2
            ----- stderr -----
            error: cannot go on with session `one`: [HOME]/.local/share/outcrop/sessions/one.json: a newer version of outcrop wrote it (form 2)
            hint: the file was left as it is; other sessions: outcrop chat --resume
            "),
            _ => assert!(shown.starts_with("exit: 2\n") && shown.contains("the file is damaged"), "{shown}"),
        }
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    }
    assert_snapshot!(home.chat(&["--resume"], ""), @"
    exit: 0
    ----- stdout -----
    one	now	cannot be read: the file is damaged: invalid length 0, expected struct Form with 1 element at line 1 column 2
    ");
}

#[test]
fn input_that_ends_inside_a_turn_is_not_sent() {
    let home = Home::new();
    assert_snapshot!(home.chat(&["--local", "-q"], "\"\"\"\nHello\n"), @r#"
    exit: 2
    ----- stderr -----
    error: standard input ended inside a turn that goes on: a backslash or """ has no end
    "#);
}

#[test]
fn what_the_cache_gives_is_told() {
    let home = Home::new();
    std::fs::write(home.path().join("long.txt"), "word ".repeat(9000)).unwrap();
    let shown = home.chat(&["--local", "--cache", "-f", "long.txt"], "Hello\nAgain\n/tokens\n");
    assert!(shown.contains(" into the cache), ") && shown.contains(" from the cache"), "{shown}");
    assert!(shown.contains(" tokens\n"), "a conversation that ends with an answer can be counted: {shown}");
}

#[test]
fn checkpoints_move_with_the_conversation() {
    let home = Home::new();
    home.chat(&["--local", "-q", "--cache", "-s", "Be brief"], "Hello\nAgain\nA third time\n");
    let request = &home.session()["request"];
    let marked = |value: &serde_json::Value| value.to_string().matches("cache_control").count();
    assert_eq!((marked(&request["system"]), marked(&request["messages"])), (1, 1), "{request}");
    assert_eq!(marked(&request["messages"][4]), 1, "{request}");
}

/// Nobody sits there who could say how to go on: the turns after it stay unread.
#[cfg(unix)]
#[test]
fn a_signal_ends_lines_and_what_came_is_kept() {
    let (_server, address) = Running::local(&["--pace", "30"]);
    let home = Home::new();
    let chat = outcrop(["chat", "--endpoint-url", &format!("http://{address}"), "-q"]).envs(LOCAL_KEYS);
    let mut chat = chat.home(home.path()).input("a long question\nnot asked\n").start();
    assert_eq!(chat.line(), "This is Outcrop's local engine, not Claude. It received:");
    chat.signal("INT");
    let (status, _, err) = chat.end();
    assert_eq!(status.code(), Some(130), "{err}");
    assert_snapshot!(filtered(&err, "[HOME]"), @"
    error: stopped before the answer was whole; no further turn was read
    hint: outcrop chat --resume '[NAME]' goes on
    ");
    let turns = home.session()["request"]["messages"].clone();
    assert_eq!((turns.as_array().map(Vec::len), &turns[0]["content"]), (Some(2), &"a long question".into()), "{turns}");
}

#[cfg(unix)]
#[test]
fn a_signal_ends_the_wait_for_a_line() {
    let home = Home::new();
    let mut chat = outcrop(["chat", "--local", "-q"]).home(home.path()).input("Hello\n").start();
    while !chat.line().starts_with("Model ") {}
    // One that comes while the session is saved is not seen.
    while !chat.has_ended() {
        chat.signal("INT");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let (status, _, err) = chat.end();
    assert_eq!((status.code(), err.as_str()), (Some(130), "error: stopped before the next turn was read\n"));
}

#[test]
fn a_session_that_cannot_be_saved_is_told_once() {
    let home = Home::new();
    std::fs::write(home.path().join(".local"), "no folder").unwrap();
    let shown = home.chat(&["--local", "-q"], "Hello\nAgain\n");
    assert_eq!(shown.matches("warning: cannot save the session to [HOME]/.local/").count(), 1, "{shown}");
    assert!(shown.starts_with("exit: 0\n") && shown.contains("3 turns"), "{shown}");
}
