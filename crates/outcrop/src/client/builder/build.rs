//! Settings of a client -> the client: each is found where it is nearest, and held against the others.

use std::sync::Arc;

use http::HeaderName;

use super::ClientBuilder;
use super::headers::{CUSTOM_HEADERS, custom_headers};
use super::place::passed_over;
use crate::auth::profile::{FileKind, ProfileFile, Profiles};
use crate::auth::{Auth, Caller, Profile};
use crate::call::CallOptions;
use crate::client::hosts::{Hosts, doubt};
use crate::client::{Client, Inner};
use crate::endpoint::{Service, Source};
use crate::error::{Error, Result};
use crate::retry::Budget;
use crate::transport::network;

/// All that can be wrong with a network before it is used.
const PROXY_HINT: &str = "a proxy is written as http://host:port";

impl ClientBuilder {
    /// Resolves the settings. Nothing is sent.
    ///
    /// # Errors
    /// When there is no region or no way to find credentials, an AWS file is malformed, or a setting makes no sense.
    pub async fn build(mut self) -> Result<Client> {
        if let Some(lifetime) = self.mint {
            self.auth = Some(Auth::ShortTermKeys { source: self.auth.map(Box::new), lifetime });
        }
        let profiles = match Profiles::read(&self.surroundings) {
            // Files that nothing is taken from are nobody's business.
            Err(_) if self.needs_no_files() => Profiles {
                config: ProfileFile::empty(FileKind::Config, "config"),
                credentials: ProfileFile::empty(FileKind::Credentials, "credentials"),
            },
            outcome => outcome.map_err(|error| Error::credentials(error.into()))?,
        };
        let profile = Profile::choose(self.auth.as_ref(), self.profile.as_deref(), &self.surroundings, &profiles)?;
        let found = self.find_region(&profiles, &profile);
        let (region, region_source) = found.map_or((None, ""), |(region, source)| (Some(region), source));
        self.check_failover(region.as_deref())?;
        self.defaults.surface = self.find_surface()?;
        let variants = self.find_variants(&profiles, &profile);
        let endpoints = self.find_endpoints(&profiles, &profile, variants);
        let passed_over = passed_over(&endpoints);
        let endpoint = endpoints.of(Service::Runtime, region.as_deref())?;
        let mut warnings = Vec::new();
        if endpoint.source.is_aws() {
            let others = self.failover.iter().filter_map(|target| target.region.as_deref());
            for region in region.as_deref().into_iter().chain(others) {
                warnings.extend(doubt(region)?);
            }
        }
        let (transport, trust) = match &self.transport {
            Some(transport) => (Arc::clone(transport), None),
            None => {
                let (roots, trust) = self.find_roots(&profiles, &profile)?.unzip();
                let network = network(&self.surroundings, self.timeouts.connect, roots);
                (
                    network.map_err(|why| Error::config("set up the connection", why).with_hint(PROXY_HINT))?.into(),
                    trust,
                )
            }
        };
        let caller = Caller {
            auth: self.auth.as_ref(),
            session_token: self.session_token.as_ref(),
            surroundings: &self.surroundings,
            profiles: &profiles,
            profile: &profile,
            region: region.as_deref(),
            transport: &transport,
            gateway: endpoint.source != Source::Template,
            variants,
        };
        let (authorizer, credentials_source) = caller.authorizer()?;
        let accounts = self.find_accounts(&profiles, &caller)?;
        let mut reasons = vec![format!("credentials: {credentials_source}")];
        reasons.extend(region.iter().map(|region| format!("region {region}: from {region_source}")));
        reasons.push(format!("host {}: from {}", endpoint.authority, endpoint.source));
        reasons.extend(passed_over);
        reasons.extend(self.residency.iter().map(|residency| format!("calls stay in {residency}")));
        reasons.extend(self.failover.iter().map(|target| format!("failover: {target}")));
        reasons.extend(trust);
        let (catalogue, rows) = self.find_catalogue()?;
        reasons.extend(rows);
        let known = self.known_profiles(&catalogue)?;
        let custom = custom_headers(&self.surroundings)?;
        if !custom.is_empty() {
            let names: Vec<&str> = custom.keys().map(HeaderName::as_str).collect();
            reasons.push(format!("headers {}: from {CUSTOM_HEADERS}", names.join(", ")));
        }
        Ok(Client(Arc::new(Inner {
            caller: credentials_source.into(),
            reasons,
            warnings,
            hosts: Arc::new(Hosts::new(endpoints, endpoint, region.clone(), authorizer, accounts)),
            affinity: (!self.failover.is_empty()).then(Arc::default),
            failover: self.failover.into(),
            residency: self.residency,
            region,
            transport,
            retry: self.retry,
            budget: Arc::new(Budget::new()),
            timeouts: self.timeouts,
            defaults: CallOptions { extra_headers: custom, ..CallOptions::new() }.under(&self.defaults),
            #[cfg(feature = "opentelemetry")]
            telemetry: self
                .telemetry
                .unwrap_or_else(|| crate::telemetry::Telemetry::from_environment(&self.surroundings)),
            middleware: self.middleware,
            catalogue: Arc::new(catalogue),
            profiles: Arc::new(known),
            surroundings: self.surroundings,
        })))
    }

    fn needs_no_files(&self) -> bool {
        self.auth.as_ref().is_some_and(Auth::is_whole) && self.profile.is_none() && self.region.is_some()
    }
}
