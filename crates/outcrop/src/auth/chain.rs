//! Credentials that need the network, by AWS's own crate: SSO, roles, web identity, containers, instance metadata.
//!
//! Its requests go through our transport, so there is one HTTP stack, one TLS provider and one proxy rule. Only what is
//! configured is asked; instance metadata only where the machine looks like EC2.

mod assumed;
mod bridge;
mod failure;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use aws_config::ecs::EcsCredentialsProvider;
use aws_config::imds;
use aws_config::imds::credentials::ImdsCredentialsProvider;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::web_identity_token::WebIdentityTokenCredentialsProvider;
use aws_config::{BehaviorVersion, Region};
use aws_credential_types::Credentials as AwsCredentials;
use aws_credential_types::provider::error::CredentialsError as AwsError;
use aws_credential_types::provider::{ProvideCredentials as ProvideAwsCredentials, SharedCredentialsProvider};
use aws_smithy_async::rt::sleep::TokioSleep;

use super::caller::Caller;
use super::credentials::{Provided, elsewhere};
use super::{Credentials, CredentialsError, ProvideCredentials};
use crate::surroundings::Surroundings;
use crate::transport::TransportError;

pub(super) use self::assumed::Assumed;
use self::bridge::Bridge;
use self::failure::{Mend, TRUST};

/// How long instance metadata may take: it is on the same machine or not there.
const METADATA_PATIENCE: Duration = Duration::from_millis(300);

/// The variable that says where instance metadata is.
const METADATA_ENDPOINT: &str = "AWS_EC2_METADATA_SERVICE_ENDPOINT";

/// Providers in AWS's order; the first that has credentials is taken.
#[derive(Debug)]
pub(super) struct Chain {
    links: Vec<Link>,
    tried: Vec<String>,
    /// What to do where none gives keys.
    hint: String,
}

/// Something that may have credentials.
#[derive(Debug)]
struct Link {
    name: String,
    provider: SharedCredentialsProvider,
    /// What helps where it fails.
    mend: Mend,
}

impl Link {
    fn new(name: impl Into<String>, provider: impl ProvideAwsCredentials + 'static) -> Self {
        Link { name: name.into(), provider: SharedCredentialsProvider::new(provider), mend: Mend::default() }
    }
}

impl Chain {
    /// The providers that are configured.
    ///
    /// # Errors
    /// When none is: there is no need to ask anyone. `tried` is what was looked at before.
    pub(super) fn new(caller: &Caller<'_>, mut tried: Vec<String>) -> Result<Self, CredentialsError> {
        let mut links = Vec::new();
        let world = caller.surroundings;
        // AWS's crate reads the process's own environment and files: not those of a made-up world.
        if world.is_real() {
            let config = provider_config(caller);
            let profile = caller.profile.name.as_str();
            if let Some(key) = elsewhere(caller.profiles, profile) {
                let provider =
                    ProfileFileCredentialsProvider::builder().profile_name(profile).configure(&config).build();
                let mend = Mend::of_profile(caller.profiles, profile, key);
                links.push(Link { mend, ..Link::new(format!("`{key}` of AWS profile {profile}"), provider) });
            }
            if !caller.profile.explicit {
                ambient(world, &config, &mut links, &mut tried);
            }
        }
        if links.is_empty() {
            let what = format!("tried {}", tried.join("; "));
            return Err(CredentialsError { hint: Some(caller.no_keys_hint()), ..CredentialsError::new(what) });
        }
        Ok(Chain { links, tried, hint: caller.no_keys_hint() })
    }

    async fn first(&self) -> Result<Credentials, CredentialsError> {
        let mut tried = self.tried.clone();
        for Link { name, provider, mend } in &self.links {
            match provider.provide_credentials().await {
                Ok(found) => return Ok(ours(&found)),
                Err(error @ AwsError::CredentialsNotLoaded(_)) => {
                    tried.push(format!("{name} ({})", TransportError::chain(&error)));
                }
                // A provider that is configured and fails is the mistake to tell of; later ones would hide it.
                Err(error) => return Err(mend.failed(name, &TransportError::chain(&error), &self.hint)),
            }
        }
        let hint = Some(self.hint.clone());
        Err(CredentialsError { hint, ..CredentialsError::new(format!("tried {}", tried.join("; "))) })
    }
}

