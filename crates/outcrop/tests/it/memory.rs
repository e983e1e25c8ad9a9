//! The memory tool: what its commands do, and that nothing outside of its folder is touched.

use std::fs;

use outcrop::Json;
use outcrop::tools::{MemoryCommand, MemoryFolder};
use serde_json::{Value, json};

use crate::scripted::{Scripted, Step};

/// What the model is told; an error begins with `!`.
fn ask(memory: &MemoryFolder, command: Value) -> String {
    let command: MemoryCommand = serde_json::from_value(command).unwrap();
    match memory.carry_out(&command) {
        Ok(output) => match output.content() {
            Some(outcrop::wire::messages::ResultContent::Text(text)) => text.clone(),
            other => panic!("{other:?}"),
        },
        Err(error) => format!("!{error}"),
    }
}

#[test]
fn each_command_does_what_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let memory = MemoryFolder::open(folder.path().join("a/b")).unwrap();
    let numbered = "Here's the content of /memories/notes/a.md with line numbers:\n     1\tone\n     2\ttwo\n     3\tthree\n     4\t";
    for (command, expected) in [
        (
            json!({"command": "create", "path": "/memories/notes/a.md", "file_text": "one\nthree\n"}),
            "File created successfully at: /memories/notes/a.md",
        ),
        (
            json!({"command": "create", "path": "/memories/notes/a.md", "file_text": "again"}),
            "!File /memories/notes/a.md already exists",
        ),
        (
            json!({"command": "insert", "path": "/memories/notes/a.md", "insert_line": 1, "insert_text": "two\n"}),
            "The file /memories/notes/a.md has been edited.",
        ),
        (json!({"command": "view", "path": "/memories/notes/a.md"}), numbered),
        (
            json!({"command": "view", "path": "/memories/notes/a.md", "view_range": [2, 2]}),
            "Here's the content of /memories/notes/a.md with line numbers:\n     2\ttwo",
        ),
        (
            json!({"command": "view", "path": "/memories/notes/a.md", "view_range": [3, -1]}),
            "Here's the content of /memories/notes/a.md with line numbers:\n     3\tthree\n     4\t",
        ),
        (
            json!({"command": "str_replace", "path": "/memories/notes/a.md", "old_str": "one", "new_str": "1"}),
            "The memory file has been edited. Here is the snippet showing the change (with line numbers):\n     1\t1\n     2\ttwo\n     3\tthree",
        ),
        (
            json!({"command": "str_replace", "path": "/memories/notes/a.md", "old_str": "t", "new_str": ""}),
            "!No replacement was performed. Multiple occurrences of old_str `t` in lines: 2, 3. Please ensure it is unique",
        ),
        (
            json!({"command": "str_replace", "path": "/memories/notes/a.md", "old_str": "x", "new_str": ""}),
            "!No replacement was performed, old_str `x` did not appear verbatim in /memories/notes/a.md.",
        ),
        (
            json!({"command": "insert", "path": "/memories/notes/a.md", "insert_line": 9, "insert_text": ""}),
            "!Invalid `insert_line` parameter: 9. It should be within the range [0, 3].",
        ),
        (
            json!({"command": "rename", "old_path": "/memories/notes", "new_path": "/memories/kept/notes"}),
            "Successfully renamed /memories/notes to /memories/kept/notes",
        ),
        (
            json!({"command": "rename", "old_path": "/memories/kept", "new_path": "/memories/kept/in"}),
            "!Cannot move /memories/kept into itself",
        ),
        (
            json!({"command": "rename", "old_path": "/memories/notes", "new_path": "/memories/x"}),
            "!The path /memories/notes does not exist",
        ),
        (
            json!({"command": "view", "path": "/memories/notes"}),
            "!The path /memories/notes does not exist. Please provide a valid path.",
        ),
        (
            json!({"command": "insert", "path": "/memories/kept", "insert_line": 0, "insert_text": "x"}),
            "!The path /memories/kept is not a file.",
        ),
        (json!({"command": "delete", "path": "/memories"}), "!Cannot delete the /memories directory itself"),
    ] {
        assert_eq!(ask(&memory, command.clone()), expected, "{command}");
    }
    let listed = ask(&memory, json!({"command": "view", "path": "/memories"}));
    let names: Vec<&str> = listed.lines().skip(1).map(|line| line.split_once('\t').unwrap().1).collect();
    assert_eq!(names, ["/memories", "/memories/kept/", "/memories/kept/notes/"]);
    assert_eq!(fs::read_to_string(folder.path().join("a/b/kept/notes/a.md")).unwrap(), "1\ntwo\nthree\n");
    // Nothing is left beside.
    assert_eq!(fs::read_dir(folder.path().join("a/b/kept/notes")).unwrap().count(), 1);
    assert_eq!(
        ask(&memory, json!({"command": "delete", "path": "/memories/kept"})),
        "Successfully deleted /memories/kept"
    );
    assert_eq!(
        ask(&memory, json!({"command": "delete", "path": "/memories/kept"})),
        "!The path /memories/kept does not exist"
    );
}

