//! The AWS files, case by case.
#![allow(clippy::unwrap_used, reason = "tests panic to fail")]

use super::*;

fn config(text: &str) -> ProfileFile {
    ProfileFile::parse(FileKind::Config, "/home/u/.aws/config", text).unwrap()
}

fn credentials(text: &str) -> ProfileFile {
    ProfileFile::parse(FileKind::Credentials, "/home/u/.aws/credentials", text).unwrap()
}

fn profiles(config_text: &str, credentials_text: &str) -> Profiles {
    Profiles { config: config(config_text), credentials: credentials(credentials_text) }
}

/// `name.key=value` for all profiles, in order.
fn contents(file: &ProfileFile) -> Vec<String> {
    let mut out = Vec::new();
    for name in file.profile_names() {
        let section = file.profile(name).unwrap();
        out.push(format!("[{name}]"));
        out.extend(section.keys().map(|key| format!("{name}.{key}={}", section.value(key).unwrap())));
    }
    out
}

#[test]
fn config_texts_have_these_values() {
    #[rustfmt::skip] // a row a line
    let cases: &[(&str, &[&str])] = &[
        ("", &[]),
        ("# nothing\n\n; here\n  # either\n", &[]),
        ("[default]\nregion = us-east-1\n", &["[default]", "default.region=us-east-1"]),
        ("[profile dev]\r\nregion=eu-west-1\r\n", &["[dev]", "dev.region=eu-west-1"]),
        ("\u{feff}[default]\na=1", &["[default]", "default.a=1"]),
        ("[profile dev]", &["[dev]"]),
        ("[ \tprofile\t dev \t]\na \t=\t b \t", &["[dev]", "dev.a=b"]),
        ("[profile a]; x\n[profile b]# y\n[profile c]   ; z", &["[a]", "[b]", "[c]"]),
        ("[profile \"my team\"]\na=1\n[profile 'b']\na=2", &["[my team]", "my team.a=1", "[b]", "b.a=2"]),
        ("[profile a-Z_0/.%@:+]\nK-z_0/.%@:+ = v", &["[a-Z_0/.%@:+]", "a-Z_0/.%@:+.k-z_0/.%@:+=v"]),
        (
            "[profile x]\na = 1 # no\nb = 2\t; no\nc = 3#yes\nd = 4;yes",
            &["[x]", "x.a=1", "x.b=2", "x.c=3#yes", "x.d=4;yes"],
        ),
        ("[profile x]\na =\nb = # no\nc =#yes\nd = e=f", &["[x]", "x.a=", "x.b=", "x.c=#yes", "x.d=e=f"]),
        ("[profile x]\nReGion = A\nREGION = b", &["[x]", "x.region=b"]),
        ("[profile x]\na = 1\nb = 2\n[profile y]\n[profile x]\na = 3", &["[x]", "x.a=3", "x.b=2", "[y]"]),
        ("[profile x]\na = 1\n 2 # kept\n\n\t# comment\n\t3", &["[x]", "x.a=1\n2 # kept\n3"]),
        ("[default]\na = 1\n[profile default]\nb = 2\n[default]\nc = 3", &["[default]", "default.b=2"]),
        ("[profile default]\nb = 2\n[default]\na = 1", &["[default]", "default.b=2"]),
        ("[profile default]\na = 1\n[profile default]\nb = 2", &["[default]", "default.a=1", "default.b=2"]),
        // Ignored: no prefix, unknown first words, names with characters that are not allowed.
        ("[dev]\na = 1\n[plugins]\nx = y\n no equals\n[preview]\n[profilefoo]\n[Profile b]\n[]\n[ ]", &[]),
        ("[profile in valid]\na = 1\n[profile b!]\n[profile bj\u{f6}rn]\n[toplevel x]\na = 1", &[]),
        ("[profile \"\"]\n[profile \"a\\b\"]\n[profile \"a]\n[profile \" a\"]", &[]),
        ("[profile x]\nin valid = 1\n more\na = 2", &["[x]", "x.a=2"]),
        ("[profile x]\nvalue = \u{1f602} \u{e9}", &["[x]", "x.value=\u{1f602} \u{e9}"]),
    ];
    for (text, expected) in cases {
        let file = config(text);
        assert_eq!(contents(&file), *expected, "{text:?}");
        assert_eq!(file.to_string(), *text);
    }
}

