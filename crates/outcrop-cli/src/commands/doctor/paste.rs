//! Mends as commands that can be pasted: with the flags that were typed, and with the name of the model.

use crate::args::Connection;

/// Stands for the model in a mend, as in the hints of the library.
const MODEL: &str = "MODEL";

/// What a verb takes of the flags that say where to call, and as whom. The first row that a command begins with counts.
const VERBS: [(&str, &[&str]); 5] = [
    // From the catalogue: nobody is asked.
    ("outcrop models regions", &[]),
    ("outcrop models --offline", &[]),
    ("outcrop models", &["--region", "--profile", "--endpoint-url"]),
    ("outcrop token", &["--region", "--profile"]),
    ("outcrop configure", &["--profile"]),
];

/// The commands between backquotes as they are typed for what was looked at.
pub(super) fn pasted(mend: &str, flags: &Connection, model: &str) -> String {
    let parts = mend.split('`').enumerate();
    let parts = parts.map(|(at, part)| match at % 2 == 1 && part.starts_with("outcrop ") {
        true => command(part, flags, model),
        false => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join("`")
}

fn command(command: &str, flags: &Connection, model: &str) -> String {
    let takes = VERBS.iter().find(|(verb, _)| command.starts_with(verb)).map_or(&[][..], |(_, takes)| takes);
    let words = command.split(' ').map(|word| if word == MODEL { quoted(model) } else { word.to_owned() });
    let mut words: Vec<String> = words.collect();
    let typed = [("--region", &flags.region), ("--profile", &flags.profile), ("--endpoint-url", &flags.endpoint_url)];
    for (name, value) in typed {
        let missing = takes.contains(&name) && !words.iter().any(|word| word == name);
        if let Some(value) = value.as_ref().filter(|_| missing) {
            words.extend([name.to_owned(), quoted(value)]);
        }
    }
    words.join(" ")
}

/// As a shell takes it for one word.
pub(super) fn quoted(word: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./:@%+=,".contains(letter);
    match !word.is_empty() && word.chars().all(plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::pasted;
    use crate::args::Connection;

    #[derive(clap::Parser)]
    struct Typed {
        #[command(flatten)]
        connection: Connection,
    }

    #[test]
    fn commands_get_the_flags_that_they_take_and_the_model() {
        let typed = ["doctor", "--region", "eu-west-1", "--profile", "my work", "--endpoint-url", "http://127.0.0.1:1"];
        let flags = Typed::parse_from(typed).connection;
        let all = "--region eu-west-1 --profile 'my work' --endpoint-url http://127.0.0.1:1";
        for (mend, expected) in [
            ("`outcrop models access request MODEL` asks", format!("`outcrop models access request opus {all}` asks")),
            ("see `outcrop models regions MODEL`", "see `outcrop models regions opus`".to_owned()),
            ("`outcrop models --offline`", "`outcrop models --offline`".to_owned()),
            ("`outcrop token --region us-east-1`", "`outcrop token --region us-east-1 --profile 'my work'`".to_owned()),
            ("`outcrop configure --profile x`", "`outcrop configure --profile x`".to_owned()),
            ("`aws sso login`, not outcrop models MODEL", "`aws sso login`, not outcrop models MODEL".to_owned()),
        ] {
            assert_eq!(pasted(mend, &flags, "opus"), expected);
        }
        let none = Typed::parse_from(["doctor"]).connection;
        assert_eq!(pasted("`outcrop configure`", &none, "opus"), "`outcrop configure`");
    }
}
