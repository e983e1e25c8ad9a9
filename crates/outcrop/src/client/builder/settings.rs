//! What the settings of a client are, and where they are said, for people.

use super::ClientBuilder;
use super::place::{IGNORE, IGNORE_KEY};
use crate::auth::profile::{FileKind, Profiles, chosen};
use crate::auth::{Profile, said};
use crate::endpoint::{Overrides, Service, Source};
use crate::error::{Error, Result};
use crate::settings::{Origin, Said, Setting};

impl ClientBuilder {
    /// Every setting that the AWS files, the environment and this builder say, each with where it is said, and with what
    /// overrides it. Nothing is sent, and no secret is in it. Of keys and endpoints that were given in code it tells nothing.
    ///
    /// # Errors
    /// When an AWS file is malformed. An AWS profile that is nowhere is no error here.
    ///
    /// ```
    /// use outcrop::{Client, Surroundings};
    ///
    /// let world = Surroundings::made_up([("AWS_REGION", "us-east-1"), ("AWS_DEFAULT_REGION", "eu-west-1")], []);
    /// let settings = Client::builder().surroundings(world).settings()?;
    /// let region = settings.iter().find(|setting| setting.name == "region").expect("it is always told");
    /// assert_eq!(region.counting().map(|said| said.value.as_str()), Some("us-east-1"));
    /// assert_eq!(region.said[1].origin.to_string(), "AWS_DEFAULT_REGION");
    /// # Ok::<(), outcrop::Error>(())
    /// ```
    pub fn settings(&self) -> Result<Vec<Setting>> {
        let world = &self.surroundings;
        let profiles = Profiles::read(world).map_err(|error| Error::credentials(error.into()))?;
        let named = chosen(self.profile.as_deref(), world);
        let name = named.first().map_or_else(|| "default".to_owned(), |said| said.value.clone());
        let profile = Profile { unseen: profiles.unseen(&name), name, explicit: self.profile.is_some() };
        let mut settings = vec![Setting::first_counts("profile", named)];
        settings.extend([FileKind::Config, FileKind::Credentials].map(|kind| self.file(kind)));
        settings.extend(said::settings(world, &profiles, &profile));
        settings.push(Setting::first_counts("region", self.said_region(&profiles, &profile)));
        settings.extend(ENDPOINTS.map(|(name, service)| self.endpoint(name, service, &profiles, &profile)));
        let flags = [
            ("fips", self.fips, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint"),
            ("dual stack", self.dual_stack, "AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint"),
        ];
        for (name, explicit, variable, key) in flags {
            let said = self.said_flag(&profiles, &profile, explicit, variable, key);
            settings.push(Setting::first_counts(name, said));
        }
        settings.push(Setting::first_counts("ca bundle", self.said_roots(&profiles, &profile)));
        let ours = [("surface", "OUTCROP_SURFACE"), ("capabilities", "OUTCROP_CAPABILITIES")];
        settings.extend(ours.map(|(name, variable)| {
            let said = world.variable(variable).map(|value| Said::new(value, Origin::Variable(variable)));
            Setting::first_counts(name, said.into_iter().collect())
        }));
        Ok(settings)
    }

    /// The AWS profile in force, and who names it.
    ///
    /// # Errors
    /// When an AWS file is malformed, or a profile that decides something is in neither.
    pub fn aws_profile(&self) -> Result<Said> {
        let profiles = Profiles::read(&self.surroundings).map_err(|error| Error::credentials(error.into()))?;
        let asked = self.profile.as_deref();
        let profile = Profile::choose(self.auth.as_ref(), asked, &self.surroundings, &profiles)?;
        let origin = match chosen(asked, &self.surroundings).into_iter().next() {
            Some(said) if !profile.explicit => said.origin,
            _ => Origin::Caller,
        };
        Ok(Said::new(profile.name, origin))
    }

    fn file(&self, kind: FileKind) -> Setting {
        let name = match kind {
            FileKind::Config => "config file",
            FileKind::Credentials => "credentials file",
        };
        let world = &self.surroundings;
        let origin = match world.variable(kind.variable()) {
            Some(_) => Origin::Variable(kind.variable()),
            None => Origin::Default,
        };
        let said = kind.location(world).map(|path| {
            let missing = if world.is_there(&path) { "" } else { " (not there)" };
            Said::new(format!("{}{missing}", path.display()), origin)
        });
        Setting::first_counts(name, said.into_iter().collect())
    }

    fn endpoint(&self, name: &'static str, service: Service, profiles: &Profiles, profile: &Profile) -> Setting {
        let overrides = self.find_overrides(profiles, profile, service);
        // A services section that is not there is told when it matters.
        let Ok(overrides) = overrides else { return Setting::first_counts(name, Vec::new()) };
        let ignored = self.said_flag(profiles, profile, None, IGNORE, IGNORE_KEY);
        let ignored = ignored.into_iter().next().map(|said| said.origin).filter(|_| overrides.ignore_configured);
        let all = Overrides { ignore_configured: false, ..overrides.clone() };
        let said = all.all(service).map(|(url, source)| {
            let configured = overrides.configured(service).any(|(_, of)| of == source);
            let place = match source {
                Source::ExplicitOfService | Source::Explicit => Origin::Caller,
                Source::Variable(name) => Origin::Variable(name),
                Source::Services => services_origin(profiles, &profile.name, service),
                Source::Profile => profiles
                    .said(&profile.name, "endpoint_url")
                    .into_iter()
                    .next()
                    .map_or(Origin::Default, |said| said.origin),
                Source::Template => Origin::Default,
            };
            let overridden_by = ignored.clone().filter(|_| configured);
            Said { overridden_by, ..Said::new(shown(url), place) }
        });
        let mut said: Vec<Said> = said.collect();
        let first = said.iter().find(|said| said.overridden_by.is_none()).map(|said| said.origin.clone());
        for other in said.iter_mut().filter(|said| said.overridden_by.is_none()).skip(1) {
            other.overridden_by.clone_from(&first);
        }
        Setting { name, said }
    }
}

const ENDPOINTS: [(&str, Service); 4] = [
    ("endpoint", Service::Runtime),
    ("control endpoint", Service::Control),
    ("mantle endpoint", Service::Mantle),
    ("sts endpoint", Service::Sts),
];

/// Where the `services` section of a profile names the endpoint.
fn services_origin(profiles: &Profiles, name: &str, service: Service) -> Origin {
    let named = profiles.value(name, "services").and_then(|services| profiles.config.services(services));
    named.map_or(Origin::Default, |section| Origin::File {
        path: profiles.config.path().to_owned(),
        line: section.line_of(service.service_id_key()).unwrap_or_else(|| section.line()),
        section: section.title(),
    })
}

/// A URL without a user and a password before its host, which no endpoint may have.
fn shown(url: &str) -> String {
    match url.split_once("://").and_then(|(scheme, rest)| Some((scheme, rest.rsplit_once('@')?.1))) {
        Some((scheme, rest)) => format!("{scheme}://***@{rest}"),
        None => url.to_owned(),
    }
}