#[test]
fn paths_stay_inside() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("secret"), "s3cret").unwrap();
    let memory = MemoryFolder::open(folder.path().join("memory")).unwrap();
    for path in [
        "/etc/passwd",
        "secret",
        "/memoriesx/a",
        "",
        "/memories/../secret",
        "/memories/a/../../secret",
        "/memories/..",
        "/memories/a\\b",
        "/memories/a\0b",
    ] {
        for command in ["view", "delete"] {
            let said = ask(&memory, json!({"command": command, "path": path}));
            assert!(said.starts_with("!Path "), "{path}: {said}");
        }
        let said = ask(&memory, json!({"command": "create", "path": path, "file_text": "x"}));
        assert!(said.starts_with("!Path "), "{path}: {said}");
    }
    assert_eq!(fs::read_to_string(folder.path().join("secret")).unwrap(), "s3cret");
}

#[cfg(unix)]
#[test]
fn links_lead_nowhere_else() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    let folder = tempfile::tempdir().unwrap();
    let outside = folder.path().join("outside");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("secret"), "s3cret").unwrap();
    let root = folder.path().join("memory");
    let memory = MemoryFolder::open(&root).unwrap();
    symlink(&outside, root.join("out")).unwrap();
    symlink(outside.join("new"), root.join("dangling")).unwrap();
    for path in ["/memories/out/secret", "/memories/out/new", "/memories/out", "/memories/dangling"] {
        for command in [
            json!({"command": "view", "path": path}),
            json!({"command": "create", "path": path, "file_text": "x"}),
            json!({"command": "insert", "path": path, "insert_line": 0, "insert_text": "x"}),
            json!({"command": "delete", "path": path}),
            json!({"command": "rename", "old_path": path, "new_path": "/memories/mine"}),
        ] {
            let said = ask(&memory, command.clone());
            assert!(said.ends_with("would escape /memories directory via symlink"), "{command}: {said}");
        }
    }
    assert!(!ask(&memory, json!({"command": "view", "path": "/memories"})).contains("out"));
    assert_eq!(fs::read_dir(&outside).unwrap().count(), 1);
    // What is made is for its owner alone.
    ask(&memory, json!({"command": "create", "path": "/memories/new/a", "file_text": "x"}));
    let mode = |path: &str| fs::metadata(root.join(path)).unwrap().permissions().mode() & 0o077;
    assert_eq!((mode("new"), mode("new/a")), (0, 0));
}

#[tokio::test]
async fn a_run_uses_it_as_any_tool() {
    let folder = tempfile::tempdir().unwrap();
    let memory = MemoryFolder::open(folder.path()).unwrap();
    let call = |input: &str| format!(r#"{{"type":"tool_use","id":"toolu_1","name":"memory","input":{input}}}"#);
    let reply = |stop_reason: &str, content: &str| {
        Step::json(
            200,
            &format!(
                r#"{{"model":"claude-opus-4-6","id":"msg_1","type":"message","role":"assistant","content":[{content}],"stop_reason":"{stop_reason}","stop_sequence":null,"usage":{{"input_tokens":1,"output_tokens":1}}}}"#
            ),
        )
    };
    let server = Scripted::new([
        reply("tool_use", &call(r#"{"command":"create","path":"/memories/a","file_text":"quartz"}"#)),
        reply("tool_use", &call(r#"{"command":"forget","path":"/memories/a"}"#)),
        reply("end_turn", r#"{"type":"text","text":"Done."}"#),
    ]);
    let run = server.client().await.message("opus").user("I like quartz.").run(memory.tool()).await.unwrap();
    assert_eq!(run.turns, 3);
    let sent = server.requests()[2].json();
    assert_eq!(sent["tools"], json!([{"type": "memory_20250818", "name": "memory"}]));
    assert_eq!(sent["messages"][2]["content"][0]["content"], "File created successfully at: /memories/a");
    let unknown = sent["messages"][4]["content"][0]["content"].as_str().unwrap();
    assert!(unknown.contains("`command` is forget, not one of view, create"), "{unknown}");
    assert_eq!(fs::read_to_string(folder.path().join("a")).unwrap(), "quartz");
    assert!(Json::from_text("{}").unwrap().parse::<MemoryCommand>().is_err());
}
