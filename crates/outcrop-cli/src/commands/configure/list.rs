//! What is set, where it is said, and what overrides what.

use outcrop::auth::profile::Profiles;
use outcrop::settings::{Origin, Said, Setting};
use outcrop::{Client, ClientBuilder, Surroundings};
use serde_json::{Value, json};

use super::changes::{self, ACCESS_KEY_ID, Changes, SECRET_ACCESS_KEY, SESSION_TOKEN};
use super::property::no_profile;
use super::{check, profile_name};
use crate::args::Configure;
use crate::exit::{Failure, in_flags};
use crate::printer::Printer;
use crate::render::table;

/// Told also where nobody says them.
const ALWAYS: [&str; 4] = ["profile", "access key", "secret key", "region"];

pub(super) async fn run(configure: &Configure, json: bool, printer: &Printer) -> Result<(), Failure> {
    profile_name(configure, &Surroundings::system())?;
    let settings = builder(configure).settings()?;
    let profiles = changes::readable(&Surroundings::system())?;
    let known = missing(&settings, &profiles);
    // Whoever would call finds out now what calls would do; nothing is sent.
    let client = builder(configure).build().await;
    let credentials = client.as_ref().ok().and_then(|client| client.reasons().next()).map(str::to_owned);
    let credentials = credentials.as_deref().map(|reason| reason.strip_prefix("credentials: ").unwrap_or(reason));
    if json {
        let problem = client.as_ref().err().map(|error| json!({ "error": error.to_string(), "hint": error.hint() }));
        let settings: Vec<Value> = settings.iter().map(as_json).collect();
        let shown = json!({ "settings": settings, "credentials": credentials, "problem": problem });
        printer.line(&shown.to_string())?;
        return known;
    }
    let rows: Vec<[String; 4]> = settings.iter().flat_map(rows).collect();
    printer.piece(&table::table(["NAME", "VALUE", "FROM", "OVERRIDDEN BY"], &rows))?;
    without_prefix(&profiles, None, printer);
    known?;
    match (credentials, &client) {
        (Some(credentials), _) => printer.note(&format!("calls use {credentials}")),
        (None, Err(error)) => {
            printer.warning(&in_flags(&format!("calls would fail: {error}")));
            error.hint().into_iter().for_each(|hint| printer.note(&in_flags(&format!("hint: {hint}"))));
        }
        (None, Ok(_)) => {}
    }
    client.iter().flat_map(Client::warnings).for_each(|warning| printer.warning(warning));
    Ok(())
}

/// Sections of the config file that look like profiles, and are none: all, or those of one name.
fn without_prefix(profiles: &Profiles, wanted: Option<&str>, printer: &Printer) {
    for (name, line) in profiles.config.without_prefix().filter(|(name, _)| wanted.is_none_or(|wanted| wanted == name))
    {
        let path = profiles.config.path();
        printer.warning(&format!("{path}:{line}: nobody reads [{name}]: the config file wants [profile {name}]"));
    }
}

/// A profile that was named and is nowhere: it is told when the rest has been.
fn missing(settings: &[Setting], profiles: &Profiles) -> Result<(), Failure> {
    let named = settings.first().and_then(Setting::counting).filter(|said| said.origin != Origin::Default);
    match named.filter(|said| !profiles.exists(&said.value)) {
        Some(said) => Err(no_profile(&said.value, profiles)),
        None => Ok(()),
    }
}

fn builder(configure: &Configure) -> ClientBuilder {
    match &configure.profile {
        Some(name) => Client::builder().profile(name),
        None => Client::builder(),
    }
}