/// AWS's keys as ours.
pub(super) fn ours(found: &AwsCredentials) -> Credentials {
    let mut credentials = Credentials::new(found.access_key_id(), found.secret_access_key());
    credentials.session_token = found.session_token().map(Into::into);
    credentials.expires = found.expiry();
    credentials
}

/// Providers that the environment or the machine configures.
fn ambient(world: &Surroundings, config: &ProviderConfig, links: &mut Vec<Link>, tried: &mut Vec<String>) {
    match world.variable("AWS_WEB_IDENTITY_TOKEN_FILE") {
        Some(_) => {
            let provider = WebIdentityTokenCredentialsProvider::builder().configure(config).build();
            links.push(Link::new("AWS_WEB_IDENTITY_TOKEN_FILE", provider));
        }
        None => tried.push("web identity (AWS_WEB_IDENTITY_TOKEN_FILE not set)".to_owned()),
    }
    let container = ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"];
    match container.iter().find(|name| world.variable(name).is_some()) {
        Some(name) => {
            let provider = EcsCredentialsProvider::builder().configure(config).build();
            links.push(Link::new(*name, provider));
        }
        None => tried.push("container (AWS_CONTAINER_CREDENTIALS_* not set)".to_owned()),
    }
    if world.flag("AWS_EC2_METADATA_DISABLED") == Some(true) {
        tried.push("instance metadata (AWS_EC2_METADATA_DISABLED)".to_owned());
    } else if world.variable(METADATA_ENDPOINT).is_some() {
        // Somebody says where it is: there is no need to guess, or to be quick.
        let provider = ImdsCredentialsProvider::builder().configure(config).build();
        links.push(Link::new(format!("instance metadata at {METADATA_ENDPOINT}"), provider));
    } else if looks_like_ec2(world) {
        let client = imds::Client::builder()
            .configure(config)
            .connect_timeout(METADATA_PATIENCE)
            .read_timeout(METADATA_PATIENCE)
            .operation_timeout(METADATA_PATIENCE)
            .max_attempts(1)
            .build();
        let provider = ImdsCredentialsProvider::builder().configure(config).imds_client(client).build();
        links.push(Link::new("instance metadata", provider));
    } else {
        tried.push("instance metadata (this machine is not EC2)".to_owned());
    }
}

/// What the machine's maker says of it: Nitro machines name Amazon, older ones a UUID that begins with `ec2`.
fn looks_like_ec2(world: &Surroundings) -> bool {
    let says = |path: &str, what: &str| {
        world.read(Path::new(path)).is_ok_and(|text| text.trim().to_lowercase().starts_with(what))
    };
    says("/sys/devices/virtual/dmi/id/board_vendor", "amazon ec2")
        || says("/sys/devices/virtual/dmi/id/sys_vendor", "amazon ec2")
        || says("/sys/hypervisor/uuid", "ec2")
}

fn provider_config(caller: &Caller<'_>) -> ProviderConfig {
    let (fips, dual_stack) = caller.variants;
    ProviderConfig::without_region()
        .with_use_fips(Some(fips))
        .with_use_dual_stack(Some(dual_stack))
        .with_region(caller.region.map(|region| Region::new(region.to_owned())))
        .with_behavior_version(Some(BehaviorVersion::latest()))
        .with_sleep_impl(TokioSleep::new())
        .with_http_client(Bridge(Arc::clone(caller.transport)))
}

impl ProvideCredentials for Chain {
    fn credentials(&self) -> Provided<'_> {
        Box::pin(self.first())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_machine_of_amazons_looks_like_ec2() {
        let machine =
            |files: &[(&'static str, &'static str)]| looks_like_ec2(&Surroundings::made_up([], files.iter().copied()));
        assert!(machine(&[("/sys/devices/virtual/dmi/id/board_vendor", "Amazon EC2\n")]));
        assert!(machine(&[("/sys/hypervisor/uuid", "ec2e1916-9099-7caf-fd21-012345abcdef\n")]));
        assert!(!machine(&[("/sys/devices/virtual/dmi/id/board_vendor", "LENOVO\n")]));
        assert!(!machine(&[]));
    }
}
