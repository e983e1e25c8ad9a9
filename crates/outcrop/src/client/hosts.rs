//! The hosts of a client: where each service is, by region, and what authorizes calls there. Made when first called, and
//! kept.

use std::sync::{Arc, PoisonError, RwLock};

use outcrop_wire::surface::Surface;

use crate::auth::{Authorizer, Profile, no_region};
use crate::endpoint::{Endpoint, EndpointError, Overrides, Service, known_region, resolve};
use crate::error::{Error, Result};
use crate::plan::Target;
use crate::transport::TransportError;

/// Where calls of one service and account go in one region.
pub(crate) struct Host {
    service: Service,
    region: Option<String>,
    /// Whose it is; none for the client's own account.
    account: Option<Arc<str>>,
    pub(crate) endpoint: Endpoint,
    pub(crate) authorizer: Authorizer,
}

impl Host {
    /// The region that it is in, where one is known.
    pub(crate) fn region(&self) -> Option<&str> {
        self.region.as_deref()
    }

    fn is(&self, service: Service, region: Option<&str>, account: Option<&str>) -> bool {
        self.service == service && self.region.as_deref() == region && self.account.as_deref() == account
    }

    /// Why a call here got no answer. Where no name server knows the host and nobody its region, that is the mistake.
    pub(crate) fn unreached(&self, doing: &str, error: &TransportError) -> Error {
        let error = Error::transport(doing, error);
        let unknown = self.region.as_deref().and_then(|region| known_region(region).err());
        match unknown.filter(|_| self.endpoint.source.is_aws() && error.why().contains("dns error")) {
            None => error,
            Some(unknown) => error.with_hint(unknown.told()),
        }
    }
}

/// The hosts of a client.
pub(crate) struct Hosts {
    endpoints: Endpoints,
    /// That of the runtime in the client's own region.
    home: Arc<Host>,
    /// Accounts besides the client's own, by name.
    accounts: Vec<(Arc<str>, Authorizer)>,
    /// As many as there are services, regions and accounts in the settings.
    others: RwLock<Vec<Arc<Host>>>,
}

impl Hosts {
    /// `endpoint` is that of the runtime in `region`, and `authorizer` for it.
    pub(crate) fn new(
        endpoints: Endpoints,
        endpoint: Endpoint,
        region: Option<String>,
        authorizer: Authorizer,
        accounts: Vec<(Arc<str>, Authorizer)>,
    ) -> Self {
        let home = Host { service: Service::Runtime, region, account: None, endpoint, authorizer };
        Hosts { endpoints, home: Arc::new(home), accounts, others: RwLock::default() }
    }

    /// The host of the runtime in the client's own region.
    pub(crate) fn home(&self) -> &Arc<Host> {
        &self.home
    }

    /// The host of a target.
    ///
    /// # Errors
    /// When the service has none in that region, or a setting about it makes no sense.
    pub(crate) fn of(&self, target: &Target) -> Result<Arc<Host>> {
        let (region, account) = (target.region.as_deref(), target.account.as_ref());
        self.host(Service::of(target.surface), region, account)
    }

    /// The host of a service in a region.
    ///
    /// # Errors
    /// When the service has none in that region, or a setting about it makes no sense.
    pub(crate) fn of_service(&self, service: Service, region: Option<&str>) -> Result<Arc<Host>> {
        self.host(service, region, None)
    }

    /// The host of a service that takes signatures alone; none where the caller has no AWS keys.
    ///
    /// # Errors
    /// As [`Hosts::of_service`].
    pub(crate) fn signed(&self, service: Service, region: Option<&str>) -> Result<Option<Arc<Host>>> {
        let signed = |region| self.home.authorizer.signed_at(region, service.signing_service());
        let Some(authorizer) = signed(region.unwrap_or_default()) else { return Ok(None) };
        let endpoint = self.endpoints.of(service, region)?;
        let region = region.map(str::to_owned);
        Ok(Some(Arc::new(Host { service, region, account: None, endpoint, authorizer })))
    }

    /// The host of a service besides Bedrock. Where the caller's requests are not signed at all, neither are these.
    ///
    /// # Errors
    /// As [`Hosts::of_service`]; also where the caller has a Bedrock API key and nothing else, as `doing` says.
    pub(crate) fn beside(&self, service: Service, region: Option<&str>, doing: &str) -> Result<Arc<Host>> {
        if let Some(host) = self.signed(service, region)? {
            return Ok(host);
        }
        let authorizer = match &self.home.authorizer {
            Authorizer::Unsigned => Authorizer::Unsigned,
            _ => {
                let error =
                    Error::config(doing, format!("{service} takes no Bedrock API key, and there are no AWS keys"));
                return Err(
                    error.with_hint("give AWS keys, an AWS profile or a provider in place of the Bedrock API key")
                );
            }
        };
        let endpoint = self.endpoints.of(service, region)?;
        Ok(Arc::new(Host { service, region: region.map(str::to_owned), account: None, endpoint, authorizer }))
    }