#[test]
fn credentials_texts_have_these_values() {
    #[rustfmt::skip] // a row a line
    let cases: &[(&str, &[&str])] = &[
        ("[default]\na = 1\n[ dev ]\na = 2", &["[default]", "default.a=1", "[dev]", "dev.a=2"]),
        ("[\"my team\"]\na = 1", &["[my team]", "my team.a=1"]),
        ("[profile dev]\na = 1\n[in valid]\na = 1\n[sso-session s]\na = 1\n[services t]", &[]),
    ];
    for (text, expected) in cases {
        assert_eq!(contents(&credentials(text)), *expected, "{text:?}");
    }
    assert!(credentials("[sso-session s]\na = 1").sso_session("s").is_none());
}

#[test]
fn other_sections_and_nested_values_are_found() {
    let file = config(
        "[profile x]\nservices = local\ns3 =\n  A = 1\n\n  in valid = 2\n  b =\n  a = 3 # last\n\
         [sso-session x]\nsso_region = eu-west-1\n\
         [services local]\nbedrock_runtime =\n\tendpoint_url = http://h:1\n",
    );
    let section = file.profile("x").unwrap();
    assert_eq!(section.line(), 1);
    assert_eq!(section.nested("S3", "a"), Some("3"));
    assert_eq!(section.nested("s3", "b"), Some(""));
    assert_eq!(section.nested("s3", "in valid"), None);
    assert_eq!(section.nested("services", "a"), None);
    assert_eq!(section.value("s3"), Some("\nA = 1\nin valid = 2\nb =\na = 3 # last"));
    assert_eq!(file.sso_session("x").unwrap().value("sso_region"), Some("eu-west-1"));
    let services = file.services("local").unwrap();
    assert_eq!(services.line(), 11);
    assert_eq!(services.nested("bedrock_runtime", "endpoint_url"), Some("http://h:1"));
    assert_eq!(services.keys().collect::<Vec<_>>(), ["bedrock_runtime"]);
}

#[test]
fn malformed_lines_are_named() {
    #[rustfmt::skip] // a row a line
    let cases = [
        ("a = 1", 1, "expected a section such as [default] before the first property"),
        ("\n# c\n a = 1", 3, "expected a section such as [default] before the first property"),
        ("[default", 1, "expected `]` at the end of the section header"),
        ("[default] x", 1, "expected `]` at the end of the section header"),
        ("[plugins]\n[profile a#b]", 2, "expected `]` at the end of the section header"),
        ("[default]\r\n\r\nhunter2", 3, "expected `key = value`, found no `=`"),
        ("[default]\na # = 1", 2, "expected `key = value`, found no `=`"),
        ("[default]\n = 1", 2, "expected a property, found an indented line that continues none"),
        ("[default]\n= hunter2", 2, "expected `key = value`, found no name before `=`"),
        ("[default]\na = 1\n[default]\n -b", 4, "expected a property, found an indented line that continues none"),
        ("[default]\ns3 =\n hunter2", 3, "expected `key = value`, found no `=`"),
        ("[default]\ns3 =\n = hunter2", 3, "expected `key = value`, found no name before `=`"),
    ];
    for (text, line, what) in cases {
        let error = ProfileFile::parse(FileKind::Config, "/home/u/.aws/config", text).unwrap_err();
        assert_eq!((error.line, error.what.as_str()), (Some(line), what), "{text:?}");
        assert_eq!(error.to_string(), format!("cannot read AWS file /home/u/.aws/config, line {line}: {what}"));
    }
}

