//! How Bedrock logs the calls of an account: told, set and ended, in one region or in many at once.
//!
//! Off by default, and set for each region alone. What goes through bedrock-runtime is logged, what goes through Mantle is
//! not.
//!
//! ```
//! use outcrop::logging::LoggingConfiguration;
//!
//! # async fn run() -> outcrop::Result<()> {
//! # let local = outcrop_local::Local::new();
//! # let (access_key, secret) = (outcrop_local::Account::ACCESS_KEY_ID, outcrop_local::Account::SECRET_ACCESS_KEY);
//! # let client = outcrop::Client::builder().access_key(access_key, secret).region("us-west-2")
//! #   .connector(move |_| std::future::ready(Ok(local.connect()))).build().await?;
//! assert!(client.logging().status().await?.is_none());
//! for answer in client.logging().regions(["us-east-1", "eu-west-1"]).status().await {
//!     match answer.outcome {
//!         Ok(Some(configuration)) => println!("{}: {configuration:?}", answer.region),
//!         Ok(None) => println!("{}: off", answer.region),
//!         Err(error) => println!("{}: {error}", answer.region),
//!     }
//! }
//! # let configuration = LoggingConfiguration::default();
//! client.logging().disable().await?;
//! # Ok(()) }
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(run()).unwrap();
//! ```

#[cfg(feature = "objects")]
mod check;
mod regions;
mod retention;

use outcrop_wire::Extra;
use outcrop_wire::account::Control;
use outcrop_wire::account::logging::LOG_GROUP_REFUSED;

#[cfg(feature = "objects")]
pub use self::check::{Check, Finding};
pub use self::regions::{InRegion, RegionalLogging};
pub use self::retention::{Kept, Retention};
pub use outcrop_wire::account::logging::{
    CloudWatchConfig, LoggingConfiguration, LoggingSetting, ModelInvocationLog, RECOMMENDED_DAYS, S3Config,
};

use crate::account::{ask, tell};
use crate::client::Client;
use crate::error::Result;

/// How the calls of a region are logged.
#[derive(Clone, Debug)]
pub struct Logging<'a> {
    client: &'a Client,
    region: Option<String>,
}

impl<'a> Logging<'a> {
    pub(crate) fn new(client: &'a Client) -> Self {
        Logging { client, region: client.0.region.clone() }
    }

    /// Another region than the client's own.
    #[must_use]
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// The region, where one is said.
    #[must_use]
    pub fn region_name(&self) -> Option<&str> {
        self.region.as_deref()
    }

    /// Several regions at once.
    #[must_use]
    pub fn regions<R: Into<String>>(self, regions: impl IntoIterator<Item = R>) -> RegionalLogging<'a> {
        RegionalLogging::new(self, regions.into_iter().map(Into::into).collect())
    }

    /// How calls are logged; `None` where they are not.
    ///
    /// # Errors
    /// When the call cannot be made, no answer comes, or the service answers with an error: who may ask has the permission
    /// `bedrock:GetModelInvocationLoggingConfiguration`.
    pub async fn status(&self) -> Result<Option<LoggingConfiguration>> {
        let operation = Control::GetModelInvocationLoggingConfiguration;
        let setting: LoggingSetting = ask(&self.client.0, self.region.as_deref(), operation, None, []).await?;
        Ok(setting.logging_config)
    }

    /// Logs calls from now on, as `configuration` says and no longer as was said before. Bedrock looks whether it may write
    /// there.
    ///
    /// # Errors
    /// As [`Logging::status`], with the permission `bedrock:PutModelInvocationLoggingConfiguration`; also where Bedrock may
    /// not write to the destination.
    pub async fn enable(&self, configuration: &LoggingConfiguration) -> Result<()> {
        let operation = Control::PutModelInvocationLoggingConfiguration;
        let setting = LoggingSetting::new(configuration.clone());
        let told: Result<Extra> = tell(&self.client.0, self.region.as_deref(), operation, None, &setting).await;
        told.map(|_| ()).map_err(|error| match error.service_fault() {
            Some(fault) if fault.message.starts_with(LOG_GROUP_REFUSED) => error.with_hint(
                "AWS says the same of a log group that is not there, and of a role that was made a moment ago: make the log \
                 group, or wait a minute",
            ),
            _ => error,
        })
    }

    /// Logs nothing any more. What is logged stays where it is.
    ///
    /// # Errors
    /// As [`Logging::status`], with the permission `bedrock:DeleteModelInvocationLoggingConfiguration`.
    pub async fn disable(&self) -> Result<()> {
        let operation = Control::DeleteModelInvocationLoggingConfiguration;
        let _: Extra = ask(&self.client.0, self.region.as_deref(), operation, None, []).await?;
        Ok(())
    }
}
