//! `outcrop configure`: the AWS files, written and explained.

mod ask;
mod changes;
mod check;
mod list;
mod property;
mod write;

use outcrop::Surroundings;
use outcrop::auth::profile::{Profiles, chosen};

use self::ask::Answers;
use self::changes::{ACCESS_KEY_ID, Changes, SECRET_ACCESS_KEY, SESSION_TOKEN};
use crate::args::{Configure, ConfigureVerb};
use crate::exit::Failure;
use crate::printer::Printer;

pub(crate) async fn run(configure: Configure, printer: &Printer) -> Result<(), Failure> {
    let world = Surroundings::system();
    let typed = configure.properties.typed().next().is_some();
    let Keys { id, secret, token } = Keys::of(&configure);
    let flags = typed || id.or(secret).or(token).is_some();
    match &configure.verb {
        Some(_) if flags => Err(Failure::usage("flags of `configure` itself do not go with a verb below it")),
        Some(ConfigureVerb::List { json }) => list::run(&configure, *json, printer).await,
        Some(ConfigureVerb::Get { key, reveal }) => property::get(&configure, key, *reveal, &world, printer),
        Some(ConfigureVerb::Set { key, value }) => property::set(&configure, key, value, &world, printer).await,
        Some(ConfigureVerb::Unset { key }) => property::unset(&configure, key, &world, printer),
        None => {
            let profile = profile_name(&configure, &world)?;
            let before = changes::read(&world)?;
            let mut changes = Changes::of(profile);
            match flags {
                true => typed_in(&configure, &before, &mut changes, printer).await?,
                false => asked(&before, &mut changes, printer).await?,
            }
            save(&changes, &configure, &world, printer)
        }
    }
}

/// The profile that is written or asked about.
fn profile_name(configure: &Configure, world: &Surroundings) -> Result<String, Failure> {
    if configure.profile.as_deref().is_some_and(|name| name.trim().is_empty()) {
        return Err(Failure::usage("--profile names no AWS profile: its name is empty")
            .hint("leave --profile out for the default one, or give a name"));
    }
    let named = chosen(configure.profile.as_deref(), world).into_iter().next();
    Ok(named.map_or_else(|| "default".to_owned(), |said| said.value))
}

struct Keys<'a> {
    id: Option<&'a str>,
    secret: Option<&'a str>,
    token: Option<&'a str>,
}

impl<'a> Keys<'a> {
    fn of(configure: &'a Configure) -> Self {
        Keys {
            id: configure.keys.access_key_id.as_deref(),
            secret: configure.keys.secret_access_key.as_deref(),
            token: configure.keys.session_token.as_deref(),
        }
    }
}

/// What flags say.
async fn typed_in(
    configure: &Configure,
    before: &Profiles,
    changes: &mut Changes,
    printer: &Printer,
) -> Result<(), Failure> {
    let keys = Keys::of(configure);
    let mut answers = Answers::new(*printer);
    match keys.id {
        Some("-") => {
            let id = answers.line("AWS Access Key ID: ").await?.unwrap_or_default();
            changes.set(ACCESS_KEY_ID, &id)?;
        }
        Some(id) => changes.set(ACCESS_KEY_ID, id)?,
        None => {}
    }
    let named = match keys.secret {
        // Whoever types an id at a terminal can type its secret too.
        None if changes.value(ACCESS_KEY_ID) != before.value(&changes.profile, ACCESS_KEY_ID)
            && changes.value(ACCESS_KEY_ID).is_some()
            && answers.is_person() =>
        {
            Some("-")
        }
        secret => secret,
    };
    for (key, name, place) in
        [(SECRET_ACCESS_KEY, "AWS Secret Access Key", named), (SESSION_TOKEN, "AWS Session Token", keys.token)]
    {
        if let Some(place) = place {
            let secret = ask::secret(place, name, &mut answers).await?;
            changes.set(key, &secret)?;
        }
    }
    for (key, value) in configure.properties.typed() {
        changes.set(key, value)?;
    }
    changes.move_to_sso_session(before);
    Ok(())
}

/// What a person or a pipe answers, in the words and the order of the aws command line. Nothing keeps what is there.
async fn asked(before: &Profiles, changes: &mut Changes, printer: &Printer) -> Result<(), Failure> {
    let mut answers = Answers::new(*printer);
    let profile = changes.profile.clone();
    let present = |key: &str| before.value(&profile, key).filter(|value| !value.is_empty());
    let mut answered = false;
    for (key, name) in [
        (ACCESS_KEY_ID, "AWS Access Key ID"),
        (SECRET_ACCESS_KEY, "AWS Secret Access Key"),
        (SESSION_TOKEN, "AWS Session Token"),
        ("region", "Default region name"),
        ("output", "Default output format"),
    ] {
        let is_key = [ACCESS_KEY_ID, SECRET_ACCESS_KEY, SESSION_TOKEN].contains(&key);
        let renewed = changes.value(ACCESS_KEY_ID).is_some();
        let id = changes.value(ACCESS_KEY_ID).or(present(ACCESS_KEY_ID));
        // Only temporary keys have one, and scripts for the aws command line do not answer for it.
        if key == SESSION_TOKEN && !(answers.is_person() && id.is_some_and(|id| id.starts_with("ASIA"))) {
            continue;
        }
        // A secret belongs to its id: that of another is not offered.
        let present = present(key).filter(|_| key == ACCESS_KEY_ID || !is_key || !renewed);
        let shown = match present {
            Some(value) if is_key => outcrop::settings::masked(value),
            other => other.unwrap_or("None").to_owned(),
        };
        let prompt = format!("{name} [{shown}]: ");
        let answer = match is_key && key != ACCESS_KEY_ID {
            true => answers.hidden(&prompt).await?,
            false => answers.line(&prompt).await?,
        };
        let Some(answer) = answer else { break };
        answered = true;
        if !answer.is_empty() && present != Some(answer.as_str()) {
            changes.set(key, &answer)?;
        }
    }
    match answered {
        true => Ok(()),
        false => Err(Failure::usage("cannot configure anything: nothing was said, and standard input is empty")
            .hint("name what to write (outcrop configure --help), or run it at a terminal")),
    }
}

/// Checks what would be, and writes it.
fn save(changes: &Changes, configure: &Configure, world: &Surroundings, printer: &Printer) -> Result<(), Failure> {
    let before = changes::read(world)?;
    let mut after = before.clone();
    changes.make(&mut after)?;
    check::values(changes, configure.any_region)?;
    check::whole(changes, &before, &after)?;
    let written = write::files(&before, &after, world)?;
    if written.is_empty() {
        printer.note("nothing to write: the files say so already");
    }
    for path in written {
        printer.note(&format!("wrote AWS profile {} to {}", changes.profile, path.display()));
    }
    list::remark(changes, configure, &after, printer);
    Ok(())
}