#[test]
fn set_keeps_everything_else() {
    #[rustfmt::skip] // a row a line
    let cases = [
        // In place, with spacing and comment.
        ("[default]\nRegion  =  a  # home\nb=2", "region", "c", "[default]\nRegion  =  c  # home\nb=2"),
        ("[default]\nregion=a", "region", "b", "[default]\nregion=b"),
        ("[default]\r\nregion = a\r\n", "region", "b", "[default]\r\nregion = b\r\n"),
        ("[default]\nregion = a\n", "region", "", "[default]\nregion = \n"),
        ("[default]\nregion =\n", "region", "b", "[default]\nregion = b\n"),
        ("[default]\nregion =   # c\n", "region", "b", "[default]\nregion = b # c\n"),
        ("[default]\na = b b\n", "a", "b", "[default]\na = b\n"),
        // The winner of two; old continuations go, what stands between them stays.
        (
            "[default]\na = 1\n[default]\na = 2\n 3\n\n# c\n  # d\n 4\n\nb = 5",
            "a",
            "6",
            "[default]\na = 1\n[default]\na = 6\n\n# c\n\nb = 5",
        ),
        // A new key, after the last line of the section.
        ("[default]", "a", "1", "[default]\na = 1\n"),
        (
            "\u{feff}[default]\r\na = 1\r\n\r\n# of x\r\n[profile x]\r\n",
            "b",
            "2",
            "\u{feff}[default]\r\na = 1\r\nb = 2\r\n\r\n# of x\r\n[profile x]\r\n",
        ),
        ("[default]\na = 1\n  2\n  # c\n", "b", "2", "[default]\na = 1\n  2\n  # c\nb = 2\n"),
        (
            "[default]\na = 1\n[profile x]\n[default]\n# c\n",
            "b",
            "2",
            "[default]\na = 1\n[profile x]\n[default]\nb = 2\n# c\n",
        ),
        ("[default]\na = 1\n[profile default]\n", "a", "2", "[default]\na = 1\n[profile default]\na = 2\n"),
        // A new section.
        ("", "a", "1", "[default]\na = 1\n"),
        ("", "a", "", "[default]\na =\n"),
        ("\u{feff}", "a", "1", "\u{feff}[default]\na = 1\n"),
        ("[profile x]\r\na = 1", "a", "2", "[profile x]\r\na = 1\r\n\r\n[default]\r\na = 2\r\n"),
        ("# c\n\n", "a", "2", "# c\n\n[default]\na = 2\n"),
    ];
    for (text, key, value, expected) in cases {
        let mut file = config(text);
        file.set("default", key, value).unwrap();
        assert_eq!(file.to_string(), expected, "{text:?}");
        assert_eq!(file.profile("default").unwrap().value(key), Some(value));
        assert_eq!(ProfileFile::parse(FileKind::Config, file.path(), expected).as_ref(), Ok(&file));
    }
}

#[test]
fn set_writes_the_header_of_its_file() {
    let mut file = config("");
    file.set("dev", "a", "1").unwrap();
    file.set("my team", "a", "2").unwrap();
    file.set("dev", "b", "3").unwrap();
    assert_eq!(file.to_string(), "[profile dev]\na = 1\nb = 3\n\n[profile \"my team\"]\na = 2\n");
    file.set_sso_session("corp", "sso_region", "eu-west-1").unwrap();
    file.set_sso_session("corp", "sso_region", "eu-west-2").unwrap();
    assert!(file.to_string().ends_with("\n\n[sso-session corp]\nsso_region = eu-west-2\n"), "{file}");
    assert_eq!(file.sso_session_names().collect::<Vec<_>>(), ["corp"]);
    let mut file = credentials("[default]\na = 0\n");
    file.set("dev", "a", "1").unwrap();
    assert_eq!(file.to_string(), "[default]\na = 0\n\n[dev]\na = 1\n");
}

#[test]
fn set_refuses_what_a_file_cannot_say() {
    let text = "[default]\na = 1\n";
    #[rustfmt::skip] // a row a line
    let cases = [
        ("default", "a b", "1"),
        ("default", "", "1"),
        ("default", "[x]", "1"),
        ("default", "a", "hunter2\n[profile x]"),
        ("default", "a", "hunter2\r"),
        ("default", "a", "hunter2\0"),
        ("default", "a", " hunter2"),
        ("default", "a", "hunter2 # x"),
        ("default", "a", "#hunter2"),
        ("my team", "a", "1"),
        ("x]\n[default", "a", "1"),
        ("", "a", "1"),
    ];
    for (profile, key, value) in cases {
        let mut file = credentials(text);
        let error = file.set(profile, key, value).unwrap_err().to_string();
        assert!(error.starts_with("cannot edit AWS file /home/u/.aws/credentials: the "), "{error}");
        assert!(!error.contains("hunter2"), "{error}");
        assert_eq!(file.to_string(), text);
    }
    assert!(credentials(text).set_sso_session("s", "sso_region", "eu-west-1").is_err());
    for profile in ["a\"b", "a]b", "a#b", " a", "a\nb"] {
        assert!(config("").set(profile, "a", "1").is_err(), "{profile:?}");
    }
}

