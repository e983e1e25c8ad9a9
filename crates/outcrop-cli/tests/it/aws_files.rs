//! AWS profiles and files that are of no use: what is said, with what mends it.

use crate::program::{Run, outcrop};

const CONFIG: &str = "[default]\nregion = us-east-1\n";
const KEYS: &str = "[default]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = hidden\n";

fn with_config(arguments: &[&str], config: &str) -> Run {
    outcrop(arguments.iter().copied()).file(".aws/config", config)
}

/// Whoever may read everything sees nothing of this.
#[cfg(unix)]
#[test]
fn a_file_that_cannot_be_read_is_told_with_its_path() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = tempfile::tempdir().unwrap();
    let path = |name: &str| home.path().join(".aws").join(name);
    std::fs::create_dir(home.path().join(".aws")).unwrap();
    for (name, text) in [("config", CONFIG), ("credentials", KEYS)] {
        std::fs::write(path(name), text).unwrap();
    }
    std::fs::set_permissions(path("credentials"), std::fs::Permissions::from_mode(0o000)).unwrap();
    if std::fs::read(path("credentials")).is_ok() {
        return;
    }
    let shown = path("credentials").display().to_string();
    for verb in [&["whoami"][..], &["ask", "Hello"], &["token"], &["models"], &["batch", "list"]] {
        let text = outcrop(verb.iter().copied()).home(home.path()).shown();
        assert!(text.starts_with("exit: 2\n"), "{verb:?}: {text}");
        assert!(text.contains(&format!("{shown} cannot be read: Permission denied")), "{verb:?}: {text}");
        assert!(text.ends_with(&format!("hint: give yourself the right to read it: chmod u+r {shown}\n")), "{text}");
    }
}

#[test]
fn a_folder_in_place_of_a_file_is_told_with_its_path() {
    for verb in [&["whoami"][..], &["ask", "Hello"], &["token"]] {
        let run = outcrop(verb.iter().copied()).file(".aws/credentials/nothing", "").env("AWS_REGION", "us-east-1");
        let text = run.shown();
        assert!(text.starts_with("exit: 2\n") && text.contains("[HOME]/.aws/credentials"), "{text}");
        assert!(text.contains("hint: mend it, or name another file: AWS_SHARED_CREDENTIALS_FILE"), "{text}");
    }
}

#[test]
fn each_profile_that_does_not_hold_together_has_its_own_mend() {
    let config = "[default]\nregion = us-east-1\n\
        [profile lost]\nrole_arn = arn:aws:iam::123456789012:role/app\nsource_profile = wrok\n\
        [profile ring]\nrole_arn = arn:aws:iam::123456789012:role/a\nsource_profile = gnir\n\
        [profile gnir]\nrole_arn = arn:aws:iam::123456789012:role/b\nsource_profile = ring\n\
        [profile nosession]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = r\n\
        [profile nobody]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = eu-west-1\n\
        [work]\nregion = eu-west-1\n";
    for (name, why, hint) in [
        ("lost", "`source_profile` wrok, which is neither in", "the files have default, lost,"),
        (
            "ring",
            "in a circle: ring as gnir as ring",
            "let `source_profile` of the last one name a profile that has keys",
        ),
        (
            "nosession",
            "has no [sso-session corp]",
            "write it: outcrop configure --profile nosession --sso-session corp",
        ),
        ("nobody", "has no `sso_account_id` and no `sso_role_name`", "--sso-account-id ID --sso-role-name NAME"),
        ("work", "neither in", "the config file wants [profile work]: write it so in line 19 of [HOME]/.aws/config"),
    ] {
        let asked = with_config(&["whoami", "--region", "us-east-1", "--profile", name], config).shown();
        assert!(asked.starts_with("exit: 2\n") && asked.contains(why), "{name}: {asked}");
        assert!(asked.split_once("\nhint: ").is_some_and(|(_, told)| told.contains(hint)), "{name}: {asked}");
        let listed =
            with_config(&["configure", "list", "--profile", name], config).env("AWS_REGION", "us-east-1").shown();
        assert!(listed.contains(why) && listed.contains(hint), "{name}: {listed}");
        let warns = name == "work" || listed.contains("warning: calls would fail: cannot find AWS credentials");
        assert!(
            warns && listed.contains("config:19: nobody reads [work]: the config file wants [profile work]"),
            "{listed}"
        );
    }
    let empty = outcrop(["ask", "--profile", "", "Hello"]).shown();
    assert!(empty.contains("error: cannot read the AWS profile: the name that was given is empty\nhint: "), "{empty}");
}

#[cfg(all(unix, feature = "aws-config"))]
#[test]
fn a_program_that_gives_no_keys_is_told_without_what_is_secret() {
    let config = "[default]\nregion = us-east-1\n\
                  credential_process = sh -c 'echo no key for $1 >&2; echo more >&2; exit 7' keys the-token\n";
    let shown = with_config(&["whoami"], config).env("PATH", std::env::var_os("PATH").unwrap_or_default()).shown();
    assert!(
        shown.starts_with("exit: 2\n") && shown.contains("exit status: 7") && shown.contains("no key for ***\n"),
        "{shown}"
    );
    assert!(
        shown.ends_with("hint: run the program by hand: it has to print keys as JSON, and to end with code 0\n"),
        "{shown}"
    );
}
