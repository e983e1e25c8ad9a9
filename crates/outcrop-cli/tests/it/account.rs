//! `outcrop local --account --data`: who may call, what is kept, and what is told when a file or folder cannot be used.

use insta::assert_snapshot;

use crate::program::{Running, outcrop};

const ACCOUNT: &str = "id = \"210987654321\"\nbearer = \"ABSKmine\"\n\n[[keys]]\naccess_key_id = \"ASIAMINE\"\n\
                       secret_access_key = \"it's\"\nsession_token = \"token\"\n";

#[test]
fn the_account_of_a_file_is_played_and_its_keys_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("account.toml");
    std::fs::write(&file, ACCOUNT).unwrap();
    let file = file.to_str().unwrap();
    let (_server, address) =
        Running::local(&["--account", file, "--data", folder.path().join("data").to_str().unwrap()]);
    let url = format!("http://{address}");
    let whoami = || outcrop(["whoami", "--endpoint-url", &url, "--json"]).env("AWS_REGION", "us-east-1");
    let output = whoami().envs([
        ("AWS_ACCESS_KEY_ID", "ASIAMINE"),
        ("AWS_SECRET_ACCESS_KEY", "it's"),
        ("AWS_SESSION_TOKEN", "token"),
    ]);
    let said = String::from_utf8(output.output().stdout).unwrap();
    assert!(said.contains("210987654321"), "{said}");
    let stranger = whoami().envs([
        ("AWS_ACCESS_KEY_ID", outcrop_local::Account::ACCESS_KEY_ID),
        ("AWS_SECRET_ACCESS_KEY", outcrop_local::Account::SECRET_ACCESS_KEY),
    ]);
    assert_eq!(stranger.output().status.code(), Some(4));

    let lines = outcrop(["local", "--env", "--account", file]).shown();
    for wanted in [
        "export AWS_ACCESS_KEY_ID='ASIAMINE'\n",
        "export AWS_SECRET_ACCESS_KEY='it'\\''s'\n",
        "export AWS_SESSION_TOKEN='token'\n",
        "unset AWS_BEARER_TOKEN_BEDROCK\n",
    ] {
        assert!(lines.contains(wanted), "{wanted}{lines}");
    }
    assert!(!lines.contains("unset AWS_SESSION_TOKEN"), "{lines}");
    let lines = outcrop(["local", "--env", "--bearer", "--account", file]).shown();
    assert!(lines.contains("export AWS_BEARER_TOKEN_BEDROCK='ABSKmine'\n"), "{lines}");
    assert!(lines.contains("unset AWS_SESSION_TOKEN\n"), "{lines}");
}

#[test]
fn what_cannot_be_used_is_told_before_anything_is_served() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let shown = |arguments: &[&str]| {
        let shown = outcrop([&["local"], arguments].concat()).shown();
        shown.replace(folder.path().to_str().unwrap(), "[FOLDER]")
    };
    std::fs::write(path("account.toml"), "id = \"210987654321\"\n[[keys]]\naccess_key_id = \"A\"\n").unwrap();
    assert_snapshot!(shown(&["--account", &path("account.toml")]), @"
    exit: 2
    ----- stderr -----
    error: cannot use the account file [FOLDER]/account.toml: line 2, `keys.1`: expected a `secret_access_key`, found none
    hint: outcrop local --help shows one
    ");
    assert_snapshot!(shown(&["--account", &path("none.toml")]), @"
    exit: 2
    ----- stderr -----
    error: cannot read the account file [FOLDER]/none.toml: No such file or directory (os error 2)
    ");
    // A file stands where the folder should.
    assert_snapshot!(shown(&["--data", &path("account.toml")]), @"
    exit: 2
    ----- stderr -----
    error: cannot keep data: [FOLDER]/account.toml: File exists (os error 17)
    hint: name a folder that can be read and written
    ");
    std::fs::create_dir(path("other")).unwrap();
    std::fs::write(path("other/.account.json"), "{\"regions\": 1}").unwrap();
    assert_snapshot!(shown(&["--data", &path("other")]), @"
    exit: 2
    ----- stderr -----
    error: cannot keep data: [FOLDER]/other/.account.json: it does not hold what a local Bedrock keeps: invalid type: integer `1`, expected a map at line 1 column 13
    hint: mend the file, or move it away: without it a new account begins, and the buckets stay. A later version of this program may have written it
    ");
    assert_eq!(std::fs::read_to_string(path("other/.account.json")).unwrap(), "{\"regions\": 1}");
    let (_server, _) = Running::local(&["--data", &path("taken")]);
    let second = shown(&["--data", &path("taken")]);
    let process = second.split_once("(process ").unwrap().1.split_once(')').unwrap().0.to_owned();
    assert_snapshot!(second.replace(&process, "[ID]"), @"
    exit: 2
    ----- stderr -----
    error: cannot keep data: [FOLDER]/taken: another local Bedrock uses this folder (process [ID])
    hint: stop that server, or name another folder: two would overwrite what the other sets up
    ");
    std::fs::write(path("bearer.toml"), "bearer = \"ABSKmine\"").unwrap();
    assert_snapshot!(shown(&["--env", "--account", &path("bearer.toml")]), @"
    exit: 2
    ----- stderr -----
    error: the account has no access key
    hint: ask for its Bedrock API key with --bearer
    ");
    assert!(shown(&["--env", "--data", &path("other")]).contains("cannot be used with"));
}
