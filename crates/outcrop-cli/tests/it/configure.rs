//! `outcrop configure`: the AWS files, written as the aws command line writes them, and everything else in them kept.

use std::fs;

use insta::assert_snapshot;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::program::{Run, filtered, outcrop};

const ID: &str = "AKIAIOSFODNN7EXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

/// A home that several runs share.
struct Home(TempDir);

impl Home {
    fn new() -> Self {
        Home(tempfile::tempdir().unwrap())
    }

    fn with(files: &[(&str, &str)]) -> Self {
        let home = Home::new();
        fs::create_dir(home.path(".aws")).unwrap();
        files.iter().for_each(|(name, text)| fs::write(home.path(name), text).unwrap());
        home
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.0.path().join(name)
    }

    fn run<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Run {
        outcrop(["configure"].into_iter().chain(arguments)).home(self.0.path())
    }

    /// How it ended, with what was said.
    fn shown(&self, run: Run) -> String {
        filtered(&run.shown(), self.0.path().to_str().unwrap())
    }

    /// The same of a table, whose columns are as wide as the home folder has letters.
    fn listed(&self, run: Run) -> String {
        let lines: Vec<String> = self
            .shown(run)
            .lines()
            .map(|line| line.split("  ").filter(|cell| !cell.is_empty()).map(str::trim).collect::<Vec<_>>().join(" | "))
            .collect();
        lines.join("\n")
    }

    fn config(&self) -> String {
        fs::read_to_string(self.path(".aws/config")).unwrap()
    }

    fn credentials(&self) -> String {
        fs::read_to_string(self.path(".aws/credentials")).unwrap()
    }
}

