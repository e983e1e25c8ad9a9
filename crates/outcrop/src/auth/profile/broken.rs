//! What of an AWS profile whose keys come from elsewhere does not hold together: told before anybody is asked, with what mends
//! it. The order is that of AWS's own crate, and so is what it refuses.

use super::Profiles;
use crate::auth::CredentialsError;
use crate::auth::caller::instead;

type Check = Result<(), CredentialsError>;

/// Checks a profile, and those that it assumes its role as.
pub(in crate::auth) fn check(profiles: &Profiles, name: &str) -> Check {
    let mut visited = vec![name];
    loop {
        let at = visited[visited.len() - 1];
        let value = |key: &str| present(profiles, at, key);
        // Who assumes a role is first of all whoever has keys.
        if visited.len() > 1 && profiles.static_keys(at)?.is_some() {
            return Ok(());
        }
        if value("role_arn").is_none() || value("web_identity_token_file").is_some() {
            return base(profiles, at, visited.len() > 1);
        }
        if value("mfa_serial").is_some() {
            return Err(wrong(
                format!(
                    "AWS profile {at} wants a one-time code for its role (`mfa_serial`), which is not asked for here"
                ),
                format!("`eval \"$(aws configure export-credentials --profile {name} --format env)\"` asks for it"),
            ));
        }
        match (value("source_profile"), value("credential_source")) {
            (Some(_), Some(_)) => {
                return Err(wrong(
                    format!("AWS profile {at} has `source_profile` and `credential_source`, of which AWS takes one"),
                    format!("remove one of the two: outcrop configure unset credential_source --profile {at}"),
                ));
            }
            (None, None) => {
                return Err(wrong(
                    format!("AWS profile {at} has a role, and nobody who assumes it"),
                    format!("say who does: outcrop configure --profile {at} --source-profile NAME"),
                ));
            }
            (Some(source), None) if !profiles.exists(source) => return Err(no_source(profiles, at, source)),
            (Some(source), None) if source != at => {
                if visited.contains(&source) {
                    return Err(circle(&visited, source));
                }
                visited.push(source);
            }
            // It assumes its role itself.
            _ => return Ok(()),
        }
    }
}

/// Checks a profile that assumes no role; of a `source` keys are expected.
fn base(profiles: &Profiles, at: &str, source: bool) -> Check {
    let value = |key: &str| present(profiles, at, key);
    if value("web_identity_token_file").is_some() {
        return match value("role_arn") {
            Some(_) => Ok(()),
            None => Err(wrong(
                format!("AWS profile {at} has `web_identity_token_file`, and no role to exchange the token for"),
                format!("name the role: outcrop configure --profile {at} --role-arn ARN"),
            )),
        };
    }
    if ["sso_session", "sso_start_url"].iter().any(|key| value(key).is_some()) {
        return sso(profiles, at);
    }
    let has = ["login_session", "credential_process", "credential_source"].iter().any(|key| value(key).is_some());
    match source && !has {
        true => Err(wrong(
            format!("AWS profile {at} is to assume a role, and has no keys"),
            format!("give it keys (outcrop configure --profile {at}), or name another `source_profile`"),
        )),
        false => Ok(()),
    }
}

