//! What AWS's SDK was configured with, for programs that have it already: its credentials, region and hosts.

use std::fmt;

use aws_config::SdkConfig;
use aws_credential_types::provider::{ProvideCredentials as _, SharedCredentialsProvider};

use super::chain::ours;
use super::credentials::Provided;
use super::{CredentialsError, ProvideCredentials};
use crate::client::ClientBuilder;
use crate::transport::TransportError;

impl ClientBuilder {
    /// Takes over what AWS's SDK was configured with: its credentials, its region, FIPS and dual stack. What is said later
    /// counts in its place. Its endpoint, HTTP client, retries and time limits are not taken over.
    #[must_use]
    pub fn sdk_config(mut self, config: &SdkConfig) -> Self {
        if let Some(provider) = config.credentials_provider() {
            self = self.auth(super::Auth::Provider(std::sync::Arc::new(Theirs(provider))));
        }
        if let Some(region) = config.region() {
            self = self.region(region.as_ref());
        }
        if let Some(fips) = config.use_fips() {
            self = self.fips(fips);
        }
        match config.use_dual_stack() {
            Some(dual_stack) => self.dual_stack(dual_stack),
            None => self,
        }
    }
}

/// AWS's provider in our clothes.
struct Theirs(SharedCredentialsProvider);

impl ProvideCredentials for Theirs {
    fn credentials(&self) -> Provided<'_> {
        Box::pin(async {
            let found = self.0.provide_credentials().await.map_err(|error| {
                let why = TransportError::chain(&error);
                CredentialsError::new(format!("the provider of the SDK's configuration failed: {why}"))
            })?;
            Ok(ours(&found))
        })
    }
}

impl fmt::Debug for Theirs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Theirs")
    }
}
