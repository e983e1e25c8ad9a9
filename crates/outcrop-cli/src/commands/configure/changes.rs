//! What is to be changed in the AWS files, and which file and section each key belongs to.

use outcrop::Surroundings;
use outcrop::auth::profile::{ProfileError, ProfileFile, Profiles};

use crate::exit::Failure;

pub(super) const ACCESS_KEY_ID: &str = "aws_access_key_id";
pub(super) const SECRET_ACCESS_KEY: &str = "aws_secret_access_key";
pub(super) const SESSION_TOKEN: &str = "aws_session_token";

/// The keys that stand in the credentials file, as the aws command line has it (`_WRITE_TO_CREDS_FILE`).
const OF_CREDENTIALS: [&str; 4] = [ACCESS_KEY_ID, SECRET_ACCESS_KEY, SESSION_TOKEN, "aws_security_token"];

/// The keys of a section `[sso-session NAME]`.
const OF_SESSION: [&str; 3] = ["sso_start_url", "sso_region", "sso_registration_scopes"];

/// What `aws configure sso` writes where nothing else is asked for.
const SCOPES: &str = "sso:account:access";

/// Whether nobody is to see the value.
pub(super) fn is_secret(key: &str) -> bool {
    [SECRET_ACCESS_KEY, SESSION_TOKEN, "aws_security_token"].contains(&key)
}

/// Changes of one profile, and of the SSO session that it uses.
pub(super) struct Changes {
    pub(super) profile: String,
    values: Vec<(String, String)>,
    removed: Vec<String>,
    session: Option<(String, Vec<(String, String)>)>,
}

impl Changes {
    pub(super) fn of(profile: String) -> Self {
        Changes { profile, values: Vec::new(), removed: Vec::new(), session: None }
    }

    /// Of an SSO session alone.
    pub(super) fn of_session(name: &str, key: &str, value: &str) -> Self {
        let session = Some((name.to_owned(), vec![(key.to_owned(), value.to_owned())]));
        Changes { session, ..Changes::of("default".to_owned()) }
    }

    /// Sets a property; blanks around it do not count.
    pub(super) fn set(&mut self, key: &str, value: &str) -> Result<(), Failure> {
        let value = value.trim();
        if key == ACCESS_KEY_ID && value.contains(['/', '+', '=', ' ']) {
            // It is not shown: it may well be the secret.
            return Err(Failure::usage("cannot write the access key id: it has characters that no id has")
                .hint("is it the secret access key?"));
        }
        self.values.push((key.to_ascii_lowercase(), value.to_owned()));
        Ok(())
    }

    pub(super) fn remove(&mut self, key: &str) {
        self.removed.push(key.to_ascii_lowercase());
    }

    /// What a property of the profile becomes, where it is to change.
    pub(super) fn value(&self, key: &str) -> Option<&str> {
        self.values.iter().rev().find(|(known, _)| known == key).map(|(_, value)| value.as_str())
    }

    /// The properties that change, those of the SSO session included.
    pub(super) fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        let of_session = self.session.iter().flat_map(|(_, values)| values);
        self.values.iter().chain(of_session).map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// With a session's name, what belongs to a session stands in a section of its own.
    pub(super) fn move_to_sso_session(&mut self, before: &Profiles) {
        let Some(name) = self.value("sso_session").map(str::to_owned) else { return };
        let (mut of_session, values): (Vec<_>, Vec<_>) =
            self.values.drain(..).partition(|(key, _)| OF_SESSION.contains(&key.as_str()));
        self.values = values;
        let scopes = of_session.iter().any(|(key, _)| key == "sso_registration_scopes");
        if !of_session.is_empty() && !scopes && before.config.sso_session(&name).is_none() {
            of_session.push(("sso_registration_scopes".to_owned(), SCOPES.to_owned()));
        }
        if !of_session.is_empty() {
            self.session = Some((name, of_session));
        }
    }

    /// Makes the changes in memory. What the files say already is left as it is written there.
    pub(super) fn make(&self, profiles: &mut Profiles) -> Result<(), Failure> {
        for (key, value) in &self.values {
            let file = file_of(profiles, key);
            if file.profile(&self.profile).and_then(|section| section.value(key)) != Some(value) {
                file.set(&self.profile, key, value).map_err(cannot)?;
            }
        }
        for key in &self.removed {
            file_of(profiles, key).remove(&self.profile, key);
        }
        if let Some((name, values)) = &self.session {
            for (key, value) in values {
                if profiles.config.sso_session(name).and_then(|section| section.value(key)) != Some(value) {
                    profiles.config.set_sso_session(name, key, value).map_err(cannot)?;
                }
            }
        }
        Ok(())
    }
}

/// The file that a key of a profile belongs to.
pub(super) fn file_of<'a>(profiles: &'a mut Profiles, key: &str) -> &'a mut ProfileFile {
    match OF_CREDENTIALS.contains(&key) {
        true => &mut profiles.credentials,
        false => &mut profiles.config,
    }
}

/// Both files as they are; one that cannot be read is not written over.
pub(super) fn read(world: &Surroundings) -> Result<Profiles, Failure> {
    let profiles = readable(world)?;
    match profiles.unread() {
        Some(unread) => Err(Failure::usage(format!("cannot configure AWS: {unread}")).hint(
            "give yourself the right to read the file (chmod u+r), or name another one: AWS_CONFIG_FILE, \
                   AWS_SHARED_CREDENTIALS_FILE",
        )),
        None => Ok(profiles),
    }
}

/// Both files; one that cannot be read is empty.
pub(super) fn readable(world: &Surroundings) -> Result<Profiles, Failure> {
    Profiles::read(world).map_err(cannot)
}

fn cannot(error: ProfileError) -> Failure {
    let failure = Failure::usage(error.to_string());
    match error.hint {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}