/// Every value in a line of its own, as scripts for the aws command line give them.
#[test]
fn answers_from_a_pipe_are_written() {
    let home = Home::new();
    let answers = format!("{ID}\n{SECRET}\nus-west-2\njson\n");
    assert_snapshot!(home.shown(home.run([]).input(answers)), @"
    exit: 0
    ----- stderr -----
    wrote AWS profile default to [HOME]/.aws/credentials
    wrote AWS profile default to [HOME]/.aws/config
    ");
    assert_eq!(home.config(), "[default]\nregion = us-west-2\noutput = json\n");
    assert_eq!(home.credentials(), format!("[default]\naws_access_key_id = {ID}\naws_secret_access_key = {SECRET}\n"));
    // An empty line keeps what is there.
    let again = home.run(["--profile", "default"]).input("\n\neu-west-1\n\n");
    assert_snapshot!(home.shown(again), @"
    exit: 0
    ----- stderr -----
    wrote AWS profile default to [HOME]/.aws/config
    ");
    assert_eq!(home.config(), "[default]\nregion = eu-west-1\noutput = json\n");
    assert_snapshot!(home.shown(home.run([]).input("\n\n\n\n")), @"
    exit: 0
    ----- stderr -----
    nothing to write: the files say so already
    ");
    assert_snapshot!(home.shown(home.run([]).input("")), @"
    exit: 2
    ----- stderr -----
    error: cannot configure anything: nothing was said, and standard input is empty
    hint: name what to write (outcrop configure --help), or run it at a terminal
    ");
}

#[cfg(unix)]
#[test]
fn only_the_owner_reads_what_is_written() {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = |home: &Home, name: &str| fs::metadata(home.path(name)).unwrap().permissions().mode() & 0o777;
    let home = Home::new();
    home.run([]).input(format!("{ID}\n{SECRET}\nus-west-2\n\n")).output();
    let modes = [".aws", ".aws/config", ".aws/credentials"].map(|name| mode(&home, name));
    assert_eq!(modes, [0o700, 0o600, 0o600]);
    fs::set_permissions(home.path(".aws/config"), fs::Permissions::from_mode(0o644)).unwrap();
    assert!(home.run(["--region", "us-east-1"]).output().status.success());
    assert_eq!(mode(&home, ".aws/config"), 0o600);
    assert_eq!(fs::read_dir(home.path(".aws")).unwrap().count(), 2, "nothing else is left there");
}

#[cfg(unix)]
#[test]
fn a_link_stays_one() {
    let home = Home::with(&[("real", "[default]\nregion = us-east-1\n")]);
    std::os::unix::fs::symlink("../real", home.path(".aws/config")).unwrap();
    std::os::unix::fs::symlink("../not-there-yet", home.path(".aws/credentials")).unwrap();
    assert!(home.run([]).input(format!("{ID}\n{SECRET}\neu-west-1\n\n")).output().status.success());
    for (name, target) in [(".aws/config", "real"), (".aws/credentials", "not-there-yet")] {
        assert!(fs::symlink_metadata(home.path(name)).unwrap().is_symlink(), "{name}");
        assert!(fs::symlink_metadata(home.path(target)).unwrap().is_file(), "{target}");
    }
    assert_eq!(fs::read_to_string(home.path("real")).unwrap(), "[default]\nregion = eu-west-1\n");
}

#[test]
fn everything_else_stays_as_it_is() {
    let config = "\u{feff}# mine\r\n[profile work]\r\nRegion=us-east-1 ; near\r\ns3 =\r\n  max_concurrent_requests = 20\r\n\r\n\
                  [plugins]\r\nfoo = bar\r\n\r\n[profile other]\r\nregion = eu-west-1\r\n";
    let credentials = "; keys\n[other]\naws_access_key_id=AKIAOTHER\naws_secret_access_key=hidden\n\n# the end";
    let home = Home::with(&[(".aws/config", config), (".aws/credentials", credentials)]);
    let run =
        home.run(["--profile", "work", "--region", "us-west-2", "--access-key-id", ID, "--secret-access-key", "-"]);
    let output = run.input(SECRET).output();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(home.config(), config.replace("=us-east-1 ; near", "=us-west-2 ; near"));
    let added = format!("\n\n[work]\naws_access_key_id = {ID}\naws_secret_access_key = {SECRET}\n");
    assert_eq!(home.credentials(), credentials.to_owned() + &added);
}

#[test]
fn the_files_may_be_elsewhere() {
    let home = Home::new();
    let run = home.run(["--region", "us-west-2"]).env("AWS_CONFIG_FILE", "~/here/config").env("AWS_PROFILE", "work");
    assert_snapshot!(home.shown(run), @"
    exit: 0
    ----- stderr -----
    wrote AWS profile work to [HOME]/here/config
    ");
    assert_eq!(fs::read_to_string(home.path("here/config")).unwrap(), "[profile work]\nregion = us-west-2\n");
    assert!(!home.path(".aws").exists());
}

#[test]
fn a_secret_comes_from_anywhere_but_the_command_line() {
    let home = Home::with(&[("secret", &format!("{SECRET}\n"))]);
    for place in ["-", "env:THE_SECRET", "file:secret"] {
        let run = home.run(["--profile", place, "--access-key-id", ID, "--secret-access-key", place]);
        let output = run.env("THE_SECRET", SECRET).input(SECRET).output();
        assert!(output.status.success(), "{place}: {}", String::from_utf8_lossy(&output.stderr));
        assert!(!String::from_utf8_lossy(&output.stderr).contains(SECRET));
    }
    assert_eq!(home.credentials().matches(SECRET).count(), 3);
    let typed = home.run(["--access-key-id", ID, "--secret-access-key", SECRET]);
    assert_snapshot!(home.shown(typed), @"
    exit: 2
    ----- stderr -----
    error: cannot take the AWS Secret Access Key: other users of this machine see what stands on a command line
    hint: say where it is: `-` is a line of standard input, `env:NAME` a variable, `file:PATH` a file
    ");
    let swapped = home.run(["--access-key-id", SECRET, "--secret-access-key", "-"]).input(ID);
    assert_snapshot!(home.shown(swapped), @"
    exit: 2
    ----- stderr -----
    error: cannot write the access key id: it has characters that no id has
    hint: is it the secret access key?
    ");
    for (place, why) in [
        ("env:NOT_SET", "the variable NOT_SET is not set, or is no text"),
        ("file:nowhere", "cannot read file nowhere: No such file or directory (os error 2)"),
        ("file:two", "it has blanks or several lines"),
        ("-", "standard input has no line for it"),
    ] {
        fs::write(home.path("two"), "one\ntwo\n").unwrap();
        let shown = home.shown(home.run(["--access-key-id", ID, "--secret-access-key", place]));
        assert!(shown.starts_with("exit: 2") && shown.contains(&format!("Secret Access Key: {why}")), "{shown}");
    }
}

#[test]
fn half_a_pair_is_not_written() {
    let home = Home::new();
    assert_snapshot!(home.shown(home.run(["--access-key-id", ID])), @"
    exit: 2
    ----- stderr -----
    error: cannot write the keys of AWS profile default: there is an access key id and no secret access key
    hint: give it too: --secret-access-key - reads it from standard input
    ");
    assert_snapshot!(home.shown(home.run(["--secret-access-key", "-"]).input(SECRET)), @"
    exit: 2
    ----- stderr -----
    error: cannot write the keys of AWS profile default: there is a secret access key and no access key id
    hint: give it too: --access-key-id
    ");
    assert!(!home.path(".aws").exists());
    home.run([]).input(format!("{ID}\n{SECRET}\n\n\n")).output();
    let before = home.credentials();
    // The secret that is there is that of another id.
    let shown = home.shown(home.run([]).input("AKIAANOTHER\n\n\n\n"));
    assert!(shown.contains("there is an access key id and no secret access key"), "{shown}");
    assert_eq!(home.credentials(), before);
    assert!(home.run(["--access-key-id", ID]).output().status.success(), "the same id has its secret");
}

#[test]
fn keys_that_lack_their_token_or_have_that_of_others_are_told() {
    let home = Home::new();
    let temporary = ["--access-key-id", "ASIAIOSFODNN7EXAMPLE", "--secret-access-key", "-"];
    assert_snapshot!(home.shown(home.run(temporary).input(SECRET)), @"
    exit: 0
    ----- stderr -----
    wrote AWS profile default to [HOME]/.aws/credentials
    warning: keys that begin with ASIA are temporary, and nothing without their session token
    hint: --session-token - reads it from standard input
    ");
    let token = [&temporary[..], &["--session-token", "-"]].concat();
    let output = home.run(token).input(format!("{SECRET}\nthe-token\n")).output();
    assert!(output.status.success() && home.credentials().ends_with("aws_session_token = the-token\n"));
    let lasting = home.run(["--access-key-id", ID, "--secret-access-key", "-"]).input(SECRET);
    assert_snapshot!(home.shown(lasting), @"
    exit: 0
    ----- stderr -----
    wrote AWS profile default to [HOME]/.aws/credentials
    warning: the session token of the profile is that of the keys before
    hint: outcrop configure unset aws_session_token --profile default
    ");
    assert!(home.run(["unset", "aws_session_token"]).output().status.success());
    assert!(!home.credentials().contains("the-token"));
}

#[test]
fn sso_is_written_whole() {
    let home = Home::with(&[(".aws/config", "[default]\nregion = us-east-1\n")]);
    let portal = ["--sso-start-url", "https://corp.awsapps.com/start", "--sso-region", "eu-west-1"];
    let role = ["--sso-account-id", "123456789012", "--sso-role-name", "Developer"];
    let session = ["--profile", "dev", "--sso-session", "corp"];
    assert_snapshot!(home.shown(home.run([&session[..], &role].concat())), @"
    exit: 2
    ----- stderr -----
    error: cannot write AWS profile dev: there is no SSO session corp in [HOME]/.aws/config
    hint: write it too: --sso-start-url and --sso-region
    ");
    assert_snapshot!(home.shown(home.run([&session[..], &portal].concat())), @"
    exit: 2
    ----- stderr -----
    error: cannot write AWS profile dev: SSO needs sso_account_id and sso_role_name too
    hint: give --sso-account-id and --sso-role-name
    ");
    assert!(home.run([&session[..], &portal, &role].concat()).output().status.success());
    let written = "[default]\nregion = us-east-1\n\n[profile dev]\nsso_session = corp\nsso_account_id = 123456789012\n\
                   sso_role_name = Developer\n\n[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\n\
                   sso_region = eu-west-1\nsso_registration_scopes = sso:account:access\n";
    assert_eq!(home.config(), written);
    // A second profile of the same session needs its name alone; without a session the profile says all.
    let second = ["--profile", "two", "--sso-session", "corp"];
    assert!(home.run([&second[..], &role].concat()).output().status.success());
    assert!(home.run([&["--profile", "old"][..], &portal, &role].concat()).output().status.success());
    let old = "\n[profile old]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = eu-west-1\n\
               sso_account_id = 123456789012\nsso_role_name = Developer\n";
    assert!(home.config().ends_with(old), "{}", home.config());
}

#[test]
fn a_role_has_somebody_who_assumes_it() {
    let home = Home::with(&[(".aws/credentials", "[work]\naws_access_key_id = a\naws_secret_access_key = b\n")]);
    let role = ["--profile", "app", "--role-arn", "arn:aws:iam::123456789012:role/app"];
    assert_snapshot!(home.shown(home.run(role)), @"
    exit: 2
    ----- stderr -----
    error: cannot write AWS profile app: it has a role and nobody who assumes it
    hint: --source-profile, --credential-source or --web-identity-token-file says who does
    ");
    assert_snapshot!(home.shown(home.run([&role[..], &["--source-profile", "wrok"]].concat())), @"
    exit: 2
    ----- stderr -----
    error: cannot write AWS profile app: there is no AWS profile wrok to assume its role
    hint: is it work?
    ");
    assert_snapshot!(home.shown(home.run(["--role-arn", "app", "--source-profile", "work"])), @"
    exit: 2
    ----- stderr -----
    error: cannot write role_arn `app`: it is no ARN of a role
    hint: it is written as arn:aws:iam::123456789012:role/NAME
    ");
    let whole = ["--source-profile", "work", "--external-id", "x", "--role-session-name", "nightly"];
    assert!(home.run([&role[..], &whole].concat()).output().status.success());
    assert_eq!(
        home.config(),
        "[profile app]\nrole_arn = arn:aws:iam::123456789012:role/app\nsource_profile = work\nexternal_id = x\n\
         role_session_name = nightly\n"
    );
    assert_snapshot!(home.shown(home.run(["--profile", "app", "--credential-source", "Environment"])), @"
    exit: 2
    ----- stderr -----
    error: cannot write AWS profile app: it would have source_profile and credential_source, of which AWS takes one
    hint: remove the other first: outcrop configure unset source_profile --profile app
    ");
}

#[test]
fn a_region_is_one_that_there_is() {
    let home = Home::new();
    assert_snapshot!(home.shown(home.run(["--region", "us-esat-1"])), @"
    exit: 2
    ----- stderr -----
    error: cannot write region `us-esat-1`: no such region is known
    hint: is it us-east-1?; a newer one is written with --any-region
    ");
    let shown = home.shown(home.run(["--region", "Mars"]));
    assert!(shown.contains("hint: regions are written as us-east-1 or eu-central-1\n"), "{shown}");
    assert!(!home.path(".aws").exists());
    assert!(home.run(["--region", "xx-north-1", "--any-region"]).output().status.success());
    assert!(home.run(["--region", "ap-east-1"]).output().status.success(), "AWS has it, though Bedrock has not");
    assert!(!home.run(["--region", "x y", "--any-region"]).output().status.success());
}

#[test]
fn what_the_aws_command_line_would_not_take_is_refused_or_told() {
    let home = Home::new();
    assert_snapshot!(home.shown(home.run(["--output", "xml"])), @"
    exit: 2
    ----- stderr -----
    error: cannot write output `xml`: the aws command line has no such format
    hint: it has json, yaml, yaml-stream, text, table, off
    ");
    assert_snapshot!(home.shown(home.run(["set", "output", "csv"])), @"
    exit: 2
    ----- stderr -----
    error: cannot write output `csv`: the aws command line has no such format
    hint: it has json, yaml, yaml-stream, text, table, off
    ");
    assert!(!home.path(".aws").exists());
    assert!(home.run(["--output", "yaml-stream"]).output().status.success());
    assert_snapshot!(home.shown(home.run(["--ca-bundle", "/nope"])), @"
    exit: 0
    ----- stderr -----
    wrote AWS profile default to [HOME]/.aws/config
    warning: ca_bundle /nope cannot be read: No such file or directory (os error 2)
    ");
    for run in [&["--region", "us-east-1"][..], &["list"], &["get", "region"], &["set", "region", "us-east-1"]] {
        let shown = home.shown(home.run([&["--profile", ""], run].concat()));
        assert!(
            shown.starts_with("exit: 2\n")
                && shown.contains("--profile names no AWS profile: its name is empty\nhint: "),
            "{shown}"
        );
    }
}

#[test]
fn a_section_without_its_prefix_is_told() {
    let home = Home::with(&[(".aws/config", "[plugins]\na = b\n[work]\nregion = eu-west-1\n")]);
    assert_snapshot!(home.shown(home.run(["--profile", "work", "--region", "us-west-2"])), @"
    exit: 0
    ----- stderr -----
    wrote AWS profile work to [HOME]/.aws/config
    warning: [HOME]/.aws/config:3: nobody reads [work]: the config file wants [profile work]
    ");
    let shown = home.shown(home.run(["get", "region", "--profile", "wrok"]));
    assert!(shown.contains("hint: is it work?"), "{shown}");
}

#[test]
fn files_that_cannot_be_read_or_written_stay_as_they_are() {
    let malformed = "[default]\nregion = us-east-1\nthis is no setting\n";
    let home = Home::with(&[(".aws/config", malformed)]);
    assert_snapshot!(home.shown(home.run(["--region", "us-west-2"])), @"
    exit: 2
    ----- stderr -----
    error: cannot read AWS file [HOME]/.aws/config, line 3: expected `key = value`, found no `=`
    hint: mend the line, or name another file: AWS_CONFIG_FILE
    ");
    assert_eq!(home.config(), malformed);
    let shown = home.shown(home.run(["list"]));
    assert!(shown.starts_with("exit: 2") && shown.contains("line 3: expected"), "{shown}");

    let home = Home::with(&[]);
    fs::write(home.path(".aws/credentials"), b"[default]\naws_access_key_id = \xff\n").unwrap();
    let shown = home.shown(home.run(["--region", "us-west-2"]));
    assert!(shown.contains("error: cannot read AWS file [HOME]/.aws/credentials: it is no text in UTF-8\n"), "{shown}");

    let home = Home::new();
    fs::write(home.path(".aws"), "a file").unwrap();
    let shown = home.shown(home.run([]).input(format!("{ID}\n{SECRET}\n\n\n")));
    assert!(
        shown.starts_with("exit: 2\n----- stderr -----\nerror: cannot write AWS file [HOME]/.aws/credentials: "),
        "{shown}"
    );
    assert!(
        shown.contains("hint: nothing was changed; AWS_SHARED_CREDENTIALS_FILE names a file in a folder"),
        "{shown}"
    );
    assert_eq!(fs::read_to_string(home.path(".aws")).unwrap(), "a file");
}

/// Where one of the two files cannot be written, neither is.
#[test]
fn both_files_or_none() {
    let home = Home::new();
    fs::write(home.path("file"), "").unwrap();
    let run = home.run(["--region", "us-east-1", "--access-key-id", ID, "--secret-access-key", "-"]).input(SECRET);
    let shown = home.shown(run.env("AWS_CONFIG_FILE", home.path("file/config")));
    assert!(shown.starts_with("exit: 2") && shown.contains("cannot write AWS file [HOME]/file/config"), "{shown}");
    assert!(!home.path(".aws/credentials").exists());
    assert_eq!(fs::read_dir(home.path(".aws")).unwrap().count(), 0);
}

const CONFIG: &str =
    "[default]\nregion = us-east-1\n[profile work]\nregion = eu-west-1\nendpoint_url = http://127.0.0.1:9473\n";
const CREDENTIALS: &str = "[work]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY\n";

#[test]
fn the_list_says_where_each_setting_comes_from_and_what_overrides_it() {
    let home = Home::with(&[(".aws/config", CONFIG), (".aws/credentials", CREDENTIALS)]);
    assert_snapshot!(home.listed(home.run(["list", "--profile", "work"])), @"
    exit: 0
    ----- stdout -----
    NAME | VALUE | FROM | OVERRIDDEN BY
    profile | work | --profile
    config file | [HOME]/.aws/config | default
    credentials file | [HOME]/.aws/credentials | default
    access key | ****************MPLE | [HOME]/.aws/credentials:2 [work]
    secret key | ****************EKEY | [HOME]/.aws/credentials:3 [work]
    region | eu-west-1 | [HOME]/.aws/config:4 [profile work]
    endpoint | http://127.0.0.1:9473 | [HOME]/.aws/config:5 [profile work]
    control endpoint | http://127.0.0.1:9473 | [HOME]/.aws/config:5 [profile work]
    mantle endpoint | http://127.0.0.1:9473 | [HOME]/.aws/config:5 [profile work]
    sts endpoint | http://127.0.0.1:9473 | [HOME]/.aws/config:5 [profile work]
    ----- stderr -----
    calls use keys from AWS profile work
    ");
    let overridden = home.run(["list"]).envs([
        ("AWS_PROFILE", "work"),
        ("AWS_BEARER_TOKEN_BEDROCK", "ABSKQmVkcm9ja0FQSUtleS1leGFtcGxl"),
        ("AWS_REGION", "us-west-2"),
        ("AWS_DEFAULT_REGION", "us-east-2"),
        ("AWS_ENDPOINT_URL", "http://user:hidden@gateway.example"),
    ]);
    assert_snapshot!(home.listed(overridden), @"
    exit: 0
    ----- stdout -----
    NAME | VALUE | FROM | OVERRIDDEN BY
    profile | work | AWS_PROFILE
    config file | [HOME]/.aws/config | default
    credentials file | [HOME]/.aws/credentials | default
    bearer key | ****************cGxl | AWS_BEARER_TOKEN_BEDROCK
    access key | ****************MPLE | [HOME]/.aws/credentials:2 [work] | AWS_BEARER_TOKEN_BEDROCK
    secret key | ****************EKEY | [HOME]/.aws/credentials:3 [work] | AWS_BEARER_TOKEN_BEDROCK
    region | us-west-2 | AWS_REGION
    region | us-east-2 | AWS_DEFAULT_REGION | AWS_REGION
    region | eu-west-1 | [HOME]/.aws/config:4 [profile work] | AWS_REGION
    endpoint | http://***@gateway.example | AWS_ENDPOINT_URL
    endpoint | http://127.0.0.1:9473 | [HOME]/.aws/config:5 [profile work] | AWS_ENDPOINT_URL
    control endpoint | http://***@gateway.example | AWS_ENDPOINT_URL
    control endpoint | http://127.0.0.1:9473 | [HOME]/.aws/config:5 [profile work] | AWS_ENDPOINT_URL
    mantle endpoint | http://***@gateway.example | AWS_ENDPOINT_URL
    mantle endpoint | http://127.0.0.1:9473 | [HOME]/.aws/config:5 [profile work] | AWS_ENDPOINT_URL
    sts endpoint | http://***@gateway.example | AWS_ENDPOINT_URL
    sts endpoint | http://127.0.0.1:9473 | [HOME]/.aws/config:5 [profile work] | AWS_ENDPOINT_URL
    ----- stderr -----
    warning: calls would fail: cannot find where to call: cannot use the endpoint from AWS_ENDPOINT_URL: it has a user name or password before the host
    hint: an endpoint URL is scheme, host and perhaps port and path: https://gateway.example.com/bedrock
    ");
    assert_snapshot!(home.listed(home.run(["list", "--profile", "wrok"])), @"
    exit: 2
    ----- stdout -----
    NAME | VALUE | FROM | OVERRIDDEN BY
    profile | wrok | --profile
    config file | [HOME]/.aws/config | default
    credentials file | [HOME]/.aws/credentials | default
    access key | <not set>
    secret key | <not set>
    region | <not set>
    ----- stderr -----
    error: AWS profile wrok is neither in [HOME]/.aws/config nor in [HOME]/.aws/credentials
    hint: is it work?
    ");
    let bare = Home::new();
    assert_snapshot!(bare.listed(bare.run(["list", "-q"])), @"
    exit: 0
    ----- stdout -----
    NAME | VALUE | FROM | OVERRIDDEN BY
    profile | default | default
    config file | [HOME]/.aws/config (not there) | default
    credentials file | [HOME]/.aws/credentials (not there) | default
    access key | <not set>
    secret key | <not set>
    region | <not set>
    ----- stderr -----
    warning: calls would fail: cannot find where to call: no AWS region: tried --region, AWS_REGION, AWS_DEFAULT_REGION and `region` of AWS profile default
    ");
}

#[test]
fn the_list_is_json_too() {
    let home = Home::with(&[(".aws/config", CONFIG), (".aws/credentials", CREDENTIALS)]);
    let output = home.run(["list", "--json", "--profile", "work"]).env("AWS_REGION", "us-west-2").output();
    let shown: Value = serde_json::from_slice(&output.stdout).unwrap();
    let setting = |name: &str| shown["settings"].as_array().unwrap().iter().find(|row| row["name"] == name).cloned();
    let config = home.path(".aws/config").display().to_string();
    assert_eq!(
        setting("region").unwrap(),
        json!({
            "name": "region", "value": "us-west-2", "origin": { "kind": "variable", "name": "AWS_REGION" },
            "overridden": [{
                "value": "eu-west-1",
                "origin": { "kind": "file", "path": config, "line": 4, "section": "profile work" },
                "by": { "kind": "variable", "name": "AWS_REGION" },
            }],
        })
    );
    assert_eq!(setting("secret key").unwrap()["value"], "****************EKEY");
    assert_eq!(setting("bearer key").unwrap()["value"], Value::Null);
    assert_eq!(shown["credentials"], "keys from AWS profile work");
    assert_eq!(shown["problem"], Value::Null);
    assert!(!String::from_utf8_lossy(&output.stdout).contains(SECRET));
}

#[test]
fn what_is_written_and_does_not_count_is_told() {
    let home = Home::with(&[(".aws/config", CONFIG)]);
    let run = home.run(["--region", "us-east-2"]).env("AWS_REGION", "us-west-2");
    assert_snapshot!(home.shown(run), @"
    exit: 0
    ----- stderr -----
    wrote AWS profile default to [HOME]/.aws/config
    warning: region of the profile does not count: AWS_REGION comes before it
    ");
}

#[test]
fn one_property_is_printed_set_and_removed() {
    let home = Home::with(&[(".aws/config", CONFIG), (".aws/credentials", CREDENTIALS)]);
    let get = |arguments: &[&str]| home.shown(home.run([&["get"], arguments].concat()));
    let prints = |value: &str| format!("exit: 0\n----- stdout -----\n{value}\n");
    assert_eq!(get(&["region"]), prints("us-east-1"));
    assert_eq!(get(&["region", "--profile", "work"]), prints("eu-west-1"));
    assert_eq!(get(&["profile.work.region"]), prints("eu-west-1"));
    assert_eq!(get(&["default.region"]), prints("us-east-1"));
    assert_eq!(get(&["profile.work.aws_access_key_id"]), prints(ID));
    assert_eq!(get(&["aws_secret_access_key", "--profile", "work", "--reveal"]), prints(SECRET));
    assert_snapshot!(get(&["aws_secret_access_key", "--profile", "work"]), @"
    exit: 2
    ----- stderr -----
    error: cannot print aws_secret_access_key of AWS profile work: it is a secret
    hint: --reveal prints it
    ");
    assert_snapshot!(get(&["output"]), @"
    exit: 1
    ----- stderr -----
    error: `output` is not set in AWS profile default
    ");
    assert_snapshot!(get(&["region", "--profile", "wrok"]), @"
    exit: 2
    ----- stderr -----
    error: AWS profile wrok is neither in [HOME]/.aws/config nor in [HOME]/.aws/credentials
    hint: is it work?
    ");
    let does = |arguments: &[&str]| {
        let output = home.run(arguments.iter().copied()).input(SECRET).output();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    };
    does(&["set", "profile.a.b.region", "us-west-2"]);
    assert_eq!(get(&["region", "--profile", "a.b"]), prints("us-west-2"));
    does(&["set", "sso-session.corp.sso_region", "us-west-2"]);
    assert_eq!(get(&["sso-session.corp.sso_region"]), prints("us-west-2"));
    does(&["unset", "region", "--profile", "a.b"]);
    assert!(!home.run(["unset", "region", "--profile", "a.b"]).output().status.success());
    let half = home.run(["set", "aws_access_key_id", ID]);
    assert_snapshot!(home.shown(half), @r#"
    exit: 0
    ----- stderr -----
    wrote [HOME]/.aws/credentials
    warning: profile "default" has aws_access_key_id but no aws_secret_access_key
    "#);
    does(&["set", "aws_secret_access_key", "-"]);
    assert_eq!(get(&["aws_secret_access_key", "--reveal"]), prints(SECRET));
    let typed = home.shown(home.run(["set", "aws_secret_access_key", SECRET]));
    assert!(typed.starts_with("exit: 2") && !typed.contains(SECRET), "{typed}");
    let unknown = home.shown(home.run(["set", "plugins.x", "1"]));
    assert!(unknown.contains("hint: KEY, default.KEY, profile.NAME.KEY or sso-session.NAME.KEY"), "{unknown}");
}

/// `setsid` gives the program a terminal of its own, which a secret is read from.
#[cfg(target_os = "linux")]
#[test]
fn a_person_is_asked_and_a_secret_is_not_shown() {
    use crate::program::OUTCROP;
    use crate::terminal::Terminal;
    // A system without it has nobody who asks it.
    let Ok(mut terminal) = Terminal::of("setsid", &["--ctty", "--wait", OUTCROP, "configure", "--profile", "work"])
    else {
        return;
    };
    terminal.wait_for("AWS Access Key ID [None]: ");
    terminal.type_in(&format!("{ID}\n"));
    terminal.wait_for("AWS Secret Access Key [None]: ");
    terminal.type_in(&format!("{SECRET}\n"));
    let shown = terminal.wait_for("Default region name [None]: ");
    assert!(!shown.contains("wJalr"), "{shown:?}");
    terminal.type_in("us-west-2\n");
    terminal.wait_for("Default output format [None]: ");
    terminal.type_in("\n");
    terminal.wait_for(".aws/config");
    assert_eq!(terminal.child.wait().unwrap().code(), Some(0));
    let credentials = fs::read_to_string(terminal.home.path().join(".aws/credentials")).unwrap();
    assert_eq!(credentials, format!("[work]\naws_access_key_id = {ID}\naws_secret_access_key = {SECRET}\n"));
}
