//! What is wrong with changes before they are written: values that make no sense, and what would be left incomplete.

use std::path::Path;

use outcrop::auth::profile::Profiles;
use outcrop::endpoint::known_region;
use outcrop::wire::near::near;

use super::changes::{ACCESS_KEY_ID, Changes, SECRET_ACCESS_KEY};
use crate::exit::Failure;

/// The formats of the aws command line (its user guide, "Setting the output format in the AWS CLI").
const FORMATS: [&str; 6] = ["json", "yaml", "yaml-stream", "text", "table", "off"];

/// Checks each value by itself.
pub(super) fn values(changes: &Changes, any_region: bool) -> Result<(), Failure> {
    for (key, value) in changes.all() {
        match key {
            // A variable of a shell that is not set would take the setting away.
            _ if value.is_empty() => {
                return Err(Failure::usage(format!("cannot write {key}: the value is empty"))
                    .hint(format!("`outcrop configure unset {key}` takes it out")));
            }
            "region" | "sso_region" => region(key, value, any_region)?,
            "output" if !FORMATS.contains(&value) => {
                return Err(wrong(key, value, "the aws command line has no such format")
                    .hint(format!("it has {}", FORMATS.join(", "))));
            }
            "role_arn" if !is_role(value) => {
                return Err(wrong(key, value, "it is no ARN of a role")
                    .hint("it is written as arn:aws:iam::123456789012:role/NAME"));
            }
            "sso_account_id" if value.len() != 12 || !value.bytes().all(|byte| byte.is_ascii_digit()) => {
                return Err(wrong(key, value, "an account has twelve digits"));
            }
            "sso_start_url" | "endpoint_url"
                if !["https://", "http://"].iter().any(|start| value.starts_with(start)) =>
            {
                return Err(Failure::usage(format!("cannot write {key}: it does not begin with https:// or http://")));
            }
            _ => {}
        }
    }
    Ok(())
}

fn wrong(key: &str, value: &str, why: &str) -> Failure {
    Failure::usage(format!("cannot write {key} `{value}`: {why}"))
}

fn is_role(arn: &str) -> bool {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    matches!(parts[..], ["arn", _, "iam", "", _, resource] if resource.starts_with("role/") && resource.len() > 5)
}

fn region(key: &str, value: &str, any: bool) -> Result<(), Failure> {
    let is_name = value.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    match known_region(value) {
        Err(unknown) if !(any && is_name) => {
            let newer = if is_name { "; a newer one is written with --any-region" } else { "" };
            Err(wrong(key, value, "no such region is known").hint(format!("{}{newer}", unknown.hint())))
        }
        _ => Ok(()),
    }
}

/// What of the values is no mistake yet, and would be one when somebody calls.
pub(super) fn doubts(changes: &Changes) -> Vec<String> {
    let files = changes.all().filter(|(key, value)| *key == "ca_bundle" && !value.is_empty());
    let missing = files.filter_map(|(key, value)| match std::fs::metadata(Path::new(value)) {
        Err(error) => Some(format!("{key} {value} cannot be read: {error}")),
        Ok(found) if found.is_dir() => Some(format!("{key} {value} is a folder, and no file of certificates")),
        Ok(_) => None,
    });
    missing.collect()
}