/// Checks that a profile says by which session, and as whom, it logs in.
fn sso(profiles: &Profiles, at: &str) -> Check {
    let value = |key: &str| present(profiles, at, key);
    let of_profile = [("sso_start_url", "--sso-start-url URL"), ("sso_region", "--sso-region REGION")];
    let path = profiles.config.path();
    let missing = match value("sso_session") {
        None => lacking(&of_profile, value),
        Some(name) => {
            let Some(section) = profiles.config.sso_session(name) else {
                let new = format!(
                    "write it: outcrop configure --profile {at} --sso-session {name} --sso-start-url URL --sso-region REGION"
                );
                let names: Vec<&str> = profiles.config.sso_session_names().collect();
                let hint = instead(name, &names).map_or(new.clone(), |others| format!("{others}; or {new}"));
                return Err(wrong(
                    format!("AWS profile {at} uses SSO session {name}, and {path} has no [sso-session {name}]"),
                    hint,
                ));
            };
            if let Some((key, _)) = of_profile.iter().find(|(key, _)| value(key).is_some()) {
                return Err(wrong(
                    format!("AWS profile {at} has `{key}`, which with a session stands in [sso-session {name}] alone"),
                    format!("remove it: outcrop configure unset {key} --profile {at}"),
                ));
            }
            let of_session = |key: &str| section.value(key).filter(|value| !value.is_empty());
            if let Some((keys, flags)) = lacking(&of_profile, of_session) {
                return Err(wrong(
                    format!("SSO session {name} of AWS profile {at} has no {keys}"),
                    format!("write it: outcrop configure --profile {at} --sso-session {name} {flags}"),
                ));
            }
            None
        }
    };
    let of_caller = [("sso_account_id", "--sso-account-id ID"), ("sso_role_name", "--sso-role-name NAME")];
    match missing.or_else(|| lacking(&of_caller, value)) {
        None => Ok(()),
        Some((keys, flags)) => Err(wrong(
            format!("AWS profile {at} logs in by SSO, and has no {keys}"),
            format!("write it: outcrop configure --profile {at} {flags}"),
        )),
    }
}

/// The keys that have no value, and the flags that write them.
fn lacking<'a>(
    needed: &[(&'static str, &'static str)],
    value: impl Fn(&str) -> Option<&'a str>,
) -> Option<(String, String)> {
    let lacking: Vec<_> = needed.iter().filter(|(key, _)| value(key).is_none()).collect();
    let keys: Vec<String> = lacking.iter().map(|(key, _)| format!("`{key}`")).collect();
    let flags: Vec<&str> = lacking.iter().map(|(_, flag)| *flag).collect();
    (!lacking.is_empty()).then(|| (keys.join(" and no "), flags.join(" ")))
}

fn circle(visited: &[&str], source: &str) -> CredentialsError {
    let steps: Vec<&str> = visited.iter().copied().skip_while(|name| *name != source).chain([source]).collect();
    wrong(
        format!("AWS profiles assume their roles as one another, in a circle: {}", steps.join(" as ")),
        "let `source_profile` of the last one name a profile that has keys".to_owned(),
    )
}

fn no_source(profiles: &Profiles, at: &str, source: &str) -> CredentialsError {
    let (config, credentials) = (profiles.config.path(), profiles.credentials.path());
    let what = format!(
        "AWS profile {at} assumes its role as `source_profile` {source}, which is neither in {config} nor in {credentials}"
    );
    let unseen = profiles.unseen(source).map(|unseen| unseen.hint);
    let hint = unseen.or_else(|| instead(source, &profiles.names()));
    CredentialsError { hint, ..CredentialsError::new(what) }
}

fn wrong(what: String, hint: String) -> CredentialsError {
    CredentialsError { hint: Some(hint), ..CredentialsError::new(what) }
}