#[test]
fn remove_takes_the_property_and_nothing_else() {
    let text = "[default]\na = 1\n# c\nA = 2\n 3\n\n 4\nb = 5\n[profile x]\na = 6\n";
    let mut file = config(text);
    assert!(!file.remove("default", "c"));
    assert!(!file.remove("nobody", "a"));
    assert_eq!(file.to_string(), text);
    assert!(file.remove("default", "a"));
    assert_eq!(file.to_string(), "[default]\n# c\n\nb = 5\n[profile x]\na = 6\n");
    assert!(file.remove("default", "B"));
    assert_eq!(file.to_string(), "[default]\n# c\n\n[profile x]\na = 6\n");
    assert_eq!(file.profile("default").unwrap().keys().count(), 0);
}

#[test]
fn the_credentials_file_wins() {
    let both = profiles("[profile x]\na = 1\nb = 2\n[profile y]\n", "[x]\na = 3\n[z]\n");
    assert_eq!(both.value("x", "a"), Some("3"));
    assert_eq!(both.value("x", "b"), Some("2"));
    assert_eq!(both.value("x", "c"), None);
    assert!(both.exists("x") && both.exists("y") && both.exists("z") && !both.exists("default"));
}

#[test]
fn a_services_section_sets_endpoints() {
    let text = "[profile both]\nservices = local\nendpoint_url = http://own\n\
                [profile own]\nendpoint_url = http://own\n\
                [profile lost]\nservices = remote\n[profile none]\nendpoint_url =\nservices = local\n\
                [services local]\nbedrock_runtime =\n  endpoint_url = http://runtime\nsts =\n  endpoint_url =\n";
    let both = profiles(text, "");
    let services = |name, key| both.services_endpoint_url(name, key);
    assert_eq!(services("both", "bedrock_runtime"), Ok(Some("http://runtime")));
    assert_eq!(services("both", "bedrock"), Ok(None));
    assert_eq!(services("both", "sts"), Ok(None), "an empty one counts as absent");
    assert_eq!(services("own", "bedrock_runtime"), Ok(None));
    assert_eq!(services("nobody", "bedrock"), Ok(None));
    assert_eq!(
        services("lost", "bedrock").unwrap_err().to_string(),
        "cannot read AWS file /home/u/.aws/config, line 7: profile \"lost\" uses services \"remote\", and there is \
         no such section"
    );
}

#[test]
fn static_keys_come_in_pairs_from_one_file() {
    let pair = |id: &str, secret: &str, token: Option<&str>| {
        Ok(Some(StaticKeys {
            access_key_id: id.to_owned(),
            secret_access_key: secret.to_owned(),
            session_token: token.map(str::to_owned),
        }))
    };
    let full = "[default]\naws_access_key_id = I\nAWS_SECRET_ACCESS_KEY = S/+=\naws_session_token = T==\n";
    let none = profiles("[default]\nregion = us-east-1\n", "[default]\naws_access_key_id =\n");
    assert_eq!(none.static_keys("default"), Ok(None));
    assert_eq!(none.static_keys("nobody"), Ok(None));
    assert_eq!(profiles(full, "").static_keys("default"), pair("I", "S/+=", Some("T==")));
    // A token of another pair is not taken over.
    let other = "[default]\naws_access_key_id = J\naws_secret_access_key = R\naws_session_token =\n";
    assert_eq!(profiles(full, other).static_keys("default"), pair("J", "R", None));

    let id_only = profiles(full, "[default]\n\naws_access_key_id = J\n").static_keys("default").unwrap_err();
    assert_eq!(
        id_only.to_string(),
        "cannot read AWS file /home/u/.aws/credentials, line 3: profile \"default\" has aws_access_key_id but no \
         aws_secret_access_key"
    );
    let secret_only = profiles("[default]\naws_secret_access_key = hunter2\n", "").static_keys("default").unwrap_err();
    assert_eq!(
        secret_only.to_string(),
        "cannot read AWS file /home/u/.aws/config, line 2: profile \"default\" has aws_secret_access_key but no \
         aws_access_key_id"
    );
}

#[test]
fn debug_shows_no_value() {
    let text = "[default]\naws_access_key_id = hunter2\naws_secret_access_key = hunter2\naws_session_token = hunter2\n";
    let both = profiles(text, text);
    let keys = both.static_keys("default").unwrap();
    let debug = format!("{both:?} {keys:?} {:?}", both.config.profile("default"));
    assert!(!debug.contains("hunter2"), "{debug}");
    assert!(debug.contains("aws_session_token"), "{debug}");
}

