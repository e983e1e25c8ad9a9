//! `configure get`, `set` and `unset`: one property by its key, as the aws command line has it.

use outcrop::Surroundings;
use outcrop::auth::profile::{Profiles, Section};
use outcrop::wire::near::near;

use super::ask::{self, Answers};
use super::changes::{self, ACCESS_KEY_ID, Changes, SECRET_ACCESS_KEY, is_secret};
use super::{check, list, profile_name, write};
use crate::args::Configure;
use crate::exit::Failure;
use crate::printer::Printer;

/// A section, and a key in it.
enum Property<'a> {
    OfProfile(String, &'a str),
    OfSession(&'a str, &'a str),
}

impl<'a> Property<'a> {
    /// `KEY` of the profile in force, `default.KEY`, `profile.NAME.KEY`, `sso-session.NAME.KEY`.
    fn named(typed: &'a str, configure: &Configure, world: &Surroundings) -> Result<Self, Failure> {
        let wrong = || {
            Failure::usage(format!("cannot find property `{typed}`: it names no section that is known"))
                .hint("KEY, default.KEY, profile.NAME.KEY or sso-session.NAME.KEY")
        };
        match typed.split_once('.') {
            None => Ok(Property::OfProfile(profile_name(configure, world)?, typed)),
            Some(("default", key)) if !key.contains('.') => Ok(Property::OfProfile("default".to_owned(), key)),
            // A name may have dots, a key has none.
            Some(("profile", rest)) => {
                let (name, key) = rest.rsplit_once('.').ok_or_else(wrong)?;
                Ok(Property::OfProfile(name.to_owned(), key))
            }
            Some(("sso-session", rest)) => {
                let (name, key) = rest.rsplit_once('.').ok_or_else(wrong)?;
                Ok(Property::OfSession(name, key))
            }
            Some(_) => Err(wrong()),
        }
    }
}

pub(super) fn get(
    configure: &Configure,
    typed: &str,
    reveal: bool,
    world: &Surroundings,
    printer: &Printer,
) -> Result<(), Failure> {
    let profiles = changes::read(world)?;
    let (value, of, key) = match &Property::named(typed, configure, world)? {
        Property::OfProfile(name, key) => {
            if !profiles.exists(name) && (configure.profile.is_some() || typed.contains('.')) {
                return Err(no_profile(name, &profiles));
            }
            (profiles.value(name, key), format!("AWS profile {name}"), *key)
        }
        Property::OfSession(name, key) => {
            let section: Option<Section<'_>> = profiles.config.sso_session(name);
            (section.and_then(|section| section.value(key)), format!("SSO session {name}"), *key)
        }
    };
    match value {
        None => Err(Failure::new(format!("`{key}` is not set in {of}"))),
        Some(_) if is_secret(&key.to_ascii_lowercase()) && !reveal => {
            Err(Failure::usage(format!("cannot print {key} of {of}: it is a secret")).hint("--reveal prints it"))
        }
        Some(value) => Ok(printer.line(value)?),
    }
}

pub(super) fn no_profile(name: &str, profiles: &Profiles) -> Failure {
    let (config, credentials) = (profiles.config.path(), profiles.credentials.path());
    let failure = Failure::usage(format!("AWS profile {name} is neither in {config} nor in {credentials}"));
    if let Some(unseen) = profiles.unseen(name) {
        return failure.hint(unseen.hint);
    }
    let names = profiles.names();
    match &near(name, names.iter().copied())[..] {
        [] if names.is_empty() => failure,
        [] => failure.hint(format!("the files have {}", names.join(", "))),
        near => failure.hint(format!("is it {}?", near.join(" or "))),
    }
}

pub(super) async fn set(
    configure: &Configure,
    typed: &str,
    value: &str,
    world: &Surroundings,
    printer: &Printer,
) -> Result<(), Failure> {
    let changes = match Property::named(typed, configure, world)? {
        Property::OfSession(name, key) => Changes::of_session(name, key, value),
        Property::OfProfile(name, key) => {
            let mut changes = Changes::of(name);
            let lower = key.to_ascii_lowercase();
            match is_secret(&lower) {
                true => changes.set(key, &ask::secret(value, &lower, &mut Answers::new(*printer)).await?)?,
                false => changes.set(key, value)?,
            }
            changes
        }
    };
    check::values(&changes, configure.any_region)?;
    let before = changes::read(world)?;
    let mut after = before.clone();
    changes.make(&mut after)?;
    told(&write::files(&before, &after, world)?, printer);
    list::remark(&changes, configure, &after, printer);
    half(&changes, &after, printer);
    Ok(())
}

/// Keys are set one after the other here: half a pair is no mistake yet.
fn half(changes: &Changes, after: &Profiles, printer: &Printer) {
    if [ACCESS_KEY_ID, SECRET_ACCESS_KEY].iter().any(|key| changes.value(key).is_some())
        && let Err(error) = after.static_keys(&changes.profile)
    {
        printer.warning(&error.what);
    }
}

pub(super) fn unset(
    configure: &Configure,
    typed: &str,
    world: &Surroundings,
    printer: &Printer,
) -> Result<(), Failure> {
    let Property::OfProfile(name, key) = Property::named(typed, configure, world)? else {
        return Err(Failure::usage("cannot remove a property of an SSO session: other profiles may use it"));
    };
    let before = changes::read(world)?;
    let mut after = before.clone();
    let mut changes = Changes::of(name);
    changes.remove(key);
    changes.make(&mut after)?;
    if before == after {
        return Err(Failure::new(format!("`{key}` is not set in AWS profile {}", changes.profile)));
    }
    told(&write::files(&before, &after, world)?, printer);
    Ok(())
}

fn told(written: &[std::path::PathBuf], printer: &Printer) {
    written.iter().for_each(|path| printer.note(&format!("wrote {}", path.display())));
}
