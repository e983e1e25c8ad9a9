//! Where calls go: region and endpoint, each from the nearest setting that says it.

use outcrop_wire::surface::Surface;

use super::ClientBuilder;
use crate::auth::Profile;
use crate::auth::profile::Profiles;
use crate::client::hosts::Endpoints;
use crate::endpoint::{Overrides, Service};
use crate::error::{Error, Result};
use crate::settings::Origin::{self, Variable};
use crate::settings::Said;

const SURFACE: &str = "OUTCROP_SURFACE";

pub(super) const IGNORE: &str = "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS";

pub(super) const IGNORE_KEY: &str = "ignore_configured_endpoint_urls";

impl ClientBuilder {
    /// Where one is needed and there is none, that is an error, never a guess. With the region goes where it was said.
    pub(super) fn find_region(&self, profiles: &Profiles, profile: &Profile) -> Option<(String, &'static str)> {
        let said = self.said_region(profiles, profile).into_iter().next();
        said.map(|said| (said.value, said.origin.word()))
    }

    /// Explicit > `AWS_REGION` > `AWS_DEFAULT_REGION` > AWS profile.
    pub(super) fn said_region(&self, profiles: &Profiles, profile: &Profile) -> Vec<Said> {
        let variable = |name: &'static str| Some(Said::new(self.surroundings.variable(name)?.trim(), Variable(name)));
        let explicit = self.region.as_deref().map(|region| Said::new(region.trim(), Origin::Caller));
        let said = [explicit, variable("AWS_REGION"), variable("AWS_DEFAULT_REGION")].into_iter().flatten();
        said.chain(profiles.said(&profile.name, "region")).filter(|said| !said.value.is_empty()).collect()
    }

    /// By which way in calls go: explicit, or else what `OUTCROP_SURFACE` says.
    pub(super) fn find_surface(&self) -> Result<Option<Surface>> {
        if let Some(surface) = self.surface {
            return Ok(surface);
        }
        let named = self.surroundings.variable(SURFACE).filter(|name| !name.is_empty() && name != "auto");
        let surface = named.map(|name| name.parse::<Surface>()).transpose();
        let names = || Surface::rows().iter().map(|row| row.short).collect::<Vec<_>>().join(", ");
        surface.map_err(|why| {
            Error::config(format!("read {SURFACE}"), why).with_hint(format!("set it to auto, {}", names()))
        })
    }

    /// Whether the FIPS hosts are asked for, and those with IPv4 and IPv6.
    pub(super) fn find_variants(&self, profiles: &Profiles, profile: &Profile) -> (bool, bool) {
        let flag = |explicit, variable, key| self.flag(profiles, profile, explicit, variable, key);
        let fips = flag(self.fips, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint");
        let dual_stack = flag(self.dual_stack, "AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint");
        (fips, dual_stack)
    }

    fn flag(
        &self,
        profiles: &Profiles,
        profile: &Profile,
        explicit: Option<bool>,
        variable: &'static str,
        key: &str,
    ) -> bool {
        self.said_flag(profiles, profile, explicit, variable, key).first().is_some_and(|said| said.value == "true")
    }

    /// Explicit > environment > AWS profile: `true` or `false`. What the environment says comes first also when it says no.
    pub(super) fn said_flag(
        &self,
        profiles: &Profiles,
        profile: &Profile,
        explicit: Option<bool>,
        variable: &'static str,
        key: &str,
    ) -> Vec<Said> {
        let explicit = explicit.map(|flag| Said::new(flag.to_string(), Origin::Caller));
        let of_variable = self.surroundings.flag(variable).map(|flag| Said::new(flag.to_string(), Variable(variable)));
        let of_profile = profiles.said(&profile.name, key).into_iter().map(|said| {
            let value = said.value.eq_ignore_ascii_case("true").to_string();
            Said { value, ..said }
        });
        explicit.into_iter().chain(of_variable).chain(of_profile).collect()
    }

    /// Everything that says where the services of calls are.
    pub(super) fn find_endpoints(
        &self,
        profiles: &Profiles,
        profile: &Profile,
        (fips, dual_stack): (bool, bool),
    ) -> Endpoints {
        let services = [Service::Runtime, Service::Mantle, Service::Control, Service::Sts, Service::S3, Service::Logs];
        let overrides = services.map(|service| (service, self.find_overrides(profiles, profile, service)));
        Endpoints { fips, dual_stack, overrides: overrides.into(), profile: profile.clone() }
    }

    pub(super) fn find_overrides(
        &self,
        profiles: &Profiles,
        profile: &Profile,
        service: Service,
    ) -> std::result::Result<Overrides, String> {
        let world = &self.surroundings;
        let mut overrides = Overrides {
            explicit_of_service: self.mantle_url.clone().filter(|_| service == Service::Mantle),
            explicit: self.endpoint_url.clone(),
            anthropic_base_url: service.base_url_variable().and_then(|name| world.variable(name)),
            service_url: world.variable(service.endpoint_variable()),
            global_url: world.variable("AWS_ENDPOINT_URL"),
            services_url: None,
            profile_url: profiles.value(&profile.name, "endpoint_url").map(str::to_owned),
            ignore_configured: self.flag(profiles, profile, None, IGNORE, IGNORE_KEY),
        };
        match profiles.services_endpoint_url(&profile.name, service.service_id_key()) {
            Ok(url) => overrides.services_url = url.map(str::to_owned),
            // A section that is not there matters where nothing before it decides.
            Err(_) if overrides.ignore_configured || overrides.is_set_before_profile(service) => {}
            Err(error) => return Err(error.to_string()),
        }
        Ok(overrides)
    }
}

/// For people, what was passed over.
pub(super) fn passed_over(endpoints: &Endpoints) -> Option<String> {
    let ignored = endpoints.passed_over(Service::Runtime);
    (!ignored.is_empty())
        .then(|| format!("endpoints from {} are passed over, as {IGNORE} or the profile asks", ignored.join(", ")))
}
