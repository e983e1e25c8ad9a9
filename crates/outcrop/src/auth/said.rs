//! Everything that says who calls, and what of it counts, for people. What is done about it is decided in `caller`.

use super::caller::{BEARER_VARIABLE, Profile};
use super::credentials::BEFORE_KEYS;
use super::profile::{FileKind, Profiles};
use crate::settings::{Origin, Said, Setting, masked};
use crate::surroundings::Surroundings;

/// A way to be somebody: a setting, by what says it, and its parts.
struct Way {
    origin: Origin,
    parts: Vec<(&'static str, Said)>,
}

/// The settings that say who calls, in the order in which they are told.
const NAMES: [&str; 17] = [
    "bearer key",
    "access key",
    "secret key",
    "session token",
    "role",
    "source profile",
    "credential source",
    "sso session",
    "sso start url",
    "sso region",
    "sso account",
    "sso role",
    "web identity",
    "login session",
    "credential process",
    "container",
    "external id",
];

/// Keys of a profile that say who calls, and what they are called here: those that come before keys, and what belongs to
/// them.
const ELSEWHERE: [(&str, &str); 10] = [
    ("role_arn", "role"),
    ("source_profile", "source profile"),
    ("credential_source", "credential source"),
    ("external_id", "external id"),
    ("sso_session", "sso session"),
    ("sso_start_url", "sso start url"),
    ("sso_region", "sso region"),
    ("sso_account_id", "sso account"),
    ("sso_role_name", "sso role"),
    ("login_session", "login session"),
];

const WEB_IDENTITY: (&str, &str) = ("web_identity_token_file", "web identity");
const PROCESS: (&str, &str) = ("credential_process", "credential process");

/// The settings that say who calls, each with what overrides it.
pub(crate) fn settings(world: &Surroundings, profiles: &Profiles, profile: &Profile) -> Vec<Setting> {
    let (environment, ambient) = (environment(world), ambient(world));
    let of_profile = of_profile(profiles, &profile.name);
    // What was asked for in code is the only place to look.
    let (ways, passed_over) = match profile.explicit {
        true => (of_profile, environment.into_iter().chain(ambient).collect()),
        false => (environment.into_iter().chain(of_profile).chain(ambient).collect(), Vec::new()),
    };
    let by = ways.first().map(|way| way.origin.clone());
    let counting = ways.into_iter().enumerate().map(|(index, way)| (way, by.clone().filter(|_| index > 0)));
    let passed_over = passed_over.into_iter().map(|way| (way, Some(Origin::Caller)));
    let mut parts: Vec<(&str, Said)> = Vec::new();
    for (way, overridden_by) in counting.chain(passed_over) {
        for (name, said) in way.parts {
            parts.push((name, Said { overridden_by: overridden_by.clone(), ..said }));
        }
    }
    let said = |name: &str| parts.iter().filter(|(of, _)| *of == name).map(|(_, said)| said.clone()).collect();
    NAMES.iter().map(|name| Setting { name, said: said(name) }).collect()
}

/// A bearer key, and keys.
fn environment(world: &Surroundings) -> Vec<Way> {
    let part = |name: &'static str, variable: &'static str| {
        let value = world.variable(variable)?;
        Some((name, Said::new(masked(&value), Origin::Variable(variable))))
    };
    let bearer = vec![part("bearer key", BEARER_VARIABLE)];
    let keys = vec![
        part("access key", "AWS_ACCESS_KEY_ID"),
        part("secret key", "AWS_SECRET_ACCESS_KEY"),
        part("session token", "AWS_SESSION_TOKEN"),
    ];
    let way = |parts: Vec<Option<(&'static str, Said)>>| {
        let parts: Vec<_> = parts.into_iter().flatten().collect();
        let origin = parts.first()?.1.origin.clone();
        Some(Way { origin, parts })
    };
    // A token alone is nobody.
    let keys = way(keys).filter(|way| way.parts.iter().any(|(name, _)| *name != "session token"));
    way(bearer).into_iter().chain(keys).collect()
}

/// A role or a session, keys of either file, a program.
fn of_profile(profiles: &Profiles, name: &str) -> Vec<Way> {
    let said = |key: &str| profiles.said(name, key).into_iter().next();
    let mut ways = Vec::new();
    if let Some(origin) = BEFORE_KEYS.iter().find_map(|key| said(key)).map(|said| said.origin) {
        let rows = ELSEWHERE.iter().chain([&WEB_IDENTITY]);
        let of_session = |key: &str| profiles.said_in_session(&said("sso_session")?.value, key);
        let parts = rows.filter_map(|(key, name)| Some((*name, of_session(key).or_else(|| said(key))?))).collect();
        ways.push(Way { origin, parts });
    }
    for kind in [FileKind::Credentials, FileKind::Config] {
        let rows = [
            ("aws_access_key_id", "access key"),
            ("aws_secret_access_key", "secret key"),
            ("aws_session_token", "session token"),
        ];
        let parts = rows.into_iter().filter_map(|(key, part)| {
            let said = profiles.said_in(kind, name, key)?;
            Some((part, Said { value: masked(&said.value), ..said }))
        });
        let parts: Vec<_> = parts.collect();
        if let Some((name, first)) = parts.first()
            && *name != "session token"
        {
            ways.push(Way { origin: first.origin.clone(), parts });
        }
    }
    if let Some(process) = said(PROCESS.0) {
        // Its arguments may hold a secret.
        let program = process.value.split_whitespace().next().unwrap_or_default().to_owned();
        ways.push(Way { origin: process.origin.clone(), parts: vec![(PROCESS.1, Said { value: program, ..process })] });
    }
    ways
}

/// What the environment says of services that give keys.
fn ambient(world: &Surroundings) -> Vec<Way> {
    let rows = [
        ("web identity", "AWS_WEB_IDENTITY_TOKEN_FILE"),
        ("container", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"),
        ("container", "AWS_CONTAINER_CREDENTIALS_FULL_URI"),
    ];
    let ways = rows.into_iter().filter_map(|(name, variable)| {
        let said = Said::new(world.variable(variable)?, Origin::Variable(variable));
        Some(Way { origin: said.origin.clone(), parts: vec![(name, said)] })
    });
    ways.collect()
}
