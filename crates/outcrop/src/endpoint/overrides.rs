//! Where an endpoint may come from besides the template, and which of several counts.

use std::fmt;

use super::{Service, Source};

const GLOBAL_VARIABLE: &str = "AWS_ENDPOINT_URL";

/// Where an endpoint may come from besides the template. Empty strings count as absent.
///
/// `Debug` tells which are set, not what to: an unchecked URL may hold a password.
#[derive(Clone, Default, Eq, PartialEq)]
pub struct Overrides {
    /// Set in code or on the command line for this service alone.
    pub explicit_of_service: Option<String>,
    /// Set in code or on the command line.
    pub explicit: Option<String>,
    /// The variable [`Service::base_url_variable`] names; not looked at for a service that has none.
    pub anthropic_base_url: Option<String>,
    /// The variable [`Service::endpoint_variable`] names.
    pub service_url: Option<String>,
    /// `AWS_ENDPOINT_URL`.
    pub global_url: Option<String>,
    /// What the `services` section of the AWS profile sets for the service.
    pub services_url: Option<String>,
    /// `endpoint_url` of the AWS profile.
    pub profile_url: Option<String>,
    /// `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true`: the four above do not count.
    pub ignore_configured: bool,
}

impl Overrides {
    /// What AWS's own settings say, in order, whether it counts or not.
    pub fn configured(&self, service: Service) -> impl Iterator<Item = (&str, Source)> {
        set([
            (&self.service_url, Source::Variable(service.endpoint_variable())),
            (&self.global_url, Source::Variable(GLOBAL_VARIABLE)),
            (&self.services_url, Source::Services),
            (&self.profile_url, Source::Profile),
        ])
    }

    /// Whether something that comes before the AWS profile says where to call.
    pub(crate) fn is_set_before_profile(&self, service: Service) -> bool {
        !matches!(self.first(service), None | Some((_, Source::Services | Source::Profile)))
    }

    /// The one that counts.
    pub(super) fn first(&self, service: Service) -> Option<(&str, Source)> {
        self.all(service).next()
    }

    /// Those that count, in order.
    pub(crate) fn all(&self, service: Service) -> impl Iterator<Item = (&str, Source)> {
        let base_url = service.base_url_variable().map(|name| (&self.anthropic_base_url, Source::Variable(name)));
        let explicit =
            [(&self.explicit_of_service, Source::ExplicitOfService), (&self.explicit, Source::Explicit)].into_iter();
        let ours = set(explicit.chain(base_url));
        ours.chain(self.configured(service).filter(|_| !self.ignore_configured))
    }
}

/// Those that say something.
fn set<'a>(rows: impl IntoIterator<Item = (&'a Option<String>, Source)>) -> impl Iterator<Item = (&'a str, Source)> {
    let trimmed = rows.into_iter().filter_map(|(url, source)| Some((url.as_deref()?.trim(), source)));
    trimmed.filter(|(url, _)| !url.is_empty())
}

impl fmt::Debug for Overrides {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Overrides")
            .field("explicit_of_service", &self.explicit_of_service.is_some())
            .field("explicit", &self.explicit.is_some())
            .field("anthropic_base_url", &self.anthropic_base_url.is_some())
            .field("service_url", &self.service_url.is_some())
            .field("global_url", &self.global_url.is_some())
            .field("services_url", &self.services_url.is_some())
            .field("profile_url", &self.profile_url.is_some())
            .field("ignore_configured", &self.ignore_configured)
            .finish()
    }
}
