//! A role that was said in code, assumed by AWS's crate with our keys.

use std::fmt;
use std::sync::Arc;

use aws_config::sts::{AssumeRoleProvider, AssumeRoleProviderBuilder};
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials as AwsCredentials;
use aws_credential_types::provider::ProvideCredentials as _;
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_async::time::SystemTimeSource;

use super::{Bridge, TRUST, ours};
use crate::auth::caller::Caller;
use crate::auth::credentials::Provided;
use crate::auth::role::AssumeRole;
use crate::auth::{Credentials, CredentialsError, ProvideCredentials};
use crate::transport::TransportError;

/// A role, and who assumes it.
pub(crate) struct Assumed {
    role: AssumeRole,
    source: Arc<dyn ProvideCredentials>,
    config: SdkConfig,
    /// The role and where the keys come from, for errors.
    name: String,
}

impl Assumed {
    pub(crate) fn new(caller: &Caller<'_>, role: &AssumeRole, source: Arc<dyn ProvideCredentials>, name: &str) -> Self {
        let (fips, dual_stack) = caller.variants;
        let region = role.region.as_deref().or(caller.region).map(|region| Region::new(region.to_owned()));
        let mut config = SdkConfig::builder()
            .region(region)
            .use_fips(fips)
            .use_dual_stack(dual_stack)
            .http_client(Bridge(Arc::clone(caller.transport)))
            .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
            .time_source(SystemTimeSource::new())
            .behavior_version(BehaviorVersion::latest());
        config.set_endpoint_url(caller.surroundings.variable("AWS_ENDPOINT_URL_STS"));
        Assumed { role: role.clone(), source, config: config.build(), name: name.to_owned() }
    }

    async fn assume(&self) -> Result<Credentials, CredentialsError> {
        let role = &self.role;
        // What is wrong with the keys is told as it is, not as a failure of STS.
        let keys = self.source.credentials().await?.checked()?;
        let set = |builder: AssumeRoleProviderBuilder| {
            let builder = match &role.external_id {
                Some(id) => builder.external_id(id),
                None => builder,
            };
            match role.duration {
                Some(duration) => builder.session_length(duration),
                None => builder,
            }
        };
        let builder = AssumeRoleProvider::builder(&role.arn).configure(&self.config).session_name(role.session());
        let provider = set(builder).build_from_provider(lent(&keys)).await;
        let assumed = provider.provide_credentials().await;
        assumed.map(|found| ours(&found)).map_err(|error| CredentialsError {
            hint: Some(TRUST.to_owned()),
            ..CredentialsError::new(format!("{} failed: {}", self.name, TransportError::chain(&error)))
        })
    }
}

impl ProvideCredentials for Assumed {
    fn credentials(&self) -> Provided<'_> {
        Box::pin(self.assume())
    }
}

impl fmt::Debug for Assumed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Assumed").field("role", &self.role).finish_non_exhaustive()
    }
}

/// Our keys in AWS's clothes.
fn lent(keys: &Credentials) -> AwsCredentials {
    let token = keys.session_token.as_ref().map(|token| token.expose().to_owned());
    AwsCredentials::new(&keys.access_key_id, keys.secret_access_key.expose(), token, keys.expires, "outcrop")
}
