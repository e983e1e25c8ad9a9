//! What AWS's crate would not do with an AWS profile, told before it is asked.

use crate::auth::CredentialsError;
use crate::auth::caller::instead;
use crate::auth::profile::Profiles;

/// So many roles are assumed one after the other at most.
const LONGEST_CHAIN: usize = 16;

/// How to log in, where the keys of a profile, or of the one whose role it assumes, come from SSO.
pub(super) fn login(profiles: &Profiles, name: &str) -> Option<String> {
    let of_sso = |name: &&str| ["sso_session", "sso_start_url"].iter().any(|key| profiles.value(name, key).is_some());
    let sources = std::iter::successors(Some(name), |at| profiles.value(at, "source_profile"));
    sources.take(LONGEST_CHAIN).find(of_sso).map(|name| match name {
        "default" => "log in with `aws sso login`".to_owned(),
        name => format!("log in with `aws sso login --profile {name}`"),
    })
}

/// Refuses roles that want a one-time code: there is nobody here to ask for it, and without it STS only refuses.
pub(super) fn check(profiles: &Profiles, name: &str) -> Result<(), CredentialsError> {
    let mut at = name;
    for _ in 0..LONGEST_CHAIN {
        if profiles.value(at, "role_arn").is_none() {
            return Ok(());
        }
        if profiles.value(at, "mfa_serial").is_some() {
            return Err(CredentialsError {
                what: format!(
                    "AWS profile {at} wants a one-time code for its role (`mfa_serial`), which is not asked for here"
                ),
                hint: Some(format!(
                    "`eval \"$(aws configure export-credentials --profile {name} --format env)\"` asks for it"
                )),
            });
        }
        match profiles.value(at, "source_profile") {
            Some(next) if !profiles.exists(next) => return Err(no_source(profiles, at, next)),
            Some(next) if next != at => at = next,
            _ => return Ok(()),
        }
    }
    Ok(())
}

fn no_source(profiles: &Profiles, at: &str, source: &str) -> CredentialsError {
    let (config, credentials) = (profiles.config.path(), profiles.credentials.path());
    let what = format!(
        "AWS profile {at} assumes its role as `source_profile` {source}, which is neither in {config} nor in {credentials}"
    );
    CredentialsError { what, hint: instead(source, &profiles.names()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::profile::{FileKind, ProfileFile};

    #[test]
    fn a_one_time_code_is_told_wherever_in_the_chain_it_is_wanted() {
        let config = "[profile app]\nrole_arn = a\nsource_profile = middle\n[profile middle]\nrole_arn = b\n\
                      source_profile = base\nmfa_serial = c\n[profile base]\nregion = us-east-1\n\
                      [profile ring]\nrole_arn = d\nsource_profile = gnir\n[profile gnir]\nrole_arn = e\nsource_profile = ring\n";
        let profiles = Profiles {
            config: ProfileFile::parse(FileKind::Config, "config", config).expect("a file"),
            credentials: ProfileFile::empty(FileKind::Credentials, "credentials"),
        };
        let error = check(&profiles, "app").expect_err("a code is wanted");
        assert!(error.what.starts_with("AWS profile middle wants a one-time code"), "{error}");
        assert!(error.hint.is_some_and(|hint| hint.contains("--profile app")));
        assert_eq!((check(&profiles, "base"), check(&profiles, "ring")), (Ok(()), Ok(())));
    }
}
