//! Commands in hints as they can be pasted: with the flags that were typed, and with the name of the model.

use clap::ArgMatches;

use crate::args::Connection;
use crate::request;

/// Stands for the model in a hint, as in those of the library.
const MODEL: &str = "MODEL";

/// What was typed of whom a command is for.
#[derive(Debug, Default)]
pub(crate) struct Typed {
    region: Option<String>,
    profile: Option<String>,
    endpoint_url: Option<String>,
    model: Option<String>,
}

impl Typed {
    /// To any verb: of what it does not take, nothing was typed.
    pub(crate) fn of(matches: &ArgMatches) -> Self {
        let mut verb = matches;
        while let Some((_, below)) = verb.subcommand() {
            verb = below;
        }
        // Of several, none is meant.
        let one = |flag: &str| match verb.try_get_raw(flag).ok()??.collect::<Vec<_>>()[..] {
            [value] => Some(value.to_str()?.to_owned()),
            _ => None,
        };
        let model = match verb.try_get_raw("model") {
            Ok(None) => Some(request::MODEL.to_owned()),
            _ => one("model"),
        };
        Typed { region: one("region"), profile: one("profile"), endpoint_url: one("endpoint_url"), model }
    }

    /// About a model, where to call and as whom.
    pub(crate) fn about(connection: &Connection, model: String) -> Self {
        let Connection { region, profile, endpoint_url, .. } = connection;
        let (region, profile, endpoint_url) = (region.clone(), profile.clone(), endpoint_url.clone());
        Typed { region, profile, endpoint_url, model: Some(model) }
    }
}

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
pub(crate) fn pasted(hint: &str, typed: &Typed) -> String {
    let parts = hint.split('`').enumerate();
    let parts = parts.map(|(at, part)| match at % 2 == 1 && part.starts_with("outcrop ") {
        true => command(part, typed),
        false => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join("`")
}

fn command(command: &str, typed: &Typed) -> String {
    let takes = VERBS.iter().find(|(verb, _)| command.starts_with(verb)).map_or(&[][..], |(_, takes)| takes);
    let model = typed.model.as_deref().map_or(MODEL.to_owned(), quoted);
    let words = command.split(' ').map(|word| if word == MODEL { model.clone() } else { word.to_owned() });
    let mut words: Vec<String> = words.collect();
    let flags = [("--region", &typed.region), ("--profile", &typed.profile), ("--endpoint-url", &typed.endpoint_url)];
    for (name, value) in flags {
        let missing = takes.contains(&name) && !words.iter().any(|word| word == name);
        if let Some(value) = value.as_ref().filter(|_| missing) {
            words.extend([name.to_owned(), quoted(value)]);
        }
    }
    words.join(" ")
}

/// As a shell takes it for one word.
pub(crate) fn quoted(word: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./:@%+=,".contains(letter);
    match !word.is_empty() && word.chars().all(plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::{Typed, pasted};
    use crate::args::Arguments;

    fn typed(arguments: &[&str]) -> Typed {
        Typed::of(&Arguments::command().try_get_matches_from(arguments).expect("arguments"))
    }

    #[test]
    fn commands_get_the_flags_that_they_take_and_the_model() {
        let flags = ["--region", "eu-west-1", "--profile", "my work", "--endpoint-url", "http://127.0.0.1:1"];
        let all_typed = typed(&[&["outcrop", "ask", "-m", "opus", "Hello"][..], &flags].concat());
        let all = "--region eu-west-1 --profile 'my work' --endpoint-url http://127.0.0.1:1";
        for (mend, expected) in [
            ("`outcrop models access request MODEL` asks", format!("`outcrop models access request opus {all}` asks")),
            ("see `outcrop models regions MODEL`", "see `outcrop models regions opus`".to_owned()),
            ("`outcrop models --offline`", "`outcrop models --offline`".to_owned()),
            ("`outcrop token --region us-east-1`", "`outcrop token --region us-east-1 --profile 'my work'`".to_owned()),
            ("`outcrop configure --profile x`", "`outcrop configure --profile x`".to_owned()),
            ("`aws sso login`, not outcrop models MODEL", "`aws sso login`, not outcrop models MODEL".to_owned()),
        ] {
            assert_eq!(pasted(mend, &all_typed), expected);
        }
        let none = typed(&["outcrop", "models", "access", "status"]);
        for mend in ["`outcrop configure`", "`outcrop models access request MODEL`"] {
            assert_eq!(pasted(mend, &none), mend);
        }
    }
}