    /// The host of a bucket, whose paths begin with keys.
    ///
    /// # Errors
    /// As [`Hosts::beside`]; also where no bucket may be called so.
    pub(crate) fn of_bucket(&self, region: Option<&str>, bucket: &str, doing: &str) -> Result<Arc<Host>> {
        let place = outcrop_wire::account::S3Uri::new(bucket, "")
            .map_err(|error| Error::new(crate::error::Kind::Invalid, doing, error.to_string()))?;
        let host = self.beside(Service::S3, region, doing)?;
        Ok(Arc::new(Host {
            service: Service::S3,
            region: host.region.clone(),
            account: None,
            endpoint: host.endpoint.clone().of_bucket(&place.bucket),
            authorizer: host.authorizer.at(region.unwrap_or_default(), Service::S3.signing_service()),
        }))
    }

    fn host(&self, service: Service, region: Option<&str>, of: Option<&Arc<str>>) -> Result<Arc<Host>> {
        let account = of.map(|account| &**account);
        if self.home.is(service, region, account) {
            return Ok(Arc::clone(&self.home));
        }
        let held = self.others.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(host) = held.iter().find(|host| host.is(service, region, account)) {
            return Ok(Arc::clone(host));
        }
        drop(held);
        let made = Arc::new(self.make(service, region, of)?);
        let mut held = self.others.write().unwrap_or_else(PoisonError::into_inner);
        // Another call may have made it meanwhile: what it knows of the day's key is as good.
        if !held.iter().any(|host| host.is(service, region, account)) {
            held.push(Arc::clone(&made));
        }
        Ok(made)
    }

    /// Why a surface is better not called unasked: because nothing in the settings says where it is, or it has no host.
    pub(crate) fn unreachable(&self, surface: Surface, region: Option<&str>) -> Option<String> {
        let service = Service::of(surface);
        if service == self.home.service {
            return None;
        }
        match self.endpoints.of(service, region) {
            // Whoever sends calls through a host of his own does not want some of them sent elsewhere.
            Ok(endpoint) if endpoint.source.is_aws() && !self.home.endpoint.source.is_aws() => {
                Some(format!("calls go to {} and nothing says where {service} is", self.home.endpoint.authority))
            }
            Ok(_) => None,
            Err(error) => Some(error.to_string()),
        }
    }

    fn make(&self, service: Service, region: Option<&str>, account: Option<&Arc<str>>) -> Result<Host> {
        let endpoint = self.endpoints.of(service, region)?;
        let named = account.map(|account| &**account);
        let of_account = self.accounts.iter().find(|(name, _)| Some(&**name) == named);
        let authorizer = of_account.map_or(&self.home.authorizer, |(_, authorizer)| authorizer);
        let authorizer = authorizer.at(region.unwrap_or_default(), service.signing_service());
        Ok(Host { service, region: region.map(str::to_owned), account: account.cloned(), endpoint, authorizer })
    }
}

/// Everything in the settings of a client that says where services are.
pub(crate) struct Endpoints {
    pub(crate) fips: bool,
    pub(crate) dual_stack: bool,
    /// For each service, or why they cannot be read.
    pub(crate) overrides: Vec<(Service, std::result::Result<Overrides, String>)>,
    /// The AWS profile, for errors.
    pub(crate) profile: Profile,
}

impl Endpoints {
    /// The endpoint of a service in a region.
    ///
    /// # Errors
    /// When a setting about it makes no sense, there is none in that region, or AWS has no region that is written so.
    pub(crate) fn of(&self, service: Service, region: Option<&str>) -> Result<Endpoint> {
        let unreadable = |why: &String| Error::config(DOING, why.clone());
        let overrides = match self.overrides(service) {
            Some(overrides) => overrides.as_ref().map_err(unreadable)?,
            None => &Overrides::default(),
        };
        let endpoint = resolve(service, region, self.fips, self.dual_stack, overrides);
        let endpoint = endpoint.map_err(|error| match &error {
            EndpointError::MissingRegion { .. } => no_region(&self.profile),
            EndpointError::BadRegion { region, .. } => {
                let hint = known_region(region).err().map_or_else(|| error.hint().to_owned(), |unknown| unknown.hint());
                Error::config(DOING, error.to_string()).with_hint(hint)
            }
            error => Error::config(DOING, error.to_string()).with_hint(error.hint()),
        })?;
        if let (true, Some(region)) = (endpoint.source.is_aws(), region) {
            doubt(region)?;
        }
        Ok(endpoint)
    }

    /// Settings about a service that do not count, for people.
    pub(crate) fn passed_over(&self, service: Service) -> Vec<String> {
        match self.overrides(service) {
            Some(Ok(overrides)) if overrides.ignore_configured => {
                overrides.configured(service).map(|(_, source)| source.to_string()).collect()
            }
            _ => Vec::new(),
        }
    }

    fn overrides(&self, service: Service) -> Option<&std::result::Result<Overrides, String>> {
        self.overrides.iter().find(|(of, _)| *of == service).map(|(_, overrides)| overrides)
    }
}

const DOING: &str = "find where to call";

/// What is said of a region of AWS's that is not known: AWS opens new ones.
///
/// # Errors
/// When no region is written so.
pub(crate) fn doubt(region: &str) -> Result<Option<String>> {
    match known_region(region) {
        Ok(()) => Ok(None),
        Err(unknown) if unknown.may_be_new() => Ok(Some(unknown.told())),
        Err(unknown) => Err(Error::config(DOING, unknown.to_string()).with_hint(unknown.hint())),
    }
}