/// The one that counts first.
fn rows(setting: &Setting) -> Vec<[String; 4]> {
    let row = |said: &Said| {
        let by = said.overridden_by.as_ref().map(told).unwrap_or_default();
        [setting.name.to_owned(), said.value.clone(), told(&said.origin), by]
    };
    let (counting, others): (Vec<_>, Vec<_>) = setting.said.iter().partition(|said| said.overridden_by.is_none());
    if counting.is_empty() && ALWAYS.contains(&setting.name) && others.is_empty() {
        return vec![[setting.name.to_owned(), "<not set>".to_owned(), String::new(), String::new()]];
    }
    counting.into_iter().chain(others).map(row).collect()
}

/// Where something is said, in the words of this program.
fn told(origin: &Origin) -> String {
    match origin {
        Origin::Caller => "--profile".to_owned(),
        Origin::Default => "default".to_owned(),
        other => other.to_string(),
    }
}

fn as_json(setting: &Setting) -> Value {
    let of_others = setting.said.iter().filter(|said| said.overridden_by.is_some());
    let overridden: Vec<Value> = of_others
        .map(|said| {
            let by = said.overridden_by.as_ref().map(origin_as_json);
            json!({ "value": said.value, "origin": origin_as_json(&said.origin), "by": by })
        })
        .collect();
    let counting = setting.counting();
    json!({
        "name": setting.name,
        "value": counting.map(|said| &said.value),
        "origin": counting.map(|said| origin_as_json(&said.origin)),
        "overridden": overridden,
    })
}

fn origin_as_json(origin: &Origin) -> Value {
    match origin {
        Origin::Caller => json!({ "kind": "flag", "name": "--profile" }),
        Origin::Variable(name) => json!({ "kind": "variable", "name": name }),
        Origin::File { path, line, section } => {
            json!({ "kind": "file", "path": path, "line": line, "section": section })
        }
        _ => json!({ "kind": "default" }),
    }
}

/// Keys of the files, and the settings that they are.
const SETTINGS: [(&str, &str); 8] = [
    (ACCESS_KEY_ID, "access key"),
    (SECRET_ACCESS_KEY, "secret key"),
    (SESSION_TOKEN, "session token"),
    ("region", "region"),
    ("endpoint_url", "endpoint"),
    ("role_arn", "role"),
    ("sso_session", "sso session"),
    ("sso_start_url", "sso start url"),
];

/// What of the changes will not work as somebody may expect.
pub(super) fn remark(changes: &Changes, configure: &Configure, after: &Profiles, printer: &Printer) {
    check::doubts(changes).iter().for_each(|doubt| printer.warning(doubt));
    without_prefix(after, Some(&changes.profile), printer);
    let Ok(settings) = builder(configure).settings() else { return };
    let mut told_of: Vec<&Origin> = Vec::new();
    for (key, name) in SETTINGS.iter().filter(|(key, _)| changes.value(key).is_some()) {
        let said = settings.iter().find(|setting| setting.name == *name).into_iter().flat_map(|setting| &setting.said);
        let mut written = said.filter(|said| matches!(said.origin, Origin::File { .. }));
        if let Some(by) = written.next().and_then(|said| said.overridden_by.as_ref())
            && !told_of.contains(&by)
        {
            printer.warning(&format!("{key} of the profile does not count: {} comes before it", told(by)));
            told_of.push(by);
        }
    }
    if changes.value(ACCESS_KEY_ID).is_none() {
        return;
    }
    let value = |key: &str| after.value(&changes.profile, key).filter(|value| !value.is_empty());
    let temporary = value(ACCESS_KEY_ID).is_some_and(|id| id.starts_with("ASIA"));
    match value(SESSION_TOKEN) {
        None if temporary => {
            printer.warning("keys that begin with ASIA are temporary, and nothing without their session token");
            printer.note("hint: --session-token - reads it from standard input");
        }
        Some(_) if changes.value(SESSION_TOKEN).is_none() => {
            printer.warning("the session token of the profile is that of the keys before");
            let profile = &changes.profile;
            printer.note(&format!("hint: outcrop configure unset {SESSION_TOKEN} --profile {profile}"));
        }
        _ => {}
    }
}
