//! Buckets of S3 as object stores, with the credentials, connections, limits of time and retries of a client.
//!
//! ```
//! use outcrop::object_store::{ObjectStoreExt as _, path::Path};
//! use outcrop::objects;
//!
//! # async fn run() -> outcrop::Result<()> {
//! # let local = outcrop_local::Local::new();
//! # let (access_key, secret) = (outcrop_local::Account::ACCESS_KEY_ID, outcrop_local::Account::SECRET_ACCESS_KEY);
//! # let client = outcrop::Client::builder().access_key(access_key, secret).region("us-west-2")
//! #   .connector(move |_| std::future::ready(Ok(local.connect()))).build().await?;
//! let bucket = client.objects("my-bucket")?;
//! let error = bucket.get(&Path::from("batch/out.jsonl")).await.unwrap_err();
//! let error = objects::error("read the output of the job", &error);
//! assert!(error.to_string().starts_with("cannot read the output of the job: "));
//! # Ok(()) }
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(run()).unwrap();
//! ```
//!
//! S3 takes signatures alone: there must be AWS keys. A bucket is called where the client's region, its endpoint URL,
//! `AWS_ENDPOINT_URL_S3` and the other settings of AWS say, below its own host at AWS and below its path elsewhere.

mod service;

use std::error::Error as _;
use std::sync::Arc;

use object_store::aws::AmazonS3Builder;
use object_store::client::HttpError;
use object_store::{BackoffConfig, ClientOptions, ObjectStore, RetryConfig};
use outcrop_wire::fault::{Fault, Origin};

use self::service::{Connector, Service};
use crate::client::Client;
use crate::error::{Error, Kind, Result};

impl Client {
    /// A bucket in the client's region. Nothing is sent.
    ///
    /// # Errors
    /// When there are no AWS keys but a Bedrock API key, no bucket may be called so, there is no region, or a setting
    /// about the endpoint makes no sense.
    pub fn objects(&self, bucket: &str) -> Result<Arc<dyn ObjectStore>> {
        store(self, self.region(), bucket)
    }

    /// A bucket in another region.
    ///
    /// # Errors
    /// As [`Client::objects`].
    pub fn objects_in(&self, region: &str, bucket: &str) -> Result<Arc<dyn ObjectStore>> {
        store(self, Some(region), bucket)
    }
}

fn store(client: &Client, region: Option<&str>, bucket: &str) -> Result<Arc<dyn ObjectStore>> {
    let doing = format!("open the bucket {bucket}");
    let host = client.0.hosts.of_bucket(region, bucket, &doing)?;
    let retry = &client.0.retry;
    let builder = AmazonS3Builder::new()
        .with_bucket_name(bucket)
        .with_region(region.unwrap_or_default())
        // What is below the bucket's own URL are keys, whichever style that URL has.
        .with_endpoint(host.endpoint.url(""))
        .with_virtual_hosted_style_request(true)
        // Requests are signed as they are sent, each try anew.
        .with_skip_signature(true)
        .with_disable_bulk_delete(true)
        .with_client_options(ClientOptions::new().with_allow_http(true))
        // For answers that turn out to be errors when they are read: the rest was tried again by then.
        .with_retry(RetryConfig {
            max_retries: retry.max_retries as usize,
            backoff: BackoffConfig { init_backoff: retry.first, max_backoff: retry.longest, base: 2.0 },
            ..RetryConfig::default()
        })
        .with_http_connector(Connector(Service::new(client, host, bucket)));
    let store = builder.build().map_err(|error| Error::new(Kind::Config, doing, error.to_string()))?;
    Ok(Arc::new(store))
}

/// What an object store says went wrong, as an error of this crate: code, status and hint of S3's refusal where there was
/// one, the missing permission and the bucket's region in it. For stores in folders and in memory as well.
#[must_use]
pub fn error(doing: impl Into<String>, error: &object_store::Error) -> Error {
    let doing = doing.into();
    let fault = |code: &str, status, message: String| {
        let details = Default::default();
        Error::fault(doing.clone(), Fault { code: code.to_owned(), status, message, origin: Origin::Http, details })
    };
    let mut cause = error.source();
    while let Some(inner) = cause {
        if let Some(ours) = inner.downcast_ref::<Error>() {
            return ours.again().with_doing(&doing);
        }
        if let Some(http) = inner.downcast_ref::<HttpError>()
            && let Some(ours) = http.source().and_then(|source| source.downcast_ref::<Error>())
        {
            return ours.again().with_doing(&doing);
        }
        cause = inner.source();
    }
    use object_store::Error as Store;
    match error {
        Store::NotFound { path, .. } => fault("NoSuchKey", 404, format!("there is no object `{path}`")),
        Store::AlreadyExists { path, .. } => fault("Conflict", 409, format!("the object `{path}` is there already")),
        Store::Precondition { path, .. } => {
            fault("PreconditionFailed", 412, format!("the object `{path}` has changed"))
        }
        Store::NotModified { path, .. } => fault("NotModified", 304, format!("the object `{path}` has not changed")),
        Store::InvalidPath { source } => Error::new(Kind::Invalid, doing, source.to_string()),
        other => Error::new(Kind::Interrupted, doing, other.to_string()),
    }
}