fn present<'a>(profiles: &'a Profiles, name: &str, key: &str) -> Option<&'a str> {
    profiles.value(name, key).filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::profile::{FileKind, ProfileFile};

    /// What is wrong with profile `app`, and what mends it.
    fn wrong_with(config: &str) -> Option<(String, String)> {
        let profiles = Profiles {
            config: ProfileFile::parse(FileKind::Config, "config", config).expect("a file"),
            credentials: ProfileFile::empty(FileKind::Credentials, "credentials"),
        };
        check(&profiles, "app").err().map(|error| (error.what, error.hint.unwrap_or_default()))
    }

    #[test]
    fn a_one_time_code_is_told_wherever_in_the_chain_it_is_wanted() {
        let config = "[profile app]\nrole_arn = a\nsource_profile = middle\n[profile middle]\nrole_arn = b\n\
                      source_profile = base\nmfa_serial = c\n[profile base]\nregion = us-east-1\n";
        let (what, hint) = wrong_with(config).expect("a code is wanted");
        assert!(what.starts_with("AWS profile middle wants a one-time code"), "{what}");
        assert!(hint.contains("--profile app"), "{hint}");
    }

    #[test]
    fn what_holds_together_is_left_alone() {
        let keys = "aws_access_key_id = a\naws_secret_access_key = b\n";
        for config in [
            "[profile app]\nregion = us-east-1\n".to_owned(),
            "[profile app]\nrole_arn = a\ncredential_source = Environment\n".to_owned(),
            format!("[profile app]\nrole_arn = a\nsource_profile = app\n{keys}"),
            format!(
                "[profile app]\nrole_arn = a\nsource_profile = base\n[profile base]\nrole_arn = b\nsource_profile = app\n{keys}"
            ),
            "[profile app]\nrole_arn = a\nweb_identity_token_file = t\n".to_owned(),
            "[profile app]\nsso_session = corp\nsso_account_id = 1\nsso_role_name = r\n[sso-session corp]\n\
             sso_region = eu-west-1\nsso_start_url = https://corp\n"
                .to_owned(),
            "[profile app]\ncredential_process = true\n".to_owned(),
        ] {
            assert_eq!(wrong_with(&config), None, "{config}");
        }
    }

    #[test]
    fn each_thing_that_is_wrong_has_its_own_mend() {
        let session = "[sso-session corp]\nsso_region = eu-west-1\nsso_start_url = https://corp\n";
        for (config, what, hint) in [
            ("role_arn = a\n".to_owned(), "has a role, and nobody who assumes it", "--source-profile NAME"),
            (
                "role_arn = a\nsource_profile = base\ncredential_source = Environment\n".to_owned(),
                "of which AWS takes one",
                "unset credential_source --profile app",
            ),
            (
                "role_arn = a\nsource_profile = wrok\n[profile work]\nregion = us-east-1\n".to_owned(),
                "assumes its role as `source_profile` wrok, which is neither in config nor in credentials",
                "is it work?",
            ),
            (
                "role_arn = a\nsource_profile = work\n[work]\naws_access_key_id = a\n".to_owned(),
                "`source_profile` work, which is neither",
                "the config file wants [profile work]: write it so in line 4 of config",
            ),
            (
                "role_arn = a\nsource_profile = b\n[profile b]\nrole_arn = b\nsource_profile = c\n\
                 [profile c]\nrole_arn = c\nsource_profile = b\n"
                    .to_owned(),
                "in a circle: b as c as b",
                "a profile that has keys",
            ),
            (
                "role_arn = a\nsource_profile = base\n[profile base]\nregion = us-east-1\n".to_owned(),
                "AWS profile base is to assume a role, and has no keys",
                "outcrop configure --profile base",
            ),
            (
                "role_arn = a\nsource_profile = base\n[profile base]\naws_access_key_id = a\n".to_owned(),
                "profile \"base\" has aws_access_key_id but no aws_secret_access_key",
                "write aws_secret_access_key beside it",
            ),
            ("web_identity_token_file = t\n".to_owned(), "no role to exchange the token for", "--role-arn ARN"),
            (
                format!("sso_session = crop\n{session}"),
                "config has no [sso-session crop]",
                "is it corp?; or write it: outcrop configure --profile app --sso-session crop ",
            ),
            ("sso_session = corp\n".to_owned(), "config has no [sso-session corp]", "write it: outcrop configure"),
            (
                "sso_session = corp\n[sso-session corp]\nsso_region = eu-west-1\n".to_owned(),
                "SSO session corp of AWS profile app has no `sso_start_url`",
                "--sso-session corp --sso-start-url URL",
            ),
            (
                format!("sso_session = corp\nsso_region = eu-west-1\n{session}"),
                "has `sso_region`, which with a session stands in [sso-session corp] alone",
                "unset sso_region --profile app",
            ),
            (
                format!("sso_session = corp\n{session}"),
                "has no `sso_account_id` and no `sso_role_name`",
                "--sso-account-id ID --sso-role-name NAME",
            ),
            (
                "sso_start_url = https://corp\nsso_account_id = 1\nsso_role_name = r\n".to_owned(),
                "has no `sso_region`",
                "--profile app --sso-region REGION",
            ),
        ] {
            let (told, mend) = wrong_with(&format!("[profile app]\n{config}")).expect(&config);
            assert!(told.contains(what) && mend.contains(hint), "{config}: {told} ({mend})");
        }
    }
}