/// Checks what the profile would be: keys in pairs, roles with somebody to assume them, SSO with all that it needs.
pub(super) fn whole(changes: &Changes, before: &Profiles, after: &Profiles) -> Result<(), Failure> {
    keys(changes, before, after)?;
    let profile = changes.profile.as_str();
    let value = |key: &str| after.value(profile, key).filter(|value| !value.is_empty());
    let cannot = |why: String| Failure::usage(format!("cannot write AWS profile {profile}: {why}"));
    if changes.value("source_profile").is_some_and(|source| !after.exists(source)) {
        let source = changes.value("source_profile").unwrap_or_default();
        let names = before.names();
        let near = near(source, names.iter().copied());
        let hint = match (near.is_empty(), names.is_empty()) {
            (false, _) => format!("is it {}?", near.join(" or ")),
            (true, false) => format!("the files have {}", names.join(", ")),
            (true, true) => format!("write it first: outcrop configure --profile {source}"),
        };
        return Err(cannot(format!("there is no AWS profile {source} to assume its role")).hint(hint));
    }
    let touches = |keys: &[&str]| keys.iter().any(|key| changes.value(key).is_some());
    let assumed = ["source_profile", "credential_source", "web_identity_token_file"];
    if touches(&["role_arn"]) || touches(&assumed) {
        let sources: Vec<&str> = assumed.into_iter().filter(|key| value(key).is_some()).collect();
        match (value("role_arn"), &sources[..]) {
            (None, _) => {
                return Err(
                    cannot(format!("it has {} and no role to assume", sources.join(" and "))).hint("--role-arn")
                );
            }
            (Some(_), []) => {
                return Err(cannot("it has a role and nobody who assumes it".to_owned())
                    .hint("--source-profile, --credential-source or --web-identity-token-file says who does"));
            }
            (Some(_), [_]) => {}
            (Some(_), _) => {
                return Err(cannot(format!("it would have {}, of which AWS takes one", sources.join(" and "))).hint(
                    format!("remove the other first: outcrop configure unset {} --profile {profile}", sources[0]),
                ));
            }
        }
    }
    if touches(&["sso_session", "sso_start_url", "sso_region", "sso_account_id", "sso_role_name"]) {
        sso(changes, after)?;
    }
    Ok(())
}

/// An id without its secret, or the other way round.
fn keys(changes: &Changes, before: &Profiles, after: &Profiles) -> Result<(), Failure> {
    let profile = changes.profile.as_str();
    let of = |profiles: &Profiles, key: &str| {
        let section = profiles.credentials.profile(profile);
        section.and_then(|section| section.value(key)).filter(|value| !value.is_empty()).map(str::to_owned)
    };
    let (id, secret) = (changes.value(ACCESS_KEY_ID), changes.value(SECRET_ACCESS_KEY));
    // The secret that is there belongs to the id that is there.
    let other_id = id.is_some() && of(before, ACCESS_KEY_ID).as_deref() != id;
    let half = |missing: &str, there: &str, hint: &str| {
        let text = format!("cannot write the keys of AWS profile {profile}: there is {there} and no {missing}");
        Failure::usage(text).hint(hint)
    };
    let (id_after, secret_after) = (of(after, ACCESS_KEY_ID), of(after, SECRET_ACCESS_KEY));
    if (other_id && secret.is_none()) || (id.is_some() && secret_after.is_none()) {
        let hint = "give it too: --secret-access-key - reads it from standard input";
        return Err(half("secret access key", "an access key id", hint));
    }
    if secret.is_some() && id_after.is_none() {
        return Err(half("access key id", "a secret access key", "give it too: --access-key-id"));
    }
    Ok(())
}

fn sso(changes: &Changes, after: &Profiles) -> Result<(), Failure> {
    let profile = changes.profile.as_str();
    let value = |key: &str| after.value(profile, key).filter(|value| !value.is_empty());
    let session = value("sso_session").map(|name| (name, after.config.sso_session(name)));
    if let Some((name, None)) = session {
        let names: Vec<&str> = after.config.sso_session_names().collect();
        let hint = match names.is_empty() {
            true => "write it too: --sso-start-url and --sso-region".to_owned(),
            false => {
                format!("there is {}; a new one is written with --sso-start-url and --sso-region", names.join(", "))
            }
        };
        let text =
            format!("cannot write AWS profile {profile}: there is no SSO session {name} in {}", after.config.path());
        return Err(Failure::usage(text).hint(hint));
    }
    let of_session = |key: &str| session.and_then(|(_, section)| section?.value(key)).or(value(key));
    let needed = [
        ("sso_start_url", of_session("sso_start_url"), "--sso-start-url"),
        ("sso_region", of_session("sso_region"), "--sso-region"),
        ("sso_account_id", value("sso_account_id"), "--sso-account-id"),
        ("sso_role_name", value("sso_role_name"), "--sso-role-name"),
    ];
    let missing: Vec<_> = needed.iter().filter(|(_, value, _)| value.is_none_or(str::is_empty)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = missing.iter().map(|(name, ..)| *name).collect();
    let flags: Vec<&str> = missing.iter().map(|(_, _, flag)| *flag).collect();
    let text = format!("cannot write AWS profile {profile}: SSO needs {} too", names.join(" and "));
    Err(Failure::usage(text).hint(format!("give {}", flags.join(" and "))))
}