/// The lines, endings included, that an edit of the property is to leave alone.
fn untouched(file: &ProfileFile, profile: &str, key: &str) -> Vec<String> {
    let property = file.profile(profile).and_then(|section| section.data.property(key));
    let edited = property.map(|property| property.lines.clone());
    // Comments and blank lines between its lines do not belong to it.
    let is_its = |(index, line): &(usize, &str)| {
        edited.as_ref().is_some_and(|lines| {
            *index == *lines.start()
                || (lines.contains(index) && line.starts_with([' ', '\t']) && !line.trim().is_empty())
        })
    };
    let text = file.to_string();
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    text.split_inclusive('\n').enumerate().filter(|line| !is_its(line)).map(|(_, line)| line.to_owned()).collect()
}

#[test]
fn any_text_prints_back_or_is_refused_and_edits_touch_one_value() {
    const PARTS: [&str; 30] = [
        "[default]",
        "[profile x]",
        "[profile default]",
        "[x]",
        "[plugins]",
        "[services s]",
        "[profile \"a b\"]",
        "[",
        "]",
        "a",
        "b",
        "=",
        "=",
        " = ",
        " ",
        "\t",
        "\n",
        "\n",
        "\n",
        "\r\n",
        "\r",
        "#",
        " ;",
        "\"",
        "\u{feff}",
        "\u{e9}",
        "\n a = 1",
        "\na = 1",
        "\nb =\n c = 2",
        "in valid = 3",
    ];
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 33).unwrap() % below
    };
    let (mut parsed, mut edited) = (0, 0);
    for round in 0..40_000 {
        let kind = if round % 2 == 0 { FileKind::Config } else { FileKind::Credentials };
        // Half of the texts begin well, or few would be read at all.
        let mut text = if round % 4 < 2 { "[default]\n".to_owned() } else { String::new() };
        for _ in 0..random(24) {
            text.push_str(PARTS[random(PARTS.len())]);
        }
        let mut file = match ProfileFile::parse(kind, "f", &text) {
            Ok(file) => file,
            Err(error) => {
                let line = error.line.unwrap();
                assert!(line >= 1 && line <= text.split('\n').count(), "{text:?}");
                continue;
            }
        };
        parsed += 1;
        assert_eq!(file.to_string(), text);

        let profile = ["default", "x", "a b"][random(3)];
        let key = ["a", "b", "new"][random(3)];
        let others = |file: &ProfileFile| {
            let edited = format!("{profile}.{key}=");
            contents(file).into_iter().filter(|line| !line.starts_with(&edited)).collect::<Vec<_>>()
        };
        let (before, existed) = (others(&file), file.profile(profile).is_some());
        let kept = untouched(&file, profile, key);
        if file.set(profile, key, "v;1").is_err() {
            assert_eq!((kind, profile, existed), (FileKind::Credentials, "a b", false));
            continue;
        }
        edited += 1;
        let mut expected = before.clone();
        if !existed {
            expected.push(format!("[{profile}]"));
        }
        assert_eq!(file.profile(profile).unwrap().value(key), Some("v;1"), "{text:?}");
        // Every other line is there to the byte, in its order; the last one may have got an ending.
        let written = file.to_string();
        assert_eq!(written.starts_with('\u{feff}'), text.starts_with('\u{feff}'));
        let mut lines = written.strip_prefix('\u{feff}').unwrap_or(&written).split_inclusive('\n');
        let bare = |line: &str| line.trim_end_matches(['\r', '\n']).to_owned();
        let same = |written: &str, line: &str| match line.ends_with('\n') {
            true => written == line,
            false => bare(written) == bare(line),
        };
        let there = |line: &String| lines.any(|written| same(written, line));
        assert!(kept.iter().all(there), "{text:?} became {written:?}");
        let mut again = file.clone();
        again.set(profile, key, "v;1").unwrap();
        assert_eq!(again.to_string(), written, "the second time changes nothing");
        assert_eq!(others(&file), expected, "{text:?}");
        assert_eq!(ProfileFile::parse(kind, "f", &file.to_string()).as_ref(), Ok(&file), "{text:?}");
        assert!(file.remove(profile, key), "{text:?}");
        assert_eq!(others(&file), expected, "{text:?}");
        assert_eq!(file.profile(profile).unwrap().value(key), None, "{text:?}");
    }
    assert!(parsed > 5_000 && edited > 5_000, "{parsed} parsed, {edited} edited");
}
