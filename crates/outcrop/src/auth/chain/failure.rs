//! What is said where something that is configured gives no keys: why, without secrets, and what helps.

use crate::auth::CredentialsError;
use crate::auth::profile::Profiles;

/// So many roles are assumed one after the other at most.
const LONGEST_CHAIN: usize = 16;

/// The longest that is told of a program's words.
const LONGEST: usize = 200;

/// What helps where a role is not given.
pub(super) const TRUST: &str = "check the role, and that its trust policy names the caller and what it asks for";

/// What helps where keys of a profile come from elsewhere, and do not come: by the key that says where from.
const MENDS: [(&str, &str); 6] = [
    ("role_arn", TRUST),
    ("sso_session", LOGIN),
    ("sso_start_url", LOGIN),
    ("web_identity_token_file", "check that the file holds a token that is good, and what the role asks of it"),
    ("login_session", "log in with `aws login`"),
    ("credential_process", "run the program by hand: it has to print keys as JSON, and to end with code 0"),
];

/// What helps where SSO gives none.
const LOGIN: &str = "log in with `aws sso login`";

/// What helps where nobody was reached.
const NETWORK: &str = "who gives keys cannot be reached: check the connection to the network, and the region";

/// What AWS's crate puts before the words of a program.
const WORDS: &str = "Stderr: ";

/// What AWS's crate says where nobody was reached: then it is not the login.
const UNREACHED: [&str; 2] = ["dispatch failure", "timed out"];

/// What helps against the failure of one place to have keys from.
#[derive(Debug, Default)]
pub(super) struct Mend {
    /// How to log in, where keys of the AWS profile come from SSO.
    login: Option<String>,
    other: Option<&'static str>,
    /// The command of a program that gives keys: its arguments may be secret.
    command: Option<String>,
}

impl Mend {
    /// Of an AWS profile that says by `key` where its keys come from.
    pub(super) fn of_profile(profiles: &Profiles, name: &str, key: &str) -> Self {
        let other = MENDS.iter().find(|(of, _)| *of == key).map(|(_, mend)| *mend);
        let command = profiles.value(name, "credential_process").filter(|_| key == "credential_process");
        Mend { login: login(profiles, name), other, command: command.map(str::to_owned) }
    }

    /// That `name` failed, for the reason `why`; `otherwise` helps where nothing else is known to.
    pub(super) fn failed(&self, name: &str, why: &str, otherwise: &str) -> CredentialsError {
        let why = match &self.command {
            Some(command) => of_program(why, command),
            None => why.to_owned(),
        };
        let reached = !UNREACHED.iter().any(|part| why.contains(part));
        // A role may fail for other reasons than that of who assumes it.
        let of_sso = self.other == Some(LOGIN) || why.to_lowercase().contains("sso");
        let login = self.login.clone().filter(|_| reached && of_sso);
        let ended = login.is_some();
        let other = self.other.map(|mend| if reached { mend } else { NETWORK });
        let hint = login.unwrap_or_else(|| other.unwrap_or(otherwise).to_owned());
        CredentialsError { hint: Some(hint), ended, ..CredentialsError::new(format!("{name} failed: {why}")) }
    }
}

/// How to log in, where the keys of a profile, or of the one whose role it assumes, come from SSO.
fn login(profiles: &Profiles, name: &str) -> Option<String> {
    let of_sso = |name: &&str| ["sso_session", "sso_start_url"].iter().any(|key| profiles.value(name, key).is_some());
    let sources = std::iter::successors(Some(name), |at| profiles.value(at, "source_profile"));
    sources.take(LONGEST_CHAIN).find(of_sso).map(|name| match name {
        "default" => LOGIN.to_owned(),
        name => format!("log in with `aws sso login --profile {name}`"),
    })
}

/// What is told of a program that failed: its code and the first line of what it said, in which what its command line holds
/// besides its name is not shown.
fn of_program(why: &str, command: &str) -> String {
    let line = why.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let arguments = command.split_whitespace().skip(1).map(|word| word.trim_matches(['"', '\'']));
    // Of `--token=abc` the value; a flag by itself tells nothing.
    let values = arguments.filter_map(|word| match word.split_once('=') {
        Some((_, value)) => Some(value),
        None => (!word.starts_with('-')).then_some(word),
    });
    // What comes before the program's own words is of AWS's crate.
    let at = line.find(WORDS).map_or(0, |at| at + WORDS.len());
    let words =
        values.filter(|value| value.len() > 3).fold(line[at..].to_owned(), |words, value| words.replace(value, "***"));
    let line = format!("{}{words}", &line[..at]);
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_program_the_first_line_is_told_and_no_argument() {
        let said =
            "external process exited with code exit status: 3. Stderr: keys of ann, by the-token: not found\nmore\n";
        for (command, told) in [
            ("give-keys --user ann --token=the-token", "Stderr: keys of ann, by ***: not found"),
            ("give-keys 'the-token' -v", "Stderr: keys of ann, by ***: not found"),
            ("give-keys", "Stderr: keys of ann, by the-token: not found"),
            ("sh -c \"exit 3\" the-token", "exit status: 3. Stderr: keys of ann, by ***: not found"),
        ] {
            let line = of_program(said, command);
            assert!(line.ends_with(told) && !line.contains("more"), "{line}");
        }
        assert_eq!(of_program(&"a".repeat(300), "x").len(), LONGEST + 3);
    }
}
